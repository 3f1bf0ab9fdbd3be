"""The treasurer's list of payments due: the page with 100,000 open invoices against the page with 1,000."""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from itertools import batched
from typing import Any

from django.contrib.auth.models import Group
from django.db import connection
from django.test import Client
from django.utils import timezone

from core.models import User
from invoicing.models import Invoice, InvoiceLine
from membership import roles
from membership.models import Member
from tests.benchmarks.harness import Measurement, Row, bench, best_of, grow

SMALL = 1_000
TIMES = 7
PAGE = "/admin/treasury/due/"


def fill_up_to(n: int) -> None:
    """Members who owe 400 kroner each, due on any day of the last year. Bare rows: making them is not measured."""
    today, now = timezone.localdate(), timezone.now()
    for numbers in batched(range(Invoice.objects.count() + 1, n + 1), 2_000):
        members = Member.objects.bulk_create(
            Member(
                member_number=f"B{number}", first_names="Kåre", last_name=f"Ærlig {number}", registered_on=today,
                search_text=f"kåre ærlig {number} b{number}",
            )
            for number in numbers
        )  # fmt: skip
        invoices = Invoice.objects.bulk_create(
            Invoice(
                number=number, kid=f"{number:015}", member=member, member_number=member.member_number, seller={},
                buyer_name=member.full_name, total=Decimal("400.00"), open_amount=Decimal("400.00"), issued_at=now,
                issued_on=today - timedelta(days=400), due_on=today - timedelta(days=number % 365 - 14),
            )
            for number, member in zip(numbers, members, strict=True)
        )  # fmt: skip
        InvoiceLine.objects.bulk_create(
            InvoiceLine(invoice=invoice, position=1, text="Enslig 2026", unit_price=400, amount=400)
            for invoice in invoices
        )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def treasurer() -> Client:
    user = User.objects.create_user("bench-treasurer", "bench@example.org")
    user.groups.add(Group.objects.get(name=roles.TREASURERS))
    client = Client()
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def page(client: Client, n: int) -> tuple[Measurement, int]:
    """What the page takes with n open invoices, and how many queries it asks."""
    fill_up_to(n)

    def look() -> None:
        response = client.get(PAGE)
        assert response.status_code == 200, response.status_code
        assert response.context_data["everything"].count == n

    asked = 0

    def count(execute: Any, *arguments: Any) -> Any:
        nonlocal asked
        asked += 1
        return execute(*arguments)

    look()
    with connection.execute_wrapper(count):
        look()
    return best_of(TIMES, look), asked


@bench("due_list", n=100_000)
def due_list(n: int) -> Iterator[Row]:
    client = treasurer()
    small, small_queries = page(client, SMALL)
    large, queries = page(client, n)
    assert queries == small_queries, f"{small_queries} queries at {SMALL}, {queries} at {n}"
    yield grow(n=n, large=large, small_n=SMALL, small=small, queries=queries)
