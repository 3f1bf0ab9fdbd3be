"""Outside services are configured like Django's CACHES: `{alias: {"BACKEND": path, "OPTIONS": {…}}}`."""

from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.utils.module_loading import import_string


def load(setting: str, alias: str = "default") -> Any:
    """Return the service configured as `settings.<setting>[alias]`, made with its OPTIONS as keywords.

    Raises ImproperlyConfigured with a sentence when the alias, the path or an option is wrong.
    """
    configured = getattr(settings, setting, {})
    if alias not in configured:
        raise ImproperlyConfigured(f"{setting} has no {alias!r}. Add {setting}[{alias!r}] with a BACKEND.")
    entry = configured[alias]
    try:
        backend = import_string(entry["BACKEND"])
    except (KeyError, ImportError) as error:
        raise ImproperlyConfigured(f"{setting}[{alias!r}] names no usable BACKEND: {error}.") from None
    try:
        return backend(**entry.get("OPTIONS", {}))
    except TypeError as error:
        raise ImproperlyConfigured(f"{setting}[{alias!r}] has OPTIONS that do not fit: {error}.") from None
