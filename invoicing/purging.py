"""The books' own clock: invoices keep the buyer they printed so many years after the year, and not longer.

What goes is the copy of the buyer, the names on the lines, the reason of a credit note and the PDF. What stays is what
proves the series and the sums: number, dates, amounts, KID, account, and the PDF's hash. Nothing goes while something
is owed, nor a credit note before what it credits.
"""

from datetime import date, datetime
from functools import partial

from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext_lazy as _
from wagtail.models import ModelLogEntry

from invoicing.models import Invoice, InvoiceLine
from membership.clearing import Clearing


def kept_from(on: date) -> date:
    """The first day whose documents are still kept whole: 1 January so many years before this year."""
    return date(on.year - settings.CLIENT.retention.books_years, 1, 1)


def in_years() -> str:
    """After how long, in words."""
    return str(_("%(number)s years after the year") % {"number": settings.CLIENT.retention.books_years})


def due(on: date) -> QuerySet[Invoice]:
    """Documents older than the books are kept, with the buyer still on them."""
    first = kept_from(on)
    later_note = Invoice.objects.filter(credits=OuterRef("pk"), issued_on__gte=first)
    old = Invoice.objects.filter(issued_on__lt=first, open_amount=0).exclude(buyer_name="")
    return old.filter(~Exists(later_note))


@transaction.atomic
def purge(on: date, at: datetime, most: int) -> int:
    """Take the buyers out of so many documents. The files go when it is committed."""
    rows = list(due(on).select_for_update(of=("self",)).order_by("number")[:most])
    keys = [row.pk for row in rows]
    storage = Invoice._meta.get_field("pdf").storage
    for name in [str(row.pdf.name) for row in rows if row.pdf]:
        transaction.on_commit(partial(storage.delete, name))
    InvoiceLine.objects.filter(invoice__in=keys).update(member_name="")
    about = ModelLogEntry.objects.filter(
        content_type=ContentType.objects.get_for_model(Invoice), object_id__in=[str(key) for key in keys]
    )
    about.update(label="")
    return Invoice.objects.filter(pk__in=keys).update(
        buyer_name="", buyer_address="", buyer_number="", member_number="", reason="", pdf=""
    )


def clearing() -> Clearing:
    """What the registry's nights and its report ask."""
    return Clearing(key="buyers taken out of the books", label=_("Buyers on old invoices"), after=in_years,
                    count=lambda on: due(on).count(), clear=purge)  # fmt: skip
