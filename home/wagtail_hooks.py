"""Registration only: pages and documents of a closed website are behind the log-in."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from wagtail import hooks
from wagtail.documents.models import AbstractDocument
from wagtail.models import Page

from home import access


@hooks.register("before_serve_page")
def page_of_a_closed_site(
    page: Page, request: HttpRequest, serve_args: list[Any], serve_kwargs: dict[str, Any]
) -> HttpResponse | None:
    return access.to_log_in(request) if access.is_closed_to(request) else None


@hooks.register("before_serve_document")
def document_of_a_closed_site(document: AbstractDocument, request: HttpRequest) -> HttpResponse | None:
    return access.to_log_in(request) if access.is_closed_to(request) else None
