import pytest
from django.core import mail

from core.models import User
from messaging import sending
from messaging.account_mails import queue_account_mail
from messaging.models import Message
from tests.messaging.makers import AT

pytestmark = pytest.mark.django_db


def queue(prefix: str, **context: object) -> Message:
    return queue_account_mail(
        template_prefix=f"account/email/{prefix}", email="kari@example.org", context=context, language="nb", at=AT
    )


def test_a_code_is_urgent_and_goes_first() -> None:
    user = User.objects.create_user(username="kari", email="kari@example.org")
    notice = queue("password_changed", user=user, current_site=None, ip="127.0.0.1", user_agent="x", timestamp=AT)
    code = queue("login_code", user=user, code="QWER-1234")
    assert (code.kind, code.recipient_ref) == ("login_code", f"user:{user.pk}")
    assert notice.kind == "account_notice"
    assert code.priority > notice.priority > 0
    assert "QWER-1234" in code.body_text
    sending.send_due(at=AT)
    assert [sent.subject for sent in mail.outbox] == [code.subject, notice.subject]


def test_every_code_is_a_message_of_its_own() -> None:
    assert queue("login_code", user=None, code="1").pk != queue("login_code", user=None, code="1").pk


def test_our_own_words_win_over_allauths(greeting: str) -> None:
    message = queue(greeting, name="Kari")
    assert message.subject == "Ja, Kari"
    assert message.body_html
