"""Who pays for somebody and who recruited them, as a file says it: wherever they come from, and back again."""

from typing import Any

import pytest

from membership import members
from membership.imports import runs
from membership.models import ImportRow, ImportRun, Member
from tests.makers import TODAY, at_noon, make_member, make_non_member, set_up_client
from tests.membership.imports.makers import carried_out, imported, looked_at, rows, undone

pytestmark = pytest.mark.django_db
HEAD = "etternavn,fornavn,medlemsnummer,mid,epost,betaler,vervet av\n"


@pytest.fixture(autouse=True)
def _client() -> None:
    set_up_client()


def in_portions(run: ImportRun, portion: int) -> ImportRun:
    """The worker's way, in portions so small that payers and those they pay for are not in the same one."""
    while runs.go_on(run_id=run.pk, on=TODAY, at=at_noon(TODAY), portion=portion):
        pass
    run.refresh_from_db()
    return run


def carried_out_in_portions(text: str, portion: int = 1) -> ImportRun:
    run = looked_at(HEAD + text, types="")
    assert runs.agree(run=run, at=at_noon(TODAY))
    return in_portions(run, portion)


def links() -> dict[str, tuple[str, str]]:
    """Everybody's payer and recruiter, by first name."""
    people = Member.objects.select_related("payer", "recruited_by").order_by("pk")
    return {
        m.first_names: (m.payer.first_names if m.payer else "", m.recruited_by.first_names if m.recruited_by else "")
        for m in people
    }


FAMILY = (
    "Ås,Ada,,71,ada@example.no,82,\n"
    "Ås,Bo,,72,,Moster@Example.no,82\n"
    "Ås,Cato,,73,,73,gone@example.no\n"
    "Kommune,Dag,82,74,,,\n"
    "Tante,Eva,,75,moster@example.no,,71\n"
)
LINKED = {"Ada": ("Dag", ""), "Bo": ("Eva", "Dag"), "Cato": ("", ""), "Dag": ("", ""), "Eva": ("", "Ada")}


@pytest.mark.parametrize("portion", [1, 2, 100])
def test_payers_and_recruiters_may_come_later_in_the_same_file(portion: int) -> None:
    run = carried_out_in_portions(FAMILY, portion)
    assert run.state == "done"
    assert links() == LINKED
    assert [(row.name, row.warnings) for row in rows(run) if row.warnings] == [
        ("Cato Ås", ["The recruiter “gone@example.no” is not known, and was left out."])
    ]
    assert imported(HEAD + FAMILY, types="") == {"create": 0, "change": 0, "unchanged": 5, "refused": 0}


def test_by_number_by_a_number_from_before_a_merge_by_old_id_and_by_address() -> None:
    payer = make_non_member("Pia", "Payer", email="Pia@example.no")
    payer.former_numbers, payer.legacy_id = "9001 9002", 77
    payer.save()
    texts = [payer.member_number, "9002", "77", "pia@EXAMPLE.no"]
    imported(HEAD + "".join(f"Ny,Nora {n},,,,{text},\n" for n, text in enumerate(texts)), types="")
    assert set(Member.objects.filter(last_name="Ny").values_list("payer", flat=True)) == {payer.pk}
    assert payer.pays_for.count() == 4


def test_whoever_is_to_pay_and_is_not_there_refuses_the_row() -> None:
    for name in ("Tvilling", "Tvulling"):
        make_non_member(name, "To", email="to@example.no")
    dead = make_non_member("Død", "Mann", email="dead@example.no")
    Member.objects.filter(pk=dead.pk).update(died_on=TODAY)
    run = looked_at(
        HEAD + "Ny,A,,,,12345,\nNy,B,,,,to@example.no,\nNy,C,,,,dead@example.no,\nNy,D,,,x@y.no,,\nNy,E,,,x@y.no,,\n"
        "Ny,F,,,,x@y.no,\n", types="",
    )  # fmt: skip
    nobody = (
        "The payer “{}” is neither in the registry nor in the file. Write a member number, an old id or an e-mail "
        "address, or leave the cell empty."
    )
    several = "2 members have “{}”. Write the payer's member number instead."
    assert [row.reason for row in rows(run)] == [
        nobody.format("12345"), several.format("to@example.no"), nobody.format("dead@example.no"), "", "",
        several.format("x@y.no"),
    ]  # fmt: skip
    assert run.counts["refused"] == 4


@pytest.mark.parametrize("text", ["felles@example.no", "Felles@Example.no"])
def test_an_address_shared_by_the_registry_and_the_file_names_nobody(text: str) -> None:
    """Pia is in the registry, and Per comes in the same file: either may be meant."""
    make_non_member("Pia", "Payer", email="felles@example.no")
    run = looked_at(
        HEAD + f"Ny,Nora,,,,{text},\nNy,Nils,,,,felles@example.no,\nPay,Per,,,felles@example.no,,\n", types=""
    )
    several = "2 members have “{}”. Write the payer's member number instead."
    assert [row.reason for row in rows(run)] == [several.format(text), several.format("felles@example.no"), ""]


def test_an_address_that_came_to_be_shared_meanwhile_is_told_of() -> None:
    make_non_member("Pia", "Payer", email="felles@example.no")
    run = looked_at(HEAD + "Ny,Nora,,,,felles@example.no,FELLES@example.no\n", types="")
    make_non_member("Per", "Payer", email="felles@example.no")
    runs.agree(run=run, at=at_noon(TODAY))
    in_portions(run, 1)
    [row] = rows(run)
    assert row.warnings == [
        "2 members have “felles@example.no”, so the invoice goes to the member. Choose the right payer.",
        "2 members have “FELLES@example.no”, so the recruiter was left out. Choose the right one.",
    ]
    assert links()["Nora"] == ("", "")


def test_a_payer_whose_own_row_fails_is_told_of() -> None:
    run = looked_at(HEAD + "Ny,A,,,,82,82\nPay,P,82,,,,\n", types="")
    make_member("Other")
    Member.objects.filter(first_names="Other").update(member_number="82", died_on=TODAY)  # in the way meanwhile
    runs.agree(run=run, at=at_noon(TODAY))
    in_portions(run, 1)
    [row, _payer] = rows(run)
    assert row.warnings == [
        "The payer “82” did not come in, so the invoice goes to the member. Choose another payer.",
        "The recruiter “82” is not known, and was left out.",
    ]
    assert Member.objects.get(first_names="A").payer is None


def test_the_plan_shows_a_changed_payer_and_undo_brings_the_old_one_back() -> None:
    alice, old, new = (make_member(name) for name in ("Alice", "Old", "New"))
    members.change(member=alice, changes={"payer": old}, at=at_noon(TODAY), by=None)
    text = f"etternavn,medlemsnummer,betaler,vervet av\nÅs,{alice.member_number},{new.member_number},n@example.no\n"
    text += f"Ås,{old.member_number},Nobody,\n" + "Ny,,,\n"
    run = looked_at(text.replace("Nobody", "") + "N,99,,\n", types="")
    assert rows(run)[0].changes == {"payer": [old.member_number, new.member_number]}
    assert rows(run)[0].warnings == ["The recruiter “n@example.no” is not known, and was left out."]
    carried_out(run)
    alice.refresh_from_db()
    assert alice.payer == new
    assert undone(run) == {"taken_out": 2, "restored": 1, "kept": 0}
    alice.refresh_from_db()
    assert alice.payer == old


def test_our_own_export_names_the_payer_in_words_and_changes_nothing() -> None:
    alice, payer = make_member("Alice"), make_member("Pia")
    members.change(member=alice, changes={"payer": payer, "recruited_by": payer}, at=at_noon(TODAY), by=None)
    text = f"Surname,Member number,Payer,Recruited by\nÅs,{alice.member_number},Pia Ås,pia ås\n"
    assert imported(text, types="") == {"create": 0, "change": 0, "unchanged": 1, "refused": 0}


# --- undo ------------------------------------------------------------------------------------------------------------


def take_back(run: ImportRun, portion: int) -> dict[str, int]:
    assert runs.undo(run=run, at=at_noon(TODAY), by=None)
    counts = in_portions(run, portion).counts
    return {key: counts[key] for key in ("taken_out", "restored", "kept")}


@pytest.mark.parametrize("portion", [1, 2, 100])
def test_all_who_came_in_go_out_although_they_name_each_other(portion: int) -> None:
    run = carried_out_in_portions(FAMILY)
    assert take_back(run, portion) == {"taken_out": 5, "restored": 0, "kept": 0}
    assert not Member.objects.exists()


@pytest.mark.parametrize("portion", [1, 100])
def test_who_is_kept_keeps_the_payer_and_the_payers_recruiter(portion: int) -> None:
    run = carried_out_in_portions(FAMILY)
    bo = Member.objects.get(first_names="Bo")
    members.change(member=bo, changes={"place": "Oslo"}, at=at_noon(TODAY), by=None)
    assert take_back(run, portion) == {"taken_out": 1, "restored": 0, "kept": 4}
    assert links() == {name: pair for name, pair in LINKED.items() if name != "Cato"}
    kept = run.rows.filter(outcome=ImportRow.Outcome.KEPT).exclude(member=bo)
    assert all(row.reason for row in kept)


@pytest.mark.parametrize("portion", [1, 100])
def test_a_ring_of_payers_is_taken_back_or_kept_but_never_stuck(portion: int) -> None:
    run = carried_out_in_portions("Ring,A,1001,,,1002,\nRing,B,1002,,,1001,\n")
    assert links() == {"A": ("B", ""), "B": ("A", "")}
    taken_back: dict[int, Any] = {
        1: {"taken_out": 0, "restored": 0, "kept": 2}, 100: {"taken_out": 2, "restored": 0, "kept": 0},
    }  # fmt: skip
    assert take_back(run, portion) == taken_back[portion]
