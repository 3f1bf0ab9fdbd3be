"""Who may see and edit which field of a member. One table for pages, forms, lists, exports and history."""

from typing import Any

from membership.models.members import OFFICE_ONLY

# What members may change about themselves; everything else on My page is shown, not edited.
MEMBER_EDITABLE = (
    "first_names", "last_name", "gender", "email", "mobile", "work_phone",
    "address_line_1", "address_line_2", "postcode", "place", "country", "language",
)  # fmt: skip

# What the office may change through the member's form. Status, periods and household have verbs of their own.
OFFICE_EDITABLE = (
    "kind", "first_names", "last_name", "organisation_number", "contact_person", "born_on", "gender", "email", "mobile",
    "work_phone", "address_line_1", "address_line_2", "postcode", "place", "country", "language", "household_note",
    "recruited_by", *OFFICE_ONLY,
)  # fmt: skip


def may_see_office_fields(user: Any) -> bool:
    """Whether the log-in has the right to office-only fields."""
    return user.is_active and user.has_perm("membership.see_office_fields")


def hidden_from(user: Any) -> tuple[str, ...]:
    """The fields that do not exist for the log-in, in whatever is read: lists, pages, files, the log."""
    return () if may_see_office_fields(user) else OFFICE_ONLY


def editable_by(user: Any) -> tuple[str, ...]:
    """The fields an office log-in may change: office-only fields are absent without the right."""
    hidden = hidden_from(user)
    return tuple(name for name in OFFICE_EDITABLE if name not in hidden)
