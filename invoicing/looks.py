"""How documents look: the office's choices, changed and looked at before they are kept."""

from datetime import datetime

from django.conf import settings
from django.db import transaction
from wagtail.log_actions import log

from core.models import User
from invoicing.models import PrintLook


def current() -> PrintLook:
    """The organisation's look; as the client snippet has it while the office has chosen nothing."""
    return PrintLook.objects.select_related("logo").first() or PrintLook(design=settings.CLIENT.invoicing.template)


@transaction.atomic
def keep(*, look: PrintLook, at: datetime, by: User | None) -> PrintLook:
    """Let all documents from now on look so. There is one look, so keeping it takes the old one's place."""
    old = PrintLook.objects.select_for_update().first()
    look.pk = old.pk if old else None
    look.changed_at = at
    look.full_clean()
    look.save()
    log(instance=look, action="invoicing.look_changed", user=by)
    return look
