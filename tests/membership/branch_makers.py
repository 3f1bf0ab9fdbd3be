"""An organisation with two branches and an officer of the one: what tests of branches and of scope share."""

import dataclasses
from typing import Any

import pytest

from core.models import User
from membership import roles
from membership.models import Branch
from tests.makers import make_user, set_up_client


@pytest.fixture
def with_branches(settings: Any) -> None:
    """The client has branches."""
    membership = dataclasses.replace(settings.CLIENT.membership, branches=True)
    settings.CLIENT = dataclasses.replace(settings.CLIENT, membership=membership)


def make_branch(name: str = "Oslo", **data: Any) -> Branch:
    """A branch, with the beginning of its name as its code."""
    return Branch.objects.create(name=name, code=data.pop("code", name[:3].upper()), **data)


def make_officer(*branches: Branch) -> User:
    """A log-in with the role, who looks after some branches."""
    set_up_client()
    user = make_user(roles.BRANCH_OFFICERS)
    for branch in branches:
        branch.officers.add(user)
    return user
