"""After a restore: file and database of erasures are brought to the same, and whoever came back is erased again."""

from collections.abc import Iterable
from datetime import datetime
from itertools import batched

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from core import dates
from core.results import Result
from membership import erased_list, erasure
from membership.erased_list import Line
from membership.models import Erasure, Member

_AT_ONCE = 2000
_BATCH = 50


def reconcile(*, at: datetime) -> Result:
    """Bring file and database to the same, and erase again whom a restored backup has brought back.

    Twice does nothing the second time. Says numbers, never names. Whoever was registered on the day of an erasure, or
    later, may be somebody else who got the same number after a restore: named for a person to look at, not erased.
    """
    result = Result()
    listed = {line.fingerprint: line for line in erased_list.on_file()}
    known = set(Erasure.objects.exclude(fingerprint="").values_list("fingerprint", flat=True))
    if lost := known - listed.keys():
        for some in batched(sorted(lost), _AT_ONCE):
            erased_list.remember(list(Erasure.objects.filter(fingerprint__in=some)))
        result.add("put on the list anew", times=len(lost))
    undone = {key: line for key, line in listed.items() if key not in known}
    if undone:
        result.merge(_erase_again(undone, at))
    return result


def _erase_again(undone: dict[str, Line], at: datetime) -> Result:
    result = Result()
    for some in batched(_who_came_back(undone), _BATCH):
        with transaction.atomic():
            _erase_these(some, undone, at, result)
    rest = [
        Erasure(member_key=0, rule=line.rule, erased_at=line.erased_at, fingerprint=line.fingerprint)
        for line in undone.values()
    ]
    Erasure.objects.bulk_create(rest)
    if result.changed:
        erasure.tidy_up()
    return result


def _erase_these(some: Iterable[tuple[int, Line]], undone: dict[str, Line], at: datetime, result: Result) -> None:
    """Erase those that are surely the same, and take them out of `undone`."""
    lines = dict(some)
    members = list(Member.objects.select_for_update(of=("self",)).filter(pk__in=lines).order_by("pk"))
    surely = [member for member in members if member.registered_on < dates.day_of(lines[member.pk].erased_at)]
    for member in members:
        if member not in surely:
            result.warnings.append(
                _("Member number %(number)s has the number of somebody who was erased: is it the same person?")
                % {"number": member.member_number}
            )
    entries = erased_list.entries_of(surely)
    for member in surely:
        for mark in {lines[member.pk].fingerprint, *entries[member.pk].values()}:
            undone.pop(mark, None)
        result.add("erased again", _("Member number %(number)s is erased again.") % {"number": member.member_number})
    erasure.erase(members=[(member, Erasure.Rule(lines[member.pk].rule)) for member in surely], at=at)


def _who_came_back(undone: dict[str, Line]) -> list[tuple[int, Line]]:
    """The entries that are on the list, by their keys. Also by the secret keys the site had before."""
    secrets = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    rows = Member.objects.order_by("pk").values_list("pk", "member_number")
    found = []
    for key, number in rows.iterator(chunk_size=_AT_ONCE):
        for secret in secrets:
            line = undone.get(erased_list.fingerprint(key, number, secret=secret))
            if line is not None:
                found.append((key, line))
                break
    return found
