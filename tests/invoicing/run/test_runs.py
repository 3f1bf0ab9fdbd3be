"""Invoicing the year: what is shown is what is issued, once each, whatever stops it."""

import dataclasses
import json
import random
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.conf import settings
from django.test import Client

from config import nightly
from core.errors import Refused
from core.models import Counter
from invoicing import ledger_check
from invoicing.models import Invoice, InvoiceLine, InvoiceRun, PlannedInvoice
from invoicing.run import runs
from membership import duplicates, erasure, leaving
from membership.models import Erasure, Household, Member, MembershipType, Period
from tests.makers import at_noon, make_household, make_member, make_non_member, make_user

pytestmark = pytest.mark.django_db
ON = date(2026, 12, 1)
AT = at_noon(ON)
NEW_YEAR = date(2027, 1, 1)


@pytest.fixture
def kasserer():
    return make_user("admin", first_name="Kåre", last_name="Krogh")


def looked(by=None, begins_by: date = NEW_YEAR) -> InvoiceRun:
    run = runs.start(begins_by=begins_by, on=ON, at=AT, by=by)
    while runs.go_on(run_id=run.pk, on=ON, at=AT):
        pass
    run.refresh_from_db()
    return run


def issued(run: InvoiceRun, by=None) -> InvoiceRun:
    runs.agree(run=run, at=AT, by=by)
    while runs.go_on(run_id=run.pk, on=ON, at=AT):
        pass
    run.refresh_from_db()
    return run


def name_of(line: dict) -> str:
    return Member.objects.get(pk=line["member"]).full_name


def planned_bills(run: InvoiceRun) -> list:
    return sorted(
        (row.payer_id, row.total, sorted((name_of(line), Decimal(line["price"])) for line in row.lines))
        for row in run.rows.filter(total__gt=0)
    )


def issued_bills(run: InvoiceRun) -> list:
    return sorted(
        (invoice.member_id, invoice.total, sorted((line.member_name, line.amount) for line in invoice.lines.all()))
        for invoice in run.invoices.prefetch_related("lines")
    )


# --- what is shown ---------------------------------------------------------------------------------------------------


def test_what_is_shown_is_what_is_issued(kasserer):
    make_member("Alice")
    make_household("Bob", "Berit", "Bo")
    make_member("Carl", type_code="UNG", born_on=date(2000, 5, 1))  # 27 next year
    before = Invoice.objects.count()
    run = looked(kasserer)
    assert (run.state, run.planned, run.planned_total, run.free) == ("ready", 3, 1400, 0)
    assert run.by_type == {"E": [2, "800.00"], "FM": [1, "600.00"], "FM2": [2, "0.00"]}
    assert run.by_way == {"email": 3, "parts": 0}
    assert Invoice.objects.count() == before and Period.objects.filter(starts_on=NEW_YEAR).count() == 0
    shown = planned_bills(run)
    issued(run, kasserer)
    assert (run.state, run.issued, run.issued_total, run.slot) == ("done", 3, 1400, None)
    assert issued_bills(run) == shown
    assert set(run.invoices.values_list("issued_on", "due_on")) == {(ON, date(2026, 12, 15))}
    assert list(ledger_check.problems()) == []


def test_nothing_is_shown_or_issued_before_its_time():
    make_member("Alice")
    assert looked(begins_by=date(2026, 12, 31)).planned == 0


def test_doing_it_again_finds_nothing(kasserer):
    make_member("Alice")
    issued(looked(), kasserer)
    again = looked()
    assert (again.planned, again.free) == (0, 0)
    with pytest.raises(Refused, match="nothing to invoice"):
        runs.agree(run=again, at=AT, by=kasserer)


def test_who_left_meanwhile_is_not_invoiced(kasserer):
    alice, bob = make_member("Alice"), make_member("Bob")
    run = looked()
    leaving.resign(member=alice, on=ON, at=AT)
    issued(run, kasserer)
    assert [payer for payer, _total, _lines in issued_bills(run)] == [bob.pk]
    assert (run.planned, run.issued) == (2, 1)


def test_why_each_price(kasserer):
    alice = make_member("Alice")
    Member.objects.filter(pk=alice.pk).update(special_price=Decimal(150), special_price_until=date(2030, 12, 31))
    [row] = looked().rows.all()
    [line] = row.lines
    assert [(reason["code"], reason["amount"]) for reason in line["reasons"]] == [
        ("base", "400.00"),
        ("own_price", "-250.00"),
    ]


def test_odd_ones_are_pointed_out():
    fine = make_member("Alice")
    nowhere = make_member("Bob", email="", address_line_1="", place="", postcode="")
    unaddressed = make_member("Carl", address_line_1="")
    on_paper = make_member("Dora", email="")
    dead = make_non_member("Eva")
    Member.objects.filter(pk=dead.pk).update(died_on=ON)
    paid_for = make_member("Fritz")
    Member.objects.filter(pk=paid_for.pk).update(payer=dead)
    free = make_member("Gry")
    Member.objects.filter(pk=free.pk).update(special_price=Decimal(0), special_price_until=date(2030, 12, 31))
    twin = make_non_member("Alice")
    duplicates.put_together(one=fine, other=twin, at=AT)
    run = looked()
    found = {row.payer.first_names: (row.total, row.odd.split()) for row in run.rows.select_related("payer")}
    assert found == {
        "Alice": (400, ["double"]), "Bob": (400, ["nowhere"]), "Carl": (400, ["no_address"]),
        "Dora": (400, ["no_email"]), "Eva": (400, ["payer_dead"]), "Gry": (0, ["price_zero"]),
    }  # fmt: skip
    assert run.odd == {code: 1 for _total, codes in found.values() for code in codes}
    assert run.by_way == {"email": 3, "letter": 1, "": 1, "parts": 0}
    assert (run.planned, run.free) == (5, 1)
    assert [row.payer for row in run.rows.odd("nowhere")] == [nowhere]
    assert run.rows.exclude(odd="").count() == 6 and unaddressed.pk and on_paper.pk


def test_a_household_without_a_payer_is_said():
    home = make_household("Bob", "Bo").household
    Household.objects.update(main_member=None)
    Member.objects.filter(household=home).update(born_on=date(2020, 1, 1))
    run = looked()
    assert (run.planned, [text.split(":")[0] for text in run.warnings]) == (0, ["Bob Berg", "Bo Berg"])


# --- one invoice a payer ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("portion", [1, 3, 500])
def test_an_employer_gets_one_invoice_for_all(portion, kasserer, monkeypatch):
    """However the register is cut into portions; the employer's own term and a family are on it too."""
    monkeypatch.setattr(runs, "PORTION", portion)
    employer = make_member("Firma", "AS")
    staff = [make_member(f"Ansatt{number}", "Nilsen") for number in range(6)]
    others = [make_member(f"Annen{number}", "Hansen") for number in range(3)]
    family = make_household("Bob", "Berit")
    Member.objects.filter(pk__in=[*(one.pk for one in staff), family.main_member.pk]).update(payer=employer)
    run = looked()
    assert sorted(run.rows.values_list("people", flat=True)) == [1, 1, 1, 9]
    shown = planned_bills(run)
    issued(run, kasserer)
    assert issued_bills(run) == shown
    big = run.invoices.get(member=employer)
    assert (big.total, big.buyer_name, big.lines.count()) == (3400, "Firma AS", 9)
    assert [one.pk for one in others] == [pk for pk, _total, _lines in shown if pk != employer.pk]


def test_an_employer_of_very_many_gets_one_invoice(kasserer, monkeypatch):
    monkeypatch.setattr("invoicing.invoices._AT_ONCE", 4)
    employer = make_non_member("Firma", "AS")
    for number in range(11):
        member = make_member(f"Ansatt{number}")
        Member.objects.filter(pk=member.pk).update(payer=employer if number % 3 else None)
    run = issued(looked(), kasserer)
    assert sorted(run.invoices.values_list("total", flat=True)) == [400] * 4 + [2800]


@pytest.mark.parametrize("seed", range(6))
def test_any_register_is_issued_as_shown(seed, kasserer, monkeypatch):
    """Households, payers of payers, own prices, free ones and children who age out, cut into portions anyhow."""
    dice = random.Random(seed)
    monkeypatch.setattr(runs, "PORTION", dice.choice([1, 2, 5, 500]))
    people = []
    for number in range(8):
        if dice.random() < 0.3:
            joined = make_household(*[f"H{number}x{n}" for n in range(dice.randint(1, 4))])
            people += joined.members
        else:
            type_code, born_in = dice.choice([("E", 1980), ("UTP", 1950), ("UNG", 2000), ("UNG", 2005)])
            people.append(make_member(f"M{number}", type_code=type_code, born_on=date(born_in, 3, 1)))
    for member in people:
        if dice.random() < 0.4:
            member.payer = dice.choice(people)
        if dice.random() < 0.2:
            member.special_price, member.special_price_until = Decimal(dice.choice([0, 99])), date(2031, 1, 1)
        if dice.random() < 0.1:
            member.email = ""
        member.save()
    run = looked()
    shown = planned_bills(run)
    issued(run, kasserer)
    assert issued_bills(run) == shown
    assert (run.issued, run.issued_total, run.warnings) == (run.planned, run.planned_total, [])
    assert list(ledger_check.problems()) == []


def test_reasons_are_printed_where_the_client_wants_them(kasserer, monkeypatch):
    client = settings.CLIENT
    wanted = dataclasses.replace(client.invoicing, price_reasons=True)
    monkeypatch.setattr(settings, "CLIENT", dataclasses.replace(client, invoicing=wanted))
    for name, price in (("Alice", None), ("Bob", Decimal(100))):
        member = make_member(name)
        Member.objects.filter(pk=member.pk).update(
            special_price=price, special_price_until=date(2030, 12, 31), language="en"
        )
    run = issued(looked(), kasserer)
    notes = InvoiceLine.objects.filter(invoice__run=run).order_by("member_name").values_list("member_name", "note")
    assert list(notes) == [("Alice Ås", ""), ("Bob Ås", "Agreed own price instead of kr\u00a0400")]


# --- one at a time, paused, stopped ----------------------------------------------------------------------------------


def test_two_runs_at_once_the_second_is_told_by_whom(kasserer):
    make_member("Alice")
    first, second = looked(), looked()
    runs.agree(run=first, at=AT, by=kasserer)
    with pytest.raises(Refused, match="Kåre Krogh began another run at"):
        runs.agree(run=second, at=AT, by=make_user("admin"))
    second.refresh_from_db()
    assert (second.state, second.slot) == ("ready", None)
    with pytest.raises(Refused, match="in progress"):
        runs.agree(run=first, at=AT, by=kasserer)


def test_paused_it_waits_and_resumed_it_goes_on(kasserer, monkeypatch):
    monkeypatch.setattr(runs, "PORTION", 1)
    for name in ("Alice", "Bob", "Carl"):
        make_member(name)
    run = looked()
    runs.agree(run=run, at=AT, by=kasserer)
    assert runs.go_on(run_id=run.pk, on=ON, at=AT)
    assert (runs.pause(run=run, at=AT, by=kasserer), runs.pause(run=run, at=AT, by=kasserer)) == (True, False)
    assert runs.go_on(run_id=run.pk, on=ON, at=AT) is False
    run.refresh_from_db()
    assert (run.state, run.issued, run.slot) == ("paused", 1, 1)
    assert not InvoiceRun.objects.forgotten(at=AT + timedelta(days=1)).exists()
    assert runs.resume(run=run, at=AT, by=kasserer) and not runs.resume(run=run, at=AT, by=kasserer)
    while runs.go_on(run_id=run.pk, on=ON, at=AT):
        pass
    run.refresh_from_db()
    assert (run.state, run.issued, run.invoices.count()) == ("done", 3, 3)


def test_stopped_for_good_what_is_issued_stays(kasserer, monkeypatch):
    monkeypatch.setattr(runs, "PORTION", 1)
    make_member("Alice"), make_member("Bob")
    run = looked()
    runs.agree(run=run, at=AT, by=kasserer)
    runs.go_on(run_id=run.pk, on=ON, at=AT)
    assert runs.cancel(run=run, at=AT, by=kasserer) and not runs.cancel(run=run, at=AT, by=kasserer)
    assert runs.go_on(run_id=run.pk, on=ON, at=AT) is False
    rest = issued(looked(), kasserer)
    assert (run.invoices.count(), rest.invoices.count()) == (1, 1)


def test_one_who_cannot_be_renewed_does_not_hold_up_the_others(kasserer, monkeypatch):
    members = [make_member(name) for name in ("Alice", "Bob", "Carl")]
    run = looked()
    from membership import periods

    refuse = periods._refuse_overlaps

    def picky(terms, earlier):
        if any(term.member == members[1] for term in terms):
            raise Refused("Bob has a term in the way.", code="overlap")
        refuse(terms, earlier)

    monkeypatch.setattr(periods, "_refuse_overlaps", picky)
    issued(run, kasserer)
    assert (run.state, run.issued, run.warnings) == ("done", 2, ["Bob has a term in the way."])
    assert [payer for payer, _total, _lines in issued_bills(run)] == [members[0].pk, members[2].pk]
    assert run.issued == run.invoices.count() and list(ledger_check.problems()) == []


def test_too_few_kids_are_said_before(kasserer):
    make_member("Alice")
    Counter.objects.filter(name="kid").update(value=9_999_999)
    with pytest.raises(Refused, match="The KIDs would run out: 0 are left"):
        runs.agree(run=looked(), at=AT, by=kasserer)


def test_a_day_too_far_away_is_refused():
    with pytest.raises(Refused, match="more than a year"):
        runs.start(begins_by=date(2028, 1, 1), on=ON, at=AT, by=None)


def test_no_account_no_run(monkeypatch):
    client = settings.CLIENT
    poor = dataclasses.replace(client, organisation=dataclasses.replace(client.organisation, account_number=""))
    monkeypatch.setattr(settings, "CLIENT", poor)
    with pytest.raises(Refused, match="no bank account"):
        runs.start(begins_by=ON, on=ON, at=AT, by=None)


# --- erased meanwhile ------------------------------------------------------------------------------------------------


def test_who_is_erased_is_in_no_plan_and_no_warning(kasserer):
    home = make_household("Bob", "Berit", "Bo")
    stuck = make_household("Carl", "Cara").household
    Household.objects.filter(pk=stuck.pk).update(main_member=None)
    Member.objects.filter(household=stuck).update(born_on=date(2020, 1, 1))
    run = looked()
    kept = f"Bo Bergersen: {run.warnings[1]}"
    InvoiceRun.objects.update(warnings=[*run.warnings, kept], state="paused", slot=1)
    berit, bo = home.members[1:]
    carl = Member.objects.get(first_names="Carl")
    erasure.erase(members=[(member, Erasure.Rule.ASKED) for member in (berit, bo, carl)], at=AT)
    run.refresh_from_db()
    assert [text.split(":")[0] for text in run.warnings] == ["Cara Berg", "Bo Bergersen"]
    [row] = run.rows.all()
    assert "Berit" not in json.dumps(row.lines) and row.payer == home.main_member
    client = Client()
    client.force_login(kasserer)
    page = client.get(f"/admin/treasury/runs/{run.pk}/rows/").content.decode()
    assert ("Bob Berg: FM" in page, "…: FM2" in page, "Berit" in page) == (True, True, False)


# --- and the night ---------------------------------------------------------------------------------------------------


def night(on: date) -> tuple[int, list[str]]:
    before = Invoice.objects.count()
    warnings = [text for _title, result in nightly.run(on=on, at=at_noon(on)) for text in result.warnings]
    return Invoice.objects.count() - before, [text for text in warnings if "renewal" in text]


def test_the_night_waits_for_a_run_that_is_paused(kasserer, monkeypatch):
    make_member("Alice"), make_member("Bob")
    run = looked()
    runs.agree(run=run, at=AT, by=kasserer)
    runs.pause(run=run, at=AT, by=kasserer)
    assert night(date(2027, 1, 2)) == (0, ["The renewal waits for the invoice run that Kåre Krogh has begun."])
    runs.cancel(run=run, at=AT, by=kasserer)
    assert night(date(2027, 1, 2)) == (2, [])


def test_where_the_treasurer_starts_it_the_night_renews_only_what_is_free(kasserer, monkeypatch):
    client = settings.CLIENT
    by_hand = dataclasses.replace(client.invoicing, started_by="treasurer")
    monkeypatch.setattr(settings, "CLIENT", dataclasses.replace(client, invoicing=by_hand))
    make_member("Alice")
    make_household("Bob", "Berit")
    free = make_member("Gry", type_code="UTP")
    MembershipType.objects.filter(code="UTP").update(price=0)
    assert night(date(2027, 1, 2)) == (0, [])
    assert list(Period.objects.filter(starts_on=NEW_YEAR).values_list("member", flat=True)) == [free.pk]
    run = looked()
    assert (run.planned, run.planned_total) == (2, 1000)


def test_plans_are_forgotten_after_a_month(kasserer):
    make_member("Alice")
    run, other = issued(looked(), kasserer), looked()
    assert not runs.forget_plans(at=AT + timedelta(days=29)).changed
    assert runs.forget_plans(at=AT + timedelta(days=31)).counts == {"planned invoices forgotten": 1}
    run.refresh_from_db(), other.refresh_from_db()
    assert (run.state, other.state, PlannedInvoice.objects.count(), run.invoices.count()) == ("done", "cancelled", 0, 1)
