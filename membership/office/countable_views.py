"""Countable members in the office: how many, who does not count and why, and the list as a file."""

from functools import cached_property
from typing import Any, cast

from django import forms
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core import exports
from core.models import User
from membership import countable, scope
from membership.models import Member
from membership.models.consents import Purpose
from membership.models.member_queries import MemberQuerySet
from membership.office import export_log
from membership.office.number_views import Cell, NumberReport, Table, bar

ROWS = 50
OLDEST_YEAR = 1950


class CountableForm(forms.Form):
    """The rule of the one who gives the grant."""

    year = forms.IntegerField(
        label=gettext_lazy("Year"), required=False, min_value=OLDEST_YEAR, max_value=9998,
        help_text=gettext_lazy("As on its 31 December. Empty: last year."),
    )  # fmt: skip
    age_from = forms.IntegerField(label=gettext_lazy("Age from"), required=False, min_value=0, max_value=120)
    age_to = forms.IntegerField(
        label=gettext_lazy("Age to"), required=False, min_value=0, max_value=120, help_text=gettext_lazy("Empty: 25.")
    )
    purpose = forms.ChoiceField(
        label=gettext_lazy("Has consented to"), required=False, initial=Purpose.STATUTES,
        choices=[*Purpose.choices, ("any", gettext_lazy("no matter"))],
    )  # fmt: skip
    takes_marked = forms.BooleanField(
        label=gettext_lazy("Also without a payment to show"), required=False,
        help_text=gettext_lazy("Counts what is marked as paid, like members of an old register."),
    )  # fmt: skip


class CountableView(NumberReport):
    """Who counts for a grant. Numbers for who may see members; the file takes the right to export."""

    page_title = gettext_lazy("Countable members")
    url_name = "countable"
    export_name = gettext_lazy("countable-members")
    form_class = CountableForm
    template_name = "membership/office/countable.html"
    note = gettext_lazy("Each is counted once, for the first reason that fits. Age is the one at 31 December.")

    @cached_property
    def rule(self) -> countable.Rule:
        purpose = str(self.answer("purpose", Purpose.STATUTES.value))
        age_to = self.form.cleaned_data.get("age_to") if self.form.is_valid() else None
        return countable.Rule(
            year=int(self.answer("year", timezone.localdate().year - 1)), age_from=int(self.answer("age_from", 0)),
            age_to=25 if age_to is None else age_to, purpose="" if purpose == "any" else purpose,
            takes_marked=bool(self.answer("takes_marked", False)),
        )  # fmt: skip

    @cached_property
    def members(self) -> MemberQuerySet:
        return scope.visible_to(self.request.user, Member.objects.all())

    @cached_property
    def counted(self) -> dict[str, int]:
        return countable.count(members=self.members, rule=self.rule)

    def table(self) -> Table:
        highest = max(self.counted.values(), default=0)
        asked = self.request.GET.copy()
        rows = []
        for why, number in self.counted.items():
            asked["why"] = why
            asked.pop("p", None)
            words = Cell(value=str(countable.WHY[why]), url=f"?{asked.urlencode()}#people")
            rows.append([words, Cell(value=number, bar=bar(number, highest))])
        sums = [_("All"), sum(self.counted.values())]
        return Table(headings=[_("Who belonged at the end of the year"), _("Members")], rows=rows, sums=sums)

    def sentence(self) -> str:
        return _("For %(year)d, %(counts)d of %(all)d members count: %(from)d to %(to)d years old.") % {
            "year": self.rule.year, "counts": self.counted.get(countable.COUNTS, 0),
            "all": sum(self.counted.values()), "from": self.rule.age_from, "to": self.rule.age_to,
        }  # fmt: skip

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:  # type: ignore[override]
        """Never the numbers as a file: this one's file has names, and is asked for by POST."""
        return self.render_to_response(self.get_context_data(**kwargs))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        why = self.request.GET.get("why", "")
        shown = why if why in countable.WHY else countable.COUNTS
        people = countable.judged(members=self.members, rule=self.rule).filter(why=shown)
        context = super().get_context_data(**kwargs)
        without_page = self.request.GET.copy()
        without_page.pop("p", None)
        return context | {
            "page": Paginator(people.order_by("last_name", "first_names", "pk"), ROWS).get_page(
                self.request.GET.get("p")
            ),
            "people_heading": countable.WHY[shown],
            "asked": without_page.urlencode(),
            "may_export": self.request.user.has_perm("membership.export_member"),
        }

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """The file: everybody who belonged, with whether they count, or why not. It stands in each one's log."""
        if not request.user.has_perm("membership.export_member"):
            raise PermissionDenied
        file_type = "csv" if request.POST.get("export") == "csv" else "xlsx"
        people = countable.judged(members=self.members, rule=self.rule).order_by("last_name", "first_names", "pk")
        purpose = _("Countable members %(year)d") % {"year": self.rule.year}
        export_log.record(
            members=people, purpose=purpose, file_type=file_type, at=timezone.now(), by=cast("User", request.user)
        )
        names = ("member_number", "last_name", "first_names", "born_on", "postcode", "place", "paid_on", "why")
        headings = [
            _("Member number"), _("Surname"), _("First names"), _("Date of birth"), _("Postcode"), _("Place"),
            _("Paid on"), _("Counts, or why not"),
        ]  # fmt: skip
        rows = people.values_list(*names).iterator(chunk_size=1000)
        response = exports.response(
            name=f"{self.export_name}-{self.rule.year}", format=file_type, headings=headings,
            rows=([*row[:-1], str(countable.WHY[row[-1]])] for row in rows),
        )  # fmt: skip
        response["Cache-Control"] = "no-store"
        return response


urlpatterns = [path("reports/countable/", CountableView.as_view(), name=CountableView.url_name)]
