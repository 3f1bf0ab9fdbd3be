"""What every page knows of the organisation."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest


def site(request: HttpRequest) -> dict[str, Any]:
    """The organisation and the addresses of the header."""
    return {"organisation": settings.CLIENT.organisation}
