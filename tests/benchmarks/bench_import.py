"""Importing a register: planned and applied with log, log-ins, households, periods and consents, as the office does."""

import csv
import io
import random
from collections.abc import Iterable
from datetime import date

from django.db import transaction
from wagtail.log_actions import log

from core.models import User
from membership.imports import runs
from membership.models import Consent, Household, ImportRun, Member, MembershipType, Period
from tests.benchmarks.harness import Row, bench, compare, grow, measure
from tests.makers import at_noon, set_up_client

ON = date(2026, 1, 2)
TYPES = {"ordinary": "E", "family": "FM", "family member": "FM2"}
HEAD = ("member_no", "kind", "first_name", "last_name", "street", "postcode", "city", "email", "mobile", "birthdate",
        "membership_type", "household_id", "household_role", "join_date", "newsletter")  # fmt: skip


def register(n: int) -> bytes:
    """A register of n people as a CSV file: a quarter of them in households of three, some without e-mail."""
    chance = random.Random(1)
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(HEAD)
    for number in range(1, n + 1):
        home, place = divmod(number, 12)
        kind, role, household = "Ordinary", "", ""
        if place < 3:
            kind, role = (("Family", "head"), ("Family member", "partner"), ("Family member", "child"))[place]
            household = f"H{home}"
        email = f"person{number}@example.no" if chance.random() > 0.1 else ""
        writer.writerow([
            number, "person", chance.choice(("Åse", "Ola", "Ánne", "Per")), f"Øye{number % 997}",
            f"Veien {number % 90}", f"{chance.randint(1, 9990):04d}", "Trondheim", email,
            f"+47 9{chance.randint(1000000, 9999999)}",
            f"{chance.randint(1940, 1998)}-0{chance.randint(1, 9)}-17", kind, household, role, "2019-05-01",
            chance.choice(("yes", "no")),
        ])  # fmt: skip
    return out.getvalue().encode()


def through_the_door(content: bytes) -> ImportRun:
    """What the office's import and its worker do: brought, looked through, agreed to, carried out."""
    run = runs.start(file=io.BytesIO(content), name="register.csv", at=at_noon(ON), by=None)
    runs.choose_types(run=run, types=TYPES)
    runs.look(run=run, at=at_noon(ON))
    runs.finish(run=run, on=ON, at=at_noon(ON))
    runs.agree(run=run, at=at_noon(ON))
    return runs.finish(run=run, on=ON, at=at_noon(ON))


def _rows() -> list[tuple[Member, Period | None, bool]]:
    """The same rows as plain objects, checked by nobody."""
    found = []
    for member in Member.objects.order_by("pk"):
        newsletter = member.consents.filter(purpose="newsletter").exists()
        period = member.periods.first()
        member.household = member.user = None  # they are emptied away with the rest
        found.append((member, period, newsletter))
    return found


def save_each(rows: list[tuple[Member, Period | None, bool]]) -> None:
    """One save() a row: the log-in, the member, the period, the consent and the log."""
    for member, period, newsletter in rows:
        with transaction.atomic():
            if member.email:
                member.user = User.objects.create(username=f"m{member.member_number}", email=member.email)
            member.pk = None
            member.save(force_insert=True)
            log(instance=member, action="wagtail.create")
            if period:
                period.pk, period.member, period.paid_with = None, member, None
                period.save(force_insert=True)
                log(instance=member, action="membership.period.opened")
            if newsletter:
                Consent.objects.create(member=member, purpose="newsletter", channel="email", is_given=True,
                                       at=at_noon(ON), source="import")  # fmt: skip


def bare_bulk(rows: list[tuple[Member, Period | None, bool]]) -> None:
    """The same rows by bulk_create, without checks, log-ins or log."""
    for member, _period, _newsletter in rows:
        member.pk = member.user = None
    Member.objects.bulk_create([member for member, _period, _newsletter in rows], batch_size=500)
    periods = []
    for member, period, _newsletter in rows:
        if period:
            period.pk, period.member, period.paid_with = None, member, None
            periods.append(period)
    Period.objects.bulk_create(periods, batch_size=500)
    Consent.objects.bulk_create(
        [Consent(member=member, purpose="newsletter", channel="email", is_given=True, at=at_noon(ON), source="import")
         for member, _period, newsletter in rows if newsletter],
        batch_size=500,
    )  # fmt: skip


def _empty() -> None:
    Household.objects.update(main_member=None)
    for model in (Member, Household, User):
        model._base_manager.all().delete()


@bench("import", n=20_000)
def run(n: int) -> Iterable[Row]:
    """Ours against one save() a row, and against bare bulk_create."""
    set_up_client()
    assert MembershipType.objects.exists()
    sample_n = min(n, 1000)
    through_the_door(register(sample_n))
    rows = _rows()
    _empty()
    each = measure(lambda: save_each(rows))
    _empty()
    bulk = measure(lambda: bare_bulk(rows))
    _empty()
    small_n = max(1, n // 10)
    small = measure(lambda: through_the_door(register(small_n)))
    _empty()
    content = register(n)
    ours = measure(lambda: through_the_door(content))
    yield grow(n=n, large=ours, small_n=small_n, small=small)
    yield compare(n=n, ours=ours, baseline="one save() a row", theirs=each, theirs_n=sample_n)
    yield compare(n=n, ours=ours, baseline="bare bulk_create", theirs=bulk, theirs_n=sample_n)
