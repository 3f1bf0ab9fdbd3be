"""Mails of the website. Each function is one mail, named after what it says."""

from datetime import datetime

from django.conf import settings

from messaging import outbox
from messaging.models import Message


def visitor_wrote(*, name: str, email: str, text: str, opening: str, at: datetime) -> Message:
    """Pass what a visitor wrote in the contact form on to the office. `opening` makes a form sent twice one mail."""
    client = settings.CLIENT
    return outbox.queue(
        template="visitor_wrote",
        kind="contact_form",
        recipient_ref="office",
        address=client.organisation.email,
        language=client.site.language,
        at=at,
        unique_key=f"contact-form:{opening}",
        context={"name": name, "email": email, "text": text},
        headers={"Reply-To": email},
    )
