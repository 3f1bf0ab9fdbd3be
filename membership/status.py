"""A member's status on a date, computed from the periods in one place: as a property and as a query.

applicant → trial → active → awaiting payment → overdue → (expired | lapsed | resigned | excluded | deceased) → not a
member. `status_of` answers "Why?" with its sentence; `annotated` gives the same code in the database, for lists.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db.models import Case, CharField, F, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from membership.models.periods import Period
from membership.models.types import MembershipType

if TYPE_CHECKING:
    from membership.models import Member

LABELS = {
    "applicant": _("applicant"),
    "trial": _("trial member"),
    "active": _("active"),
    "awaiting_payment": _("awaiting payment"),
    "overdue": _("payment overdue"),
    "expired": _("expired"),
    "lapsed": _("struck off"),
    "resigned": _("resigned"),
    "excluded": _("excluded"),
    "deceased": _("deceased"),
    "non_member": _("not a member"),
}
BELONGS = ("trial", "active", "awaiting_payment", "overdue")

# What a status looks like: a word beside the colour, never colour alone.
TONES = {"active": "good", "trial": "info", "awaiting_payment": "info", "applicant": "info", "overdue": "warning"}


@dataclass(frozen=True, kw_only=True)
class Status:
    """A status on a date with its sentence, dates and the type it comes from.

    The sentence is made when somebody asks "Why?", in the reader's language: lists and files do not.
    """

    code: str
    told: Callable[[], str] = field(repr=False, compare=False)
    since: date | None = None
    until: date | None = None
    type: MembershipType | None = None

    @property
    def why(self) -> str:
        """The sentence that answers "Why?"."""
        return self.told()

    @property
    def label(self) -> str:
        """The status in the reader's language."""
        return str(LABELS[self.code])

    @property
    def tone(self) -> str:
        """good, info, warning or quiet: how a list shows it, beside its word."""
        return TONES.get(self.code, "quiet")

    @property
    def belongs(self) -> bool:
        """Whether somebody with this status is a member, paid or not."""
        return self.code in BELONGS


def status_of(*, member: "Member", on: date) -> Status:
    """Return the status on a date. Reads `member.periods.all()`: prefetch `periods__type` in lists."""
    return status_by(periods=member.periods.all(), died_on=member.died_on, on=on)


def status_by(*, periods: Iterable[Period], died_on: date | None, on: date) -> Status:
    """Return the status on a date of somebody with these terms, in any order; their types are read too."""
    periods = sorted(periods, key=lambda period: (period.starts_on, period.pk))
    if died_on and died_on <= on:
        return Status(code="deceased", since=died_on,
                      told=lambda: gettext("Died on %(date)s.") % {"date": date_format(died_on)})  # fmt: skip
    running = [period for period in periods if period.covers(on)]
    if running:
        return _running(running[-1], on)
    ended = [p for p in periods if p.last_day and p.last_day < on and p.last_day >= p.starts_on]
    if ended:
        return _ended(max(ended, key=lambda period: (period.last_day or on, period.pk)))
    coming = [period for period in periods if period.starts_on > on]
    if coming:
        return _with(coming[0], "applicant", _("The membership starts on %(start)s."))
    return Status(code="non_member", told=lambda: gettext("There has been no membership."))


def _running(period: Period, on: date) -> Status:
    if period.is_trial:
        return _with(period, "trial", _("Trial member until %(end)s. The payment makes it a full membership."))
    if period.confirmed_on and period.confirmed_on <= on:
        if not period.price:
            return _with(period, "active", _("%(type)s from %(start)s until %(end)s. Nothing is to be paid."))
        return _with(period, "active", _("%(type)s from %(start)s until %(end)s, paid %(paid)s."))
    if period.starts_when_paid:
        return _with(period, "applicant", _("The membership starts when it is paid."))
    if period.pay_by is None or on <= period.pay_by:
        return _with(period, "awaiting_payment", _("The membership from %(start)s is to be paid by %(pay_by)s."))
    return _with(period, "overdue", _("The membership from %(start)s should have been paid by %(pay_by)s."))


_ENDINGS: dict[str, tuple[str, Promise]] = {
    "": ("expired", _("The last membership ran until %(end)s and has not been renewed.")),
    "lapsed": ("lapsed", _("Struck off on %(end)s because the invoice was not paid.")),
    "trial_over": ("non_member", _("The trial ended on %(end)s without payment.")),
    "resigned": ("resigned", _("Resigned; the membership ended on %(end)s.")),
    "excluded": ("excluded", _("Excluded; the membership ended on %(end)s.")),
    "deceased": ("deceased", _("The membership ended on %(end)s.")),
    "converted": ("expired", _("The last membership ended on %(end)s.")),
    "corrected": ("non_member", _("The office ended the membership on %(end)s as a correction.")),
}


def _ended(period: Period) -> Status:
    code, sentence = _ENDINGS[period.end_reason]
    return _with(period, code, sentence)


def _with(period: Period, code: str, sentence: Promise) -> Status:
    return Status(code=code, told=lambda: _told(period, sentence), since=period.starts_on,
                  until=period.last_day, type=period.type)  # fmt: skip


def _told(period: Period, sentence: Promise) -> str:
    dates = {"start": period.starts_on, "end": period.last_day, "pay_by": period.pay_by, "paid": period.confirmed_on}
    words = {name: date_format(day) if day else gettext("no date") for name, day in dates.items()}
    if period.last_day is None:
        words["end"] = gettext("further notice")
    return str(sentence) % {"type": period.type.name, **words}


def _applicants() -> list[When]:
    """As `Period.starts_when_paid`, where membership starts on payment."""
    if settings.CLIENT.membership.starts != "on_payment":
        return []
    return [When(source=Period.Source.JOINED, confirmed_on__isnull=True, then=Value("applicant"))]


def annotated(queryset: QuerySet[Any], *, on: date) -> QuerySet[Any]:
    """Annotate `status_code`, the same as `status_of` gives, computed by the database."""
    of_member = Period.objects.filter(member=OuterRef("pk")).with_last_day()
    running = of_member.filter(Q(last_on__isnull=True) | Q(last_on__gte=on), starts_on__lte=on).order_by(
        "-starts_on", "-pk"
    )
    ended = of_member.filter(last_on__lt=on, last_on__gte=F("starts_on"))  # type: ignore[misc]
    ended = ended.order_by("-last_on", "-pk")  # type: ignore[misc]
    state = Case(
        When(type__kind=MembershipType.Kind.TRIAL, then=Value("trial")),
        When(confirmed_on__lte=on, then=Value("active")),
        *_applicants(),
        When(Q(pay_by__isnull=True) | Q(pay_by__gte=on), then=Value("awaiting_payment")),
        default=Value("overdue"),
        output_field=CharField(),
    )
    ending = Case(
        *[When(end_reason=reason, then=Value(code)) for reason, (code, _sentence) in _ENDINGS.items()],
        output_field=CharField(),
    )
    coming = of_member.filter(starts_on__gt=on).annotate(state=Value("applicant", output_field=CharField()))
    return queryset.annotate(
        status_code=Case(
            When(died_on__lte=on, then=Value("deceased")),
            default=Coalesce(
                Subquery(running.annotate(state=state).values("state")[:1]),
                Subquery(ended.annotate(state=ending).values("state")[:1]),
                Subquery(coming.values("state")[:1]),
                Value("non_member"),
            ),
            output_field=CharField(),
        )
    )
