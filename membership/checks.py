"""Sanity of the membership types: `manage.py check` looks at the client snippet, with `--database default` at the
registry's own. A sentence says what cannot work and what to do."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core.checks import Error, Tags, register
from django.db import connections


@dataclass(frozen=True, kw_only=True)
class Row:
    """What the checks need to know of a type, from either place."""

    code: str
    kind: str
    is_selectable: bool
    is_given_at_signup: bool
    converts_to: str
    age_to: int | None
    ages_into: str


def problems(rows: Sequence[Row]) -> list[tuple[str, str, str]]:
    """Return (id, what cannot work, what to do) for each thing wrong with a set of types; none when all is well."""
    found = []
    kinds = [row.kind for row in rows]
    if "none" not in kinds:
        found.append(("E001", "No membership type has the kind none.",
                      "Add one (code NUL, kind none): what a member becomes when a membership ends."))  # fmt: skip
    if not any(row.is_selectable for row in rows):
        found.append(("E002", "No membership type is selectable, so nobody can join.",
                      "Mark at least one type as selectable."))  # fmt: skip
    if "household_main" in kinds and "household_secondary" not in kinds:
        found.append(("E003", "There is a type for a household's main member, but none for the others.",
                      "Add a type of kind household_secondary."))  # fmt: skip
    if "household_secondary" in kinds and "household_main" not in kinds:
        found.append(("E004", "There is a type for a household's other members, but none for the main member.",
                      "Add a type of kind household_main."))  # fmt: skip
    if sum(row.is_given_at_signup for row in rows) > 1:
        found.append(("E005", "More than one type is given at signup.", "Leave the mark on one trial type only."))
    codes = {row.code: row for row in rows}
    for row in rows:
        found += _problems_of(row, codes)
    return found


def _problems_of(row: Row, codes: dict[str, Row]) -> Iterable[tuple[str, str, str]]:
    if row.is_given_at_signup and row.kind != "trial":
        yield ("E006", f"The type {row.code} is given at signup but is no trial.", "Give it the kind trial.")
    if row.kind == "trial" and row.is_selectable:
        yield ("E007", f"The trial {row.code} is selectable, so there would be nothing to become.",
               "Take the mark away: joiners choose what the trial becomes.")  # fmt: skip
    if row.converts_to and row.converts_to not in codes:
        yield ("E008", f"The type {row.code} converts to {row.converts_to}, which does not exist.",
               f"Add a type with the code {row.converts_to}, or name another.")  # fmt: skip
    if row.converts_to == row.code and row.kind != "none":
        yield (
            "E009",
            f"The type {row.code} converts to itself.",
            "Name the type it leads to, or the one of kind none.",
        )
    if row.kind not in {"none", "household_secondary"} and not row.converts_to:
        yield ("E010", f"The type {row.code} does not say what it converts to.",
               "Name a type; the one of kind none ends the membership.")  # fmt: skip
    if row.ages_into == row.code or (row.ages_into and row.age_to is None):
        yield ("E011", f"The type {row.code} ages into {row.ages_into}, but nobody can grow out of it.",
               "Set the highest age, and another type to go to.")  # fmt: skip


def _errors(rows: Sequence[Row], where: str) -> list[Error]:
    return [Error(f"{where}: {what}", hint=hint, id=f"membership.{id}") for id, what, hint in problems(rows)]


@register(Tags.compatibility)
def check_snippet(**kwargs: Any) -> list[Error]:
    """The types in the client snippet can work."""
    client = settings.CLIENT
    rows = [
        Row(code=t.code, kind=t.kind, is_selectable=t.selectable, is_given_at_signup=t.given_at_signup,
            converts_to=t.converts_to, age_to=t.age_to, ages_into=t.ages_into)
        for t in client.membership.types
    ]  # fmt: skip
    return _errors(rows, f"site/clients/{client.name}/client.toml")


@register(Tags.database)
def check_registry(databases: Sequence[str] | None = None, **kwargs: Any) -> list[Error]:
    """The types the office has made of it still can work. Silent before the first set-up."""
    from membership.models import MembershipType

    errors = []
    for alias in databases or []:
        if MembershipType._meta.db_table not in connections[alias].introspection.table_names():
            continue
        types = list(MembershipType.objects.using(alias).select_related("converts_to", "ages_into"))
        rows = [
            Row(code=t.code, kind=t.kind, is_selectable=t.is_selectable, is_given_at_signup=t.is_given_at_signup,
                converts_to=t.converts_to.code if t.converts_to else "", age_to=t.age_to,
                ages_into=t.ages_into.code if t.ages_into else "")
            for t in types
        ]  # fmt: skip
        if rows:
            errors += _errors(rows, "Membership types")
    return errors
