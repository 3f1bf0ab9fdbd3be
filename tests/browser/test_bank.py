"""The treasurer's bank file, by keyboard only but for choosing the file: brought, booked, and its queue cleared."""

import random

from playwright.sync_api import Page, expect

from tests.browser.conftest import Visitor, log_in
from tests.browser.looks import LOOKS, axe_violations, take_picture
from tests.payments.banks.writers import ocr, paid

ENGLISH = next(look for look in LOOKS if look.language == "en")
LINES = 5
MOST_TABS = 60


def test_a_bank_file_is_booked_and_its_queue_cleared(visitor: Visitor) -> None:
    page = visitor(ENGLISH)
    log_in(page, "kasserer")
    page.goto("/admin/treasury/bank/")
    text = f"Ukjent {random.randrange(10**9)}"
    payments = [paid(f"{100 + number}", kind=21, text=text) for number in range(LINES)]
    data = ocr(payments, transmission=random.randrange(10**7))
    page.locator("#id_file").set_input_files({"name": "ocr.txt", "mimeType": "text/plain", "buffer": data})
    press_tab_until(page, "#id_account")
    page.keyboard.press("Enter")

    expect(page.locator("main")).to_contain_text("the file's own totals")
    expect(page.get_by_role("button", name="Book kr 510")).to_be_focused()
    page.keyboard.press("Enter")
    match = page.get_by_role("link", name=f"Match {LINES} lines")
    expect(match).to_be_visible(timeout=120_000)
    take_picture(page, "bank-file")
    assert not axe_violations(page, without={})
    match.focus()
    page.keyboard.press("Enter")

    expect(page.locator("#the-line")).to_be_visible()
    take_picture(page, "bank-queue")
    assert not axe_violations(page, without={})
    waiting = page.locator("section[aria-labelledby=waiting] tbody a").filter(has_text=text)
    for left in range(LINES, 0, -1):
        expect(waiting).to_have_count(left)
        waiting.first.focus()
        page.keyboard.press("Enter")
        expect(page.locator("#the-line")).to_have_text(text)
        press_tab_until(page, "#id_reason")
        page.keyboard.type("Not ours")
        page.keyboard.press("Enter")
    expect(waiting).to_have_count(0)
    decided = page.locator("section[aria-labelledby=decided] tbody tr").filter(has_text=text)
    expect(decided).to_have_count(LINES)
    decided.first.get_by_role("button").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#the-line")).to_have_text(text)


def press_tab_until(page: Page, selector: str) -> None:
    """Go there as somebody without a mouse does."""
    for _press in range(MOST_TABS):
        if page.locator(f"{selector}:focus").count():
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"{selector} is not reached by Tab.")
