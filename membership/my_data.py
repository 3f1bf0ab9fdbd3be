"""My data: everything we hold about a member that the member may see, as one file to take away.

A zip with everything as JSON, for programs, and each part as CSV, for people. Fields of the office are not in it, and
nothing about others of the household. A later app adds its part with a Wagtail hook, so that membership imports none:

    @hooks.register("my_data_part")
    def invoices(member: Member, on: date) -> DataPart: …
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from io import BytesIO
from typing import Any, cast
from zipfile import ZIP_DEFLATED, ZipFile

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import Field, Model
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.text import capfirst, slugify
from django.utils.translation import gettext as _
from wagtail import hooks
from wagtail.log_actions import log

from core import exports
from core.models import User
from membership import branches, prices, who_sees
from membership.models import Application, BranchTransfer, Consent, Member, Period, Position
from membership.models.members import OFFICE_ONLY
from membership.office.log_words import readable, type_names
from messaging import readable as messages
from messaging.models import Message

DOWNLOADED = "membership.member.data_downloaded"
_NOT_TOLD = {"id", "search_text", "household_note", *OFFICE_ONLY}  # the note is about the others of the household


@dataclass(frozen=True, kw_only=True)
class DataPart:
    """One part of the file: a list. `columns` are (name in the JSON, heading in the CSV); `order` sorts the parts."""

    order: int
    name: str
    title: str
    columns: Sequence[tuple[str, str | Promise]]
    rows: Iterable[Sequence[Any]]


def headings(model: type[Model], *names: str) -> list[tuple[str, str | Promise]]:
    """Columns called like the model's fields."""
    return [(name, cast("Field[Any, Any]", model._meta.get_field(name)).verbose_name) for name in names]


def collect(*, member: Member, on: date) -> list[DataPart]:
    """Return every part in order, this app's and the others'. The number of queries does not grow with the rows."""
    own = [_details(member), _memberships(member), _consents(member), _applications(member), _messages(member)]
    others: Iterable[DataPart | None] = (hook(member, on) for hook in hooks.get_hooks("my_data_part"))
    perhaps = [_transfers(member), _positions(member), *others]
    parts = [*own, _log(member), *(part for part in perhaps if part)]
    return sorted(parts, key=lambda part: (part.order, part.name))


def download(*, member: Member, on: date, at: datetime, by: User) -> bytes:
    """Return the zip, and write in the log that it was taken away."""
    log(instance=member, action=DOWNLOADED, user=by)
    return _zip(collect(member=member, on=on), member=member, at=at)


def file_name(*, on: date) -> str:
    """What the file is called; says nothing about whose it is."""
    return slugify(_("my data")) + f"-{on.isoformat()}.zip"


def _zip(parts: Sequence[DataPart], *, member: Member, at: datetime) -> bytes:
    buffer = BytesIO()
    content: dict[str, Any] = {"organisation": settings.CLIENT.organisation.name, "made_at": at}
    with ZipFile(buffer, "w", ZIP_DEFLATED) as archive:
        for number, part in enumerate(parts, 1):
            rows, names = [list(row) for row in part.rows], [name for name, _heading in part.columns]
            content[part.name] = [dict(zip(names, row, strict=True)) for row in rows]
            headings = [str(heading) for _name, heading in part.columns]
            lines = exports.csv_lines(headings=headings, rows=([_cell(cell) for cell in row] for row in rows))
            archive.writestr(f"{number:02}-{_file_word(part.title)}.csv", "".join(lines))
        archive.writestr("my-data.json", json.dumps(content, cls=DjangoJSONEncoder, ensure_ascii=False, indent=1))
        archive.writestr(_file_word(_("read me")) + ".txt", _read_me(member, at))
    return buffer.getvalue()


def _file_word(title: str) -> str:
    """A title as a file's name on every computer."""
    return slugify(title.lower().replace("æ", "ae").replace("ø", "o").replace("å", "a"))


def _cell(value: Any) -> Any:
    """A value as people read it in a table: moments in the organisation's time, yes and no in words."""
    if isinstance(value, datetime):
        return date_format(timezone.localtime(value), "Y-m-d H:i")
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return "" if value is None else value


def _read_me(member: Member, at: datetime) -> str:
    organisation = settings.CLIENT.organisation
    words = {"organisation": organisation.name, "name": member.full_name, "email": organisation.email,
             "date": date_format(timezone.localtime(at))}  # fmt: skip
    return "\r\n".join([
        _("What %(organisation)s holds about %(name)s on %(date)s.") % words,
        "",
        _("The CSV files open in a spreadsheet. The file my-data.json has the same for programs."),
        _("Is something wrong? Change it on My page, or write to %(email)s.") % words,
        "",
    ])  # fmt: skip


def _details(member: Member) -> DataPart:
    """The entry itself, a line a field, and the log-in."""
    rows: list[tuple[str, str, Any]] = []
    for field in Member._meta.concrete_fields:
        if field.name not in _NOT_TOLD and not field.is_relation:
            shown = getattr(member, f"get_{field.name}_display", None)
            value = shown() if shown else getattr(member, field.name)
            rows.append((field.name, str(capfirst(field.verbose_name)), value))
    rows.append(("in_household", _("In a household"), member.household_id is not None))
    rows.append(("is_main_member", _("Main member of the household"), member.is_main_member))
    if member.branch:
        rows.append(("branch", _("Branch"), member.branch.name))
    if member.campaign:
        rows.append(("campaign", _("Campaign"), member.campaign.code))
    if user := member.user:
        rows += [
            ("log_in_name", _("User name"), user.get_username()),
            ("log_in_email", _("E-mail of the log-in"), user.email),
            ("last_login", _("Last log-in"), user.last_login),
        ]
    columns = (("field", _("Name")), ("label", _("What")), ("value", _("Value")))
    return DataPart(order=100, name="details", title=_("Details"), columns=columns, rows=rows)


def _memberships(member: Member) -> DataPart:
    columns = headings(
        Period,
        "type", "starts_on", "ends_on", "price", "reasons", "source", "confirmed_on", "pay_by", "ended_on",
        "end_reason",
    )  # fmt: skip
    rows = [
        (
            row.type.name, row.starts_on, row.ends_on, row.price, _reasons(row), row.get_source_display(),
            row.confirmed_on, row.pay_by, row.ended_on, row.get_end_reason_display(),
        )
        for row in member.periods.select_related("type")
    ]  # fmt: skip
    return DataPart(order=200, name="memberships", title=_("Memberships"), columns=columns, rows=rows)


def _reasons(period: Period) -> str:
    return "; ".join(f"{reason.sentence()}: {reason.amount}" for reason in prices.reasons_from_json(period.reasons))


def _consents(member: Member) -> DataPart:
    columns = headings(
        Consent,
        "purpose", "channel", "is_given", "at", "source", "text",
    )  # fmt: skip
    rows = [
        (
            row.get_purpose_display(), row.get_channel_display() if row.channel else "", row.is_given, row.at,
            row.get_source_display(), row.text.text if row.text else "", row.text.version if row.text else None,
        )
        for row in member.consents.select_related("text")
    ]  # fmt: skip
    columns.append(("version", _("version")))
    return DataPart(order=500, name="consents", title=_("Consents"), columns=columns, rows=rows)


def _transfers(member: Member) -> DataPart | None:
    """From one branch to another; nothing where there are no branches."""
    if not branches.are_used():
        return None
    columns = headings(BranchTransfer, "on", "from_branch", "to_branch")
    rows = [
        (row.on, str(row.from_branch or ""), str(row.to_branch or ""))
        for row in member.branch_transfers.select_related("from_branch", "to_branch")
    ]
    return DataPart(order=560, name="branch_transfers", title=_("Branches"), columns=columns, rows=rows)


def _positions(member: Member) -> DataPart | None:
    """The offices they hold and have held; nothing for who never held any."""
    columns = headings(Position, "committee", "office", "starts_on", "ends_on")
    rows = [
        (str(row.committee), row.shown_title, row.starts_on, row.ends_on)
        for row in member.positions.select_related("committee__branch")
    ]
    if not rows:
        return None
    return DataPart(order=570, name="offices", title=_("Offices"), columns=columns, rows=rows)


def _applications(member: Member) -> DataPart:
    """The joining forms they sent, without what they wrote there about others."""
    columns = headings(
        Application,
        "reference", "wanted_type", "sent_at", "confirmed_at", "decided_at", "state",
    )  # fmt: skip
    rows = [
        (row.reference, row.wanted_type.name, row.sent_at, row.confirmed_at, row.decided_at, row.get_state_display())
        for row in member.applications.select_related("wanted_type")
    ]
    return DataPart(order=550, name="applications", title=_("Joining forms"), columns=columns, rows=rows)


def _messages(member: Member) -> DataPart:
    """What was sent to them, word for word but for log-in codes, and what was not sent and why."""
    columns = (
        ("queued_at", _("When")), ("channel", _("Channel")), ("address", _("Address")), ("subject", _("Subject")),
        ("state", _("State")), ("why", _("Why")), ("text", _("Text")),
    )  # fmt: skip
    rows = [
        (
            row.queued_at, row.get_channel_display(), row.address, messages.subject(row), row.get_state_display(),
            row.why, messages.text(row),
        )
        for row in Message.objects.to_recipient(member.recipient_ref).select_related("wording")
    ]  # fmt: skip
    return DataPart(order=600, name="messages", title=_("Messages"), columns=columns, rows=rows)


def _log(member: Member) -> DataPart:
    """Who looked, exported and changed what; nothing about fields of the office."""
    names = type_names()
    lines = ((entry, readable(entry, hidden=OFFICE_ONLY, names=names)) for entry in who_sees.entries(member))
    rows = [(line.at, line.text, who_sees.who(entry.user, member=member)) for entry, line in lines if line]
    columns = (("at", _("When")), ("what", _("What")), ("by", _("By whom")))
    return DataPart(order=900, name="log", title=_("Log"), columns=columns, rows=rows)
