"""Sanity of the membership types: `manage.py check` looks at the client snippet, with `--database default` at the
registry's own. A sentence says what cannot work and what to do."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.checks import Error, Tags, register
from django.core.exceptions import ValidationError
from django.db import connections
from django.utils.translation import gettext as _

if TYPE_CHECKING:
    from membership.models import MembershipType


@dataclass(frozen=True, kw_only=True)
class Row:
    """What the checks need to know of a type, from either place. `impossible` is what it says of itself."""

    code: str
    kind: str
    is_selectable: bool
    is_given_at_signup: bool
    converts_to: str
    age_to: int | None
    ages_into: str
    impossible: tuple[str, ...] = ()


def problems(rows: Sequence[Row]) -> list[tuple[str, str, str]]:
    """Return (id, what cannot work, what to do) for each thing wrong with a set of types; none when all is well."""
    found = []
    kinds = [row.kind for row in rows]
    if "none" not in kinds:
        found.append(("E001", _("No membership type has the kind “non-member”."),
                      _("Add one (code NUL): what a member becomes when a membership ends.")))  # fmt: skip
    if not any(row.is_selectable for row in rows):
        found.append(("E002", _("No membership type is selectable, so nobody can join."),
                      _("Mark at least one type as selectable.")))  # fmt: skip
    if "household_main" in kinds and "household_secondary" not in kinds:
        found.append(("E003", _("There is a type for a household's main member, but none for the others."),
                      _("Add a type of the kind “household member”.")))  # fmt: skip
    if "household_secondary" in kinds and "household_main" not in kinds:
        found.append(("E004", _("There is a type for a household's other members, but none for the main member."),
                      _("Add a type of the kind “main member”.")))  # fmt: skip
    if sum(row.is_given_at_signup for row in rows) > 1:
        found.append(("E005", _("More than one type is given at signup."),
                      _("Leave the mark on one trial type only.")))  # fmt: skip
    codes = {row.code: row for row in rows}
    for row in rows:
        found += _problems_of(row, codes)
    return found


def _problems_of(row: Row, codes: dict[str, Row]) -> Iterable[tuple[str, str, str]]:
    words = {"code": row.code, "converts_to": row.converts_to, "ages_into": row.ages_into}
    if row.is_given_at_signup and row.kind != "trial":
        yield ("E006", _("The type %(code)s is given at signup but is no trial.") % words, _("Give it the kind trial."))
    if row.kind == "trial" and row.is_selectable:
        yield ("E007", _("The trial %(code)s is selectable, so there would be nothing to become.") % words,
               _("Take the mark away: joiners choose what the trial becomes."))  # fmt: skip
    if row.converts_to and row.converts_to not in codes:
        yield ("E008", _("The type %(code)s converts to %(converts_to)s, which does not exist.") % words,
               _("Add a type with the code %(converts_to)s, or name another.") % words)  # fmt: skip
    if row.converts_to == row.code and row.kind != "none":
        yield ("E009", _("The type %(code)s converts to itself.") % words,
               _("Name the type it leads to, or the one that ends the membership."))  # fmt: skip
    if row.kind not in {"none", "household_secondary"} and not row.converts_to:
        yield ("E010", _("The type %(code)s does not say what it converts to.") % words,
               _("Name a type; the one of the kind “non-member” ends the membership."))  # fmt: skip
    if row.ages_into == row.code or (row.ages_into and row.age_to is None):
        yield ("E011", _("The type %(code)s ages into %(ages_into)s, but nobody can grow out of it.") % words,
               _("Set the highest age, and another type to go to."))  # fmt: skip
    for leads_to in {row.converts_to, row.ages_into} & set(codes):
        if codes[leads_to].kind == "trial":
            yield ("E012", _("The type %(code)s leads to %(type)s, which is a trial.") % {**words, "type": leads_to},
                   _("Name a membership, or the type that ends it."))  # fmt: skip
    for sentence in row.impossible:
        yield ("E013", _("The type %(code)s cannot work as it is set.") % words, sentence)


def _impossible(type_: "MembershipType") -> tuple[str, ...]:
    try:
        type_.clean()
    except ValidationError as error:
        return tuple(error.messages)
    return ()


def row_of(type_: "MembershipType") -> Row:
    """What the checks need to know of a type in the register."""
    return Row(
        code=type_.code, kind=type_.kind, is_selectable=type_.is_selectable,
        is_given_at_signup=type_.is_given_at_signup, age_to=type_.age_to,
        converts_to=type_.converts_to.code if type_.converts_to else "",
        ages_into=type_.ages_into.code if type_.ages_into else "", impossible=_impossible(type_),
    )  # fmt: skip


def _errors(rows: Sequence[Row], where: str) -> list[Error]:
    return [Error(f"{where}: {what}", hint=hint, id=f"membership.{id}") for id, what, hint in problems(rows)]


@register(Tags.compatibility)
def check_snippet(**kwargs: Any) -> list[Error]:
    """The types in the client snippet can work."""
    from membership.set_up import type_from

    client = settings.CLIENT
    rows = [
        Row(code=t.code, kind=t.kind, is_selectable=t.selectable, is_given_at_signup=t.given_at_signup,
            converts_to=t.converts_to, age_to=t.age_to, ages_into=t.ages_into, impossible=_impossible(type_from(t)))
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
        if types:
            errors += _errors([row_of(type_) for type_ in types], "Membership types")
    return errors
