"""What is asked of every screen, and the ways of looking at it: two languages, two widths, light and dark."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

WIDE, PHONE = {"width": 1280, "height": 900}, {"width": 360, "height": 740}


@dataclass(frozen=True, kw_only=True)
class Look:
    """Who looks at a screen: their language, their screen, and whether they like it dark."""

    language: str
    size: dict[str, int]
    dark: bool

    def __str__(self) -> str:
        return f"{self.language}-{self.size['width']}-{'dark' if self.dark else 'light'}"


LOOKS = (
    Look(language="nb", size=WIDE, dark=False),
    Look(language="en", size=WIDE, dark=True),
    Look(language="nb", size=PHONE, dark=True),
    Look(language="en", size=PHONE, dark=False),
)

_KEYBOARD = (Path(__file__).parent / "keyboard.js").read_text()

# What axe finds in Wagtail's own lists, and where.
WAGTAILS_OWN = {"aria-allowed-role": "how many a list has, over a list that is narrowed down"}


def check_page(page: Page, name: str) -> None:
    """No axe violation, nothing wider than the screen, one h1; and a picture where one is asked for."""
    take_picture(page, name)
    assert faults(page) == [], f"{name} at {page.url}"


def faults(page: Page) -> list[str]:
    """What is wrong with the page as it stands, a line each."""
    found = axe_violations(page)
    if (overflow := page.evaluate("document.documentElement.scrollWidth - window.innerWidth")) > 0:
        found.append(f"{overflow} pixels wider than the screen")
    if (headings := page.locator("h1").count()) != 1:
        found.append(f"{headings} h1")
    return found


def check_in_every_look(page: Page, name: str) -> None:
    """`check_page` in both languages and widths, light and dark, for a page that may be fetched again."""
    for look in LOOKS:
        page.context.add_cookies([{"name": "django_language", "value": look.language, "url": page.url}])
        page.set_viewport_size(look.size)  # type: ignore[arg-type]
        page.emulate_media(color_scheme="dark" if look.dark else "light")
        page.reload()
        check_page(page, f"{look}-{name}")
    page.context.clear_cookies(name="django_language")
    page.set_viewport_size(LOOKS[0].size)  # type: ignore[arg-type]
    page.emulate_media(color_scheme="light")
    page.reload()


def take_picture(page: Page, name: str) -> None:
    """HNM_SCREENSHOTS=folder keeps what the browser saw, to be looked at."""
    if folder := os.environ.get("HNM_SCREENSHOTS"):
        Path(folder).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=str(Path(folder) / f"{name}.png"), full_page=True)


def axe_violations(page: Page, *, without: dict[str, str] | None = None, within: Any = None) -> list[str]:
    """What axe finds wrong, a line each. `without` names rules that are not looked at."""
    rules = {rule: {"enabled": False} for rule in without or {}}
    results = Axe().run(page, context=within, options={"resultTypes": ["violations"], "rules": rules})
    return [
        f"{v['id']}: {v['help']} {[node['target'] for node in v['nodes']][:3]}" for v in results.response["violations"]
    ]


def keyboard_faults(page: Page) -> list[str]:
    """The Tab key gets to the skip link first and then to every control, each with a ring; else a line."""
    page.evaluate("document.activeElement.blur()")
    page.evaluate(_KEYBOARD)
    for _stop in range(page.evaluate("keyboard.count()") + 3):
        page.keyboard.press("Tab")
    found: list[str] = page.evaluate("keyboard.faults()")
    return found
