"""What only the whole file can tell: the same person on two rows, or perhaps; households with no, or two, main
members; payers who are nowhere."""

from collections.abc import Iterable, Iterator
from itertools import batched, groupby

from django.db.models import Count
from django.utils.translation import gettext as _

from core.inserts import update_many
from membership.imports import others, planning, twins
from membership.models import ImportRow, ImportRun

Action = ImportRow.Action
MAX_HOUSEHOLD = 60  # people; more is a column that is no household
_KEYS = 500
_ROWS = 1000


def look_at(*, run: ImportRun) -> None:
    """Refuse rows about somebody whom an earlier row is about, or whose payer is nowhere; warn of what somebody should
    look at."""
    for rows in batched(_about_the_same(run), _ROWS):
        _save(rows)
    for rows in batched(_odd_households(run), _ROWS):
        _save(rows)
    for some in twins.look_at(run):
        _save(some)
    for some in others.look_at(run):
        _save(some, "data", "changes", "refers")


def _save(rows: Iterable[ImportRow], *fields: str) -> None:
    changed = list(rows)
    for row in changed:
        row.rank = planning.rank(row)
    update_many(changed, ["action", "reason", "warnings", "is_waiting", "rank", *fields])


def _groups(run: ImportRun, field: str, keys: Iterable[str]) -> Iterator[tuple[str, list[ImportRow]]]:
    for some in batched(keys, _KEYS):
        rows = run.rows.filter(**{f"{field}__in": some}).order_by(field, "line").iterator(chunk_size=_ROWS)
        for key, group in groupby(rows, key=lambda row: str(getattr(row, field))):
            yield key, list(group)


def _about_the_same(run: ImportRun) -> Iterator[ImportRow]:
    """The first row counts; the others are refused by its line."""
    counted = run.rows.exclude(identity="").order_by().values("identity").annotate(number=Count("pk"))
    several = list(counted.filter(number__gt=1).values_list("identity", flat=True))
    for _key, (first, *more) in _groups(run, "identity", several):
        for row in more:
            row.action, row.is_waiting = Action.REFUSED, False
            row.reason = _("The same as line %(line)s.") % {"line": first.line}
            yield row


def _odd_households(run: ImportRun) -> Iterator[ImportRow]:
    """Households without, or with more than one, main member, of whom the first is taken; and those that are none."""
    new = run.rows.filter(action=Action.CREATE).exclude(household="")
    counted = new.order_by().values_list("household").annotate(people=Count("pk")).order_by()
    mains = dict(new.filter(is_main=True).order_by().values_list("household").annotate(mains=Count("pk")).order_by())
    odd = [key for key, people in counted if people > MAX_HOUSEHOLD or mains.get(key, 0) != 1]
    for key, group in _groups(run, "household", odd):
        people = [row for row in group if row.action == Action.CREATE]
        main = [row for row in people if row.is_main]
        for row in people[MAX_HOUSEHOLD:]:
            row.action, row.is_waiting = Action.REFUSED, False
            row.reason = _("Household %(id)s has more than %(number)s people. Is it a household?") % {
                "id": key, "number": MAX_HOUSEHOLD}  # fmt: skip
            yield row
        if not main:
            people[0].warnings.append(
                _("Household %(id)s has no main member in the file: this one is taken.") % {"id": key}
            )
            yield people[0]
        for row in main[1:]:
            if row.action == Action.CREATE:
                row.warnings.append(_("Household %(id)s has a main member already.") % {"id": key})
                yield row
