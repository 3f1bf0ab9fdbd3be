"""A date that cannot be read is said to be wrong; the calendar does not make another of it."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Visitor, log_in


@pytest.mark.parametrize("typed", ["31.02.2027", "1. januar", "tull"])
def test_what_is_no_date_stays_as_it_was_typed(visitor: Visitor, typed: str) -> None:
    page = visitor()
    log_in(page, "kasserer")
    page.goto("/admin/treasury/runs/")
    day = page.locator("#id_begins_by")
    day.click()
    day.fill(typed)
    day.press("Tab")
    expect(day).to_have_value(typed)
    page.locator("main form button").first.press("Enter")
    expect(page.locator("main")).to_contain_text("Oppgi en gyldig dato")
    expect(day).to_have_value(typed)


def test_a_date_is_put_in_order(visitor: Visitor) -> None:
    page = visitor()
    log_in(page, "kasserer")
    page.goto("/admin/treasury/runs/")
    day = page.locator("#id_begins_by")
    day.click()
    day.fill("1.1.2027")
    day.press("Tab")
    expect(day).to_have_value("01.01.2027")
