"""The log in words: what each action of the registry means, for the office and for the member."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.text import capfirst
from django.utils.translation import gettext as _
from wagtail.models import ModelLogEntry

from core.models import User
from membership.models import Member, MembershipType, Period

Data = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class LogLine:
    """One thing that was done: when, by whom (none: by itself), and its sentence."""

    at: datetime
    by: User | None
    text: str
    is_look: bool


def type_names() -> dict[str, str]:
    """The types' names in the reader's language, by code: the log keeps codes."""
    return {type_.code: type_.name for type_ in MembershipType.objects.all()}


def _type_name(data: Data) -> str:
    code = str(data.get("type", ""))
    names: dict[str, str] = data.get("type_names", {})
    return names.get(code, code)


def _with_type(sentence: str, data: Data) -> str:
    """The sentence, and which type it was, where the log says so."""
    return f"{sentence}: {_type_name(data)}" if data.get("type") else sentence


def _fields(data: Data) -> str:
    """The names of fields as the forms write them. Values are never logged."""
    labels = {field.name: str(field.verbose_name) for field in Member._meta.fields}
    return ", ".join(labels.get(name, name) for name in data.get("fields", []))


def _reason(data: Data) -> str:
    return str(dict(Period.EndReason.choices).get(data.get("reason", ""), data.get("reason", "")))


# Each sentence is made when it is read, in the reader's language. Others have Wagtail's words: see log_actions.py.
SENTENCES: dict[str, Callable[[Data], str]] = {
    "membership.member.viewed": lambda d: _("Looked at"),
    "membership.member.changed": lambda d: _("Changed: %(fields)s") % {"fields": _fields(d)},
    "membership.member.exported": lambda d: _("On an exported list: %(purpose)s") % {"purpose": d.get("purpose", "")},
    "membership.member.login_link_sent": lambda d: _("Log-in link sent"),
    "membership.member.transferred": lambda d: _("Transferred to another branch"),
    "membership.member.resigned": lambda d: _("Resigned"),
    "membership.member.died": lambda d: _("Death recorded"),
    "membership.member.excluded": lambda d: _("Excluded: %(reason)s") % {"reason": d.get("reason", "")},
    "membership.period.opened": lambda d: _with_type(_("Membership opened"), d),
    "membership.period.confirmed": lambda d: _with_type(_("Membership confirmed"), d),
    "membership.period.unconfirmed": lambda d: _with_type(_("Payment undone"), d),
    "membership.period.ended": lambda d: _("Membership ended: %(reason)s") % {"reason": _reason(d)},
    "membership.household.joined": lambda d: _("Moved into a household"),
    "membership.household.left": lambda d: _("Moved out of the household"),
    "membership.household.handed_over": lambda d: _("Became the household's main member"),
    "wagtail.create": lambda d: _("Registered"),
}


# What is itself about a field that only the office may know: when a link was sent is when the field says it was.
SPEAKS_OF = {"membership.member.login_link_sent": "login_link_sent_at"}


def unreadable(hidden: Collection[str]) -> list[str]:
    """The actions that somebody who may not see these fields is not told of."""
    return [action for action, name in SPEAKS_OF.items() if name in hidden]


def readable(
    entry: ModelLogEntry, *, hidden: Collection[str] = (), names: dict[str, str] | None = None
) -> LogLine | None:
    """Return an entry in words; none when everything in it is about fields the reader may not see.

    `names` are the types' (see `type_names`); without them a type is called by its code.
    """
    if SPEAKS_OF.get(entry.action) in hidden:
        return None
    data: Data = {**entry.data, "type_names": names or {}}
    if "fields" in data:
        data["fields"] = [name for name in data["fields"] if name not in hidden]
        if not data["fields"]:
            return None
    known = SENTENCES.get(entry.action)
    text = known(data) if known else str(entry.message)
    return LogLine(
        at=entry.timestamp, by=entry.user, text=capfirst(text), is_look=entry.action == "membership.member.viewed"
    )
