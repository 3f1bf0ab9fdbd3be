"""The outbox page, where a newcomer who runs the program reads what would have been sent."""

import re

from playwright.sync_api import Locator, Page


def count_mails(page: Page, subject: str, *, to: str) -> int:
    """How many mails with such a subject somebody has got."""
    page.goto("/outbox/")
    return _rows(page, subject, to).count()


def open_mail(page: Page, subject: str, *, to: str, after: int = 0) -> None:
    """Open the newest mail to somebody with such a subject; the worker may take a while to get there.

    `after` is how many there were before the one that is waited for.
    """
    row = _rows(page, subject, to)
    for _look in range(120):
        page.goto("/outbox/")
        if row.count() > after:
            break
        page.wait_for_timeout(1000)
    row.first.locator(".row__title a").click()
    page.wait_for_load_state()


def _rows(page: Page, subject: str, to: str) -> Locator:
    title = page.locator(".row__title", has_text=re.compile(subject))
    return page.locator(".row", has_text=to).filter(has=title)
