"""Client snippets: the three of the repository are read, and every wrong one is answered with file, key and remedy."""

from decimal import Decimal
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from config import client
from membership import set_up

GOOD = """
[organisation]
name = "Prøve"
email = "post@prove.example"

[[membership.types]]
code = "NUL"
name = {nb = "Ikke-medlem"}
kind = "none"
"""


def reminders(lines: str) -> tuple[str, str]:
    """The change of GOOD that adds a table of reminders."""
    return "[[membership.types]]", f"[reminders]\n{lines}\n[[membership.types]]"


def read(tmp_path: Path, text: str) -> client.Client:
    (tmp_path / "prove").mkdir()
    (tmp_path / "prove" / "client.toml").write_text(text, encoding="utf-8")
    return client.read("prove", folder=tmp_path)


def test_the_seven_types_of_vvnf_are_those_of_the_register() -> None:
    rows = [
        (t.code, t.name["nb"], t.price, t.frequency, t.notice_days, t.given_at_signup, t.converts_to, t.selectable)
        for t in client.read("vvnf").membership.types
    ]
    assert rows == [
        ("E", "Enslig (ordinært medlemskap)", 400, "yearly", 10, False, "NUL", True),
        ("FM", "Familiemedlemskap (primærmedlem)", 600, "yearly", 10, False, "NUL", True),
        ("FM2", "Familie, sekundær (faktureres ikke)", 0, "never", 10, False, "NUL", False),
        ("UNG", "Under 27 år", 150, "yearly", 10, False, "NUL", True),
        ("UTP", "Ufør, pensjonist", 300, "yearly", 10, False, "NUL", True),
        ("PR", "Prøvemedlem", 400, "yearly", 10, True, "NUL", False),
        ("NUL", "Ikke-medlem", 0, "never", 10, False, "NUL", False),
    ]


def test_everybody_votes_but_the_non_member() -> None:
    types = [set_up.type_from(wanted) for wanted in client.read("vvnf").membership.types]
    assert [type_.code for type_ in types if not type_.has_vote] == ["NUL"]


def test_other_clients_have_their_own_ways() -> None:
    assert "mobile" in client.read("snp").membership.required
    assert not client.read("gronland61").membership.dues
    assert len(client.read("gronland61").housing.unit_addresses) == 4


def test_what_is_left_out_has_a_default(tmp_path: Path) -> None:
    prove = read(tmp_path, GOOD)
    assert (prove.membership.trial_days, prove.invoicing.due_days, prove.site.language) == (30, 14, "nb")
    assert prove.membership.types[0].price == Decimal(0)


def accounts(row: str, own: str = "8601.11.17947") -> tuple[str, str]:
    """What to replace in the snippet for another bank account beside the organisation's own."""
    return "[organisation]", f'[invoicing]\naccounts = [{row}]\n[organisation]\naccount_number = "{own}"'


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            ("[organisation]", "[organisation]\ncolour = 1"),
            "organisation.colour: there is no such key. Use one of: name",
        ),
        (('name = "Prøve"', ""), "organisation.name: is missing. Add it."),
        (('name = "Prøve"', "name = 3"), 'organisation.name: is 3. Write a text in "quotes".'),
        (('name = "Prøve"', 'name = "Prøve"\norganisation_number = "988077918"'), "Check the nine digits."),
        (('name = "Prøve"', 'name = "Prøve"\norganisation_number = "000000000"'), "Check the nine digits."),
        (('name = "Prøve"', 'name = "Prøve"\naccount_number = "8601.11.17949"'), "Check the eleven digits."),
        (('kind = "none"', 'kind = "guest"'), "membership.types[1].kind: 'guest' is not possible."),
        (('kind = "none"', 'kind = "none"\nprice = -1'), "a price cannot be negative"),
        (('kind = "none"', 'kind = "none"\nseats = -1'), "membership.types[1].seats: write 0 to 32767."),
        (('kind = "none"', 'kind = "none"\nfor_organisations = true\nseats = 40000'), "seats: write 0 to 32767."),
        (('kind = "none"', 'kind = "none"\nseats = 3'), "only organisations have seats"),
        (('kind = "none"', 'kind = "none"\nprice = true'), "is True. Write an amount."),
        (('kind = "none"', 'kind = "none"\nconverts_to = "X"'), "'X' is not possible. Use one of: NUL."),
        (('kind = "none"', 'kind = "none"\nlate_from = "02-30"'), "Write month and day, like 01-02."),
        (('{nb = "Ikke-medlem"}', '{se = "Ii miellahttu"}'), 'write one text per language, like {nb = "…", en = "…"}'),
        (
            ("[[membership.types]]", "[membership]\ntrial_days = 0\n[[membership.types]]"),
            "trial_days: write 1 or more.",
        ),
        (("[[membership.types]]", '[membership]\nrequired = ["shoe"]\n[[membership.types]]'), "'shoe' is not possible"),
        (("[organisation]", '[site]\naccent = "red"\n[organisation]'), "'red' is not a colour"),
        (("[organisation]", "[site]\nfirst_weekday = 9\n[organisation]"), "write 0 for Sunday"),
        (("[organisation]", "[invoicing]\nkid = {modulus = 9}\n[organisation]"), "Use one of: 10, 11."),
        (accounts('{number = "15031234563"}'), "invoicing.accounts[1].number: '15031234563' is not valid."),
        (accounts('{name = "Courses"}'), "invoicing.accounts[1].number: is missing. Add it."),
        (accounts('{number = "15031234562", kid = {length = 2}}'), "invoicing.accounts[1].kid.length: a KID has"),
        (accounts('{number = "15031234562", kid = {modulus = 9}}'), "Use one of: 10, 11."),
        (accounts('{number = "8601 11 17947"}'), "'8601 11 17947' is written twice. Write each account once."),
        (accounts('{number = "15031234562"}', own=""), "write the organisation's own account as account_number"),
        (("[organisation]", "[organisation"), "is not valid TOML"),
        (reminders("steps = [{after_days = 14}, {after_days = 14}]"), "steps[2].after_days: write more days than for"),
        (reminders("steps = [{after_days = 0}]"), "steps[1].after_days: write more days"),
        (reminders('counted_from = "previous"\nsteps = [{after_days = 7}, {after_days = 0}]'), "steps[2].after_days"),
        (reminders("steps = [{after_days = 13, fee = true}]"), "steps[1].fee: a fee is lawful from 14 days"),
        (
            reminders("steps = [{after_days=14,fee=true},{after_days=20,fee=true},{after_days=30,fee=true}]"),
            "reminders.steps: a fee is lawful for two reminders at most",
        ),
        (reminders('steps = [{after_days = 14, channel = "pigeon"}]'), "'pigeon' is not possible"),
        (reminders('counted_from = "birth"'), "Use one of: due_date, previous."),
        (reminders("fee_amount = -1"), "reminders.fee_amount: a fee cannot be negative"),
        (reminders("stale_bank_days = 0"), "reminders.stale_bank_days: write 1 or more."),
        (reminders("snooze_days = -1"), "reminders.snooze_days: write 0 or more."),
        (reminders("instalments = 1"), "reminders.instalments: one part is no plan."),
    ],
)
def test_a_wrong_snippet_is_answered_with_file_key_and_remedy(
    tmp_path: Path, change: tuple[str, str], message: str
) -> None:
    with pytest.raises(ImproperlyConfigured) as refusal:
        read(tmp_path, GOOD.replace(*change))
    assert "site/clients/prove/client.toml" in str(refusal.value)
    assert message in str(refusal.value)


def test_the_seats_of_a_type_for_organisations_reach_the_register(tmp_path: Path) -> None:
    snippet = read(tmp_path, GOOD.replace('kind = "none"', 'kind = "ordinary"\nfor_organisations = true\nseats = 5'))
    [wanted] = snippet.membership.types
    assert (wanted.seats, set_up.type_from(wanted).seats) == (5, 5)


def test_a_schedule_may_count_from_the_reminder_before(tmp_path: Path) -> None:
    lines = 'counted_from = "previous"\nsteps = [{after_days = 14, fee = true}, {after_days = 7, channel = "sms"}]'
    made = read(tmp_path, GOOD.replace(*reminders(lines))).reminders
    assert (made.days_until, [step.channel for step in made.steps]) == ((14, 21), ["email", "sms"])


def test_accounts_come_with_their_rules(tmp_path: Path) -> None:
    change = accounts('{number = "1503.12.34562", name = "Courses", kid = {length = 11, modulus = 11}}')
    [one] = read(tmp_path, GOOD.replace(*change)).invoicing.accounts
    assert (one.number, one.name, one.kid.length, one.kid.modulus) == ("1503.12.34562", "Courses", 11, 11)


def test_an_unknown_client_names_those_there_are() -> None:
    with pytest.raises(ImproperlyConfigured, match="Set HNM_CLIENT to one of: gronland61, snp, vvnf"):
        client.read("nobody")
