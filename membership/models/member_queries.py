"""The registry's adjectives: every question that lists, counts and messages ask about members on a date."""

from datetime import date
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Exists, OuterRef

if TYPE_CHECKING:
    from .members import Member  # noqa: F401


class MemberQuerySet(models.QuerySet["Member"]):
    def found_by(self, text: str) -> "MemberQuerySet":
        """Those in whom every word of the text occurs: name, number, e-mail, phone, address. Case does not count."""
        found = self
        for word in text.casefold().split()[:8]:
            found = found.filter(search_text__contains=word[:80])
        return found

    def belonging(self, *, on: date) -> "MemberQuerySet":
        """Those with a running period on the date, paid or not."""
        from .periods import Period

        return self.filter(Exists(Period.objects.covering(on).filter(member=OuterRef("pk"))))

    def alive(self) -> "MemberQuerySet":
        return self.filter(died_on__isnull=True)
