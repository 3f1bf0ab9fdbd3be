"""The office's screens for messages: who may see and decide, and what they say."""

from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse

from core.models import User
from messaging import pauses, suppression, verdicts
from messaging.models import Attempt, Message, Pause, State, Suppression
from messaging.rendering import Words
from tests.messaging.makers import AT, queued

pytestmark = pytest.mark.django_db


@pytest.fixture
def client_with(client: Client) -> Any:
    """Log somebody in who may enter the office, knows of everybody, and has these permissions of messaging."""

    def log_in(*codenames: str) -> Client:
        user = User.objects.create_user(username="office", email="office@example.org", first_name="Ola")
        wanted = ["access_admin", "see_every_branch", *codenames]
        user.user_permissions.set(Permission.objects.filter(codename__in=wanted))
        client.force_login(user)
        return client

    return log_in


@pytest.fixture
def unknown() -> Message:
    """An invoice that may or may not have arrived."""
    message = queued("invoice")
    Message.objects.update(state=State.UNKNOWN, reason=verdicts.MAY_HAVE_ARRIVED, detail="timed out")
    Attempt.objects.create(message=message, at=AT, outcome=Attempt.Outcome.UNCERTAIN, detail="timed out")
    return message


def test_the_list_says_where_every_message_is_and_why(client_with: Any, unknown: Message) -> None:
    queued("other", address="", words=Words(subject='"><img src=x onerror=1>', text="Hei"))
    page = client_with("view_message").get(reverse("messages_modeladmin_index")).content.decode()
    assert "kari@example.org" in page
    assert "The connection broke after" in page
    assert "There is no address to send to." in page
    assert "&quot;&gt;&lt;img src=x onerror=1&gt;" in page
    assert "<img src=x" not in page


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("state__exact=unknown", {"invoice"}),
        ("kind__exact=newsletter", {"news"}),
        ("channel__exact=sms", {"sms"}),
        ("q=member:7", {"news"}),
        ("q=kari@", {"invoice", "sms"}),
        ("q=Vårbrev", {"news"}),
    ],
)
def test_the_list_is_filtered_and_searched(client_with: Any, query: str, found: set[str], unknown: Message) -> None:
    queued(
        "news",
        kind="newsletter",
        address="ola@example.org",
        recipient_ref="member:7",
        words=Words(subject="Vårbrev", text=""),
    )
    queued("sms", channel="sms", address="kari@example.org")
    page = client_with("view_message").get(f"{reverse('messages_modeladmin_index')}?{query}")
    assert {row.unique_key for row in page.context["view"].queryset} == found


def test_the_list_takes_as_many_queries_with_one_row_as_with_three(
    client_with: Any, django_assert_num_queries: Any, unknown: Message
) -> None:
    client = client_with("view_message")
    client.get(reverse("messages_modeladmin_index"))
    with django_assert_num_queries(17):
        client.get(reverse("messages_modeladmin_index"))
    queued("b")
    queued("c")
    with django_assert_num_queries(17):
        client.get(reverse("messages_modeladmin_index"))


def test_the_page_of_a_message_shows_words_attempts_and_reason(client_with: Any, unknown: Message) -> None:
    page = client_with("view_message").get(reverse("messaging_message", args=[unknown.pk]))
    text = page.content.decode()
    assert "Hei, Kåre!" in text
    assert "timed out" in text
    assert reverse("messaging_words", args=[unknown.pk]) in text
    assert reverse("messaging_send_again", args=[unknown.pk]) not in text, "whoever may only see cannot decide"
    assert "no-store" in page["Cache-Control"]


def test_the_words_are_framed_so_that_nothing_in_them_can_act(client_with: Any) -> None:
    message = queued(words=Words(subject="x", text="x", html="<script>alert(1)</script><p>Hei</p>"))
    response = client_with("view_message").get(reverse("messaging_words", args=[message.pk]))
    assert response.content.decode() == "<script>alert(1)</script><p>Hei</p>"
    assert all(type(name) is str for name in response.headers), "WSGI servers take nothing else"
    assert response["Content-Security-Policy"].startswith("sandbox; default-src 'none'")
    assert "no-store" in response["Cache-Control"]


def test_a_code_is_shown_to_nobody(client_with: Any) -> None:
    words = Words(subject="QWER-1234 er koden", text="QWER-1234", html="<p>QWER-1234</p>")
    message = queued(kind="login_code", words=words)
    client = client_with("view_message", "change_message")
    for name in ("messaging_message", "messaging_words"):
        assert "QWER-1234" not in client.get(reverse(name, args=[message.pk])).content.decode()
    assert "QWER-1234" not in client.get(reverse("messages_modeladmin_index")).content.decode()
    guessed = client.get(f"{reverse('messages_modeladmin_index')}?q=QWE")
    assert list(guessed.context["view"].queryset) == [], "a code is not found letter by letter"


@pytest.mark.parametrize("verb", ["send_again", "regard_as_sent", "cancel"])
def test_only_who_may_change_decides_and_never_by_get(client_with: Any, unknown: Message, verb: str) -> None:
    address = reverse(f"messaging_{verb}", args=[unknown.pk])
    client = client_with("view_message")
    assert client.post(address).status_code in {302, 403}
    unknown.refresh_from_db()
    assert unknown.state == State.UNKNOWN
    client.user = User.objects.get(username="office")
    client.user.user_permissions.add(Permission.objects.get(codename="change_message"))
    assert client.get(address).status_code == 405
    unknown.refresh_from_db()
    assert unknown.state == State.UNKNOWN


@pytest.mark.parametrize(
    ("verb", "state", "outcome"),
    [
        ("send_again", "queued", ""),
        ("regard_as_sent", "sent", "regards it as sent"),
        ("cancel", "cancelled", "cancelled it"),
    ],
)
def test_each_decision_is_made_once_and_kept(
    client_with: Any, unknown: Message, verb: str, state: str, outcome: str
) -> None:
    client = client_with("view_message", "change_message")
    address = reverse(f"messaging_{verb}", args=[unknown.pk])
    page = client.post(address, follow=True)
    assert page.status_code == 200
    unknown.refresh_from_db()
    assert unknown.state == state
    assert outcome in unknown.why
    assert list(unknown.attempts.values_list("outcome", "detail")) == [
        ("uncertain", "timed out"),
        ("decided", f"messaging.{verb}: Ola"),
    ]
    if verb != "send_again":  # a queued message may be cancelled, so only the two final states refuse
        again = client.post(reverse("messaging_regard_as_sent", args=[unknown.pk]), follow=True)
        assert "can no longer be done" in again.content.decode()
        assert unknown.attempts.count() == 2


@pytest.mark.parametrize(("decision", "state"), [("send_again", "queued"), ("regard_as_sent", "sent")])
def test_all_of_a_kind_are_decided_once_their_number_is_typed(client_with: Any, decision: str, state: str) -> None:
    for number in range(3):
        queued(f"n:{number}", kind="newsletter")
    queued("invoice")
    Message.objects.update(state=State.UNKNOWN, reason=verdicts.WORKER_DIED)
    client = client_with("view_message", "change_message")
    address = reverse("messaging_decide_all", args=["newsletter"])
    assert address in client.get(reverse("messages_modeladmin_index")).content.decode()
    for typed in ("", "4", "three", "3" * 5000):
        page = client.post(address, {"decision": decision, "count": typed})
        assert page.status_code == 422
        assert "There are 3 of these messages." in page.content.decode()
    assert Message.objects.undecided().count() == 4
    client.post(address, {"decision": decision, "count": "3"})
    assert dict(Message.objects.values_list("unique_key", "state")) == {
        "n:0": state,
        "n:1": state,
        "n:2": state,
        "invoice": "unknown",
    }
    assert set(Attempt.objects.values_list("outcome", "detail")) == {("decided", f"messaging.{decision}: Ola")}
    assert client.post(address, {"decision": decision, "count": "3"}).status_code == 422


def test_a_pause_is_shown_and_resumed_by_a_person(client_with: Any) -> None:
    pauses.stop("email", detail="535 bad password", at=AT)
    client = client_with("view_message", "change_message")
    assert "535 bad password" in client.get(reverse("messages_modeladmin_index")).content.decode()
    client.post(reverse("messaging_resume", args=[Pause.objects.get().pk]))
    assert not Pause.objects.exists()


def test_an_address_is_unblocked_by_a_person(client_with: Any) -> None:
    row = suppression.suppress("kari@example.org", reason=suppression.BOUNCED_TOO_OFTEN, at=AT)
    client = client_with("view_message", "view_suppression", "change_message")
    assert "kari@example.org" in client.get(reverse("blocked-addresses_modeladmin_index")).content.decode()
    assert row.why in client.get(reverse("messaging_blocked_address", args=[row.pk])).content.decode()
    assert client.get(reverse("messaging_unblock", args=[row.pk])).status_code == 405
    assert Suppression.objects.exists()
    client.post(reverse("messaging_unblock", args=[row.pk]))
    assert not Suppression.objects.exists()
    assert queued().state == State.QUEUED


@pytest.mark.parametrize(
    "address",
    ["messages/", "messages/1/", "messages/1/words/", "blocked-addresses/", "blocked-addresses/1/"],
)
def test_without_the_right_there_is_nothing_to_see(client_with: Any, address: str) -> None:
    message = queued()
    response = client_with().get(f"/admin/{address.replace('/1/', f'/{message.pk}/')}", follow=True)
    assert "kari@example.org" not in response.content.decode()
    assert "Hei, Kåre" not in response.content.decode()


def test_the_list_is_in_the_readers_words_and_each_subject_leads_to_its_page(client_with: Any) -> None:
    message = queued("invoice")
    queued("b", kind="credit_note")
    page = client_with("view_message").get(reverse("messages_modeladmin_index"), {"kind": "invoice"}).content.decode()
    filters = page.partition("changelist-filter")[2].partition('class="result-list')[0]
    assert "Credit note" in filters
    assert not [word for word in ("credit_note", "By ", "By kind") if word in filters.replace("kind=credit_note", "")]
    assert "1 of 2" in page
    assert f'href="{reverse("messaging_message", args=[message.pk])}"' in page
    assert "Inspect" not in page


@pytest.mark.parametrize("language", ["nb"])
def test_no_english_is_left_in_the_filters(client_with: Any, language: str) -> None:
    queued("invoice")
    client = client_with("view_message")
    page = client.get(reverse("messages_modeladmin_index"), headers={"accept-language": language}).content.decode()
    assert "out of" not in page
