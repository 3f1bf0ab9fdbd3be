"""What `manage.py setup` writes for the website: the pages a new site starts with, and what editors may do.

The pages are written once, together with the front page. What the editors change, move or delete afterwards stays as
they have it. The words stand in `site/clients/<name>/pages.toml`, or else in `home/starting_pages/<language>.toml`.
"""

from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth.models import Group, Permission
from django.db import transaction
from wagtail.models import (
    Collection,
    GroupCollectionPermission,
    GroupPagePermission,
    Locale,
    Page,
    PageViewRestriction,
    Site,
)

from core.results import Result
from home.models import HomePage
from home.starting_pages import Words, write_pages
from membership import roles

_WHO_WRITE = (roles.EDITORS, roles.ADMINISTRATORS)
_ON_PAGES = ("add_page", "change_page", "publish_page", "lock_page", "unlock_page", "bulk_delete_page")
_ON_FILES = ("add_image", "change_image", "choose_image", "add_document", "change_document", "choose_document")


@transaction.atomic
def set_up(*, client: Any, at: datetime) -> Result:
    """Write the starting pages if there is no front page yet; let editors edit pages, pictures and documents."""
    result = Result()
    home = HomePage.objects.first()
    if home is None:
        home = _write_website(client, at, result)
    else:
        result.lines.append(f"pages: {home.title} and what is below it stay as the office has them")
    result.merge(let_editors_edit(home))
    return result


def _write_website(client: Any, at: datetime, result: Result) -> HomePage:
    top = root()
    words = Words.read(client, folder=settings.CLIENT_DIR)
    home = write_pages(top, words=words, client=client, at=at, result=result)
    _serve(home, client.organisation.name)
    _remove_welcome_page(top)
    members_only = PageViewRestriction.objects.create(
        page=home.get_children().get(slug=words["members"]["slug"]), restriction_type=PageViewRestriction.GROUPS
    )
    members_only.groups.set(Group.objects.filter(name__in=[roles.MEMBERS, *_WHO_WRITE]))
    return home


def root() -> Page:
    """The top of the page tree. Wagtail's migrations make it, the locale and the first collection; tests run none."""
    if not Collection.get_first_root_node():
        Collection.add_root(name="Root")
    Locale.objects.get_or_create(language_code=settings.LANGUAGE_CODE)
    return Page.get_first_root_node() or Page.add_root(title="Root", slug="root")


def _serve(home: HomePage, name: str) -> None:
    """Let the site's address show this front page; the host is a default, so any host that is allowed will do."""
    address = urlsplit(settings.WAGTAILADMIN_BASE_URL)
    port = address.port or (443 if address.scheme == "https" else 80)
    Site.objects.update_or_create(
        is_default_site=True,
        defaults={"hostname": address.hostname or "localhost", "port": port, "root_page": home, "site_name": name},
    )


def _remove_welcome_page(root: Page) -> None:
    """Wagtail's own first page, unless somebody has made something of it."""
    for page in root.get_children().filter(content_type__model="page", content_type__app_label="wagtailcore"):
        if page.title.startswith("Welcome to your new Wagtail site") and not page.get_children_count():
            page.delete()


def let_editors_edit(home: HomePage) -> Result:
    """Give those who write the rights to pages, pictures and documents that they lack."""
    result = Result()
    files = Collection.get_first_root_node()
    for group in Group.objects.filter(name__in=_WHO_WRITE):
        for permission in Permission.objects.filter(codename__in=_ON_PAGES, content_type__app_label="wagtailcore"):
            _row, is_new = GroupPagePermission.objects.get_or_create(group=group, page=home, permission=permission)
            if is_new:
                result.add("page permissions")
        of_files = Permission.objects.filter(content_type__app_label__in=("wagtailimages", "wagtaildocs"))
        for permission in of_files.filter(codename__in=_ON_FILES):
            _row, is_new = GroupCollectionPermission.objects.get_or_create(
                group=group, collection=files, permission=permission
            )
            if is_new:
                result.add("file permissions")
    return result
