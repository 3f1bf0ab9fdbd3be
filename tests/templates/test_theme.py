"""The default theme's promises: light, no inline code, and form fields that everybody can use."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django import forms
from django.conf import settings
from django.template.loader import render_to_string
from django.utils import translation

STATIC = Path(settings.SITE_DIR) / "static"
TEMPLATES = Path(settings.BASE_DIR) / "templates"
# Mail and paper have no style sheets of ours to link to; the office is Wagtail's own look.
ELSEWHERE = {"mail", "print", "wagtailadmin", "office"}


class Application(forms.Form):
    kind = forms.ChoiceField(label="Kind", choices=[("E", "One"), ("FM", "Family")], widget=forms.RadioSelect)
    email = forms.EmailField(label="E-mail", help_text="We send a code here.")
    mobile = forms.CharField(label="Mobile", required=False)
    agreed = forms.BooleanField(label="I agree <b>to it</b>")
    opened = forms.CharField(widget=forms.HiddenInput)


@pytest.fixture(autouse=True)
def in_english() -> Iterator[None]:
    with translation.override("en"):
        yield


def field(form: forms.Form, name: str, **context: object) -> str:
    html = render_to_string("includes/field.html", {"field": form[name], **context})
    return re.sub(r"\s*(<|>)\s*", r"\1", html).strip()


def test_styles_and_scripts_together_stay_under_60_kilobytes() -> None:
    files = [*STATIC.glob("css/*.css"), *STATIC.glob("js/*.js")]
    assert files
    assert sum(path.stat().st_size for path in files) < 60_000


@pytest.mark.parametrize("path", sorted(STATIC.glob("css/*.css")), ids=lambda path: path.name)
def test_style_sheets_ask_nobody_else_for_anything(path: Path) -> None:
    assert re.findall(r"@import|https?://|url\(\s*[\"']?//", path.read_text(encoding="utf-8")) == []


def public_templates() -> list[Path]:
    return [
        path for path in sorted(TEMPLATES.rglob("*.html")) if not ELSEWHERE & set(path.relative_to(TEMPLATES).parts)
    ]


def test_public_templates_have_no_inline_style_or_script() -> None:
    inline = re.compile(
        r"""\sstyle\s*=|<style|<script(?![^>]*\ssrc=)|\son[a-z]+\s*=\s*["']|javascript:""", re.IGNORECASE
    )
    found = {
        str(path.relative_to(TEMPLATES)): hits
        for path in public_templates()
        if (hits := inline.findall(path.read_text(encoding="utf-8")))
    }
    assert found == {}


def test_a_field_ties_label_hint_and_error_to_its_input() -> None:
    html = field(Application({"email": "kari@"}), "email")
    assert '<label class="field__label" for="id_email">E-mail</label>' in html
    assert 'id="id_email_helptext">We send a code here.' in html
    assert 'id="id_email_error"' in html
    assert 'aria-describedby="id_email_helptext id_email_error"' in html
    assert 'aria-invalid="true"' in html
    assert '<span class="visually-hidden">Error:</span>' in html
    assert 'value="kari@"' in html


def test_only_optional_fields_are_marked() -> None:
    form = Application()
    assert "(optional)" in field(form, "mobile")
    assert "(optional)" not in field(form, "mobile", hide_optional=True)
    assert "(optional)" not in field(form, "email")
    assert "*" not in field(form, "email")


def test_radio_buttons_are_a_group_with_a_name() -> None:
    html = field(Application({}), "kind")
    assert html.startswith("<fieldset")
    assert '<legend class="field__label">Kind</legend>' in html
    assert 'aria-describedby="id_kind_error"' in html


def test_a_checkbox_stands_before_its_label_which_cannot_smuggle_markup() -> None:
    html = field(Application(), "agreed")
    assert html.index('type="checkbox"') < html.index('<label for="id_agreed">')
    assert "I agree &lt;b&gt;to it&lt;/b&gt;" in html


def test_a_hidden_field_is_only_itself() -> None:
    assert field(Application(), "opened") == '<input type="hidden" name="opened" id="id_opened">'


def test_the_error_summary_names_each_field_and_links_to_something_that_takes_focus() -> None:
    html = render_to_string("includes/error_summary.html", {"form": Application({"email": "kari@", "agreed": "on"})})
    assert re.findall(r'<a href="#(\w+)">([^<]*)</a>', html) == [
        ("id_kind_0", "Kind – This field is required."),
        ("id_email", "E-mail – Enter a valid email address."),
    ]
    assert "<li>This field is required.</li>" in html  # the hidden one: nothing to link to


def test_no_errors_no_summary() -> None:
    assert render_to_string("includes/error_summary.html", {"form": Application()}).strip() == ""


def test_the_page_for_our_own_faults_needs_neither_database_nor_request() -> None:
    html = render_to_string("500.html")
    assert "<h1>Something went wrong</h1>" in html
    assert '<html lang="en">' in html
