"""Which kind of bank file it is, told by how it begins; and what is no bank file at all."""

from django.utils.translation import gettext_lazy as _

from payments.banks import camt, ocr_giro
from payments.banks.lines import unreadable

_ARCHIVES = (b"PK\x03\x04", b"PK\x05\x06", b"\x1f\x8b", b"7z\xbc\xaf", b"Rar!", b"BZh")


def format_of(data: bytes) -> str:
    """ "ocr", "camt" or "csv". Refuses, with a sentence, what is empty, packed or a PDF; nothing is unpacked."""
    if not data.strip():
        raise unreadable(_("The file is empty. Fetch it from the bank again."), code="empty")
    if data.startswith(_ARCHIVES):
        raise unreadable(_("The file is packed. Unpack it and bring the file that is in it; an Excel file is saved as "
                           "CSV first."), code="packed")  # fmt: skip
    if data.startswith(b"%PDF"):
        raise unreadable(_("This is a PDF, which is made for reading only. Fetch OCR giro, camt or CSV from the bank."),
                         code="pdf")  # fmt: skip
    if ocr_giro.is_ours(data):
        return "ocr"
    return "camt" if camt.is_ours(data) else "csv"
