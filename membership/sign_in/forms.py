"""The forms of logging in. One field for whatever somebody knows themselves by; the answers give nobody away."""

from typing import Any

from allauth.account import forms as allauth_forms
from allauth.account.models import EmailAddress
from allauth.core import context, ratelimit
from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.models import User
from membership.form_fields import EmailLine, LineField
from membership.sign_in import log_ins


def identifier_field() -> LineField:
    """E-mail, mobile, member number or user name."""
    return LineField(
        label=gettext_lazy("E-mail, mobile or member number"), limit=254,
        widget=forms.TextInput({"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"}),
        error_messages={"required": gettext_lazy("Write your e-mail address, mobile number or member number.")},
    )  # fmt: skip


class PasswordForm(allauth_forms.LoginForm):
    """Log in with a password."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"] = identifier_field()
        self.fields["password"].label = _("Password")
        self.fields["password"].widget.attrs.pop("placeholder", None)
        self.fields["password"].error_messages["required"] = _("Write your password, or let us send you a code.")
        self.order_fields(["login", "password"])

    @property
    def code_form(self) -> "SendCodeForm":
        """The other form on the page: the same field, for a code."""
        return SendCodeForm(auto_id="code_%s")

    def clean_login(self) -> str:
        identifier = str(self.cleaned_data["login"])
        log_ins.refuse_demo(identifier)
        return identifier

    def user_credentials(self) -> dict[str, Any]:
        """Wrong passwords are counted by log-in, whichever of its names was typed; strangers by what was typed."""
        if not hasattr(self, "_username"):
            identifier = self.cleaned_data["login"]
            user = log_ins.find(identifier)
            self._username = user.get_username() if user else "".join(identifier.split())
        return {"username": self._username, "password": self.cleaned_data["password"]}


class SendCodeForm(forms.Form):
    """Ask for a code by e-mail. allauth's view takes what was typed as `email`, and the log-in as `_user`."""

    login = identifier_field()
    _user: User | None = None

    def clean_login(self) -> str:
        identifier = str(self.cleaned_data["login"])
        log_ins.refuse_demo(identifier)
        key = "".join(identifier.casefold().split())
        if not ratelimit.consume(context.request, action="request_login_code", key=key):
            raise forms.ValidationError(
                _("We have just sent you codes. Look in your mail, or wait a minute and try again."), code="too_many"
            )
        user = log_ins.find(identifier)
        self._user = user if user and user.email else None
        return identifier

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        return {**data, "email": data.get("login", "")}


class CodeForm(allauth_forms.ConfirmLoginCodeForm):
    """Write the code that was sent."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].label = _("Code from the e-mail")
        self.fields["code"].error_messages["required"] = _("Write the code from the e-mail.")
        self.fields["code"].widget.attrs = {"autocomplete": "one-time-code", "autocapitalize": "characters",
                                            "spellcheck": "false"}  # fmt: skip


class ResetForm(forms.Form):
    """Ask for a link to choose a new password. allauth's view takes what was typed as `email`, for its limit."""

    login = identifier_field()
    users: list[User] = []

    def clean_login(self) -> str:
        identifier = str(self.cleaned_data["login"])
        log_ins.refuse_demo(identifier)
        user = log_ins.find(identifier)
        self.users = [user] if user and user.email else []
        return identifier

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        return {**data, "email": data.get("login", "")}

    def save(self, request: Any, **kwargs: Any) -> str:
        """Send the link to the log-in's own address."""
        identifier: str = self.cleaned_data["login"]
        generator = kwargs.get("token_generator", allauth_forms.default_token_generator)
        allauth_forms.flows.password_reset.request_password_reset(request, identifier, self.users, generator)
        return identifier


class NewAddressForm(allauth_forms.AddEmailForm):
    """Change the address one logs in with. The new one counts when its link has been used."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        widget = forms.EmailInput({"autocomplete": "email", "spellcheck": "false"})
        self.fields["email"] = EmailLine(label=_("New e-mail address"), widget=widget)

    def clean_email(self) -> str:
        address: str = super().clean_email()
        log_ins.refuse_demo(address)
        # Another log-in's address stays theirs: the link that goes there will say so, and this page tells nothing.
        for other in User.objects.filter(email__iexact=address).exclude(pk=self.user.pk):
            EmailAddress.objects.update_or_create(user=other, email=address, defaults={"verified": True})
        return address
