"""What a client snippet cannot say, though every value has the right type. Each refusal names key and remedy."""

from __future__ import annotations

import dataclasses
import datetime
import typing

from stdnum.exceptions import ValidationError as NumberError
from stdnum.no import kontonr, orgnr

if typing.TYPE_CHECKING:
    from config.client import Client, Kid, Membership, Organisation, Reminders

JOINING_FIELDS = (
    "first_names", "last_name", "born_on", "gender", "email", "mobile", "work_phone",
    "address_line_1", "address_line_2", "postcode", "place", "country",
)  # fmt: skip
KINDS = ("ordinary", "household_main", "household_secondary", "trial", "special", "none")
LANGUAGES = ("nb", "en")
MOST_SEATS = 32767  # what the register can hold


class Wrong(Exception):
    """A value in a snippet that cannot work: (key, what to write instead)."""

    def __init__(self, key: str, remedy: str) -> None:
        super().__init__(f"{key}: {remedy}")


def check(client: Client) -> None:
    """Refuse, as `Wrong`, values that have the right type and still cannot work."""
    _one_of("site.language", client.site.language, client.site.languages)
    for language in client.site.languages:
        _one_of("site.languages", language, LANGUAGES)
    if not 0 <= client.site.first_weekday <= 6:
        raise Wrong("site.first_weekday", "write 0 for Sunday, 1 for Monday, up to 6.")
    _one_of("site.office_second_step", client.site.office_second_step, ("required", "deferred"))
    for key in ("accent", "accent_dark"):
        value = getattr(client.site, key)
        if len(value) != 7 or value[0] != "#" or not all(c in "0123456789abcdefABCDEF" for c in value[1:]):
            raise Wrong(f"site.{key}", f"{value!r} is not a colour. Write it like #1f5f6b.")
    _check_organisation(client.organisation)
    _check_membership(client.membership)
    _month_and_day("invoicing.renewal_opens", client.invoicing.renewal_opens)
    _one_of("invoicing.started_by", client.invoicing.started_by, ("night", "treasurer"))
    _one_of("invoicing.template", client.invoicing.template, ("standard", "plain"))
    _check_accounts(client)
    _check_reminders(client.reminders)
    for field in dataclasses.fields(client.retention):
        if field.name != "after_leaving_days" and getattr(client.retention, field.name) < 1:
            raise Wrong(f"retention.{field.name}", "write 1 or more.")
    for key, account in dataclasses.asdict(client.books).items():
        if len(account) != 4 or not (account.isascii() and account.isdigit()):
            raise Wrong(f"books.{key}", f'{account!r} is no account. Write its four digits, like "1920".')


def _check_kid(where: str, kid: Kid) -> None:
    _one_of(f"{where}.modulus", kid.modulus, (10, 11))
    if not 3 <= kid.length <= 25:
        raise Wrong(f"{where}.length", "a KID has 2 to 25 characters; write 3 to 25.")


def _check_accounts(client: Client) -> None:
    """Each account once, with a rule that a bank may have; and the organisation's own before any other."""
    _check_kid("invoicing.kid", client.invoicing.kid)
    own = client.organisation.account_number
    seen = {kontonr.compact(own)} if own else set()
    for number, account in enumerate(client.invoicing.accounts, 1):
        where = f"invoicing.accounts[{number}]"
        _check_account(f"{where}.number", account.number)
        _check_kid(f"{where}.kid", account.kid)
        if not own:
            raise Wrong(where, "write the organisation's own account as account_number under [organisation] first.")
        if kontonr.compact(account.number) in seen:
            raise Wrong(f"{where}.number", f"{account.number!r} is written twice. Write each account once.")
        seen.add(kontonr.compact(account.number))


def _check_account(where: str, account: str) -> None:
    try:
        if not kontonr.validate(account) or not int(kontonr.compact(account)):
            raise NumberError
    except NumberError:
        raise Wrong(where, f"{account!r} is not valid. Check the eleven digits.") from None


def _check_reminders(reminders: Reminders) -> None:
    """The schedule must go forward, and its fees must be lawful: at most two, none before 14 days after the due date
    (inkassoforskriften § 1-2)."""
    _one_of("reminders.counted_from", reminders.counted_from, ("due_date", "previous"))
    before = 0
    for number, (step, days) in enumerate(zip(reminders.steps, reminders.days_until, strict=True), 1):
        where = f"reminders.steps[{number}]"
        _one_of(f"{where}.channel", step.channel, ("email", "sms", "letter"))
        if days <= before:
            raise Wrong(f"{where}.after_days", "write more days than for the step before, and at least 1.")
        if step.fee and days < 14:
            raise Wrong(
                f"{where}.fee", "a fee is lawful from 14 days after the due date. Take it away, or wait longer."
            )
        before = days
    if sum(step.fee for step in reminders.steps) > 2:
        raise Wrong("reminders.steps", "a fee is lawful for two reminders at most. Take it away from the others.")
    if reminders.fee_amount < 0:
        raise Wrong("reminders.fee_amount", "a fee cannot be negative. Write 0 for as much as is lawful.")
    for key, least in (("stale_bank_days", 1), ("lapse_after_days", 1), ("snooze_days", 0), ("instalments", 0)):
        if getattr(reminders, key) < least:
            raise Wrong(f"reminders.{key}", f"write {least} or more.")
    if reminders.instalments == 1:
        raise Wrong("reminders.instalments", "one part is no plan. Write 2 or more, or 0 for none.")


def _check_organisation(organisation: Organisation) -> None:
    number, account = organisation.organisation_number, organisation.account_number
    try:
        if number and (not orgnr.validate(number) or not int(orgnr.compact(number))):
            raise NumberError
    except NumberError:
        raise Wrong("organisation.organisation_number", f"{number!r} is not valid. Check the nine digits.") from None
    if account:
        _check_account("organisation.account_number", account)


def _check_membership(membership: Membership) -> None:
    _one_of("membership.recipe", membership.recipe, ("association", "party", "housing"))
    _one_of("membership.starts", membership.starts, ("on_application", "on_payment"))
    _one_of("membership.leaving", membership.leaving, ("at_once", "period_end"))
    for key in ("fields", "required"):
        for field in getattr(membership, key):
            _one_of(f"membership.{key}", field, JOINING_FIELDS)
    for field in membership.required:
        _one_of("membership.required", field, membership.fields)
    if membership.trial_days < 1:
        raise Wrong("membership.trial_days", "write 1 or more.")
    codes = [type_.code for type_ in membership.types]
    for number, type_ in enumerate(membership.types, 1):
        where = f"membership.types[{number}]"
        if codes.count(type_.code) > 1:
            raise Wrong(f"{where}.code", f"{type_.code!r} is used twice. Give each type its own code.")
        _one_of(f"{where}.kind", type_.kind, KINDS)
        _one_of(f"{where}.frequency", type_.frequency, ("yearly", "never", "permanent"))
        _one_of(f"{where}.period", type_.period, ("calendar_year", "rolling_year"))
        if type_.price < 0:
            raise Wrong(f"{where}.price", "a price cannot be negative. Write 0 or more.")
        if not 0 <= type_.seats <= MOST_SEATS:
            raise Wrong(f"{where}.seats", f"write 0 to {MOST_SEATS}.")
        if type_.seats and not type_.for_organisations:
            raise Wrong(f"{where}.seats", "only organisations have seats. Add for_organisations = true, or write 0.")
        for key in ("converts_to", "ages_into"):
            if getattr(type_, key):
                _one_of(f"{where}.{key}", getattr(type_, key), tuple(codes))
        if type_.late_from:
            _month_and_day(f"{where}.late_from", type_.late_from)


def _one_of(where: str, value: object, allowed: typing.Collection[object]) -> None:
    if value not in allowed:
        raise Wrong(where, f"{value!r} is not possible. Use one of: {', '.join(map(str, allowed))}.")


def _month_and_day(where: str, value: str) -> None:
    try:
        datetime.date.fromisoformat(f"2027-{value}")
    except ValueError:
        raise Wrong(where, f"{value!r} is not a day of every year. Write month and day, like 01-02.") from None
