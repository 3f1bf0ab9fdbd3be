"""What the registry does later, in the worker: ids in, one call out."""

from django.conf import settings
from django.tasks import task
from django.utils import timezone, translation

from membership.imports import runs
from membership.models import ImportRun


@task()
def carry_out_import(run_id: int) -> None:
    """Carry out an import that somebody has agreed to."""
    with translation.override(settings.CLIENT.site.language):
        run = ImportRun.objects.select_related("uploaded_by").get(pk=run_id)
        runs.carry_out(run=run, on=timezone.localdate(), at=timezone.now())
