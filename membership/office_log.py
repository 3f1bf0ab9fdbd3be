"""The log in words: what each action of the registry means, for the office and for the member."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.log_actions import LogFormatter
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


# Each sentence is made when it is read, in the reader's language.
SENTENCES: dict[str, tuple[Any, Callable[[Data], str]]] = {
    "membership.member.viewed": (gettext_lazy("Viewed"), lambda d: _("Looked at")),
    "membership.member.changed": (gettext_lazy("Changed"), lambda d: _("Changed: %(fields)s") % {"fields": _fields(d)}),
    "membership.member.exported": (
        gettext_lazy("Exported"), lambda d: _("On an exported list: %(purpose)s") % {"purpose": d.get("purpose", "")}),
    "membership.member.resigned": (gettext_lazy("Resigned"), lambda d: _("Resigned")),
    "membership.member.died": (gettext_lazy("Died"), lambda d: _("Death recorded")),
    "membership.member.excluded": (
        gettext_lazy("Excluded"), lambda d: _("Excluded: %(reason)s") % {"reason": d.get("reason", "")}),
    "membership.member.login_link_sent": (gettext_lazy("Log-in link"), lambda d: _("Log-in link sent")),
    "membership.period.opened": (
        gettext_lazy("Membership opened"), lambda d: _with_type(_("Membership opened"), d)),
    "membership.period.confirmed": (
        gettext_lazy("Membership confirmed"), lambda d: _with_type(_("Membership confirmed"), d)),
    "membership.period.unconfirmed": (
        gettext_lazy("Confirmation undone"), lambda d: _with_type(_("Payment undone"), d)),
    "membership.period.ended": (
        gettext_lazy("Membership ended"),
        lambda d: _("Membership ended: %(reason)s") % {"reason": _reason(d)}),
    "membership.household.formed": (gettext_lazy("Household formed"), lambda d: _("Household formed")),
    "membership.household.joined": (gettext_lazy("Household joined"), lambda d: _("Moved into a household")),
    "membership.household.left": (gettext_lazy("Household left"), lambda d: _("Moved out of the household")),
    "membership.household.handed_over": (
        gettext_lazy("Main member"), lambda d: _("Became the household's main member")),
    "membership.application.refused": (
        gettext_lazy("Application refused"),
        lambda d: _("Application refused: %(reason)s") % {"reason": d.get("reason", "")}),
    "wagtail.create": (gettext_lazy("Create"), lambda d: _("Registered")),
}  # fmt: skip


def register_actions(actions: Any) -> None:
    """Tell Wagtail's log what the registry's actions are called. Wagtail's own it knows already."""
    for action, (label, sentence) in SENTENCES.items():
        if not action.startswith("wagtail."):
            actions.register_action(action)(_formatter(label, sentence))


def _formatter(label: Any, sentence: Callable[[Data], str]) -> type[LogFormatter]:
    def format_message(self: LogFormatter, log_entry: ModelLogEntry) -> str:
        return sentence(log_entry.data)

    return type("MembershipLogFormatter", (LogFormatter,), {"label": label, "format_message": format_message})


def readable(
    entry: ModelLogEntry, *, hidden: Collection[str] = (), names: dict[str, str] | None = None
) -> LogLine | None:
    """Return an entry in words; none when everything in it is about fields the reader may not see.

    `names` are the types' (see `type_names`); without them a type is called by its code.
    """
    data: Data = {**entry.data, "type_names": names or {}}
    if "fields" in data:
        data["fields"] = [name for name in data["fields"] if name not in hidden]
        if not data["fields"]:
            return None
    known = SENTENCES.get(entry.action)
    text = known[1](data) if known else str(entry.message)
    return LogLine(
        at=entry.timestamp, by=entry.user, text=capfirst(text), is_look=entry.action == "membership.member.viewed"
    )
