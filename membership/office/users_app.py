"""Wagtail's users app with our own screens for log-ins. Named in INSTALLED_APPS instead of `wagtail.users`."""

from wagtail.users.apps import WagtailUsersAppConfig


class OfficeUsersConfig(WagtailUsersAppConfig):
    user_viewset = "membership.office.users.LogInViewSet"
