"""The welcome letter: queued for the printer, once a member unless the office asks again, and printed from what the
registry says on that day.

documents.py lays it out. A letter of somebody who has died, left no address or been erased meanwhile is not printed.
"""

from collections.abc import Iterable, Sequence, Set
from datetime import date, datetime

from django.db import transaction
from django.db.models import QuerySet
from django.template.defaultfilters import slugify
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, override
from wagtail.log_actions import log

from core.errors import Refused
from core.models import User
from invoicing import documents, parties, ways
from invoicing.letters import print_files
from invoicing.letters.papers import Paper
from invoicing.models import PrintFile
from membership import scope
from membership.models import Member
from membership.status import status_of
from messaging import outbox
from messaging.attachments import Attachment
from messaging.models import Channel, Message, State
from messaging.rendering import Words

SCHEME = "welcome"  # what the outbox calls these documents; the member's key follows
KIND = "welcome"
ASKED_FOR = gettext_noop("The office asked for it on paper.")


def letters_to(member: Member) -> QuerySet[Message]:
    """The welcome letters on paper to one member, waiting, printed or held back."""
    return Message.objects.filter(kind=KIND, channel=Channel.LETTER, recipient_ref=member.recipient_ref).order_by("pk")


def waiting_for(user: User) -> QuerySet[Message]:
    """The welcome letters that wait for the printer, to those the log-in may know of."""
    rows = Message.objects.filter(kind=KIND, channel=Channel.LETTER, state=State.QUEUED).order_by("pk")
    return scope.visible_to(user, rows)


def files_of(user: User) -> QuerySet[PrintFile]:
    """The files of welcome letters that the log-in has asked for. Whom they are to is asked of each: `may_have`."""
    return PrintFile.objects.filter(kind=SCHEME, asked_by=user)


def may_have(*, user: User, file: PrintFile) -> bool:
    """Whether the log-in may know of everybody in a file that it asked for: branches may have changed since."""
    addressed = Member.objects.filter(pk__in=_keys(file.documents))
    return scope.sees_every_branch(user) or scope.visible_to(user, addressed).count() == addressed.count()


@transaction.atomic
def queue(*, member: Member, on: date, at: datetime, by: User | None, again: bool = False) -> bool:
    """Put a welcome letter among the letters to print; false where one waits already, or was printed and the office
    does not ask for it `again`. Refuses without a membership on the day, without a postal address, and for the dead.
    """
    locked = Member.objects.select_for_update().get(pk=member.pk)
    refuse_unless_sensible(member=locked, on=on)
    states = list(letters_to(locked).values_list("state", flat=True))
    if State.QUEUED in states or (State.SENT in states and not again):
        return False
    language = documents.language_of(locked)
    with override(language):
        subject = _("Welcome letter")
        address = parties.address(locked, language=language)
    message = outbox.queue_words(
        draft=outbox.Draft(
            template="letter", kind=KIND, channel=Channel.LETTER, recipient_ref=locked.recipient_ref,
            address=", ".join(address.splitlines()), language=language, words=Words(subject=subject, text=""),
            unique_key=f"welcome-letter:{locked.pk}:{len(states) + 1}", attachments=[f"{SCHEME}:{locked.pk}"],
        ),
        at=at,
    )  # fmt: skip
    message.reason = ASKED_FOR
    message.save(update_fields=["reason"])
    log(instance=locked, action="invoicing.welcome_letter", user=by)
    return True


def refuse_unless_sensible(*, member: Member, on: date) -> None:
    """Refuse who cannot be welcomed: who has died, is no member on the day, or has no postal address. The sentence
    names nobody, for it is kept with what is done to a list."""
    if member.died_on:
        raise Refused(_("Has died."), code="dead")
    if not status_of(member=member, on=on).belongs:
        raise Refused(_("Is not a member now, so there is nothing to welcome to."), code="left")
    if not ways.has_postal_address(member):
        raise Refused(_("Has no postal address. Write one in the registry first."), code="no_address")


def start_file(*, at: datetime, by: User) -> PrintFile:
    """Put the welcome letters that wait, to those the log-in may know of, into one file. Refuses when there are none.
    The caller enqueues `make`."""
    return print_files.start(at=at, by=by, letters=waiting_for(by), kind=SCHEME)


def pdf_of(member: Member, *, on: date) -> bytes:
    """The letter as it is on the day. Raises press.PrintError."""
    language = documents.language_of(member)
    type = status_of(member=member, on=on).type
    return documents.welcome_pdf(member=member, on=on, type_name=type.name_in(language) if type else "",
                                 has_email=ways.is_reached_by_email(member))  # fmt: skip


def file_name(member: Member) -> str:
    """A name that says what it is on somebody's disk: `velkommen-1042.pdf`."""
    with override(documents.language_of(member)):
        return slugify(_("Welcome")) + f"-{member.member_number}.pdf"


# --- in a print file -------------------------------------------------------------------------------------------------


def as_attachment(key: str) -> Attachment:
    """What a letter that names `welcome:<member>` is; it bears the day it was asked for. Raises PrintError."""
    member = Member.objects.get(pk=int(key))
    asked_at = letters_to(member).latest("pk").queued_at
    content = pdf_of(member, on=timezone.localtime(asked_at).date())
    return Attachment(name=file_name(member), content_type="application/pdf", content=content)


def of_members(keys: Sequence[int]) -> Iterable[Paper]:
    """To whom welcome letters go: the address in the registry, as it is printed."""
    for member in Member.objects.filter(pk__in=keys):
        yield Paper(
            reference=f"{SCHEME}:{member.pk}", label=member.member_number, name=member.full_name,
            address=parties.address(member, language=documents.language_of(member)),
        )  # fmt: skip


def pointless(keys: Sequence[int]) -> Set[int]:
    """Those who are gone, dead, or without an address: nobody opens a letter to them."""
    people = Member.objects.filter(pk__in=keys, died_on__isnull=True).exclude(ways.no_postal_address(""))
    return set(keys) - set(people.values_list("pk", flat=True))


def _keys(documents_in_it: Iterable[str]) -> list[int]:
    return [int(reference.removeprefix(f"{SCHEME}:")) for reference in documents_in_it]
