"""Mona brings the old register as the office does: columns, types, what would happen, yes, the result, undo.

The file has the old register's own headings; Ola is in the registry already, Kari may be, and one row cannot be right.
"""

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from openpyxl import Workbook

from membership import roles
from membership.models import Household, ImportPreset, ImportRun, Member
from tests.makers import make_non_member, make_user, set_up_client

pytestmark = pytest.mark.django_db

HEADINGS = ["field_etternavn", "fornavn", "Epost", "Født", "Kategori", "Familie-ID", "Rolle", "mid", "Skostørrelse"]
ROWS = [
    ["Nordmann", "Ola", "ola@example.no", "1970-01-31", "Vanlig", "", "", 7001, 43],
    ["Hansen", "Kari", "kari.ny@example.no", "1980-05-17", "Vanlig", "", "", 7002, 38],
    ["Li", "Åse", "ase@example.no", "1975-02-01", "Familie", "F1", "hovedmedlem", 7003, 39],
    ["Li", "Bo", "", "2015-02-01", "Barn", "F1", "barn", 7004, 31],
    ["Feil", "Frida", "", "31.02.1990", "Vanlig", "", "", 7005, 40],
]


def workbook(rows: list[list[object]]) -> SimpleUploadedFile:
    book, out = Workbook(), io.BytesIO()
    for row in [HEADINGS, *rows]:
        book.active.append(row)
    book.save(out)
    return SimpleUploadedFile("register.xlsx", out.getvalue())


@pytest.fixture
def mona(client: Client) -> Client:
    set_up_client()
    client.force_login(make_user(roles.MEMBER_ADMINS))
    return client


def step(client: Client, name: str, run: ImportRun, **answers: object) -> object:
    return client.post(reverse(name, args=[run.pk]), answers)


def text_of(client: Client, address: str) -> str:
    return client.get(address).content.decode()


def test_the_old_register_comes_in_and_goes_out(mona: Client, django_capture_on_commit_callbacks) -> None:  # type: ignore[no-untyped-def]
    ola = make_non_member("Ola", "Nordmann", email="ola@example.no", born_on="1970-01-31", place="Oslo")
    ola.refresh_from_db()
    make_non_member("Kari", "Hansen", email="kari@example.no")

    answer = mona.post(reverse("import_members"), {"file": workbook(ROWS)})
    run = ImportRun.objects.get()
    assert answer["Location"] == reverse("import_plan", args=[run.pk])
    answer = step(
        mona, "import_columns", run, column_0="last_name", column_1="first_names", column_2="email",
        column_3="born_on", column_4="type", column_5="household_id", column_6="household_role",
        column_7="legacy_id", column_8="", remember_as="Det gamle registeret",
    )  # fmt: skip
    assert answer["Location"] == reverse("import_types", args=[run.pk])
    answer = step(mona, "import_types", run, type_0="E", type_1="FM", type_2="FM2")
    page = mona.get(answer["Location"])
    assert page.context["counts"] == {"create": 3, "change": 1, "unchanged": 0, "refused": 1, "warnings": 2}
    assert page.context["unknown_headings"] == ["Skostørrelse"]
    shown = page.content.decode()
    assert "“31.02.1990” is not a date" in shown
    assert "May be Kari Hansen, number" in shown
    assert "Old id: <del></del> → <ins>7001</ins>" in shown
    assert Member.objects.count() == 2, "nothing is written before somebody says yes"

    with django_capture_on_commit_callbacks(execute=True):
        answer = step(mona, "import_agree", run, all_or_nothing="on")
    assert "Some rows are refused" in text_of(mona, answer["Location"])
    with django_capture_on_commit_callbacks(execute=True):
        step(mona, "import_agree", run)
    assert Member.objects.count() == 5
    assert Household.objects.get().main_member.full_name == "Åse Li"
    result = b"".join(mona.get(reverse("import_result", args=[run.pk])).streaming_content).decode()
    assert [line.split(";")[:2] for line in result.splitlines()[1:]] == [
        ["2", "Ola Nordmann"], ["3", "Kari Hansen"], ["4", "Åse Li"], ["5", "Bo Li"], ["6", "Frida Feil"],
    ]  # fmt: skip

    assert mona.get(reverse("import_undo", args=[run.pk])).status_code == 200
    assert Member.objects.count() == 5, "asking is not doing"
    with django_capture_on_commit_callbacks(execute=True):
        step(mona, "import_undo", run)
    run.refresh_from_db()
    assert {key: run.counts[key] for key in ("taken_out", "restored", "kept")} == {
        "taken_out": 3, "restored": 1, "kept": 0,
    }  # fmt: skip
    assert list(Member.objects.order_by("pk").values_list("last_name", "legacy_id")) == [
        ("Nordmann", None), ("Hansen", None),
    ]  # fmt: skip
    assert "Taken out" in text_of(mona, reverse("import_run", args=[run.pk]))


def test_the_next_file_of_its_sort_needs_no_questions(mona: Client) -> None:
    mona.post(reverse("import_members"), {"file": workbook(ROWS)})
    first = ImportRun.objects.get()
    answers = {"column_0": "last_name", "column_1": "first_names", "column_4": "type", "remember_as": "Gammelt"}
    step(mona, "import_columns", first, **answers)
    step(mona, "import_types", first, type_0="E", type_1="FM", type_2="FM2")
    preset = ImportPreset.objects.get(name="Gammelt")
    assert preset.types == {"vanlig": "E", "familie": "FM", "barn": "FM2"}
    answer = mona.post(reverse("import_members"), {"file": workbook(ROWS), "preset": preset.pk})
    second = ImportRun.objects.latest("pk")
    assert answer["Location"] == reverse("import_plan", args=[second.pk])
    assert second.columns == {"last_name": 0, "first_names": 1, "type": 4}
    assert second.state == "ready"


def test_two_columns_cannot_be_the_same(mona: Client) -> None:
    mona.post(reverse("import_members"), {"file": workbook(ROWS)})
    run = ImportRun.objects.get()
    page = step(mona, "import_columns", run, column_0="last_name", column_1="last_name")
    assert page.context["form"].errors == {"column_1": ["“field_etternavn” is this already. Leave one of them out."]}
    page = step(mona, "import_columns", run, column_1="first_names")
    assert "No column for names was found" in page.content.decode()
