"""The newsletter as a mail, whole (tests/golden/mails/): every kind of block, in text and in HTML."""

from pathlib import Path

import pytest
from wagtail.rich_text import RichText

from messaging.rendering import Words
from newsletter import mails
from newsletter.blocks import WrittenBlocks
from tests.newsletter.makers import make_newsletter, make_website

pytestmark = pytest.mark.django_db
GOLDEN = Path(__file__).parents[1] / "golden" / "mails"
TEMPLATES = Path(__file__).parents[2] / "templates" / "mail" / "newsletter"

BODY = [
    ("paragraph", RichText('<p>Kjære <b>venner</b>!</p><ul><li>dugnad <a href="/om-oss/">hos oss</a></li></ul>')),
    ("heading", "Årsmøte 23. april"),
    ("quote", {"text": "En må bare stå stille.", "source": "Tove"}),
    ("call_to_action", {"heading": "Bli med", "text": "Vi har støvler.", "button": "Meld deg på", "page": None,
                        "address": "https://example.no/dugnad"}),
]  # fmt: skip


def words(language: str = "nb") -> Words:
    make_website()
    page = make_newsletter("Vårnytt", body=BODY)
    return mails.newsletter(page=page, language=language)


@pytest.mark.parametrize("language", ["nb", "en"])
def test_golden_text(language: str) -> None:
    assert words(language).text == (GOLDEN / f"newsletter.{language}.txt").read_text(encoding="utf-8")


def test_html_has_whole_addresses_and_the_place_for_the_unsubscribe_link() -> None:
    html = words().html
    assert 'href="http://127.0.0.1:8000/om-oss/"' in html
    assert 'href="http://127.0.0.1:8000/nyhetsbrev/v%C3%A5rnytt/"' in html
    assert 'href="[[unsubscribe]]"' in html
    assert 'href="/' not in html and 'src="/' not in html
    assert "<script" not in html


def test_the_organisations_postal_address_is_in_both() -> None:
    mail = words()
    for text in (mail.text, mail.html):
        assert "Fjordgata 12" in text and "7010" in text


@pytest.mark.parametrize("part", ["body.txt", "body.html"])
def test_every_block_has_its_place_in_the_mail(part: str) -> None:
    template = (TEMPLATES / part).read_text(encoding="utf-8")
    missing = [name for name in WrittenBlocks().child_blocks if f'block.block_type == "{name}"' not in template]
    assert missing == []


def test_what_is_typed_is_text_and_not_evaluated() -> None:
    make_website()
    nasty = '"><img src=x onerror=1>{{ settings.SECRET_KEY }}'
    page = make_newsletter(nasty, teaser=nasty, body=[("heading", nasty), ("quote", {"text": nasty, "source": nasty})])
    mail = mails.newsletter(page=page, language="nb")
    assert "<img src=x" not in mail.html
    assert "{{ settings.SECRET_KEY }}" in mail.text and "\n" not in mail.subject


def test_the_preview_shows_the_mail() -> None:
    make_website()
    html = mails.preview(page=make_newsletter("Vårnytt", body=BODY), language="nb")
    assert "Vårnytt" in html and "[[unsubscribe]]" not in html
