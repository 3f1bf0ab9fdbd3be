"""Pages that are no Wagtail pages: errors."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return render(request, "404.html", status=404)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Say what happened, with the way back: the form was open too long, or in another log-in."""
    return render(request, "403.html", {"form_expired": True}, status=403)
