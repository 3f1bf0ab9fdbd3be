import pytest
from django.utils import translation
from django.utils.translation import gettext

from messaging.models import Channel
from messaging.rendering import inline_styles, render

CONTEXT = {"name": 'Kari "><img src=x onerror=1>', "other": "& co"}


@pytest.mark.parametrize(("language", "word"), [("nb", "Ja"), ("en", "Yes")])
def test_each_language_whole(greeting: str, language: str, word: str) -> None:
    words = render(greeting, context=CONTEXT, language=language)
    with translation.override(language):
        number = f"{gettext('Organisation number')} 988 077 917"
    assert words.subject == f"{word}, {CONTEXT['name']}"
    assert words.text == (
        f"{CONTEXT['name']} & & co\n\n-- \nVennene av vannet\nFjordgata 12, 7010 Trondheim\n"
        f"post@vvnf.example\n+47 73 50 00 00\n{number}\n"
    )
    assert f'<html lang="{language}">' in words.html
    assert number in words.html


def test_names_are_inert_in_html_and_styles_are_inlined(greeting: str) -> None:
    html = render(greeting, context=CONTEXT, language="nb").html
    assert "<img" not in html
    assert '<p style="margin: 0 0 16px' in html
    assert "background-color: #0b5f73" in html, "the button has the client's colour"
    assert "@media (prefers-color-scheme: dark)" in html, "what cannot be inlined stays"
    assert ".button {" not in html.split("@media")[0]


def test_an_sms_is_its_text_only(greeting: str) -> None:
    words = render(greeting, context={"name": "Kode", "other": "1 < 2"}, language="nb", channel=Channel.SMS)
    assert (words.subject, words.text, words.html) == ("", "Kode: 1 < 2", "")


def test_a_mail_without_html_is_text_only(greeting: str) -> None:
    words = render("text_only", context={}, language="nb")
    assert (words.subject, words.text, words.html) == ("Bare tekst", "Hei.\n", "")


def test_styles_of_elsewhere_are_not_fetched() -> None:
    page = '<html><head><link rel="stylesheet" href="http://127.0.0.1:9/x.css"></head><body><p>Hei</p></body></html>'
    assert "<p>Hei</p>" in inline_styles(page)
