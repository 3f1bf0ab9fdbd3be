"""What an import would do, row by row: create, change, leave, or refuse with the reason. Writes nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import blake2b
from typing import Any, cast

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from core import dates
from core.errors import Refused
from membership import branches, campaigns, joining, members
from membership.imports import others, twins
from membership.imports.cells import Cells, as_text, clean_row, packed
from membership.imports.matching import Found, duplicate_warnings
from membership.likeness import Entry, traits_of
from membership.models import Branch, Campaign, ImportRow, Member, MembershipType

Action = ImportRow.Action
Raw = tuple[int, dict[str, str]]

# The fields a file may change on somebody who is in the registry. An empty cell changes nothing.
COMPARED = (
    "first_names", "last_name", "organisation_number", "contact_person", "born_on", "gender", "email", "mobile",
    "work_phone", "address_line_1", "address_line_2", "postcode", "place", "country", "household_note", "office_notes",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Types:
    """The types that the file's words stand for, in lower case, and all of them by code; and what else a word of the
    file may stand for: a branch by its code or name, a campaign by its code."""

    by_word: dict[str, MembershipType]
    by_code: dict[str, MembershipType]
    branches: dict[str, Branch]
    campaigns: dict[str, Campaign]


def parse_types(text: str) -> dict[str, str]:
    """Read `Ordinary=E,Senior=UTP`: the file's words and the codes they stand for."""
    pairs: dict[str, str] = {}
    for part in filter(None, (part.strip() for part in text.split(","))):
        word, equals, code = part.partition("=")
        if not equals or not word.strip() or not code.strip():
            raise Refused(_("“%(part)s” is not a pair. Write the file's word, =, and the code: Ordinary=E."),
                          code="types", params={"part": part})  # fmt: skip
        pairs[word.strip().casefold()] = code.strip()
    return pairs


def types(words: Mapping[str, str]) -> Types:
    """The registry's types. `words` maps the file's words, in lower case, to codes; refuses a code that is none."""
    by_code = {type_.code.casefold(): type_ for type_ in MembershipType.objects.all()}
    by_word = dict(by_code)
    for type_ in by_code.values():
        for name in filter(None, (type_.name_nb, type_.name_en)):
            by_word.setdefault(name.casefold(), type_)
    for word, code in words.items():
        if code and code.casefold() not in by_code:
            codes = ", ".join(type_.code for type_ in by_code.values())
            raise Refused(_("There is no membership type with the code “%(code)s”. Use one of: %(codes)s."),
                          code="types", params={"code": code, "codes": codes})  # fmt: skip
        if code:
            by_word[word] = by_code[code.casefold()]
    return Types(by_word=by_word, by_code=by_code, branches=_branches(), campaigns=_campaigns())


def _branches() -> dict[str, Branch]:
    found = list(Branch.objects.all()) if branches.are_used() else []
    return {branch.name.casefold(): branch for branch in found} | {branch.code.casefold(): branch for branch in found}


def _campaigns() -> dict[str, Campaign]:
    return {row.code.casefold(): row for row in Campaign.objects.all()} if campaigns.are_used() else {}


def plan(raws: Sequence[Raw], *, on: date, types: Types) -> list[ImportRow]:
    """Compare some rows of a file with the registry. Returns them in the same order, unsaved."""
    cleaned = [_cleaned(line, raw, on, types) for line, raw in raws]
    good = [cells for _row, cells in cleaned if cells]
    found = Found(good, on=on)
    new: list[tuple[ImportRow, Cells]] = []
    for row, cells in cleaned:
        if cells is None:
            continue
        decide(row, cells, found)
        if row.action == Action.CREATE:
            new.append((row, cells))
    traits = [traits_of(cast("Entry", cells.data)) for _row, cells in new]
    for (row, cells), one, warnings in zip(new, traits, duplicate_warnings(traits), strict=True):
        row.warnings += _term_warnings(cells, types.by_code.get(cells.type_word.casefold()), on) + warnings
        twins.mark(row, one)
    for row, _cells in cleaned:
        row.rank = rank(row)
    return [row for row, _cells in cleaned]


def _cleaned(line: int, raw: dict[str, str], on: date, types: Types) -> tuple[ImportRow, Cells | None]:
    name = " ".join(filter(None, (raw.get("first_names"), raw.get("last_name") or raw.get("organisation_name"))))
    row = ImportRow(line=line, name=name[:250], action=Action.REFUSED)
    try:
        cells = clean_row(raw, on=on)
        cells.type_word = _type_code(cells.type_word, types)
        if code := cells.office.get("converts_to"):
            cells.office["converts_to"] = _type_code(code, types, also_none=True)
        cells.branch = _branch_code(cells.branch, types)
        _find_campaign(cells, types)
    except ValidationError as error:
        row.reason = " ".join(error.messages)[:500]
        return row, None
    row.warnings, row.household, row.is_main = cells.warnings, cells.household_id, cells.is_main
    return row, cells


def _type_code(word: str, types: Types, *, also_none: bool = False) -> str:
    """The code of a type that the file has its own word for; "" for none."""
    if not word:
        return ""
    type_ = types.by_word.get(word.casefold())
    if type_ is None:
        raise Refused(
            _("“%(word)s” is no membership type here. Say which it is, like %(word)s=E, and import again."),
            code="type", params={"word": word},
        )  # fmt: skip
    return "" if type_.kind == MembershipType.Kind.NONE and not also_none else type_.code


def _branch_code(word: str, types: Types) -> str:
    """The code of a branch that the file names by code or name."""
    if not word:
        return ""
    branch = types.branches.get(word.casefold())
    if branch is None:
        raise Refused(
            _("“%(word)s” is no branch here. Write its code or its whole name, or make the branch first."),
            code="branch", params={"word": word},
        )  # fmt: skip
    return branch.code


def _find_campaign(cells: Cells, types: Types) -> None:
    """The campaign they joined with, over long since maybe. One that is forgotten is no reason to lose the person."""
    if cells.campaign and cells.campaign.casefold() not in types.campaigns:
        cells.warnings.append(_("The campaign code “%(code)s” is not known, and was left out.") % {
            "code": cells.campaign})  # fmt: skip
        cells.campaign = ""


def decide(row: ImportRow, cells: Cells, found: Found) -> None:
    """Say what is to be done with a row, as the registry stands now. Called for the preview, and again for the deed."""
    member = found.find(cells)
    row.name = cells.data.full_name[:250]
    row.member, row.changes, row.data, row.refers = member, {}, {}, {}
    row.identity = _identity(cells, member)
    if member is not None:
        row.changes = differences(member, cells, on=found.on)
        if cells.branch and cells.branch != (is_in := found.branch_codes.get(member.branch_id or 0)):
            row.changes["branch"] = [is_in, cells.branch]
        row.warnings = [*row.warnings, *_odd(member, cells, found)]
    _name_others(row, cells, found)
    if member is None:
        row.action, row.data = Action.CREATE, packed(cells)
    else:
        row.action = Action.CHANGE if row.changes else Action.UNCHANGED
        row.data = packed(cells) if row.changes else {}
    row.is_waiting = row.action in {Action.CREATE, Action.CHANGE}


def _name_others(row: ImportRow, cells: Cells, found: Found) -> None:
    """Note who pays and who recruited, if the registry does not have it so. They may come in the same file."""
    for name in others.FIELDS:
        text = getattr(cells, name)
        if not text or (row.member and found.has_already(row.member, name, text)):
            continue
        row.refers[name] = text
        if row.member:
            row.changes[name] = [found.number_of(row.member, name), found.number_for(text)]


def rank(row: ImportRow) -> int:
    """What somebody should look at first: what is refused, then warnings, then changes."""
    if row.action == Action.REFUSED:
        return 0
    if row.warnings:
        return 1
    return {Action.CHANGE: 2, Action.CREATE: 3}.get(Action(row.action), 4)


def _identity(cells: Cells, member: Member | None) -> str:
    """What two rows about the same person share; empty when nothing can tell."""
    if member:
        return f"member {member.pk}"
    if cells.member_number:
        return f"number {cells.member_number}"
    if "legacy_id" in cells.office:
        return f"old id {cells.office['legacy_id']}"
    return blake2b(cells.person.encode(), digest_size=24).hexdigest() if cells.person else ""


def differences(member: Member, cells: Cells, *, on: date) -> dict[str, list[Any]]:
    """What the file would change: field -> [is, becomes], as text. An empty cell changes nothing.

    `on` is the day of the import: an own price that no date goes with ends with its year.
    """
    different = {}
    for name in COMPARED:
        new, old = getattr(cells.data, name), getattr(member, name)
        if new not in ("", None) and new != old:
            different[name] = [as_text(old), as_text(new)]
    if cells.language and cells.language != member.language:
        different["language"] = [member.language, cells.language]
    for name, new in cells.office.items():
        old = getattr(member, name)
        if name == "converts_to":
            old = old.code if old else None
        if new != old:
            different[name] = [as_text(old), as_text(new)]
    if different.get("special_price", [None, None])[1] is not None and not _has_end(member, cells, on):
        different["special_price_until"] = [as_text(member.special_price_until), members.own_price_ends(on).isoformat()]
    return different


def _has_end(member: Member, cells: Cells, on: date) -> bool:
    """Whether the file, or else the registry, says how long the own price lasts."""
    return bool(cells.office.get("special_price_until")) or members.is_still_ahead(member.special_price_until, on)


def _odd(member: Member, cells: Cells, found: Found) -> list[str]:
    """What somebody should know of a row about an entry that is there already."""
    warnings = []
    data = cells.data
    same_name = data.last_name.casefold() == member.last_name.casefold()
    same_birth = data.born_on is None or member.born_on is None or data.born_on == member.born_on
    if not same_name and not same_birth:
        warnings.append(_("The registry has %(name)s, born %(date)s, for this: is it the same person?")
                        % {"name": member.full_name, "date": member.born_on})  # fmt: skip
    has = found.type_codes.get(member.pk, "")
    if cells.type_word and cells.type_word != has:
        warnings.append(
            _("The file says “%(file)s”, the registry “%(registry)s”. The membership is left as it is.")
            % {"file": cells.type_word, "registry": has or _("no membership")}
        )
    return warnings


def _term_warnings(cells: Cells, type_: MembershipType | None, on: date) -> list[str]:
    """What is odd about the membership that somebody new would get."""
    if type_ is None:
        return []
    if cells.expires_on and cells.expires_on < on:
        return [_("The membership ran out on %(date)s, so none is opened.") % {"date": cells.expires_on}]
    try:
        joining.refuse_wrong_age(person=cells.data, type=type_, on=on)
    except Refused:
        assert cells.data.born_on is not None
        age = dates.age_on(cells.data.born_on, dates.last_of_year(on))
        return [_("%(age)s years old at the end of the year does not fit “%(type)s”") % {
            "age": age, "type": type_.name}]  # fmt: skip
    return []
