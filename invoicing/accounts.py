"""The organisation's bank accounts, each with the bank's rule for its KIDs. The first is used where nobody chooses."""

from dataclasses import dataclass
from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from stdnum.no import kontonr

from core.errors import Refused

_SERIAL_DIGITS = 7


@dataclass(frozen=True, kw_only=True)
class Account:
    """An account: eleven digits, what the office calls it, and how long its KIDs are and how they are checked."""

    number: str
    name: str
    kid_length: int
    kid_modulus: int

    @property
    def serial_digits(self) -> int:
        """How many digits of a KID are its own, so that it never comes twice."""
        return min(_SERIAL_DIGITS, self.kid_length - 1)

    @property
    def payer_digits(self) -> int:
        """How many digits of a KID are left to say who pays."""
        return self.kid_length - 1 - self.serial_digits

    def __str__(self) -> str:
        number = kontonr.format(self.number)
        return f"{number} {self.name}" if self.name else number


def every() -> list[Account]:
    """All accounts of the client snippet, the organisation's own first; none before one has been set."""
    client = settings.CLIENT
    own = client.organisation.account_number
    if not own:
        return []
    rule = client.invoicing.kid
    first = Account(number=kontonr.compact(own), name="", kid_length=rule.length, kid_modulus=rule.modulus)
    return [first, *(
        Account(number=kontonr.compact(row.number), name=row.name, kid_length=row.kid.length,
                kid_modulus=row.kid.modulus)
        for row in client.invoicing.accounts
    )]  # fmt: skip


def chosen(number: str = "") -> Account:
    """The account with this number, or the first where none is chosen. Refuses one that is not, or no longer, ours."""
    accounts = every()
    if not accounts:
        raise Refused(
            _(
                "No invoice can be issued: the organisation has no bank account. Set account_number under "
                "[organisation] in %(file)s."
            ),
            params={"file": f"site/clients/{settings.CLIENT.name}/client.toml"},
            code="no_account",
        )
    found = next((account for account in accounts if number in {"", account.number}), None)
    if found is None:
        raise Refused(
            _("Account %(number)s is not among the organisation's accounts any more. Choose another one."),
            params={"number": number}, code="unknown_account",
        )  # fmt: skip
    return found


def known_or_first(number: str) -> Account:
    """The account with this number where it still is ours, else the first."""
    return next((account for account in every() if account.number == number), None) or chosen()


class ChoosesAccount(forms.Form):
    """A form that asks which account is to be paid to, where there is more than one."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        accounts = every()
        if len(accounts) > 1:
            self.fields["account"] = forms.ChoiceField(
                label=gettext_lazy("To be paid to account"), choices=[(one.number, str(one)) for one in accounts],
                help_text=gettext_lazy("Its number and KIDs are printed on the invoices."),
            )  # fmt: skip

    @property
    def account(self) -> Account:
        """What was chosen in a valid form."""
        return chosen(self.cleaned_data.get("account", ""))
