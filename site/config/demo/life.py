"""Two years of an association's life, week by week, up to a day."""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import TYPE_CHECKING

from django.apps import apps
from django.db import transaction

from config import nightly
from config.demo import log_ins, office, people, post, registers
from config.demo.moments import noon
from core import dates
from core.results import Result
from membership.models import Member

if TYPE_CHECKING:
    from config.demo.treasury import Treasury

CLIENTS = ("vvnf", "snp")
DAYS = 730


@transaction.atomic
def build(*, today: date) -> Result:
    """Live two years up to a date, all or nothing. Needs a database that set-up has prepared."""
    result = Result()
    office.make_branches()
    office.make_campaign(today=today)
    log_ins.make_office()
    arrivals = people.arrivals(today=today)
    treasury = _treasury(arrivals, today)
    waiting = list(arrivals)
    for day in _weeks(today):
        while waiting and waiting[0].on <= day:
            people.join(waiting.pop(0))
        if treasury:
            treasury.spend_evening(on=day)
        result.merge(_night(day))
    _bring_it_up_to_today(arrivals, treasury, today)
    result.merge(_night(today))
    result.lines.clear()
    result.counts = {"members": Member.objects.count(), **result.counts}
    return result


def _night(on: date) -> Result:
    """What the night does, and then the post takes along what there is."""
    result = Result()
    for _title, done in nightly.run(on=on, at=noon(on)):
        result.merge(done)
    post.deliver(on=on)
    return result


def _weeks(today: date) -> Iterator[date]:
    """Every seventh day, and today."""
    first = dates.days_after(today, -DAYS)
    yield from (dates.days_after(first, days) for days in range(0, DAYS, 7))
    yield today


def _treasury(arrivals: Sequence[people.Arrival], today: date) -> "Treasury | None":
    """Whoever sees to the money, where the client has dues."""
    if not apps.is_installed("payments"):
        return None
    from config.demo.treasury import Treasury

    return Treasury.open(today=today, arrivals=arrivals)


def _bring_it_up_to_today(arrivals: Sequence[people.Arrival], treasury: "Treasury | None", today: date) -> None:
    """What happened in the last weeks besides, and what the office has made of it all."""
    people.some_leave(arrivals, but=treasury.course.members if treasury else (), today=today)
    log_ins.make_member(arrivals[0].member)
    here = Member.objects.in_status("active", on=today).in_bulk()
    paying = [a.member for a in arrivals
              if a.member and a.pays_after and a.member.pk in here and post.reaches(a.member.email)]  # fmt: skip
    registrar = log_ins.of(log_ins.MEMBER_ADMIN)
    office.build(paying=[here[member.pk] for member in paying], type_code=people.type_of("E").code, today=today,
                 by=registrar)  # fmt: skip
    office.look_after_a_branch()
    registers.bring(today=today, by=registrar)
    office.try_another_price(today=today, by=log_ins.of(log_ins.ADMINISTRATOR))
    if treasury:
        treasury.course.ask_for_parts(on=dates.days_after(today, -2))
        treasury.prepare_next_year()
        from config.demo import letters

        letters.welcome(members=[here[member.pk] for member in paying[-3:]], on=today, by=registrar)
