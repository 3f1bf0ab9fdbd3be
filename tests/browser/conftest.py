"""Real installations with their workers, and a real Chromium in front of them: what `make run` gives."""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Playwright, sync_playwright

from tests.browser.installations import PASSWORD, make_administrator, running_site
from tests.browser.looks import LOOKS, Look
from tools import chromium


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything in this folder drives a browser."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker("browser")


@dataclass(frozen=True, kw_only=True)
class Demo:
    """The site with the demo: where it answers, and the folder it keeps everything in."""

    address: str
    var: Path


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """A freshly set-up site with its demo. One for all tests: each makes people of its own.

    HNM_SITE=http://127.0.0.1:8000 drives a site that runs already, while one works on a test, and HNM_VAR says where.
    """
    if running := os.environ.get("HNM_SITE"):
        yield Demo(address=running, var=Path(os.environ["HNM_VAR"]))
        return
    var = tmp_path_factory.mktemp("var")
    with running_site(var) as address:
        yield Demo(address=address, var=var)


@pytest.fixture(scope="session")
def site(demo: Demo) -> str:
    """The address of the site with the demo."""
    return demo.address


@dataclass(frozen=True, kw_only=True)
class CoOp:
    """The other installation: where it answers, and the folder it keeps its mail in."""

    address: str
    var: Path


@pytest.fixture(scope="session")
def co_op(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CoOp]:
    """A housing co-op of `co_op_settings`, with an administrator and no demo."""
    var = tmp_path_factory.mktemp("co-op")
    chosen = {"HNM_CLIENT": "gronland61", "DJANGO_SETTINGS_MODULE": "tests.browser.co_op_settings"}
    with running_site(var, **chosen) as address:
        make_administrator(var, "administrator", **chosen)
        yield CoOp(address=address, var=var)


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
def visitor(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Visitor]:
    """Open the site as somebody new: own cookies, a language, a width. A page that logs an error fails the test.

    What the content security policy refuses is such an error. `at` is another site's address than the demo's.
    """
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def open_site(look: Look = LOOKS[0], *, at: str = "", script: bool = True) -> Page:
        context = browser.new_context(
            base_url=at or request.getfixturevalue("site"), locale={"nb": "nb-NO", "en": "en-GB"}[look.language],
            viewport=look.size, color_scheme="dark" if look.dark else "light",  # type: ignore[arg-type]
            java_script_enabled=script, reduced_motion="reduce",
        )  # fmt: skip
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(20_000)
        page.on("pageerror", lambda error: complaints.append(f"{page.url}: {error}"))
        page.on(
            "console", lambda message: _is_error(page, message) and complaints.append(f"{page.url}: {message.text}")
        )
        return page

    yield open_site
    for context in contexts:
        context.close()
    # Wagtail's editor saves while one writes, and the server says no until the page has all it needs.
    assert [line for line in complaints if "/admin/pages/" not in line] == []


def _is_error(page: Page, message: ConsoleMessage) -> bool:
    """Whether the browser complains of something inside the page. That the page itself is a refusal (404, 410) is for
    the test to judge."""
    of_the_page = message.location.get("url") == page.url and message.text.startswith("Failed to load resource")
    return message.type == "error" and not of_the_page


def log_in(page: Page, name: str, password: str = PASSWORD) -> None:
    """Log in with a password, as the demo's people do."""
    page.goto("/konto/login/")
    page.locator("details:has(#id_login) > summary").click()
    page.locator("#id_login").fill(name)
    page.locator("input[name=password]").fill(password)
    page.locator("form:has(input[name=password]) button[type=submit]").first.click()
    page.wait_for_url(lambda address: "/login" not in address)
