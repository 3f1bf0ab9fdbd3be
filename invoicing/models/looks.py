"""How printed documents look: what the office chooses for all of them. One row an organisation."""

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

_colour = RegexValidator(r"^#[0-9a-fA-F]{6}$", _("Write a colour like #1f5f6b."))


class PrintLook(models.Model):
    """The office's choices. What is left empty is as the client snippet and the program have it.

    A document is printed once and kept, so a change is for documents to come.
    """

    class Design(models.TextChoices):
        STANDARD = "standard", _("Standard: the name in colour, a shaded payment box")
        PLAIN = "plain", _("Plain: black on white, a framed payment box, saves toner")

    class Window(models.TextChoices):
        LEFT = "left", _("on the left, as on Norwegian envelopes")
        RIGHT = "right", _("on the right")

    DATE_FORMATS = (
        ("", _("as in the settings of the organisation")),
        ("d.m.Y", "31.12.2026"),
        ("j. F Y", _("31 December 2026")),
        ("Y-m-d", "2026-12-31"),
    )

    design = models.CharField(_("design"), max_length=8, choices=Design, default=Design.STANDARD)
    window = models.CharField(
        _("window of the envelope"), max_length=5, choices=Window, default=Window.LEFT,
        help_text=_("The address stands where the window is."),
    )  # fmt: skip
    accent = models.CharField(
        _("colour"), max_length=7, blank=True, validators=[_colour],
        help_text=_("Like #1f5f6b. Empty: the website's."),
    )  # fmt: skip
    logo = models.ForeignKey(
        "wagtailimages.Image", models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("logo"),
        help_text=_("PNG or JPEG. Empty: the organisation's own, or its name in type."),
    )  # fmt: skip
    date_format = models.CharField(_("dates"), max_length=8, blank=True, choices=DATE_FORMATS, default="")
    intro_nb = models.TextField(
        _("first words, in Norwegian"), max_length=600, blank=True,
        help_text=_("Above the lines of an invoice. A thank-you, or what the dues are for."),
    )  # fmt: skip
    intro_en = models.TextField(_("first words, in English"), max_length=600, blank=True)
    vat_nb = models.CharField(
        _("words about VAT, in Norwegian"), max_length=200, blank=True,
        help_text=_("Where nothing on the invoice has VAT. Empty: that dues are outside the VAT Act."),
    )  # fmt: skip
    vat_en = models.CharField(_("words about VAT, in English"), max_length=200, blank=True)
    pay_nb = models.TextField(
        _("words below the payment box, in Norwegian"), max_length=400, blank=True,
        help_text=_("Empty: that the KID is needed."),
    )  # fmt: skip
    pay_en = models.TextField(_("words below the payment box, in English"), max_length=400, blank=True)
    foot_nb = models.CharField(
        _("foot of each page, in Norwegian"), max_length=200, blank=True,
        help_text=_("One line below name, number and address. A slogan, opening hours."),
    )  # fmt: skip
    foot_en = models.CharField(_("foot of each page, in English"), max_length=200, blank=True)
    welcome_nb = models.TextField(
        _("welcome letter, in Norwegian"), max_length=2000, blank=True,
        help_text=_("Empty lines part paragraphs. The letter begins and ends by itself."),
    )  # fmt: skip
    welcome_en = models.TextField(_("welcome letter, in English"), max_length=2000, blank=True)
    changed_at = models.DateTimeField(_("changed"), null=True, blank=True, editable=False)

    wagtail_reference_index_ignore = True

    class Meta:
        verbose_name = _("look of documents")
        verbose_name_plural = _("look of documents")
        default_permissions = ("change",)

    def __str__(self) -> str:
        return str(_("Look of documents"))

    def clean(self) -> None:
        """A logo that the press cannot draw is refused here, not on the day of the run."""
        if self.logo and not str(self.logo.filename).lower().endswith((".png", ".jpg", ".jpeg")):
            raise ValidationError({"logo": _("Choose a PNG or JPEG picture.")})

    def pattern(self, language: str) -> str:
        """How dates are written in a language; empty: as the organisation's settings say."""
        return self.date_format.replace(".", "") if language == "en" and "F" in self.date_format else self.date_format

    def words(self, name: str, language: str) -> str:
        """The office's words of that name ("intro", "vat", "pay", "foot", "welcome") in a language; empty if none."""
        text: str = getattr(self, f"{name}_{'en' if language == 'en' else 'nb'}")
        return text.strip()
