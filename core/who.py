"""Who asks: the log-in behind a request, for the screens that let nobody in without one."""

from typing import cast

from django.http import HttpRequest

from core.models import User


def person(request: HttpRequest) -> User:
    """Who is logged in. Only behind a permission, or a page of members: it is that which makes sure of it."""
    return cast("User", request.user)
