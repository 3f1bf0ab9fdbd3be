"""Consents: given and withdrawn, always as a new row with the words the person saw."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.conf import settings
from django.db import transaction

from core.inserts import insert_values
from core.models import User
from membership.models import Consent, ConsentText, Member
from membership.models.consents import Channel, Purpose
from membership.signals import consent_changed

# What a member can give and withdraw on My page, in its order: (purpose, channel).
CHOICES = (("newsletter", "email"), ("information", "email"), ("information", "sms"))


# What joining asks of everybody in a household; whoever fills in the form answers for all.
FOR_ALL = ("statutes", "privacy")


@dataclass(frozen=True, kw_only=True)
class ConsentGiven:
    """One answer on a form: yes or no to exactly that text."""

    purpose: str
    channel: str = ""
    is_given: bool = True
    text: ConsentText | None = None


def texts(*, language: str, on: date) -> list[ConsentText]:
    """Return the newest valid version of each text in the language, required ones first."""
    newest: dict[tuple[str, str], ConsentText] = {}
    rows = ConsentText.objects.filter(language=language, valid_from__lte=on).order_by("version")
    for row in rows:
        newest[row.purpose, row.channel] = row
    return sorted(newest.values(), key=lambda row: (not row.is_required, row.purpose != "statutes", row.pk))


@dataclass(frozen=True, kw_only=True)
class Choice:
    """What a member can give or withdraw now: the words in force, and the event that counts, if any.

    Without `text` there are no words to agree to any more, in no language: it can be withdrawn, and not given.
    """

    purpose: str
    channel: str
    text: ConsentText | None
    last: Consent | None

    @property
    def name(self) -> str:
        """How a form names it."""
        return f"{self.purpose}:{self.channel}"

    @property
    def is_given(self) -> bool:
        return self.last is not None and self.last.is_given

    @property
    def title(self) -> str:
        """The purpose and its channel, in the reader's language."""
        labels = [str(Purpose(self.purpose).label), str(Channel(self.channel).label) if self.channel else ""]
        return " – ".join(label for label in labels if label)


def choices(*, member: Member, language: str, on: date) -> list[Choice]:
    """Everything voluntary, in the order of CHOICES: what can be given, and whatever else has been given once.

    Whatever was given can be withdrawn, whether or not there are words for it in the reader's language, or at all. What
    joining asks of everybody is not here: it is withdrawn by leaving.
    """
    counts = standing(member=member)
    words = _words_in_force(language=language, on=on)
    given = [key for key, last in counts.items() if last.is_given and key[0] not in FOR_ALL]
    keys = [key for key in CHOICES if key in words or key in given]
    keys += sorted(set(given) - set(CHOICES))
    return [Choice(purpose=key[0], channel=key[1], text=words.get(key), last=counts.get(key)) for key in keys]


def required(*, member: Member) -> list[Consent]:
    """What joining asked of the member and stands: the statutes, the privacy notice."""
    return [
        last for (purpose, _channel), last in standing(member=member).items() if purpose in FOR_ALL and last.is_given
    ]


def _words_in_force(*, language: str, on: date) -> dict[tuple[str, str], ConsentText]:
    """The newest words of each purpose and channel: the reader's language, else another that the site has."""
    spoken = (*settings.CLIENT.site.languages, language)
    rows = ConsentText.objects.filter(language__in=spoken, valid_from__lte=on).order_by("version")
    in_order = sorted(rows, key=lambda row: row.language == language)
    return {(row.purpose, row.channel): row for row in in_order}


def standing(*, member: Member) -> dict[tuple[str, str], Consent]:
    """Return the event that counts, the last, for each purpose and channel."""
    rows = sorted(member.consents.all(), key=lambda consent: (consent.at, consent.pk))
    return {(row.purpose, row.channel): row for row in rows}


@transaction.atomic
def record(
    *, member: Member, purpose: str, channel: str, is_given: bool, at: datetime, source: str, by: User | None = None,
    text: ConsentText | None = None,
) -> Consent | None:  # fmt: skip
    """Record that a consent was given or withdrawn; nothing when that is how it stands already.

    Agreeing again to a new version of the words is a new event. Never given and now declined is no event.
    """
    Member.objects.select_for_update().filter(pk=member.pk).first()
    last = Consent.objects.filter(member=member, purpose=purpose, channel=channel).order_by("-at", "-pk").first()
    if is_given and last and last.is_given and (text is None or last.text_id == text.pk):
        return None
    if not is_given and (last is None or not last.is_given):
        return None
    consent = Consent.objects.create(
        member=member, purpose=purpose, channel=channel, is_given=is_given, at=at, source=source, by=by, text=text
    )
    consent_changed.send(sender=Consent, consent=consent)
    return consent


def record_first(
    *, members: Sequence[Member], given: Sequence[ConsentGiven], at: datetime, source: str, by: User | None = None
) -> int:
    """Record the answers on the form of people who are new in the registry. Returns how many events were written.

    Who fills in the form answers for the household where joining asks for it (statutes, privacy); what is voluntary
    the first of them says, and the others say for themselves on My page.
    """
    for_all = [answer for answer in given if answer.purpose in FOR_ALL]
    voluntary = [answer for answer in given if answer.purpose not in FOR_ALL]
    number = record_each(members=members, given=for_all, at=at, source=source, by=by)
    return number + record_each(members=members[:1], given=voluntary, at=at, source=source, by=by)


def record_each(
    *, members: Iterable[Member], given: Sequence[ConsentGiven], at: datetime, source: str, by: User | None = None
) -> int:
    """Record the same answers for each of some new people. Returns how many events were written.

    Says nothing to listeners: nobody can have acted on what was not there.
    """
    keys, written = [member.pk for member in members], 0
    for answer in given:
        if not answer.is_given:
            continue
        insert_values(
            Consent,
            shared={"purpose": answer.purpose, "channel": answer.channel, "is_given": True, "at": at, "source": source,
                    "by_id": by.pk if by else None, "text_id": answer.text.pk if answer.text else None},
            own={"member_id": keys},
        )  # fmt: skip
        written += len(keys)
    return written
