"""A company that owns a flat registers with a contact person, and the housing co-op's office says yes.

The site is in use, so the office first has to make its second step of the log-in.
"""

import re

from playwright.sync_api import Page, expect

from tests.browser.conftest import CoOp, Visitor, log_in
from tests.browser.installations import PASSWORD, newest_mail
from tests.browser.looks import LOOKS, check_page, take_picture
from tests.browser.two_steps import switch_on_two_steps

EMAIL = "post@trondheimeiendom.example"


def go_on(page: Page) -> None:
    page.locator("main form .button-row button").last.click()
    page.wait_for_load_state()


def test_an_organisation_joins_and_the_office_approves(visitor: Visitor, co_op: CoOp) -> None:
    company = visitor(LOOKS[3], at=co_op.address)
    company.goto("/")
    company.locator("main a[href$='/ny-eier/']").first.click()
    company.locator("input[value=FIRMA]").check()
    go_on(company)
    go_on(company)
    expect(company.locator(".error-summary")).to_be_focused()
    expect(company.locator(".error-summary li")).to_have_count(3)
    check_page(company, "organisation-errors")
    company.locator("#id_last_name").fill("Trondheim Eiendom AS")
    company.locator("#id_organisation_number").fill("988 077 917")
    company.locator("#id_contact_person").fill("Kari Kontakt")
    company.locator("#id_email").fill(EMAIL)
    go_on(company)
    check_page(company, "organisation-consents")
    for box in company.locator("input[type=checkbox]").all():
        box.check()
    go_on(company)
    expect(company.locator("main")).to_contain_text("Kari Kontakt")
    check_page(company, "organisation-check")
    company.wait_for_timeout(3_000)  # who answers faster is a machine
    go_on(company)
    check_page(company, "organisation-sent")
    reference = company.locator(".confirmation strong").first.inner_text()

    words = newest_mail(co_op.var, to=EMAIL).get_body(("plain",))
    link = re.search(r"https?://\S+/innmelding/\S+", words.get_content() if words else "")
    assert link is not None
    company.goto(link[0])
    check_page(company, "organisation-confirm")
    go_on(company)
    check_page(company, "organisation-awaiting")

    office = visitor(at=co_op.address)
    log_in(office, "administrator")
    office.goto("/admin/")
    check_page(office, "office-asks-for-two-steps")
    office.locator("main input[name=password]").fill(PASSWORD)
    office.locator("main form button[type=submit]").first.click()
    switch_on_two_steps(office)
    office.goto("/admin/applications/")
    take_picture(office, "applications")
    office.locator("main a", has_text="Trondheim Eiendom AS").first.click()
    expect(office.locator(".office-head")).to_contain_text(reference)
    office.locator("form[action$='/approve/'] button").click()
    office.locator(".office-head a[href*='/admin/members/']").click()
    expect(office.locator("main")).to_contain_text("Kari Kontakt")
    expect(office.locator("main")).to_contain_text("988077917")

    welcome = newest_mail(co_op.var, to=EMAIL)
    assert "Trondheim Eiendom AS" in str(welcome.get_body(("plain",)))
