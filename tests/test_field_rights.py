"""Fields that only the office may know: absent, not merely hidden, for everybody without the right.

**Nothing leaks**: whatever somebody without the right asks for, the whole answer is the same whether the
office has written something in these fields or not, so neither a value, nor that there is one, nor its place in an
order can be learnt. That nothing is written stands in test_field_rights_written.py. A member admin, who has
the right, sees every one of them by the same addresses, so the proof can fail.
"""

import csv
import io
import re
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from django.urls import URLPattern, URLResolver, get_resolver

from core.models import User
from membership import applications, leaving, roles, saved_lists
from membership.imports import runs
from membership.models import Application, ImportRow, Member, Period, SavedList
from membership.models.members import OFFICE_ONLY
from membership.office.columns import FIELDS
from tests.makers import NOW, TODAY, make_type, person
from tests.membership.branch_makers import with_branches
from tests.membership.imports.makers import looked_at
from tests.membership.office.makers import fixed_day
from tests.membership.office.test_member import form_of
from tests.membership.secret_makers import (
    ASSISTANT,
    FILTERS,
    IN_THE_REGISTRY,
    SHOWN,
    WITH,
    WITHOUT,
    World,
    read,
    world,
)

__all__ = ["fixed_day", "with_branches", "world"]
pytestmark = [
    pytest.mark.django_db,
    pytest.mark.usefixtures("with_branches"),
    # Wagtail leaves the files of scaled pictures open.
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]

# --- nothing leaks ----------------------------------------------------------------------------------------------------


def _addresses(patterns: Any, before: str = "") -> Iterator[str]:
    """Our own: those of views that Wagtail has not written."""
    for pattern in patterns:
        address = before + str(pattern.pattern).lstrip("^").rstrip("$").removesuffix("\\Z")
        if isinstance(pattern, URLResolver):
            yield from _addresses(pattern.url_patterns, address)
        elif isinstance(pattern, URLPattern):
            view = getattr(pattern.callback, "view_class", pattern.callback)
            if not view.__module__.startswith("wagtail."):
                yield address


def screens(world: World) -> list[str]:
    """Every address of the office and of My page that can be filled in for Alice, by what stands first in it."""
    found = {"/admin/", "/admin/users/", "/admin/account/", "/admin/reports/site-history/"}
    for address in _addresses(get_resolver().url_patterns):
        first, _slash, rest = address.partition("/")
        screen = rest.partition("/")[0]
        key = world.alice.pk if first == "min-side" else world.keys.get(screen)
        if key is not None:
            address = address.replace("<int:pk>", str(key)).replace("<str:pk>", str(key))
            address = address.replace("<slug:verb>", "language").replace("<int:number>", str(world.number))
        if first in {"admin", "min-side"} and rest != "test404/" and not re.search(r"[<(]", address):
            found.add(f"/{address}")
    assert len(found) > 90, len(found)
    return sorted(found)


def questions() -> list[str]:
    """What somebody might ask lists for: columns, an order, filters and searches that they have no right to."""
    asked = [f"?columns={name}&ordering={minus}{name}" for name in OFFICE_ONLY for minus in ("", "-")]
    asked += [f"?{name}={value}" for name in FILTERS for value in ("true", "false")]
    asked += [f"?{name}={value}" for name, value in SHOWN.items()]
    asked += [f"?{name}__isnull=true" for name in OFFICE_ONLY]
    asked += [f"?q={SHOWN[name]}" for name in OFFICE_ONLY if name != "payer"]
    everything = "?" + "&".join([*(f"columns={name}" for name in OFFICE_ONLY), "has_own_price=true&has_payer=true"])
    registry = ["", "export/", "bulk/language/"]
    searched = (
        "choose-member/results/", "households/", "invoices/", "treasury/register/", "treasury/due/", "messages/",
        "applications/", "duplicates/", "payments/",
    )  # fmt: skip
    return [
        *(f"/admin/members/results/{question}" for question in asked),
        *(f"/admin/members/{screen}{everything}&ordering=-legacy_id" for screen in registry),
        *(f"/admin/{address}?q={text}" for address in searched for text in ("730519264", "Blåveisnotat")),
        "/admin/households/?to_look_at=true", "/admin/members/?export=xlsx", "/admin/reports/erasure/?days=365",
        "/admin/reports/site-history/?export=csv",
        "/admin/reports/site-history/?action=membership.member.login_link_sent",
    ]  # fmt: skip


def same_as_before(world: World, role: str, asked: list[tuple[str, dict[str, str] | None]]) -> list[str]:
    """The addresses whose answers tell that the office has written something, with the first line that differs."""
    before = [read(world, role, address, data) for address, data in asked]
    world.write_secrets()
    telling = []
    for (address, data), was in zip(asked, before, strict=True):
        answer = read(world, role, address, data)
        if answer != was:
            same = next((n for n, (one, other) in enumerate(zip(was, answer, strict=False)) if one != other), len(was))
            telling.append(
                f"{address} {data or ''}: {was[same - 40 : same + 80]!r} and {answer[same - 40 : same + 80]!r}"
            )
    return telling


@pytest.mark.parametrize("role", WITHOUT)
def test_no_screen_tells(world: World, role: str) -> None:
    assert same_as_before(world, role, [(address, None) for address in screens(world)]) == []


@pytest.mark.parametrize("role", IN_THE_REGISTRY)
def test_no_list_can_be_made_to_tell(world: World, role: str) -> None:
    """Columns, order, filters and searches. What was asked for stands in links on the page, the same both times."""
    assert same_as_before(world, role, [(address, None) for address in questions()]) == []


@pytest.mark.parametrize("role", WITHOUT)
def test_no_file_tells(world: World, role: str) -> None:
    """What is taken away: the registry as CSV and XLSX, what is due, the member's own data."""
    wanted = "&".join(f"columns={name}" for name in OFFICE_ONLY)
    files = [
        (f"/admin/members/export/?{wanted}&ordering=legacy_id", {"purpose": "x", "columns": columns, "file_type": kind})
        for columns in ("shown", "every")
        for kind in ("csv", "xlsx")
    ]
    data = {"purpose": "x", "file_type": "csv"}
    files += [(f"/admin/{name}/export/", data) for name in ("treasury/due", "reports/recruiters")]
    files += [("/admin/reports/countable/", data), ("/min-side/mine-data/fil/", {})]
    assert same_as_before(world, role, list(files)) == []


@pytest.mark.parametrize("role", IN_THE_REGISTRY)
def test_a_list_that_somebody_with_the_right_shares_shows_others_no_more(world: World, role: str) -> None:
    admin = User.objects.get(groups__name=roles.MEMBER_ADMINS)
    asked = "&".join([*(f"columns={name}" for name in OFFICE_ONLY), "has_own_price=true", "ordering=-legacy_id"])
    saved: SavedList = saved_lists.save(name="Delt", asked=asked, is_shared=True, by=admin)
    looked = ["/admin/members/lists/", f"/admin/members/lists/{saved.pk}/", f"/admin/members/?{saved.asked}"]
    assert same_as_before(world, role, [(address, None) for address in looked]) == []


@pytest.mark.parametrize("role", IN_THE_REGISTRY)
def test_a_death_does_not_tell_who_pays_for_whom(world: World, role: str) -> None:
    """The one whose payer dies is somebody to look at, for those who may know that there is a payer."""
    world.alice.payer = world.payer
    world.alice.save()
    asked = ["/admin/", "/admin/households/", "/admin/households/?to_look_at=true",
             f"/admin/households/{world.alice.household_id}/", f"/admin/members/{world.alice.pk}/"]  # fmt: skip
    warned = "who pays, has died"
    before = [read(world, role, address) for address in asked]
    leaving.record_death(member=world.payer, died_on=TODAY, on=TODAY, at=NOW)
    Member.objects.filter(pk=world.payer.pk).update(member_since=None)
    told = [address for address, was in zip(asked, before, strict=True) if read(world, role, address) != was]
    assert told == []
    assert warned in read(world, roles.MEMBER_ADMINS, asked[2])


@pytest.mark.parametrize("role", [roles.BRANCH_OFFICERS, ASSISTANT])
def test_what_a_membership_will_cost_does_not_tell_of_an_own_price(world: World, role: str) -> None:
    """Neither its amount, nor that it is why, nor the day on which it ends the term."""
    Period.objects.filter(paid_with__isnull=False).update(paid_with=None)  # nobody is paid with Alice's
    steps = priced_screens(world)
    assert same_as_before(world, role, steps) == []
    for address, data in steps:
        told = read(world, role, address, data)
        assert "By the price list, " in told, address
        assert "731" not in told and "own price" not in told, address
        told = read(world, roles.MEMBER_ADMINS, address, data)
        assert "Agreed own price instead of" in told and "By the price list" not in told, address


def priced_screens(world: World) -> list[tuple[str, dict[str, str] | None]]:
    """Those that say what a membership will cost before it is opened, for Alice."""
    single = str(make_type("E").pk)
    application = applications.apply(
        token=uuid.uuid4(), people=[person("Alice", "Synlig", email=world.alice.email)], wanted_type=make_type("E"),
        language="en", at=NOW, consents=[],
    )  # fmt: skip
    Application.objects.update(state=Application.State.AWAITING_APPROVAL, branch=world.branch)
    alice = f"/admin/members/{world.alice.pk}"
    return [
        (f"{alice}/change-type/", {"to": single, "begins": "now"}),
        (f"{alice}/change-type/", {"to": single, "begins": "next"}),
        (f"{alice}/come-back/", {"wanted_type": single, "on": "2026-03-10"}),
        (f"/admin/applications/{application.pk}/same-person/", {"entry": str(world.alice.pk)}),
    ]


@pytest.mark.parametrize("role", [roles.BRANCH_OFFICERS, ASSISTANT])
def test_recording_that_a_payer_leaves_does_not_tell_whom_they_pay_for(world: World, role: str) -> None:
    steps = [(f"/admin/members/{world.payer.pk}/{address}/", {"on": "2026-03-01"}) for address in ("death", "resign")]
    steps += [(f"/admin/members/{world.payer.pk}/{address}/", None) for address in ("", "succession", "pays-for")]  # type: ignore[misc]
    assert same_as_before(world, role, list(steps)) == []


# --- imports: what others have brought --------------------------------------------------------------------------------

FILE = ("last_name,first_name,email,mid,auxinfo,specialprice,spexpiry,convto,onetimesent\n"
        "Synlig,Dora,dora@example.no,730519264,Blåveisnotat,731,2041-03-09,UTP,2019-03-10\n")  # fmt: skip


def test_somebody_elses_file_is_not_there_without_the_right(world: World) -> None:
    run = looked_at(FILE, by=User.objects.get(groups__name=roles.MEMBER_ADMINS))
    assert run.rows.filter(action=ImportRow.Action.CREATE).count() == 1
    for address in ("", "columns/", "types/", "plan/", "undo/", "result.csv"):
        assert read(world, ASSISTANT, f"/admin/import/{run.pk}/{address}").startswith("404"), address
    for address in ("look/", "agree/", "cancel/", "undo/", "columns/", "types/"):
        assert read(world, ASSISTANT, f"/admin/import/{run.pk}/{address}", {}).startswith("404"), address
    assert f"/admin/import/{run.pk}/" not in read(world, ASSISTANT, "/admin/import/")
    assert "Blåveisnotat" in read(world, roles.MEMBER_ADMINS, f"/admin/import/{run.pk}/columns/")


def test_without_the_right_an_import_has_no_such_columns(world: World) -> None:
    """Neither guessed, nor offered, nor taken when they are sent all the same, nor used to find somebody by."""
    world.write_secrets()
    run = looked_at(FILE, by=User.objects.get(groups__name="Assistants"))
    columns = f"/admin/import/{run.pk}/columns/"
    assert not set(run.columns) & set(OFFICE_ONLY)
    offered = world.browsers[ASSISTANT].get(columns).context["form"].fields["column_0"].choices
    assert not {name for name, _label in offered} & set(OFFICE_ONLY)
    world.browsers[ASSISTANT].post(columns, {"column_0": "last_name", "column_3": "legacy_id"})
    runs.choose_columns(run=run, chosen={"last_name": 0, "legacy_id": 3, "office_notes": 4}, at=NOW)
    run.refresh_from_db()
    assert not set(run.columns) & set(OFFICE_ONLY)
    assert [row.member for row in looked_at(FILE, by=run.uploaded_by).rows.all()] == [None]  # Alice has the same old id


# --- with the right, the same addresses show and write them -----------------------------------------------------------


@pytest.mark.parametrize("role", WITH)
def test_with_the_right_every_one_is_there(world: World, role: str) -> None:
    world.write_secrets()
    alice = f"/admin/members/{world.alice.pk}/"
    form = form_of(world.browsers[role], f"{alice}edit/")
    exported = read(world, role, "/admin/members/export/", {"purpose": "x", "columns": "every", "file_type": "csv"})
    rows = list(csv.DictReader(io.StringIO(exported.partition("\n")[2]), delimiter=";"))
    hers = next(row for row in rows if row["First names"] == "Alice" and row["Old id"])
    page = read(world, role, alice)
    for name, text in SHOWN.items():
        heading = next(str(column.heading) for column in FIELDS if column.key == name)
        assert heading in read(world, role, f"/admin/members/results/?columns={name}"), name
        assert form[name] not in {"", None}, name
        assert text in hers[heading], name
        assert text in page or name == "converts_to", name
    assert "Log-in link sent" in page and "Changed: place, old id, office notes, own price" in page


@pytest.mark.parametrize("name", FILTERS)
def test_with_the_right_the_filters_find_her(world: World, name: str) -> None:
    world.write_secrets()
    found = read(world, roles.MEMBER_ADMINS, f"/admin/members/results/?{name}=true")
    assert re.findall(r"/admin/members/(\d+)/\"", found).count(str(world.alice.pk)) > 0
    assert f"/admin/members/{world.twin.pk}/" not in found


def test_with_the_right_the_old_id_orders_the_list(world: World) -> None:
    Member.objects.filter(pk=world.twin.pk).update(legacy_id=5)
    world.write_secrets()

    def order(ordering: str) -> list[str]:
        html = read(
            world, roles.MEMBER_ADMINS, f"/admin/members/results/?columns=legacy_id&ordering={ordering}&q=Alice"
        )
        return list(dict.fromkeys(re.findall(r"/admin/members/(\d+)/\"", html)))

    assert order("legacy_id") == [str(world.twin.pk), str(world.alice.pk)]
    assert order("-legacy_id") == [str(world.alice.pk), str(world.twin.pk)]


# --- the table is whole -----------------------------------------------------------------------------------------------


def test_every_field_of_the_office_is_in_the_proofs() -> None:
    assert set(SHOWN) == set(OFFICE_ONLY)
    assert {column.key for column in FIELDS if column.is_office_only} == set(OFFICE_ONLY)
