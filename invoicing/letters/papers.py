"""What may lie in a print file. Each app says of its documents to whom they go; their PDFs are made as attachments are.

A document is named as in the outbox ("invoice:42", "reminder:7"), and its letter waits there until it is printed.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass

from invoicing.models import Invoice
from messaging import attachments


@dataclass(frozen=True, kw_only=True)
class Paper:
    """One document on paper: what it is called on the cover sheet, and to whom it goes, as it is printed."""

    reference: str
    label: str
    name: str
    address: str


@dataclass(frozen=True, kw_only=True)
class Source:
    """What an app tells of its documents, by their keys; each question is asked of many at a time.

    `pointless` gives the keys of those that need not be printed any more, such as reminders of what is paid.
    `is_laid_out` says that the PDFs are made while a file is put together, which takes long; others are read only.
    """

    papers: Callable[[Sequence[int]], Iterable[Paper]]
    pointless: Callable[[Sequence[int]], Set[int]] = lambda keys: frozenset()
    is_laid_out: bool = False


_sources: dict[str, Source] = {}


def register(scheme: str, source: Source) -> None:
    """Let documents named "<scheme>:<key>" be printed. Their PDFs are registered with messaging.attachments."""
    _sources[scheme] = source


def papers(references: Iterable[str]) -> list[Paper]:
    """To whom these documents go. A few queries, however many there are; those that are gone are left out."""
    found = (_sources[scheme].papers(keys) for scheme, keys in _by_scheme(references).items())
    return [paper for some in found for paper in some]


def pointless(references: Iterable[str]) -> set[str]:
    """Those of the documents that need not be printed any more."""
    return {
        f"{scheme}:{key}"
        for scheme, keys in _by_scheme(references).items()
        for key in _sources[scheme].pointless(keys)
    }  # fmt: skip


def is_laid_out(reference: str) -> bool:
    """Whether the PDF is made while a file is put together."""
    return _sources[reference.partition(":")[0]].is_laid_out


def content(reference: str) -> bytes:
    """The PDF. Raises NotReady while it is being made, OSError when it is gone, and PrintError."""
    return attachments.resolve(reference).content


def of_invoices(keys: Sequence[int]) -> Iterable[Paper]:
    """Invoices and credit notes: to the address that is printed on them."""
    for row in Invoice.objects.filter(pk__in=keys).only("pk", "number", "buyer_name", "buyer_address"):
        yield Paper(
            reference=f"invoice:{row.pk}", label=str(row.number), name=row.buyer_name, address=row.buyer_address
        )


def _by_scheme(references: Iterable[str]) -> Mapping[str, list[int]]:
    found: dict[str, list[int]] = {}
    for reference in references:
        scheme, _colon, key = reference.partition(":")
        found.setdefault(scheme, []).append(int(key))
    return found
