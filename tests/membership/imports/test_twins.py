"""Likely duplicates within one file: told of before anything is written, and families left in peace."""

import pytest

from membership.imports import runs
from membership.models import Member
from tests.makers import TODAY, at_noon, make_member, set_up_client
from tests.membership.imports.makers import looked_at, rows, uploaded

pytestmark = pytest.mark.django_db
HEAD = "etternavn,fornavn,medlemsnummer,fødselsdato,mobil,epost,adresse,postnummer\n"


@pytest.fixture(autouse=True)
def _client() -> None:
    set_up_client()


def warnings(text: str) -> dict[int, list[str]]:
    run = looked_at(HEAD + text, types="")
    return {row.line: row.warnings for row in rows(run) if row.warnings}


@pytest.mark.parametrize(
    ("one", "other", "why"),
    [
        ("Ødegård,Åse,1,1980-05-17,,,,", "Oedegaard,Aase,2,17.05.1980,,,,", "Same name, same date of birth"),
        ("Berg,Kari,1,,91234567,,,", "Berg,Kari,2,,+4791234567,,,", "Same name, same telephone"),
        ("Berg,Kari,1,,,kari@example.no,,", "Berg,Kari,2,,,KARI@example.no,,", "Same name, same e-mail"),
        ("Berg,Kari,1,1980-05-17,91234567,kari@example.no,,", "Berg,Kari,2,1980-05-17,91234567,kari@example.no,,",
         "Same name, same date of birth, same telephone, same e-mail"),
    ],
)  # fmt: skip
def test_the_later_row_says_whom_it_may_be(one: str, other: str, why: str) -> None:
    name = "Kari Berg" if "Berg" in one else "Åse Ødegård"
    assert warnings(f"{one}\n{other}\n") == {3: [f"May be {name} in line 2 of the file: {why}."]}


def test_a_family_at_one_address_and_namesakes_of_different_age_are_left_in_peace() -> None:
    assert warnings(
        "Berg,Kari,1,1980-05-17,91234567,berg@example.no,Vei 1,7010\n"
        "Berg,Ola,2,1979-05-17,91234567,berg@example.no,Vei 1,7010\n"
        "Berg,Karl,3,2010-01-01,91234567,berg@example.no,Vei 1,7010\n"
        "Berg,Kari,4,1955-02-03,,,,\n"
        "Lie,Ola,5,1979-05-17,,,,\n"
    ) == {}  # fmt: skip


def test_neither_refused_rows_nor_those_about_the_registry_are_compared() -> None:
    alice = make_member("Alice")
    assert warnings(
        f"Ås,Alice,{alice.member_number},1980-05-17,,,,\n"
        "Berg,Kari,901,1980-05-17,,kari@example.no,,\n"
        "Berg,Kari,901,1980-05-17,,kari@example.no,,\n"
    ) == {}  # fmt: skip


def test_they_are_found_across_portions_and_told_once_each() -> None:
    lines = "".join(f"Berg,Kari,{n},1980-05-17,91234567,kari@example.no,,\n" for n in range(1, 6))
    run = uploaded(HEAD + lines, types="")
    runs.look(run=run, at=at_noon(TODAY))
    while runs.go_on(run_id=run.pk, on=TODAY, at=at_noon(TODAY), portion=2):
        pass
    assert [len(row.warnings) for row in rows(run)] == [0, 1, 2, 3, 4]
    assert not Member.objects.exists()


def test_the_number_of_queries_does_not_grow_with_the_file(django_assert_num_queries) -> None:  # type: ignore[no-untyped-def]
    def look(pairs: int) -> None:
        lines = [f"Berg,Kari,{n},{1960 + n // 2}-05-17,,,,\n" for n in range(2, 2 + 2 * pairs)]
        run = uploaded(HEAD + "".join(lines), types="")
        runs.look(run=run, at=at_noon(TODAY))
        with django_assert_num_queries(22):
            runs.go_on(run_id=run.pk, on=TODAY, at=at_noon(TODAY))
        run.refresh_from_db()
        assert run.counts["warnings"] == pairs

    look(1)
    look(3)
