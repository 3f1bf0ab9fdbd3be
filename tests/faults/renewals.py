"""What the children of the nursery do with invoices: each function is called in a process of its own."""

from datetime import date, timedelta
from decimal import Decimal

from django.utils import timezone

from config import tasks
from core import dates
from invoicing import pdf
from invoicing import tasks as invoicing_tasks
from invoicing.models import Invoice, InvoiceRun
from invoicing.run import runs
from membership import renewal
from membership.models import Member, MembershipType, Period
from tests.faults import actions
from tests.makers import make_type

RENEWAL_DAY = date(2027, 1, 2)


def register(count: int, *, starts_on: date = date(2026, 1, 1), ends_on: date = date(2026, 12, 31)) -> None:
    """So many members with a paid year, straight into the tables: one that is over on the day of the renewal."""
    type_ = make_type("E")
    first = Member.objects.count() + 1
    members = Member.objects.bulk_create(
        Member(
            member_number=str(number), last_name=f"Nordmann {number}", first_names="Kari",
            email=f"m{number}@example.org", registered_on=date(2026, 1, 1), member_since=date(2026, 1, 1),
        )
        for number in range(first, first + count)
    )  # fmt: skip
    Period.objects.bulk_create(
        Period(
            member=member, type=type_, starts_on=starts_on, ends_on=ends_on, price=Decimal(400),
            source=Period.Source.IMPORTED, confirmed_on=starts_on, opened_on=starts_on,
        )
        for member in members
    )  # fmt: skip


def register_ending(count: int, *, on: date) -> None:
    """So many members to renew on whatever date this is, and as many to tell that their term ends soon."""
    make_type("E")
    MembershipType.objects.filter(code="E").update(term=MembershipType.Term.ROLLING_YEAR)
    for last in (dates.day_before(on), dates.days_after(on, 5)):
        register(count, starts_on=dates.days_after(last, -364), ends_on=last)


def ask_for_a_turn() -> None:
    """Put the night's task into the worker's queue, as the schedule does each minute."""
    tasks.go_on_with_the_night.enqueue()


def renew() -> None:
    """The night of the renewal."""
    renewal.open_due_periods(on=RENEWAL_DAY, at=timezone.now())


def print_what_is_missing() -> None:
    """What the sweeper and the night do for PDFs, until nothing is left."""
    for minute in range(60):
        if not pdf.make_missing(at=timezone.now() + timedelta(minutes=minute)).changed:
            return


def agree_to_a_run() -> None:
    """Look through the register and say yes, as a treasurer does; nothing is issued yet."""
    run = runs.start(begins_by=RENEWAL_DAY, on=RENEWAL_DAY, at=timezone.now(), by=None)
    while runs.go_on(run_id=run.pk, on=RENEWAL_DAY, at=timezone.now()):
        pass
    run.refresh_from_db()
    runs.agree(run=run, at=timezone.now(), by=None)


def go_on_with_the_run() -> None:
    """What the worker does for the run that is under way, until nothing is left."""
    for pk in InvoiceRun.objects.filter(slot=1).values_list("pk", flat=True):
        while runs.go_on(run_id=pk, on=RENEWAL_DAY, at=timezone.now()):
            pass


def keep_the_worker_in_small_portions(folder: str) -> None:
    """`manage.py worker`, whose run comes a few terms further at a time, and whose paper costs no time."""
    Invoice._meta.get_field("pdf").storage.__dict__["location"] = folder
    runs.PORTION = 5
    pdf.render = lambda invoice: b"%PDF-1.7"  # type: ignore[assignment]
    actions.keep()


def ask_for_the_run() -> None:
    """Put the task of the run that is under way into the worker's queue, as the treasurer's yes does."""
    invoicing_tasks.go_on_with_run.enqueue(InvoiceRun.objects.get(slot=1).pk)


def print_on(folder: str) -> None:
    """Print what is missing, with the documents in that folder."""
    storage = Invoice._meta.get_field("pdf").storage
    storage.__dict__["location"] = folder
    print_what_is_missing()
