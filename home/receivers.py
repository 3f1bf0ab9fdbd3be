"""What we do when an earlier app reports: one write or one enqueue."""

from typing import Any

from django.db.models.signals import post_delete, post_save
from django.dispatch import receiver
from wagtail.models import Page, PageViewRestriction, Site
from wagtail.signals import page_published, page_slug_changed, page_unpublished, post_page_move

from home import page_cache


@receiver([page_published, page_unpublished, page_slug_changed, post_page_move])
@receiver([post_save, post_delete], sender=PageViewRestriction)
@receiver([post_save, post_delete], sender=Site)
@receiver(post_delete, sender=Page)
def forget_kept_pages(sender: Any, **kwargs: Any) -> None:
    """The website has changed, so nobody gets an old page."""
    page_cache.forget_all()
