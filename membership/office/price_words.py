"""What a membership will cost, said before it is opened: by what was agreed with the member only to those who may know.

Without the right, the price list counts, and no last day is named, for an own price may end a term: so the words are
the same whether anything was agreed or not.
"""

from copy import copy

from django.utils.translation import gettext as _

from core import money
from core.models import User
from membership.fields import may_see_office_fields
from membership.models import Member
from membership.prices import Quote, Reason


def as_known_to(user: User | None, member: Member) -> Member:
    """The member, or, for who may not see the office's own fields, a copy without an own price. For words, never to be
    saved."""
    if knows_own_prices(user):
        return member
    known = copy(member)
    known.special_price = known.special_price_until = None
    return known


def knows_own_prices(user: User | None) -> bool:
    """Whether what is said may follow from an own price."""
    return user is not None and may_see_office_fields(user)


def by_price_list(quote: Quote) -> str:
    """The price by the list, for who may not know of an own price."""
    words = {"price": money.formatted(quote.amount), "why": reasons_in_words(quote)}
    if quote.amount:
        return _("By the price list, the invoice is %(price)s: %(why)s.") % words
    return _("By the price list, nothing is to be paid: %(why)s.") % words


def reasons_in_words(quote: Quote) -> str:
    """Each reason, with what it adds or takes off."""
    return "; ".join(map(_with_amount, quote.reasons))


def _with_amount(reason: Reason) -> str:
    return f"{reason.sentence()} {money.formatted(reason.amount)}" if reason.amount else reason.sentence()
