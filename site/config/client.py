"""Reads a client snippet, `site/clients/<name>/client.toml`, and checks it.

A snippet is one organisation: its names, languages, membership types, fields and look. Unknown keys and impossible
values stop the start with a sentence naming file, key and remedy. Secrets never stand in a snippet, only in the
environment. The meaning of each key is written beside its field below.
"""

import dataclasses
import itertools
import tomllib
import types
import typing
from decimal import Decimal, InvalidOperation
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

from config import client_checks
from config.client_checks import LANGUAGES, Wrong

CLIENTS = Path(__file__).resolve().parent.parent / "clients"


@dataclasses.dataclass(frozen=True, kw_only=True)
class Organisation:
    """Who the organisation is, as printed on pages, messages and invoices."""

    name: str
    legal_name: str = ""
    organisation_number: str = ""
    vat_number: str = ""
    address: str = ""
    postcode: str = ""
    place: str = ""
    county: str = ""
    country: str = "NO"
    phone: str = ""
    email: str
    web: str = ""
    account_number: str = ""
    bic: str = ""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Site:
    """The website: languages, time zone and look."""

    language: str = "nb"
    languages: tuple[str, ...] = LANGUAGES
    timezone: str = "Europe/Oslo"
    first_weekday: int = 1
    public: bool = True
    accent: str = "#1f5f6b"
    accent_dark: str = "#7cc7d3"
    logo: str = ""
    office_second_step: str = "required"  # or "deferred": the office may wait with it, and `check --deploy` reminds
    tagline: dict[str, str] = dataclasses.field(default_factory=dict)
    join_label: dict[str, str] = dataclasses.field(default_factory=dict)  # the button that leads to the joining page


@dataclasses.dataclass(frozen=True, kw_only=True)
class Type:
    """One membership type, as set-up writes it to the register. Afterwards the office owns it."""

    code: str
    name: dict[str, str]
    text: dict[str, str] = dataclasses.field(default_factory=dict)
    kind: str = "ordinary"
    price: Decimal = Decimal(0)
    frequency: str = "yearly"
    period: str = "calendar_year"
    notice_days: int = 10
    given_at_signup: bool = False
    converts_to: str = ""
    selectable: bool = False
    for_organisations: bool = False
    seats: int = 0  # how many people an organisation of this type may give a seat
    votes: bool = True
    vat_percent: Decimal = Decimal(0)
    branch_percent: Decimal = Decimal(0)
    age_from: int | None = None
    age_to: int | None = None
    ages_into: str = ""
    late_from: str = ""
    late_factor: Decimal | None = None
    late_price: Decimal | None = None
    late_runs_to_next_year: bool = False


@dataclasses.dataclass(frozen=True, kw_only=True)
class Membership:
    """How people join, stay and leave."""

    recipe: str = "association"
    dues: bool = True
    trial_days: int = 30
    starts: str = "on_application"
    approval: bool = False
    household_joining: bool = True
    organisations_may_join: bool = False
    fields: tuple[str, ...] = (
        "first_names", "last_name", "born_on", "email", "mobile", "address_line_1", "address_line_2",
        "postcode", "place", "country",
    )  # fmt: skip
    required: tuple[str, ...] = ("first_names", "last_name", "born_on", "email", "address_line_1", "postcode", "place")
    nomail_domain: str = ""
    secret_word: str = ""  # told to those who may join, on paper or at the door; asked for on the joining form
    leaving: str = "at_once"
    branches: bool = False  # local branches: a list, a filter, officers who see their own
    recruiters: bool = False  # the joining form asks who recruited
    campaigns: bool = False  # campaign codes on the joining form
    gap_days: int = 0  # who comes back within so many days is "member since" as before
    types: tuple[Type, ...] = ()


@dataclasses.dataclass(frozen=True, kw_only=True)
class Housing:
    """A housing co-op's addresses; units and ownerships come with the housing recipe."""

    unit_addresses: tuple[str, ...] = ()


@dataclasses.dataclass(frozen=True, kw_only=True)
class Kid:
    """The bank account's rule for the number on a payment."""

    length: int = 15
    modulus: int = 10


@dataclasses.dataclass(frozen=True, kw_only=True)
class Account:
    """One more bank account than the organisation's own, with the bank's rule for its KIDs."""

    number: str
    name: str = ""
    kid: Kid = dataclasses.field(default_factory=Kid)


@dataclasses.dataclass(frozen=True, kw_only=True)
class Invoicing:
    """How dues are invoiced."""

    locale: str = "nb_NO"
    currency: str = "NOK"
    date_format: str = "Y-m-d"
    vat_percent: Decimal = Decimal(0)
    due_days: int = 14
    renewal_opens: str = "01-02"
    kid: Kid = dataclasses.field(default_factory=Kid)
    accounts: tuple[Account, ...] = ()  # beside the organisation's own, for those who choose one on a run or an invoice
    template: str = "standard"
    started_by: str = "night"  # or "treasurer": what costs money is renewed only when the treasurer invoices the year
    price_reasons: bool = False  # why a line costs what it does is printed, where it is not just the type's price
    sms: bool = False  # payers without e-mail get an SMS ($$$), where their mobile number allows
    letter_price: Decimal = Decimal(0)  # what paper, envelope and postage cost; 0: not known


@dataclasses.dataclass(frozen=True, kw_only=True)
class Step:
    """One reminder: after so many days (see `Reminders.counted_from`), with or without fee, by this channel."""

    after_days: int
    fee: bool = False
    channel: str = "email"


@dataclasses.dataclass(frozen=True, kw_only=True)
class Reminders:
    """What happens to those who do not pay."""

    steps: tuple[Step, ...] = (Step(after_days=14), Step(after_days=28))
    counted_from: str = "due_date"  # or "previous": each step's days begin with the reminder before it
    automatic: bool = False  # the night sends them by itself; else the treasurer is told that they are due
    fee_amount: Decimal = Decimal(0)  # 0: as much as is lawful on the day; never more than that
    stale_bank_days: int = 3  # no reminders while what we know of the bank is older
    lapse_after_days: int = 14  # from the last reminder until the membership ends
    snooze_days: int = 30  # a member may put off paying an invoice once, by so many days at most; 0: not at all
    instalments: int = 3  # a member may propose to pay in so many parts at most, a month apart; 0: not at all

    @property
    def days_until(self) -> tuple[int, ...]:
        """Days from the due date to each step, at the earliest."""
        days = [step.after_days for step in self.steps]
        return tuple(itertools.accumulate(days) if self.counted_from == "previous" else days)


@dataclasses.dataclass(frozen=True, kw_only=True)
class Books:
    """The accounts of the journal for the accountant: four digits each, by default those of the Norwegian standard."""

    bank: str = "1920"
    provider: str = "1570"  # money that a payment provider holds until it pays out
    receivables: str = "1500"
    dues: str = "3920"
    other_income: str = "3900"
    vat: str = "2700"
    losses: str = "7830"


@dataclasses.dataclass(frozen=True, kw_only=True)
class Messaging:
    """Who messages come from."""

    sender: str = ""
    reply_to: str = ""
    sms_sender: str = ""
    sms_monthly_cap: int = 0  # parts of SMS a calendar month, each of which is paid for; 0: no limit
    sms_price: Decimal = Decimal(0)  # what a part of an SMS costs; 0: not known
    tracking: bool = False


@dataclasses.dataclass(frozen=True, kw_only=True)
class Retention:
    """How long data are kept, in days: of members after they left; of what else is about people, after it came."""

    after_leaving_days: int = 365
    unpaid_days: int = 180  # who never paid, from the first due date
    refused_application_days: int = 180  # joining forms that the office refused
    letter_days: int = 365  # what visitors write in the contact form
    import_file_days: int = 7  # files brought for an import that nobody said yes to
    import_result_days: int = 30  # what an import did, row by row; so long it can be undone
    list_result_days: int = 365  # with whom something was done from a list
    books_years: int = 5  # buyers and payers in the books, from the end of the year


@dataclasses.dataclass(frozen=True, kw_only=True)
class Client:
    """A whole snippet. `name` is the folder's."""

    name: str
    organisation: Organisation
    site: Site = dataclasses.field(default_factory=Site)
    membership: Membership = dataclasses.field(default_factory=Membership)
    housing: Housing = dataclasses.field(default_factory=Housing)
    invoicing: Invoicing = dataclasses.field(default_factory=Invoicing)
    reminders: Reminders = dataclasses.field(default_factory=Reminders)
    books: Books = dataclasses.field(default_factory=Books)
    messaging: Messaging = dataclasses.field(default_factory=Messaging)
    retention: Retention = dataclasses.field(default_factory=Retention)


def read(name: str, *, folder: Path = CLIENTS) -> Client:
    """Return the client of that name, or stop with a sentence naming file, key and remedy."""
    path = folder / name / "client.toml"
    if not path.is_file():
        known = ", ".join(sorted(p.parent.name for p in folder.glob("*/client.toml")))
        raise ImproperlyConfigured(f"There is no client {name!r}. Set HNM_CLIENT to one of: {known}.")
    place = f"site/clients/{name}/client.toml"
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"), parse_float=Decimal)
        client = _build(Client, {"name": name, **data}, "")
        client_checks.check(client)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ImproperlyConfigured(f"{place} is not valid TOML: {error}. Mend that line and start again.") from None
    except Wrong as wrong:
        raise ImproperlyConfigured(f"{place}: {wrong}") from None
    return client


def _build[T](cls: type[T], data: object, where: str) -> T:
    """Make a dataclass of a TOML table; every wrong key or type is a `Wrong`."""
    if not isinstance(data, dict):
        raise Wrong(where, "write a table here, with one line per key.")
    hints = typing.get_type_hints(cls)
    fields = {field.name: field for field in dataclasses.fields(cls)}  # type: ignore[arg-type]
    for key in data:
        if key not in fields:
            raise Wrong(_join(where, key), f"there is no such key. Use one of: {', '.join(fields)}.")
    for key, field in fields.items():
        if key not in data and field.default is field.default_factory is dataclasses.MISSING:
            raise Wrong(_join(where, key), "is missing. Add it.")
    return cls(**{key: _value(hints[key], value, _join(where, key)) for key, value in data.items()})


def _value(hint: typing.Any, value: object, where: str) -> object:
    """Convert one TOML value to the type of its field."""
    if dataclasses.is_dataclass(hint):
        return _build(typing.cast(type, hint), value, where)
    origin, args = typing.get_origin(hint), typing.get_args(hint)
    if origin is tuple:
        if not isinstance(value, list):
            raise Wrong(where, "write a list in square brackets.")
        return tuple(_value(args[0], item, f"{where}[{number}]") for number, item in enumerate(value, 1))
    if origin is dict:
        if not isinstance(value, dict) or set(value) - set(LANGUAGES):
            raise Wrong(where, 'write one text per language, like {nb = "…", en = "…"}.')
        return {key: _value(str, item, _join(where, key)) for key, item in value.items()}
    if origin in {types.UnionType, typing.Union}:
        return _value(args[0], value, where)
    if hint is Decimal and isinstance(value, int | Decimal | str) and not isinstance(value, bool):
        try:
            return Decimal(value)
        except InvalidOperation:
            raise Wrong(where, f"{value!r} is not an amount. Write digits with a point, like 400 or 400.50.") from None
    if not isinstance(value, hint) or (hint is int and isinstance(value, bool)):
        kinds = {str: 'a text in "quotes"', int: "a whole number", bool: "true or false", Decimal: "an amount"}
        raise Wrong(where, f"is {value!r}. Write {kinds[hint]}.")
    return value


def _join(where: str, key: str) -> str:
    return f"{where}.{key}" if where else key
