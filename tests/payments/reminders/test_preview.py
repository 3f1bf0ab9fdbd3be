"""What the treasurer sees before saying yes: how many by each channel, the parts of an SMS, the cost, and the limit."""

from dataclasses import replace
from typing import Any

import pytest

from messaging.models import Message
from messaging.sms import segments
from payments.reminders import due, preview, runs
from tests.makers import NOW, TODAY, kroner
from tests.payments.reminders.helpers import Step, client_with, know_the_bank, mails, overdue

pytestmark = pytest.mark.django_db


def client(*steps: Step, cap: int = 0) -> Any:
    wanted = client_with(*steps)
    return replace(
        wanted,
        messaging=replace(wanted.messaging, sms_price=kroner("0.50"), sms_monthly_cap=cap),
        invoicing=replace(wanted.invoicing, letter_price=kroner("22")),
    )


def seen() -> list[tuple[str, int, Any, int, int | None, int]]:
    ways = preview.ways(due.counts(on=TODAY), on=TODAY, at=NOW)
    return [(way.channel, way.count, way.cost, way.parts, way.left, way.over) for way in ways]


def test_mail_costs_nothing_and_letters_their_price(settings: Any) -> None:
    settings.CLIENT = client(Step(after_days=14))
    overdue("Alice", on=TODAY, days=20)
    for name in ("Bob", "Dora"):
        overdue(name, on=TODAY, days=20, email="")
    overdue("Eve", on=TODAY, days=20, email="", address_line_1="")
    assert seen() == [("email", 1, 0, 0, None, 0), ("letter", 2, 44, 0, None, 0)]


def test_sms_by_their_parts_as_they_are_sent(settings: Any) -> None:
    settings.CLIENT = client(Step(after_days=14, channel="sms", fee=True), cap=5)
    for name in ("Alice", "Bob", "Dora"):
        overdue(name, on=TODAY, days=20, mobile="+4791234567")
    [(_channel, count, cost, parts, left, over)] = seen()
    assert (count, left) == (3, 5)
    know_the_bank(TODAY)
    runs.send_due(on=TODAY, at=NOW)
    sent = [segments.count(mail.body_text).segments for mail in mails()]
    assert (parts, cost, over) == (max(sent), kroner("0.50") * 3 * max(sent), max(0, 3 * max(sent) - 5))
    assert parts > 1, "else the limit is not passed"
    assert sum(Message.objects.values_list("segments", flat=True)) == sum(sent)


def test_one_and_three_rows_cost_the_same(settings: Any, django_assert_num_queries: Any) -> None:
    settings.CLIENT = client(Step(after_days=14, channel="sms"), cap=5)
    overdue("Alice", on=TODAY, days=20, mobile="+4791234567")
    counts = due.counts(on=TODAY)
    with django_assert_num_queries(3):
        preview.ways(counts, on=TODAY, at=NOW)
    for name in ("Bob", "Dora"):
        overdue(name, on=TODAY, days=20, mobile="+4791234567")
    with django_assert_num_queries(3):
        preview.ways(counts, on=TODAY, at=NOW)
