"""The outbox page, where a newcomer who runs the program reads what would have been sent."""

import re

from playwright.sync_api import Page


def open_mail(page: Page, subject: str, *, to: str) -> None:
    """Open the newest mail to somebody with such a subject; the worker may take a while to get there."""
    row = page.locator(".row", has_text=to).filter(has=page.locator(".row__title", has_text=re.compile(subject)))
    for _look in range(120):
        page.goto("/outbox/")
        if row.count():
            break
        page.wait_for_timeout(1000)
    row.first.locator(".row__title a").click()
    page.wait_for_load_state()
