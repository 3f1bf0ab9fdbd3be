"""Whole addresses of our own pages, for what is read elsewhere: mails, SMS, letters, payment providers."""

from django.conf import settings
from django.urls import reverse


def whole(path: str) -> str:
    """The address of a path on this site, with `https://` and the name of the site."""
    return settings.WAGTAILADMIN_BASE_URL.rstrip("/") + path


def of(view: str, *arguments: object) -> str:
    """The address of a view, by the name of its URL."""
    return whole(reverse(view, args=arguments))
