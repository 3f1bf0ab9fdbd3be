from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.core import mail

from messaging import attachments, leases, pauses, sending, sweeping, verdicts
from messaging.attachments import Attachment, NotReady
from messaging.carrier import Taken
from messaging.email import carrier as email
from messaging.errors import GatewayError
from messaging.models import Attempt, Bounce, Channel, Message, Pause, State, Suppression
from messaging.outbox import WAITING_FOR_ATTACHMENT, attachment_ready, store_wording
from messaging.sms import memory
from tests.messaging.makers import AT, queued

pytestmark = pytest.mark.django_db


class Scripted:
    """A carrier that answers as it is told, in order, and remembers what it was given."""

    def __init__(self, *answers: Taken | GatewayError) -> None:
        self.answers = list(answers)
        self.given: list[str] = []

    def prepare(self, message: Message, *, at: datetime) -> None:
        for reference in message.attachments:
            attachments.resolve(reference)

    def send(self, prepared: Any) -> list[Any]:
        answers: list[Any] = [None] * len(prepared)
        for place, (message, _) in enumerate(prepared):
            self.given.append(message.unique_key)
            answers[place] = self.answers.pop(0) if self.answers else Taken(said="250 ok")
            if isinstance(answers[place], GatewayError) and answers[place].stops:
                break
        return answers

    def close(self) -> None:
        pass


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Let a scripted carrier carry the mail: `server(answer, answer…)`."""

    def use(*answers: Taken | GatewayError) -> Scripted:
        carrier = Scripted(*answers)
        monkeypatch.setitem(sending.CARRIERS, Channel.EMAIL, lambda: carrier)
        return carrier

    return use


def states() -> dict[str, str]:
    return dict(Message.objects.values_list("unique_key", "state"))


def outcomes(message: Message) -> list[str]:
    return list(message.attempts.values_list("outcome", flat=True))


def test_what_is_due_goes_once_and_its_attempt_is_kept() -> None:
    message = queued()
    assert sending.send_due(at=AT).counts == {"sent": 1}
    assert sending.send_due(at=AT).counts == {}
    message.refresh_from_db()
    assert (message.state, message.sent_at, message.tries, message.lease_token) == (State.SENT, AT, 1, "")
    assert outcomes(message) == ["sent"]
    [sent] = mail.outbox
    assert (sent.to, sent.subject, sent.body) == (["kari@example.org"], "Faktura", "Hei, Kåre!\n")
    assert sent.extra_headers["Auto-Submitted"] == "auto-generated"


def test_the_sender_may_bring_a_name_or_get_the_organisations(settings: Any) -> None:
    settings.DEFAULT_FROM_EMAIL = "Styret <styret@example.org>"
    assert (email.sender().name, email.sender().address) == ("Styret", "styret@example.org")
    settings.DEFAULT_FROM_EMAIL = "post@example.org"
    assert (email.sender().name, email.sender().address) == ("Vennene av vannet", "post@example.org")


def test_the_urgent_go_first_and_the_early_wait(server: Any) -> None:
    carrier = server()
    queued("invoice")
    queued("news", kind="newsletter")
    queued("code", kind="login_code")
    later = queued("later")
    Message.objects.filter(pk=later.pk).update(due_at=AT + timedelta(minutes=1))
    sending.send_due(at=AT)
    assert carrier.given == ["code", "invoice", "news"]
    sending.send_due(at=AT + timedelta(minutes=1))
    assert carrier.given[3:] == ["later"]


def test_a_mail_shared_words_and_merge_values_is_filled_in() -> None:
    wording = store_wording(
        key="n:1", subject="Hei [[name]]", text="Hei [[name]], [[unknown]]", html="<p>Hei [[name]]</p>"
    )
    queued(words=None, wording=wording, values={"name": "<Kåre>"})
    sending.send_due(at=AT)
    [sent] = mail.outbox
    assert (sent.subject, sent.body) == ("Hei <Kåre>", "Hei <Kåre>, [[unknown]]")
    assert "<p>Hei &lt;Kåre&gt;</p>" in sent.alternatives[0].content


def test_sms_go_through_the_gateway() -> None:
    from messaging.rendering import Words

    message = queued(channel="sms", address="912 34 567", words=Words(text="Kode 123"))
    sending.send_due(at=AT)
    message.refresh_from_db()
    assert memory.sent == [memory.Sms(to="+4791234567", text="Kode 123", sender="VVNF", reference=message.reference())]
    assert message.provider_id == f"memory:message:{message.pk}"


def test_451_waits_longer_each_time_and_is_given_up_after_three_days(server: Any) -> None:
    message = queued()
    at, waits = AT, []
    for _ in range(4):
        server(GatewayError("451 busy"))
        assert sending.send_due(at=at).counts == {"queued": 1}
        message.refresh_from_db()
        waits.append(message.due_at - at)
        at = message.due_at
    assert waits == [timedelta(minutes=minutes) for minutes in (1, 2, 4, 8)]
    assert "451 busy" in message.why
    Message.objects.update(due_at=None)
    server(GatewayError("451 busy"))
    assert sending.send_due(at=AT + timedelta(days=4)).counts == {"failed": 1}
    message.refresh_from_db()
    assert message.reason == verdicts.GIVEN_UP
    assert outcomes(message) == ["later"] * 5


def test_550_for_the_address_fails_once_and_three_bounces_suppress_it(server: Any) -> None:
    for number in range(3):
        assert not Suppression.objects.exists()
        message = queued(str(number))
        carrier = server(GatewayError("550 no such user", permanent=True, bounced=True))
        assert sending.send_due(at=AT).counts == {"failed": 1}
        assert sending.send_due(at=AT + timedelta(days=1)).counts == {}
        assert len(carrier.given) == 1
    assert Bounce.objects.filter(address="kari@example.org").count() == 3
    assert Suppression.objects.get().address == "kari@example.org"
    message.refresh_from_db()
    assert "550 no such user" in message.why
    assert queued("4").state == State.SUPPRESSED


def test_554_for_the_message_fails_without_a_bounce(server: Any) -> None:
    queued()
    server(GatewayError("554 looks like spam", permanent=True))
    assert sending.send_due(at=AT).counts == {"failed": 1}
    assert not Bounce.objects.exists()


def test_an_answer_that_never_came_leaves_an_invoice_unknown_and_sends_a_code_again(server: Any) -> None:
    queued("invoice")
    queued("code", kind="login_code")
    carrier = server(GatewayError("dropped", uncertain=True), GatewayError("dropped", uncertain=True))
    assert sending.send_due(at=AT).counts == {"queued": 1, "sent": 1, "unknown": 1}
    assert carrier.given == ["code", "invoice", "code"]
    assert states() == {"invoice": "unknown", "code": "sent"}
    assert "may or may not have arrived" in Message.objects.get(unique_key="invoice").reason


def test_a_server_that_is_down_costs_no_message_a_try(server: Any) -> None:
    queued("a")
    queued("b")
    carrier = server(GatewayError("refused", stops=True))
    assert sending.send_due(at=AT).counts == {}
    assert carrier.given == ["a"]
    assert states() == {"a": "queued", "b": "queued"}
    assert not Attempt.objects.exists()
    pause = Pause.objects.get()
    assert (pause.channel, pause.until) == ("email", AT + timedelta(seconds=20))

    carrier = server(GatewayError("refused", stops=True))
    assert sending.send_due(at=AT + timedelta(seconds=19)).counts == {}
    assert carrier.given == []
    sending.send_due(at=AT + timedelta(seconds=20))
    assert Pause.objects.get().until == AT + timedelta(seconds=60)

    server()
    assert sending.send_due(at=AT + timedelta(seconds=60)).counts == {"sent": 2}
    assert not Pause.objects.exists()


def test_535_pauses_until_a_person_resumes(server: Any, admin_user: Any) -> None:
    queued("a")
    queued("b", kind="newsletter")
    server(Taken(), GatewayError("535 bad password", permanent=True, stops=True))
    assert sending.send_due(at=AT).counts == {"sent": 1}
    pause = Pause.objects.get()
    assert pause.until is None
    assert "535 bad password" in pause.why

    server()
    assert sending.send_due(at=AT + timedelta(days=1)).counts == {}
    assert states() == {"a": "sent", "b": "queued"}
    pauses.resume(pause=pause, by=admin_user, at=AT)
    assert sending.send_due(at=AT + timedelta(days=1)).counts == {"sent": 1}


def test_an_attachment_that_is_not_ready_holds_only_its_own_message(
    server: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    ready: list[str] = []

    def invoice(key: str) -> Attachment:
        if key not in ready:
            raise NotReady
        return Attachment(name="faktura.pdf", content_type="application/pdf", content=b"%PDF")

    monkeypatch.setitem(attachments._resolvers, "invoice", invoice)
    waiting = queued("with", attachments=["invoice:42"])
    queued("without")
    assert sending.send_due(at=AT).counts == {"queued": 1, "sent": 1}
    waiting.refresh_from_db()
    assert (waiting.reason, waiting.detail) == (WAITING_FOR_ATTACHMENT, "invoice:42")
    assert waiting.due_at == AT + timedelta(seconds=10)
    assert sending.send_due(at=AT + timedelta(days=30)).counts == {"queued": 1}, "never given up, never sent without"

    ready.append("42")
    assert attachment_ready("invoice:41", at=AT) == 0
    assert attachment_ready("invoice:42", at=AT) == 1
    assert sending.send_due(at=AT).counts == {"sent": 1}


def test_a_message_that_cannot_be_made_holds_nobody_else(caplog: pytest.LogCaptureFixture) -> None:
    queued("bad", attachments=["nobody:1"])
    queued("good")
    assert sending.send_due(at=AT).counts == {"queued": 1, "sent": 1}
    bad = Message.objects.get(unique_key="bad")
    assert outcomes(bad) == ["faulty"]
    assert "Nobody has registered attachments called 'nobody'" in bad.why
    assert "cannot be made" in caplog.text


def test_stopping_puts_the_rest_back(server: Any) -> None:
    for number in range(5):
        queued(str(number))
    carrier = server()
    sending.send_due(at=AT, stopping=lambda: len(carrier.given) == 2)
    assert states() == {"0": "sent", "1": "sent", "2": "queued", "3": "queued", "4": "queued"}
    assert not Message.objects.exclude(lease_token="").exists()


@pytest.mark.parametrize("kind", ["reminder", "newsletter"])
def test_what_takes_long_to_make_is_sent_all_the_same(server: Any, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """All made at first, a hundred reminders with PDFs used up the whole turn, and went back unsent, for ever."""
    for number in range(6):
        queued(str(number), kind=kind)
    carrier, clock = server(), [0.0]

    def prepare(message: Message, *, at: datetime) -> None:
        clock[0] += 1

    carrier.prepare = prepare
    monkeypatch.setattr(sending, "time", SimpleNamespace(monotonic=lambda: clock[0]))
    assert sending.send_due(at=AT, seconds=4).counts == {"sent": 3}  # two by half-time, one by half of the rest
    assert carrier.given == ["0", "1", "2"]
    assert not Message.objects.exclude(lease_token="").filter(state=State.QUEUED).exists()
    assert sending.send_due(at=AT, seconds=4).counts == {"sent": 3}
    assert sending.send_due(at=AT, seconds=4).counts == {}


def test_a_mistake_of_ours_after_the_hand_over_never_sends_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    queued("a")
    queued("b")

    class Broken(Scripted):
        def send(self, prepared: Any) -> list[Any]:
            raise RuntimeError("a mistake")

    monkeypatch.setitem(sending.CARRIERS, Channel.EMAIL, Broken)
    with pytest.raises(RuntimeError):
        sending.send_due(at=AT)
    assert states() == {"a": "sending", "b": "queued"}
    assert sweeping.sweep(at=AT + timedelta(hours=1)).counts == {"unknown": 1}


def test_the_late_writer_is_refused() -> None:
    message = queued()
    [held] = leases.claim(channels=["email"], at=AT)
    leases.hand_over([held], at=AT)
    later = AT + timedelta(hours=1)
    sweeping.sweep(at=later)
    verdict = verdicts.after(held, Taken(said="250 ok"), at=later)
    assert verdict is not None
    assert leases.record([verdict], at=later) == []
    message.refresh_from_db()
    assert message.state == State.UNKNOWN
    assert outcomes(message) == ["crashed", "too_late"]
    assert leases.hand_over([held], at=later) == []


def test_two_claims_never_share_a_message() -> None:
    for number in range(6):
        queued(str(number))
    first = leases.claim(channels=["email"], at=AT, limit=4)
    second = leases.claim(channels=["email"], at=AT, limit=4)
    assert [message.unique_key for message in first] == ["0", "1", "2", "3"]
    assert [message.unique_key for message in second] == ["4", "5"]
    assert leases.claim(channels=["email"], at=AT) == []


def test_a_full_round_takes_a_constant_number_of_queries(server: Any, django_assert_num_queries: Any) -> None:
    """A newsletter's cost in queries does not grow with its readers."""
    server()
    for size in (1, 3):
        for number in range(size):
            queued(f"{size}:{number}", kind="newsletter")
        with django_assert_num_queries(22):
            sending.send_due(at=AT)
