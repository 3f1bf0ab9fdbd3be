"""Impossible types: each is found, with a sentence that says what to do; the three clients' are all right."""

import dataclasses
from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import SystemCheckError

from config import client as snippets
from membership.checks import Row, check_registry, problems
from membership.models import MembershipType
from tests.makers import set_up_client


def row(code: str, kind: str = "ordinary", **changes: Any) -> Row:
    values = {"is_selectable": kind == "ordinary", "is_given_at_signup": False, "converts_to": "NUL", "age_to": None,
              "ages_into": ""}  # fmt: skip
    return Row(code=code, kind=kind, **{**values, **changes})


GOOD = [row("E"), row("FM", "household_main"), row("FM2", "household_secondary"),
        row("PR", "trial", is_given_at_signup=True), row("NUL", "none")]  # fmt: skip


@pytest.mark.parametrize(
    ("rows", "ids"),
    [
        (GOOD, []),
        ([r for r in GOOD if r.kind != "none"], ["E001", *["E008"] * 4]),
        ([dataclasses.replace(r, is_selectable=False) for r in GOOD], ["E002"]),
        ([r for r in GOOD if r.code != "FM2"], ["E003"]),
        ([r for r in GOOD if r.code != "FM"], ["E004"]),
        ([*GOOD, row("PR2", "trial", is_given_at_signup=True)], ["E005"]),
        ([*GOOD[:3], row("PR", is_given_at_signup=True), GOOD[4]], ["E006"]),
        ([*GOOD[:3], row("PR", "trial", is_selectable=True), GOOD[4]], ["E007"]),
        ([row("E", converts_to="X"), GOOD[4]], ["E008"]),
        ([row("E", converts_to="E"), GOOD[4]], ["E009"]),
        ([row("E", converts_to=""), GOOD[4]], ["E010"]),
        ([row("E", ages_into="NUL"), GOOD[4]], ["E011"]),
        ([*GOOD, row("UNG", age_to=26, ages_into="PR")], ["E012"]),
        ([*GOOD, row("UNG", impossible=("Write 0.",))], ["E013"]),
    ],
)
def test_problems(rows: list[Row], ids: list[str]) -> None:
    found = problems(rows)
    assert [id for id, _what, _remedy in found] == ids
    assert all(what.endswith(".") and remedy.endswith(".") for _id, what, remedy in found)


@pytest.mark.parametrize("name", ["vvnf", "snp", "gronland61"])
def test_the_clients_types_can_work(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "CLIENT", snippets.read(name))
    call_command("check", tags=["compatibility"])


@pytest.mark.django_db
def test_check_fails_for_types_the_office_has_made_impossible() -> None:
    assert check_registry(databases=["default"]) == []
    set_up_client()
    assert check_registry(databases=["default"]) == []
    MembershipType.objects.update(is_selectable=False)
    with pytest.raises(SystemCheckError, match="nobody can join"):
        call_command("check", databases=["default"], tags=["database"])
