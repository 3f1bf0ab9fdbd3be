"""A bank file from the treasurer's hand to the books: brought, checked, agreed to, and booked line by line.

Bringing reads the whole file and adds it up; what disagrees with itself is refused, and nothing of it is kept. Nothing
is written in the books before somebody has said yes. Then the lines are kept, all or none, and each is booked or left
to a person in a transaction of its own: a worker that is killed leaves nothing half done and nothing done twice.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import batched
from typing import Any

from django.core.files.base import ContentFile
from django.db import transaction
from wagtail.log_actions import log

from core.models import User
from payments.banks import bank_csv, camt, ocr_giro, reading
from payments.banks.lines import Content, Unreadable
from payments.from_bank.line_booking import go_through
from payments.models import BankFile, BankLine, BankPreset

Format, State = BankFile.Format, BankFile.State
_AT_ONCE = 1000
_LONGEST_HEADINGS = 500


@dataclass(frozen=True, kw_only=True)
class Brought:
    """A file, and whether it came now for the first time."""

    file: BankFile
    is_new: bool


def bring(*, data: bytes, name: str, account: str, at: datetime, by: User | None) -> Brought:
    """Read a file and keep it until somebody says yes. The same file again gives the first one.

    `account` is whose movements a CSV holds; other formats say it themselves. A CSV whose columns are not understood
    waits for what they are. Refuses, with nothing kept, what cannot be read or does not add up (`Unreadable`).
    """
    format = reading.format_of(data)
    digest = hashlib.sha256(data).hexdigest()
    if first := BankFile.objects.filter(sha256=digest).first():
        return Brought(file=first, is_new=False)
    file = BankFile(name=name[:200], format=format, uploaded_at=at, uploaded_by=by, account=account, state=State.READY)
    if format == Format.CSV:
        table = bank_csv.table(data)
        file.columns = _guessed(table.headings, account)
        if not _understands(file):
            file.state = State.COLUMNS
    if file.state == State.READY:
        _sum_up(file, _read(file, data))
    file.file.save(f"{at:%Y%m%d%H%M%S}.txt", ContentFile(data), save=False)
    kept = {field.attname: getattr(file, field.attname) for field in BankFile._meta.concrete_fields}
    kept = {key: value for key, value in kept.items() if key not in {"id", "sha256"}}
    row, is_new = BankFile.objects.get_or_create(sha256=digest, defaults=kept)
    if is_new:
        log(instance=row, action="payments.bank_file_brought", user=by)
    else:
        file.file.storage.delete(str(file.file.name))
    return Brought(file=row, is_new=is_new)


def table_of(*, file: BankFile) -> bank_csv.Table:
    """The rows of a CSV that waits, for somebody who has to say what its columns are."""
    return bank_csv.table(_data(file))


def choose_columns(*, file: BankFile, columns: Mapping[int, str], at: datetime) -> BankFile:
    """Say what the columns of a CSV are, and remember it for the account's next list with these headings.

    Refuses what is not enough, and rows that cannot be read so; nothing is changed then.
    """
    file.columns = {str(position): role for position, role in columns.items() if role}
    data = _data(file)
    _sum_up(file, _read(file, data))
    headings = bank_csv.table(data).headings
    meaning = {bank_csv.plain_heading(text): columns.get(at, "") for at, text in enumerate(headings) if text}
    with transaction.atomic():
        BankPreset.objects.update_or_create(
            account=file.account, headings=_signature(headings), defaults={"columns": meaning, "saved_at": at}
        )
        BankFile.objects.filter(pk=file.pk, state__in=(State.COLUMNS, State.READY)).update(
            state=State.READY, columns=file.columns, **{name: getattr(file, name) for name in _SUMS}
        )
    file.refresh_from_db()
    return file


def _guessed(headings: tuple[str, ...], account: str) -> dict[str, str]:
    preset = BankPreset.objects.filter(account=account, headings=_signature(headings)).first()
    found = bank_csv.guess(headings, known=preset.columns if preset else None)
    return {str(position): role for position, role in found.items()}


def _signature(headings: tuple[str, ...]) -> str:
    return "|".join(bank_csv.plain_heading(heading) for heading in headings)[:_LONGEST_HEADINGS]


def _understands(file: BankFile) -> bool:
    try:
        bank_csv.refuse_what_is_not_enough(_columns(file))
    except Unreadable:
        return False
    return True


def _columns(file: BankFile) -> dict[int, str]:
    return {int(position): role for position, role in file.columns.items()}


def _data(file: BankFile) -> bytes:
    with file.file.open("rb") as stored:
        data: bytes = stored.read()
    return data


def _read(file: BankFile, data: bytes) -> Content:
    match file.format:
        case Format.OCR:
            return ocr_giro.read(data)
        case Format.CAMT:
            return camt.read(data)
    return bank_csv.read(data, account=file.account, columns=_columns(file))


_SUMS = ("account", "total", "known", "amount_in", "amount_out", "checked_by", "first_on", "last_on", "until")


def _sum_up(file: BankFile, content: Content) -> None:
    """What the treasurer compares with the bank before saying yes."""
    file.account = ", ".join(content.accounts)[:250]
    file.total = len(content.lines)
    file.known = _known(content)
    file.amount_in, file.amount_out = content.total_in, content.total_out
    file.checked_by = content.checked_by
    file.first_on, file.last_on, file.until = content.first_on, content.last_on, content.until


def _known(content: Content) -> int:
    """How many of the lines an earlier file has brought."""
    return sum(
        BankLine.objects.filter(reference__in=portion).count()
        for portion in batched((line.reference for line in content.lines), _AT_ONCE)
    )


# --- yes, and no -----------------------------------------------------------------------------------------------------


@transaction.atomic
def agree(*, file: BankFile, at: datetime, by: User | None) -> bool:
    """A person has compared the totals and says yes: true the first time. The caller enqueues the first portion."""
    agreed = BankFile.objects.filter(pk=file.pk, state=State.READY).update(state=State.QUEUED, moved_at=at, rings=0)
    if agreed:
        log(instance=file, action="payments.bank_file_agreed", user=by)
    return bool(agreed)


@transaction.atomic
def discard(*, file: BankFile, by: User | None) -> bool:
    """No: forget the file. Only while nothing of it is in the books; it may be brought again."""
    found = BankFile.objects.select_for_update().filter(pk=file.pk).first()
    if found is None or found.state not in {State.COLUMNS, State.READY}:
        return False
    name, storage = found.file.name, found.file.storage
    log(instance=found, action="payments.bank_file_discarded", user=by)
    found.delete()
    transaction.on_commit(lambda: storage.delete(name))
    return True


def go_on(*, file_id: int, at: datetime) -> bool:
    """Do the next portion of a file that somebody has agreed to; return whether there is more to do."""
    file = BankFile.objects.filter(pk=file_id).select_related("uploaded_by").first()
    if file is None or file.state != State.QUEUED:
        return False
    if file.file:
        _keep_lines(file, at)
        return True
    has_more = go_through(file=file, at=at, by=file.uploaded_by)
    done: dict[str, Any] = {} if has_more else {"state": State.DONE, "finished_at": at}
    BankFile.objects.filter(pk=file_id, state=State.QUEUED).update(moved_at=at, rings=0, **done)
    return has_more


def finish(*, file: BankFile, at: datetime) -> BankFile:
    """Do all portions here and now."""
    while go_on(file_id=file.pk, at=at):
        pass
    file.refresh_from_db()
    return file


def _keep_lines(file: BankFile, at: datetime) -> None:
    """Write the lines, all or none. What an earlier file has brought is not written again: its reference is there.

    In the order of their references, so that two files with the same lines never wait for each other.
    """
    with transaction.atomic():
        locked = BankFile.objects.select_for_update().get(pk=file.pk)
        if not locked.file:
            return
        content = _read(locked, _data(locked))
        rows = [BankLine(file=locked, **{name: getattr(line, name) for name in _OF_LINE}) for line in content.lines]
        rows.sort(key=lambda row: row.reference)
        BankLine.objects.bulk_create(rows, ignore_conflicts=True, batch_size=_AT_ONCE)
        _warn_of_sums({row.batch_reference for row in rows if row.batch_reference})
        name, storage = locked.file.name, locked.file.storage
        locked.file = ""
        locked.known = locked.total - locked.lines.count()
        locked.moved(at=at)
        locked.save(update_fields=["file", "known", "moved_at", "rings"])
        transaction.on_commit(lambda: storage.delete(name))


def _warn_of_sums(batches: set[str]) -> None:
    """Sums that wait for a person, and whose parts have come now: booked as well, they would be booked twice."""
    for portion in batched(sorted(batches), _AT_ONCE):
        sums = BankLine.objects.filter(reference__in=portion, state=BankLine.State.QUEUED)
        sums.update(why=BankLine.Why.BATCH)


_OF_LINE = (
    "position", "reference", "batch_reference", "account", "booked_on", "amount", "currency", "kid", "text",
    "payer_name", "payer_account", "is_reversal",
)  # fmt: skip
