"""The treasurer's evenings: once a week, through two years, until they went on holiday nine days ago.

Each evening the bank comes first, then whatever the season asks for: the year's invoices in January with a file for the
printer a week later, the oldest year's closing in March, and reminders whenever somebody is due for one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from config.demo import bank, log_ins
from config.demo.course import Course
from config.demo.moments import noon
from config.demo.people import Arrival
from core import dates
from core.models import User
from invoicing import closing, deliveries, tasks, ways
from invoicing.letters import print_files
from invoicing.models import InvoiceRun, Way
from invoicing.run import runs as invoice_runs
from payments.books import years
from payments.reminders import gate
from payments.reminders import runs as reminder_runs

AWAY = 8  # days at least since the last evening: what has come since, a newcomer finds waiting


@dataclass(kw_only=True)
class Treasury:
    """The treasurer, those who are expected to pay, and the course that the association holds."""

    today: date
    by: User
    arrivals: Sequence[Arrival]
    course: Course

    @classmethod
    def open(cls, *, today: date, arrivals: Sequence[Arrival]) -> "Treasury":
        """The treasury at the beginning of the two years."""
        by = log_ins.of(log_ins.TREASURER)
        course = Course.planned(last_evening=_last_evening(today), by=by)
        return cls(today=today, by=by, arrivals=arrivals, course=course)

    def spend_evening(self, *, on: date) -> None:
        """Do what a treasurer does on the day, if they are there."""
        if on > _last_evening(self.today):
            return
        _choose_paper(self.arrivals, on=on)
        self.course.prepare(on=on, arrivals=self.arrivals)
        bank.look_through(arrivals=self.arrivals, also=self.course.money(on), on=on, today=self.today, by=self.by)
        self.course.settle(on=on)
        _invoice_the_year(on=on, by=self.by)
        _print_letters(on=on, by=self.by)
        _close_oldest_year(on=on, today=self.today, by=self.by)
        if gate.look(on=on).is_open:
            reminder_runs.send_due(on=on, at=noon(on), by=self.by)
        if on == _last_evening(self.today):
            self.course.leave_a_queue(on=on, newcomer=next(row for row in self.arrivals if row.pays_as))

    def prepare_next_year(self) -> None:
        """A run that is looked at, and waits for somebody's yes."""
        run = invoice_runs.start(
            begins_by=invoice_runs.usual_day(on=self.today), on=self.today, at=noon(self.today), by=self.by
        )  # fmt: skip
        _finish(run, on=self.today)


def _last_evening(today: date) -> date:
    """Nine days ago: the last day of the weekly ones before the treasurer went away."""
    return dates.days_after(today, -AWAY - 1)


def _choose_paper(arrivals: Sequence[Arrival], *, on: date) -> None:
    """Who wants their invoices on paper says so when they join."""
    for arrival in arrivals:
        if arrival.member and arrival.on_paper and arrival.on > dates.days_after(on, -7):
            ways.choose(member=arrival.member, way=Way.LETTER, at=noon(on), by=arrival.member.user)


def _invoice_the_year(*, on: date, by: User) -> None:
    """On the first evening of a year: look at the run, agree to it, and see it through."""
    if on.month > 1 or InvoiceRun.objects.filter(asked_at__year=on.year).exists():
        return
    run = invoice_runs.start(begins_by=on, on=on, at=noon(on), by=by)
    _finish(run, on=on)
    if not run.planned:
        invoice_runs.cancel(run=run, at=noon(on), by=by)
        return
    invoice_runs.agree(run=run, at=noon(on), by=by)
    _finish(run, on=on)


def _finish(run: InvoiceRun, *, on: date) -> None:
    """Do all portions, as the worker does."""
    while invoice_runs.go_on(run_id=run.pk, on=on, at=noon(on)):
        pass
    run.refresh_from_db()


def _print_letters(*, on: date, by: User) -> None:
    """A week after a run its letters are laid out; the worker makes the file."""
    for run in InvoiceRun.objects.filter(state=InvoiceRun.State.DONE, print_files=None):
        if deliveries.letters_of(run).exists():
            file = print_files.start(at=noon(on), by=by, run=run)
            tasks.make_print_file.enqueue(file.pk)


def _close_oldest_year(*, on: date, today: date, by: User) -> None:
    """Close the year before last as soon as it can be; last year's is left to whoever tries the demo."""
    year = on.year - 1
    if on.month < 3 or year > today.year - 2 or closing.is_closed(year) or closing.hindrances(year, today=on):
        return
    if year in years.known_years(today=on):
        closing.close(year=year, figures=years.figures(year).as_text(), at=noon(on), by=by)
