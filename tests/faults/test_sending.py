"""What becomes of messages when processes die, servers fail and answers get lost (reliability.md, faults 1 to 13)."""

import os
import random
import signal
import time
from collections import Counter
from datetime import timedelta

import pytest
from django.utils import timezone

from messaging import sweeping, verdicts
from messaging.models import Attempt, Bounce, Message, Pause, State
from messaging.outbox import Draft, queue_many
from messaging.rendering import Words
from tests.faults.conftest import Site
from tests.faults.sink import Sink

KILLS = int(os.environ.get("FAULT_KILLS", "12"))  # FAULT_KILLS=40 for the whole of it


def outbox(count: int, *, kind: str = "invoice", attachments: tuple[str, ...] = ()) -> None:
    """So many messages to as many people, waiting to be sent."""
    start = Message.objects.count()
    words = Words(subject="Faktura", text="Hei.\n", html="<p>Hei.</p>")
    rows = (
        Draft(
            kind=kind,
            recipient_ref=f"member:{number}",
            address=f"m{number}@example.org",
            language="nb",
            unique_key=f"{kind}:{number}",
            words=words,
            attachments=attachments,
        )
        for number in range(start, start + count)
    )
    assert queue_many(rows=rows, at=timezone.now()) == count


def states() -> dict[str, int]:
    return dict(Counter(Message.objects.values_list("state", flat=True)))


def in_state(state: State) -> set[str]:
    return set(Message.objects.filter(state=state).values_list("address", flat=True))


def when_leases_have_ended() -> None:
    """Every lease has run out, and the sweeper has come by."""
    sweeping.sweep(at=timezone.now() + timedelta(minutes=3))


def make_everything_due() -> None:
    Message.objects.update(due_at=None)
    Pause.objects.exclude(until=None).update(until=timezone.now())


@pytest.mark.parametrize("kind", ["invoice", "newsletter", "login_code"])
def test_1_a_sender_is_killed_again_and_again(site: Site, sink: Sink, kind: str) -> None:
    """Nothing is lost and nothing goes twice; what nobody can know is unknown, and codes are sent again."""
    outbox(400, kind=kind)
    sink.delay = 0.002
    kills, dice = 0, random.Random(7)
    for _ in range(KILLS):
        due, before = Message.objects.due(at=timezone.now()).count(), len(sink.recipients)
        sender = site.start("send_messages")
        sink.wait_for(before + min(due, dice.randint(1, 20)))
        kills += site.kill(sender, signal.SIGKILL) == -signal.SIGKILL
        site.settle()
        when_leases_have_ended()
        if not Message.objects.filter(state=State.QUEUED).exists():
            break
    make_everything_due()
    site.run("send_messages")

    sent, unknown = in_state(State.SENT), in_state(State.UNKNOWN)
    assert kills >= 3
    parked = Message.objects.filter(state=State.FAILED, reason=verdicts.PARKED, crashes=3)
    assert len(sent) + len(unknown) + parked.count() == 400, states()
    assert sent <= set(sink.recipients), "what counts as sent has arrived"
    visible = sent | unknown | set(parked.values_list("address", flat=True))
    assert set(sink.recipients) <= visible, "what has arrived counts as sent, unknown or parked"
    twice = [message for message, times in sink.accepted.items() if times > 1]
    if kind == "login_code":
        assert unknown == set()
        assert len(twice) <= kills
    else:
        assert twice == []
        assert len(unknown) <= kills * (100 if kind == "newsletter" else 1)
        crashed = set(Attempt.objects.filter(outcome="crashed").values_list("message__address", flat=True))
        assert unknown <= crashed


def test_1_two_senders_share_the_work(site: Site, sink: Sink) -> None:
    outbox(200, kind="newsletter")
    outbox(100)
    sink.delay = 0.002
    senders = [site.start("send_messages") for _ in range(3)]
    assert [site.wait(sender) for sender in senders] == [0, 0, 0], site.log()
    assert states() == {"sent": 300}
    assert set(sink.accepted.values()) == {1}


def test_4_a_sender_asked_to_stop_leaves_nothing_in_hand(site: Site, sink: Sink) -> None:
    outbox(200)
    sink.delay = 0.005
    sender = site.start("send_messages")
    sink.wait_for(20)
    assert site.kill(sender, signal.SIGTERM) == 0
    counts = states()
    assert counts["sent"] == len(sink.recipients) < 200
    assert counts["queued"] == 200 - len(sink.recipients)
    site.run("send_messages")
    assert states() == {"sent": 200}
    assert set(sink.accepted.values()) == {1}


def test_5_a_message_that_kills_its_worker_is_parked_and_the_others_go(site: Site, sink: Sink) -> None:
    outbox(3)
    outbox(1, attachments=("poison:1",))
    outbox(3)
    for _ in range(3):
        assert site.wait(site.start("send_messages")) == -signal.SIGKILL
        when_leases_have_ended()
    site.run("send_messages")
    assert states() == {"sent": 6, "failed": 1}
    parked = Message.objects.get(state=State.FAILED)
    assert (parked.crashes, parked.reason) == (3, verdicts.PARKED)
    assert set(sink.accepted.values()) == {1}


def test_6_a_sender_that_outlives_its_lease_is_refused(site: Site, sink: Sink) -> None:
    outbox(1)
    sink.at_data = lambda recipient: "hang"
    sender = site.start("send_messages")
    sink.wait_for(1)
    os.kill(sender, signal.SIGSTOP)
    when_leases_have_ended()
    assert states() == {"unknown": 1}
    sink.hold.set()
    time.sleep(0.1)  # the server's answer waits in the socket
    os.kill(sender, signal.SIGCONT)
    assert site.wait(sender) == 0
    assert states() == {"unknown": 1}
    assert list(Attempt.objects.values_list("outcome", flat=True)) == ["crashed", "too_late"]
    site.run("send_messages")
    assert len(sink.recipients) == 1


def test_7_what_is_put_off_is_tried_again_later(site: Site, sink: Sink) -> None:
    outbox(60)
    put_off = {f"m{number}@example.org" for number in range(0, 60, 10)}
    sink.at_rcpt = lambda recipient: "451 4.7.1 come back later" if recipient in put_off else None
    site.run("send_messages")
    assert states() == {"sent": 54, "queued": 6}
    assert in_state(State.QUEUED) == put_off
    assert not Message.objects.due(at=timezone.now()).exists(), "not before its time"
    sink.at_rcpt = lambda recipient: None
    make_everything_due()
    site.run("send_messages")
    assert states() == {"sent": 60}
    assert set(sink.accepted.values()) == {1}


def test_8_an_address_that_does_not_exist_fails_once(site: Site, sink: Sink) -> None:
    outbox(5)
    asked: list[str] = []

    def refuse(recipient: str) -> str | None:
        asked.append(recipient)
        return "550 5.1.1 no such user" if recipient == "m2@example.org" else None

    sink.at_rcpt = refuse
    site.run("send_messages")
    site.run("send_messages")
    assert states() == {"sent": 4, "failed": 1}
    assert asked.count("m2@example.org") == 1
    bounce = Bounce.objects.get()
    assert (bounce.address, bounce.detail) == ("m2@example.org", "550 5.1.1 no such user")


@pytest.mark.parametrize("kind", ["invoice", "newsletter"])
def test_9_taken_and_then_dropped_is_unknown(site: Site, sink: Sink, kind: str) -> None:
    outbox(30, kind=kind)
    sink.at_data = lambda recipient: "drop" if recipient == "m7@example.org" else None
    site.run("send_messages")
    site.run("send_messages")
    assert states() == {"sent": 29, "unknown": 1}
    assert in_state(State.UNKNOWN) == {"m7@example.org"}
    assert set(sink.accepted.values()) == {1}


def test_9_a_server_that_drops_every_line_makes_two_unknown_and_is_left_alone(site: Site, sink: Sink) -> None:
    outbox(50, kind="newsletter")
    sink.at_data = lambda recipient: "drop"
    site.run("send_messages")
    assert states() == {"unknown": 2, "queued": 48}
    assert Pause.objects.get().until is not None


def test_10_a_server_that_hangs_times_out_and_holds_nobody_up(site: Site, sink: Sink) -> None:
    outbox(20)
    sink.at_data = lambda recipient: "hang" if recipient == "m3@example.org" else None
    sender = site.start("send_messages")
    sink.wait_for(4)
    outbox(1, kind="login_code")
    assert in_state(State.SENDING) >= {"m3@example.org"}, "nobody waits for the mail server to queue a message"
    assert site.wait(sender) == 0
    sink.hold.set()
    assert states() == {"sent": 20, "unknown": 1}
    assert in_state(State.UNKNOWN) == {"m3@example.org"}


def test_11_a_server_that_is_down_and_comes_back(site: Site, sink: Sink) -> None:
    outbox(20)
    sink.stop()
    site.run("send_messages")
    assert states() == {"queued": 20}
    assert not Attempt.objects.exists()
    pause = Pause.objects.get()
    assert pause.until is not None
    site.run("send_messages")
    assert Pause.objects.get().failures == 1, "it is left alone meanwhile"
    sink.start()
    make_everything_due()
    site.run("send_messages")
    assert states() == {"sent": 20}
    assert set(sink.accepted.values()) == {1}
    assert not Pause.objects.exists()


@pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS:UserWarning")
@pytest.mark.parametrize("sink", ["secret"], indirect=True)
def test_12_a_log_in_refused_in_mid_run_pauses_and_keeps_the_rows(site: Site, sink: Sink) -> None:
    outbox(50)
    sink.at_rcpt = lambda recipient: "421 4.3.2 going down" if len(sink.recipients) == 20 else None

    def change_the_password(recipient: str) -> None:
        if len(sink.recipients) == 19:
            sink.password = "another"

    sink.at_data = change_the_password
    site.run("send_messages")
    make_everything_due()
    site.run("send_messages")
    assert states() == {"sent": 20, "queued": 30}
    pause = Pause.objects.get()
    assert pause.until is None
    assert pause.detail.startswith("535")

    site.run("send_messages")
    assert states() == {"sent": 20, "queued": 30}
    sink.password, sink.at_rcpt = "secret", lambda recipient: None
    pause.delete()  # the office has corrected it and resumed
    site.run("send_messages")
    assert states() == {"sent": 50}
    assert set(sink.accepted.values()) == {1}


def test_13_the_same_key_from_eight_processes_is_one_message(site: Site) -> None:
    callers = [site.call("tests.faults.actions.queue_one", "same") for _ in range(8)]
    assert [site.wait(caller) for caller in callers] == [0] * 8, site.log()
    assert Message.objects.count() == 1
