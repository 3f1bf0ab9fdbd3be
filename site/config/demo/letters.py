"""Welcome letters on paper, and the file that the printer gets."""

from collections.abc import Sequence
from datetime import date

from config.demo.moments import noon
from core.models import User
from invoicing import tasks
from invoicing.letters import welcome as welcome_letters
from membership.models import Member


def welcome(*, members: Sequence[Member], on: date, by: User) -> None:
    """Ask for a letter to each, and have them laid out in one file; the worker makes it."""
    for member in members:
        welcome_letters.queue(member=member, on=on, at=noon(on), by=by)
    file = welcome_letters.start_file(at=noon(on), by=by)
    tasks.make_print_file.enqueue(file.pk)
