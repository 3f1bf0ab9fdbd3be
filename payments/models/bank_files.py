"""What banks told: files, their lines, what columns mean, and whose accounts money has come from."""

from typing import Any, ClassVar, Self

from django.conf import settings
from django.core.files.storage import Storage, storages
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core.long_work import LongWork, LongWorkQuerySet


def private_storage() -> Storage:
    """Bank files are kept apart from MEDIA, and taken away when their lines are in the books."""
    return storages["private"]


class BankPreset(models.Model):
    """What the columns of an account's list mean, for the next one."""

    account = models.CharField(_("account number"), max_length=34)
    headings = models.CharField(_("headings"), max_length=500)
    columns = models.JSONField(_("columns"), default=dict, help_text=_("Headings, and what they stand for."))
    saved_at = models.DateTimeField(_("saved at"))

    class Meta:
        ordering = ["account", "-saved_at"]
        verbose_name = _("columns of a bank list")
        verbose_name_plural = _("columns of bank lists")
        default_permissions = ()
        constraints = [models.UniqueConstraint("account", "headings", name="one_meaning_for_the_columns_of_a_list")]

    def __str__(self) -> str:
        return self.account


class BankFileQuerySet(LongWorkQuerySet):
    def waiting(self) -> Self:
        """Those that wait for somebody's yes."""
        return self.filter(state__in=(BankFile.State.COLUMNS, BankFile.State.READY))


class BankFile(LongWork):
    """One file from a bank. Its lines are written when somebody says yes."""

    class Format(models.TextChoices):
        OCR = "ocr", _("OCR giro")
        CAMT = "camt", _("camt (ISO 20022)")
        CSV = "csv", _("bank list (CSV)")

    class State(models.TextChoices):
        COLUMNS = "columns", _("waits for what its columns are")
        READY = "ready", _("waits for your yes")
        QUEUED = "queued", _("in progress")
        DONE = "done", _("done")

    class Checked(models.TextChoices):
        TOTALS = "totals", _("the file's own totals")
        BALANCES = "balances", _("the balances before and after")
        NOTHING = "nothing", _("nothing: the file has no totals")

    UNDER_WAY: ClassVar[tuple[str, ...]] = (State.QUEUED,)

    name = models.CharField(_("file"), max_length=200)
    format = models.CharField(_("kind"), max_length=4, choices=Format)
    sha256 = models.CharField(max_length=64, blank=True, editable=False)
    file = models.FileField(storage=private_storage, upload_to="bank/", blank=True)
    account = models.CharField(_("account number"), max_length=250, blank=True)
    columns = models.JSONField(default=dict, help_text=_("Positions of columns, and what they are."))
    state = models.CharField(_("state"), max_length=7, choices=State)
    total = models.PositiveIntegerField(_("lines"), default=0)
    known = models.PositiveIntegerField(
        _("seen before"), default=0, help_text=_("Lines that an earlier file has brought already.")
    )
    amount_in = models.DecimalField(_("money in"), max_digits=14, decimal_places=2, default=0)
    amount_out = models.DecimalField(_("money out"), max_digits=14, decimal_places=2, default=0)
    checked_by = models.CharField(_("checked against"), max_length=8, choices=Checked, default=Checked.NOTHING)
    first_on = models.DateField(_("from"), null=True)
    last_on = models.DateField(_("to"), null=True)
    until = models.DateField(_("tells of the account until"), null=True)
    uploaded_at = models.DateTimeField(_("uploaded at"))
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("uploaded by")
    )
    finished_at = models.DateTimeField(_("finished at"), null=True)

    objects: ClassVar[models.Manager[Any]] = BankFileQuerySet.as_manager()

    class Meta:
        ordering = ["-uploaded_at", "-pk"]
        verbose_name = _("bank file")
        verbose_name_plural = _("bank files")
        default_permissions = ("view",)
        constraints = [
            models.UniqueConstraint("sha256", condition=~Q(sha256=""), name="bank_file_is_taken_once"),
        ]

    def __str__(self) -> str:
        return self.name


class BankLineQuerySet(models.QuerySet["BankLine"]):
    def unmatched(self) -> "BankLineQuerySet":
        """Lines that nobody, and no rule, has said anything about yet."""
        return self.filter(state__in=(BankLine.State.NEW, BankLine.State.QUEUED))

    def queued(self) -> "BankLineQuerySet":
        """Lines that wait for a person, the oldest first."""
        return self.filter(state=BankLine.State.QUEUED).order_by("booked_on", "pk")


class BankLine(models.Model):
    """One movement that a bank told of, and what became of it. None is ever dropped."""

    class State(models.TextChoices):
        NEW = "new", _("not looked at yet")
        BOOKED = "booked", _("booked")
        QUEUED = "queued", _("to be matched")
        SET_ASIDE = "aside", _("set aside")
        OUTGOING = "outgoing", _("money out")

    class Why(models.TextChoices):
        """Why a person has to look at it."""

        NONE = "", "–"
        NO_KID = "no_kid", _("It has no KID.")
        UNKNOWN_KID = "unknown_kid", _("No invoice has this KID.")
        KID_IN_TEXT = "kid_in_text", _("A KID stands in the text, but the amount is another.")
        CREDITED = "credited", _("The invoice was credited.")
        ALIKE = "alike", _("It looks like a payment that is registered already.")
        TYPE_PRICE = "type_price", _("The amount is the price of another membership.")
        REVERSAL = "reversal", _("The bank has taken money back.")
        PAYOUT = "payout", _("It looks like a payout from a payment provider, for many payments together.")
        CURRENCY = "currency", _("It is in another currency.")
        OUT_TO_PAYER = "out_to_payer", _("Money went out to somebody who has paid before.")
        BATCH = "batch", _("It is the sum of payments that another file shows one by one.")
        REFUSED = "refused", _("It could not be booked.")
        UNDONE = "undone", _("It was booked, and undone.")
        ASKED = "asked", _("Somebody wants to look at it.")

    file = models.ForeignKey(BankFile, models.PROTECT, related_name="lines", verbose_name=_("bank file"))
    position = models.PositiveIntegerField(_("line"))
    reference = models.CharField(_("reference"), max_length=120, unique=True)
    batch_reference = models.CharField(_("batch"), max_length=120, blank=True, db_index=True)
    account = models.CharField(_("account number"), max_length=34)
    booked_on = models.DateField(_("date"))
    amount = models.DecimalField(_("amount"), max_digits=12, decimal_places=2)
    currency = models.CharField(_("currency"), max_length=3, default="NOK")
    kid = models.CharField(_("KID"), max_length=25, blank=True)
    text = models.CharField(_("text"), max_length=250, blank=True)
    payer_name = models.CharField(_("payer's name"), max_length=250, blank=True)
    payer_account = models.CharField(_("payer's account"), max_length=34, blank=True)
    is_reversal = models.BooleanField(_("taken back by the bank"), default=False)
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.NEW)
    why = models.CharField(_("why"), max_length=12, choices=Why, default=Why.NONE, blank=True)
    note = models.CharField(_("note"), max_length=250, blank=True)
    payment = models.ForeignKey(
        "payments.Payment", models.PROTECT, null=True, blank=True, related_name="bank_lines", verbose_name=_("payment")
    )
    times_booked = models.PositiveSmallIntegerField(default=0)
    decided_at = models.DateTimeField(_("decided at"), null=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("decided by")
    )

    objects = BankLineQuerySet.as_manager()

    class Meta:
        ordering = ["file", "position", "pk"]
        verbose_name = _("bank line")
        verbose_name_plural = _("bank lines")
        default_permissions = ("view",)
        indexes = [
            models.Index(fields=["booked_on", "id"], condition=Q(state="queued"), name="bank_line_to_be_matched"),
            models.Index(fields=["file", "id"], condition=Q(state="new"), name="bank_line_not_looked_at"),
            models.Index(fields=["decided_at"], condition=Q(decided_by__isnull=False), name="bank_line_decided"),
        ]
        constraints = [
            models.CheckConstraint(condition=~Q(amount=0), name="bank_line_is_money"),
            models.CheckConstraint(
                condition=~Q(state="booked") | Q(payment__isnull=False), name="booked_bank_line_has_its_payment"
            ),
            models.CheckConstraint(
                condition=~Q(state="aside") | ~Q(note=""), name="bank_line_is_set_aside_with_a_reason"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.booked_on:%Y-%m-%d} {self.amount} {self.payer_name}"

    @property
    def is_foreign(self) -> bool:
        """Whether it is in another currency than the books."""
        currency: str = settings.CLIENT.invoicing.currency
        return self.currency != currency


class PayerAccount(models.Model):
    """An account that somebody's money has come from, as a person has confirmed: the next time it is suggested."""

    account = models.CharField(_("account number"), max_length=34, db_index=True)
    member = models.ForeignKey(
        "membership.Member", models.CASCADE, related_name="payer_accounts", verbose_name=_("payer")
    )
    learned_at = models.DateTimeField(_("learned at"))

    class Meta:
        ordering = ["account", "-learned_at"]
        verbose_name = _("payer's account")
        verbose_name_plural = _("payers' accounts")
        default_permissions = ()
        constraints = [models.UniqueConstraint("account", "member", name="payers_account_is_remembered_once")]

    def __str__(self) -> str:
        return self.account
