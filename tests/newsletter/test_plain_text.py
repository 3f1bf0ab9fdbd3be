"""Editors' HTML as plain text."""

import pytest

from newsletter.plain_text import plain_text


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("", ""),
        ("<p>Hei <b>Kåre</b> &amp; co.</p><p>Ha det</p>", "Hei Kåre & co.\n\nHa det"),
        ('<p>Se <a href="https://example.no/a?b=1&amp;c">siden</a>.</p>', "Se siden (https://example.no/a?b=1&c)."),
        ("<ul><li>en</li><li>to</li></ul><p>slutt</p>", "- en\n- to\n\nslutt"),
        ("<ol><li>en</li><li>to</li></ol>", "1. en\n2. to"),
        ("<p>linje<br/>neste</p>", "linje\nneste"),
        ("<h3>Tittel</h3>\n  <p>mye    luft\n her</p>", "Tittel\n\nmye luft her"),
        ("<p>&lt;script&gt;</p>", "<script>"),
        ("</ul></a><li>løs</li>", "- løs"),
    ],
)
def test_plain_text(html: str, expected: str) -> None:
    assert plain_text(html) == expected
