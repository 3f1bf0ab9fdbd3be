"""Voter rolls: who may vote by a rule on a day, frozen as copies, and changed only by appeals that are upheld.

Once frozen, nothing that happens in the registry reaches a roll: new members, names, deaths, mergers. Only erasing a
person takes their name out, and leaves their line, so that the number of votes stands.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import (
    BooleanField,
    Case,
    CharField,
    Count,
    DateField,
    F,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Coalesce
from django.utils.formats import date_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.log_actions import log

from core import dates
from core.errors import Refused
from core.models import User
from membership import branches
from membership.models import Branch, Member, Period, VoterRoll, VoterRollAppeal, VoterRollLine
from membership.models.voter_rolls import VoterRollLineQuerySet
from membership.my_data import DataPart

Why, Wants, Decision = VoterRollLine.Why, VoterRollAppeal.Wants, VoterRollAppeal.Decision


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """How many may vote, and how many belong but may not, by reason."""

    voting: int
    left_out: dict[str, int]

    @property
    def all_left_out(self) -> int:
        return sum(self.left_out.values())


def judged(*, roll: VoterRoll) -> QuerySet[Any]:
    """Everybody who belonged on the roll's day, with `why_not`: empty for those who may vote, else the first reason."""
    on = roll.counts_on
    running = Period.objects.covering(on).begun().filter(member=OuterRef("pk")).order_by("-starts_on", "-pk")
    members = Member.objects.belonging(on=on).with_status(on=on)
    if roll.branch_id:
        below = Branch.objects.filter(pk=roll.branch_id).with_everything_below()
        members = branches.in_branches(members, below, on=on)
    return members.annotate(
        type_then=Subquery(running.values("type")[:1], output_field=IntegerField()),
        type_name=Subquery(running.values("type__name_nb")[:1], output_field=CharField()),
        paid_on=Subquery(running.values("confirmed_on")[:1], output_field=DateField()),
        branch_then=branches.branch_on(on),
    ).annotate(why_not=Case(*_reasons(roll), default=Value(""), output_field=CharField()))


def _reasons(roll: VoterRoll) -> list[When]:
    """Why somebody may not vote, the first that fits."""
    types = list(roll.types.values_list("pk", flat=True))
    reasons = [
        When(~Q(type_then__in=types), then=Value(Why.TYPE.value)),
        When(~Q(status_code__in=roll.statuses), then=Value(Why.STATUS.value)),
    ]
    if roll.min_age:
        born_by = dates.add_years(roll.counts_on, -roll.min_age)
        reasons += [
            When(kind=Member.Kind.PERSON, born_on__isnull=True, then=Value(Why.NO_BIRTH.value)),
            When(kind=Member.Kind.PERSON, born_on__gt=born_by, then=Value(Why.AGE.value)),
        ]
    if roll.paid_by:
        late = Q(paid_on__isnull=True) | Q(paid_on__gt=roll.paid_by)
        reasons.append(When(late, then=Value(Why.PAID_LATE.value)))
    return reasons


def count(*, roll: VoterRoll) -> Outcome:
    """Return how many may vote and how many may not, as the roll stands: by its rule, or by its lines once frozen."""
    if not roll.is_frozen:
        rows = judged(roll=roll).order_by().values("why_not").annotate(number=Count("pk"))
        found = {row["why_not"]: row["number"] for row in rows}
        return Outcome(voting=found.pop("", 0), left_out=_in_order(found))
    lines = roll.lines.order_by().values("is_listed", "why_not").annotate(number=Count("pk"))
    voting = sum(row["number"] for row in lines if row["is_listed"])
    return Outcome(voting=voting, left_out=_in_order({
        row["why_not"]: row["number"] for row in lines if not row["is_listed"]
    }))  # fmt: skip


def _in_order(found: dict[str, int]) -> dict[str, int]:
    """In the order in which reasons are asked; those struck by an appeal, who had no reason, come last."""
    return {why: found[why] for why in (*Why.values, "") if why in found}


@transaction.atomic
def freeze(*, roll: VoterRoll, on: date, at: datetime, by: User | None) -> VoterRoll:
    """Copy everybody the rule is about into the roll, in one statement: from now on it never changes by itself.

    Refuses a roll that is frozen, a day that is still to come, and a rule that gives nobody.
    """
    roll = VoterRoll.objects.select_for_update(of=("self",)).get(pk=roll.pk)
    if roll.is_frozen:
        raise Refused(_("This roll is frozen already. Make a new one for another meeting."), code="frozen")
    if roll.counts_on > on:
        raise Refused(
            _("%(date)s is still to come. Freeze the roll when the day is there."), code="future",
            params={"date": date_format(roll.counts_on)},
        )  # fmt: skip
    _copy(roll)
    if not roll.lines.voting().exists():
        raise Refused(_("By this rule nobody may vote. Look at the types and statuses first."), code="nobody")
    roll.frozen_at, roll.frozen_by = at, by
    roll.save(update_fields=["frozen_at", "frozen_by"])
    log(instance=roll, action="membership.voter_roll.frozen", user=by, data={"number": roll.lines.voting().count()})
    return roll


def _copy(roll: VoterRoll) -> None:
    """INSERT from a SELECT: every line is of the same moment, and 100,000 are no more work here than three."""
    text = CharField()
    copied = {
        "roll_id": Value(roll.pk, output_field=IntegerField()),
        "member_id": F("pk"),
        "member_number": F("member_number"),
        "last_name": F("last_name"),
        "first_names": F("first_names"),
        "place": F("place"),
        "branch_name": Coalesce(
            Subquery(Branch.objects.filter(pk=OuterRef("branch_then")).values("name")[:1]), Value(""), output_field=text
        ),
        "type_name": Coalesce(F("type_name"), Value(""), output_field=text),
        "why_not": F("why_not"),
        "is_listed": Case(When(why_not="", then=Value(True)), default=Value(False), output_field=BooleanField()),
        "is_erased": Value(False, output_field=BooleanField()),
    }
    people = judged(roll=roll).order_by("last_name", "first_names", "pk")
    rows = people.annotate(**{f"copied_{name}": value for name, value in copied.items()})
    select = rows.values_list(*[f"copied_{name}" for name in copied]).query
    sql, params = select.get_compiler(connection=connection).as_sql()
    quote = connection.ops.quote_name
    columns = ", ".join(quote(name) for name in copied)
    with connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO {quote(VoterRollLine._meta.db_table)} ({columns}) {sql}", params)


def left_out(*, roll: VoterRoll) -> QuerySet[Member] | VoterRollLineQuerySet:
    """Those who belonged but may not vote, by name, each with `why_not`."""
    if roll.is_frozen:
        return roll.lines.left_out().order_by("last_name", "first_names", "pk")
    return judged(roll=roll).exclude(why_not="").order_by("last_name", "first_names", "pk")


def voting(*, roll: VoterRoll) -> QuerySet[Member] | VoterRollLineQuerySet:
    """Those who may vote, by name."""
    if roll.is_frozen:
        return roll.lines.voting().order_by("last_name", "first_names", "pk")
    return judged(roll=roll).filter(why_not="").order_by("last_name", "first_names", "pk")


# --- appeals ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Asked:
    """An appeal as it came in: about whom, what is asked, who asks and why, and on which day it came."""

    member: Member
    wants: str
    raised_by: str
    reason: str
    received_on: date


@transaction.atomic
def appeal(*, roll: VoterRoll, asked: Asked, at: datetime, by: User | None) -> VoterRollAppeal:
    """Record an appeal. Refuses one about a roll that is not frozen, one that asks for what is so already, and a
    second about somebody whose first is not decided."""
    roll = VoterRoll.objects.select_for_update(of=("self",)).get(pk=roll.pk)
    if not roll.is_frozen:
        raise Refused(_("This roll is not frozen yet. Change the registry or the rule instead."), code="not_frozen")
    words = {"name": asked.member.full_name}
    if roll.appeals.filter(member=asked.member, decision="").exists():
        raise Refused(_("An appeal about %(name)s waits for a decision. Decide on that one first."), code="open",
                      params=words)  # fmt: skip
    line = roll.lines.filter(member=asked.member).order_by("-is_listed", "pk").first()
    is_listed = line is not None and line.is_listed
    if asked.wants == Wants.ADD and is_listed:
        raise Refused(_("%(name)s is on the roll already."), code="listed", params=words)
    if asked.wants == Wants.REMOVE and not is_listed:
        raise Refused(_("%(name)s is not on the roll."), code="not_listed", params=words)
    made = VoterRollAppeal.objects.create(
        roll=roll, member=asked.member, about=asked.member.full_name, line=line, wants=asked.wants,
        raised_by=asked.raised_by, reason=asked.reason, received_on=asked.received_on, recorded_at=at, recorded_by=by,
    )  # fmt: skip
    log(instance=roll, action="membership.voter_roll.appealed", user=by, data={"appeal": made.pk})
    return made


@dataclass(frozen=True, kw_only=True)
class Decided:
    """What was decided about an appeal, by whom (a body or a person), on which day and why."""

    is_upheld: bool
    by: str
    on: date
    explanation: str = ""


@transaction.atomic
def decide(*, appeal: VoterRollAppeal, decided: Decided, at: datetime, by: User | None) -> VoterRollAppeal:
    """Record the decision. An appeal that is upheld adds the line or takes it off; both are in the log.

    Refuses a second decision, and one from before the appeal came in.
    """
    appeal = VoterRollAppeal.objects.select_for_update(of=("self",)).select_related("roll", "line", "member").get(
        pk=appeal.pk
    )  # fmt: skip
    if appeal.decision:
        raise Refused(_("This appeal is decided already."), code="decided")
    if decided.on < appeal.received_on:
        raise Refused(_("The appeal came in on %(date)s. Choose that day or a later one."), code="before",
                      params={"date": date_format(appeal.received_on)})  # fmt: skip
    appeal.decision = Decision.UPHELD if decided.is_upheld else Decision.REJECTED
    appeal.decided_by, appeal.decided_on, appeal.explanation = decided.by, decided.on, decided.explanation
    appeal.decided_at, appeal.decision_recorded_by = at, by
    if decided.is_upheld:
        appeal.line = _put_right(appeal)
    appeal.save()
    data = {"appeal": appeal.pk, "decision": appeal.decision, "wants": appeal.wants}
    log(instance=appeal.roll, action="membership.voter_roll.decided", user=by, data=data)
    return appeal


def _put_right(appeal: VoterRollAppeal) -> VoterRollLine:
    """Add or take off the line. Who was not in the roll at all gets one, as the registry has them now."""
    line, member = appeal.line, appeal.member
    if line is None:
        if member is None:
            raise Refused(_("The person is not in the registry any more."), code="gone")
        line = VoterRollLine(
            roll=appeal.roll, member=member, member_number=member.member_number, last_name=member.last_name,
            first_names=member.first_names, place=member.place, why_not=Why.NOT_MEMBER, is_listed=True,
            branch_name=str(member.branch or ""),
        )  # fmt: skip
    line.is_listed = appeal.wants == Wants.ADD
    line.save()
    return line


# --- erasure ---------------------------------------------------------------------------------------------------------


def forget(*, members: Sequence[Member]) -> None:
    """Take the people out of every roll and appeal. Their lines stay without a name: so many could vote, and did.

    Appeals keep that there was one and how it ended; what they say about the person goes. Called while the people are
    still in the registry.
    """
    nothing = {"member_number": "", "last_name": "", "first_names": "", "place": "", "branch_name": "", "type_name": ""}
    VoterRollLine.objects.filter(member__in=members).update(is_erased=True, **nothing)
    VoterRollAppeal.objects.filter(member__in=members).update(about="", raised_by="", reason="", explanation="")
    VoterRollAppeal.objects.filter(raised_by__in=[member.full_name for member in members]).update(raised_by="")


# --- what the member gets of their own ------------------------------------------------------------------------------


def data_part(member: Member, on: date) -> DataPart | None:
    """The rolls somebody is in, for their own copy of what we hold; none where they are in none."""
    lines = member.voter_roll_lines.select_related("roll").order_by("roll__counts_on", "pk")
    rows = [
        (line.roll.name, line.roll.counts_on, line.is_listed, line.get_why_not_display(), line.type_name)
        for line in lines
    ]  # fmt: skip
    columns = (
        ("roll", _("Voter roll")), ("counts_on", _("As on")), ("may_vote", _("May vote")), ("why_not", _("Why not")),
        ("type", _("Membership type")),
    )  # fmt: skip
    title = gettext("Voter rolls")
    return DataPart(order=560, name="voter_rolls", title=title, columns=columns, rows=rows) if rows else None
