"""What differs between kinds of messages: what happens after a crash, how urgent they are, who may read them."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True, kw_only=True)
class Policy:
    """How one kind of message is treated.

    `again`: after a crash it is simply sent again, because a second copy does no harm and a missing one does.
    Otherwise it is held as *unknown* until a person decides. `together` is how many are marked as handed over at
    once: that many may become unknown when a worker is killed, so it is 1 for whatever somebody would have to look
    up one by one. `secret` words can log somebody in: nobody reads them in the office, and they are wiped afterwards.
    `worth_for` is how long it makes sense to keep trying.
    """

    again: bool = False
    together: int = 1
    priority: int = 0
    secret: bool = False
    worth_for: timedelta = timedelta(days=3)


_LOG_IN: Final = Policy(again=True, priority=100, secret=True, worth_for=timedelta(minutes=10))
_ORDINARY: Final = Policy()

_KINDS: Final[dict[str, Policy]] = {
    "login_code": _LOG_IN,
    "login_link": Policy(again=True, priority=50, secret=True),
    "confirmation": Policy(again=True, priority=90),
    "invitation": Policy(again=True, priority=80, secret=True),
    "account_notice": Policy(priority=80),
    "newsletter": Policy(together=100, priority=-10),
}

_NAMES: Final = {
    "account_notice": _("notice about a log-in"),
    "application_refused": _("answer no to an application"),
    "confirmation": _("confirmation of an address"),
    "contact_form": _("contact form"),
    "credit_note": _("credit note"),
    "invitation": _("invitation"),
    "invoice": _("invoice"),
    "login_code": _("log-in code"),
    "login_link": _("log-in link"),
    "membership_ends": _("membership ends"),
    "newsletter": _("newsletter"),
    "newsletter_test": _("test of a newsletter"),
    "paid_back": _("money paid back"),
    "payment_received": _("receipt"),
    "payment_undone": _("payment undone"),
    "plan_agreed": _("yes to paying in parts"),
    "plan_refused": _("no to paying in parts"),
    "plan_broken": _("broken payment plan"),
    "reminder": _("reminder"),
    "resigned": _("resignation"),
    "welcome": _("welcome"),
}


def name(kind: str) -> str:
    """What the office calls a kind, in the reader's language; a kind nobody has named yet is shown as it is."""
    return str(_NAMES.get(kind, kind))


def of(kind: str) -> Policy:
    """The policy of a kind; kinds without one of their own are held after a crash and sent one by one."""
    return _KINDS.get(kind, _ORDINARY)


def secret_kinds() -> list[str]:
    """The kinds whose words can log somebody in."""
    return [kind for kind, policy in _KINDS.items() if policy.secret]
