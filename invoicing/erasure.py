"""What the books say when somebody is to be erased: nobody goes while an invoice of theirs is open.

An invoice keeps the copies it printed and loses only its link to the entry. What runs warn of is no part of the books.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import date

from django.db.models import Q
from django.utils.translation import gettext as _

from invoicing.models import Invoice, InvoiceRun
from membership.models import Member


def hold_back(members: Sequence[Member], on: date) -> Mapping[int, str]:
    """Those who owe something, or for whose membership somebody does, by the member's key."""
    owed = Q(member__in=members) | Q(lines__period__member__in=members)
    keys: set[int | None] = set()
    for pair in Invoice.objects.open().filter(owed).values_list("member_id", "lines__period__member_id"):
        keys |= set(pair)
    return {member.pk: _("An invoice is not settled.") for member in members if member.pk in keys}


def forget_warnings(members: Sequence[Member]) -> None:
    """What invoice runs warned of names people, in the words of that day: what is said of these is taken out."""
    names = "|".join(re.escape(member.full_name) for member in members)
    named = re.compile(rf"(?<!\w)(?:{names})(?!\w)", re.IGNORECASE)
    for run in InvoiceRun.objects.select_for_update(of=("self",)).exclude(warnings=[]):
        run.warnings = [text for text in run.warnings if not named.search(text)]
        run.save(update_fields=["warnings"])
