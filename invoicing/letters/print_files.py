"""Print files: made from the letters that wait, made again when somebody asks, thrown away when they are old.

A letter is in one file only, and is regarded as sent when it is put there. The file is put together from documents
that do not change (papers.py), so what is printed is what was made; a printer that jams needs no new invoices.
"""

import io
import logging
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from itertools import batched
from pathlib import PurePath

import pypdf
from django.conf import settings
from django.core.files.base import ContentFile
from django.db import transaction
from django.db.models import QuerySet
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, override
from wagtail.log_actions import log

from core.errors import Refused
from core.long_work import LongWorkQuerySet
from core.models import User
from core.results import Result
from invoicing import deliveries, looks
from invoicing.letters import papers
from invoicing.letters.papers import Paper
from invoicing.models import InvoiceRun, PrintFile
from messaging.models import Message, State

AT_MOST = 2000  # letters a file: some ten seconds to put together, and as much as a print shop likes to get
AT_MOST_LAID_OUT = 400  # of them, that are made as the file is put together: 80 to 90 ms each, and a task has a minute
KEPT_FOR = timedelta(days=60)
POINTLESS = gettext_noop("It was not needed any more when it was to be printed.")
FileState = PrintFile.State
logger = logging.getLogger(__name__)
_NORWEGIAN = re.compile(r"^(\d{4}) \S")
_AT_ONCE = 500
_LAST = "9999 "  # behind every Norwegian postcode


def start(
    *, at: datetime, by: User | None, run: InvoiceRun | None = None, letters: QuerySet[Message] | None = None,
    kind: str = "",
) -> PrintFile:  # fmt: skip
    """Put the letters that wait, or those of a run, or some `letters` of one `kind`, on a new list for the printer. The
    caller enqueues `make`.

    Takes the oldest when there are very many; the rest is for the next file. What need not be printed any more is
    taken back first. Refuses when none waits.
    """
    if letters is None:
        letters = deliveries.letters_of(run) if run else deliveries.letters_waiting()
    withdraw(letters)
    file = PrintFile(run=run, kind=kind, asked_at=at, asked_by=by)
    with transaction.atomic():
        return _list(file, letters.select_for_update().only("pk", "attachments")[:AT_MOST])


@transaction.atomic
def withdraw(letters: QuerySet[Message]) -> int:
    """Take back those of some letters that need not be printed any more, as `papers.Source` says. Returns how many."""
    count = 0
    waiting = ((row.pk, row.attachments[0]) for row in letters.only("pk", "attachments"))
    for some in batched(waiting, _AT_ONCE):
        over = papers.pointless(reference for _pk, reference in some)
        ours = Message.objects.filter(pk__in=[pk for pk, reference in some if reference in over], state=State.QUEUED)
        count += ours.update(state=State.SUPPRESSED, reason=POINTLESS)
    return count


def _list(file: PrintFile, letters: QuerySet[Message]) -> PrintFile:
    taken = _as_many_as_fit((row.pk, row.attachments[0]) for row in letters)
    if not taken:
        raise Refused(_("No letter waits for the printer."), code="empty")
    documents = [paper.reference for paper in sorted(papers.papers(taken.values()), key=_order)]
    file.letters, file.documents = len(documents), documents
    file.moved(at=file.asked_at)
    file.save()
    Message.objects.filter(pk__in=taken, state=State.QUEUED).update(
        state=State.SENT, sent_at=file.asked_at, provider_id=f"print-file:{file.pk}"
    )
    log(instance=file, action="invoicing.print_file", user=file.asked_by, data={"letters": file.letters})
    return file


def would_take(letters: QuerySet[Message]) -> int:
    """How many of these letters one file takes; the rest is for the next. Reads no more of them than a file can hold.

    What `start` takes back before is counted still.
    """
    return len(_as_many_as_fit((row.pk, row.attachments[0]) for row in letters.only("pk", "attachments")[:AT_MOST]))


def _as_many_as_fit(waiting: Iterable[tuple[int, str]]) -> dict[int, str]:
    """The oldest letters, as far as one task can lay out those among them that are not there to be read."""
    taken, laid_out = {}, 0
    for key, reference in waiting:
        laid_out += papers.is_laid_out(reference)
        if laid_out > AT_MOST_LAID_OUT:
            break
        taken[key] = reference
    return taken


def postcode(address: str) -> str:
    """The postcode of a printed address, from its last line; empty where it is not in Norway."""
    lines = address.splitlines()
    found = _NORWEGIAN.match(lines[-1]) if lines else None
    return found[1] if found else ""


def _order(paper: Paper) -> tuple[str, str, str, str]:
    """By postcode, those abroad last; then so that letters to one house lie together."""
    return postcode(paper.address) or _LAST, paper.address, paper.name, paper.label


@transaction.atomic
def again(*, file: PrintFile, at: datetime) -> None:
    """Have a file made anew from its list: it failed, or was thrown away. The caller enqueues `make`."""
    PrintFile.objects.filter(pk=file.pk).update(state=FileState.MAKING, problem="", moved_at=at, rings=0)


def make(*, print_file_id: int, at: datetime) -> None:
    """Put a file together. Whatever goes wrong stands on it, and nothing else is touched: see `again`."""
    file = PrintFile.objects.get(pk=print_file_id)
    if file.state != FileState.MAKING:
        return
    try:
        content, pages = _put_together(file, at)
        stored = file.file.storage.save(f"print/{file.asked_at:%Y}/{file.pk}.pdf", ContentFile(content))
    except OSError as error:
        _failed(file, _cannot_be_stored(error))
    except Exception as error:  # whatever the printing stumbles over, the list stands, and can be made again
        logger.exception("Print file %s cannot be put together", file.pk)
        _failed(file, f"{type(error).__name__}: {error}")
    else:
        _keep(file, stored, pages, at)


def _keep(file: PrintFile, stored: str, pages: int, at: datetime) -> None:
    """Remember what was stored, and throw away what it takes the place of: both are full of names and addresses.
    Whoever comes second throws theirs away."""
    with transaction.atomic():
        before = str(PrintFile.objects.select_for_update(of=("self",)).get(pk=file.pk).file.name)
        is_first = _being_made(file).update(state=FileState.READY, file=stored, pages=pages, made_at=at, problem="")
        if thrown_away := before if is_first else stored:
            transaction.on_commit(partial(file.file.storage.delete, thrown_away))


def _being_made(file: PrintFile) -> LongWorkQuerySet:
    return PrintFile.objects.filter(pk=file.pk, state=FileState.MAKING)


def _cannot_be_stored(error: OSError) -> str:
    with override(settings.CLIENT.site.language):
        return _("%(problem)s: %(file)s. Make room on the disk or put the file back, then try again.") % {
            "problem": error.strerror or type(error).__name__,
            "file": PurePath(str(error.filename or "")).name or "–",
        }


def _failed(file: PrintFile, problem: str) -> None:
    _being_made(file).update(state=FileState.FAILED, problem=problem[:300])


@dataclass(frozen=True, kw_only=True)
class Cover:
    """What the cover sheet says: how many letters and pages, how many by the first two digits of the postcode, and
    which letters have more pages than one."""

    letters: int
    pages: int
    areas: list[tuple[str, int]]
    long_ones: list[tuple[str, str, int]]


def _put_together(file: PrintFile, at: datetime) -> tuple[bytes, int]:
    to_whom = {paper.reference: paper for paper in papers.papers(file.documents)}
    writer = pypdf.PdfWriter()
    lengths: list[tuple[Paper, int]] = []
    for reference in (name for name in file.documents if name in to_whom):  # who is erased meanwhile has none
        reader = pypdf.PdfReader(io.BytesIO(papers.content(reference)))
        writer.append(reader, import_outline=False)
        lengths.append((to_whom[reference], len(reader.pages)))
    cover = pypdf.PdfReader(io.BytesIO(_cover_sheet(file, _cover(lengths), at)))
    writer.merge(0, cover, import_outline=False)
    writer.compress_identical_objects()  # every letter brings the same typeface and logo
    output = io.BytesIO()
    writer.write(output)
    return output.getvalue(), len(writer.pages)


def _cover(lengths: Sequence[tuple[Paper, int]]) -> Cover:
    areas: dict[str, int] = {}
    for paper, _pages in lengths:
        area = postcode(paper.address)[:2]
        areas[area] = areas.get(area, 0) + 1
    return Cover(
        letters=len(lengths),
        pages=sum(pages for _paper, pages in lengths),
        areas=[(f"{area}00–{area}99" if area else "", number) for area, number in areas.items()],
        long_ones=[(paper.label, paper.name, pages) for paper, pages in lengths if pages > 1],
    )


def _cover_sheet(file: PrintFile, cover: Cover, at: datetime) -> bytes:
    from invoicing import press

    language = settings.CLIENT.site.language
    with override(language):
        context = {"file": file, "cover": cover, "language": language, "at": at}
        return press.press(looks.current()).print(render_to_string("print/cover.html", context))


def forget_old(*, at: datetime) -> Result:
    """Throw away files that must have been printed long ago: they hold names and addresses, and can be made again."""
    result = Result()
    for file in PrintFile.objects.filter(made_at__lt=at - KEPT_FOR).exclude(file=""):
        file.file.delete(save=False)
        PrintFile.objects.filter(pk=file.pk).update(file="")
        result.add("print files thrown away")
    return result
