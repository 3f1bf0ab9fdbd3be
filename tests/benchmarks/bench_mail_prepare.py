"""A newsletter's recipients: from the audience, a query, to one row each in the outbox."""

from collections.abc import Iterable
from datetime import date, datetime

from django.utils import timezone

from membership.models import Consent, Member
from messaging.models import Message
from newsletter import mailings
from newsletter.models import Mailing, NewsIndexPage, NewsletterPage
from tests.benchmarks.harness import Row, bench, compare, measure

ON = date(2026, 3, 10)
LESS = 2_000


@bench("mail_prepare", n=100_000)
def mail_prepare(n: int) -> Iterable[Row]:
    """n members who have said yes get a row each; the baseline makes each row with create()."""
    at = timezone.make_aware(datetime(2026, 3, 10, 12))
    readers(n, at)
    page = NewsletterPage(title="Vårnytt", teaser="Isen går.", body=[("heading", "Hei"), ("heading", "Ha det")])
    NewsIndexPage.objects.live().last().add_child(instance=page)
    mailing = Mailing.objects.create(page=page, title=page.title, audience="", expected=n, started_at=at)
    ours = measure(lambda: mailings.fill(mailing=mailing, at=at))
    assert Message.objects.count() == n

    less = min(n, LESS)
    rows = list(Message.objects.order_by("pk")[:less])
    Message.objects.all().delete()
    theirs = measure(lambda: [create(row) for row in rows])
    yield compare(n=n, ours=ours, baseline="a create() each", theirs=theirs, theirs_n=less)


def readers(n: int, at: datetime) -> None:
    """Members who have said yes to newsletters."""
    members = Member.objects.bulk_create(
        (
            Member(member_number=f"B{i}", last_name=f"Øye{i}", first_names="Åse", email=f"person{i}@example.no",
                   registered_on=ON)
            for i in range(n)
        ),
        batch_size=1000,
    )  # fmt: skip
    Consent.objects.bulk_create(
        (
            Consent(member=member, purpose="newsletter", channel="email", is_given=True, at=at, source="import")
            for member in members
        ),
        batch_size=1000,
    )


def create(row: Message) -> None:
    """The same row, saved by itself."""
    Message.objects.create(
        kind=row.kind, recipient_ref=row.recipient_ref, address=row.address, language=row.language,
        unique_key=row.unique_key, wording_id=row.wording_id, values=row.values, headers=row.headers,
        priority=row.priority, queued_at=row.queued_at,
    )  # fmt: skip
