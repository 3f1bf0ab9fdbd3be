"""The office's screens of one thing each: an invoice, a run, a line in the queue. On the demo's year, where each of
them has something to show; wide and on a telephone, light and dark."""

import json
import re

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import Demo, Visitor, log_in
from tests.browser.installations import call
from tests.browser.looks import LOOKS, Look
from tests.browser.test_office_screens import faults
from tests.roles_table import lines

# Files, answers to scripts, and parts of a page; and Wagtail's own screens.
NOT_SCREENS = r"\.csv$|/(export|pdf|words|chosen)/|welcome-letters/to/|/admin/(pages|users|groups)/|choose-member"
# What the demo has none of: no application waits, no newsletter was sent, nobody paid online, no list was worked on.
NOT_IN_THE_DEMO = {"application", "newsletter", "mailing", "online", "bulk"}
# Verbs are about somebody, or something, they fit.
ABOUT = {
    "/admin/members/{member}/come-back/": "struck",
    "/admin/members/{member}/move-in/": "imported",
    "/admin/members/{member}/move-out/": "child",
    "/admin/members/{member}/hand-over/": "child",
    "/admin/members/{member}/seats/": "company",
    "/admin/members/{member}/seats-give/": "company",
    "/admin/members/{member}/seats-invite/": "company",
    "/admin/members/{member}/contacts-name/": "company",
    "/admin/voter-rolls/{roll}/edit/": "next_roll",
    "/admin/voter-rolls/{roll}/freeze/": "next_roll",
    "/admin/import/{run}/columns/": "waiting_run",
    "/admin/import/{run}/types/": "waiting_run",
    "/admin/import/{run}/plan/": "waiting_run",
}
# Screens whose key is no part of the table, and other things of a kind that look otherwise.
BESIDES = [
    "/admin/members/{child}/", "/admin/members/{struck}/", "/admin/members/{dead}/", "/admin/members/{company}/",
    "/admin/voter-rolls/{next_roll}/", "/admin/voter-rolls/{roll}/appeals/{decided_appeal}/",
    "/admin/import/{run}/", "/admin/import/{undone_run}/",
    "/admin/reports/simulator/{simulation}/", "/admin/invoices/{paid_invoice}/", "/admin/invoices/{bounced_invoice}/",
    "/admin/invoices/{credited_invoice}/", "/admin/invoices/{credit_note}/",
    "/admin/treasury/reminders/plans/{agreed_plan}/", "/admin/treasury/runs/{done_run}/",
    "/admin/treasury/payments/{refunded}/", "/admin/treasury/payments/{refund}/", "/admin/messages/{failed_message}/",
    "/admin/treasury/unmatched/?line={line_alike}", "/admin/treasury/unmatched/?line={line_type_price}",
    "/admin/treasury/unmatched/?line={line_unknown_kid}", "/admin/treasury/unmatched/?line={line_by_name}",
    "/admin/treasury/unmatched/?line={line_remembered}",
]  # fmt: skip
KEYED = [
    address
    for method, address, statuses in lines()
    if method == "GET" and statuses[-1] == 200 and address.startswith("/admin/") and "{" in address
    and not re.search(NOT_SCREENS, address)
]  # fmt: skip


@pytest.fixture(scope="module")
def keys(demo: Demo) -> dict[str, str]:
    """A key of each kind, by name."""
    found = json.loads(call(demo.var, "from tests.browser import keys; keys.say()").strip().splitlines()[-1])
    assert [name for name, key in found.items() if key is None] == [], "the demo has lost a story"
    return {name: str(key) for name, key in found.items()}


def named(address: str) -> list[str]:
    return re.findall(r"\{(\w+)\}", address)


@pytest.mark.parametrize("look", [LOOKS[0], LOOKS[2], LOOKS[3]], ids=str)
def test_the_screens_of_one_thing(visitor: Visitor, keys: dict[str, str], look: Look) -> None:
    page = visitor(look)
    log_in(page, "administrator")
    found = []
    for address in [*KEYED, *BESIDES]:
        if not NOT_IN_THE_DEMO.intersection(named(address)):
            found += look_at(page, look, address, keys)
    assert not found, "\n".join(found)


def test_the_welcome_letters_of_whoever_asked_for_them(visitor: Visitor, keys: dict[str, str]) -> None:
    page = visitor(LOOKS[2])
    log_in(page, "medlemsansvarlig")
    assert look_at(page, LOOKS[2], "/admin/welcome-letters/{welcome}/", keys) == []


def test_every_kind_of_key_is_in_the_demo_or_known_to_be_missing(keys: dict[str, str]) -> None:
    asked_for = {name for address in KEYED for name in named(address)}
    assert asked_for - keys.keys() == NOT_IN_THE_DEMO


def look_at(page: Page, look: Look, address: str, keys: dict[str, str]) -> list[str]:
    """Open one, which must be there, and tell what is wrong with it."""
    about = {**keys, **({named(address)[0]: keys[ABOUT[address]]} if address in ABOUT else {})}
    answer = page.goto(address.format(**about))
    assert answer is not None and answer.status == 200, f"{address} gives {answer and answer.status}"
    if address.partition("?")[0].format(**about) not in page.url:
        return [f"{look} {address}: led on to {page.url}"]
    name = re.sub(r"[/{}?=]+", "-", address.removeprefix("/admin").strip("/"))
    return faults(page, f"{look}-key-{name.strip('-')}")
