"""The joining form as a page: an editor controls its texts, the types offered and the fields asked for."""

from typing import Any

from django.db import models
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalManyToManyField
from wagtail.admin.panels import FieldPanel, MultiFieldPanel
from wagtail.fields import RichTextField
from wagtail.models import Page


class JoinPage(Page):
    """The page where visitors join, alone, as a household or as an organisation."""

    introduction = RichTextField(_("introduction"), blank=True)
    types = ParentalManyToManyField(
        "membership.MembershipType", blank=True, related_name="+", verbose_name=_("types offered"),
        help_text=_("Empty: every type that is marked selectable."),
    )  # fmt: skip
    households = models.BooleanField(_("several people may join together"), default=True)
    asks_gender = models.BooleanField(_("ask for gender"), default=False)
    asks_mobile = models.BooleanField(_("ask for mobile"), default=True)
    confirmation = RichTextField(_("text after sending"), blank=True)

    content_panels = [
        *Page.content_panels,
        FieldPanel("introduction"),
        MultiFieldPanel(
            [FieldPanel("types"), FieldPanel("households"), FieldPanel("asks_gender"), FieldPanel("asks_mobile")],
            heading=_("The form"),
        ),
        FieldPanel("confirmation"),
    ]
    parent_page_types = ["home.HomePage"]
    subpage_types: list[str] = []
    max_count = 1
    template = "membership/join/page.html"

    class Meta:
        verbose_name = _("joining page")
        verbose_name_plural = _("joining pages")

    def serve(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        from membership.join_form.views import serve_join_page

        return serve_join_page(request, self)
