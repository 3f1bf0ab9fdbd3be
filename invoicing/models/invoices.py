"""What is owed: invoices and credit notes that never change once issued."""

from datetime import date
from decimal import Decimal

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.core.files.storage import Storage, storages
from django.db import models
from django.db.models import F, Q, Sum
from django.db.models.functions import Coalesce, Round
from django.db.models.lookups import Exact, GreaterThan
from django.utils.translation import gettext_lazy as _


def private_storage() -> Storage:
    """Documents about people are kept apart from MEDIA and served only through a view that checks."""
    return storages["private"]


class InvoiceQuerySet(models.QuerySet["Invoice"]):
    """The treasurer's vocabulary."""

    def invoices(self) -> "InvoiceQuerySet":
        return self.filter(kind=Invoice.Kind.INVOICE)

    def open(self) -> "InvoiceQuerySet":
        """Invoices with something left to pay."""
        return self.invoices().filter(open_amount__gt=0)

    def overdue(self, *, on: date) -> "InvoiceQuerySet":
        """Open invoices whose due date has passed."""
        return self.open().filter(due_on__lt=on)

    def of_fees(self) -> "InvoiceQuerySet":
        """The invoices of reminder fees."""
        return self.invoices().filter(fee_for__isnull=False)

    def but_fees(self) -> "InvoiceQuerySet":
        """All but the invoices of reminder fees: what somebody is reminded of."""
        return self.invoices().filter(fee_for__isnull=True)

    def settled(self) -> "InvoiceQuerySet":
        return self.invoices().filter(open_amount=0)

    def without_pdf(self) -> "InvoiceQuerySet":
        """Those whose PDF is still to be made; not those that are so old that it was taken away: see purging.py."""
        return self.filter(pdf="").exclude(buyer_name="")

    def held_by(self, user: AbstractBaseUser | AnonymousUser) -> "InvoiceQuerySet":
        """Those addressed to a member that this log-in holds."""
        return self.filter(member__user=user.pk) if user.is_authenticated else self.none()

    def standing(self, code: str, *, on: date) -> "InvoiceQuerySet":
        """Those that stand so on the date: the codes of `standing.LABELS`, and the same answer as `standing_of`.

        "open" is all with something left to pay.
        """
        if code == "open":
            return self.open()
        if code == "credit_note":
            return self.filter(kind=Invoice.Kind.CREDIT_NOTE)
        if code == "overdue":
            return self.overdue(on=on)
        # Rounded, because SQLite counts in floats.
        paid = Round(F("total") - F("credited") - F("open_amount"), precision=2)
        rows = self.with_credited()
        if code in {"paid", "credited"}:
            return rows.settled().filter(Exact(paid, 0) if code == "credited" else GreaterThan(paid, 0))
        return rows.open().filter(Exact(paid, 0) if code == "unpaid" else GreaterThan(paid, 0), due_on__gte=on)

    def with_credited(self) -> "InvoiceQuerySet":
        """Annotate what credit notes have taken back, so that lists need not look it up row by row."""
        return self.annotate(credited=-Coalesce(Sum("credit_notes__total"), Decimal(0)))


class Invoice(models.Model):
    """An invoice or a credit note. It copies every name, address and price it prints, and never changes."""

    class Kind(models.TextChoices):
        INVOICE = "invoice", _("invoice")
        CREDIT_NOTE = "credit_note", _("credit note")

    number = models.PositiveBigIntegerField(_("invoice number"), unique=True)
    kind = models.CharField(_("kind"), max_length=11, choices=Kind, default=Kind.INVOICE)
    issued_on = models.DateField(_("invoice date"))
    due_on = models.DateField(_("due date"))
    member = models.ForeignKey(
        "membership.Member", models.SET_NULL, null=True, blank=True, related_name="invoices",
        verbose_name=_("payer"), help_text=_("Who the invoice is sent to. The books keep their own copy of the name."),
    )  # fmt: skip
    language = models.CharField(_("language"), max_length=2, default="nb")
    seller = models.JSONField(_("seller"), help_text=_("As printed: name, address, numbers."))
    buyer_name = models.CharField(_("buyer"), max_length=250)
    buyer_address = models.TextField(_("buyer's address"), blank=True)
    buyer_number = models.CharField(_("buyer's organisation number"), max_length=9, blank=True)
    member_number = models.CharField(_("member number"), max_length=20, blank=True)
    currency = models.CharField(_("currency"), max_length=3, default="NOK")
    total = models.DecimalField(_("total"), max_digits=12, decimal_places=2)
    vat = models.DecimalField(_("of which VAT"), max_digits=12, decimal_places=2, default=0)
    # The total less what payments and credit notes have covered. `manage.py ledger_check` proves it against the rows.
    open_amount = models.DecimalField(_("outstanding"), max_digits=12, decimal_places=2)
    kid = models.CharField(_("KID"), max_length=25, blank=True)
    account_number = models.CharField(_("account number"), max_length=11, blank=True)
    credits = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="credit_notes", verbose_name=_("credits")
    )
    fee_for = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="fees", verbose_name=_("fee for"),
        help_text=_("On the invoice of a reminder fee: the invoice that was reminded of."),
    )  # fmt: skip
    reason = models.CharField(_("reason"), max_length=250, blank=True)
    pdf = models.FileField(_("PDF"), storage=private_storage, blank=True, max_length=200)
    pdf_sha256 = models.CharField(max_length=64, blank=True, editable=False)
    pdf_error = models.CharField(_("why there is no PDF"), max_length=250, blank=True)
    issued_at = models.DateTimeField(_("issued at"))
    run = models.ForeignKey(
        "invoicing.InvoiceRun", models.SET_NULL, null=True, blank=True, related_name="invoices",
        verbose_name=_("invoice run"),
    )  # fmt: skip

    # Names the form an invoice was written on by hand: sent twice, it issues one.
    form_token = models.UUIDField(null=True, editable=False)

    objects = InvoiceQuerySet.as_manager()

    class Meta:
        ordering = ["-number"]
        verbose_name = _("invoice")
        verbose_name_plural = _("invoices")
        permissions = [("export_invoice", _("Can export invoices")), ("credit_invoice", _("Can credit invoices"))]
        indexes = [
            # Holds what the list of payments due adds up, so that its totals need not read the rows.
            models.Index(
                fields=["due_on", "number", "kind", "open_amount"],
                condition=Q(open_amount__gt=0),
                name="open_invoice_by_due_date",
            ),
            models.Index(fields=["number"], condition=Q(pdf=""), name="invoice_without_pdf"),
        ]
        constraints = [
            models.UniqueConstraint("kid", condition=~Q(kid=""), name="kid_names_one_invoice"),
            models.UniqueConstraint(
                "form_token", condition=Q(form_token__isnull=False), name="form_issues_one_invoice"
            ),
            models.CheckConstraint(condition=Q(due_on__gte=F("issued_on")), name="invoice_is_due_after_it_is_issued"),
            models.CheckConstraint(condition=Q(open_amount__gte=0), name="invoice_is_never_overpaid"),
            models.CheckConstraint(condition=Q(open_amount__lte=F("total")) | Q(kind="credit_note"),
                                   name="invoice_owes_at_most_its_total"),
            models.CheckConstraint(condition=Q(kind="invoice", credits__isnull=True) |
                                   Q(kind="credit_note", credits__isnull=False),
                                   name="credit_note_names_what_it_credits"),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.number}".capitalize()

    @property
    def credited_amount(self) -> Decimal:
        """What credit notes have taken back. Known already where the row came `with_credited()`."""
        known: Decimal | None = getattr(self, "credited", None)
        if known is None:
            known = -(self.credit_notes.aggregate(sum=Sum("total"))["sum"] or Decimal(0))
        return known

    @property
    def paid_amount(self) -> Decimal:
        """What payments have covered."""
        return self.total - self.credited_amount - self.open_amount

    @property
    def is_settled(self) -> bool:
        return self.open_amount == 0

    def days_overdue(self, on: date) -> int:
        """Days since the due date; negative while there is time left, 0 when nothing is owed."""
        return (on - self.due_on).days if self.open_amount else 0


class InvoiceLine(models.Model):
    """One line as printed: what, whose, how many, at what price."""

    invoice = models.ForeignKey(Invoice, models.CASCADE, related_name="lines", verbose_name=_("invoice"))
    position = models.PositiveSmallIntegerField(_("position"))
    text = models.CharField(_("text"), max_length=300)
    quantity = models.DecimalField(_("quantity"), max_digits=8, decimal_places=2, default=1)
    unit_price = models.DecimalField(_("price"), max_digits=12, decimal_places=2)
    vat_percent = models.DecimalField(_("VAT per cent"), max_digits=5, decimal_places=2, default=0)
    amount = models.DecimalField(_("amount"), max_digits=12, decimal_places=2, help_text=_("With VAT."))
    period = models.ForeignKey(
        "membership.Period", models.SET_NULL, null=True, blank=True, related_name="invoice_lines",
        verbose_name=_("period"),
    )  # fmt: skip
    member_name = models.CharField(_("whose"), max_length=250, blank=True)
    note = models.CharField(_("note"), max_length=300, blank=True, help_text=_("As printed: why it costs this."))
    # For the books: they are asked for income by type and branch long after the person is erased.
    type_code = models.CharField(_("membership type"), max_length=12, blank=True)
    branch_code = models.CharField(_("branch"), max_length=12, blank=True)
    credits = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="credited_by", verbose_name=_("takes back"),
        help_text=_("On a credit note: the line it takes back."),
    )  # fmt: skip
    is_credited = models.BooleanField(_("taken back"), default=False, editable=False)

    class Meta:
        ordering = ["invoice", "position"]
        verbose_name = _("invoice line")
        verbose_name_plural = _("invoice lines")
        constraints = [
            models.UniqueConstraint("invoice", "position", name="one_line_a_position"),
            models.UniqueConstraint("period", condition=Q(is_credited=False), name="period_is_invoiced_once"),
        ]

    def __str__(self) -> str:
        return f"{self.position}. {self.description}"

    @property
    def description(self) -> str:
        """What the line is for, and for whom: "Family membership 2026, Kari Nordmann"."""
        return f"{self.text}, {self.member_name}" if self.member_name else self.text
