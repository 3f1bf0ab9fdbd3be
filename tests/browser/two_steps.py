"""The second step of the log-in, done as an app for codes on a telephone does it."""

import base64
import hashlib
import hmac
import struct
import time

from playwright.sync_api import Page


def switch_on_two_steps(page: Page) -> None:
    """From the page that shows the key: give it to the app, and write the app's code."""
    page.locator("main .disclosure summary").click()
    secret = page.locator("main .disclosure code").inner_text()
    page.locator("input[name=code]").fill(one_time_code(secret))
    page.locator("main form button[type=submit]").first.click()
    page.wait_for_load_state()


def one_time_code(secret: str) -> str:
    """The six digits that an app on a telephone would show now (RFC 6238)."""
    digest = hmac.digest(base64.b32decode(secret), struct.pack(">Q", int(time.time()) // 30), hashlib.sha1)
    start = digest[-1] & 15
    return f"{(int.from_bytes(digest[start : start + 4], 'big') & 0x7FFFFFFF) % 1_000_000:06}"
