"""The treasurer's day by keyboard: a hundred payments typed, the bank's file, its queue, and then the reminders."""

import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Visitor, log_in
from tests.browser.installations import call, running_site
from tests.browser.looks import LOOKS, WAGTAILS_OWN, axe_violations, take_picture
from tests.browser.outbox import count_mails
from tests.browser.test_bank import press_tab_until
from tests.payments.banks.writers import ocr, paid

ENGLISH = next(look for look in LOOKS if look.language == "en")
PAYMENTS = 100
LATE = 12
LATE_AND_PAID = 10


@dataclass(frozen=True, kw_only=True)
class Treasury:
    """An installation with unpaid invoices: where it answers, and the folder it keeps everything in."""

    address: str
    var: Path

    def issue(self, count: int, *, days_ago: int, surname: str) -> list[tuple[str, str]]:
        """So many unpaid invoices: number and KID of each."""
        printed = call(self.var, f"from tests.browser import dues; dues.issue({count}, {days_ago}, {surname!r})")
        return re.findall(r"^(\d+) (\d+)$", printed, re.MULTILINE)


@pytest.fixture(scope="module")
def treasury(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Treasury]:
    var = tmp_path_factory.mktemp("treasury")
    with running_site(var) as address:
        yield Treasury(address=address, var=var)


def test_a_hundred_payments_by_keyboard(visitor: Visitor, treasury: Treasury) -> None:
    """Each with what stands on the bank's list: a KID, an invoice number or a name. Enter, Enter, next."""
    invoices = treasury.issue(PAYMENTS, days_ago=3, surname="Tastatur")
    page = visitor(ENGLISH, at=treasury.address)
    log_in(page, "kasserer")
    page.goto("/admin/treasury/register/")
    for place, (number, kid) in enumerate(invoices, 1):
        expect(page.locator("#id_q")).to_be_focused()
        page.keyboard.type((kid, number, f"Tastatur{place:03}")[place % 3])
        page.keyboard.press("Enter")
        page.locator("#the-invoice, main [type=radio]").first.wait_for()
        if page.locator("main [type=radio]").count():  # somebody's member number, too: the likelier is chosen already
            page.keyboard.press("Enter")
        expect(page.locator("#the-invoice")).to_have_text(f"Kari Tastatur{place:03}")
        expect(page.locator("#id_amount")).to_be_focused()
        page.keyboard.press("Enter")
    expect(page.locator(".pay-today tbody tr")).to_have_count(PAYMENTS)
    expect(page.locator(".pay-today__total")).to_contain_text("40,000")
    page.reload()  # without Wagtail's green word of the last one, which may still be fading in
    take_picture(page, "hundred-payments")
    assert not axe_violations(page, without={})
    page.goto("/admin/treasury/due/?q=Tastatur")
    expect(page.locator("main")).not_to_contain_text("Tastatur")
    call(treasury.var, "from django.core.management import call_command; call_command('ledger_check')")


def test_the_banks_file_its_queue_and_then_the_reminders(visitor: Visitor, treasury: Treasury) -> None:
    """Nobody is reminded before the bank is known and its money has found its invoices; then only who has not paid."""
    invoices = treasury.issue(LATE, days_ago=40, surname="Purring")
    page = visitor(ENGLISH, at=treasury.address)
    log_in(page, "kasserer")
    page.goto("/admin/treasury/reminders/")
    expect(page.locator("main")).to_contain_text("Read in a newer bank file")
    expect(page.locator("#id_count")).to_have_count(0)
    take_picture(page, "reminders-wait")

    unknown = f"Ukjent {random.randrange(10**9)}"
    today = call(treasury.var, "from django.utils import timezone; print(timezone.localdate())").split()[-1]
    payments = [paid("400", kid, on=date.fromisoformat(today)) for _number, kid in invoices[:LATE_AND_PAID]]
    payments.append(paid("123", kind=21, text=unknown, on=date.fromisoformat(today)))
    page.goto("/admin/treasury/bank/")
    page.locator("#id_file").set_input_files({"name": "ocr.txt", "mimeType": "text/plain", "buffer": ocr(payments)})
    press_tab_until(page, "#id_account")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name=re.compile("^Book kr"))).to_be_focused()
    page.keyboard.press("Enter")
    match = page.get_by_role("link", name="Match 1 line")
    expect(match).to_be_visible(timeout=120_000)

    page.goto("/admin/treasury/reminders/")
    expect(page.locator("main")).to_contain_text(re.compile("come in that we do not know whose"))
    page.goto("/admin/treasury/unmatched/")
    waiting = page.locator("section[aria-labelledby=waiting] tbody a")
    expect(waiting.filter(has_text=unknown)).to_have_count(1)
    for left in range(waiting.count(), 0, -1):  # the demo may have left some, too
        expect(waiting).to_have_count(left)
        waiting.first.focus()
        page.keyboard.press("Enter")
        expect(page.locator("#the-line")).to_be_visible()
        press_tab_until(page, "#id_reason")
        page.keyboard.type("Not ours")
        page.keyboard.press("Enter")
    expect(waiting).to_have_count(0)

    page.goto("/admin/treasury/reminders/?q=Purring")
    expect(page.locator("tbody tr").filter(has_text="Purring")).to_have_count(LATE - LATE_AND_PAID)
    take_picture(page, "reminders-ready")
    assert not axe_violations(page, without=WAGTAILS_OWN)
    _send_all(page)
    for place in range(LATE_AND_PAID + 1, LATE + 1):
        assert count_mails(page, "", to=f"purring{place:03}@example.no") > 0


def _send_all(page: Page) -> None:
    """Type how many, as the page says, and wait until they are sent."""
    label = page.locator("label[for=id_count]").inner_text()
    count = re.search(r"\d+", label)
    assert count
    press_tab_until(page, "#id_count")
    page.keyboard.type(count[0])
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_contain_text("done", timeout=120_000)
    take_picture(page, "reminders-sent")
