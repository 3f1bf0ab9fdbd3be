"""What allauth asks of us while somebody logs in, and the two pages of the log-in that are ours."""

from datetime import datetime, timedelta
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.flows.login import get_authentication_records, record_authentication
from allauth.account.models import EmailAddress
from allauth.account.signals import email_changed
from allauth.account.utils import get_next_redirect_url
from allauth.account.views import ConfirmLoginCodeView
from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from core.errors import Refused
from core.models import User
from membership import members, members_group, rate_limits
from membership.sign_in import log_ins
from membership.sign_in.forms import CodeForm
from messaging.account_mails import queue_account_mail
from messaging.models import Message

CODE, RESET, STRANGER = "login_code", "password_reset_key", "unknown_account"
MAILS_AN_HOUR = 10  # codes and links for one log-in, whatever name it was asked for by
_PROOF = "proof_of_log_in"
_NO_MATCH = gettext_lazy("That did not fit. Check what you wrote, or let us send you a code instead.")
_TOO_MANY = gettext_lazy("That was wrong too many times. Wait five minutes, or let us send you a code.")


class AccountAdapter(DefaultAccountAdapter):
    """Nobody signs up here: a log-in comes with a membership. Mail goes through the outbox."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "email_password_mismatch": _NO_MATCH,
        "username_password_mismatch": _NO_MATCH,
        "too_many_login_attempts": _TOO_MANY,
        "incorrect_password": gettext_lazy("The password is not right. Try again."),
        "enter_current_password": gettext_lazy("This is not your password. Write the one you have now."),
        "incorrect_code": gettext_lazy("The code is not right. Copy it from the newest e-mail."),
        "duplicate_email": gettext_lazy("This is the address you have already. Write the new one."),
        "rate_limited": gettext_lazy("That was very often. Wait a few minutes and try again."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def pre_login(self, request: HttpRequest, user: User, **kwargs: Any) -> HttpResponse | None:
        """Keep out the demo's log-ins on a site in use, the dead, and whom the office has closed out."""
        try:
            log_ins.refuse_demo(user.email)
        except Refused as refused:
            messages.error(request, refused.sentence)
            return redirect("account_login")
        if not log_ins.may_log_in(user):
            return self.respond_user_inactive(request, user)
        return super().pre_login(request, user, **kwargs)

    def login(self, request: HttpRequest, user: User) -> None:
        """Let them in, with the address and the groups as the registry has them now."""
        log_ins.keep_address(user)
        members_group.synchronise(on=timezone.localdate(), log_ins=[user.pk])
        super().login(request, user)

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        """My page; the office for those who work there and are not members."""
        user = request.user
        is_member = user.members.exists()  # type: ignore[union-attr]
        if not is_member and user.has_perm("wagtailadmin.access_admin"):
            return reverse("wagtailadmin_home")
        return reverse("my_page")

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Put a mail of the log-in into the outbox. For a code or a link, `email` is whatever was typed.

        For strangers the same work is done for nothing, so that the answer takes as long.
        """
        name = template_prefix.rpartition("/")[2]
        at = timezone.now()
        if name == STRANGER:
            _pretend(email, at)
            return
        if name in (CODE, RESET):
            user = context.get("user") or log_ins.find(email)
            if user is None or not rate_limits.take("sign-in-mail", str(user.pk), times=MAILS_AN_HOUR):
                return
            context = {**context, "user": user}
            email = user.email
        _queue(template_prefix, email, context, at)


def _queue(template_prefix: str, email: str, context: dict[str, Any], at: datetime) -> Message:
    language = get_language() or settings.LANGUAGE_CODE
    return queue_account_mail(template_prefix=template_prefix, email=email, context=context, language=language, at=at)


def _pretend(typed: str, at: datetime) -> None:
    """Do for a stranger what is done for a member: count, write a mail and wake the worker. The mail goes to nobody:
    it is deleted before anybody sees it."""
    if rate_limits.take("sign-in-mail", typed, times=MAILS_AN_HOUR):
        with transaction.atomic():
            _queue(f"account/email/{CODE}", "nobody@example.org", {"code": "AAAA-AAAA"}, at).delete()


class ConfirmCode(ConfirmLoginCodeView):
    """Write the code. A stranger who asks for a new one waits as long as everybody."""

    def _resend_form_valid(self, form: forms.Form) -> HttpResponse:
        if self._process.user is None:
            _pretend(self._process.state["email"], timezone.now())
        return super()._resend_form_valid(form)


@receiver(email_changed)
def follow_log_in(
    *, user: User, from_email_address: EmailAddress | None, to_email_address: EmailAddress, **kwargs: Any
) -> None:
    """A log-in got a new address: those of its members who had the old one get it, too."""
    if from_email_address is None:
        return
    for member in user.members.filter(email__iexact=from_email_address.email):
        changes = {"email": to_email_address.email}
        members.change(member=member, changes=changes, at=timezone.now(), by=user, source="my_page")


def is_fresh(request: HttpRequest, *, at: datetime) -> bool:
    """Whether this session proved who it is within the last minutes, by logging in or once more."""
    since = (at - timedelta(seconds=settings.ACCOUNT_REAUTHENTICATION_TIMEOUT)).timestamp()
    return any(record["at"] >= since for record in get_authentication_records(request, request.user))


@never_cache
@login_required
def prove(request: HttpRequest) -> HttpResponse:
    """Ask once more with a code, before something important, of those who have neither password nor second step.

    First a button sends the code; nothing is sent by opening the page. Ten minutes, three tries, this session only.
    """
    user = request.user
    assert isinstance(user, User)
    at = timezone.now()
    proof = _running_proof(request, at)
    form = CodeForm(request.POST if "code" in request.POST else None, code=proof["code"] if proof else None)
    if request.method == "POST" and request.POST.get("action") == "send":
        return _send_proof(request, user, at)
    if form.is_bound and proof:
        if form.is_valid() and constant_time_compare(proof["user"], str(user.pk)):
            del request.session[_PROOF]
            record_authentication(request, user, method="code", reauthenticated=True)
            return HttpResponseRedirect(get_next_redirect_url(request) or reverse("my_log_in"))
        _count_wrong(request, proof)
    return render(request, "account/prove.html", {
        "form": form if proof else None, "email": user.email, "next": get_next_redirect_url(request) or "",
    })  # fmt: skip


def _running_proof(request: HttpRequest, at: datetime) -> dict[str, Any] | None:
    proof: dict[str, Any] | None = request.session.get(_PROOF)
    if proof and proof["until"] >= at.timestamp() and proof["wrong"] < settings.ACCOUNT_LOGIN_BY_CODE_MAX_ATTEMPTS:
        return proof
    return None


def _send_proof(request: HttpRequest, user: User, at: datetime) -> HttpResponse:
    adapter = AccountAdapter(request)
    code = adapter.generate_login_code()
    until = at.timestamp() + settings.ACCOUNT_LOGIN_BY_CODE_TIMEOUT
    request.session[_PROOF] = {"code": code, "user": str(user.pk), "until": until, "wrong": 0}
    adapter.send_mail(f"account/email/{CODE}", user.email, {"code": code, "user": user})
    return HttpResponseRedirect(request.get_full_path())


def _count_wrong(request: HttpRequest, proof: dict[str, Any]) -> None:
    proof["wrong"] += 1
    request.session[_PROOF] = proof
    if proof["wrong"] >= settings.ACCOUNT_LOGIN_BY_CODE_MAX_ATTEMPTS:
        messages.error(request, _("The code was wrong three times. Ask for a new one."))
