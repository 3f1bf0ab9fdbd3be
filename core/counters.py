"""Numbers without gaps: a counter row, locked in the transaction that uses the number.

A database sequence would leave gaps when a transaction is undone; `Max() + 1` gives two callers the same number.
"""

from django.db import connection, models, transaction

from core.models import Counter


def take(name: str, count: int = 1) -> range:
    """Return the next `count` numbers of the series, the first ever being 1.

    Must be called inside a transaction: the numbers belong to it and come back when it is undone. Others who want a
    number wait until it ends, so take numbers late and commit soon.
    """
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("Numbers are taken inside the transaction that uses them.")
    Counter.objects.bulk_create([Counter(name=name)], ignore_conflicts=True)
    # The UPDATE locks the row on PostgreSQL; on SQLite the IMMEDIATE transaction holds the whole file.
    Counter.objects.filter(name=name).update(value=models.F("value") + count)
    last = Counter.objects.values_list("value", flat=True).get(name=name)
    return range(last - count + 1, last + 1)


def raise_to(name: str, value: int) -> None:
    """Make sure the series never gives `value` or less again: for numbers that came from an older register."""
    Counter.objects.bulk_create([Counter(name=name)], ignore_conflicts=True)
    Counter.objects.filter(name=name, value__lt=value).update(value=value)
