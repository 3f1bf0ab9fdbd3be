"""What the whole does in the worker: the night, in turns."""

from django.conf import settings
from django.tasks import task
from django.utils import timezone, translation

from config import night_turns


@task()
def go_on_with_the_night() -> None:
    """Take a turn at tonight's work and ask for the next one. Scheduled for each minute: a lost turn is made up for."""
    with translation.override(settings.CLIENT.site.language):
        if night_turns.take_turn(at=timezone.now()):
            go_on_with_the_night.enqueue()
