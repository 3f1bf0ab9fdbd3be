"""The pages a new website starts with: words from TOML files, pictures drawn in the association's colour."""

import tomllib
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Self

from django.core.files.base import ContentFile
from django.utils.text import slugify
from wagtail.images import get_image_model
from wagtail.images.models import AbstractImage
from wagtail.models import Page
from wagtail.rich_text import RichText

from core.results import Result
from home.models import ContactPage, HomePage, StandardPage
from home.pictures import landscape
from membership.models import JoinPage
from newsletter.models import ArticlePage, NewsIndexPage

_FOLDER = Path(__file__).resolve().parent


class Words(dict[str, Any]):
    """The words of the starting pages, with {name}, {email} and {tagline} filled in."""

    @classmethod
    def read(cls, client: Any, *, folder: Path) -> Self:
        """The client's own `pages.toml`, or the standard words in the client's language."""
        own = folder / "pages.toml"
        path = own if own.is_file() else _FOLDER / f"{client.site.language}.toml"
        text = path.read_text(encoding="utf-8")
        tagline = client.site.tagline.get(client.site.language, "")
        for mark, value in (
            ("{name}", client.organisation.name),
            ("{email}", client.organisation.email),
            ("{tagline}", tagline),
        ):
            text = text.replace(mark, value.replace("\\", "\\\\").replace('"', '\\"'))
        return cls(tomllib.loads(text))


def write_pages(root: Page, *, words: Words, client: Any, at: datetime, result: Result) -> HomePage:
    """Write and publish the front page and what belongs below it; return the front page."""
    writer = Writer(client=client, at=at, result=result)
    given = words["home"]
    home = HomePage(
        title=given["title"],
        slug="forside",
        heading=given["heading"],
        lead=given["lead"],
        button=given["button"],
        news_heading=given["news_heading"],
        image=writer.picture(given),
    )
    writer.publish(home, below=root)
    about, members = (
        StandardPage(title=w["title"], slug=w["slug"], lead=w["lead"], image=writer.picture(w), show_in_menus=True)
        for w in (words["about"], words["members"])
    )
    news, newsletters = (
        NewsIndexPage(title=w["title"], slug=w["slug"], introduction=w["introduction"], show_in_menus=True)
        for w in (words["news"], words["newsletters"])
    )
    join, contact = words["join"], words["contact"]
    join_page = JoinPage(title=join["title"], slug=join["slug"], introduction=join["introduction"],
                         confirmation=join.get("confirmation", ""))  # fmt: skip
    contact_page = ContactPage(title=contact["title"], slug=contact["slug"], introduction=contact["introduction"],
                               people=_people(contact), show_in_menus=True)  # fmt: skip
    private = words["privacy"]
    privacy = StandardPage(title=private["title"], slug=private["slug"], lead=private["lead"], show_in_footer=True)
    for page in (about, news, newsletters, members, contact_page, join_page, privacy):
        writer.publish(page, below=home)
    links = {"join": join_page, "about": about, "contact": contact_page}
    about.body, members.body = _body(words["about"], links), _body(words["members"], links)
    home.body, home.news = _front(given, links), news
    privacy.body = _body(private, links)
    for page in (about, members, privacy, home):
        page.save()
    for article in words.get("articles", []):
        writer.publish_article(article, below=news, links=links)
    return home


class Writer:
    """Publishes pages and draws pictures, and counts them."""

    def __init__(self, *, client: Any, at: datetime, result: Result) -> None:
        self.client, self.at, self.result = client, at, result

    def publish(self, page: Page, *, below: Page) -> None:
        """Add a page as published. Its first revision is the editors' first change."""
        page.live, page.first_published_at, page.last_published_at = True, self.at, self.at
        below.add_child(instance=page)
        self.result.add("pages", f"page: {page.title}")

    def publish_article(self, words: dict[str, Any], *, below: Page, links: dict[str, Page]) -> None:
        article = ArticlePage(
            title=words["title"], slug=_slug(words["title"]), teaser=words["teaser"], authors=words.get("authors", ""),
            published_on=(self.at - timedelta(days=words.get("days_ago", 0))).date(), image=self.picture(words),
            body=_body(words, links),
        )  # fmt: skip
        self.publish(article, below=below)

    def picture(self, words: dict[str, Any]) -> AbstractImage | None:
        """The landscape with the number that the words ask for, drawn and stored."""
        if "picture" not in words:
            return None
        name = f"landscape-{words['picture']}"
        file = ContentFile(landscape(words["picture"], accent=self.client.site.accent), name=f"{name}.jpg")
        self.result.add("pictures")
        image: AbstractImage = get_image_model().objects.create(title=name, file=file)
        return image


def _slug(title: str) -> str:
    """A short address in plain letters: æ, ø and å stand as ae, o and a, so that it survives every mail program."""
    return slugify(title.lower().replace("æ", "ae").replace("ø", "o").replace("å", "a"))


def _front(words: dict[str, Any], links: dict[str, Page]) -> list[tuple[str, Any]]:
    features = [{**feature, "page": None} for feature in words.get("features", [])]
    return [("features", features), *_body(words, links)]


def _people(words: dict[str, Any]) -> list[tuple[str, Any]]:
    blocks: list[tuple[str, Any]] = []
    for group in words.get("people", []):
        blocks += [
            ("heading", group["heading"]),
            ("people", [{"phone": "", "image": None, **p} for p in group["people"]]),
        ]
    return blocks


def _body(words: dict[str, Any], links: dict[str, Page]) -> list[tuple[str, Any]]:
    """The blocks of a body, as StreamField takes them."""
    return [(block["type"], _value(block, links)) for block in words.get("body", [])]


def _value(block: dict[str, Any], links: dict[str, Page]) -> Any:
    kind = block["type"]
    if kind == "paragraph":
        return RichText(block["value"])
    if kind == "accordion":
        return [{**item, "answer": RichText(item["answer"])} for item in block["value"]]
    if kind == "table":
        return _table(block)
    if kind == "call_to_action":
        return {
            **{key: block[key] for key in ("heading", "text", "button")},
            "page": links[block["page"]],
            "address": "",
        }
    if kind == "quote":
        return {"text": block["text"], "source": block.get("source", "")}
    return block["value"]


def _table(block: dict[str, Any]) -> Any:
    """A table of texts from its headings and rows."""
    columns = [{"type": "text", "heading": heading} for heading in block["columns"]]
    rows = [{"values": row} for row in block["rows"]]
    raw = {"columns": columns, "rows": rows, "caption": block["caption"]}
    field = StandardPage._meta.get_field("body")
    return field.stream_block.child_blocks["table"].to_python(raw)
