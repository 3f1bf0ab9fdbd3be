"""Nobody is reminded, and nobody struck (striking.py), while we may not know that they have paid: the bank is too old,
money lies unmatched, or a bank file is not in the books yet."""

from dataclasses import dataclass
from datetime import date

from django.conf import settings
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.errors import Refused
from payments.from_bank import freshness


@dataclass(frozen=True, kw_only=True)
class Gate:
    """Whether reminders may be sent on a date: the last day we know of the bank, money that is nobody's yet, and bank
    files that somebody has brought but whose payments are not registered."""

    on: date
    known_until: date | None
    unmatched: int
    waiting_files: int

    @property
    def is_stale(self) -> bool:
        """Whether what we know of the bank is older than the client allows."""
        stale_days = settings.CLIENT.reminders.stale_bank_days
        return self.known_until is None or (self.on - self.known_until).days > stale_days

    @property
    def is_open(self) -> bool:
        return not self.is_stale and not self.unmatched and not self.waiting_files

    @property
    def sentences(self) -> list[str]:
        """What keeps it closed, each with what to do about it; nothing when it is open."""
        return [*self._of_the_bank(), *self.sentences_of_money]

    def _of_the_bank(self) -> list[str]:
        if self.known_until is None:
            return [_("We know nothing of the bank yet. Read in a bank file, or say until which day you have looked "
                      "through the bank.")]  # fmt: skip
        if not self.is_stale:
            return []
        days = (self.on - self.known_until).days
        sentence = ngettext(
            "We know of the bank until %(date)s, which is %(days)s day ago. Read in a newer bank file, or say until "
            "which day you have looked through the bank.",
            "We know of the bank until %(date)s, which is %(days)s days ago. Read in a newer bank file, or say until "
            "which day you have looked through the bank.",
            days,
        )
        return [sentence % {"date": date_format(self.known_until), "days": days}]

    @property
    def sentences_of_money(self) -> list[str]:
        """What lies with us and is nobody's payment yet, each with what to do about it."""
        found = []
        if self.unmatched:
            found.append(
                ngettext(
                    "%(count)s payment has come in that we do not know whose it is. Find its invoice first.",
                    "%(count)s payments have come in that we do not know whose they are. Find their invoices first.",
                    self.unmatched,
                )
                % {"count": self.unmatched}
            )
        if self.waiting_files:
            found.append(
                ngettext(
                    "%(count)s bank file has been brought, but its payments are not registered yet. Say yes to it or "
                    "discard it, and let it finish.",
                    "%(count)s bank files have been brought, but their payments are not registered yet. Say yes to "
                    "them or discard them, and let them finish.",
                    self.waiting_files,
                )
                % {"count": self.waiting_files}
            )
        return found


def look(*, on: date) -> Gate:
    """See whether reminders may be sent on a date. Three queries."""
    return Gate(
        on=on,
        known_until=freshness.last_bank_day(),
        unmatched=freshness.unmatched_count(),
        waiting_files=freshness.waiting_files_count(),
    )


def refuse_if_closed(*, on: date) -> None:
    """Raise Refused with what to do next, unless reminders may be sent."""
    gate = look(on=on)
    if not gate.is_open:
        sentences = " ".join([_("Reminders wait, because some may have paid already."), *gate.sentences])
        raise Refused("%(sentences)s", code="bank_not_known", params={"sentences": sentences})
