"""The import in the office, from the file to the result, for those who may and those who may not."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils.translation import gettext, override

from membership import roles
from membership.models import ImportRun, Member
from tests.makers import make_user, set_up_client
from tests.membership.imports.makers import FAMILY, HEAD

pytestmark = pytest.mark.django_db


@pytest.fixture
def mona(client: Client) -> Client:
    """The member admin, in the office."""
    set_up_client()
    client.force_login(make_user(roles.MEMBER_ADMINS))
    return client


def upload(client: Client, text: str, name: str = "register.csv") -> str:
    response = client.post(reverse("import_members"), {"file": SimpleUploadedFile(name, text.encode())})
    return response.get("Location", "") or response.content.decode()


def test_a_file_comes_in_through_the_office(mona: Client, django_capture_on_commit_callbacks) -> None:  # type: ignore[no-untyped-def]
    address = upload(mona, HEAD + FAMILY + "12,person,Ola,Ny,,,,,,,a@b.no.,,,Ordinary,,,,\n13,person,,,,,,,,,,,,,,,,\n")
    run = ImportRun.objects.get()
    assert address == reverse("import_types", args=[run.pk])
    assert run.types == {"family": "", "family member": "", "ordinary": ""}

    page = mona.post(address, {"type_0": "FM", "type_1": ""})
    assert page.status_code == 200
    assert page.context["form"].errors == {
        "type_1": ["Choose which of your types it is."],
        "type_2": ["Choose which of your types it is."],
    }
    response = mona.post(address, {"type_0": "FM", "type_1": "FM2", "type_2": "E"})
    assert response["Location"] == reverse("import_plan", args=[run.pk])
    page = mona.get(response["Location"])
    assert page.context["counts"] == {"create": 4, "change": 0, "unchanged": 0, "refused": 1, "warnings": 1}
    assert not Member.objects.exists()

    with django_capture_on_commit_callbacks(execute=True):
        response = mona.post(reverse("import_agree", args=[run.pk]))
    run.refresh_from_db()
    assert (run.state, run.counts) == ("done", {"create": 4, "change": 0, "unchanged": 0, "refused": 1, "warnings": 1})
    assert not run.file
    assert "Ola Ny" in mona.get(response["Location"]).content.decode()
    mona.post(reverse("import_agree", args=[run.pk]))
    assert Member.objects.count() == 4


def test_what_cannot_be_read_is_answered_with_a_sentence_and_kept_nowhere(mona: Client) -> None:
    for text in ("", "\x00", HEAD):
        assert "<form" in upload(mona, text)
    assert not ImportRun.objects.exists()


def test_a_name_with_a_tag_in_it_is_text(mona: Client) -> None:
    upload(mona, HEAD + FAMILY, "<script>.csv")
    assert "&lt;script&gt;.csv" in mona.get(reverse("import_members")).content.decode()


@pytest.mark.parametrize("role", [roles.EDITORS, roles.TREASURERS, roles.AUDITORS])
def test_others_of_the_office_may_not_import(client: Client, role: str) -> None:
    set_up_client()
    client.force_login(make_user(role))
    before = ImportRun.objects.count()
    assert client.get(reverse("import_members")).status_code == 302
    upload(client, HEAD + FAMILY)
    assert ImportRun.objects.count() == before


def test_nothing_is_carried_out_by_looking(mona: Client) -> None:
    upload(mona, HEAD + FAMILY)
    run = ImportRun.objects.get()
    assert mona.get(reverse("import_agree", args=[run.pk])).status_code == 405
    run.refresh_from_db()
    assert run.state == "uploaded"


@pytest.mark.parametrize("language", ["nb", "en"])
def test_a_long_file_is_told_of_in_one_language(
    mona: Client, language: str, django_capture_on_commit_callbacks
) -> None:  # type: ignore[no-untyped-def]
    """The first portion is looked at in the request, the others in the worker."""
    rows = [
        f"{number},person,Ola,{'' if number in {1, 1001} else 'Nordmann'},,,,,,,,,,,,,,\n" for number in range(1, 1002)
    ]
    with django_capture_on_commit_callbacks(execute=True):
        response = mona.post(
            reverse("import_members"), {"file": SimpleUploadedFile("long.csv", (HEAD + "".join(rows)).encode())},
            headers={"accept-language": language},
        )  # fmt: skip
    run = ImportRun.objects.get()
    assert response["Location"] == reverse("import_plan", args=[run.pk])
    with override(language):
        reason = gettext("The surname is missing.")
    assert list(run.rows.filter(action="refused").values_list("line", "reason")) == [(2, reason), (1002, reason)]
