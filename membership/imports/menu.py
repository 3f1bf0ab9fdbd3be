"""Registration only: the import in the office's menu "Members"."""

from django.http import HttpRequest
from django.urls import URLPattern, reverse
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.menu import MenuItem

from membership.imports import views


class ImportMenuItem(MenuItem):
    """Shown to those who may import."""

    def is_shown(self, request: HttpRequest) -> bool:
        return request.user.has_perm("membership.import_member")


@hooks.register("register_admin_urls")
def import_addresses() -> list[URLPattern]:
    return views.urlpatterns


@hooks.register("register_members_menu_item")
def import_menu_item() -> MenuItem:
    return ImportMenuItem(_("Import"), reverse("import_members"), name="import", icon_name="upload", order=900)
