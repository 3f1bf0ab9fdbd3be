"""What the office asks about everybody: members on a date, who came and went, and who stays."""

from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from django import forms
from django.urls import path
from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from membership import numbers
from membership.numbers import Cohort, Group, Month
from membership.office.dashboard import registry_link
from membership.office.number_views import Cell, NumberReport, OnADayForm, Table, bar
from membership.status import BELONGS

SPANS = {"12": gettext_lazy("12 months"), "24": gettext_lazy("24 months"), "36": gettext_lazy("36 months")}


class MembersForm(OnADayForm):
    """Which day, and by what."""

    by = forms.ChoiceField(label=gettext_lazy("Counted by"), required=False, widget=forms.RadioSelect)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["by"].choices = list(numbers.groupings().items())  # type: ignore[attr-defined]
        self.fields["by"].initial = "type"


class MembersReport(NumberReport):
    """How many belong on a day by type, age, branch or postcode area, and how many of them have paid."""

    page_title = gettext_lazy("Members on a date")
    url_name = "members_report"
    export_name = gettext_lazy("members-by")
    form_class = MembersForm

    @cached_property
    def by(self) -> str:
        """What they are counted by."""
        return str(self.answer("by", "type"))

    @cached_property
    def groups(self) -> list[Group]:
        return numbers.members_by(self.by, terms=self.terms, on=self.on)

    def table(self) -> Table:
        headings = [numbers.groupings()[self.by], _("Members"), _("Paid or free"), _("Not paid")]
        has_codes = any(group.code for group in self.groups)
        if has_codes:
            headings.insert(1, _("Code"))
        highest = max((group.members for group in self.groups), default=0)
        rows = [self._row(group, highest, has_codes) for group in self.groups]
        sums = [_("All"), *([""] if has_codes else []), self._sum("members"), self._sum("paid"), self._sum("unpaid")]
        return Table(headings=headings, rows=rows, sums=sums)

    def _row(self, group: Group, highest: int, has_codes: bool) -> list[Cell]:
        code = [Cell(value=group.code)] if has_codes else []
        return [
            Cell(value=group.label, url=self._link(group)), *code,
            Cell(value=group.members, bar=bar(group.members, highest)),
            Cell(value=group.paid), Cell(value=group.unpaid),
        ]  # fmt: skip

    def _link(self, group: Group) -> str:
        if not group.filters or not group.members:
            return ""
        return registry_link(status=BELONGS, on=self.on.isoformat(), **group.filters)

    def _sum(self, name: str) -> int:
        return sum(getattr(group, name) for group in self.groups)

    def sentence(self) -> str:
        return _(
            "On %(date)s: %(members)d members, of whom %(paid)d have paid or have a free membership, and %(unpaid)d "
            "have not paid."
        ) % {
            "date": date_format(self.on), "members": self._sum("members"), "paid": self._sum("paid"),
            "unpaid": self._sum("unpaid"),
        }  # fmt: skip


class MonthsForm(OnADayForm):
    """Until which day, and how far back."""

    months = forms.ChoiceField(
        label=gettext_lazy("How far back"), choices=list(SPANS.items()), required=False, initial="12",
        widget=forms.RadioSelect,
    )  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Bars:
    """One month of the chart: who came above the line at 90, who left below, each at most 70 high."""

    label: str
    x: int
    up: int
    down: int
    came: int
    left: int

    @property
    def top(self) -> int:
        return 90 - self.up

    @property
    def came_at(self) -> int:
        return self.top - 5

    @property
    def left_at(self) -> int:
        return 90 + self.down + 14


class MovementsReport(NumberReport):
    """Who came and who left, month by month, and why."""

    page_title = gettext_lazy("Joined and left")
    url_name = "movements_report"
    export_name = gettext_lazy("joined-and-left")
    form_class = MonthsForm
    chart = "membership/office/numbers_months.html"
    note = gettext_lazy(
        "Who comes back within the days that “member since” allows has neither left nor come. Those who have been "
        "erased are not counted, and branches are as they are now."
    )

    @cached_property
    def months(self) -> list[Month]:
        return numbers.months(terms=self.terms, on=self.on, count=int(self.answer("months", "12")))

    def table(self) -> Table:
        words = {
            code: word for code, word in numbers.leaving_words().items()
            if any(code in month.left_by for month in self.months)
        }  # fmt: skip
        headings = [
            _("Month"), _("Joined"), _("Came back"), *words.values(), _("Left"), _("Net"), _("Members at the end"),
        ]  # fmt: skip
        rows = [self._row(month, list(words)) for month in self.months]
        columns = list(zip(*[[cell.value for cell in row[1:-1]] for row in rows], strict=True))
        return Table(headings=headings, rows=rows, sums=[_("All"), *[sum(column) for column in columns], ""])

    def _row(self, month: Month, codes: list[str]) -> list[Cell]:
        days = {"from": month.first.isoformat(), "to": month.last.isoformat()}
        joined = registry_link(joined_from=days["from"], joined_to=days["to"]) if month.came else ""
        left = registry_link(left_from=days["from"], left_to=days["to"]) if month.left else ""
        members = registry_link(status=BELONGS, on=days["to"])
        return [
            Cell(value=month_name(month.first)), Cell(value=month.joined, url=joined), Cell(value=month.came_back),
            *[Cell(value=month.left_by.get(code, 0)) for code in codes],
            Cell(value=month.left, url=left), Cell(value=month.net), Cell(value=month.members, url=members),
        ]  # fmt: skip

    def sentence(self) -> str:
        return _("From %(first)s to %(last)s %(came)d came and %(left)d left.") % {
            "first": date_format(self.months[0].first), "last": date_format(self.on),
            "came": sum(month.came for month in self.months), "left": sum(month.left for month in self.months),
        }  # fmt: skip

    def chart_data(self) -> dict[str, Any]:
        step = 600 // len(self.months)
        highest = max(max(month.came, month.left) for month in self.months)
        drawn = [
            Bars(
                label=date_format(month.first, "M"), x=number * step, came=month.came, left=month.left,
                up=round(0.7 * bar(month.came, highest)), down=round(0.7 * bar(month.left, highest)),
            )
            for number, month in enumerate(self.months)
        ]  # fmt: skip
        return {"bars": drawn, "width": step - 8, "middle": (step - 8) // 2, "is_wide": len(drawn) <= 12}


def month_name(first: date) -> str:
    """“March 2026”, in the reader's language."""
    return capfirst(date_format(first, "F Y"))


class CohortsReport(NumberReport):
    """Of those who joined in a year, how many belong at the end of each year after it."""

    page_title = gettext_lazy("Who stays")
    url_name = "cohorts_report"
    export_name = gettext_lazy("who-stays")
    note = gettext_lazy(
        "The year is the one they first joined in, as far as the registry knows: those who had left before an old "
        "register was brought in are in no number, nor are those who have been erased."
    )

    @cached_property
    def cohorts(self) -> list[Cohort]:
        return numbers.cohorts(terms=self.terms, on=self.on)

    def table(self) -> Table:
        first = self.cohorts[0].year if self.cohorts else self.on.year
        years = range(first, self.on.year + 1)
        ends = [self._end_of(year) for year in years]
        rows = [self._row(row, first) for row in self.cohorts]
        return Table(headings=[_("Joined in"), _("Joined"), *ends], rows=rows)

    def _end_of(self, year: int) -> str:
        """How a column is headed: the year, or the day where the year is not over."""
        return str(year) if date(year, 12, 31) <= self.on else date_format(self.on, "SHORT_DATE_FORMAT")

    def _row(self, cohort: Cohort, first: int) -> list[Cell]:
        joined = registry_link(joined_from=f"{cohort.year}-01-01", joined_to=f"{cohort.year}-12-31")
        shares = [
            Cell(value=number, bar=share, unit=f"{share} %")
            for number, share in zip(cohort.belonging, cohort.shares, strict=True)
        ]
        return [
            Cell(value=str(cohort.year)), Cell(value=cohort.joined, url=joined),
            *[Cell(value="")] * (cohort.year - first), *shares,
        ]  # fmt: skip

    def sentence(self) -> str:
        return _("Of those who joined in each year: how many still belonged when each year ended, until %(date)s.") % {
            "date": date_format(self.on)
        }


REPORTS: tuple[type[NumberReport], ...] = (MembersReport, MovementsReport, CohortsReport)
urlpatterns = [
    path("reports/members/", MembersReport.as_view(), name=MembersReport.url_name),
    path("reports/joined-and-left/", MovementsReport.as_view(), name=MovementsReport.url_name),
    path("reports/who-stays/", CohortsReport.as_view(), name=CohortsReport.url_name),
]
