"""`manage.py check --deploy` reminds of an office that is open to a password alone."""

from typing import Any

from django.conf import settings
from django.core.checks import Info, Tags, register


@register(Tags.security, deploy=True)
def check_second_step(**kwargs: Any) -> list[Info]:
    """Say so where the organisation has deferred the office's second step at log-in."""
    if settings.CLIENT.site.office_second_step == "required":
        return []
    return [
        Info(
            "The office can be opened with a password or a code from an e-mail alone.",
            hint='Under [site] in the client snippet, set office_second_step = "required".',
            id="membership.I001",
        )
    ]
