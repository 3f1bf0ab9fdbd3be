"""Vipps's own example of a signed webhook, word for word: developer.vippsmobilepay.com, request authentication."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from payments.providers.provider import ProviderError, Webhook
from payments.providers.vipps import webhook as signatures

SECRET = "A0+AeKBRG2KRGvnNwJpQlb6IJFk48CKXCIcrLoHncVJKDILsQSxS6NWCccwWm6r6FhGKhiHTBsG2wo/xU6FY/A=="
AUTHORIZATION = (
    "HMAC-SHA256 SignedHeaders=x-ms-date;host;x-ms-content-sha256"
    "&Signature=agAiSyogQbDHpeucoNwYz+yAr5nJ+v+zasdkSbqzv+U="
)
EXAMPLE = Webhook(
    host="webhook.site",
    path="/e2cee29b-012e-4f1d-8ef4-e95fd74a7a63",
    headers={
        "x-ms-date": "Thu, 30 Mar 2023 08:38:32 GMT",
        "x-ms-content-sha256": "lNlsp1XA03N34HrQsVzPgJKtC+r7l/RBF4V3JQUWMj4=",
        "authorization": AUTHORIZATION,
    },
    body=b'{"some-unique-content":"ee6e441b-cc4a-46f8-895d-a5af79bcc233/hello-world"}',
)
AT = datetime(2023, 3, 30, 8, 38, 40, tzinfo=UTC)


def test_the_documented_example() -> None:
    assert signatures.digest(EXAMPLE.body) == EXAMPLE.headers["x-ms-content-sha256"]
    assert signatures.authorization(EXAMPLE, secret=SECRET) == AUTHORIZATION


def test_the_example_is_genuine_but_about_no_payment() -> None:
    with pytest.raises(ProviderError, match=r"cannot be read \(KeyError\)"):
        signatures.read(EXAMPLE, secret=SECRET, at=AT)


@pytest.mark.parametrize(
    "changes",
    [
        {"host": "webhook.example"},
        {"path": "/somewhere-else"},
        {"body": EXAMPLE.body + b" "},
        {"headers": {**EXAMPLE.headers, "x-ms-date": "Thu, 30 Mar 2023 08:38:33 GMT"}},
        {"headers": {**EXAMPLE.headers, "authorization": ""}},
    ],
)
def test_whatever_is_changed_breaks_the_signature(changes: dict[str, object]) -> None:
    with pytest.raises(ProviderError, match="signature is wrong"):
        signatures.read(replace(EXAMPLE, **changes), secret=SECRET, at=AT)  # type: ignore[arg-type]


def test_another_secret_does_not_fit() -> None:
    with pytest.raises(ProviderError, match="signature is wrong"):
        signatures.read(EXAMPLE, secret=SECRET[:-1], at=AT)
