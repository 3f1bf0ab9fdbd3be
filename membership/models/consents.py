"""Consents: append-only events with the exact words the person saw. The last event counts."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Purpose(models.TextChoices):
    STATUTES = "statutes", _("statutes")
    PRIVACY = "privacy", _("privacy notice")
    INFORMATION = "information", _("information")
    NEWSLETTER = "newsletter", _("newsletter")


class Channel(models.TextChoices):
    NONE = "", _("no channel")
    EMAIL = "email", _("e-mail")
    SMS = "sms", _("SMS")
    POST = "post", _("post")


class ConsentText(models.Model):
    """The words of one purpose and channel, in one language, in one version. Never changed: a new version is a row."""

    purpose = models.CharField(_("purpose"), max_length=12, choices=Purpose)
    channel = models.CharField(_("channel"), max_length=5, choices=Channel, blank=True)
    language = models.CharField(_("language"), max_length=2)
    version = models.PositiveSmallIntegerField(_("version"))
    text = models.TextField(_("text"))
    is_required = models.BooleanField(_("required to join"), default=False)
    valid_from = models.DateField(_("valid from"))

    class Meta:
        ordering = ["purpose", "channel", "language", "-version"]
        verbose_name = _("consent text")
        verbose_name_plural = _("consent texts")
        constraints = [
            models.UniqueConstraint("purpose", "channel", "language", "version", name="consent_text_version_once"),
        ]

    def __str__(self) -> str:
        return f"{self.get_purpose_display()} {self.channel} {self.language} {self.version}"


class Consent(models.Model):
    """One event: a member gave or withdrew a consent, there and then, to those words."""

    class Source(models.TextChoices):
        FORM = "form", _("joining form")
        MY_PAGE = "my_page", _("My page")
        OFFICE = "office", _("the office")
        IMPORT = "import", _("import")
        UNSUBSCRIBE = "unsubscribe", _("unsubscribe link")
        SMS = "sms", _("SMS")

    member = models.ForeignKey("membership.Member", models.CASCADE, related_name="consents", verbose_name=_("member"))
    purpose = models.CharField(_("purpose"), max_length=12, choices=Purpose)
    channel = models.CharField(_("channel"), max_length=5, choices=Channel, blank=True)
    is_given = models.BooleanField(_("given"))
    at = models.DateTimeField(_("at"))
    source = models.CharField(_("source"), max_length=12, choices=Source)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("by")
    )
    text = models.ForeignKey(
        ConsentText, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("text shown")
    )

    class Meta:
        ordering = ["-at", "-pk"]
        verbose_name = _("consent")
        verbose_name_plural = _("consents")
        indexes = [models.Index(fields=["member", "purpose", "channel", "-at", "-id"], name="consent_latest")]

    def __str__(self) -> str:
        return f"{self.member}: {self.purpose} {self.channel} {self.is_given}"
