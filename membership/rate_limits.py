"""How often somebody may do something in an hour: places that are taken in the cache, and free again by themselves.

A place is taken with `cache.add`, which gives it to one caller only, in whichever process; so the limit holds for any
hour and for a hundred callers at once, where a counter that is read and then written would let more through.
"""

import hashlib
import ipaddress

from allauth.account.adapter import get_adapter
from django.core.cache import cache
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

HOUR = 3600
FORMS_FROM_A_NETWORK = 60
MAILS_TO_AN_ADDRESS = 3
WRONG_WORDS_FROM_A_NETWORK = 20


def take(what: str, who: str, *, times: int, seconds: int = HOUR) -> bool:
    """Take one of so many places in the time; false when all are taken. `who` is kept as a digest only."""
    places = _places(what, who, times)
    taken = cache.get_many(places)
    return any(cache.add(place, 1, seconds) for place in places if place not in taken)


def give_back(what: str, who: str, *, times: int) -> None:
    """Free one place again that was taken; none when none is."""
    taken = cache.get_many(_places(what, who, times))
    if taken:
        cache.delete(max(taken))


def _places(what: str, who: str, times: int) -> list[str]:
    digest = hashlib.sha256(who.casefold().encode()).hexdigest()[:32]
    return [f"limit:{what}:{digest}:{number}" for number in range(times)]


def network_of(request: HttpRequest) -> str:
    """The visitor's network: the neighbours of an IPv4 address (/24), the line of an IPv6 address (/56).

    The address is found as log-in's limits find it: through as many proxies as ALLAUTH_TRUSTED_PROXY_COUNT says, for
    a header that the visitor can write himself is no address.
    """
    try:
        address = ipaddress.ip_address(get_adapter().get_client_ip(request))
    except (PermissionDenied, ValueError):
        return "unknown"
    length = 24 if address.version == 4 else 56
    return str(ipaddress.ip_network(f"{address}/{length}", strict=False))


def may_send_form(request: HttpRequest) -> bool:
    """Whether another joining form may come from this network within the hour."""
    return take("join-form", network_of(request), times=FORMS_FROM_A_NETWORK)


def may_mail(address: str) -> bool:
    """Whether another mail that anybody can cause may go to this address within the hour."""
    return take("join-mail", address, times=MAILS_TO_AN_ADDRESS)


def may_try_word(request: HttpRequest) -> bool:
    """Whether another secret word from this network is looked at within the hour. Every try takes a place, for a limit
    on wrong ones alone would still let the right one through; `word_was_right` gives it back."""
    return take("join-word", network_of(request), times=WRONG_WORDS_FROM_A_NETWORK)


def word_was_right(request: HttpRequest) -> None:
    """The last try was no guess: its place is free again."""
    give_back("join-word", network_of(request), times=WRONG_WORDS_FROM_A_NETWORK)
