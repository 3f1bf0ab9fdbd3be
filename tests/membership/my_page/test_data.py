"""My page: my data, who sees it, and being erased."""

from io import BytesIO
from typing import Any
from zipfile import ZipFile

import pytest
from django.test import Client
from django.urls import reverse
from wagtail.log_actions import log
from wagtail.models import ModelLogEntry

from membership import leaving, retention, roles
from membership.models import ErasureRequest, Member
from membership.office import export_log
from tests.makers import NOW, TODAY, make_member, make_non_member, make_user, set_up_client
from tests.membership.my_page.makers import family, page, visit

pytestmark = pytest.mark.django_db

ADDRESSES = ("my_data", "my_data_file", "my_data_seen", "my_erasure", "my_erasure_confirm")


def test_the_copy_is_taken_by_a_button_and_kept_by_nobody() -> None:
    alice = make_member()
    client = visit(alice)
    assert "Download my data" in page(client, "my_data")
    assert client.get(reverse("my_data_file")).status_code == 405
    assert not ModelLogEntry.objects.filter(action__endswith="data_downloaded").exists()
    answer = client.post(reverse("my_data_file"))
    assert answer["Content-Type"] == "application/zip"
    assert answer["Content-Disposition"] == f'attachment; filename="my-data-{TODAY.isoformat()}.zip"'
    assert "no-store" in answer["Cache-Control"]
    assert "01-details.csv" in ZipFile(BytesIO(answer.content)).namelist()
    assert ModelLogEntry.objects.filter(action__endswith="data_downloaded", user=alice.user).count() == 1


def test_the_copy_comes_in_the_readers_language() -> None:
    answer = visit(make_member(), "nb").post(reverse("my_data_file"))
    assert "my-data.json" in ZipFile(BytesIO(answer.content)).namelist()


@pytest.mark.parametrize("name", ADDRESSES)
def test_it_is_for_members_at_their_own_page_only(name: str) -> None:
    method = "post" if name == "my_data_file" else "get"
    assert getattr(Client(), method)(reverse(name)).url.startswith("/konto/login/")
    _alice, _anna, client = family()
    assert getattr(client, method)(reverse(name)).url.startswith(reverse("my_page_choose"))


def test_one_of_a_family_gets_their_own_and_not_the_others() -> None:
    _alice, anna, client = family()
    client.post(reverse("my_page_choose"), {"member": anna.pk})
    content = ZipFile(BytesIO(client.post(reverse("my_data_file")).content)).read("my-data.json").decode()
    assert "Anna" in content and "Alice" not in content


def test_who_can_see_and_who_has_seen() -> None:
    set_up_client()
    alice, bob = make_member("Alice"), make_member("Bob")
    office = make_user(roles.MEMBER_ADMINS, first_name="Olga", last_name="Office")
    client = visit(alice)
    empty = page(client, "my_data_seen")
    assert "Nobody has had you on an exported list." in empty and "Nobody in the office has opened" in empty
    log(instance=bob, action="membership.member.viewed", user=office)
    export_log.record(members=Member.objects.filter(pk=bob.pk), purpose="OTHERS", file_type="csv", at=NOW, by=office)
    assert page(client, "my_data_seen").count("Olga") == 0
    export_log.record(members=Member.objects.filter(pk=alice.pk), purpose="<b>Labels", file_type="csv", at=NOW,
                      by=office)  # fmt: skip
    log(instance=alice, action="membership.member.viewed", user=office)
    shown = page(client, "my_data_seen")
    assert shown.count("Olga Office (Member admins)") == 2
    assert "&lt;b&gt;Labels" in shown and "OTHERS" not in shown
    assert "export lists of members" in shown


def test_a_member_is_told_to_leave_first() -> None:
    client = visit(make_member())
    assert "While you are a member we need your data." in page(client, "my_erasure")
    assert client.get(reverse("my_erasure_confirm")).url == reverse("my_erasure")
    client.post(reverse("my_erasure_confirm"))
    assert not ErasureRequest.objects.exists()


def test_asking_takes_two_steps_and_can_be_taken_back() -> None:
    alice = make_member()
    leaving.resign(member=alice, on=TODAY, at=NOW, by=alice.user)
    client = visit(alice)
    first = page(client, "my_erasure")
    assert "By our rules your data are erased on" in first and reverse("my_erasure_confirm") in first
    assert "Erase me tonight" in page(client, "my_erasure_confirm")
    assert not ErasureRequest.objects.exists()
    for _press in range(2):
        assert client.post(reverse("my_erasure_confirm")).url == reverse("my_erasure")
    assert ErasureRequest.objects.get().member == alice
    assert "You have asked to be erased" in page(client, "my_erasure")
    assert client.get(reverse("my_erasure_confirm")).url == reverse("my_erasure")
    client.post(reverse("my_erasure"))
    assert not ErasureRequest.objects.exists()


def test_what_it_has_to_wait_for_is_told() -> None:
    nina = make_non_member()
    office = make_user(roles.MEMBER_ADMINS)
    retention.hold_back(member=nina, reason="A complaint", at=NOW, by=office)
    client = visit(nina)
    assert "We keep your data until you ask us to erase them." in page(client, "my_erasure")
    client.post(reverse("my_erasure_confirm"))
    assert "The office keeps the entry: A complaint" in page(client, "my_erasure")


@pytest.mark.parametrize("number", [1, 3])
@pytest.mark.parametrize(("name", "queries"), [("my_data", 6), ("my_data_seen", 13), ("my_erasure", 11)])
def test_pages_cost_the_same_for_a_long_and_a_short_history(
    number: int, name: str, queries: int, django_assert_num_queries: Any
) -> None:
    set_up_client()
    alice = make_member()
    for _index in range(number):
        log(instance=alice, action="membership.member.viewed", user=make_user(roles.MEMBER_ADMINS))
    client = visit(alice)
    page(client, name)
    with django_assert_num_queries(queries):
        page(client, name)
