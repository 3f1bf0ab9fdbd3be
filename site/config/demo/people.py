"""Who joins, when, and how they pay: three households that lead the story, and some forty others.

Alice Aas pays in good time, Bjørn Berg pays late, in two parts and wants his invoices on paper, and Charlotte Dahl
stops paying and is struck off. Gunnar Grøn has only just joined, and pays the price of another membership. The others
join, pay or forget at random, always the same random.
"""

import random
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date

from django.conf import settings

from config.demo import post
from config.demo.log_ins import DOMAIN, MEMBER
from config.demo.moments import noon
from core import dates
from membership import joining, leaving
from membership.consents import ConsentGiven
from membership.members import PersonData
from membership.models import ConsentText, Member, MembershipType

_CODES = {"snp": {"E": "ORD", "UNG": "ORD", "UTP": "ORD", "FM": "FM1"}}  # what another client calls vvnf's types

_FIRST = ("Ingrid", "Jonas", "Sofie", "Ola", "Åse", "Lars", "Marit", "Per", "Solveig", "Øystein", "Hanne", "Ánte",
          "Berit", "Nils", "Guro", "Trygve", "Liv", "Mohammed", "Fatima", "Wei",
          "Ragnhild", "Tor", "Ida", "Emil")  # fmt: skip
_LAST = ("Haugen", "Nygård", "Ødegård", "Sørbø", "Lie", "Strand", "Bakke", "Åsen", "Myhre", "Solberg", "Sara", "Ali",
         "Nguyễn", "Hætta", "Fossum", "Vik")  # fmt: skip
_MISTYPED = 5  # the number of the one whose address was wrong from the first day: after three bounces it is blocked
_STREETS = ("Elvegata", "Fjordveien", "Bekkefaret", "Sjøgata", "Fossveien", "Tjernlia")
_PLACES = (("7010", "Trondheim"), ("7500", "Stjørdal"), ("7650", "Verdal"), ("9730", "Kárášjohka"), ("0155", "Oslo"))


@dataclass(kw_only=True)
class Arrival:
    """Somebody, or a household, who joins on a day and has a habit of paying: days after the invoice, or never."""

    on: date
    people: list[PersonData]
    type_code: str
    pays_after: int | None
    in_parts: bool = False
    on_paper: bool = False
    stops_paying: bool = False
    pays_as: str = ""  # the code of the type whose price they pay instead of their own
    member: Member | None = field(default=None)


def type_of(code: str) -> MembershipType:
    """The client's type that vvnf calls so."""
    return MembershipType.objects.get(code=_CODES.get(settings.CLIENT.name, {}).get(code, code))


def arrivals(*, today: date) -> list[Arrival]:
    """Everybody, the earliest first."""
    everybody = [*_three_households(today), *_the_others(today, random.Random(61)), _newcomer(today)]
    return sorted(everybody, key=lambda arrival: arrival.on)


def join(arrival: Arrival) -> None:
    """Let them join, as the form does."""
    newsletter = ConsentText.objects.filter(purpose="newsletter", language="nb").first()
    arrival.member = joining.join(
        people=arrival.people, wanted_type=type_of(arrival.type_code), on=arrival.on, at=noon(arrival.on),
        consents=[ConsentGiven(purpose="newsletter", channel="email", text=newsletter)],
    ).main_member  # fmt: skip


def some_leave(everybody: Sequence[Arrival], *, but: Collection[int], today: date) -> None:
    """One resigns three weeks ago, one has died. `but` are members, by key, whom other stories need."""
    on = dates.days_after(today, -20)
    active = Member.objects.in_status("active", on=on).exclude(pk__in=but).in_bulk()
    paid = [a.member for a in everybody[3:] if a.member and a.member.pk in active and len(a.people) == 1]
    leaving.resign(member=paid[0], on=on, at=noon(on))
    leaving.record_death(member=paid[1], died_on=on, on=today, at=noon(today))


def person(first: str, last: str, born_on: date, street: str, place: tuple[str, str], email: str = "") -> PersonData:
    """What the form asks a person for."""
    return PersonData(
        first_names=first, last_name=last, born_on=born_on, email=email, mobile="", address_line_1=street,
        postcode=place[0], place=place[1],
    )  # fmt: skip


def _three_households(today: date) -> list[Arrival]:
    """The three of the story; Alice's is the one a newcomer logs in as."""
    start = dates.days_after(today, -729)
    here = _PLACES[0]
    alice = [
        person("Alice", "Aas", date(1979, 5, 17), "Elvegata 1", here, f"{MEMBER}@{DOMAIN}"),
        person("Anders", "Aas", date(1977, 2, 1), "Elvegata 1", here, f"anders@{DOMAIN}"),
        person("Astrid", "Aas", date(2012, 2, 29), "Elvegata 1", here, f"{MEMBER}@{DOMAIN}"),
    ]
    bjorn = [
        person("Bjørn", "Berg", date(1968, 8, 9), "Sjøgata 14 B", here, f"bjorn@{DOMAIN}"),
        person("Berit", "Berg", date(1970, 1, 6), "Sjøgata 14 B", here),
    ]
    charlotte = [
        person("Charlotte", "Dahl", date(1985, 11, 23), "Fossveien 3", here, f"charlotte@{DOMAIN}"),
        person("Dina", "Dahl", date(2015, 4, 2), "Fossveien 3", here),
    ]
    return [
        Arrival(on=start, people=alice, type_code="FM", pays_after=4),
        Arrival(on=dates.days_after(start, 20), people=bjorn, type_code="FM", pays_after=20, in_parts=True,
                on_paper=True),
        Arrival(on=dates.days_after(start, 45), people=charlotte, type_code="FM", pays_after=9, stops_paying=True),
    ]  # fmt: skip


def _the_others(today: date, chance: random.Random) -> list[Arrival]:
    """Some forty arrivals spread over two years, the last of them this week."""
    found = []
    for number in range(42):
        on = dates.days_after(today, -725 + number * 17)
        first, last = _FIRST[number % len(_FIRST)], _LAST[(number * 7) % len(_LAST)]
        street, place = f"{chance.choice(_STREETS)} {chance.randint(1, 90)}", chance.choice(_PLACES)
        age, code = chance.choice(((22, "UNG"), (34, "E"), (45, "E"), (51, "E"), (58, "E"), (72, "UTP")))
        born_on = date(on.year - age, chance.randint(1, 12), chance.randint(1, 28))
        email = f"person{number}@{post.WRONG if number == _MISTYPED else DOMAIN}" if chance.random() > 0.1 else ""
        people = [person(first, last, born_on, street, place, email)]
        if chance.random() < 0.25:
            code = "FM"
            people.append(person(chance.choice(_FIRST), last, date(on.year - 9, 6, 1), street, place))
        habit = None if chance.random() < 0.1 or number > 40 else chance.choice((2, 5, 9, 12, 16, 25))
        found.append(Arrival(on=on, people=people, type_code=code, pays_after=habit, on_paper=number % 9 == 4))
    return found


def _newcomer(today: date) -> Arrival:
    """Somebody who chose the family's membership a fortnight ago, lives alone, and pays what one person costs."""
    gunnar = person("Gunnar", "Grøn", date(1990, 9, 2), "Tjernlia 5", _PLACES[0], f"gunnar@{DOMAIN}")
    on = dates.days_after(today, -14)
    return Arrival(on=on, people=[gunnar], type_code="FM", pays_after=None, pays_as="E")
