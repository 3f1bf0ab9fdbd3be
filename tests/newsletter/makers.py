"""People who want newsletters, and those who do not."""

from datetime import timedelta
from typing import Any

from wagtail.models import Site

from home import set_up
from home.models import HomePage
from membership import consents
from membership.models import Member
from newsletter.models import NewsIndexPage
from tests import makers
from tests.home.makers import NOW, TODAY, make_newsletter, publish

__all__ = ["NOW", "TODAY", "agree", "make_newsletter", "make_reader", "make_website", "withdraw"]


def make_website() -> None:
    """A front page and a page for newsletters: the least that can send one."""
    makers.set_up_client()
    root = set_up.root()
    home = publish(HomePage(title="Vennene av vannet", slug="forside"), below=root)
    Site.objects.create(hostname="localhost", root_page=home, is_default_site=True)
    set_up.let_editors_edit(home)
    publish(NewsIndexPage(title="Nyhetsbrev", slug="nyhetsbrev"), below=home)


def make_reader(first_names: str, *, wants: bool = True, language: str = "nb", **data: Any) -> Member:
    """A paid member who has said yes to newsletters, or has not been asked."""
    member = makers.make_member(first_names, on=TODAY, **data)
    Member.objects.filter(pk=member.pk).update(language=language)
    member.language = language
    if wants:
        agree(member)
    return member


def agree(member: Member) -> None:
    consents.record(member=member, purpose="newsletter", channel="email", is_given=True, at=NOW, source="form")


def withdraw(member: Member) -> None:
    at = NOW + timedelta(hours=1)
    consents.record(member=member, purpose="newsletter", channel="email", is_given=False, at=at, source="my_page")
