"""What the books say of a span of days: income by type, branch or VAT, and money in day by day."""

from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any

from django import forms
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin.widgets import AdminDateInput
from wagtail.permission_policies import ModelPermissionPolicy

from core import money
from core.money import ZERO, formatted_exactly
from invoicing.models import ClosedYear
from membership import branches
from membership.models import Branch, MembershipType
from membership.office.number_views import Cell, NumberReport, Table, bar
from payments.books import income, money_in
from payments.models import Payment


class SpanForm(forms.Form):
    """From which day to which, both included."""

    first = forms.DateField(
        label=gettext_lazy("From"), required=False, widget=AdminDateInput,
        help_text=gettext_lazy("Empty: the first of January."),
    )  # fmt: skip
    last = forms.DateField(
        label=gettext_lazy("To"), required=False, widget=AdminDateInput, help_text=gettext_lazy("Empty: today.")
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        first, last = cleaned.get("first"), cleaned.get("last")
        if first and last and last < first:
            self.add_error("last", _("The span ends before it begins. Exchange the two dates."))
        elif first and not last and first > timezone.localdate():
            self.add_error("first", _("This day has not come yet. Choose today or an earlier day."))
        return cleaned


class BooksReport(NumberReport):
    """A report about a span of days, for who may read the books."""

    model = ClosedYear
    permission_policy = ModelPermissionPolicy(ClosedYear)
    form_class = SpanForm
    header_icon = "table"
    is_stacked = True

    @cached_property
    def last(self) -> date:
        day: date = self.answer("last", timezone.localdate())
        return day

    @cached_property
    def first(self) -> date:
        day: date = self.answer("first", date(self.last.year, 1, 1))
        return day

    @property
    def on(self) -> date:
        """What the file is named after."""
        return self.last

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return [
            *self.breadcrumbs_items,
            {"url": reverse("books"), "label": _("The books")},
            {"url": "", "label": self.get_page_title()},
        ]

    def span(self) -> dict[str, str]:
        """The days, for a sentence."""
        return {"first": date_format(self.first), "last": date_format(self.last)}


class IncomeForm(SpanForm):
    by = forms.ChoiceField(label=gettext_lazy("Counted by"), required=False, widget=forms.RadioSelect, initial="type")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [("type", _("Membership type")), ("branch", _("Branch")), ("vat", _("VAT rate"))]
        if not branches.are_used():
            choices.pop(1)
        self.fields["by"].choices = choices  # type: ignore[attr-defined]


class IncomeReport(BooksReport):
    """What was invoiced, credited and earned, and each branch's share of what is paid."""

    page_title = gettext_lazy("Income")
    url_name = "books_income"
    export_name = gettext_lazy("income")
    form_class = IncomeForm
    note = gettext_lazy(
        "Counted by the date of the invoice or credit note. “Paid” is what has come in by now on invoices that nothing "
        "is left to pay on, without VAT. Amounts credited for several types at once are in the last row."
    )

    @cached_property
    def by(self) -> str:
        return str(self.answer("by", "type"))

    @cached_property
    def rows(self) -> list[income.Income]:
        return income.income_by(self.by, first=self.first, last=self.last)

    @cached_property
    def names(self) -> dict[str, str]:
        if self.by == "vat":
            return {row.code: _("%(percent)s per cent") % {"percent": row.code} for row in self.rows}
        if self.by == "branch":
            return dict(Branch.objects.values_list("code", "name"))
        return {type_.code: type_.name for type_ in MembershipType.objects.all()}

    @cached_property
    def shares(self) -> dict[str, Decimal]:
        """What each branch has a right to, by its code."""
        return income.branch_shares(first=self.first, last=self.last)

    def table(self) -> Table:
        headings = [_("What"), _("Lines"), _("Invoiced"), _("Credited"), _("Of which VAT"), _("Earned"), _("Paid")]
        if self.by == "branch":
            headings.append(_("The branch's share"))
        highest = int(max((row.earned for row in self.rows), default=ZERO))
        rows = [self._row(row, highest) for row in self.rows]
        names = ["invoiced", "credited", "vat", "earned", "paid"]
        sums = [formatted_exactly(sum((getattr(row, name) for row in self.rows), ZERO)) for name in names]
        if self.by == "branch":
            sums.append(formatted_exactly(sum(self.shares.values(), ZERO)))
        return Table(headings=headings, rows=rows, sums=[_("All"), sum(row.lines for row in self.rows), *sums])

    def _row(self, row: income.Income, highest: int) -> list[Cell]:
        without = _("Without a branch") if self.by == "branch" else _("Without a membership type")
        cells = [
            Cell(value=self.names.get(row.code) or row.code or without), Cell(value=row.lines),
            Cell(value=row.invoiced), Cell(value=row.credited), Cell(value=row.vat),
            Cell(value=row.earned, bar=bar(max(int(row.earned), 0), highest)), Cell(value=row.paid),
        ]  # fmt: skip
        return [*cells, Cell(value=self.shares.get(row.code, ZERO))] if self.by == "branch" else cells

    def sentence(self) -> str:
        earned = sum((row.earned for row in self.rows), ZERO)
        return _("From %(first)s to %(last)s the organisation earned %(amount)s.") % {
            **self.span(), "amount": money.formatted(earned)
        }  # fmt: skip


class MoneyInForm(SpanForm):
    by = forms.ChoiceField(
        label=gettext_lazy("A row for each"), required=False, widget=forms.RadioSelect, initial="month",
        choices=[("month", gettext_lazy("month")), ("day", gettext_lazy("day"))],
    )  # fmt: skip


class MoneyInReport(BooksReport):
    """What came in, to be held against the bank's own list."""

    page_title = gettext_lazy("Money in")
    url_name = "books_money_in"
    export_name = gettext_lazy("money-in")
    form_class = MoneyInForm
    note = gettext_lazy(
        "Counted by the day the money came. What was undone counts on the day it was undone. The net is what the "
        "bank's list should say for the same days."
    )

    @cached_property
    def rows(self) -> list[money_in.Day]:
        rows = money_in.by_day(first=self.first, last=self.last)
        return money_in.by_month(rows) if self.answer("by", "month") == "month" else rows

    def table(self) -> Table:
        words = dict(Payment.Source.choices)
        highest = int(max((row.net for row in self.rows), default=ZERO))
        rows = [
            [
                Cell(value=self._when(row.on)), Cell(value=str(words[row.source])), Cell(value=row.count),
                Cell(value=row.came), Cell(value=row.undone),
                Cell(value=row.net, bar=bar(max(int(row.net), 0), highest)),
            ]
            for row in self.rows
        ]  # fmt: skip
        sums = [
            formatted_exactly(sum((getattr(row, name) for row in self.rows), ZERO))
            for name in ("came", "undone", "net")
        ]
        return Table(
            headings=[_("When"), _("From where"), _("Payments"), _("Came"), _("Undone"), _("Net")],
            rows=rows,
            sums=[_("All"), "", sum(row.count for row in self.rows), *sums],
            words=2,
        )

    def _when(self, on: date) -> str:
        by_month = self.answer("by", "month") == "month"
        return date_format(on, "F Y").capitalize() if by_month else date_format(on)

    def sentence(self) -> str:
        net = sum((row.net for row in self.rows), ZERO)
        return _("From %(first)s to %(last)s %(amount)s came in.") % {**self.span(), "amount": money.formatted(net)}
