"""Who may log in to the demo: a member, and one for each role of the office. Their password is well known."""

from django.conf import settings
from django.contrib.auth.models import Group
from django.db import transaction

from core.models import User
from membership import branches, roles
from membership.models import Member

PASSWORD = "demo-2026"
DOMAIN = "demo.example"  # log-ins of this domain are refused when DEBUG is off
MEMBER = "medlem"

EDITOR, MEMBER_ADMIN, TREASURER, ADMINISTRATOR = "redaktor", "medlemsansvarlig", "kasserer", "administrator"
OFFICER = "lokallag"

# (user name, first names, surname, role): what `make run` prints.
_OFFICE = (
    (EDITOR, "Eva", "Engen", roles.EDITORS),
    (MEMBER_ADMIN, "Mona", "Moen", roles.MEMBER_ADMINS),
    (TREASURER, "Kåre", "Krogh", roles.TREASURERS),
    (ADMINISTRATOR, "Arne", "Alm", roles.ADMINISTRATORS),
)
_OF_A_BRANCH = (OFFICER, "Lise", "Lund", roles.BRANCH_OFFICERS)  # where there are branches


def is_there() -> bool:
    """Whether the demo has been made in this database."""
    return User.objects.filter(username=MEMBER).exists()


def log_in_lines() -> list[str]:
    """The demo's log-ins as `make run` prints them."""
    office = [(name, role.removesuffix("s").lower()) for name, _first, _last, role in _everybody()]
    names = [(MEMBER, "member"), *office]
    return [f"  {name:<17} {PASSWORD}   {role}" for name, role in names]


def of(name: str) -> User:
    """One of the office, by user name."""
    return User.objects.get(username=name)


def make_office() -> None:
    """One log-in for each role that this client has."""
    for username, first, last, role in _everybody():
        user = User.objects.create_user(
            username, f"{username}@{DOMAIN}", PASSWORD, first_name=first, last_name=last, is_staff=True,
            language=settings.CLIENT.site.language,
        )  # fmt: skip
        user.groups.add(Group.objects.get(name=role))


@transaction.atomic
def make_member(member: Member | None) -> None:
    """Give a member the name and the password that `make run` prints."""
    assert member is not None and member.user is not None
    member.user.username = MEMBER
    member.user.set_password(PASSWORD)
    member.user.save()


def _everybody() -> list[tuple[str, str, str, str]]:
    return [*_OFFICE, *([_OF_A_BRANCH] if branches.are_used() else [])]
