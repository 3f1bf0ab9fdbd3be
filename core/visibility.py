"""Which rows a log-in of the office may know of, for apps that stand before the one that has the rule.

The rule about branches is membership's (membership/scope.py), which is plugged in here when the program starts. Apps
after membership ask there.
"""

from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any, Concatenate

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import URLPattern

type Narrowing = Callable[[Any, QuerySet[Any]], QuerySet[Any]]
type Breadth = Callable[[Any], bool]

_narrowings: list[tuple[Narrowing, Breadth]] = []


def plug_in(*, narrowing: Narrowing, sees_all: Breadth) -> None:
    """Let an app narrow rows: `narrowing(user, rows)`, and say of whom it takes nothing away: `sees_all(user)`."""
    if (narrowing, sees_all) not in _narrowings:
        _narrowings.append((narrowing, sees_all))


def visible_to[Rows: QuerySet[Any]](user: Any, rows: Rows) -> Rows:
    """Those of the rows that the log-in may know of. All of them where nobody has a rule."""
    narrowed: QuerySet[Any] = rows
    for narrowing, _sees_all in _narrowings:
        narrowed = narrowing(user, narrowed)
    return narrowed  # type: ignore[return-value]


def sees_everything(user: Any) -> bool:
    """Whether no rule takes anything away from the log-in: what is about the whole organisation is for them only."""
    return all(sees_all(user) for _narrowing, sees_all in _narrowings)


def for_those_who_see_everything[**P, R](
    view: Callable[Concatenate[HttpRequest, P], R],
) -> Callable[Concatenate[HttpRequest, P], R]:
    """Keep a screen about the whole organisation, as the books are, from those who may know of some rows only."""

    @wraps(view)
    def checked(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> R:
        if not sees_everything(request.user):
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return checked


def about_everybody(patterns: Sequence[URLPattern]) -> list[URLPattern]:
    """The same for every screen among some addresses."""
    for pattern in patterns:
        pattern.callback = for_those_who_see_everything(pattern.callback)
    return list(patterns)
