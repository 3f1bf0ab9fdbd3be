"""A backup from before an erasure is put back: whoever it brings back is gone again before anything is sent."""

import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection
from django.utils import timezone

from core import dates
from core.models import User
from membership import members, retention
from membership.members import PersonData
from membership.models import Erasure, Member
from tests.faults.conftest import Site
from tests.makers import set_up_client


@pytest.fixture(autouse=True)
def only_files() -> None:
    """A PostgreSQL server is not copied under its connections; tests/membership/test_erasing_again.py covers both."""
    if connection.vendor != "sqlite":
        pytest.skip("copies a database file")


def copied(source: Path, to: Path) -> None:
    """The whole database, also what is still in its journal."""
    with closing(sqlite3.connect(source)) as one, closing(sqlite3.connect(to)) as other:
        one.backup(other)


def names() -> list[str]:
    return list(Member.objects.order_by("pk").values_list("first_names", flat=True))


def test_who_was_erased_after_the_backup_is_gone_again_after_the_restore(site: Site) -> None:
    set_up_client()
    today = timezone.localdate()
    for name in ("Alice", "Bob", "Carl"):
        data = PersonData(first_names=name, last_name="Ås", email=f"{name.lower()}@example.org")
        members.create(data=data, on=dates.days_after(today, -10))
    for name in ("Alice", "Bob"):
        retention.ask(member=Member.objects.get(first_names=name), on=today, at=timezone.now(), by=None)
    database, backup = Path(connection.settings_dict["NAME"]), site.folder / "backup.sqlite3"
    copied(database, backup)

    site.run("nightly", "--on", (today + timedelta(days=1)).isoformat())
    assert names() == ["Carl"]
    assert Erasure.objects.count() == 2

    connection.close()
    copied(backup, database)
    assert names() == ["Alice", "Bob", "Carl"]
    assert not Erasure.objects.exists()

    site.run("erase_again")
    assert names() == ["Carl"]
    assert [row.rule for row in Erasure.objects.all()] == ["asked", "asked"]
    assert list(User.objects.exclude(email="").values_list("email", flat=True)) == ["carl@example.org"]
    site.run("erase_again")
    assert Erasure.objects.count() == 2
