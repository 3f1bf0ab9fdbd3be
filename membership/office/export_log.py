"""Who took which members out of the registry, when and for what: a line in the log of each of them."""

import uuid
from datetime import datetime
from itertools import batched
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.db.models import QuerySet
from wagtail.models import ModelLogEntry

from core.inserts import insert_values
from core.models import User
from membership.models import Member

ROWS_AT_ONCE = 1000


@transaction.atomic
def record(*, members: QuerySet[Any], purpose: str, file_type: str, at: datetime, by: User) -> int:
    """Write in each member's log that they were on a list, for what, and by whom; return how many. No values.

    Called before the first row is written: who has the list must be on record even if the download breaks off.
    """
    export_id = uuid.uuid4()
    content_type = ContentType.objects.get_for_model(Member)
    data = {"purpose": purpose, "file": file_type}
    ids = members.order_by("pk").values_list("pk", flat=True).iterator(chunk_size=ROWS_AT_ONCE)
    count = 0
    shared = {
        "content_type_id": content_type.pk, "action": "membership.member.exported", "data": data, "timestamp": at,
        "user_id": by.pk, "uuid": export_id,
    }  # fmt: skip
    for batch in batched(ids, ROWS_AT_ONCE):
        keys = [str(pk) for pk in batch]
        insert_values(ModelLogEntry, shared=shared, own={"object_id": keys, "label": keys})
        count += len(batch)
    return count
