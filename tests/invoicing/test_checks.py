"""What is missing is said before the first invoice."""

import dataclasses

from django.conf import settings

from invoicing.checks import check_account


def test_an_account_is_asked_for(monkeypatch):
    assert check_account() == []
    client = settings.CLIENT
    without = dataclasses.replace(client.organisation, account_number="")
    monkeypatch.setattr(settings, "CLIENT", dataclasses.replace(client, organisation=without))
    [error] = check_account()
    assert (error.id, "account_number" in error.hint) == ("invoicing.E001", True)
