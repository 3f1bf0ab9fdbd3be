"""Who may be in the registry twice: everybody looked at, 100,000 members against 10,000."""

import datetime
import random
from collections.abc import Iterator
from datetime import date
from itertools import batched

from django.db import connection
from django.utils import timezone

from membership import duplicates
from membership.members import search_text
from membership.models import DuplicatePair, Member
from tests.benchmarks.harness import Measurement, Row, bench, grow, measure

SMALL = 10_000
TIMES = 3
FIRST_NAMES = (
    "Kari", "Ola", "Åse", "Øyvind", "Ærlend", "Máret", "Ingrid", "Anne", "Anne-Marie", "Per", "Solveig", "Bjørn",
    "Håkon", "Kristin", "Kristine", "Jon", "Nils", "Eva", "Liv", "Tor",
)  # fmt: skip
LAST_NAMES = ("Nordmann", "Hansen", "Ødegård", "Åsen", "Sætre", "Hætta", "Bakke", "Dahl", "Lie", "Østby", "Aas", "Berg")
IN_A_FAMILY = 3
ONE_IN = 50  # is in the registry twice, spelt another way


def fill_up_to(n: int) -> None:
    """Families of three with one address and one e-mail, and one in fifty twice. Bare rows: they are not measured."""
    there = Member.objects.count()
    chance, today = random.Random(7 + there), timezone.localdate()  # other people than those who are there
    for numbers in batched(range(there + 1, n + 1), 2_000):
        rows: list[Member] = []
        for number in numbers:
            is_there_twice = number % ONE_IN == 0
            rows.append(_again(chance.choice(rows), number) if is_there_twice else _member(number, chance, today))
        Member.objects.bulk_create(rows)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _member(number: int, chance: random.Random, today: date) -> Member:
    family = random.Random(number // IN_A_FAMILY)
    member = Member(
        member_number=f"B{number}", first_names=chance.choice(FIRST_NAMES),
        last_name=f"{family.choice(LAST_NAMES)}{family.choice(['', 'en', 'sen', 'li'])}",
        email=f"familie{number // IN_A_FAMILY}@example.org", mobile=f"+479{number:07}",
        address_line_1=f"Åsveien {number // IN_A_FAMILY}", postcode=f"{family.randrange(10_000):04}", place="TRONDHEIM",
        registered_on=today, born_on=date(1950, 1, 1) + datetime.timedelta(days=chance.randrange(20_000)),
    )  # fmt: skip
    member.search_text = search_text(member)
    return member


def _again(known: Member, number: int) -> Member:
    """Somebody once more, as an old register spells them."""
    member = Member(
        member_number=f"B{number}", first_names=known.first_names.replace("Å", "Aa").replace("Ø", "Oe"),
        last_name=known.last_name.replace("å", "aa").replace("Ø", "Oe").replace("æ", "ae"), born_on=known.born_on,
        mobile=known.mobile, registered_on=known.registered_on,
    )  # fmt: skip
    member.search_text = search_text(member)
    return member


def look(n: int) -> Measurement:
    """Everybody looked at from an empty list, the fastest of three goes; most of those who are there twice must be
    found, and few others."""
    fill_up_to(n)
    goes = []
    for _go in range(TIMES):
        DuplicatePair.objects.all().delete()
        goes.append(measure(lambda: duplicates.find(at=timezone.now())))
    found = DuplicatePair.objects.count()
    assert n / ONE_IN * 0.95 <= found <= n / ONE_IN * 1.5, f"{found} pairs among {n}"
    assert not duplicates.find(at=timezone.now()).changed
    return min(goes, key=lambda go: go.seconds)


@bench("duplicates", n=100_000)
def duplicates_found(n: int) -> Iterator[Row]:
    small = look(SMALL)
    yield grow(n=n, large=look(n), small_n=SMALL, small=small)
