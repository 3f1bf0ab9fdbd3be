"""Importing a register: planned and applied with log, log-ins, households, periods and consents, as the office does."""

import csv
import io
import random
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from itertools import batched

from django.contrib.auth.models import Group
from django.contrib.contenttypes.models import ContentType
from django.db import connection, transaction
from wagtail.log_actions import log
from wagtail.models import ModelLogEntry

from core.models import User
from membership import roles
from membership.imports import runs
from membership.models import Consent, Household, ImportRow, ImportRun, Member, MembershipType, Period
from membership.models.duplicates import ToCompare
from tests.benchmarks.harness import Row, bench, compare, grow, measure
from tests.makers import at_noon, set_up_client

ON = date(2026, 1, 2)
ONE_BY_ONE = 1_000
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


@dataclass(kw_only=True)
class Person:
    """What the import made of one row of the file, as plain objects that nobody has saved."""

    member: Member
    user: User | None
    is_in_group: bool
    period: Period | None
    consents: list[Consent]
    home: Household | None
    logs: list[ModelLogEntry]
    is_main: bool = False
    pays_with: "Person | None" = None


def people(n: int) -> list[Person]:
    """The first n members as the import has made them, main members first, for the baselines to write again."""
    members = list(Member.objects.select_related("user", "household").order_by("pk")[:n])
    keys = [member.pk for member in members]
    periods = {period.member_id: period for period in Period.objects.filter(member__pk__among=keys)}
    consents, logs = defaultdict(list), defaultdict(list)
    for consent in Consent.objects.filter(member__pk__among=keys):
        consents[consent.member_id].append(consent)
    wanted = set(keys)
    for entry in ModelLogEntry.objects.filter(content_type=ContentType.objects.get_for_model(Member)).iterator():
        if (key := int(entry.object_id)) in wanted:
            logs[key].append(entry)
    inside = set(User.groups.through.objects.values_list("user", flat=True))
    found = {
        member.pk: Person(
            member=member, user=member.user, is_in_group=member.user_id in inside, period=periods.get(member.pk),
            consents=consents[member.pk], home=member.household, logs=logs[member.pk],
            is_main=member.household is not None and member.household.main_member_id == member.pk,
        )
        for member in members
    }  # fmt: skip
    homes = {home.pk: home for person in found.values() if (home := person.home)}
    mains = {person.home.pk: person for person in found.values() if person.home and person.is_main}
    for person in found.values():
        person.home = homes[person.home.pk] if person.home else None
        if person.period and person.period.paid_with_id and person.home:
            person.pays_with = mains.get(person.home.pk)
    return sorted(found.values(), key=lambda person: person.pays_with is not None)


def as_new(everybody: Iterable[Person]) -> None:
    """Take the keys away: all rows are to be written anew."""
    for person in everybody:
        person.member.pk = person.member.user = person.member.household = None
        for row in (person.user, person.home, person.period, *person.consents, *person.logs):
            if row is not None:
                row.pk = None
        if person.home:
            person.home.main_member = None


def save_each(everybody: list[Person]) -> None:
    """One save() a row: the log-in and its group, the household, the member, the term, the consents and the log."""
    group, _is_new = Group.objects.get_or_create(name=roles.MEMBERS)
    for person in everybody:
        with transaction.atomic():
            if person.user:
                person.user.save(force_insert=True)
            if person.home and not person.home.pk:
                person.home.save(force_insert=True)
            person.member.user, person.member.household = person.user, person.home
            person.member.save(force_insert=True)
            if person.home and person.is_main:
                person.home.main_member = person.member
                person.home.save(update_fields=["main_member"])
                log(instance=person.home, action="membership.household.formed")
            if person.user and person.is_in_group:
                person.user.groups.add(group)
            if person.period:
                person.period.member = person.member
                person.period.paid_with = person.pays_with.period if person.pays_with else None
                person.period.save(force_insert=True)
            for consent in person.consents:
                consent.member = person.member
                consent.save(force_insert=True)
            for entry in person.logs:
                log(instance=person.member, action=entry.action)


def bare_bulk(everybody: list[Person]) -> None:
    """The very same rows by bulk_create: nothing is looked up, checked or locked, nobody is told."""
    group, _is_new = Group.objects.get_or_create(name=roles.MEMBERS)
    for portion in batched(everybody, 1000):
        with transaction.atomic():
            _bare_portion(portion, group)


def _bare_portion(portion: tuple[Person, ...], group: Group) -> None:
    User.objects.bulk_create([person.user for person in portion if person.user])
    homes = {id(home): home for person in portion if (home := person.home) and home.pk is None}
    Household.objects.bulk_create(homes.values())
    for person in portion:
        person.member.user, person.member.household = person.user, person.home
    Member.objects.bulk_create([person.member for person in portion])
    mains = [person for person in portion if person.home and person.is_main]
    for person in mains:
        person.home.main_member = person.member
    Household.objects.bulk_update([person.home for person in mains], ["main_member"])
    User.groups.through.objects.bulk_create(
        User.groups.through(user=person.user, group=group) for person in portion if person.user and person.is_in_group
    )
    for person in portion:
        for row in (person.period, *person.consents):
            if row:
                row.member = person.member
        for entry in person.logs:
            entry.object_id = str(person.member.pk)
    own = [person.period for person in portion if person.period and person.pays_with is None]
    carried = [person for person in portion if person.period and person.pays_with]
    Period.objects.bulk_create(own)
    for person in carried:
        person.period.paid_with = person.pays_with.period
    Period.objects.bulk_create(person.period for person in carried)
    Consent.objects.bulk_create(consent for person in portion for consent in person.consents)
    logs = [entry for person in portion for entry in person.logs]
    type_of_homes = ContentType.objects.get_for_model(Household)
    logs += [
        ModelLogEntry(content_type=type_of_homes, object_id=str(person.home.pk), label=str(person.home),
                      action="membership.household.formed", data={}, timestamp=at_noon(ON))
        for person in mains
    ]  # fmt: skip
    ModelLogEntry.objects.bulk_create(logs)


def _empty() -> None:
    with transaction.atomic():
        for model in (ImportRow, ImportRun, ToCompare, ModelLogEntry, Consent, Period, User.groups.through, Member,
                      Household, User):  # fmt: skip
            model._base_manager.all()._raw_delete(connection.alias)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM" if connection.vendor == "postgresql" else "PRAGMA wal_checkpoint(TRUNCATE)")


@bench("import", n=100_000)
def run(n: int) -> Iterable[Row]:
    """Ours against one save() a row, and against bare bulk_create, both of the very rows that the import has written.

    Ours is measured first, with nothing of theirs in memory, so that its peak of memory is its own.
    """
    set_up_client()
    assert MembershipType.objects.exists()
    small_n = max(1, n // 10)
    small = measure(lambda: through_the_door(register(small_n)))
    _empty()
    content = register(n)
    ours = measure(lambda: through_the_door(content))
    assert Member.objects.count() == n
    yield grow(n=n, large=ours, small_n=small_n, small=small)
    everybody = people(small_n)
    for baseline, work, less in (("one save() a row", save_each, ONE_BY_ONE), ("bare bulk_create", bare_bulk, n)):
        _empty()
        some = everybody[:less]
        as_new(some)
        theirs = measure(lambda: work(some))  # noqa: B023 (done with before the next)
        yield compare(n=n, ours=ours, baseline=baseline, theirs=theirs, theirs_n=len(some))
