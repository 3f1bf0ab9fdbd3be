"""The office's own screens, wide and on a telephone, light and dark: what axe finds there and is ours to mend."""

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import Visitor, log_in
from tests.browser.looks import LOOKS, Look, axe_violations, take_picture

SCREENS = {
    "dashboard": "/admin/",
    "registry": "/admin/members/",
    "register-member": "/admin/members/new/",
    "export": "/admin/members/export/",
    "households": "/admin/households/",
    "applications": "/admin/applications/",
    "membership-types": "/admin/membership-types/",
    "consent-texts": "/admin/consent-texts/",
    "import": "/admin/import/",
    "members-on-a-date": "/admin/reports/members/",
    "joined-and-left": "/admin/reports/joined-and-left/",
    "who-stays": "/admin/reports/who-stays/",
    "invoices": "/admin/invoices/",
    "payments-due": "/admin/treasury/due/",
    "register-payments": "/admin/treasury/register/",
    "payments": "/admin/payments/",
    "messages": "/admin/messages/",
    "newsletters": "/admin/mailings/",
}
# One of each, reached from its list.
DETAILS = {
    "member": ("/admin/members/", "main tbody a[href^='/admin/members/']"),
    "household": ("/admin/households/", "main tbody a[href^='/admin/households/']"),
    "invoice": ("/admin/invoices/", "main tbody a[href^='/admin/invoices/']"),
    "message": ("/admin/messages/", "main tbody a[href^='/admin/messages/']"),
}

# What axe finds in Wagtail's own frame, whose templates are not ours.
WAGTAILS_OWN: dict[str, str] = {}


@pytest.mark.parametrize("look", [LOOKS[0], LOOKS[2]], ids=str)
def test_the_offices_screens(visitor: Visitor, look: Look) -> None:
    page = visitor(look)
    log_in(page, "administrator")
    found = []
    for name, address in SCREENS.items():
        page.goto(address)
        found += faults(page, f"{look}-office-{name}")
    for name, (address, link) in DETAILS.items():
        page.goto(address)
        page.goto(page.locator(link).first.get_attribute("href") or "")
        found += faults(page, f"{look}-office-{name}")
    assert not found, "\n".join(found)


def faults(page: Page, name: str) -> list[str]:
    """What is wrong and ours, a line each."""
    take_picture(page, name)
    return [f"{name}: {fault}" for fault in axe_violations(page, without=WAGTAILS_OWN)]
