"""What the check of the catalogues finds."""

from pathlib import Path

import pytest

from tools import translations

CATALOGUE = """\
msgid ""
msgstr ""
"Language: nb\\n"
"Content-Type: text/plain; charset=UTF-8\\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\\n"

msgid "Member"
msgstr "Medlem"

msgid "Household"
msgstr ""

#, fuzzy
msgid "Invoice"
msgstr "Faktura"

#, python-format
msgid "Dear %(name)s"
msgstr "Kjære %(navn)s"

msgid "one member"
msgid_plural "several members"
msgstr[0] "ett medlem"
msgstr[1] ""
"""


@pytest.fixture
def catalogue(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "locale" / "nb" / "LC_MESSAGES" / "django.po"
    path.parent.mkdir(parents=True)
    path.write_text(CATALOGUE, encoding="utf-8")
    monkeypatch.setattr(translations, "ROOT", tmp_path)
    return path


def test_untranslated_fuzzy_and_wrong_placeholders_are_found(catalogue: Path) -> None:
    found = translations.faults()
    assert [fault.removeprefix("locale/nb/LC_MESSAGES/django.po: ").partition(":")[0] for fault in found] == [
        "not translated",
        "fuzzy",
        "unknown named placeholder 'navn'",
        "not translated",
    ]


def test_compiling_leaves_guesses_out(catalogue: Path) -> None:
    translations.compile_all()
    compiled = catalogue.with_suffix(".mo").read_bytes()
    assert b"Medlem" in compiled
    assert b"Faktura" not in compiled
