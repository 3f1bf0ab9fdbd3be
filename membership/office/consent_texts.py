"""The words people agree to. A text is never changed: a version is added, and the old one stays with its consents."""

from datetime import date

from django.db import transaction
from wagtail.log_actions import log

from core.models import User
from membership.models import ConsentText


@transaction.atomic
def publish(
    *, purpose: str, channel: str, language: str, text: str, is_required: bool, valid_from: date, by: User | None
) -> ConsentText:
    """Add the next version of a text and return it. Those who agreed to an older one keep their consent to that."""
    alike = ConsentText.objects.select_for_update().filter(purpose=purpose, channel=channel, language=language)
    last = max((row.version for row in alike), default=0)
    row = ConsentText.objects.create(
        purpose=purpose, channel=channel, language=language, version=last + 1, text=text, is_required=is_required,
        valid_from=valid_from,
    )  # fmt: skip
    log(instance=row, action="wagtail.create", user=by)
    return row
