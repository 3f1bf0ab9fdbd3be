"""Two years in the life of an association of about sixty, made by the same functions that users' clicks call.

Three households lead the story: Alice Aas pays in good time, Bjørn Berg pays late and in two parts, and Charlotte Dahl
stops paying and is struck off. The others join, pay or forget at random, always the same random.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from django.apps import apps
from django.conf import settings
from django.contrib.auth.models import Group
from django.db import transaction

from config import demo_office, nightly
from config.demo_office import noon
from core import dates, money
from core.models import User
from core.results import Result
from membership import branches, joining, leaving, roles
from membership.consents import ConsentGiven
from membership.members import PersonData
from membership.models import ConsentText, Member, MembershipType

CLIENTS = ("vvnf", "snp")
_CODES = {"snp": {"E": "ORD", "UNG": "ORD", "UTP": "ORD", "FM": "FM1"}}  # what another client calls vvnf's types
PASSWORD = "demo-2026"
DOMAIN = "demo.example"  # log-ins of this domain are refused when DEBUG is off

# (user name, first names, surname, role): what `make run` prints.
LOG_INS = (
    ("redaktor", "Eva", "Engen", roles.EDITORS),
    ("medlemsansvarlig", "Mona", "Moen", roles.MEMBER_ADMINS),
    ("kasserer", "Kåre", "Krogh", roles.TREASURERS),
    ("administrator", "Arne", "Alm", roles.ADMINISTRATORS),
)
MEMBER = "medlem"
_OFFICER = ("lokallag", "Lise", "Lund", roles.BRANCH_OFFICERS)  # where there are branches
_OFFICERS_BRANCH = "TRD"

_FIRST = ("Ingrid", "Jonas", "Sofie", "Ola", "Åse", "Lars", "Marit", "Per", "Solveig", "Øystein", "Hanne", "Ánte",
          "Berit", "Nils", "Guro", "Trygve", "Liv", "Mohammed", "Fatima", "Wei",
          "Ragnhild", "Tor", "Ida", "Emil")  # fmt: skip
_LAST = ("Haugen", "Nygård", "Ødegård", "Sørbø", "Lie", "Strand", "Bakke", "Åsen", "Myhre", "Solberg", "Sara", "Ali",
         "Nguyễn", "Hætta", "Fossum", "Vik")  # fmt: skip
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
    stops_paying: bool = False
    member: Member | None = field(default=None)


def is_there() -> bool:
    """Whether the demo has been made in this database."""
    return User.objects.filter(username=MEMBER).exists()


def log_in_lines() -> list[str]:
    """The demo's log-ins as `make run` prints them."""
    names = [(MEMBER, "member"), *((name, role.removesuffix("s").lower()) for name, _first, _last, role in _log_ins())]
    return [f"  {name:<17} {PASSWORD}   {role}" for name, role in names]


def _log_ins() -> list[tuple[str, str, str, str]]:
    """The office's log-ins of this client."""
    return [*LOG_INS, *([_OFFICER] if branches.are_used() else [])]


def _type_code(code: str) -> str:
    """The client's code of the type that vvnf calls so."""
    return _CODES.get(settings.CLIENT.name, {}).get(code, code)


@transaction.atomic
def build(*, today: date) -> Result:
    """Live two years up to a date, all or nothing. Needs a database that set-up has prepared."""
    result = Result()
    demo_office.make_branches()
    demo_office.make_campaign(today=today)
    chance = random.Random(61)
    arrivals = sorted(_three_households(today) + _the_others(today, chance), key=lambda arrival: arrival.on)
    day = dates.days_after(today, -730)
    waiting = list(arrivals)
    while day <= today:
        while waiting and waiting[0].on <= day:
            _join(waiting.pop(0))
        _remind(day, today)
        for _title, night in nightly.run(on=day, at=noon(day)):
            result.merge(night)
        _pay(arrivals, day)
        day = dates.days_after(day, 7 if dates.days_after(day, 7) <= today or day == today else (today - day).days)
    _some_leave(arrivals, today)
    _make_log_ins(arrivals[0].member)
    _let_the_office_work(arrivals, today)
    result.lines.clear()
    result.counts = {"members": Member.objects.count(), **result.counts}
    return result


def _remind(day: date, today: date) -> None:
    """The treasurer looks through the bank and sends what is due; for the last two weeks nobody has come to it."""
    if apps.is_installed("payments") and dates.days_after(day, 14) <= today:
        from payments.from_bank import bank_looks
        from payments.reminders import runs

        bank_looks.looked_through(until=day, at=noon(day), by=None)
        runs.send_due(on=day, at=noon(day))


def _person(first: str, last: str, born_on: date, street: str, place: tuple[str, str], email: str = "") -> PersonData:
    return PersonData(
        first_names=first, last_name=last, born_on=born_on, email=email, mobile="", address_line_1=street,
        postcode=place[0], place=place[1],
    )  # fmt: skip


def _three_households(today: date) -> list[Arrival]:
    """The three of the story; Alice's is the one a newcomer logs in as."""
    start = dates.days_after(today, -729)
    here = _PLACES[0]
    alice = [
        _person("Alice", "Aas", date(1979, 5, 17), "Elvegata 1", here, f"{MEMBER}@{DOMAIN}"),
        _person("Anders", "Aas", date(1977, 2, 1), "Elvegata 1", here, f"anders@{DOMAIN}"),
        _person("Astrid", "Aas", date(2012, 2, 29), "Elvegata 1", here, f"{MEMBER}@{DOMAIN}"),
    ]
    bjorn = [
        _person("Bjørn", "Berg", date(1968, 8, 9), "Sjøgata 14 B", here, f"bjorn@{DOMAIN}"),
        _person("Berit", "Berg", date(1970, 1, 6), "Sjøgata 14 B", here),
    ]
    charlotte = [
        _person("Charlotte", "Dahl", date(1985, 11, 23), "Fossveien 3", here, f"charlotte@{DOMAIN}"),
        _person("Dina", "Dahl", date(2015, 4, 2), "Fossveien 3", here),
    ]
    return [
        Arrival(on=start, people=alice, type_code="FM", pays_after=4),
        Arrival(on=dates.days_after(start, 20), people=bjorn, type_code="FM", pays_after=20, in_parts=True),
        Arrival(on=dates.days_after(start, 45), people=charlotte, type_code="FM", pays_after=9, stops_paying=True),
    ]


def _the_others(today: date, chance: random.Random) -> list[Arrival]:
    """Some forty arrivals spread over two years, the last of them this week."""
    arrivals = []
    for number in range(42):
        on = dates.days_after(today, -725 + number * 17)
        first, last = _FIRST[number % len(_FIRST)], _LAST[(number * 7) % len(_LAST)]
        street, place = f"{chance.choice(_STREETS)} {chance.randint(1, 90)}", chance.choice(_PLACES)
        age, code = chance.choice(((22, "UNG"), (34, "E"), (45, "E"), (51, "E"), (58, "E"), (72, "UTP")))
        born_on = date(on.year - age, chance.randint(1, 12), chance.randint(1, 28))
        email = f"person{number}@{DOMAIN}" if chance.random() > 0.1 else ""
        people = [_person(first, last, born_on, street, place, email)]
        if chance.random() < 0.25:
            code = "FM"
            people.append(_person(chance.choice(_FIRST), last, date(on.year - 9, 6, 1), street, place))
        habit = None if chance.random() < 0.1 or number > 40 else chance.choice((2, 5, 9, 12, 16, 25))
        arrivals.append(Arrival(on=on, people=people, type_code=code, pays_after=habit))
    return arrivals


def _join(arrival: Arrival) -> None:
    newsletter = ConsentText.objects.filter(purpose="newsletter", language="nb").first()
    arrival.member = joining.join(
        people=arrival.people,
        wanted_type=MembershipType.objects.get(code=_type_code(arrival.type_code)),
        on=arrival.on,
        at=noon(arrival.on),
        consents=[ConsentGiven(purpose="newsletter", channel="email", text=newsletter)],
    ).main_member


def _pay(arrivals: Sequence[Arrival], day: date) -> None:
    """Let everybody whose habit says so pay what is open."""
    if not apps.is_installed("payments"):
        return
    from invoicing.models import Invoice

    habits = {arrival.member.pk: arrival for arrival in arrivals if arrival.member}
    for invoice in Invoice.objects.open().filter(issued_on__lte=day).order_by("number"):
        arrival = habits.get(invoice.member_id or 0)
        if arrival is None or arrival.pays_after is None:
            continue
        if arrival.stops_paying and invoice.issued_on > dates.days_after(arrival.on, 200):
            continue
        paid_on = dates.days_after(invoice.issued_on, arrival.pays_after)
        if paid_on <= day:
            _pay_invoice(invoice, arrival, paid_on)


def _pay_invoice(invoice: "object", arrival: Arrival, paid_on: date) -> None:
    from invoicing.models import Invoice
    from payments import intake

    assert isinstance(invoice, Invoice) and arrival.member is not None
    amounts: list[Decimal] = [invoice.open_amount]
    if arrival.in_parts:
        first = money.share(invoice.open_amount, percent=Decimal(50))
        amounts = [first, invoice.open_amount - first]
    for number, amount in enumerate(amounts):
        received_on = dates.days_after(paid_on, number * 3)
        intake.record(
            amount=amount, received_on=received_on, source="ocr", source_reference=f"demo:{invoice.number}:{number}",
            at=noon(received_on), by=None, kid=invoice.kid, payer_name=arrival.member.full_name,
        )  # fmt: skip


def _some_leave(arrivals: Sequence[Arrival], today: date) -> None:
    """One resigned last month, one has died."""
    on = dates.days_after(today, -20)
    active = Member.objects.in_status("active", on=on).in_bulk()
    paid = [a.member for a in arrivals[3:] if a.member and a.member.pk in active and len(a.people) == 1]
    leaving.resign(member=paid[0], on=on, at=noon(on))
    leaving.record_death(member=paid[1], died_on=on, on=today, at=noon(today))


def _make_log_ins(member: Member | None) -> None:
    """The member's, and one for each role."""
    assert member is not None and member.user is not None
    with transaction.atomic():
        member.user.username = MEMBER
        member.user.set_password(PASSWORD)
        member.user.save()
        for username, first, last, role in _log_ins():
            user = User.objects.create_user(
                username, f"{username}@{DOMAIN}", PASSWORD, first_name=first, last_name=last, is_staff=True,
                language=settings.CLIENT.site.language,
            )  # fmt: skip
            user.groups.add(Group.objects.get(name=role))


def _let_the_office_work(arrivals: Sequence[Arrival], today: date) -> None:
    """Let the office do what it does besides, about those who have paid and are still here."""
    here = Member.objects.in_status("active", on=today).in_bulk()
    paying = [a.member for a in arrivals if a.member and a.pays_after and a.member.pk in here and a.member.email]
    by = User.objects.get(username="medlemsansvarlig")
    demo_office.build(paying=[here[member.pk] for member in paying], type_code=_type_code("E"), today=today, by=by)
    if branches.are_used():
        demo_office.look_after(officer=User.objects.get(username=_OFFICER[0]), code=_OFFICERS_BRANCH)
