"""What a visitor sees: the front page, standard pages and contact."""

from .pages import ContactPage, HomePage, StandardPage

__all__ = ["ContactPage", "HomePage", "StandardPage"]
