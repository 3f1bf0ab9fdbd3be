"""A client with the schedule that a test needs."""

from dataclasses import replace
from typing import Any

from django.conf import settings

from config.client import Client, Step

__all__ = ["Step", "client_with"]


def client_with(*steps: Step, **reminders: Any) -> Client:
    """The client of the tests with these steps, and other settings of `[reminders]`."""
    client: Client = settings.CLIENT
    return replace(client, reminders=replace(client.reminders, steps=steps, **reminders))
