"""What the treasurer's walks begin with: invoices that nobody has paid yet, made in the site's own process."""

from datetime import timedelta

from django.utils import timezone

from tests.makers import make_invoice


def issue(count: int, days_ago: int, surname: str) -> None:
    """So many members who joined so many days ago, each with an open invoice; their surnames end in 001, 002…"""
    on = timezone.localdate() - timedelta(days=days_ago)
    for number in range(1, count + 1):
        name = f"{surname}{number:03}"
        invoice = make_invoice("Kari", name, on=on, email=f"{name}@example.no".lower())
        print(invoice.number, invoice.kid)
