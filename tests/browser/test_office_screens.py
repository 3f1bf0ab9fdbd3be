"""The office's own screens, wide and on a telephone, light and dark: what axe finds there and is ours to mend.

Those of one invoice, one member, one run are in test_keyed_screens.py.
"""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import Visitor, log_in
from tests.browser.looks import LOOKS, Look, axe_violations, take_picture
from tests.roles_table import lines

# Every screen of the office that the table of who may do what opens for administrators; not Wagtail's own, nor what is
# a part of a page.
NOT_OURS = r"results/$|nonsense|/admin/(pages|users|groups|sites|account|images|documents|redirects|choose-member)"
SCREENS = [
    address
    for method, address, statuses in lines()
    if method == "GET" and statuses[-1] == 200 and address.startswith("/admin/")
    and "{" not in address and not re.search(NOT_OURS, address)
]  # fmt: skip

# What has to be scrolled to be read, or reaches nearer to the edge than 16 pixels.
WIDER_THAN_THEY_LOOK = """
[...document.querySelectorAll("#listing-results, .office-scroll, main td, main tbody th")].filter(e => {
  const { left, right, width } = e.getBoundingClientRect();
  const isCell = /^T[DH]$/.test(e.tagName);
  const isCutOff = e.clientWidth && e.scrollWidth > e.clientWidth + 1;
  return isCutOff || isCell && width && (left < 16 || right > innerWidth - 16);
}).map(e => e.outerHTML.slice(0, 80))
"""

_CUT_OFF = (Path(__file__).parent / "cut_off.js").read_text()

# What axe finds in Wagtail's own frame, whose templates are not ours.
WAGTAILS_OWN: dict[str, str] = {}


@pytest.mark.parametrize("look", [LOOKS[0], LOOKS[2], LOOKS[3]], ids=str)
def test_the_offices_screens(visitor: Visitor, look: Look) -> None:
    page = visitor(look)
    log_in(page, "administrator")
    found = []
    for address in SCREENS:
        page.goto(address)
        found += faults(page, f"{look}-office{address.removeprefix('/admin').replace('/', '-')}")
    assert not found, "\n".join(found)


@pytest.mark.parametrize("address", ["/admin/members/", "/admin/reports/simulator/"])
def test_on_a_telephone_nothing_is_cut_off_or_scrolled_sideways(visitor: Visitor, address: str) -> None:
    page = visitor(LOOKS[3])
    log_in(page, "administrator")
    page.goto(address)
    assert page.locator("main tbody tr").count() > 5
    assert page.evaluate(WIDER_THAN_THEY_LOOK) == []
    page.locator("main form .office-buttons button, main .listing td.title a").first.click()
    page.wait_for_url(re.compile(f"{address}.+"))
    if "simulator" in address:
        page.locator(".office-numbers-table").wait_for()
        assert page.evaluate(WIDER_THAN_THEY_LOOK) == []
        assert page.locator(".office-stack thead").first.bounding_box()["height"] <= 1  # type: ignore[index]
    assert page.evaluate("[...document.querySelectorAll('[data-label]')].filter(e => !e.dataset.label).length") == 0


def faults(page: Page, name: str) -> list[str]:
    """What is wrong and ours, a line each."""
    take_picture(page, name)
    found = axe_violations(page, without=WAGTAILS_OWN)
    if (overflow := page.evaluate("document.documentElement.scrollWidth - window.innerWidth")) > 0:
        found.append(f"{overflow} pixels wider than the screen")
    found += [f"cut off by the screen: {element}" for element in page.evaluate(_CUT_OFF)]
    return [f"{name}: {fault}" for fault in found]
