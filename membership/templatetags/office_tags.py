"""Words and numbers of the office's screens."""

from decimal import Decimal

from django import template
from stdnum.no import kontonr

from core import money as money_words
from membership import phones

register = template.Library()


@register.filter
def money(amount: Decimal | None, currency: str = "NOK") -> str:
    """The amount as readers write it, `kr 400`; empty when there is none."""
    return "" if amount is None else money_words.formatted(amount, currency)


@register.filter
def phone(number: str) -> str:
    """A stored telephone number as readers write it."""
    return phones.shown(number) if number else ""


@register.filter
def account(numbers: str) -> str:
    """Account numbers, parted by commas, as banks print them: 8601.11.17947. Those from abroad stay as they are."""
    return ", ".join(
        kontonr.format(number) if number.isdigit() and len(number) == 11 else number for number in numbers.split(", ")
    )
