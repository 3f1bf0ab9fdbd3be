"""Every public, member and sign-in page, in both languages and widths, light and dark.

axe finds nothing, nothing is wider than the screen, the Tab key reaches everything with a ring that is seen, and the
browser has nothing to complain of.
"""

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import CoOp, Visitor, log_in
from tests.browser.looks import LOOKS, Look, check_page, faults, keyboard_faults, take_picture

in_every_look = pytest.mark.parametrize("look", LOOKS, ids=str)

# name: address and the answer's status. What a page of the joining form or the log-in leads to is in the walks.
PUBLIC = {
    "front-page": ("/", 200),
    "standard-page": ("/om-oss/", 200),
    "news": ("/nyheter/", 200),
    "article": ("/nyheter/fem-tonn-soppel-pa-en-lordag/", 200),
    "newsletters": ("/nyhetsbrev/", 200),
    "privacy": ("/personvern/", 200),
    "contact": ("/kontakt/", 200),
    "join": ("/bli-medlem/", 200),
    "search": ("/sok/", 200),
    "search-found": ("/sok/?q=elv", 200),
    "search-nothing": ("/sok/?q=xyzzy", 200),
    "unsubscribe-old-link": ("/nyhetsbrev/avmelding/x/", 400),
    "join-old-link": ("/innmelding/x/", 410),
    "log-in-old-link": ("/innlogging/x/", 410),
}
SIGN_IN = {
    "log-in": ("/konto/login/", 200),
    "no-sign-up": ("/konto/signup/", 200),
    "password-reset": ("/konto/password/reset/", 200),
    "password-reset-sent": ("/konto/password/reset/done/", 200),
    "password-reset-old-link": ("/konto/password/reset/key/1-abc/", 200),
    "password-reset-finished": ("/konto/password/reset/key/done/", 200),
    "log-in-closed": ("/konto/inactive/", 200),
    "members-only": ("/for-medlemmer/", 200),
}
MEMBER = {
    "my-page": ("/min-side/", 200),
    "my-memberships": ("/min-side/medlemskap/", 200),
    "my-invoices": ("/min-side/fakturaer/", 200),
    "my-payments": ("/min-side/betalinger/", 200),
    "my-household": ("/min-side/husstand/", 200),
    "my-details": ("/min-side/opplysninger/", 200),
    "my-consents": ("/min-side/samtykker/", 200),
    "my-log-in": ("/min-side/innlogging/", 200),
    "my-leaving": ("/min-side/utmelding/", 200),
    "my-chooser": ("/min-side/hvem/", 200),
    "for-members": ("/for-medlemmer/", 200),
    "password-change": ("/konto/password/change/", 200),
    "email-change": ("/konto/email/", 200),
    "two-steps": ("/konto/2fa/", 200),
    "two-steps-activate": ("/konto/2fa/totp/activate/", 200),
    "log-in-again": ("/konto/reauthenticate/", 200),
    "log-out": ("/konto/logout/", 200),
}


def look_at(page: Page, look: Look, screens: dict[str, tuple[str, int]]) -> None:
    """Open each and ask of it what is asked of every screen; then tell all that is wrong."""
    found = []
    for name, (address, status) in screens.items():
        answer = page.goto(address)
        assert answer is not None and answer.status == status, f"{name} at {address}"
        policy = answer.headers["content-security-policy"]
        assert "script-src 'self'" in policy and "unsafe" not in policy
        assert page.locator("html").get_attribute("lang") == look.language
        take_picture(page, f"{look}-{name}")
        found += [f"{name}: {fault}" for fault in faults(page)]
        if look.language == "nb":  # what the Tab key does is the same in every language
            found += [f"{name}: {fault}" for fault in keyboard_faults(page)]
    assert not found, "\n".join(found)


@in_every_look
def test_public_pages(visitor: Visitor, look: Look) -> None:
    look_at(visitor(look), look, PUBLIC)


@in_every_look
def test_sign_in_pages(visitor: Visitor, look: Look) -> None:
    look_at(visitor(look), look, SIGN_IN)


@in_every_look
def test_member_pages(visitor: Visitor, look: Look) -> None:
    page = visitor(look)
    log_in(page, "medlem")
    page.locator(".chooser__item").first.click()
    look_at(page, look, MEMBER)


@in_every_look
def test_the_pages_of_a_site_in_use(visitor: Visitor, co_op: CoOp, look: Look) -> None:
    """Also where the name is long and nothing can be found."""
    pages = {"front-page": ("/", 200), "join": ("/ny-eier/", 200), "not-found": ("/finnes-ikke/", 404)}
    look_at(visitor(look, at=co_op.address), look, {f"co-op-{name}": page for name, page in pages.items()})


@in_every_look
def test_the_menu_of_a_phone_works_by_keyboard(visitor: Visitor, look: Look) -> None:
    page = visitor(look)
    page.goto("/")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main", "the skip link leads past the menu"
    if page.locator(".drawer > summary").is_visible():
        page.locator(".drawer > summary").press("Enter")
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.closest('.drawer__panel') !== null"), "the open menu comes next"
        check_page(page, f"{look}-menu-open")
