import pytest
from django.core.management import call_command

from tests.messaging.makers import queued

pytestmark = pytest.mark.django_db


def test_the_command_sends_what_is_due_and_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    queued()
    call_command("send_messages", "--sweep")
    assert capsys.readouterr().out == "Swept: nothing to do.\nMessages: sent 1.\nMessages: nothing to do.\n"
