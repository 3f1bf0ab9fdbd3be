"""How templates write KIDs."""

from django import template

from invoicing import kid

register = template.Library()


@register.filter
def in_fives(number: str) -> str:
    """A KID as people read it aloud, in groups of five from the right."""
    return kid.grouped(number)
