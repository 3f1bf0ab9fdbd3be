"""What visitors open that is no page of its own: search, the colours, the contact form, errors."""

import re
from uuid import uuid4

from django.conf import settings
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe
from wagtail.models import Page

from core import tokens
from home import access, colours, mails
from home.forms import ContactForm
from home.models import ContactPage
from membership import rate_limits
from newsletter import visibility

LONGEST_QUERY = 200
RESULTS_ON_A_PAGE = 10
LEAST_SECONDS = 3
FORMS_AN_HOUR = 10


@require_safe
@access.unless_closed
def search(request: HttpRequest) -> HttpResponse:
    """Pages this visitor may open that hold every word of the query; of the last word the beginning is enough."""
    query = " ".join(request.GET.get("q", "")[:LONGEST_QUERY].replace("\x00", " ").split())
    words = " ".join(re.findall(r"\w+", query))  # quotation marks and the like mean something to the database
    pages = visibility.seen_by(request, Page.objects.live().filter(depth__gt=2)) if words else Page.objects.none()
    found = pages.autocomplete(words) if words else []
    page_obj = Paginator(found, RESULTS_ON_A_PAGE).get_page(request.GET.get("page"))
    results = Page.objects.filter(pk__in=[page.pk for page in page_obj]).specific()
    by_id = {page.pk: page for page in results}
    page_obj.object_list = [by_id[page.pk] for page in page_obj]
    context = {"search_query": query, "page_obj": page_obj}
    return render(request, "home/search.html", context)


@require_safe
@cache_control(public=True, max_age=3600)
def theme_css(request: HttpRequest) -> HttpResponse:
    """The association's colours as custom properties, made readable on light and on dark."""
    site = settings.CLIENT.site
    properties = colours.theme(accent=site.accent, accent_dark=site.accent_dark)
    lines = ";".join(f"{name}:{value}" for name, value in properties.items())
    return HttpResponse(f":root{{{lines}}}\n", content_type="text/css; charset=utf-8")


def serve_contact_page(request: HttpRequest, page: ContactPage) -> HttpResponse:
    """Show the contact page; take what is written in its form. A form sent twice is one message."""
    if request.method == "POST" and page.has_form:
        form = ContactForm(request.POST)
        if form.is_trapped or (form.is_valid() and _received(request, form)):
            return HttpResponseRedirect(f"{page.get_url(request)}?sent=1#main")
    else:
        form = ContactForm(initial={"opened": _opening()})
    context = page.get_context(request) | {"form": form, "is_sent": "sent" in request.GET}
    return TemplateResponse(request, page.get_template(request), context)


def _opening() -> str:
    """When this form was opened, and a name for it, signed."""
    return tokens.make("contact-form", {"id": uuid4().hex, "at": int(timezone.now().timestamp())})


def _received(request: HttpRequest, form: ContactForm) -> bool:
    """Pass the message on. A refusal is added to the form as a sentence."""
    at, answers = timezone.now(), form.cleaned_data
    if at.timestamp() - answers["opened"]["at"] < LEAST_SECONDS:
        form.add_error(None, _("That was very fast. Look through what you have written and send it once more."))
        return False
    if not rate_limits.take("contact-form", rate_limits.network_of(request), times=FORMS_AN_HOUR):
        form.add_error(None, _("We have had many messages from your network. Try again in an hour, or send an e-mail."))
        return False
    mails.visitor_wrote(
        name=answers["name"], email=answers["email"], text=answers["message"], opening=answers["opened"]["id"], at=at
    )
    return True


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return render(request, "404.html", status=404)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Say what happened, with the way back: the form was open too long, or in another log-in."""
    return render(request, "403.html", {"form_expired": True}, status=403)
