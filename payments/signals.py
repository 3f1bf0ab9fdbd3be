"""What others may hear about money, in the past tense."""

from django.dispatch import Signal

payment_recorded = Signal()
"""Money was registered. `payment`: Payment; `invoices`: list of Invoice it went to; `at`: moment."""

payment_reversed = Signal()
"""A payment was undone. `payment`: the reversal; `invoices`: list of Invoice that owe again; `at`: moment."""
