"""Duplicates: who may be the same, what the office has said about it, and merges as long as they can be undone."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

UNDO_WITHIN = timedelta(days=30)


class DuplicatePairQuerySet(models.QuerySet["DuplicatePair"]):
    def open(self) -> "DuplicatePairQuerySet":
        """Those somebody should look at."""
        return self.filter(dismissed_at__isnull=True)

    def dismissed(self) -> "DuplicatePairQuerySet":
        """Those somebody has looked at: not the same."""
        return self.filter(dismissed_at__isnull=False)


class DuplicatePair(models.Model):
    """Two entries that may be the same person. Once somebody has said that they are not, that stands for ever."""

    first = models.ForeignKey("membership.Member", models.CASCADE, related_name="+", verbose_name=_("one"))
    second = models.ForeignKey("membership.Member", models.CASCADE, related_name="+", verbose_name=_("the other"))
    score = models.PositiveSmallIntegerField(
        _("score"), help_text=_("0 to 100: how sure it is that they are the same.")
    )
    reasons = models.JSONField(_("reasons"), default=list)
    found_at = models.DateTimeField(_("found at"))
    dismissed_at = models.DateTimeField(_("not the same, said at"), null=True, blank=True)
    dismissed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+",
        verbose_name=_("not the same, said by"),
    )  # fmt: skip

    objects = DuplicatePairQuerySet.as_manager()
    wagtail_reference_index_ignore = True

    class Meta:
        ordering = ["-score", "pk"]
        verbose_name = _("possible duplicate")
        verbose_name_plural = _("possible duplicates")
        default_permissions = ("view", "change")
        indexes = [models.Index(fields=["dismissed_at", "-score", "id"], name="duplicates_by_score")]
        constraints = [
            models.UniqueConstraint("first", "second", name="pair_is_there_once"),
            models.CheckConstraint(condition=Q(first__lt=F("second")), name="pair_names_the_older_entry_first"),
        ]

    def __str__(self) -> str:
        return f"{self.first} / {self.second}"

    @property
    def why(self) -> str:
        """What speaks for it, in the reader's language."""
        from membership.likeness import in_words

        return in_words(self.reasons)


class ToCompare(models.Model):
    """An entry that has come in or been changed since the registry was last looked through: see core/changes.py.

    The database writes the rows. No foreign key: who is gone by then needs no comparing.
    """

    entry = models.BigIntegerField()

    wagtail_reference_index_ignore = True

    class Meta:
        verbose_name = _("entry to compare")
        verbose_name_plural = _("entries to compare")
        default_permissions = ()

    def __str__(self) -> str:
        return f"member:{self.entry}"


class Merge(models.Model):
    """Two entries that became one: what was moved and what stood there before, for as long as it can be undone.

    Goes with the entry that was kept, so that nothing is left here of somebody who is erased.
    """

    kept = models.ForeignKey(
        "membership.Member", models.CASCADE, related_name="merges", verbose_name=_("entry that was kept")
    )
    kept_number = models.CharField(_("its member number"), max_length=20)
    absorbed_number = models.CharField(_("number of the other entry"), max_length=20)
    absorbed_name = models.CharField(_("name of the other entry"), max_length=250)
    absorbed = models.JSONField(_("the other entry as it was"))
    changes = models.JSONField(_("changed on the entry that was kept"), help_text=_("Field: what it was, what it is."))
    moved = models.JSONField(_("moved rows"), help_text=_("Model, key, column, what it was, what it is."))
    removed = models.JSONField(_("rows that both had"), help_text=_("Model and columns of rows that were left out."))
    merged_at = models.DateTimeField(_("merged at"))
    merged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("merged by")
    )
    undone_at = models.DateTimeField(_("undone at"), null=True, blank=True)
    left_over = models.JSONField(_("what could not be put back"), default=list, blank=True)

    wagtail_reference_index_ignore = True

    class Meta:
        ordering = ["-merged_at", "-pk"]
        verbose_name = _("merge")
        verbose_name_plural = _("merges")
        default_permissions = ("view", "change")

    def __str__(self) -> str:
        return f"{self.absorbed_name} ({self.absorbed_number}) → {self.kept_number}"

    @property
    def undo_until(self) -> datetime:
        """Until when it can be undone."""
        return self.merged_at + UNDO_WITHIN


class AbsorbedEntry(models.Model):
    """An entry that became one with another: which key and number it had, for as long as the kept one is there.

    A backup from before the merge has it still. When the kept entry is erased, the list of who was erased knows both:
    see erased_list.py.
    """

    kept = models.ForeignKey(
        "membership.Member", models.CASCADE, related_name="absorbed_entries", verbose_name=_("entry that was kept")
    )
    key = models.BigIntegerField(_("key of the other entry"))
    number = models.CharField(_("number of the other entry"), max_length=20)

    wagtail_reference_index_ignore = True

    class Meta:
        verbose_name = _("absorbed entry")
        verbose_name_plural = _("absorbed entries")
        default_permissions = ()

    def __str__(self) -> str:
        return self.number
