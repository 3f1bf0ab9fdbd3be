"""Plain functions that make what a test needs, through the same story functions as every other door."""

import datetime
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from itertools import count
from typing import Any

from django.conf import settings

from core.models import User
from membership import joining, members, set_up
from membership.members import PersonData
from membership.models import Member, MembershipType

TODAY = date(2026, 3, 10)
NOW = datetime.datetime(2026, 3, 10, 9, 30, tzinfo=datetime.UTC)
_numbers = count(1)


def at_noon(on: date) -> datetime.datetime:
    """A moment on that day."""
    return datetime.datetime(on.year, on.month, on.day, 11, tzinfo=datetime.UTC)


def set_up_client() -> None:
    """Apply the client snippet: roles, the seven types, consent texts."""
    set_up.set_up(client=settings.CLIENT, at=NOW)


def make_type(code: str) -> MembershipType:
    """One of the client's types; set-up is done when it has not been."""
    if not MembershipType.objects.exists():
        set_up_client()
    return MembershipType.objects.get(code=code)


def person(first_names: str = "Alice", last_name: str = "Ås", **data: Any) -> PersonData:
    """A person as a form gives it."""
    return PersonData(
        **{
            "first_names": first_names,
            "last_name": last_name,
            "born_on": date(1980, 5, 17),
            "email": f"{first_names.split()[0].lower()}@example.no",
            "address_line_1": "Fjordgata 1",
            "postcode": "7010",
            "place": "Trondheim",
            **data,
        }
    )


def make_non_member(first_names: str = "Nina", last_name: str = "Nei", **data: Any) -> Member:
    """Somebody in the registry without any period."""
    return members.create(data=person(first_names, last_name, **data), on=TODAY)


def make_member(
    first_names: str = "Alice", last_name: str = "Ås", *, type_code: str = "E", on: date = TODAY, paid: bool = True,
    trial: bool = False, **data: Any,
) -> Member:  # fmt: skip
    """A member with a period from `on`: paid unless told otherwise, without the trial unless told otherwise."""
    joined = joining.join(
        people=[person(first_names, last_name, **data)], wanted_type=make_type(type_code), on=on, at=at_noon(on),
        trial=trial,
    )  # fmt: skip
    if paid:
        _pay(joined, on)
    return joined.main_member


def make_household(
    *names: str, last_name: str = "Berg", on: date = TODAY, paid: bool = True, trial: bool = False
) -> joining.Joined:
    """A family: the first name is the main member."""
    people: Sequence[PersonData] = [person(name, last_name) for name in names or ("Bob", "Berit", "Bo")]
    joined = joining.join(people=people, wanted_type=make_type("FM"), on=on, at=at_noon(on), trial=trial)
    if paid:
        _pay(joined, on)
    return joined


def _pay(joined: joining.Joined, on: date) -> None:
    """Confirm the first term the way money does, where there are invoices; else directly."""
    from membership import periods

    main = joined.periods[0]
    main.refresh_from_db()
    if main.confirmed_on is None:
        periods.confirm(period=main, on=on)


def make_user(role: str = "", *, username: str = "", **data: Any) -> User:
    """A log-in with a role (a group's name), or "admin" for a superuser, or none."""
    from django.contrib.auth.models import Group

    name = username or f"{role.lower().replace(' ', '-') or 'nobody'}-{next(_numbers)}"
    user = User.objects.create_user(name, f"{name}@example.org", "correct horse battery", **data)
    if role == "admin":
        user.is_superuser = user.is_staff = True
        user.save()
    elif role:
        user.groups.add(Group.objects.get_or_create(name=role)[0])
    return user


def kroner(text: str) -> Decimal:
    """Money in tests: `kroner("600")`."""
    return Decimal(text).quantize(Decimal("0.01"))


def make_invoice(first_names: str = "Alice", last_name: str = "Ås", **data: Any) -> Any:
    """The open invoice of a new member who has not paid: 400 kroner for "E" unless `type_code` says otherwise."""
    return invoice_of(make_member(first_names, last_name, paid=False, **data))


def invoice_of(member: Member) -> Any:
    """The newest invoice with a line for this member."""
    from invoicing.models import Invoice

    return Invoice.objects.invoices().filter(lines__period__member=member).latest("number")


def everybody_was_reminded() -> None:
    """Each open invoice has had the last reminder in its time, and the bank is known: who has not paid may be struck.

    Where a test is about something else than reminders.
    """
    from invoicing.models import Invoice
    from payments.models import BankLook, Reminder
    from payments.reminders import schedule

    for invoice in Invoice.objects.open().but_fees().filter(reminders=None):
        sent_on = invoice.due_on + schedule.since_due(schedule.last())
        Reminder.objects.create(invoice=invoice, step=schedule.last(), sent_on=sent_on, channel="spoken",
                                pay_by=schedule.pay_by(schedule.last(), sent_on=sent_on), made_at=NOW,
                                is_by_hand=True)  # fmt: skip
    BankLook.objects.create(until=date(2100, 1, 1), said_at=NOW)
