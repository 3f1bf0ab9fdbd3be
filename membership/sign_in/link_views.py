"""The page of a log-in link: it shows whose it is, and its button logs them in."""

from allauth.account.utils import perform_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache

from core.errors import Refused
from membership.sign_in import links


@never_cache
def log_in_link(request: HttpRequest, token: str) -> HttpResponse:
    """GET changes nothing, so that a mail program may look at the link. POST logs in, with the second step if any."""
    try:
        user = links.read(token=token)
    except Refused as refused:
        return render(request, "membership/log_in_link.html", {"refused": refused.sentence}, status=410)
    if request.method == "POST":
        answer: HttpResponse = perform_login(request, user)
        return answer
    names = [member.full_name for member in user.members.filter(died_on__isnull=True).order_by("pk")]
    return render(request, "membership/log_in_link.html", {"names": names})
