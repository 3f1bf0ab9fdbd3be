"""Branches: the local parts of an organisation, who looks after each, and who belonged to which when."""

import re
from collections.abc import Iterable
from datetime import date
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from core.models import User

_RANGE = re.compile(r"(\d{1,4})(?:-(\d{4}))?")


def read_postcodes(text: str) -> list[tuple[str, str]]:
    """Read "0150-0199, 7010, 94" as pairs of the first and last postcode. Fewer than four digits: all beginning so."""
    pairs = []
    for part in re.split(r"[,;\s]+", re.sub(r"\s*[-–]\s*", "-", text.strip())):
        if not part:
            continue
        found = _RANGE.fullmatch(part)
        if found is None or (found[2] and len(found[1]) != 4) or (found[2] and found[2] < found[1]):
            raise ValidationError(
                _("“%(part)s” is no postcode and no range of them. Write them like 0150-0199, 7010."),
                params={"part": part}, code="postcodes",
            )  # fmt: skip
        pairs.append((found[1].ljust(4, "0"), found[2] or found[1].ljust(4, "9")))
    return pairs


def valid_postcodes(text: str) -> None:
    """Refuse what `read_postcodes` cannot read."""
    read_postcodes(text)


class BranchQuerySet(models.QuerySet["Branch"]):
    def of_officer(self, user: "User") -> "BranchQuerySet":
        """Those a log-in looks after by name; what lies below them is not among these."""
        return self.filter(officers=user)

    def with_everything_below(self) -> list[int]:
        """The keys of these branches and all that lie below them, however deep. Two queries."""
        found = set(self.values_list("pk", flat=True))
        if not found:
            return []
        above = dict(Branch.objects.filter(parent__isnull=False).values_list("pk", "parent"))
        while more := {pk for pk, parent in above.items() if parent in found} - found:
            found |= more
        return sorted(found)


class Branch(models.Model):
    """A local part of the organisation."""

    name = models.CharField(_("name"), max_length=120, unique=True, db_collation="nb")
    code = models.CharField(
        _("code"), max_length=12, unique=True, help_text=_("Short, like TRD. Files and lists name it so.")
    )
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="children", verbose_name=_("part of"),
        help_text=_("A county or region above this one. Its officers see this branch's members too."),
    )  # fmt: skip
    postcodes = models.TextField(
        _("postcodes"), blank=True, validators=[valid_postcodes],
        help_text=_(
            "Who joins from one of them comes here; the office may transfer them. Like 0150-0199, 7010, or 94 for all "
            "that begin so."
        ),
    )  # fmt: skip
    officers = models.ManyToManyField(
        settings.AUTH_USER_MODEL, blank=True, related_name="branches_looked_after", verbose_name=_("branch officers"),
        help_text=_("Log-ins with the role “Branch officers” that see this branch's members, and nobody else."),
    )  # fmt: skip

    objects = BranchQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        verbose_name = _("branch")
        verbose_name_plural = _("branches")

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """A branch never lies below itself."""
        above = self.parent
        while above is not None:
            if above.pk == self.pk and self.pk is not None:
                raise ValidationError({"parent": _("Choose another one: that branch lies below this one.")})
            above = above.parent


class BranchTransferQuerySet(models.QuerySet["BranchTransfer"]):
    def until(self, on: date) -> "BranchTransferQuerySet":
        """Those that counted on the date already, the latest first."""
        return self.filter(on__lte=on).order_by("-on", "-pk")

    def after(self, on: date) -> "BranchTransferQuerySet":
        """Those that came later, the first of them first."""
        return self.filter(on__gt=on).order_by("on", "pk")


class BranchTransfer(models.Model):
    """Somebody went from one branch to another, came to their first one, or left them all."""

    member = models.ForeignKey(
        "membership.Member", models.CASCADE, related_name="branch_transfers", verbose_name=_("member")
    )
    from_branch = models.ForeignKey(
        Branch, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("from branch")
    )
    to_branch = models.ForeignKey(
        Branch, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("to branch")
    )
    on = models.DateField(_("from"))
    made_at = models.DateTimeField(_("recorded at"))
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("by")
    )

    objects = BranchTransferQuerySet.as_manager()

    class Meta:
        ordering = ["-on", "-pk"]
        verbose_name = _("transfer between branches")
        verbose_name_plural = _("transfers between branches")
        default_permissions = ()
        indexes = [models.Index(fields=["member", "-on", "-id"], name="transfer_by_member")]
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(from_branch=models.F("to_branch")), name="transfer_goes_somewhere_else"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.member}: {self.from_branch or '–'} → {self.to_branch or '–'} {self.on:%Y-%m-%d}"


def suggested(branches: Iterable[Branch], postcode: str) -> Branch | None:
    """The branch a postcode leads to: the narrowest range counts, so that a town goes before its county."""
    if not re.fullmatch(r"\d{4}", postcode):
        return None
    best: tuple[int, Branch] | None = None
    for branch in branches:
        for first, last in read_postcodes(branch.postcodes):
            width = int(last) - int(first)
            if first <= postcode <= last and (best is None or width < best[0]):
                best = (width, branch)
    return best[1] if best else None
