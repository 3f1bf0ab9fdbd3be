"""The PDF: what stands on it, that it is made once, and that nothing waits for it."""

import dataclasses
import io
from datetime import date, timedelta
from pathlib import Path

import pypdf
import pytest
from django.conf import settings

from invoicing import looks, pdf, press
from invoicing.credit_notes import credit
from invoicing.invoices import cover
from invoicing.models import Invoice
from messaging import attachments
from messaging.models import Message
from messaging.sweeping import sweep
from tests.makers import NOW, TODAY, kroner, make_household, make_member

GOLDEN = Path(__file__).parents[1] / "golden" / "invoices"
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def own_files(tmp_path, monkeypatch):
    """The private storage of this test alone."""
    monkeypatch.setitem(Invoice._meta.get_field("pdf").storage.__dict__, "location", str(tmp_path))
    return tmp_path


@pytest.fixture
def new_press():
    """For tests that change what a press is made of."""
    press.made.cache_clear()
    yield
    press.made.cache_clear()


def read(content: bytes) -> pypdf.PdfReader:
    return pypdf.PdfReader(io.BytesIO(content))


def text_of(content: bytes) -> str:
    """All pages' text, a page after the other, as a screen reader gets it."""
    pages = ("\n".join(line.strip() for line in page.extract_text().splitlines()) for page in read(content).pages)
    return "\n--- page ---\n".join(pages).replace("\u00a0", " ") + "\n"


def made(invoice: Invoice) -> bytes:
    pdf.make(invoice=invoice, at=NOW)
    with pdf.opened(invoice) as stored:
        return stored.read()


def assert_golden(name: str, text: str) -> None:
    assert text == (GOLDEN / name).read_text(encoding="utf-8")


def family(language: str) -> Invoice:
    joined = make_household("Áile", "Bjørn Østen", "Čáhcelasti", last_name="Ørjasæter Ås-Nordmann", paid=False)
    member = joined.main_member
    Invoice.objects.all().delete()
    member.language, member.member_number = language, "1042"
    member.save()
    from invoicing.invoices import issue

    [invoice] = issue(periods=joined.periods, on=TODAY, at=NOW)
    return Invoice.objects.get(pk=invoice.pk)


@pytest.mark.parametrize("language", ["nb", "en"])
def test_golden_invoice(language):
    assert_golden(f"invoice.{language}.txt", text_of(made(family(language))))


def test_golden_credit_note():
    invoice = family("nb")
    note = credit(invoice=invoice, on=date(2026, 3, 20), at=NOW, by=None, reason="Meldt inn to ganger")
    assert_golden("credit_note.nb.txt", text_of(made(note)))


@pytest.mark.parametrize("language", ["nb", "en"])
def test_golden_partly_covered(language):
    invoice = family(language)
    cover(invoice=invoice, amount=kroner("49.50"), on=TODAY)
    assert_golden(f"invoice_part.{language}.txt", text_of(made(invoice)))


def test_wholly_covered_it_asks_for_nothing():
    invoice = family("en")
    cover(invoice=invoice, amount=kroner("600"), on=TODAY)
    text = text_of(made(invoice))
    assert "Total kr 600.00\nCovered by earlier payments kr −600.00\nTo pay kr 0.00\n" in text
    assert "There is nothing to pay." in text
    assert "KID" not in text and "8601" not in text


def test_our_typeface_is_inside_and_screen_readers_can_read_it():
    file = read(made(family("nb")))
    fonts = {
        font["/BaseFont"].split("+")[1]
        for page in file.pages
        for font in (reference.get_object() for reference in page["/Resources"]["/Font"].values())
    }
    assert fonts == {"Print", "Print-Semi-Bold"}
    assert file.metadata is not None and file.metadata.title == "Faktura 2"
    root = file.trailer["/Root"]
    assert (root["/MarkInfo"]["/Marked"], root["/Lang"]) == (True, "nb")
    metadata = file.xmp_metadata.stream.get_data()
    assert b'pdfaid:part="2"' in metadata and b'pdfaid:conformance="A"' in metadata


def test_many_lines_go_on_with_headings_and_page_numbers():
    invoice = family("en")
    line = invoice.lines.first()
    for position in range(4, 61):
        line.pk, line.period, line.position, line.member_name = None, None, position, f"Person {position}"
        line.save()
    pages = text_of(made(invoice)).split("--- page ---")
    assert len(pages) == 3
    assert [page.count("Description") for page in pages[:2]] == [1, 1]
    assert [f"Page {number} of 3" in page for number, page in enumerate(pages, 1)] == [True, True, True]
    assert "Person 60" in pages[2] and "KID" in pages[2]


def test_names_are_text_and_nothing_else():
    invoice = family("nb")
    hostile = '"><img src=x onerror=1>{{ settings.SECRET_KEY }}{% load i18n %}'
    invoice.buyer_name = invoice.buyer_address = invoice.reason = hostile
    invoice.save()
    invoice.lines.update(text=hostile, member_name='"><link rel=attachment href=file:///etc/passwd>')
    content = made(invoice)
    flat = text_of(content).replace("\n", "").replace(" ", "")
    assert flat.count(hostile.replace(" ", "")) >= 5
    assert '"><linkrel=attachmenthref=file:///etc/passwd>' in flat
    assert "/EmbeddedFiles" not in str(read(content).trailer["/Root"]) and b"root:" not in content


def test_very_long_names_stay_on_the_page():
    invoice = family("nb")
    long = "Wolfeschlegelsteinhausenbergerdorff" * 7
    invoice.buyer_name = long
    invoice.save()
    invoice.lines.update(text=long, member_name=long)
    assert len(read(made(invoice)).pages) <= 2


def change_site(monkeypatch, **changes):
    client = settings.CLIENT
    monkeypatch.setattr(
        settings, "CLIENT", dataclasses.replace(client, site=dataclasses.replace(client.site, **changes))
    )


def test_without_a_logo_the_name_is_set_in_type(monkeypatch, new_press):
    change_site(monkeypatch, logo="")
    assert "Vennene av vannet\n" in text_of(made(family("nb")))


def test_a_logo_that_is_gone_is_said_and_the_invoice_stands(monkeypatch, new_press):
    invoice = family("nb")
    change_site(monkeypatch, logo="vvnf/gone.svg")
    pdf.make(invoice=invoice, at=NOW)
    assert (invoice.pdf.name, Invoice.objects.count(), Message.objects.filter(kind="invoice").count()) == ("", 1, 0)
    assert "vvnf/gone.svg is missing" in invoice.pdf_error


def test_a_missing_typeface_is_said(settings, tmp_path, new_press):
    settings.PRINT_FONTS = tmp_path
    with pytest.raises(press.PrintError, match="make setup"):
        press.press(looks.current())


# --- once -----------------------------------------------------------------------------------------------------------


def test_it_is_made_once_and_mailed_once(own_files):
    invoice = family("nb")
    first = made(invoice)
    name, digest = invoice.pdf.name, invoice.pdf_sha256
    assert made(invoice) == first and pdf.make_many(ids=[invoice.pk], at=NOW) == 0
    assert (invoice.pdf.name, invoice.pdf_sha256, pdf.is_unchanged(invoice)) == (name, digest, True)
    assert [path.name for path in own_files.rglob("*.pdf")] == ["2.pdf"]
    assert Message.objects.filter(kind="invoice").count() == 1
    (own_files / name).write_bytes(first + b" ")
    assert pdf.is_unchanged(invoice) is False
    (own_files / name).unlink()
    assert pdf.is_unchanged(invoice) is False


def test_it_is_not_among_the_uploads(settings):
    invoice = family("nb")
    made(invoice)
    assert not Path(invoice.pdf.path).is_relative_to(settings.MEDIA_ROOT)


def test_whoever_comes_second_leaves_nothing_behind(own_files, monkeypatch):
    """Two workers lay out the same invoice; the second finds it stored."""
    invoice = family("nb")
    render = pdf.render

    def overtaken(invoice, **kwargs):
        monkeypatch.setattr(pdf, "render", render)
        pdf.make_many(ids=[invoice.pk], at=NOW)
        return render(invoice)

    monkeypatch.setattr(pdf, "render", overtaken)
    assert pdf.make_many(ids=[invoice.pk], at=NOW) == 0
    assert len(list(own_files.rglob("*.pdf"))) == 1
    assert Message.objects.filter(kind="invoice").count() == 1


# --- failure --------------------------------------------------------------------------------------------------------


def test_a_crash_leaves_the_invoice_and_is_tried_again(monkeypatch):
    invoice = family("nb")
    number = invoice.number

    def crash(*args, **kwargs):
        raise RuntimeError("out of ink")

    with monkeypatch.context() as broken:
        broken.setattr(pdf, "render", crash)
        pdf.make(invoice=invoice, at=NOW)
        assert (invoice.pdf.name, invoice.pdf_error) == ("", "RuntimeError: out of ink")
        result = pdf.make_missing(at=NOW)
        assert (result.changed, len(result.warnings)) == (0, 1)
    assert Message.objects.filter(kind="invoice").count() == 0
    assert pdf.make_missing(at=NOW).counts == {"PDFs made": 1}
    invoice.refresh_from_db()
    assert (invoice.number, bool(invoice.pdf), invoice.pdf_error) == (number, True, "")
    assert pdf.make_missing(at=NOW).changed == 0
    assert Message.objects.filter(kind="invoice").count() == 1


def test_one_that_cannot_be_printed_does_not_hold_up_the_others(monkeypatch):
    for name in ("Ada", "Bad", "Odd"):
        make_member(name, paid=False)
    render = pdf.render

    def picky(invoice, **kwargs):
        if invoice.buyer_name.startswith("Bad"):
            raise ValueError("no")
        return render(invoice)

    monkeypatch.setattr(pdf, "render", picky)
    assert pdf.make_many(ids=list(Invoice.objects.values_list("pk", flat=True)), at=NOW) == 2
    assert list(Invoice.objects.without_pdf().values_list("buyer_name", "pdf_error")) == [("Bad Ås", "ValueError: no")]


def test_a_mail_waits_for_its_attachment():
    invoice = family("nb")
    with pytest.raises(attachments.NotReady):
        attachments.resolve(f"invoice:{invoice.pk}")
    content = made(invoice)
    attached = attachments.resolve(f"invoice:{invoice.pk}")
    assert (attached.content, attached.content_type) == (content, "application/pdf")
    assert attached.name == "faktura-2-vennene-av-vannet.pdf"


def test_committing_an_invoice_sends_it_out(django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        make_household("Bob", "Berit", paid=False)
    invoice = Invoice.objects.get()
    assert pdf.is_unchanged(invoice)
    message = Message.objects.get(kind="invoice")
    assert (message.attachments, message.unique_key) == ([f"invoice:{invoice.pk}"], "invoice:1")


def test_what_a_lost_task_left_is_asked_for_again_after_a_while():
    invoice = family("nb")
    sweep(at=NOW + timedelta(minutes=9))
    assert Invoice.objects.without_pdf().exists()
    sweep(at=NOW + timedelta(minutes=11))
    invoice.refresh_from_db()
    assert pdf.is_unchanged(invoice)


def test_what_a_stopped_worker_left_is_asked_for_when_it_starts_again():
    invoice = family("nb")
    sweep(at=NOW, after_start=True)
    invoice.refresh_from_db()
    assert pdf.is_unchanged(invoice)


# --- nothing from anywhere else -------------------------------------------------------------------------------------

PROBES = [
    '<img src="file:///etc/passwd">',
    '<img src="http://127.0.0.1:1/x.png">',
    '<img src="//127.0.0.1:1/x.png">' '<base href="http://127.0.0.1:1/">',
    '<base href="file:///etc/"><img src="passwd">',
    '<link rel="stylesheet" href="http://127.0.0.1:1/x.css">',
    '<style>@import url("file:///etc/passwd");</style>',
    '<style>@font-face { font-family: x; src: url("file:///etc/passwd") } p { font-family: x }</style><p>x',
    '<p style="background: url(http://127.0.0.1:1/x.png)">x</p>',
    '<p style="list-style-image: url(ftp://127.0.0.1/x.png); display: list-item">x</p>',
    '<object data="file:///etc/passwd"></object>',
    '<embed src="file:///etc/passwd">',
    "<svg xmlns='http://www.w3.org/2000/svg'><image href='file:///etc/passwd' width='9' height='9'/></svg>",
    "<img src=\"data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg'><image href='file:///etc/passwd' "
    "width='9' height='9'/></svg>\">",
    '<a rel="attachment" href="file:///etc/passwd">x</a>',
    '<link rel="attachment" href="file:///etc/passwd">',
    '<img src="own:../../etc/passwd">',
    '<img src="gopher://127.0.0.1/">',
]  # fmt: skip


@pytest.mark.parametrize("probe", PROBES)
def test_whoever_asks_for_other_files_gets_no_pdf(probe):
    with pytest.raises(press.PrintError, match="none of our own files"):
        press.press(looks.current()).print(f"<html lang=en><p>x</p>{probe}")


@pytest.mark.parametrize(
    "probe",
    [
        '<img src="passwd">',
        '<img src="/etc/passwd">',
        '<a href="http://127.0.0.1/">x</a>',
        "<img src=\"data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg'><use href='file:///etc/passwd#x'/></svg>\">",
        '<iframe src="file:///etc/passwd"></iframe>',
        '<script src="http://127.0.0.1:1/x.js"></script>',
    ],
)
def test_relative_addresses_lead_nowhere_and_links_are_not_followed(probe):
    assert b"root:" not in press.press(looks.current()).print(f"<html lang=en><p>x</p>{probe}")


def test_data_addresses_are_served():
    dot = "data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7"
    assert press.press(looks.current()).print(f"<html lang=en><p>x <img src='{dot}' alt=x>").startswith(b"%PDF-")
