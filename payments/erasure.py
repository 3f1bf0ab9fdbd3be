"""What payments say, and do, when somebody is to be erased. The payment itself belongs to the books and stays."""

from collections.abc import Mapping, Sequence
from datetime import date

from django.contrib.contenttypes.models import ContentType
from django.utils.translation import gettext as _
from wagtail.models import ModelLogEntry

from membership.models import Member
from payments.models import Payment


def hold_back(members: Sequence[Member], on: date) -> Mapping[int, str]:
    """Those who have paid too much: the money is theirs until it is used or paid back."""
    keys = set(Payment.objects.filter(payer__in=members, unused_amount__gt=0).values_list("payer_id", flat=True))
    return {member.pk: _("Money that was paid too much has not been used or paid back.")
            for member in members if member.pk in keys}  # fmt: skip


def unname_log(members: Sequence[Member]) -> None:
    """The log calls a payment by its payer's name. The entries stay; the payment they are about says who."""
    keys = Payment.objects.filter(payer__in=members).values_list("pk", flat=True)
    about = ModelLogEntry.objects.filter(content_type=ContentType.objects.get_for_model(Payment))
    about.filter(object_id__in=[str(key) for key in keys]).update(label="")
