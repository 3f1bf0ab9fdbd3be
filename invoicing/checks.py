"""What must be set before anything can be invoiced: `manage.py check` says so before the first member does."""

from typing import Any

from django.conf import settings
from django.core.checks import Error, register


@register()
def check_account(app_configs: Any = None, **kwargs: Any) -> list[Error]:
    """An organisation with dues needs a bank account to be paid to."""
    client = settings.CLIENT
    if client.organisation.account_number:
        return []
    return [
        Error(
            "The organisation has no bank account, so no invoice can be issued.",
            hint=f"Set account_number under [organisation] in site/clients/{client.name}/client.toml.",
            id="invoicing.E001",
        )
    ]
