"""The way a document reaches its payer: what they chose, else e-mail, else SMS, else paper, whichever works first.

Pure but for two look-ups that a caller with many payers makes once. Every way says why it is this one.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop
from wagtail.log_actions import log

from core.errors import Refused
from core.models import User
from invoicing.models import InvoiceWay, Way
from membership.models import Member
from messaging import addresses, suppression
from messaging.sms import allowance

CHOSEN = gettext_noop("The payer has chosen it.")
HAS_EMAIL = gettext_noop("The payer has an e-mail address.")
NO_EMAIL = gettext_noop("There is no e-mail address that works.")
NO_EMAIL_NO_MOBILE = gettext_noop("There is neither an e-mail address nor a mobile number that works.")
SMS_USED_UP = gettext_noop("The month's SMS are used up.")
AS_WORKS = gettext_lazy("as works: by e-mail if there is an address")
NOWHERE = gettext_noop("There is no address to send to: no e-mail, no mobile number, no postal address.")


@dataclass(frozen=True, kw_only=True)
class Route:
    """A way, empty where nothing works, and why it is this one (English, shown translated)."""

    way: str
    why: str


@dataclass
class Routes:
    """What the choice of many payers' ways needs, looked up once: choices, blocked addresses, and the month's SMS.

    `sms_left` is counted down by whoever takes a route that costs SMS; None: no limit.
    """

    chosen: Mapping[int, str] = field(default_factory=dict)
    blocked: Mapping[str, str] = field(default_factory=dict)
    sms_left: int | None = None

    def of(self, member: Member) -> Route:
        """The first way that works for this payer."""
        wanted = self.chosen.get(member.pk, "")
        if wanted and self._works(wanted, member):
            return Route(way=wanted, why=CHOSEN)
        if self._works(Way.EMAIL, member):
            return Route(way=Way.EMAIL, why=HAS_EMAIL)
        if self._works(Way.SMS, member):
            return Route(way=Way.SMS, why=NO_EMAIL)
        if self._works(Way.LETTER, member):
            has_sms = may_use_sms() and addresses.is_usable(member.mobile, channel=Way.SMS)
            return Route(way=Way.LETTER, why=SMS_USED_UP if has_sms else NO_EMAIL_NO_MOBILE)
        return Route(way="", why=NOWHERE)

    def _works(self, way: str, member: Member) -> bool:
        if way == Way.EMAIL:
            email = addresses.tidy(member.email, channel=way)
            is_made_up = _is_made_up(email)
            return bool(email) and not is_made_up and email.lower() not in self.blocked and _usable(email, way)
        if way == Way.SMS:
            has_room = self.sms_left is None or self.sms_left > 0
            return may_use_sms() and bool(member.mobile) and has_room and _usable(member.mobile, way)
        return has_postal_address(member)


def routes(*, payers: Iterable[Member], at: datetime) -> Routes:
    """Look up once what the ways of these payers depend on."""
    everybody = list(payers)
    rows = InvoiceWay.objects.filter(member__in=[payer.pk for payer in everybody])
    if len(everybody) == 1:
        email = everybody[0].email.strip().lower()
        blocked = {email: reason} if (reason := suppression.reason_for(email)) else {}
    else:
        blocked = suppression.all_reasons()
    return Routes(
        chosen=dict(rows.values_list("member_id", "way")),
        blocked=blocked,
        sms_left=allowance.parts_left(at=at) if may_use_sms() else 0,
    )


def is_reached_by_email(member: Member) -> bool:
    """Whether the member has an e-mail address that works: none that bounced, nor one that an import made up."""
    reason = suppression.reason_for(member.email.strip().lower())
    return Routes(blocked={member.email.strip().lower(): reason} if reason else {})._works(Way.EMAIL, member)


def route_of(*, payer: Member, at: datetime) -> Route:
    """The way of one payer."""
    return routes(payers=[payer], at=at).of(payer)


def chosen_by(member: Member) -> str:
    """What a payer has chosen; empty when it is left to us."""
    return InvoiceWay.objects.filter(member=member).values_list("way", flat=True).first() or ""


def words_for(member: Member) -> str:
    """How a payer's invoices come, for a sentence: what they chose, or that it is left to us."""
    words: dict[str, str] = dict(offered())
    return words.get(chosen_by(member)) or str(AS_WORKS)


def may_use_sms() -> bool:
    """Whether the client pays for SMS with invoices."""
    return bool(settings.CLIENT.invoicing.sms)


def offered() -> list[tuple[str, str]]:
    """The ways a payer may choose from: SMS only where the client pays for it. The cost is the office's."""
    return [
        (way.value, str(way.label).removesuffix(" ($$$)")) for way in Way if way != Way.SMS or may_use_sms()
    ]  # fmt: skip


def has_postal_address(member: Member) -> bool:
    """Whether a letter would arrive: a place and something to find there."""
    return bool((member.address_line_1 or member.address_line_2) and (member.place or member.postcode))


def no_postal_address(payer: str = "member") -> Q:
    """The payers of some rows whom no letter would reach: `has_postal_address` turned round, for the database. With an
    empty `payer` the rows are the members themselves."""
    to = f"{payer}__" if payer else ""
    nowhere = Q(**{f"{to}address_line_1": "", f"{to}address_line_2": ""})
    return nowhere | Q(**{f"{to}place": "", f"{to}postcode": ""})


@transaction.atomic
def choose(*, member: Member, way: str, at: datetime, by: User | None) -> None:
    """Remember how a payer wants invoices; with an empty way, that they leave it to us. Refuses what cannot work."""
    if not way:
        InvoiceWay.objects.filter(member=member).delete()
    elif way not in dict(offered()):
        raise Refused(_("This way is not offered. Choose another one."), code="way")
    elif not Routes()._works(way, member):
        sentence = {
            Way.EMAIL: _("There is no e-mail address to send to. Write one among the contact data first."),
            Way.SMS: _("There is no mobile number to send to. Write one among the contact data first."),
        }.get(Way(way), _("There is no postal address to send to. Write one among the contact data first."))
        raise Refused(sentence, code="no_address")
    else:
        InvoiceWay.objects.update_or_create(
            member=member, defaults={"way": way, "chosen_at": at, "chosen_by": by}
        )  # fmt: skip
    log(instance=member, action="invoicing.way_chosen", user=by)


def _usable(address: str, way: str) -> bool:
    return addresses.is_usable(address, channel=way)


def _is_made_up(email: str) -> bool:
    domain = settings.CLIENT.membership.nomail_domain
    return bool(domain) and email.lower().endswith(f"@{domain.lower()}")
