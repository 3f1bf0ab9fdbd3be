"""The bytes of a mail, read back by Python's own parser and by eye (tests/golden/mails/)."""

import quopri
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from messaging.attachments import Attachment
from messaging.email import mime
from messaging.models import Message, Wording

SENDER = mime.Sender(name="Foreningen Blåbær", address="post@blåbær.example", reply_to="svar@example.org")
AT = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
GOLDEN = Path(__file__).parents[1] / "golden" / "mails"


@pytest.fixture(autouse=True)
def same_key_everywhere(settings: Any) -> None:
    """Message-IDs and boundaries come from the secret key."""
    settings.SECRET_KEY = "for-tests-only"


def message(**changes: Any) -> Message:
    values: dict[str, Any] = {
        "address": "kari@example.org",
        "language": "nb",
        "unique_key": "invoice:1",
        "subject": "Faktura for 2026 – vennlig påminnelse til Kåre Ærlig Østgård-Åsen",
        "body_text": "Hei, Kåre!\n\n" + "En lang linje med æ, ø og å. " * 5 + "\n.\n.en prikk først\nSlutt ",
        "body_html": '<p style="color: red;">Hei, Kåre! =3D</p>',
    }
    return Message(**{**values, **changes})


def parsed(content: bytes) -> EmailMessage:
    found = message_from_bytes(content, policy=policy.default)
    assert isinstance(found, EmailMessage)
    assert not found.defects
    return found


def text_of(mail: EmailMessage, kind: str) -> str:
    part = mail.get_body(preferencelist=(kind,))
    assert part is not None
    content = part.get_content()
    assert isinstance(content, str)
    return content


def test_what_is_built_is_read_back_unchanged() -> None:
    original = message()
    pdf = Attachment(name="faktura 1.pdf", content_type="application/pdf", content=bytes(range(256)) * 20)
    odd = Attachment(name='årsmøte "ny".txt', content_type="text/plain", content="æøå".encode())
    mail = parsed(mime.build(original, sender=SENDER, at=AT, attachments=[pdf, odd]))
    assert mail["Subject"] == original.subject
    assert mail["To"] == "kari@example.org"
    assert str(mail["From"]) == "Foreningen Blåbær <post@xn--blbr-roah.example>"
    assert mail["Reply-To"] == "svar@example.org"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Date"].datetime == AT
    assert text_of(mail, "plain").replace("\r\n", "\n") == original.body_text
    assert text_of(mail, "html") == original.body_html
    first, second = mail.iter_attachments()
    assert (first.get_filename(), first.get_content_type(), first.get_content()) == (
        "faktura 1.pdf",
        "application/pdf",
        pdf.content,
    )
    assert second.get_filename() == "årsmøte _ny_.txt"


def test_no_line_is_too_long_or_not_ascii_for_any_server() -> None:
    content = mime.build(message(body_html="<p>" + "x" * 5000 + "å" * 2000 + "</p>"), sender=SENDER, at=AT)
    content.decode("ascii")
    lines = content.split(b"\r\n")
    assert max(map(len, lines)) <= 100  # RFC 5322 forbids more than 998
    assert not any(b"\n" in line or b"\r" in line for line in lines)


def test_a_mail_sent_again_has_the_same_id_and_another_message_another() -> None:
    first, again = (parsed(mime.build(message(), sender=SENDER, at=AT))["Message-ID"] for _ in range(2))
    other = parsed(mime.build(message(unique_key="invoice:2"), sender=SENDER, at=AT))["Message-ID"]
    assert first == again != other
    assert "invoice" not in first


def test_headings_of_its_own_for_unsubscribing() -> None:
    headers = {"List-Unsubscribe": "<https://x.example/u/abc>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}
    mail = parsed(mime.build(message(headers=headers), sender=SENDER, at=AT))
    assert {name: mail[name] for name in headers} == headers


@pytest.mark.parametrize(
    "changes",
    [
        {"subject": "Hei\r\nBcc: all@example.org"},
        {"subject": "Hei\nBcc: all@example.org"},
        {"address": "kari@example.org\r\nBcc: all@example.org"},
        {"headers": {"X-A": "b\r\nBcc: all@example.org"}},
        {"headers": {"X-A\r\nBcc": "all@example.org"}},
        {"language": "nb\r\nBcc: all@example.org"},
    ],
)
def test_nobody_adds_a_heading(changes: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="line break"):
        mime.build(message(**changes), sender=SENDER, at=AT)


def test_shared_words_are_filled_in_for_each_recipient() -> None:
    wording = Wording(
        subject="Hei [[name]]",
        body_text="Kjære [[name]],\nlenke: [[link]]\n[[other]]",
        body_html='<p>Kjære [[name]]</p><a href="[[link]]">ut</a>',
    )
    values = {"name": 'Kåre "<b>" & co\nlinje to', "link": "https://x.example/?a=1&b=" + "c" * 200}
    mail = parsed(mime.build(message(wording=wording, values=values), sender=SENDER, at=AT))
    assert mail["Subject"] == 'Hei Kåre "<b>" & co linje to'
    assert text_of(mail, "plain").replace("\r\n", "\n") == (
        f"Kjære {values['name']},\nlenke: {values['link']}\n[[other]]"
    )
    assert text_of(mail, "html").replace("\r\n", "\n") == (
        "<p>Kjære Kåre &quot;&lt;b&gt;&quot; &amp; co\nlinje to</p>"
        f'<a href="{values["link"].replace("&", "&amp;")}">ut</a>'
    )


@given(st.text(alphabet=st.characters(exclude_categories=["Cs", "Cc"], include_characters="\n\t"), max_size=300))
def test_any_text_survives(text: str) -> None:
    content = mime.quoted_printable(text)
    content.decode("ascii")
    assert max(len(line) for line in content.split(b"\r\n")) <= 76
    assert quopri.decodestring(content).decode().replace("\r\n", "\n") == text


def test_placeholders_evaluate_nothing() -> None:
    wording = Wording(
        subject="{{ settings.SECRET_KEY }}", body_text="{% load x %}[[settings.SECRET_KEY]]", body_html=""
    )
    mail = parsed(mime.build(message(wording=wording, values={"settings": "x"}), sender=SENDER, at=AT))
    assert mail["Subject"] == "{{ settings.SECRET_KEY }}"
    assert text_of(mail, "plain").strip() == "{% load x %}[[settings.SECRET_KEY]]"


def test_golden_mail() -> None:
    pdf = Attachment(name="faktura.pdf", content_type="application/pdf", content=b"%PDF-1.7")
    content = mime.build(message(), sender=SENDER, at=AT, attachments=[pdf])
    assert content.decode("ascii").replace("\r\n", "\n") == (GOLDEN / "mime.eml").read_text()
