"""Looking payers up on the treasury's lists."""

from typing import Any

from membership.models import Member
from membership.models.member_queries import MemberQuerySet


def payers_found(user: Any, text: str) -> MemberQuerySet:
    """By whatever the registry finds by for those who may see it; for others, as the auditor, by name and number."""
    if user.has_perm("membership.view_member"):
        return Member.objects.found_by(text)
    return Member.objects.found_by_name(text)
