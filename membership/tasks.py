"""What the registry does later, in the worker: ids in, one call out."""

from datetime import timedelta

from django.conf import settings
from django.tasks import task
from django.utils import timezone, translation

from membership import bulk, duplicates, members, simulator_runs
from membership.imports import runs
from membership.models import ImportRun, Member

IMPORT_TURN = timedelta(seconds=15)  # well below what the worker lets a task live, so that others get their turn

SIMULATION_TURN = timedelta(seconds=10)


@task()
def go_on_with_import(run_id: int, language: str = "") -> None:
    """Some seconds of an import, in portions, and then the next. `language` is that of whoever waits for it: reasons
    and warnings are kept as they are written, and the first portion was written in the request."""
    with translation.override(language or settings.CLIENT.site.language):
        until = timezone.now() + IMPORT_TURN
        while runs.go_on(run_id=run_id, on=timezone.localdate(), at=timezone.now()):
            if timezone.now() >= until:
                go_on_with_import.enqueue(run_id, language)
                return
        if ImportRun.objects.filter(pk=run_id, state=ImportRun.State.DONE).exists():
            members.settle_search()
            find_duplicates.enqueue()


@task()
def carry_on_with_list(run_id: int) -> None:
    """The next portion of what somebody does with everybody on a list, and then the one after it."""
    with translation.override(settings.CLIENT.site.language):
        if bulk.carry_on(run_id=run_id, on=timezone.localdate(), at=timezone.now()):
            carry_on_with_list.enqueue(run_id)


@task()
def look_for_duplicates(member_ids: list[int]) -> None:
    """See whether those who have just come in are in the registry already; all of them when they are many."""
    if len(member_ids) > duplicates.MANY:
        find_duplicates.enqueue()
    else:
        duplicates.look_at(members=list(Member.objects.filter(pk__in=member_ids)), at=timezone.now())


@task()
def find_duplicates() -> None:
    """Look at the whole registry for those who are in it twice."""
    duplicates.find(at=timezone.now())


@task()
def carry_on_with_simulation(run_id: int) -> None:
    """Some seconds of a simulation, in portions, and then the next."""
    until = timezone.now() + SIMULATION_TURN
    while simulator_runs.carry_on(run_id=run_id, at=timezone.now()):
        if timezone.now() >= until:
            carry_on_with_simulation.enqueue(run_id)
            return
