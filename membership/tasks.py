"""What the registry does later, in the worker: ids in, one call out."""

from django.conf import settings
from django.tasks import task
from django.utils import timezone, translation

from membership import bulk
from membership.imports import runs
from membership.models import ImportRun


@task()
def carry_out_import(run_id: int) -> None:
    """Carry out an import that somebody has agreed to."""
    with translation.override(settings.CLIENT.site.language):
        run = ImportRun.objects.select_related("uploaded_by").get(pk=run_id)
        runs.carry_out(run=run, on=timezone.localdate(), at=timezone.now())


@task()
def carry_on_with_list(run_id: int) -> None:
    """The next portion of what somebody does with everybody on a list, and then the one after it."""
    with translation.override(settings.CLIENT.site.language):
        if bulk.carry_on(run_id=run_id, on=timezone.localdate(), at=timezone.now()):
            carry_on_with_list.enqueue(run_id)
