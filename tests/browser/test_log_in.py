"""Logging in: with a code, as one of a family that shares an address, with a second step, with a new password."""

import re

from playwright.sync_api import Page, expect

from tests.browser.conftest import Visitor
from tests.browser.looks import check_in_every_look
from tests.browser.outbox import count_mails, open_mail
from tests.browser.two_steps import switch_on_two_steps

FAMILY = "medlem@demo.example"  # Alice Aas and her daughter Astrid


def log_in_with_code(page: Page, reader: Page, email: str) -> None:
    """Ask for a code, read it in the mail, and write it."""
    before = count_mails(reader, "kode|Kode", to=email)
    page.context.clear_cookies()  # somebody new, also where a code was asked for before
    page.goto("/konto/login/")
    page.locator("#code_login").fill(email)
    page.locator("form:has(#code_login) button").click()
    page.wait_for_url("**/code/confirm/")
    open_mail(reader, "kode|Kode", to=email, after=before)
    code = reader.locator("main strong").first.inner_text()
    page.locator("input[name=code]").fill(code)
    page.locator("form:has(input[name=code]) button[type=submit]").first.click()
    page.wait_for_load_state()


def test_one_address_with_several_members_asks_who_it_is(visitor: Visitor) -> None:
    page = visitor()
    log_in_with_code(page, visitor(), FAMILY)
    expect(page).to_have_url(re.compile("/min-side/hvem/"))
    expect(page.locator(".chooser__title")).to_have_text(["Alice Aas", "Astrid Aas"])
    check_in_every_look(page, "who-are-you")
    page.locator(".chooser__item", has_text="Astrid Aas").click()
    expect(page.locator("h1")).to_contain_text("Astrid")
    expect(page.locator("main")).not_to_contain_text("Alice Aas")
    page.locator("main a[href*='/min-side/hvem/']").click()
    page.locator(".chooser__item", has_text="Alice Aas").click()
    expect(page.locator("h1")).to_contain_text("Alice")


def test_every_page_of_logging_in_with_a_second_step(visitor: Visitor) -> None:
    email = "anders@demo.example"
    page, reader = visitor(), visitor()
    page.goto("/konto/login/")
    page.locator("#code_login").fill(email)
    page.locator("form:has(#code_login) button").click()
    open_mail(reader, "kode|Kode", to=email)
    check_in_every_look(page, "log-in-code")
    log_in_with_code(page, reader, email)
    page.goto("/konto/2fa/totp/activate/")
    check_in_every_look(page, "two-steps-activate")
    switch_on_two_steps(page)
    for name, address in (("on", "/konto/2fa/"), ("codes", "/konto/2fa/recovery-codes/"),
                          ("more-codes", "/konto/2fa/recovery-codes/generate/"),
                          ("off", "/konto/2fa/totp/deactivate/")):  # fmt: skip
        page.goto(address)
        check_in_every_look(page, f"two-steps-{name}")

    page.context.clear_cookies()
    log_in_with_code(page, reader, email)
    expect(page).to_have_url(re.compile("/konto/2fa/authenticate/"))
    check_in_every_look(page, "two-steps-asked")


def test_a_new_password_by_mail(visitor: Visitor) -> None:
    email = "bjorn@demo.example"
    page, reader = visitor(), visitor()
    page.goto("/konto/password/reset/")
    page.locator("main form input:not([type=hidden])").first.fill(email)
    page.locator("main form button[type=submit]").first.click()
    page.wait_for_url("**/done/")
    open_mail(reader, "assord", to=email)
    page.goto(reader.locator("a[href*='/password/reset/key/']").first.get_attribute("href") or "")
    check_in_every_look(page, "password-new")
    page.locator("input[type=password]").nth(0).fill("rent-vann-i-elva")
    page.locator("input[type=password]").nth(1).fill("rent-vann-i-fjorden")
    page.locator("main form button[type=submit]").first.click()
    expect(page.locator(".error-summary")).to_be_focused()
    for field in page.locator("input[type=password]").all():
        field.fill("rent-vann-i-elva")
    page.locator("main form button[type=submit]").first.click()
    page.wait_for_url("**/key/done/")
