"""What happens later, in the worker: ids in, one call out. Every task may run twice."""

import logging
import time
from datetime import datetime, timedelta

from django.conf import settings
from django.tasks import task
from django.utils import timezone, translation

from payments.from_bank import bank_files
from payments.models import ProviderPayment
from payments.online import pay_now
from payments.providers.provider import ProviderError

logger = logging.getLogger(__name__)
_SECONDS = 10  # a turn; whoever waits for a log-in code waits no longer than for this
_HELD_FOR = timedelta(minutes=2)


@task()
def look_at_payment(pk: int) -> None:
    """Ask the provider about one online payment: a webhook says that something happened to it."""
    _look(pk, timezone.now())


@task()
def look_at_payments() -> None:
    """Ask about the online payments whose turn it is, for some seconds. What is left is found by the next sweep."""
    ends = time.monotonic() + _SECONDS
    while time.monotonic() < ends:
        at = timezone.now()
        due = ProviderPayment.objects.due(at=at).order_by("look_at", "pk").values_list("pk", "look_at").first()
        if due is None:
            return
        pk, look_at = due
        # Put off first: whoever else looks for work, and who comes after us if we die here, finds another one.
        if ProviderPayment.objects.filter(pk=pk, look_at=look_at).update(look_at=at + _HELD_FOR):
            _look(pk, at)


def _look(pk: int, at: datetime) -> None:
    try:
        pay_now.look(online=ProviderPayment.objects.select_related("invoice").get(pk=pk), at=at)
    except ProviderError as error:
        logger.warning("The payment provider could not be asked about online payment %s: %s", pk, error)


@task()
def go_on_with_bank_file(file_id: int) -> None:
    """Some seconds of a bank file, in portions, and then the next."""
    with translation.override(settings.CLIENT.site.language):
        ends = time.monotonic() + _SECONDS
        while bank_files.go_on(file_id=file_id, at=timezone.now()):
            if time.monotonic() >= ends:
                go_on_with_bank_file.enqueue(file_id)
                return
