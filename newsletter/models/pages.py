"""Articles, newsletters and the pages that list them."""

from typing import Any

from django.core.paginator import Paginator
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalManyToManyField
from wagtail.admin.panels import FieldPanel, HelpPanel, MultiFieldPanel
from wagtail.contrib.routable_page.models import RoutablePageMixin, path
from wagtail.fields import StreamField
from wagtail.models import Page, PageManager, PageQuerySet, Site
from wagtail.search import index
from wagtail.url_routing import RouteResult

from newsletter import visibility
from newsletter.blocks import WrittenBlocks

ON_A_PAGE = 10
IN_THE_FEED = 20


class WithWayBack:
    """A page that shows the way back to the front page."""

    def route(self, request: HttpRequest, path_components: list[str]) -> RouteResult:
        """Tell a page found just below whose child it is, so that its way back costs no query."""
        result: RouteResult = super().route(request, path_components)  # type: ignore[misc]
        page = result.page
        if page.depth == self.depth + 1:  # type: ignore[attr-defined]
            page._cached_parent_obj = self
        return result

    def crumbs(self, request: HttpRequest) -> list[dict[str, str]]:
        """Titles and addresses of the pages above this one, from the front page down; none just below it."""
        site = Site.find_for_request(request)
        above: list[Page] = []
        page: Any = self
        while site and page.depth > site.root_page.depth + 1:
            page = page.get_parent()
            above.append(page)
        if site and above:
            above.append(site.root_page)
        return [{"title": page.title, "url": page.get_url(request)} for page in reversed(above)]

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context(request, *args, **kwargs)  # type: ignore[misc]
        return {**context, "crumbs": self.crumbs(request)}


class SameForAll:
    """A page that every visitor who has not logged in sees alike, so that its HTML may be kept for a moment."""

    def serve(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response: HttpResponse = super().serve(request, *args, **kwargs)  # type: ignore[misc]
        response.is_same_for_all = True  # type: ignore[attr-defined]
        return response


class ArticleQuerySet(PageQuerySet):
    def newest_first(self) -> "ArticleQuerySet":
        """By the date on the article; of one day, the last written first."""
        return self.order_by("-published_on", "-pk")


ArticleManager = PageManager.from_queryset(ArticleQuerySet)


class NewsIndexPage(SameForAll, WithWayBack, RoutablePageMixin, Page):
    """A list of articles or newsletters, newest first, with a feed for those who follow us with other programs."""

    introduction = models.TextField(_("introduction"), blank=True)

    content_panels = [*Page.content_panels, FieldPanel("introduction")]
    search_fields = [*Page.search_fields, index.SearchField("introduction"), index.AutocompleteField("introduction")]
    parent_page_types = ["home.HomePage"]
    subpage_types = ["newsletter.ArticlePage", "newsletter.NewsletterPage"]
    template = "newsletter/news_index_page.html"

    class Meta:
        verbose_name = _("news list")
        verbose_name_plural = _("news lists")

    def route(self, request: HttpRequest, path_components: list[str]) -> RouteResult:
        """Find an article with its picture in one query; everything else as usual."""
        if len(path_components) == 1 and path_components != ["rss"]:
            found = ArticlePage.objects.child_of(self).filter(slug=path_components[0]).select_related("image").first()
            if found:
                found._cached_parent_obj = self
                return found.route(request, [])
        return super().route(request, path_components)

    def articles(self) -> ArticleQuerySet:
        """What is published here with its pictures, newest first."""
        published = ArticlePage.objects.live().child_of(self).newest_first()
        return published.defer_streamfields().select_related("image")

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context(request, *args, **kwargs)
        articles = visibility.seen_by(request, self.articles())
        context["page_obj"] = Paginator(articles, ON_A_PAGE).get_page(request.GET.get("page"))
        return context

    @path("rss/")
    def feed(self, request: HttpRequest) -> HttpResponse:
        """The newest articles that anyone may read, as RSS."""
        from newsletter.feeds import rss

        return rss(self, self.articles().public()[:IN_THE_FEED], request=request)


class ArticlePage(SameForAll, WithWayBack, Page):
    """A piece of news."""

    published_on = models.DateField(_("date"), default=timezone.localdate)
    teaser = models.TextField(_("teaser"), help_text=_("One or two sentences, shown in lists and above the text."))
    authors = models.CharField(_("written by"), max_length=200, blank=True)
    image = models.ForeignKey(
        "wagtailimages.Image", models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("picture")
    )
    image_alt = models.CharField(
        _("what the picture shows"), max_length=200, blank=True,
        help_text=_("For those who do not see it. Leave it empty if the picture is only decoration."),
    )  # fmt: skip
    body = StreamField(WrittenBlocks(), verbose_name=_("text"), blank=True)

    objects = ArticleManager()

    content_panels = [
        *Page.content_panels,
        FieldPanel("teaser"),
        MultiFieldPanel([FieldPanel("published_on"), FieldPanel("authors")], heading=_("Date and author")),
        MultiFieldPanel([FieldPanel("image"), FieldPanel("image_alt")], heading=_("Picture")),
        FieldPanel("body"),
    ]
    search_fields = [
        *Page.search_fields,
        index.SearchField("teaser"),
        index.SearchField("body"),
        index.AutocompleteField("teaser"),
        index.AutocompleteField("body"),
    ]
    parent_page_types = ["newsletter.NewsIndexPage"]
    subpage_types: list[str] = []
    template = "newsletter/article_page.html"

    class Meta:
        verbose_name = _("article")
        verbose_name_plural = _("articles")

    @property
    def summary(self) -> str:
        """What lists and search results say of the page."""
        return self.search_description or self.teaser


class NewsletterPage(ArticlePage):
    """A newsletter: an article that is also sent by e-mail to those who want it."""

    class Audience(models.TextChoices):
        SUBSCRIBERS = "subscribers", _("Everybody who has said yes to newsletters")
        MEMBERS = "members", _("Members who have said yes to newsletters")
        PAID = "paid", _("Members in good standing who have said yes to newsletters")

    audience = models.CharField(_("who gets it"), max_length=12, choices=Audience, default=Audience.SUBSCRIBERS)
    audience_types = ParentalManyToManyField(
        "membership.MembershipType", blank=True, related_name="+", verbose_name=_("only these membership types"),
        help_text=_("Empty: all types."),
    )  # fmt: skip
    audience_language = models.CharField(
        _("only those who read"), max_length=2, blank=True, choices=[("nb", _("Norwegian")), ("en", _("English"))],
        help_text=_("Empty: everybody."),
    )  # fmt: skip

    content_panels = [
        *ArticlePage.content_panels,
        MultiFieldPanel(
            [
                HelpPanel(
                    content=_(
                        "Nothing is sent when you save or publish. Publish the newsletter, then choose “Send by "
                        "e-mail” in the menu of the page: there you see how many will get it, and can send it to "
                        "yourself first."
                    )
                ),
                FieldPanel("audience"),
                FieldPanel("audience_types"),
                FieldPanel("audience_language"),
            ],
            heading=_("Sent to"),
        ),
    ]
    template = "newsletter/article_page.html"

    class Meta:
        verbose_name = _("newsletter")
        verbose_name_plural = _("newsletters")

    @property
    def preview_modes(self) -> list[tuple[str, Any]]:
        return [("", _("On the website")), ("mail", _("As e-mail"))]

    @cached_property
    def edition(self) -> int:
        """The number of the published version: sending the same version twice is one mailing."""
        return self.live_revision_id or 0

    def serve_preview(self, request: HttpRequest, mode_name: str) -> HttpResponse:
        if mode_name != "mail":
            return super().serve_preview(request, mode_name)
        from newsletter.mails import preview

        return HttpResponse(preview(page=self, language=request.LANGUAGE_CODE))
