"""The registry's adjectives: every question that lists, counts and messages ask about members on a date."""

import unicodedata
from datetime import date
from typing import TYPE_CHECKING, cast

from django.db import models
from django.db.models import Exists, OuterRef, Q, Subquery, Value
from django.db.models.functions import Concat

from core import fragments  # noqa: F401  (the lookup `__fragment`)

if TYPE_CHECKING:
    from .members import Member  # noqa: F401


class MemberQuerySet(models.QuerySet["Member"]):
    def found_by(self, text: str) -> "MemberQuerySet":
        """Those in whom every word of the text occurs: name, number, e-mail, phone, address. Case does not count."""
        words = unicodedata.normalize("NFC", text).casefold().split()[:8]
        return self.filter(search_text__fragment=[word[:80] for word in words]) if words else self.all()

    def found_by_name(self, text: str) -> "MemberQuerySet":
        """Those in whose name every word of the text occurs, or whose member number it is.

        For those who may not see the registry: an e-mail address, a phone number or an address finds nobody, so that
        nobody learns by searching whose it is.
        """
        found = self.found_by(text)
        for word in unicodedata.normalize("NFC", text).split()[:8]:
            of_word = Q(member_number=word)
            for spelt in {word, word.capitalize()}:  # SQLite knows small from capital letters in English only
                of_word |= Q(first_names__icontains=spelt) | Q(last_name__icontains=spelt)
            found = found.filter(of_word)
        return found

    def numbered(self, number: str) -> "MemberQuerySet":
        """The one who has a member number, or has taken it over by a merge."""
        padded = Concat(Value(" "), "former_numbers", Value(" "), output_field=models.TextField())
        took_over = Q(search_text__fragment=number.casefold(), padded__contains=f" {number} ")
        return self.alias(padded=padded).filter(Q(member_number=number) | took_over)

    def belonging(self, *, on: date) -> "MemberQuerySet":
        """Those with a running period on the date, paid or not; where membership starts on payment, joiners have none
        before they have paid."""
        from .periods import Period

        return self.filter(Exists(Period.objects.covering(on).begun().filter(member=OuterRef("pk"))))

    def with_status(self, *, on: date) -> "MemberQuerySet":
        """Annotate `status_code`: see membership/status.py."""
        from membership.status import annotated

        return cast("MemberQuerySet", annotated(self, on=on))

    def in_status(self, *codes: str, on: date) -> "MemberQuerySet":
        """Those with one of the statuses on the date."""
        return self.with_status(on=on).filter(status_code__in=codes)  # type: ignore[misc]

    def consenting(self, purpose: str, channel: str = "") -> "MemberQuerySet":
        """Those whose last word on a purpose and channel was yes."""
        from .consents import Consent

        last = Consent.objects.filter(member=OuterRef("pk"), purpose=purpose, channel=channel).order_by("-at", "-pk")
        return self.alias(last_word=Subquery(last.values("is_given")[:1])).filter(last_word=True)

    def alive(self) -> "MemberQuerySet":
        return self.filter(died_on__isnull=True)
