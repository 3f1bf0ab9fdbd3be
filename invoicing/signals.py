"""What others may hear about invoices, in the past tense."""

from django.dispatch import Signal

invoices_issued = Signal()
"""Invoices got their numbers. `invoices`: list of Invoice with lines; `at`: moment."""

invoice_settled = Signal()
"""Nothing is left to pay on an invoice. `invoice`: Invoice; `on`: date the last money came."""

invoice_reopened = Signal()
"""A settled invoice owes something again, because a payment was undone. `invoice`: Invoice; `on`: date."""

invoice_credited = Signal()
"""A credit note took back what an invoice asked for. `invoice`, `credit_note`: Invoice; `at`: moment."""
