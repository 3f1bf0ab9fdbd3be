"""A website with a joining page, and a visitor who walks through the form."""

import dataclasses
import re
from typing import Any

from django.conf import settings
from django.test import Client
from wagtail.models import Locale, Page, Site

from config import client as client_snippet
from home.models import HomePage
from membership import set_up
from membership.models import JoinPage
from messaging.models import Message
from tests.makers import NOW

ALICE = {"first_names": "Alice", "last_name": "Ås", "born_on": "17.05.1980", "email": "alice@example.no", "mobile": ""}
ADDRESS = {"address_line_1": "Fjordgata 1", "address_line_2": "", "postcode": "7010", "place": "", "country": "NO"}


def make_join_page(**fields: Any) -> JoinPage:
    """A joining page at /bli-medlem/, on a site of its own; types and consent texts of the client are set up."""
    set_up.set_up(client=settings.CLIENT, at=NOW)
    Locale.objects.get_or_create(language_code=settings.LANGUAGE_CODE)
    root = Page.objects.filter(depth=1).first() or Page.add_root(title="Root", slug="root")
    home = root.add_child(instance=HomePage(title="Hjem", slug="hjem"))
    Site.objects.all().delete()
    Site.objects.create(hostname="testserver", root_page=home, is_default_site=True)
    return Page.objects.get(pk=home.pk).add_child(instance=JoinPage(title="Bli medlem", slug="bli-medlem", **fields))


def use_client(settings: Any, name: str, **membership: Any) -> None:
    """Be another client for a test, with changes to its membership settings."""
    client = client_snippet.read(name)
    changed = dataclasses.replace(client.membership, **membership)
    settings.CLIENT = dataclasses.replace(client, membership=changed)


class Visitor:
    """Walks through the form with a browser's client. Each step returns the page that comes next."""

    def __init__(self, address: str = "/bli-medlem/", **client: Any) -> None:
        self.client, self.address = Client(**client), address

    def get(self, step: str = "", **query: Any) -> Any:
        return self.client.get(self.address, {**({"step": step} if step else {}), **query})

    def post(self, step: str = "", data: dict[str, Any] | None = None, **query: Any) -> Any:
        parameters = {**({"step": step} if step else {}), **query}
        return self.client.post(self.address, data or {}, query_params=parameters, follow=True)

    def choose(self, code: str) -> Any:
        return self.post(data={"type": code})

    def add(self, **person: str) -> Any:
        return self.post("person", {"first_names": "", "last_name": "", "born_on": "", "email": "", **person})

    def live_at(self, **address: str) -> Any:
        return self.post("address", {**ADDRESS, **address})

    def agree(self, *boxes: str) -> Any:
        return self.post("consents", dict.fromkeys(boxes or ("statutes_any", "privacy_any"), "on"))

    def send(self, **data: str) -> Any:
        page = self.get("check").content.decode()
        found = re.search(r'name="token" value="([^"]+)"', page)
        return self.post("check", {"token": found.group(1) if found else "", "website": "", **data})

    def reach_the_last_page(self, code: str = "E", **person: str) -> Any:
        """One person, everything filled in."""
        self.choose(code)
        self.add(**{**ALICE, **person})
        self.live_at()
        return self.agree()


def step_of(response: Any) -> str:
    """The step a followed answer ended on."""
    query = response.redirect_chain[-1][0] if response.redirect_chain else response.request["QUERY_STRING"]
    found = re.search(r"step=(\w+)", query)
    return found.group(1) if found else "type"


def sentences(response: Any) -> list[str]:
    """What the error summary says."""
    page = response.content.decode()
    summary = re.search(r'<div class="error-summary".*?</div>', page, re.DOTALL)
    return [" ".join(re.sub(r"<[^>]+>", "", item).split())
            for item in re.findall(r"<li>(.*?)</li>", summary.group(0) if summary else "", re.DOTALL)]  # fmt: skip


def without_secrets(response: Any) -> str:
    """The page without what is new in every answer: the token against foreign forms and the script's nonce."""
    page = response.content.decode()
    return re.sub(r'(name="csrfmiddlewaretoken" value|nonce)="[^"]*"', "", page)


def confirm_link(message: Message | None = None) -> str:
    """The path of the link in the newest confirmation mail."""
    message = message or Message.objects.filter(kind="confirmation").latest("pk")
    found = re.search(r"https?://[^/\s]+(/innmelding/\S+)", message.body_text)
    assert found, message.body_text
    return found.group(1)
