"""What we say: articles, newsletters and their mailings."""

from .mailings import Mailing
from .pages import ArticlePage, NewsIndexPage, NewsletterPage

__all__ = ["ArticlePage", "Mailing", "NewsIndexPage", "NewsletterPage"]
