"""A real installation with its worker and demo data, and a real Chromium in front of it: what `make run` gives."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, expect, sync_playwright

from tools import chromium

ROOT = Path(__file__).resolve().parents[2]
READY = "Ctrl-C stops it."
WIDE, PHONE = {"width": 1280, "height": 900}, {"width": 360, "height": 740}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything in this folder drives a browser."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker("browser")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a freshly set-up site with its demo. One for all tests: each makes people of its own.

    HNM_SITE=http://127.0.0.1:8000 drives a site that runs already, while one works on a test.
    """
    if running := os.environ.get("HNM_SITE"):
        yield running
        return
    var = tmp_path_factory.mktemp("var")
    (var / "fonts").symlink_to(ROOT / "var" / "fonts")
    environment = {
        **{name: value for name, value in os.environ.items() if name not in {"DJANGO_SETTINGS_MODULE", "REDIS_URL"}},
        "HNM_VAR": str(var), "DATABASE_URL": f"sqlite:///{var / 'site.sqlite3'}", "PORT": str(_free_port()),
        "PYTHONUNBUFFERED": "1",
    }  # fmt: skip
    log = (var / "run.log").open("w+")
    process = subprocess.Popen(
        [sys.executable, "-m", "tools.run"], cwd=ROOT, env=environment, stdout=log, stderr=subprocess.STDOUT,
        stdin=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        while READY not in (said := (var / "run.log").read_text()):
            if process.poll() is not None:
                pytest.fail(f"The site did not start:\n{said}")
            time.sleep(0.2)
        yield said.partition("The site is at ")[2].split()[0].rstrip("/")
    finally:
        process.terminate()
        process.wait(timeout=60)
        log.close()


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as running:
        yield running


@pytest.fixture(scope="session")
def browser(playwright: Playwright) -> Iterator[Browser]:
    path = chromium.find()
    if path is None:
        pytest.fail(f"There is no Chromium: {chromium.HOW_TO_GET}")
    arguments = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
    running = playwright.chromium.launch(executable_path=path, args=arguments)
    yield running
    running.close()


type Visitor = Callable[..., Page]


@pytest.fixture
def visitor(browser: Browser, site: str) -> Iterator[Visitor]:
    """Open the site as somebody new: own cookies, a language, a width. A page that logs an error fails the test."""
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def open_site(
        *, language: str = "nb", size: dict[str, int] = WIDE, dark: bool = False, script: bool = True
    ) -> Page:
        context = browser.new_context(
            base_url=site, locale={"nb": "nb-NO", "en": "en-GB"}[language], viewport=size,  # type: ignore[arg-type]
            color_scheme="dark" if dark else "light", java_script_enabled=script,
        )  # fmt: skip
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(20_000)
        page.on("pageerror", lambda error: complaints.append(f"{page.url}: {error}"))
        page.on("console", lambda message: message.type == "error" and complaints.append(f"{page.url}: {message.text}"))
        return page

    yield open_site
    for context in contexts:
        context.close()
    # Wagtail's editor saves while one writes, and the server says no until the page has all it needs.
    assert [line for line in complaints if "/admin/" not in line] == []


def log_in(page: Page, name: str, password: str = "demo-2026") -> None:
    """Log in with a password, as the demo's people do."""
    page.goto("/konto/login/")
    page.locator("details:has(#id_login) > summary").click()
    page.locator("#id_login").fill(name)
    page.locator("input[name=password]").fill(password)
    page.locator("form:has(input[name=password]) button[type=submit]").first.click()
    page.wait_for_url(lambda address: "/login" not in address)


def check_page(page: Page, name: str) -> None:
    """No axe violation, nothing wider than the screen, one h1, a language; and a picture where one is asked for.

    HNM_SCREENSHOTS=folder keeps what the browser saw, to be looked at.
    """
    if folder := os.environ.get("HNM_SCREENSHOTS"):
        Path(folder).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=str(Path(folder) / f"{name}.png"), full_page=True)
    results = Axe().run(page, options={"resultTypes": ["violations"]})
    violations = [
        f"{v['id']}: {v['help']} {[node['target'] for node in v['nodes']][:3]}" for v in results.response["violations"]
    ]
    assert violations == [], f"{name} at {page.url}"
    overflow = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert overflow <= 0, f"{name} is {overflow} pixels wider than the screen"
    expect(page.locator("h1")).to_have_count(1)
