"""What is remembered about erasing: who asked for it, who is kept back and why, and that it was done."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class ErasureRequest(models.Model):
    """Somebody who is no member asked to be erased. It goes with the entry, or is taken back."""

    member = models.OneToOneField(
        "membership.Member", models.CASCADE, related_name="erasure_request", verbose_name=_("member")
    )
    asked_at = models.DateTimeField(_("asked at"))
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("by")
    )

    class Meta:
        verbose_name = _("request for erasure")
        verbose_name_plural = _("requests for erasure")
        default_permissions = ()

    def __str__(self) -> str:
        return str(self.member)


class ErasureHold(models.Model):
    """The office keeps an entry that the rule would erase, for a reason that the person may read."""

    member = models.OneToOneField(
        "membership.Member", models.CASCADE, related_name="erasure_hold", verbose_name=_("member")
    )
    reason = models.CharField(_("reason"), max_length=250)
    at = models.DateTimeField(_("at"))
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("by")
    )

    class Meta:
        verbose_name = _("entry kept back")
        verbose_name_plural = _("entries kept back")
        default_permissions = ()
        permissions = [("hold_back_erasure", _("Can keep members from being erased"))]

    def __str__(self) -> str:
        return f"{self.member}: {self.reason}"


class Erasure(models.Model):
    """That an entry was erased, by which rule and when. Says nothing about whose it was: the key opens nothing now.

    Rows are added, never changed. After a backup is restored the list outside the database says what is missing here,
    and whoever came back goes again: see erased_list.py. Of those who came and went after the backup the key is 0.
    """

    class Rule(models.TextChoices):
        ASKED = "asked", _("asked for it")
        AT_ONCE = "at_once", _("left: erased at once")
        NEVER_PAID = "never_paid", _("never paid")
        AFTER_LEAVING = "after_leaving", _("left some time ago")

    member_key = models.BigIntegerField(_("key of the entry"), db_index=True)
    rule = models.CharField(_("rule"), max_length=13, choices=Rule)
    erased_at = models.DateTimeField(_("erased at"))
    fingerprint = models.CharField(
        max_length=40, blank=True, help_text=_("What the list outside the database knows the entry by.")
    )

    class Meta:
        ordering = ["-erased_at", "-pk"]
        verbose_name = _("erasure")
        verbose_name_plural = _("erasures")
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.member_key}: {self.get_rule_display()}"
