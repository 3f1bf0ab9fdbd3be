"""The front page, standard pages and the contact page."""

from typing import Any

from django.db import models
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, MultiFieldPanel, PageChooserPanel
from wagtail.fields import RichTextField, StreamField
from wagtail.models import Page
from wagtail.search import index

from home.blocks import FrontPageBlocks, PageBlocks, PeopleBlocks
from newsletter import visibility
from newsletter.blocks import RICH_TEXT
from newsletter.models import ArticlePage
from newsletter.models.pages import SameForAll, WithWayBack

NEWS_ON_THE_FRONT_PAGE = 3


class HomePage(SameForAll, Page):
    """The front page: who we are, what we do, how to take part."""

    heading = models.CharField(
        _("large heading"), max_length=120, blank=True, help_text=_("Empty: the name of the organisation.")
    )
    lead = models.TextField(_("lead text"), blank=True, help_text=_("One or two sentences below the heading."))
    image = models.ForeignKey(
        "wagtailimages.Image", models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("picture"),
        help_text=_("Without a picture a landscape in your colour is drawn."),
    )  # fmt: skip
    button = models.CharField(
        _("words on the button"), max_length=40, blank=True, help_text=_("Empty: “Become a member”.")
    )
    button_page = models.ForeignKey(
        "wagtailcore.Page", models.SET_NULL, null=True, blank=True, related_name="+",
        verbose_name=_("the button leads to"), help_text=_("Empty: the joining page."),
    )  # fmt: skip
    body = StreamField(FrontPageBlocks(), verbose_name=_("content"), blank=True)
    news_heading = models.CharField(
        _("heading above the news"), max_length=80, blank=True, help_text=_("Empty: the title of the news list.")
    )
    news = models.ForeignKey(
        "newsletter.NewsIndexPage", models.SET_NULL, null=True, blank=True, related_name="+",
        verbose_name=_("news from"), help_text=_("The newest three are shown. Empty: no news on the front page."),
    )  # fmt: skip

    content_panels = [
        *Page.content_panels,
        MultiFieldPanel([FieldPanel("heading"), FieldPanel("lead"), FieldPanel("image")], heading=_("Top of the page")),
        MultiFieldPanel([FieldPanel("button"), PageChooserPanel("button_page")], heading=_("Button")),
        FieldPanel("body"),
        MultiFieldPanel([FieldPanel("news"), FieldPanel("news_heading")], heading=_("News")),
    ]
    search_fields = [*Page.search_fields, index.SearchField("lead"), index.SearchField("body")]
    max_count = 1
    parent_page_types = ["wagtailcore.Page"]
    template = "home/home_page.html"

    class Meta:
        verbose_name = _("front page")
        verbose_name_plural = _("front pages")

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context(request, *args, **kwargs)
        articles = self._articles(request)
        pictures = [image for image in (self.image, *(article.image for article in articles)) if image]
        models.prefetch_related_objects(pictures, "renditions")  # all sizes of all pictures in one query
        return {**context, "articles": articles}

    def _articles(self, request: HttpRequest) -> list[ArticlePage]:
        """The newest ones that this visitor may open."""
        if self.news is None or not self.news.live:
            return []
        return list(visibility.seen_by(request, self.news.articles())[:NEWS_ON_THE_FRONT_PAGE])


class StandardPage(SameForAll, WithWayBack, Page):
    """A page of text: about us, statutes, a campaign."""

    lead = models.TextField(_("lead text"), blank=True)
    image = models.ForeignKey(
        "wagtailimages.Image", models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("picture")
    )
    image_alt = models.CharField(
        _("what the picture shows"), max_length=200, blank=True,
        help_text=_("For those who do not see it. Leave it empty if the picture is only decoration."),
    )  # fmt: skip
    body = StreamField(PageBlocks(), verbose_name=_("content"), blank=True)
    show_in_footer = models.BooleanField(
        _("link at the bottom of every page"), default=False, help_text=_("For instance the privacy notice.")
    )

    content_panels = [
        *Page.content_panels,
        FieldPanel("lead"),
        MultiFieldPanel([FieldPanel("image"), FieldPanel("image_alt")], heading=_("Picture")),
        FieldPanel("body"),
    ]
    search_fields = [
        *Page.search_fields,
        index.SearchField("lead"),
        index.SearchField("body"),
        index.AutocompleteField("lead"),
        index.AutocompleteField("body"),
    ]
    promote_panels = [*Page.promote_panels, FieldPanel("show_in_footer")]
    parent_page_types = ["home.HomePage", "home.StandardPage"]
    subpage_types = ["home.StandardPage"]
    template = "home/standard_page.html"

    class Meta:
        verbose_name = _("standard page")
        verbose_name_plural = _("standard pages")

    @property
    def summary(self) -> str:
        """What search results say of the page."""
        return self.search_description or self.lead

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context(request, *args, **kwargs)
        context["below"] = list(visibility.seen_by(request, self.get_children().live().in_menu()))
        return context


class ContactPage(Page):
    """How to reach us: address, people and a form."""

    introduction = RichTextField(_("introduction"), blank=True, features=RICH_TEXT)
    people = StreamField(PeopleBlocks(), verbose_name=_("people"), blank=True)
    has_form = models.BooleanField(
        _("show the form"), default=True, help_text=_("What visitors write is sent to the organisation's e-mail.")
    )
    thanks = models.TextField(
        _("text after sending"), blank=True, help_text=_("Empty: a short sentence that it has been sent.")
    )

    content_panels = [
        *Page.content_panels,
        FieldPanel("introduction"),
        FieldPanel("people"),
        MultiFieldPanel([FieldPanel("has_form"), FieldPanel("thanks")], heading=_("The form")),
    ]
    search_fields = [
        *Page.search_fields,
        index.SearchField("introduction"),
        index.SearchField("people"),
        index.AutocompleteField("people"),
    ]
    max_count = 1
    parent_page_types = ["home.HomePage"]
    subpage_types: list[str] = []
    template = "home/contact_page.html"

    class Meta:
        verbose_name = _("contact page")
        verbose_name_plural = _("contact pages")

    def serve(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        from home.views import serve_contact_page

        return serve_contact_page(request, self)
