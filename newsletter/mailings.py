"""Sending a newsletter: one mailing a published version, one message a recipient, nobody twice.

`prepare` decides and answers at once; `fill` puts the recipients into the outbox, in the worker. Whatever interrupts
it, filling again adds only those who are missing.
"""

from collections.abc import Iterator
from datetime import datetime
from functools import partial
from itertools import groupby
from operator import itemgetter

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from wagtail.log_actions import log

from core.errors import Refused
from core.models import User
from membership.models import Consent
from messaging import decisions, outbox
from messaging.models import Message, Wording
from messaging.outbox import Draft
from newsletter import audiences, mails
from newsletter.models import Mailing, NewsletterPage
from newsletter.subscriptions import address_maker

KIND = "newsletter"
UNSUBSCRIBED = gettext_noop("The recipient no longer wants newsletters.")


def prepare(*, page: NewsletterPage, at: datetime, by: User | None) -> Mailing:
    """Send the published version to its audience. Done twice, it is one mailing: the first one is returned.

    Refuses a page that is not published, and one that nobody would get. The recipients are filled in by the worker.
    """
    if not page.live:
        raise Refused(_("Publish the newsletter first. What is published is what is sent."), code="not_published")
    earlier = Mailing.objects.filter(page=page, edition=page.edition).first()
    if earlier:
        return earlier
    size = audiences.size(page=page, on=timezone.localtime(at).date())
    if not size.mails:
        raise Refused(_("Nobody would get this newsletter. Choose a wider audience on the page."), code="nobody")
    with transaction.atomic():
        mailing, is_new = Mailing.objects.get_or_create(
            page=page,
            edition=page.edition,
            defaults={
                "title": page.title,
                "audience": audiences.describe(page)[:500],
                "expected": size.mails,
                "started_at": at,
                "by": by,
            },
        )
        if is_new:
            log(instance=page, action="newsletter.send", user=by, data={"recipients": size.mails})
            start_filling(mailing)
    return mailing


def start_filling(mailing: Mailing) -> None:
    """Let the worker put the recipients into the outbox, once this transaction is committed."""
    from newsletter.tasks import fill_mailing  # the task calls this module

    transaction.on_commit(partial(fill_mailing.enqueue, mailing.pk))


def fill(*, mailing: Mailing, at: datetime) -> int:
    """Put everybody who is missing into the outbox; return how many. Again changes nothing."""
    page = mailing.page
    if page is None or mailing.filled_at is not None:
        return 0
    wordings = _wordings(mailing, page)
    added = outbox.queue_many(rows=_drafts(mailing, page, wordings), at=at)
    _cancel_for_those_who_left_meanwhile(mailing, at=at)
    mailing.filled_at = at
    mailing.save(update_fields=["filled_at"])
    return added


def send_test(*, page: NewsletterPage, to: User, at: datetime) -> Message:
    """Send the newsletter as it stands to one person of the office. Its unsubscribe link does nothing."""
    language = to.language or settings.CLIENT.site.language
    draft = Draft(
        kind="newsletter_test",
        recipient_ref=f"user:{to.pk}",
        address=to.email,
        language=language,
        unique_key=f"newsletter-test:{page.pk}:{to.pk}:{at.isoformat()}",
        words=mails.newsletter(page=page, language=language, unsubscribe=mails.address_of(page)),
    )
    return outbox.queue_words(draft=draft, at=at)


def _wordings(mailing: Mailing, page: NewsletterPage) -> dict[str, Wording]:
    """The newsletter's words, stored once for each language of its frame."""
    wordings = {}
    for language, _name in settings.LANGUAGES:
        words = mails.newsletter(page=page, language=language)
        wordings[language] = outbox.store_wording(
            key=f"{mailing.key}:{language}", subject=words.subject, text=words.text, html=words.html
        )
    mailing.wordings.set(wordings.values())
    return wordings


def _drafts(mailing: Mailing, page: NewsletterPage, wordings: dict[str, Wording]) -> Iterator[Draft]:
    """A draft for each address, and one for each member without an address: the outbox keeps why they get nothing."""
    on = timezone.localtime(mailing.started_at).date()
    found = audiences.members(page=page, on=on).order_by("pk").values_list("email", "pk", "language")
    unsubscribe = address_maker()
    rows = sorted((email.strip().lower(), pk, language, email) for email, pk, language in found)
    for address, sharing in groupby(rows, key=itemgetter(0)):
        for _address, pk, language, email in sharing:
            wording = wordings.get(language) or wordings[settings.CLIENT.site.language]
            yield _draft(mailing, wording, email=email, pk=pk, language=language, unsubscribe=unsubscribe(pk))
            if address:
                break  # those who share an address share the mail, in the name of the member who was first


def _draft(mailing: Mailing, wording: Wording, *, email: str, pk: int, language: str, unsubscribe: str) -> Draft:
    return Draft(
        kind=KIND,
        recipient_ref=f"member:{pk}",
        address=email,
        language=language,
        unique_key=f"{mailing.key}:{pk}",
        wording=wording,
        values={"unsubscribe": unsubscribe},
        headers={"List-Unsubscribe": f"<{unsubscribe}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"},
    )


def _cancel_for_those_who_left_meanwhile(mailing: Mailing, *, at: datetime) -> None:
    """Between asking for the audience and storing its messages somebody may have unsubscribed."""
    withdrawn = Consent.objects.filter(
        purpose="newsletter", channel="email", is_given=False, at__gte=mailing.started_at
    ).values_list("member_id", flat=True)
    for pk in set(withdrawn):
        stop(member_pk=pk, at=at)


def stop(*, member_pk: int, at: datetime) -> int:
    """Take back the newsletters that wait for this member. What a worker has taken already is not called back."""
    return decisions.cancel_waiting(recipient_ref=f"member:{member_pk}", at=at, reason=UNSUBSCRIBED, kind=KIND)
