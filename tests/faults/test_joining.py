"""Faults 15 and 16: a joining form that is sent again, and one that is sent twenty times at once."""

import http.cookiejar
import re
import socket
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from invoicing.models import Invoice
from membership.models import Application, Household, Member, Period
from messaging.models import Message
from tests.faults.conftest import Site
from tests.membership.join_form.makers import confirm_link, make_join_page

TIMES = 20


@pytest.fixture
def address(site: Site) -> Iterator[str]:
    """A web server of its own process on this test's database, with a joining page."""
    make_join_page()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    site.start("runserver", f"127.0.0.1:{port}", "--noreload")
    address = f"http://127.0.0.1:{port}"
    for _attempt in range(200):
        try:
            urllib.request.urlopen(f"{address}/postnummer/?postcode=0150", timeout=5).close()
            break
        except urllib.error.URLError:
            time.sleep(0.1)
    yield address


class Browser:
    """A visitor's browser: keeps cookies, follows answers, sends the guard against foreign forms."""

    def __init__(self, address: str, cookies: str = "") -> None:
        self.address, self.cookies = address, http.cookiejar.CookieJar()
        self._open = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self.cookies))
        if cookies:
            self._open.addheaders = [("Cookie", cookies)]

    def cookie_header(self) -> str:
        return "; ".join(f"{cookie.name}={cookie.value}" for cookie in self.cookies)

    def get(self, path: str) -> str:
        with self._open.open(self.address + path, timeout=60) as answer:
            return answer.read().decode()

    def post(self, path: str, **data: str) -> str:
        body = urllib.parse.urlencode(data).encode()
        with self._open.open(self.address + path, body, timeout=60) as answer:
            return answer.geturl().removeprefix(self.address) + "\n" + answer.read().decode()


def hidden(page: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]+)"', page)
    assert found, page
    return found.group(1)


def fill_in(browser: Browser) -> dict[str, str]:
    """Walk to the last page as a family of three; return what its button sends."""
    form = "/bli-medlem/?step="
    guard = {"csrfmiddlewaretoken": hidden(browser.get("/bli-medlem/"), "csrfmiddlewaretoken")}
    browser.post("/bli-medlem/", type="FM", **guard)
    for name in ("Alice", "Bo", "Celine"):
        email = f"{name.lower()}@example.no"
        browser.post(f"{form}person", first_names=name, last_name="Ås", born_on="17.05.1980", email=email, **guard)
    browser.post(f"{form}people", **guard)
    browser.post(f"{form}address", address_line_1="Fjordgata 1", postcode="7010", country="NO", **guard)
    page = browser.post(f"{form}consents", statutes_any="on", privacy_any="on", **guard)
    return {**guard, "token": hidden(page, "token"), "kept": hidden(page, "kept"), "website": ""}


def at_once(browser: Browser, path: str, data: dict[str, str]) -> list[str]:
    """Twenty windows of one browser send the same at the same time: where each ended up."""
    cookies = browser.cookie_header()
    with ThreadPoolExecutor(TIMES) as pool:
        answers = [pool.submit(Browser(browser.address, cookies).post, path, **data) for _time in range(TIMES)]
    return [answer.result().partition("\n")[0] for answer in answers]


def test_the_form_sent_twenty_times_at_once_is_one_household_and_one_invoice(address: str) -> None:
    browser = Browser(address)
    data = fill_in(browser)
    time.sleep(3)  # faster than a person is refused, and this is about people
    assert set(at_once(browser, "/bli-medlem/?step=check", data)) == {
        f"/bli-medlem/?step=sent&reference={Application.objects.get().reference}"
    }
    assert Message.objects.filter(kind="confirmation").count() == 1

    link = confirm_link()
    guard = {"csrfmiddlewaretoken": hidden(browser.get(link), "csrfmiddlewaretoken")}
    assert set(at_once(browser, link, guard)) == {link}
    counts = [rows.objects.count() for rows in (Household, Member, Period, Invoice)]
    assert counts == [1, 3, 3, 1]
    assert Message.objects.filter(kind="welcome").count() == 3


def test_a_form_whose_answer_was_lost_is_sent_again(address: str) -> None:
    """The commit was made and the answer never came: the person presses the button again, even in a new session."""
    browser = Browser(address)
    data = fill_in(browser)
    cookies = browser.cookie_header()
    time.sleep(3)
    first = browser.post("/bli-medlem/?step=check", **data).partition("\n")[0]
    stranger = Browser(address)  # the session is gone too: only what the page carried is left
    guard = {"csrfmiddlewaretoken": hidden(stranger.get("/bli-medlem/"), "csrfmiddlewaretoken")}
    again = stranger.post("/bli-medlem/?step=check", **{**data, **guard}).partition("\n")[0]
    same = Browser(address, cookies).post("/bli-medlem/?step=check", **data).partition("\n")[0]
    assert first == again == same
    assert (Application.objects.count(), Message.objects.count()) == (1, 1)
