"""The newest articles as RSS, for feed readers and for services that fetch our news."""

from collections.abc import Iterable
from datetime import datetime, time

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.feedgenerator import Rss201rev2Feed

from newsletter.models import ArticlePage, NewsIndexPage


def rss(index: NewsIndexPage, articles: Iterable[ArticlePage], *, request: HttpRequest) -> HttpResponse:
    """A feed of these articles with title, teaser and date; addresses are whole."""
    feed = Rss201rev2Feed(
        title=f"{index.title} – {settings.CLIENT.organisation.name}",
        link=request.build_absolute_uri(index.get_url(request)),
        description=index.introduction or index.title,
        language=settings.CLIENT.site.language,
        feed_url=request.build_absolute_uri(),
    )
    for article in articles:
        address = request.build_absolute_uri(article.get_url(request))
        feed.add_item(
            title=article.title,
            link=address,
            description=article.teaser,
            unique_id=address,
            pubdate=timezone.make_aware(datetime.combine(article.published_on, time(12))),
        )
    response = HttpResponse(content_type=feed.content_type)
    feed.write(response, "utf-8")
    return response
