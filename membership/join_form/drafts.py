"""A joining form on its way: what has been written so far, kept in the visitor's session until it is sent.

Every page of the form also carries a signed copy of it, so that nothing is lost when the session ends meanwhile.
"""

import dataclasses
import uuid
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.http import HttpRequest

from core import tokens
from core.errors import Refused
from membership.joining import PersonData

MOST_PEOPLE = 40
TOO_OLD = timedelta(hours=24)
_KEY, _SENT_KEY = "join_draft", "join_sent"
_REMEMBERED = 5  # forms sent in this session whose answer can be shown again


@dataclass
class Draft:
    """What is written so far. `token` makes sure that a form sent twice is one application."""

    token: str
    started_at: str
    type_code: str = ""
    knows_word: bool = False  # has given the organisation's secret word, where it has one
    campaign_code: str = ""
    recruiter: str = ""  # the member number of whoever recruited them, as typed
    people: list[dict[str, Any]] = field(default_factory=list)
    address: dict[str, str] = field(default_factory=dict)
    guardian: dict[str, str] = field(default_factory=dict)
    agreed: list[int] | None = None  # the consent texts that were ticked; none while nobody has been asked

    @property
    def persons(self) -> list[PersonData]:
        """The people as they will be in the register: each at the address that was asked for once."""
        return [PersonData(**{**_from_json(row), **self.address}) for row in self.people]

    def set_person(self, number: int, person: dict[str, Any]) -> None:
        """Put somebody on the list: in the place of number (from 0), or last."""
        row = {name: value.isoformat() if isinstance(value, date) else value for name, value in person.items()}
        if number < len(self.people):
            self.people[number] = row
        else:
            self.people.append(row)

    def initial(self, number: int) -> dict[str, Any]:
        """What was written about a person, for the form; empty for a new one."""
        return _from_json(self.people[number]) if number < len(self.people) else {}

    def age(self, at: datetime) -> timedelta:
        """How long the form has been open."""
        return at - datetime.fromisoformat(self.started_at)


def _from_json(row: dict[str, Any]) -> dict[str, Any]:
    born_on = row.get("born_on")
    return {**row, "born_on": date.fromisoformat(born_on)} if born_on else row


def find(request: HttpRequest, *, at: datetime) -> Draft:
    """The draft of this visitor: from the session, else from the page that was sent, else a new one."""
    if kept := request.session.get(_KEY):
        return Draft(**kept)
    return _from_copy(request.POST.get("kept", "")) or Draft(token=str(uuid.uuid4()), started_at=at.isoformat())


def _from_copy(copy: str) -> Draft | None:
    """The draft that a page carried; none when it carries none, or one that we have not written."""
    try:
        return Draft(**tokens.read("join-draft", copy)) if copy else None
    except (Refused, TypeError):
        return None


def keep(request: HttpRequest, draft: Draft) -> None:
    """Remember what is written so far."""
    request.session[_KEY] = dataclasses.asdict(draft)


def signed_copy(draft: Draft) -> str:
    """The draft as the pages carry it; only we can have written it."""
    return tokens.make("join-draft", dataclasses.asdict(draft))


def remember_sent(request: HttpRequest, *, token: str, answer: dict[str, Any]) -> None:
    """The form is sent: forget the draft, keep what the answer says."""
    others = [row for row in request.session.get(_SENT_KEY, []) if row["token"] != token]
    request.session[_SENT_KEY] = [*others, {"token": token, **answer}][-_REMEMBERED:]
    if request.session.get(_KEY, {}).get("token") == token:
        del request.session[_KEY]


def sent(request: HttpRequest, **wanted: str) -> dict[str, Any] | None:
    """The answer to a form sent in this session, by its `token` or `reference`."""
    rows: list[dict[str, Any]] = request.session.get(_SENT_KEY, [])
    return next((row for row in rows if wanted.items() <= row.items()), None)
