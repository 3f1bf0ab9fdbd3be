"""The office's registry: the list and its search, with 100,000 members against 1,000 and against the naive search."""

import datetime
import random
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import reduce
from itertools import batched
from operator import or_

from django.contrib.auth.models import Group
from django.db import connection
from django.db.models import Q
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from core.models import User
from membership import roles
from membership.members import search_text, settle_search
from membership.models import Member, MembershipType, Period
from tests.benchmarks.harness import Measurement, Row, bench, best_of, compare, grow

SMALL = 1_000
TIMES = 7
LIST = "/admin/members/"
FIRST_NAMES = ("Kari", "Ola", "Åse", "Øyvind", "Ærlend", "Máret", "Ingrid", "Anne", "Per", "Solveig", "Bjørn", "Håkon")
LAST_NAMES = ("Nordmann", "Hansen", "Ødegård", "Åsen", "Sætre", "Hætta", "Bakke", "Dahl", "Lie", "Østby", "Aas")
COLUMNS = ("first_names", "last_name", "member_number", "email", "mobile", "address_line_1", "place")

# Fragments as people type them, with Norwegian letters: one that everybody shares is no search.
NO_HIT = ("ødegårdsvollan", "finnes.ikke@example", "99988777")
COMMON = ("hansen", "ødegård", "solveig dahl")
ONE_OF_THEM = ("ærlend .512@", "hættasen b51", ".512@example", "90000512", "b512")  # among the first thousand
ASKED = {"no hit": NO_HIT, "one of them": ONE_OF_THEM, "common name": COMMON}


def fill_up_to(n: int) -> None:
    """Members with a paid term of this year. Bare rows: making them is not measured."""
    today = timezone.localdate()
    chance = random.Random(7)
    type_ = MembershipType.objects.get(code="E")
    for numbers in batched(range(Member.objects.count() + 1, n + 1), 2_000):
        members = Member.objects.bulk_create(_member(number, chance, today) for number in numbers)
        Period.objects.bulk_create(
            Period(
                member=member, type=type_, starts_on=date(today.year, 1, 1), ends_on=date(today.year, 12, 31),
                price=Decimal("400"), source="imported", confirmed_on=date(today.year, 1, 1), opened_on=today,
            )
            for member in members
        )  # fmt: skip
    settle_search()  # as an import does after its last row
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _member(number: int, chance: random.Random, today: date) -> Member:
    first, last = chance.choice(FIRST_NAMES), chance.choice(LAST_NAMES)
    member = Member(
        member_number=f"B{number}", first_names=first, last_name=f"{last}{chance.choice(['', 'en', 'sen', 'li'])}",
        email=f"{first}.{number}@example.org".casefold(), mobile=f"+479{number:07}", address_line_1=f"Vei {number}",
        postcode=f"{chance.randrange(10_000):04}", place="TRONDHEIM", registered_on=today, member_since=today,
        born_on=date(1950, 1, 1) + datetime.timedelta(days=chance.randrange(20_000)),
    )  # fmt: skip
    member.search_text = search_text(member)
    return member


def member_admin() -> Client:
    user = User.objects.create_user("bench-member-admin", "bench@example.org")
    user.groups.add(Group.objects.get(name=roles.MEMBER_ADMINS))
    client = Client()
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def page(client: Client, n: int) -> tuple[Measurement, int]:
    """What the list takes with n members, and how many queries it asks."""
    fill_up_to(n)

    def look() -> None:
        response = client.get(LIST)
        assert response.status_code == 200, response.status_code
        assert response.context_data["items_count"] == n  # type: ignore[attr-defined]

    look()
    with CaptureQueriesContext(connection) as queries:
        look()
    asked = len(queries)  # the next request empties the log it is counted from
    return best_of(TIMES, look), asked


@bench("registry_page", n=100_000)
def registry_page(n: int) -> Iterator[Row]:
    client = member_admin()
    small, small_queries = page(client, SMALL)
    large, queries = page(client, n)
    assert queries == small_queries, f"{small_queries} queries at {SMALL}, {queries} at {n}"
    yield grow(n=n, large=large, small_n=SMALL, small=small, queries=queries)


def ours(fragments: tuple[str, ...]) -> Callable[[], object]:
    """The registry's own search, as the list asks it: how many, and the first page."""

    def search() -> None:
        for text in fragments:
            found = Member.objects.found_by(text)
            found.count()
            list(found[:50])

    return search


def naive(fragments: tuple[str, ...]) -> Callable[[], object]:
    """`icontains` over the same columns, for each word; how many, and the first page."""

    def search() -> None:
        for text in fragments:
            found = Member.objects.all()
            for word in text.split():
                found = found.filter(reduce(or_, (Q(**{f"{name}__icontains": word}) for name in COLUMNS)))
            found.count()
            list(found[:50])

    return search


@bench("registry_search", n=100_000)
def registry_search(n: int) -> Iterator[Row]:
    """Without a hit and for common names, against icontains; and the growth from 1,000.

    It grows with what there is to find: a common name has a hundred times as many who bear it, all of them counted.
    """
    fill_up_to(SMALL)
    small = {what: best_of(TIMES, ours(fragments)) for what, fragments in ASKED.items()}
    fill_up_to(n)
    for what, fragments in ASKED.items():
        large = best_of(TIMES, ours(fragments))
        yield compare(
            n=n, ours=large, baseline=f"icontains over the columns, {what}", theirs=best_of(3, naive(fragments))
        )
        yield replace(
            grow(n=n, large=large, small_n=SMALL, small=small[what]), baseline=f"the same at {SMALL:,}, {what}"
        )
