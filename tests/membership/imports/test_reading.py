"""Files as they come: letters, separators, workbooks, and what is no list of members, however it is packed."""

import csv
import io
import zipfile
from datetime import date, datetime

import pytest
from openpyxl import Workbook

from core import exports
from core.errors import Refused
from membership.imports import columns, reading, workbooks

HEADINGS = ["Medlemsnummer", "Fornavn", "Etternavn", "E-post", "Fødselsdato", "Poststed"]
ROW = ["1", "Åse", "Øyen", "ase@example.no", "17.05.1980", "Ås"]
EXPECTED = {
    "member_number": "1", "first_names": "Åse", "last_name": "Øyen", "email": "ase@example.no",
    "born_on": "17.05.1980", "place": "Ås",
}  # fmt: skip


def read(content: bytes) -> tuple[reading.Sheet, list[tuple[int, dict[str, str]]]]:
    into = io.BytesIO()
    sheet = reading.read(io.BytesIO(content), into)
    return sheet, list(reading.rows(into, fields=list(columns.guess(sheet.headings).items())))


def refusal(content: bytes) -> Refused:
    with pytest.raises(Refused) as caught:
        read(content)
    assert caught.value.sentence
    return caught.value


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16", "utf-16-le"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_letters_and_separators(encoding: str, separator: str) -> None:
    content = "\r\n".join(separator.join(cells) for cells in (HEADINGS, ROW)).encode(encoding)
    assert read(content)[1] == [(2, EXPECTED)]


def test_lines_are_those_of_the_file() -> None:
    content = 'sep=;\r\n\r\nLast name;Address\r\nÅs;"Vei 1\nOppgang B"\r\n\r\n  ;\r\nBø;X\r\n'.encode()
    sheet, rows = read(content)
    assert sheet == reading.Sheet(headings=["Last name", "Address"], rows=2)
    assert rows == [
        (5, {"last_name": "Ås", "address_line_1": "Vei 1\nOppgang B"}),
        (8, {"last_name": "Bø", "address_line_1": "X"}),
    ]


def test_reading_goes_on_from_any_row() -> None:
    into = io.BytesIO()
    sheet = reading.read(io.BytesIO('last_name,place\nA,"x\ny"\nÆ,z\nØ,å\n'.encode()), into)
    fields = list(columns.guess(sheet.headings).items())
    rows = reading.rows(into, fields=fields)
    next(rows)
    rest = list(reading.rows(into, fields=fields, offset=into.tell()))
    assert [row["last_name"] for _line, row in rest] == ["Æ", "Ø"]


def workbook(*rows: list[object]) -> bytes:
    book, out = Workbook(), io.BytesIO()
    for row in rows:
        book.active.append(row)
    book.save(out)
    return out.getvalue()


def test_a_workbook_is_read_like_a_csv_file() -> None:
    row = [1.0, "Åse", "Øyen", "ase@example.no", datetime(1980, 5, 17), "Ås"]
    assert read(workbook(HEADINGS, [None] * 6, row))[1] == [(3, {**EXPECTED, "born_on": "1980-05-17"})]
    assert read(workbook(["etternavn", "msexpiry"], ["A", date(2026, 12, 31)]))[1][0][1]["expires_on"] == "2026-12-31"


@pytest.mark.parametrize("name", ["=1+1", "+47", "-x", "@me", "\t=1", "'=1", " =1", "＝1", "'"])
def test_our_own_exports_come_back_unchanged(name: str) -> None:
    lines = "".join(exports.csv_lines(headings=["Surname", "Place"], rows=[[name, "Ås"]]))
    assert read(lines.encode())[1] == [(2, {"last_name": name, "place": "Ås"})]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty"),
        (b"  \n ", "empty"),
        (b"last_name,email\n", "no_rows"),
        (b"PK\x03\x04\x00\x00\x00\x00", "not_text"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600, "not_text"),
        (b"last_name\nA\x00B\n", "not_text"),
        (b'last_name,email\n"A,b\n', "broken"),
        (b",".join(b"c%d" % n for n in range(300)) + b"\n1,2\n", "too_wide"),
        (b"last_name\n" + b"A" * 10_001 + b"\n", "cell"),
        (b"A" * 1_100_000, "broken"),
        (b"last_name\n" + b"A\n" * 200_001, "too_long"),
        (b"A" * (reading.MAX_BYTES + 1), "too_large"),
    ],
)
def test_what_is_no_list_of_members_is_refused(content: bytes, code: str) -> None:
    assert refusal(content).code == code


def packed(**parts: bytes) -> bytes:
    """A good workbook with some parts replaced or added."""
    out = io.BytesIO()
    replaced = {name.replace("__", "/").replace("_", "."): content for name, content in parts.items()}
    with (
        zipfile.ZipFile(io.BytesIO(workbook(HEADINGS, ROW))) as old,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for item in old.infolist():
            if item.filename not in replaced:
                new.writestr(item.filename, old.read(item.filename))
        for name, content in replaced.items():
            new.writestr(name, content)
    return out.getvalue()


def test_bombs_are_refused_before_they_go_off(monkeypatch: pytest.MonkeyPatch) -> None:
    assert refusal(packed(xl__media__zeros_xml=b"0" * 30_000_000)).code == "too_large"
    laughs = b'<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY lol "lol">]><worksheet>&lol;</worksheet>'
    assert refusal(packed(xl__worksheets__sheet1_xml=laughs)).code == "not_text"
    hidden = laughs.decode().encode("utf-16")
    assert refusal(packed(xl__worksheets__sheet1_xml=hidden)).code == "not_text"
    monkeypatch.setattr(workbooks, "MAX_CELLS", 10)
    assert refusal(workbook(HEADINGS, ROW)).code == "too_long"


def test_a_cell_far_out_costs_little() -> None:
    sheet = (
        b'<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
        b'<dimension ref="A1:XFD1048576"/><sheetData>'
        b'<row r="1"><c r="A1" t="inlineStr"><is><t>last_name</t></is></c></row>'
        b'<row r="2"><c r="XFD2" t="inlineStr"><is><t>far</t></is></c></row></sheetData></worksheet>'
    )
    assert refusal(packed(xl__worksheets__sheet1_xml=sheet)).code == "too_wide"


def test_headings_are_known_in_every_spelling() -> None:
    headings = ["field_etternavn", "Fornavn", "regnumber", "field_mail", "Kjønn", "First-Names", "Skostørrelse"]
    assert columns.guess(headings) == {
        "last_name": 0, "first_names": 1, "member_number": 2, "email": 3, "gender": 4,
    }  # fmt: skip
    assert columns.left_out(headings, columns.guess(headings)) == ["First-Names", "Skostørrelse"]
    assert columns.guess(["Skostørrelse"], known={"skostørrelse": "place"}) == {"place": 0}
    office = ["etternavn", "mid", "auxinfo", "specialprice", "spexpiry", "convto", "onetimesent"]
    assert columns.guess(office, with_office_fields=False) == {"last_name": 0}
    assert len(columns.guess(office)) == 7


def test_the_plain_form_is_csv_with_the_lines() -> None:
    into = io.BytesIO()
    reading.read(io.BytesIO(b"last_name;place\nA;  B \n"), into)
    assert list(csv.reader(into.getvalue().decode().splitlines())) == [["1", "last_name", "place"], ["2", "A", "B"]]


def test_the_headings_of_a_norwegian_spreadsheet_are_known() -> None:
    headings = ["Medlemsnr.", "Fornavn", "Etternavn", "Gate", "Adresse 2", "Postnr", "By", "Tlf", "E-postadresse",
                "Født", "Kontingenttype", "Medlem fra"]  # fmt: skip
    assert columns.guess(headings) == {
        name: number
        for number, name in enumerate([
            "member_number", "first_names", "last_name", "address_line_1", "address_line_2", "postcode", "place",
            "mobile", "email", "born_on", "type", "joined_on",
        ])
    }  # fmt: skip
