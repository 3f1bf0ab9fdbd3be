"""What we do when an earlier app reports: one write or one enqueue."""

from typing import Any

from django.dispatch import receiver

from membership.models import Consent
from membership.signals import consent_changed
from newsletter import mailings


@receiver(consent_changed, dispatch_uid="newsletter.stop_waiting")
def stop_waiting_newsletters(*, consent: Consent, **kwargs: Any) -> None:
    """Who unsubscribes in the middle of a mailing gets nothing that has not yet left."""
    if (consent.purpose, consent.channel) == ("newsletter", "email") and not consent.is_given:
        mailings.stop(member_pk=consent.member_id, at=consent.at)
