"""Seats and contact persons of organisations: the people who act for a corporate member, or use what it pays for.

A seat is no membership: the organisation is one member with one vote. Who holds a seat may read the pages for members
as long as the organisation belongs; nothing is copied, so nothing can be left over when it ends.
"""

from datetime import date

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _


class SeatQuerySet(models.QuerySet["Seat"]):
    def held(self) -> "SeatQuerySet":
        """Those that somebody sits in."""
        return self.filter(left_on__isnull=True)

    def giving_rights(self, *, on: date) -> "SeatQuerySet":
        """Those whose organisation belongs on the date: with it, their holders' rights begin and end."""
        from .periods import Period

        running = Period.objects.covering(on).filter(member=OuterRef("organisation"))
        return self.held().filter(Exists(running), organisation__died_on__isnull=True)


class Seat(models.Model):
    """Somebody's place in an organisation that is a member. Rows stay as history when the seat is left."""

    organisation = models.ForeignKey(
        "membership.Member", models.CASCADE, related_name="seats", verbose_name=_("organisation")
    )
    member = models.ForeignKey(
        "membership.Member", models.CASCADE, related_name="seats_held", verbose_name=_("who has the seat")
    )
    taken_on = models.DateField(_("from"))
    left_on = models.DateField(_("to"), null=True, blank=True)

    objects = SeatQuerySet.as_manager()

    class Meta:
        ordering = ["taken_on", "pk"]
        verbose_name = _("seat")
        verbose_name_plural = _("seats")
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "member"], condition=Q(left_on__isnull=True),
                name="seat_is_held_once_by_each",
            ),
            models.CheckConstraint(
                condition=Q(left_on__isnull=True) | Q(left_on__gte=models.F("taken_on")),
                name="seat_is_left_after_it_is_taken",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.organisation}: {self.member}"


class ContactPerson(models.Model):
    """Somebody we talk to in an organisation, and who gives out its seats. They need not hold one themselves."""

    organisation = models.ForeignKey(
        "membership.Member", models.CASCADE, related_name="contacts", verbose_name=_("organisation")
    )
    member = models.ForeignKey(
        "membership.Member", models.CASCADE, related_name="contact_for", verbose_name=_("contact person")
    )
    what_for = models.CharField(
        _("what for"), max_length=120, blank=True, help_text=_("For instance: invoices, courses, everything.")
    )

    class Meta:
        ordering = ["member__last_name", "member__first_names", "pk"]
        verbose_name = _("contact person")
        verbose_name_plural = _("contact persons")
        constraints = [
            models.UniqueConstraint(fields=["organisation", "member"], name="contact_person_is_named_once"),
        ]

    def __str__(self) -> str:
        return f"{self.organisation}: {self.member}"
