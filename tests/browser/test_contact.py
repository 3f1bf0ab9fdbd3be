"""A visitor writes to the association, and the association gets it."""

from playwright.sync_api import expect

from tests.browser.conftest import Visitor
from tests.browser.looks import check_page
from tests.browser.outbox import open_mail


def test_the_contact_form_is_sent(visitor: Visitor) -> None:
    page = visitor()
    page.goto("/kontakt/")
    page.locator("main form .button-row button").click()
    expect(page.locator(".error-summary")).to_be_focused()
    check_page(page, "contact-errors")
    page.locator("#id_name").fill("Nora Naust")
    page.locator("#id_email").fill("nora.naust@example.no")
    page.locator("#id_message").fill("Det ligger en båt på land ved Leirelva.\nHvem eier den?")
    page.wait_for_timeout(3_000)  # who answers faster is a machine
    page.locator("main form .button-row button").click()
    expect(page.locator(".banner--success")).to_be_visible()
    check_page(page, "contact-sent")

    office = visitor()
    open_mail(office, "Nora Naust", to="post@vvnf.example")
    expect(office.locator("main")).to_contain_text("Det ligger en båt på land ved Leirelva.")
