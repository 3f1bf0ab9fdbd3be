"""What is said about paying in parts, word for word: tests/golden/mails/plan_*, each as e-mail, its HTML and SMS."""

import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from invoicing.models import Invoice
from messaging.models import Message
from payments.models import PaymentPlan
from payments.reminders import plans
from tests.makers import NOW, TODAY, at_noon
from tests.payments.reminders.helpers import know_the_bank, overdue

pytestmark = pytest.mark.django_db
GOLDEN = Path(__file__).parents[2] / "golden" / "mails"
LATER = TODAY + timedelta(days=15)


def proposed(language: str) -> list[PaymentPlan]:
    """Alice reads e-mail; Bob & Bø has no address but a mobile phone."""
    invoices = [
        overdue("Alice", on=TODAY, days=20),
        overdue("Bob & Bø", on=TODAY, days=20, email="", mobile="+4791234567"),
    ]
    Invoice.objects.update(language=language)
    return [plans.propose(invoice=invoice, number=3, on=TODAY, by=None) for invoice in invoices]


def answer(plan: PaymentPlan, as_: str) -> None:
    if as_ == "refused":
        reason = "Vi trenger pengene til årsmøtet <og> leien."
        plans.refuse(plan=plan, on=TODAY, at=NOW, by=None, reason=reason)
    else:
        plans.agree(plan=plan, on=TODAY, at=NOW, by=None)


def html_of(mail: Message) -> str:
    """What our template says, without the frame and the styles that every mail has."""
    [words] = re.findall(r'<td class="words"[^>]*>\n(.*?)\n</td></tr>', mail.body_html, re.DOTALL)
    return re.sub(' style="[^"]*"', "", words)


def as_text(message: Message) -> str:
    if message.channel == "sms":
        return f"=== SMS to {message.address} ===\n{message.body_text}\n"
    head = f"To: {message.address}\nSubject: {message.subject}\n"
    return f"{head}\n{message.body_text}\n=== HTML ===\n{html_of(message)}\n"


@pytest.mark.parametrize("language", ["nb", "en"])
@pytest.mark.parametrize("becomes", ["agreed", "refused", "broken"])
def test_golden(becomes: str, language: str, settings: Any) -> None:
    settings.CLIENT = replace(settings.CLIENT, invoicing=replace(settings.CLIENT.invoicing, sms=True))
    for plan in proposed(language):
        answer(plan, becomes)
    if becomes == "broken":
        know_the_bank(LATER)
        plans.follow(on=LATER, at=at_noon(LATER))
    messages = Message.objects.filter(kind=f"plan_{becomes}").order_by("pk")
    said = "\n".join(as_text(message) for message in messages)
    assert said == (GOLDEN / f"plan_{becomes}.{language}.txt").read_text(encoding="utf-8")
