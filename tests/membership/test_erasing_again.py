"""What a restored backup brings back is erased again, by the list outside the database; strangers are left alone."""

import stat
from datetime import date, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.utils.crypto import get_random_string

from membership import erased_list, erasing_again, erasure, unmerging
from membership.models import Erasure, Member
from tests.makers import NOW, make_member, make_non_member, make_user
from tests.membership.merge_makers import merge, undo

pytestmark = pytest.mark.django_db
Rule = Erasure.Rule
LATER = NOW + timedelta(days=30)


@pytest.fixture(autouse=True)
def path(settings: Any, tmp_path: Path) -> Path:
    settings.ERASED_LIST = tmp_path / "kept" / "erased.list"
    return settings.ERASED_LIST


@pytest.fixture
def erase(django_capture_on_commit_callbacks) -> Any:  # type: ignore[no-untyped-def]
    def erase(*members: Member, at: Any = LATER) -> None:
        with django_capture_on_commit_callbacks(execute=True):
            erasure.erase(members=[(member, Rule.ASKED) for member in members], at=at)

    return erase


@pytest.fixture
def reconcile(django_capture_on_commit_callbacks) -> Any:  # type: ignore[no-untyped-def]
    def reconcile() -> dict[str, int]:
        with django_capture_on_commit_callbacks(execute=True):
            return erasing_again.reconcile(at=LATER + timedelta(days=1)).counts

    return reconcile


def restored(*rows: dict[str, Any]) -> None:
    """The database as it was before these were erased."""
    Erasure.objects.all().delete()
    Member.objects.bulk_create(Member(**{**row, "user_id": None, "household_id": None}) for row in rows)


def as_it_was(member: Member) -> dict[str, Any]:
    return Member.objects.filter(pk=member.pk).values().get()


def test_the_list_says_nothing_about_anybody(erase: Any, path: Path) -> None:
    alice = make_member("Alice", "Hemmelig", email="alice@example.no")
    number, key = alice.member_number, alice.pk
    erase(alice)
    text = path.read_text()
    [line] = text.splitlines()
    mark, rule, moment = line.split()
    assert (len(mark), rule, moment) == (40, "asked", LATER.isoformat())
    assert "Hemmelig" not in text and "alice" not in text
    assert mark == Erasure.objects.get().fingerprint == erased_list.fingerprint(key, number)
    assert mark != erased_list.fingerprint(key, number, secret="another")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_nothing_is_listed_when_the_erasing_is_rolled_back(path: Path) -> None:
    erasure.erase(members=[(make_member(), Rule.ASKED)], at=LATER)
    assert not path.exists(), "not before the commit"


def test_who_came_back_goes_again_and_who_stayed_stays(erase: Any, reconcile: Any, path: Path) -> None:
    alice, bob, carl = (make_non_member(name) for name in ("Alice", "Bob", "Carl"))
    before = as_it_was(alice), as_it_was(bob)
    erase(alice, bob)
    restored(*before)
    assert Member.objects.count() == 3
    assert reconcile() == {"erased again": 2}
    assert list(Member.objects.values_list("pk", flat=True)) == [carl.pk]
    assert sorted(Erasure.objects.values_list("member_key", flat=True)) == sorted([before[0]["id"], before[1]["id"]])
    lines = path.read_text()
    assert reconcile() == {}
    assert path.read_text() == lines


def test_who_came_and_went_after_the_backup_is_remembered_without_a_key(erase: Any, reconcile: Any) -> None:
    erase(make_non_member("Alice"))
    restored()
    assert reconcile() == {}
    assert list(Erasure.objects.values_list("member_key", "rule", "erased_at")) == [(0, "asked", LATER)]
    assert reconcile() == {}


def test_a_new_entry_with_the_number_of_an_erased_one_is_for_a_person_to_look_at(erase: Any, reconcile: Any) -> None:
    alice = make_non_member("Alice")
    before = as_it_was(alice)
    erase(alice, at=NOW)  # on the day she was registered
    restored(before)
    result = erasing_again.reconcile(at=LATER)
    assert result.warnings == [
        f"Member number {before['member_number']} has the number of somebody who was erased: is it the same person?"
    ]
    assert Member.objects.filter(pk=before["id"]).exists()
    assert reconcile() == {}
    erase(Member.objects.get())
    restored(before | {"registered_on": date(2026, 5, 1)})
    assert reconcile() == {}, "registered after the erasure: maybe somebody else"
    assert Member.objects.exists()


@pytest.mark.parametrize("backup", ["before the merge", "before the erasure", "after the merge was forgotten"])
def test_who_had_two_entries_comes_back_with_neither(erase: Any, reconcile: Any, path: Path, backup: str) -> None:
    """Merging takes over the earlier day of registration, and the other entry's key is gone long before the backup."""
    by = make_user("Member admins")
    alise = make_non_member("Alise")
    alice, carl = make_non_member("Alice"), make_non_member("Carl")
    Member.objects.filter(pk=alise.pk).update(registered_on=date(2024, 1, 1))
    both = as_it_was(alice), as_it_was(alise)
    merge(alice, alise, by)
    if backup == "after the merge was forgotten":
        assert unmerging.forget(at=LATER + timedelta(days=40)).counts
    one = as_it_was(alice)
    erase(Member.objects.get(pk=alice.pk), at=LATER + timedelta(days=41))
    restored(*([one] if backup == "before the erasure" else both))
    assert reconcile() == {"erased again": 1 if backup == "before the erasure" else 2}
    assert list(Member.objects.values_list("pk", flat=True)) == [carl.pk]
    lines = path.read_text()
    assert len({line.split()[0] for line in lines.splitlines()}) == 2
    assert reconcile() == {}
    assert path.read_text() == lines


def test_an_entry_that_was_merged_and_restored_stays_when_only_the_other_is_erased(erase: Any, reconcile: Any) -> None:
    alice, alise = make_non_member("Alice"), make_non_member("Alise")
    by = make_user("Member admins")
    alise_again = undo(merge(alice, alise, by), by)
    before = as_it_was(alice)
    erase(Member.objects.get(pk=alice.pk))
    restored(before)
    assert reconcile() == {"erased again": 1}
    assert Member.objects.get().pk == alise_again.pk


def test_a_lost_file_is_written_anew_and_a_line_cut_short_is_passed_over(
    erase: Any, reconcile: Any, path: Path
) -> None:
    erase(make_non_member("Alice"), make_non_member("Bob"))
    whole = path.read_text()
    path.write_text(whole[:-20])
    assert reconcile() == {"put on the list anew": 1}
    path.unlink()
    assert reconcile() == {"put on the list anew": 2}
    assert sorted(path.read_text().splitlines()) == sorted(whole.splitlines())
    assert reconcile() == {}


def test_the_site_may_have_got_another_secret_key(erase: Any, reconcile: Any, settings: Any) -> None:
    alice = make_non_member("Alice")
    before = as_it_was(alice)
    erase(alice)
    restored(before)
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = get_random_string(50)
    assert reconcile() == {"erased again": 1}


def test_the_command_says_what_it_did(erase: Any, settings: Any) -> None:
    alice = make_non_member("Alice")
    before = as_it_was(alice)
    erase(alice)
    restored(before)
    out = StringIO()
    call_command("erase_again", stdout=out)
    assert out.getvalue().splitlines()[-1] == "erased again 1"
    assert not Member.objects.exists()
    out = StringIO()
    call_command("erase_again", stdout=out)
    assert out.getvalue() == "nothing to do\n"


def test_the_number_of_queries_does_not_grow_with_the_list(  # type: ignore[no-untyped-def]
    erase: Any, django_assert_num_queries
) -> None:
    for count in (1, 3):
        erase(*[make_non_member(f"Alice {n}") for n in range(count)])
        with django_assert_num_queries(1):
            erasing_again.reconcile(at=LATER)
