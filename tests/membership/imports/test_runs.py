"""On the way: portions, killed workers, all or nothing, what is remembered for how long, and who may see what."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.contrib.auth.models import Permission
from django.core.files.storage import storages

from core.errors import Refused
from core.exports import csv_lines
from membership import members
from membership.imports import applying, cells, columns, results, runs
from membership.models import ImportRow, ImportRun, Member, Period
from membership.phones import to_e164
from messaging.signals import swept
from tests.makers import NOW, TODAY, at_noon, make_member, make_non_member, make_user, set_up_client
from tests.membership.imports.makers import FAMILY, HEAD, carried_out, imported, looked_at, rows, undone, uploaded

pytestmark = pytest.mark.django_db

MANY = "last_name,first_name,member_no,regtype\n" + "".join(f"Ås,Per {n},{n},E\n" for n in range(1, 8))


@pytest.fixture(autouse=True)
def _client() -> None:
    set_up_client()


def go_on(run, portion: int = 3) -> bool:  # type: ignore[no-untyped-def]
    return runs.go_on(run_id=run.pk, on=TODAY, at=at_noon(TODAY), portion=portion)


def test_a_run_in_portions_ends_like_a_run_at_once() -> None:
    run = uploaded(MANY, types="")
    runs.look(run=run, at=at_noon(TODAY))
    assert [go_on(run), go_on(run), go_on(run)] == [True, True, False]
    assert [row.line for row in rows(run)] == [2, 3, 4, 5, 6, 7, 8]
    runs.agree(run=run, at=at_noon(TODAY))
    assert [go_on(run), go_on(run), go_on(run)] == [True, True, False]
    run.refresh_from_db()
    assert (run.state, run.counts["create"], Period.objects.count()) == ("done", 7, 7)
    assert not go_on(run)


def test_a_worker_killed_in_the_middle_of_a_portion_leaves_nothing_half_done(monkeypatch: pytest.MonkeyPatch) -> None:
    run = looked_at(HEAD + FAMILY)
    runs.agree(run=run, at=at_noon(TODAY))
    with monkeypatch.context() as patched:
        patched.setattr(applying.periods, "open_periods", lambda **_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            go_on(run)
    assert (Member.objects.count(), run.rows.filter(is_waiting=True).count()) == (0, 3)
    assert list(ImportRun.objects.forgotten(at=at_noon(TODAY) + timedelta(minutes=5))) == []
    assert list(ImportRun.objects.forgotten(at=at_noon(TODAY) + timedelta(minutes=7))) == [run]
    run = runs.finish(run=run, on=TODAY, at=at_noon(TODAY))
    assert (run.state, Member.objects.count()) == ("done", 3)


def test_a_forgotten_run_is_rung_for() -> None:
    run = uploaded(MANY, types="")
    runs.look(run=run, at=at_noon(TODAY))
    swept.send(sender=None, at=at_noon(TODAY) + timedelta(minutes=7))
    run.refresh_from_db()
    assert run.state == "ready"


def test_a_household_is_never_divided_among_portions() -> None:
    people = "".join(f"P{n},Li,{n},{'FM' if n == 3 else 'FM2'},H1,{'head' if n == 3 else ''}\n" for n in range(1, 5))
    run = looked_at("first_name,last_name,member_no,regtype,household_id,household_role\n" + people, types="")
    runs.agree(run=run, at=at_noon(TODAY))
    assert [go_on(run, portion=2), go_on(run, portion=2)] == [True, False]
    terms = Period.objects.order_by("member__member_number").values_list("paid_with__member__member_number", flat=True)
    assert list(terms) == ["3", "3", None, "3"]


def test_all_or_nothing_refuses_before_and_takes_back_on_the_way(monkeypatch: pytest.MonkeyPatch) -> None:
    bad = looked_at(MANY + ",Ola,,\n", types="")
    with pytest.raises(Refused, match="all or nothing"):
        runs.agree(run=bad, at=at_noon(TODAY), all_or_nothing=True)
    run = looked_at(MANY, types="")
    runs.agree(run=run, at=at_noon(TODAY), all_or_nothing=True)
    go_on(run)
    assert Member.objects.count() == 3
    original = applying._do

    def fails_for_six(rows, doing) -> None:  # type: ignore[no-untyped-def]
        if any(row.line == 6 for row in rows):
            raise Refused("Not this one.")
        original(rows, doing)

    monkeypatch.setattr(applying, "_do", fails_for_six)
    run = runs.finish(run=run, on=TODAY, at=at_noon(TODAY))
    assert (run.state, Member.objects.count()) == ("undone", 0)
    assert run.problem == "A row was refused on the way: Not this one."


def test_good_rows_come_in_when_one_fails_on_the_way(monkeypatch: pytest.MonkeyPatch) -> None:
    run = looked_at(MANY, types="")
    make_non_member("Ny", "Nummer")
    Member.objects.update(member_number="4")
    counts = carried_out(run).counts
    assert (counts["create"], counts["change"], counts["refused"]) == (6, 1, 0), "as the registry stands by then"


def test_files_and_rows_are_kept_no_longer_than_they_are_needed() -> None:
    storage = storages["private"]
    waiting, done = uploaded(MANY, types=""), carried_out(looked_at(HEAD + FAMILY))
    assert storage.exists(waiting.file.name)
    assert not done.file
    assert not any(row.data for row in rows(done)), "the cells are in the registry; the list keeps no copy"
    assert runs.tidy(at=at_noon(TODAY) + timedelta(days=6)).counts == {}
    name = waiting.file.name
    assert runs.tidy(at=at_noon(TODAY) + timedelta(days=31)).counts == {
        "files taken away": 1, "imports that can no longer be undone": 1,
    }  # fmt: skip
    assert not storage.exists(name)
    assert not ImportRow.objects.exists()
    assert runs.tidy(at=at_noon(TODAY) + timedelta(days=31)).counts == {}
    done.refresh_from_db()
    assert not runs.undo(run=done, at=NOW, by=None)


def test_office_only_columns_do_not_exist_without_the_right() -> None:
    clerk = make_user()
    clerk.user_permissions.add(Permission.objects.get(codename="import_member"))
    text = "etternavn,auxinfo,mid\nÅs,Secret,7\n"
    run = looked_at(text, types="", by=clerk)
    assert columns.left_out(run.headings, run.columns) == ["auxinfo", "mid"]
    carried_out(run)
    assert Member.objects.values_list("office_notes", "legacy_id").get() == ("", None)
    mine = looked_at("etternavn,auxinfo,medlemsnummer\nÅs,Secret," + Member.objects.get().member_number, types="")
    [row] = rows(mine)
    assert [str(one) for one in results.differences(row, with_office_fields=True)] == ["Office notes: – → Secret"]
    assert results.differences(row, with_office_fields=False) == []


def test_the_result_is_inert_in_a_spreadsheet() -> None:
    run = looked_at("etternavn,født\n=cmd|' /C calc'!A0,x\n", types="")
    text = "".join(csv_lines(headings=results.headings(), rows=results.lines(run, with_office_fields=True)))
    assert ";=cmd" not in text
    assert "'=cmd" in text


def test_who_is_found_by_what() -> None:
    by_number = make_non_member("Nina", "Nummer")
    by_old_id = make_non_member("Odd", "Id", email="odd@example.no")
    Member.objects.filter(pk=by_old_id.pk).update(legacy_id=77)
    by_person = make_non_member("Per", "Person", email="per@example.no", born_on=TODAY.replace(year=1970))
    merged = make_non_member("Mia", "Merged", email="")
    Member.objects.filter(pk=merged.pk).update(former_numbers="9001 9002")
    text = (
        "etternavn,fornavn,medlemsnummer,mid,epost,født\n"
        f"Annet,Navn,{by_number.member_number},77,per@example.no,\n"
        "Id,Odd,,77,,\n"
        "Person,Per,,,PER@example.no,1970-03-10\n"
        "Merged,Mia,9002,,,\n"
        "Person,Per,,,per@example.no,1971-03-10\n"
    )
    found = [row.member_id for row in rows(looked_at(text, types=""))]
    assert found == [by_number.pk, by_old_id.pk, by_person.pk, merged.pk, None]


def test_another_type_than_the_registry_has_is_told_of_and_left() -> None:
    alice = make_member()
    text = f"etternavn,medlemsnummer,regtype\nÅs,{alice.member_number},UTP\n"
    [row] = rows(looked_at(text, types=""))
    assert row.warnings == ["The file says “UTP”, the registry “E”. The membership is left as it is."]
    imported(text, types="")
    assert alice.periods.get().type.code == "E"


def test_every_field_of_the_old_registers_comes_in() -> None:
    head = (
        "field_lastname,firstnames,mid,specialprice,spexpiry,convto,onetimesent,accstatutes,accgdpr,infomail,"
        "infosms,regtype,membersince,msexpiry,mail,country,zip,language\n"
    )
    row = (
        'Ås,Per,12,"1 250,50",2026-12-31,NUL,2026-01-02T10:00,1,1,ja,'
        "nei,E,2001-02-03,2026-06-30,x@y.no,Sverige,180,English\n"
    )
    imported(head + row, types="")
    member = Member.objects.get()
    assert (member.legacy_id, member.special_price, member.converts_to.code) == (12, Decimal("1250.50"), "NUL")
    assert (member.country, member.language, f"{member.login_link_sent_at:%Y-%m-%d}") == ("SE", "en", "2026-01-02")
    given = set(member.consents.values_list("purpose", "channel"))
    assert given == {("statutes", ""), ("privacy", ""), ("information", "email")}
    term = member.periods.get()
    assert (term.price, f"{term.starts_on} {term.ends_on}") == (Decimal("1250.50"), "2026-01-01 2026-06-30")
    assert imported(head + row, types="") == {"create": 0, "change": 0, "unchanged": 1, "refused": 0}


def test_an_address_in_the_domain_for_none_is_none(settings) -> None:  # type: ignore[no-untyped-def]
    from dataclasses import replace

    client = settings.CLIENT
    settings.CLIENT = replace(client, membership=replace(client.membership, nomail_domain="nomail.example"))
    imported("etternavn,epost\nÅs,per@nomail.example\n", types="")
    assert Member.objects.values_list("email", "user").get() == ("", None)


@pytest.mark.parametrize(
    "text", ["91234567", "+47 912 34 567", "004722334455", "81549300", "+4691234567", "02800", "x"]
)
def test_the_quick_way_to_read_a_number_says_what_the_slow_one_says(text: str) -> None:
    try:
        slow = to_e164(text, in_use=False)
    except Refused:
        slow = ""
    assert cells._phone(text, []) == slow


def test_an_own_price_that_comes_without_a_date_ends_with_the_year_and_the_plan_says_so() -> None:
    alice, bob = make_member("Alice"), make_member("Bob")
    members.change(member=bob, changes={"special_price": 50, "special_price_until": TODAY}, at=NOW, by=None)
    text = (
        "etternavn,fornavn,medlemsnummer,specialprice\n"
        f"Ås,Alice,{alice.member_number},250\nÅs,Bob,{bob.member_number},60\nNy,Nora,,70\n"
    )
    run = looked_at(text, types="")
    assert [row.changes for row in rows(run)] == [
        {"special_price": [None, "250.00"], "special_price_until": [None, "2026-12-31"]},
        {"special_price": ["50.00", "60.00"]},
        {},
    ]
    carried_out(run)
    until = Member.objects.order_by("pk").values_list("special_price_until", flat=True)
    assert list(until) == [date(2026, 12, 31), TODAY, date(2026, 12, 31)]
    assert imported(text.replace(",,70", f",{Member.objects.latest('pk').member_number},70"), types="") == {
        "create": 0, "change": 0, "unchanged": 3, "refused": 0,
    }  # fmt: skip
    undone(run)
    alice.refresh_from_db()
    assert (alice.special_price, alice.special_price_until) == (None, None)


def test_a_new_own_price_does_not_take_over_the_end_of_one_that_is_over() -> None:
    """Unless the file says so itself. The same file again changes nothing, and undoing brings the old date back."""
    alice, bob = make_member("Alice"), make_member("Bob")
    over = date(2025, 12, 31)
    Member.objects.update(special_price=100, special_price_until=over)
    text = (
        "etternavn,fornavn,medlemsnummer,specialprice,spexpiry\n"
        f"Ås,Alice,{alice.member_number},250,\nÅs,Bob,{bob.member_number},250,2025-12-31\n"
    )
    run = looked_at(text, types="")
    assert [row.changes for row in rows(run)] == [
        {"special_price": ["100.00", "250.00"], "special_price_until": ["2025-12-31", "2026-12-31"]},
        {"special_price": ["100.00", "250.00"]},
    ]
    carried_out(run)
    until = Member.objects.order_by("pk").values_list("special_price_until", flat=True)
    assert list(until) == [date(2026, 12, 31), over]
    assert imported(text, types="") == {"create": 0, "change": 0, "unchanged": 2, "refused": 0}
    undone(run)
    assert set(Member.objects.values_list("special_price", "special_price_until")) == {(Decimal(100), over)}
