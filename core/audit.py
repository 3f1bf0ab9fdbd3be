"""Wagtail's audit log, for many rows at once."""

from collections.abc import Sequence
from typing import Any

from django.db.models import Model
from wagtail.log_actions import log, registry

from core.inserts import insert_values
from core.models import User


def log_many(
    *, instances: Sequence[Model], action: str, data: dict[str, Any] | None = None, user: User | None = None
) -> None:
    """Log one action on many saved rows of a model, in a number of queries that does not grow with them.

    The first goes through `wagtail.log_actions.log`, with all its checks; the others are written like it: same moment,
    log-in and identity of the whole.
    """
    if not instances:
        return
    first = log(instance=instances[0], action=action, data=data, user=user)
    if first is None:
        raise LookupError(f"{type(instances[0]).__name__} has no audit log: see wagtail.log_actions.")
    others = instances[1:]
    if others:
        insert_values(
            registry.get_log_model_for_instance(instances[0]),
            shared={
                "content_type_id": first.content_type_id, "action": action, "data": data or {},
                "timestamp": first.timestamp, "uuid": first.uuid, "user_id": first.user_id,
            },
            own={
                "object_id": [str(instance.pk) for instance in others],
                "label": [str(instance) for instance in others],
            },
        )  # fmt: skip
