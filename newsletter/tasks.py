"""What the worker does for newsletters."""

from django.tasks import task
from django.utils import timezone

from newsletter import mailings
from newsletter.models import Mailing


@task()
def fill_mailing(mailing_id: int) -> None:
    """Put the recipients of a mailing into the outbox. May be called again at any time."""
    mailings.fill(mailing=Mailing.objects.get(pk=mailing_id), at=timezone.now())
