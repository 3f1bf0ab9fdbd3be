"""Print files: each letter in one of them, by postcode, behind a cover sheet, and as often as the printer jams."""

import errno
import io
from datetime import timedelta
from pathlib import PurePath

import pypdf
import pytest

from core.errors import Refused
from invoicing import deliveries, pdf, press
from invoicing.letters import print_files
from invoicing.models import Invoice, PrintFile
from messaging.models import Message
from tests.makers import NOW, make_invoice, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def own_files(tmp_path, monkeypatch):
    """The private storage of this test alone."""
    monkeypatch.setitem(Invoice._meta.get_field("pdf").storage.__dict__, "location", str(tmp_path))
    return tmp_path


def letters(*people: tuple[str, str, str]) -> list[Invoice]:
    """Invoices on paper, printed as PDF: name, postcode, country."""
    made = [
        make_invoice(name, email="", postcode=postcode, place="Et sted", country=country)
        for name, postcode, country in people
    ]
    pdf.make_many(ids=[invoice.pk for invoice in made], at=NOW)
    return made


def made_file(**kwargs) -> PrintFile:
    file = print_files.start(at=NOW, by=kwargs.pop("by", None), **kwargs)
    print_files.make(print_file_id=file.pk, at=NOW)
    file.refresh_from_db()
    return file


def pages(file: PrintFile) -> list[str]:
    with file.file.storage.open(file.file.name, "rb") as stored:
        reader = pypdf.PdfReader(io.BytesIO(stored.read()))
    return [page.extract_text() for page in reader.pages]


def test_by_postcode_with_a_cover_sheet():
    letters(("Wei", "7010", "NO"), ("Tor", "11122", "SE"), ("Åse", "0155", "NO"), ("Liv", "0150", "NO"))
    make_invoice("Eva")  # by e-mail
    file = made_file(by=make_user("admin", first_name="Kåre", last_name="Krogh"))
    assert (file.state, file.letters, file.pages, file.problem) == ("ready", 4, 5, "")
    cover, *rest = pages(file)
    assert [next(name for name in ("Wei", "Tor", "Åse", "Liv") if name in text) for text in rest] == [
        "Liv", "Åse", "Wei", "Tor",
    ]  # fmt: skip
    flat = " ".join(cover.split())
    assert "Kåre Krogh" in flat and "0100–0199 2" in flat and "7000–7099 1" in flat
    states = set(Message.objects.filter(channel="letter").values_list("state", "provider_id"))
    assert states == {("sent", f"print-file:{file.pk}")}


def test_a_letter_is_in_one_file_only():
    letters(("Wei", "7010", "NO"))
    made_file()
    with pytest.raises(Refused, match="No letter waits"):
        print_files.start(at=NOW, by=None)
    letters(("Liv", "0150", "NO"))
    assert made_file().letters == 1


def test_very_many_are_several_files(monkeypatch):
    monkeypatch.setattr(print_files, "AT_MOST", 2)
    letters(("Wei", "7010", "NO"), ("Åse", "0155", "NO"), ("Liv", "0150", "NO"))
    said = []
    for _file in range(2):
        waiting = deliveries.letters_waiting()
        taken = print_files.would_take(waiting)
        said.append((waiting.count(), taken))
        assert made_file().letters == taken
    assert said == [(3, 2), (1, 1)]


def test_long_letters_are_named_on_the_cover():
    [invoice] = letters(("Wei", "7010", "NO"))
    Invoice.objects.filter(pk=invoice.pk).update(pdf="")
    line = invoice.lines.get()
    for position in range(2, 61):
        line.pk, line.period, line.position = None, None, position
        line.save()
    pdf.make(invoice=Invoice.objects.get(pk=invoice.pk), at=NOW)
    file = made_file()
    assert (file.letters, file.pages) == (1, 4)
    assert f"{invoice.number} Wei Ås 3" in " ".join(pages(file)[0].split())


def test_it_is_made_again_from_its_list_and_says_the_same():
    letters(("Wei", "7010", "NO"), ("Liv", "0150", "NO"))
    file = made_file()
    before = pages(file)
    assert print_files.forget_old(at=NOW + timedelta(days=59)).changed == 0
    assert print_files.forget_old(at=NOW + timedelta(days=61)).counts == {"print files thrown away": 1}
    assert print_files.forget_old(at=NOW + timedelta(days=61)).changed == 0
    file.refresh_from_db()
    assert not file.file
    print_files.again(file=file, at=NOW)
    print_files.make(print_file_id=file.pk, at=NOW)
    file.refresh_from_db()
    assert pages(file) == before


def test_a_full_disk_is_said_and_made_good_later(monkeypatch):
    letters(("Wei", "7010", "NO"))
    file = print_files.start(at=NOW, by=None)
    with monkeypatch.context() as full:
        full.setattr(file.file.storage.__class__, "save", _full)
        print_files.make(print_file_id=file.pk, at=NOW)
    file.refresh_from_db()
    assert (file.state, file.problem.split(".")[0]) == ("failed", f"No space left on device: {file.pk}")
    print_files.again(file=file, at=NOW)
    print_files.make(print_file_id=file.pk, at=NOW)
    file.refresh_from_db()
    assert (file.state, file.problem) == ("ready", "")


def test_a_document_that_is_gone_is_said(own_files):
    [invoice] = letters(("Wei", "7010", "NO"))
    invoice.refresh_from_db()
    (own_files / invoice.pdf.name).unlink()
    file = made_file()
    assert (file.state, file.problem.split(".")[0]) == ("failed", f"No such file or directory: {invoice.number}")


def stored(own_files) -> list[str]:
    return sorted(path.name for path in (own_files / "print").rglob("*.pdf"))


def test_made_again_it_leaves_no_old_file_of_addresses(own_files, django_capture_on_commit_callbacks):
    letters(("Wei", "7010", "NO"))
    file = made_file()
    before = file.file.name
    with django_capture_on_commit_callbacks(execute=True):
        print_files.again(file=file, at=NOW)
        print_files.make(print_file_id=file.pk, at=NOW)
    file.refresh_from_db()
    assert (file.state, stored(own_files)) == ("ready", [PurePath(file.file.name).name])
    assert file.file.name != before


def test_two_workers_leave_one_file(own_files, monkeypatch, django_capture_on_commit_callbacks):
    letters(("Wei", "7010", "NO"))
    file = print_files.start(at=NOW, by=None)
    put_together = print_files._put_together

    def while_another_is_faster(row, at):
        monkeypatch.setattr(print_files, "_put_together", put_together)
        print_files.make(print_file_id=row.pk, at=at)
        return put_together(row, at)

    monkeypatch.setattr(print_files, "_put_together", while_another_is_faster)
    with django_capture_on_commit_callbacks(execute=True):
        print_files.make(print_file_id=file.pk, at=NOW)
    file.refresh_from_db()
    assert (file.state, stored(own_files)) == ("ready", [PurePath(file.file.name).name])


def test_a_worker_that_failed_takes_nothing_from_one_that_did_not(monkeypatch):
    letters(("Wei", "7010", "NO"))
    file = print_files.start(at=NOW, by=None)
    put_together = print_files._put_together

    def while_another_succeeds(row, at):
        monkeypatch.setattr(print_files, "_put_together", put_together)
        print_files.make(print_file_id=row.pk, at=at)
        raise OSError(errno.ENOSPC, "No space left on device", "x")

    monkeypatch.setattr(print_files, "_put_together", while_another_succeeds)
    print_files.make(print_file_id=file.pk, at=NOW)
    file.refresh_from_db()
    assert (file.state, file.problem) == ("ready", "")


def _full(self, name, content, max_length=None):
    raise OSError(errno.ENOSPC, "No space left on device", name)


def test_a_cover_sheet_that_cannot_be_drawn_is_said_and_made_good_later(monkeypatch):
    letters(("Wei", "7010", "NO"))
    file = print_files.start(at=NOW, by=None)
    with monkeypatch.context() as broken:
        broken.setattr(press.Press, "print", _no_logo)
        print_files.make(print_file_id=file.pk, at=NOW)
    file.refresh_from_db()
    assert (file.state, file.problem) == ("failed", "PrintError: The logo cannot be drawn.")
    print_files.again(file=file, at=NOW)
    print_files.make(print_file_id=file.pk, at=NOW)
    file.refresh_from_db()
    assert (file.state, file.pages) == ("ready", 2)


def _no_logo(self, html):
    raise press.PrintError("The logo cannot be drawn.")
