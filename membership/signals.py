"""What others may hear from the registry, in the past tense."""

from django.dispatch import Signal

periods_opened = Signal()
"""Terms were opened together: one joiner's household, or a batch of the yearly renewal.

`periods`: list of Period, those that carry others before those carried; `on`: date; `at`: moment, or none. Terms that
are confirmed already, or carried by another (`paid_with`), owe nothing themselves.
"""

period_confirmed = Signal()
"""A term was confirmed by payment. `period`: Period (the wanted one, where a trial was converted); `on`: date."""

period_ended = Signal()
"""A term ended before its time. `period`: Period with `ended_on` and `end_reason`; `on`: date of the decision."""

member_joined = Signal()
"""Somebody, with their household, became members. `member`: the main member; `members`: all; `on`, `at`."""

member_left = Signal()
"""Somebody resigned, died or was struck or excluded. `member`, `reason` (Period.EndReason), `on`, `at`; and `periods`,
the terms that are given up, where the member's other terms stand."""

terms_replaced = Signal()
"""Terms have given way to others of the same member, of another type: what is not paid for them is not owed any more.

`member`, `periods`, `on`, `at`. The terms that take their place are opened afterwards.
"""

consent_changed = Signal()
"""A consent was given or withdrawn. `consent`: Consent."""

members_erased = Signal()
"""Entries are being erased: take away every trace of them, in the same transaction. Sent while they are still there.

`members`: list of Member; `at`: moment. What cascades from a member goes by itself; whoever has copied names,
addresses or messages elsewhere takes those away. Only the books keep the copies that they printed.
"""

members_merged = Signal()
"""Two entries became one. `kept`: Member; `absorbed_pk`: key of the entry that is gone; `merge`: Merge; `on`, `at`.

Everything that points to a member by a foreign key has been moved already; `merge` says which rows.
"""

merge_undone = Signal()
"""A merge was undone. `kept`, `restored`: Member; `merge`: Merge; `on`, `at`."""
