"""So many places an hour, for as many callers at once as there are."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.test import RequestFactory

from membership import rate_limits


def test_places_are_taken_one_by_one() -> None:
    assert [rate_limits.take("test", "kari", times=3) for _attempt in range(5)] == [True, True, True, False, False]
    assert rate_limits.take("test", "ola", times=3)
    assert rate_limits.take("other", "kari", times=3)
    assert not rate_limits.take("test", "KARI", times=3), "capitals make no other person"


def test_a_hundred_callers_at_once_get_no_more_places() -> None:
    with ThreadPoolExecutor(20) as pool:
        given = list(pool.map(lambda _number: rate_limits.take("crowd", "kari", times=3), range(100)))
    assert sum(given) == 3


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.77", "192.0.2.0/24"),
        ("192.0.2.1", "192.0.2.0/24"),
        ("2001:db8:1:2ff:3::4", "2001:db8:1:200::/56"),
        ("", "unknown"),
        ("nonsense", "unknown"),
    ],
)
def test_network_of(address: str, network: str) -> None:
    request = RequestFactory().get("/", REMOTE_ADDR=address, headers={"x-forwarded-for": "198.51.100.1"})
    assert rate_limits.network_of(request) == network
