"""One thing done with everybody on a list: the filtered rows and no other, counted first, told afterwards."""

import re
from datetime import timedelta
from html import unescape
from types import SimpleNamespace

import pytest
from django.test import Client

from core.long_work import STUCK_AFTER
from core.models import User
from membership import bell, bulk, roles
from membership.models import BulkRun, Member
from messaging.models import Message
from messaging.signals import swept
from tests.makers import NOW, TODAY, make_member, make_non_member
from tests.membership.office.makers import admin_user, browser_with, fixed_day, office, page

__all__ = ["admin_user", "fixed_day", "office"]
pytestmark = pytest.mark.django_db
BULK = "/admin/members/bulk/"


def do(client: Client, verb: str, query: str = "", **answers: str) -> BulkRun:
    """Fill in the form, read the count, say yes, and let the worker do it all."""
    asked = client.post(f"{BULK}{verb}/{query}", answers)
    assert asked.status_code == 200 and "confirmed" in asked.content.decode()
    count = asked.context["count"]
    answer = client.post(f"{BULK}{verb}/{query}", {**answers, "confirmed": str(count)})
    run = BulkRun.objects.latest("pk")
    assert answer["Location"] == f"{BULK}runs/{run.pk}/"
    while bulk.carry_on(run_id=run.pk, on=TODAY, at=NOW):
        pass
    run.refresh_from_db()
    return run


def languages() -> dict[str, str]:
    return dict(Member.objects.values_list("first_names", "language"))


def test_it_is_done_with_the_filtered_rows_and_no_other(office: Client) -> None:
    make_member("Alice", "Ås")
    make_member("Bob", "Berg", email="bob@example.no")
    make_non_member("Nina", "Ås")
    run = do(office, "language", "?q=ås&status=active", language="en")
    assert languages() == {"Alice": "en", "Bob": "nb", "Nina": "nb"}
    assert (run.total, run.changed, run.unchanged, run.refused, run.state) == (1, 1, 0, [], "done")


def test_afterwards_the_list_is_there_as_it_was(office: Client) -> None:
    make_member("Alice", "Ås")
    asked = "?q=ås&status=active&columns=name&columns=language"
    page(office, f"/admin/members/{asked}")
    run = do(office, "language", asked, language="en")
    html = page(office, f"{BULK}runs/{run.pk}/")
    back = re.search(r'<a class="button" href="([^"]+)">Back to the list', html)
    assert back is not None
    again = office.get(unescape(back[1]))
    assert again.request["QUERY_STRING"] == "q=%C3%A5s&status=active&columns=name&columns=language"
    assert "English" in again.content.decode()
    member = page(office, f"/admin/members/{Member.objects.get().pk}/")
    assert back[1] in member, "and from the page of a member"


def test_the_count_and_names_are_read_before_anything_is_done(office: Client) -> None:
    for number in range(12):
        make_non_member(f"Kari {number}", "Ås", email=f"kari{number}@example.no")
    html = office.post(f"{BULK}language/", {"language": "en"}).content.decode()
    assert "Yes, for 12 members" in html and "and 2 more" in html
    assert "this is everybody in the registry" in html
    assert not BulkRun.objects.exists()


def test_when_the_list_grew_meanwhile_the_new_count_is_asked_about(office: Client) -> None:
    make_member("Alice", "Ås")
    office.post(f"{BULK}language/", {"language": "en"})
    make_member("Bob", "Ås", email="bob@example.no")
    html = office.post(f"{BULK}language/", {"language": "en", "confirmed": "1"}).content.decode()
    assert "Yes, for 2 members" in html
    assert not BulkRun.objects.exists()


def test_who_comes_later_is_not_on_the_list(office: Client) -> None:
    make_member("Alice", "Ås")
    office.post(f"{BULK}language/", {"language": "en", "confirmed": "1"})
    make_member("Bob", "Ås", email="bob@example.no")
    run = BulkRun.objects.get()
    assert bulk.carry_on(run_id=run.pk, on=TODAY, at=NOW) is False
    assert languages() == {"Alice": "en", "Bob": "nb"}


def test_portions_refusals_and_what_is_so_already(office: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk, "PORTION", 2)
    payer = make_non_member("Kommunen", "Ås", email="kommunen@example.no")
    for name in ("Alice", "Bob", "Cara"):
        make_member(name, "Ås", email=f"{name}@example.no")
    Member.objects.filter(first_names="Cara").update(payer=payer)
    run = do(office, "payer", payer=str(payer.pk))
    assert (run.total, run.changed, run.unchanged) == (4, 2, 1)
    assert run.refused == [{"member": payer.pk, "why": "Is the payer."}]
    html = page(office, f"{BULK}runs/{run.pk}/")
    assert "Is the payer." in html and "Kommunen Ås</a>" in html


def test_a_portion_that_breaks_off_leaves_nothing_half_done(office: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk, "PORTION", 2)
    for name in ("Alice", "Bob", "Cara"):
        make_member(name, "Ås", email=f"{name}@example.no")
    office.post(f"{BULK}language/", {"language": "en", "confirmed": "3"})
    run = BulkRun.objects.get()
    verb = bulk.verb_called("language")
    assert verb is not None
    seen: list[str] = []

    def break_at_bob(doing: bulk.Doing) -> bool:
        seen.append(doing.member.first_names)
        if seen == ["Alice", "Bob"]:
            raise KeyboardInterrupt
        return verb.perform(doing)

    broken = bulk.BulkVerb(**{**vars(verb), "perform": break_at_bob})
    monkeypatch.setattr(bulk, "verb_called", lambda key: broken)
    with pytest.raises(KeyboardInterrupt):
        bulk.carry_on(run_id=run.pk, on=TODAY, at=NOW)
    assert set(languages().values()) == {"nb"}
    while bulk.carry_on(run_id=run.pk, on=TODAY, at=NOW):
        pass
    run.refresh_from_db()
    assert (run.changed, set(languages().values())) == (3, {"en"})


def test_a_run_whose_worker_died_is_rung_for_until_it_is_clear_that_it_does_not_move(
    office: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    rung: list[int] = []
    monkeypatch.setattr(bell.tasks, "carry_on_with_list", SimpleNamespace(enqueue=rung.append))
    make_member("Alice", "Ås")
    office.post(f"{BULK}language/", {"language": "en", "confirmed": "1"})
    run = BulkRun.objects.get()
    BulkRun.objects.update(moved_at=NOW)
    for minutes in range(40):
        swept.send(sender=None, at=NOW + timedelta(minutes=minutes))
    assert rung == [run.pk] * STUCK_AFTER
    assert list(BulkRun.objects.stuck()) == [run]
    assert "This does not move" in page(office, f"{BULK}runs/{run.pk}/")
    assert bulk.carry_on(run_id=run.pk, on=TODAY, at=NOW) is False
    assert (list(BulkRun.objects.stuck()), languages()) == ([], {"Alice": "en"})


def test_after_a_start_of_the_worker_nothing_waits_until_it_is_forgotten(
    office: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    rung: list[int] = []
    monkeypatch.setattr(bell.tasks, "carry_on_with_list", SimpleNamespace(enqueue=rung.append))
    make_member("Alice", "Ås")
    office.post(f"{BULK}language/", {"language": "en", "confirmed": "1"})
    run = BulkRun.objects.get()
    BulkRun.objects.update(moved_at=NOW)
    swept.send(sender=None, at=NOW)
    assert rung == []
    for _start in range(5):  # where it does not move, it is left for somebody to look at
        swept.send(sender=None, at=NOW, after_start=True)
    assert rung == [run.pk] * STUCK_AFTER
    BulkRun.objects.update(state=BulkRun.State.DONE, rings=0)
    swept.send(sender=None, at=NOW, after_start=True)
    assert rung == [run.pk] * STUCK_AFTER


def test_a_run_whose_verb_is_gone_stops(office: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    make_member("Alice", "Ås")
    office.post(f"{BULK}language/", {"language": "en", "confirmed": "1"})
    run = BulkRun.objects.get()
    monkeypatch.setattr(bulk, "verb_called", lambda key: None)
    assert bulk.carry_on(run_id=run.pk, on=TODAY, at=NOW) is False
    run.refresh_from_db()
    assert (run.state, run.finished_at, languages()) == ("stopped", NOW, {"Alice": "nb"})


def test_a_stopped_run_stays_stopped(office: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk, "PORTION", 1)
    for name in ("Alice", "Bob"):
        make_member(name, "Ås", email=f"{name}@example.no")
    office.post(f"{BULK}language/", {"language": "en", "confirmed": "2"})
    run = BulkRun.objects.get()
    assert bulk.carry_on(run_id=run.pk, on=TODAY, at=NOW) is True
    assert "1 of 2 members" in page(office, f"{BULK}runs/{run.pk}/")
    office.post(f"{BULK}runs/{run.pk}/")
    assert bulk.carry_on(run_id=run.pk, on=TODAY, at=NOW) is False
    assert sorted(languages().values()) == ["en", "nb"]
    who = User.objects.get(pk=run.asked_by_id).get_full_name()
    assert who and f"<li>Stopped: {who}, " in page(office, f"{BULK}runs/{run.pk}/")


def test_log_in_links_go_to_those_who_had_none(office: Client) -> None:
    alice = make_member("Alice", "Ås")
    alice.login_link_sent_at = NOW
    alice.save()
    make_member("Bob", "Berg", email="bob@example.no")
    make_member("Nomail", "Ås", email="")
    run = do(office, "log_in_links")
    assert (run.changed, run.unchanged, len(run.refused)) == (1, 1, 1)
    assert [message.address for message in Message.objects.filter(template="login_link")] == ["bob@example.no"]


def test_notes_are_added_once_a_day(office: Client) -> None:
    alice = make_member("Alice", "Ås")
    assert [do(office, "note", note="Møtte på årsmøtet").changed for _ in range(2)] == [1, 0]
    alice.refresh_from_db()
    assert alice.office_notes == f"{TODAY:%Y-%m-%d}: Møtte på årsmøtet"


def test_resignations(office: Client) -> None:
    alice = make_member("Alice", "Ås")
    run = do(office, "resign", "?status=active", asked_on="2026-03-09")
    assert run.changed == 1
    assert alice.periods.get().end_reason == "resigned"


@pytest.mark.parametrize(
    ("verb", "answers"),
    [
        ("language", {}),
        ("language", {"language": "xx"}),
        ("note", {"note": ""}),
        ("payer", {"payer": "999"}),
        ("resign", {"asked_on": "never"}),
    ],
)
def test_a_wrong_answer_gets_a_sentence(office: Client, verb: str, answers: dict[str, str]) -> None:
    make_member()
    html = office.post(f"{BULK}{verb}/", answers).content.decode()
    assert "error-message" in html and "confirmed" not in html


def test_an_empty_list_says_so(office: Client) -> None:
    assert "Nobody is on this list." in page(office, f"{BULK}language/", q="ingen")


def test_what_does_not_exist_is_not_found(office: Client) -> None:
    assert office.get(f"{BULK}nothing/").status_code == 404
    assert office.get(f"{BULK}runs/99/").status_code == 404


@pytest.mark.parametrize("typed", ["", "2", "one"])
def test_what_sends_mail_or_cannot_be_undone_begins_when_the_number_is_typed(office: Client, typed: str) -> None:
    make_member()
    html = office.post(f"{BULK}log_in_links/", {}).content.decode()
    assert 'type="hidden" name="confirmed"' not in html and "type how many: 1" in html
    html = office.post(f"{BULK}log_in_links/", {"confirmed": typed}).content.decode()
    assert "There is 1 member on the list now." in html
    assert not BulkRun.objects.exists()


@pytest.mark.parametrize("role", [roles.TREASURERS, roles.AUDITORS, roles.EDITORS])
def test_without_the_right_nothing_is_done(role: str, admin_user: User) -> None:
    make_member()
    run = BulkRun.objects.create(verb="language", total=1, members=[1], asked_at=NOW, asked_by=admin_user)
    browser = browser_with(role)
    for address in (f"{BULK}language/", f"{BULK}runs/{run.pk}/"):
        for answer in (browser.get(address), browser.post(address, {"language": "en", "confirmed": "1"})):
            assert answer.status_code in {302, 403}
    run.refresh_from_db()
    assert (run.state, BulkRun.objects.count()) == ("running", 1)


def test_the_list_offers_what_one_may_do() -> None:
    make_member()

    def labels(role: str) -> set[str]:
        html = page(browser_with(role), "/admin/members/")
        return {label for label in ("Save this list", "Export this list", "Change language") if label in html}

    assert labels(roles.MEMBER_ADMINS) == {"Save this list", "Export this list", "Change language"}
    assert labels(roles.TREASURERS) == {"Save this list"}


def test_a_member_who_is_gone_is_not_named(office: Client) -> None:
    alice = make_member()
    office.post(f"{BULK}language/", {"language": "en", "confirmed": "1"})
    pk = alice.pk
    Member.objects.filter(pk=pk).delete()
    run = BulkRun.objects.get()
    bulk.carry_on(run_id=run.pk, on=TODAY, at=NOW)
    run.refresh_from_db()
    assert run.refused == [{"member": pk, "why": "Is not in the registry any more."}]
    assert "Is not in the registry any more." in page(office, f"{BULK}runs/{run.pk}/")
