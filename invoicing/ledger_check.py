"""Are the books of invoices whole? No number missing, no sum off, no document changed.

Money that came in is checked by payments/ledger_check.py, which asks here first. Everything is streamed, so that
100,000 invoices need no more memory than ten.
"""

from collections.abc import Iterator
from decimal import Decimal
from itertools import islice

from django.db.models import Count, F, Max, Q, QuerySet, Sum
from django.db.models.functions import Abs, Coalesce
from django.utils.translation import gettext as _

from core.models import Counter
from invoicing import kid, pdf
from invoicing.models import Invoice

MOST_SENTENCES = 100  # of one kind; then only how many more there are
# SQLite adds decimals as floats: less than half an øre off is not off.
_OFF = Decimal("0.004")
_AT_ONCE = 2000


def problems() -> Iterator[str]:
    """A sentence for each thing that is wrong. Nothing is changed."""
    for found in (_missing_numbers(), _sums_off(), _credited_too_much(), _wrong_kids(), _changed_documents()):
        yield from _first_ones(found)


def _missing_numbers() -> Iterator[str]:
    """The series is 1, 2, 3 … to the counter's value; the database itself sees that no number comes twice."""
    series = Invoice.objects.aggregate(count=Count("pk"), last=Max("number"))
    last = series["last"] or 0
    given = Counter.objects.filter(name="invoice").values_list("value", flat=True).first() or 0
    if given != last:
        yield _("The counter has given number %(given)s, but the last invoice is number %(last)s.") % {
            "given": given,
            "last": last,
        }
    if series["count"] != last:
        expected = 1
        for number in _numbers(Invoice.objects.all()):
            for missing in range(expected, number):
                yield _("There is no invoice number %(number)s.") % {"number": missing}
            expected = number + 1


def _numbers(rows: QuerySet[Invoice]) -> Iterator[int]:
    """The invoices' numbers in order, a portion at a time."""
    return rows.order_by("number").values_list("number", flat=True).iterator(chunk_size=_AT_ONCE)


def _sums_off() -> Iterator[str]:
    """A total is the sum of the lines."""
    rows = Invoice.objects.annotate(sum=Coalesce(Sum("lines__amount"), Decimal(0)))
    for number in _numbers(rows.annotate(off=Abs(F("total") - F("sum"))).filter(off__gt=_OFF)):
        yield _("The total of number %(number)s is not the sum of its lines.") % {"number": number}


def _credited_too_much() -> Iterator[str]:
    """A credit note takes money back from an invoice, and all of them together no more than it asked for."""
    wrong = Invoice.objects.filter(kind=Invoice.Kind.CREDIT_NOTE).filter(
        Q(total__gte=0) | ~Q(credits__kind=Invoice.Kind.INVOICE) | ~Q(open_amount=0)
    )
    for number in _numbers(wrong):
        yield _("Credit note %(number)s does not take anything back.") % {"number": number}
    rows = Invoice.objects.invoices().with_credited().annotate(paid=F("total") - F("credited") - F("open_amount"))
    for number in _numbers(rows.filter(paid__lt=-_OFF)):
        yield _("Invoice %(number)s owes more than is left after its credit notes.") % {"number": number}


def _wrong_kids() -> Iterator[str]:
    """Every invoice has a KID with the right check digit, by whichever rule its bank account had."""
    rows = Invoice.objects.invoices().order_by("number").values_list("number", "kid")
    for number, text in rows.iterator(chunk_size=_AT_ONCE):
        if not (kid.is_valid(text, 10) or kid.is_valid(text, 11)):
            yield _("The KID of invoice %(number)s is not valid: %(kid)s.") % {"number": number, "kid": text or "–"}


def _changed_documents() -> Iterator[str]:
    """The stored PDFs are those that were made."""
    for invoice in Invoice.objects.exclude(pdf="").order_by("number").iterator(chunk_size=_AT_ONCE):
        if not pdf.is_unchanged(invoice):
            yield _("The PDF of number %(number)s is missing, or is not the one that was made.") % {
                "number": invoice.number
            }


def _first_ones(sentences: Iterator[str]) -> Iterator[str]:
    yield from islice(sentences, MOST_SENTENCES)
    more = sum(1 for _sentence in sentences)
    if more:
        yield _("… and %(count)d more of the same kind.") % {"count": more}
