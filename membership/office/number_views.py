"""A report of numbers: a small form, a chart, the same as a table, and the table as a file. No names, so no purpose."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any

from django import forms
from django.db.models import Model
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.generic import TemplateView
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin
from wagtail.admin.views.generic.permissions import PermissionCheckedMixin
from wagtail.admin.widgets import AdminDateInput

from core import exports, money
from membership import scope
from membership.models import Member, Period
from membership.models.periods import PeriodQuerySet


@dataclass(frozen=True, kw_only=True)
class Cell:
    """One cell: what it says (in a file, exactly that), where it leads, and how long its bar is, from 0 to 100."""

    value: Any
    url: str = ""
    bar: int | None = None
    unit: str = ""

    @property
    def text(self) -> Any:
        """What a page says: money as people write it."""
        return money.formatted_exactly(self.value) if isinstance(self.value, Decimal) else self.value


@dataclass(frozen=True, kw_only=True)
class Table:
    """Headings, rows whose first cell names them, and perhaps a row of sums. `words` columns precede the figures."""

    headings: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    sums: Sequence[Any] = ()
    words: int = 1

    @property
    def labelled_rows(self) -> list[list[tuple[str, Cell]]]:
        """The rows, each cell with its heading before it."""
        return [list(zip(self.headings, row, strict=True)) for row in self.rows]

    @property
    def labelled_sums(self) -> list[tuple[str, Any]]:
        """The same for the sums, where there are any."""
        return list(zip(self.headings, self.sums, strict=True)) if self.sums else []


class OnADayForm(forms.Form):
    """The day a report is about."""

    on = forms.DateField(
        label=_("As on this date"), required=False, widget=AdminDateInput, help_text=_("Empty: today.")
    )


class NumberReport(PermissionCheckedMixin, WagtailAdminTemplateMixin, TemplateView, ABC):
    """Numbers for who may see members, about those they may know of. `?export=csv` or `xlsx` gives the table."""

    model: type[Model] = Member
    permission_required = "view"
    template_name = "membership/office/numbers.html"
    form_class: type[forms.Form] = OnADayForm
    header_icon = "group"
    url_name: str
    export_name: str | Promise
    chart = ""
    is_stacked = False  # on a telephone each row becomes a list of its own
    note: str | Promise = ""

    @abstractmethod
    def table(self) -> Table:
        """The numbers."""

    @abstractmethod
    def sentence(self) -> str:
        """What they say, in one sentence above them."""

    @cached_property
    def form(self) -> forms.Form:
        if not self.request.GET:
            return self.form_class()
        asked = self.request.GET.copy()
        for name, field in self.form_class().fields.items():
            if field.initial is not None:  # what the address does not say is as on the empty form
                asked.setdefault(name, field.initial)
        return self.form_class(asked)

    def answer(self, name: str, default: Any) -> Any:
        """What the form says; the default where it says nothing, or nothing that can be."""
        cleaned = self.form.cleaned_data if self.form.is_valid() else {}
        return cleaned.get(name) or default

    @cached_property
    def on(self) -> date:
        """The day asked about."""
        day: date = self.answer("on", timezone.localdate())
        return day

    @cached_property
    def terms(self) -> PeriodQuerySet:
        """The terms that are counted."""
        return scope.visible_to(self.request.user, Period.objects.all())

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:  # type: ignore[override]
        file_type = request.GET.get("export", "")
        if file_type not in exports.FORMATS:
            return super().get(request, *args, **kwargs)
        table = self.table()
        name = f"{self.export_name}-{self.on:%Y-%m-%d}"
        rows = ([cell.value for cell in row] for row in table.rows)
        return exports.response(name=name, format=file_type, headings=table.headings, rows=rows)

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return [*self.breadcrumbs_items, {"url": "", "label": self.get_page_title()}]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        asked = self.request.GET.copy()
        for name in ("export", "csrfmiddlewaretoken"):
            asked.pop(name, None)
        return super().get_context_data(**kwargs) | {
            "form": self.form,
            "media": self.form.media,
            "table": self.table(),
            "sentence": self.sentence(),
            "note": self.note,
            "asked": asked.urlencode(),
            "is_stacked": self.is_stacked,
            "chart": self.chart_data() if self.chart else None,
            "chart_template": self.chart,
            "header_title": self.get_page_title(),
        }

    def chart_data(self) -> Any:
        """What the chart's own template draws."""
        return None


def bar(number: int, highest: int) -> int:
    """How long a number's bar is, from 0 to 100; whatever is more than nothing can be seen."""
    return max(1, round(100 * number / highest)) if number and highest else 0
