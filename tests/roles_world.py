"""What there is to be seen, and a browser for each role: the world of the table of who may do what."""

from decimal import Decimal
from io import BytesIO
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth.models import Group
from django.db import transaction
from django.test import Client

from core.models import User
from home import set_up as home_set_up
from home.models import HomePage
from invoicing.models import InvoiceRun, PrintFile
from membership import duplicates, invitations, merging, roles, seats
from membership.imports import runs
from membership.models import (
    Application,
    BulkRun,
    Committee,
    ConsentText,
    Member,
    MembershipType,
    Position,
    SavedList,
    VoterRoll,
    VoterRollAppeal,
)
from messaging import suppression
from messaging.models import Pause
from newsletter.models import Mailing
from payments import intake, write_offs
from payments.models import ProviderPayment, ReminderRun
from payments.reminders import plans
from tests.makers import NOW, TODAY, make_household, make_invoice, make_non_member, make_type, make_user, set_up_client
from tests.membership.household_makers import make_company
from tests.messaging.makers import queued
from tests.newsletter.makers import make_newsletter
from tests.payments.banks.writers import ocr
from tests.payments.banks.writers import paid as paid_in
from tests.payments.from_bank.bank_makers import brought, lines_of
from tests.roles_table import ROLES

# Where somebody is sent who may not do what they asked for: to log in, or to the front of what is theirs.
LED_AWAY = {"/admin/", "/admin/login/", "/konto/login/", "/min-side/ingen/"}


class World:
    """What there is to be seen, and the browser of each role."""

    def __init__(self) -> None:
        set_up_client()
        home_set_up.set_up(client=settings.CLIENT, at=NOW)
        family = make_household("Bob", "Berit", last_name="Hemmelig")
        invoice = make_invoice("Alice", "Hemmelig")
        online = ProviderPayment.objects.create(
            invoice=invoice, provider="vipps", reference="hnm-10001-abcdef", key="abcdef", amount=400, created_at=NOW,
            expires_at=NOW,
        )  # fmt: skip
        application = Application.objects.create(
            token="6f5c1b8e-0a35-4d56-9f6b-3c1d2e4f5a6b", reference="ABCDEFGH", name="Carl Hemmelig",
            wanted_type=make_type("E"), answers={"people": [], "consents": []}, sent_at=NOW, state="approval",
        )  # fmt: skip
        users = {role: make_user(role) for role in ROLES[2:]}
        self.browsers = {"nobody": Client(), "a log-in": self.browser(make_user())}
        self.browsers |= {role: self.browser(user) for role, user in users.items()}
        somebody = family.members[1]
        somebody.user = users[roles.MEMBERS]  # who only ever sees what is their own
        somebody.save()
        superuser = make_user("admin")
        type_, text = MembershipType.objects.get(code="E"), ConsentText.objects.first()
        assert family.household is not None and text is not None
        company = make_company()
        seat = seats.take(organisation=company, member=make_non_member("Ole", "Hemmelig"), on=TODAY)
        contact = seats.name_contact(organisation=company, member=seat.member)
        invitation = invitations.invite(inviter=family.main_member, email="ny@example.no", on=TODAY, at=NOW)
        twice = make_non_member("Dora", "Hemmelig"), make_non_member("Dora", "Hemmelig")
        pair = duplicates.put_together(one=family.main_member, other=twice[0], at=NOW)
        merge = merging.merge(kept=twice[0], absorbed=twice[1], choices={}, on=TODAY, at=NOW, by=superuser)
        run = runs.start(file=BytesIO(b"last_name\nHemmelig\n"), name="register.csv", at=NOW, by=superuser)
        roll = VoterRoll.objects.create(name="Hemmelig", counts_on=TODAY)
        invoice_run = InvoiceRun.objects.create(begins_by=TODAY, asked_at=NOW, state="ready", planned=1)
        print_file = PrintFile.objects.create(letters=0, asked_at=NOW, state="ready")
        welcome_file = PrintFile.objects.create(
            letters=0, asked_at=NOW, state="ready", kind="welcome", asked_by=superuser
        )
        plan = plans.propose(invoice=invoice, number=2, on=TODAY, by=None)
        reminders = ReminderRun.objects.create(on=TODAY, total=0, asked_at=NOW, state="done")
        self.names = self._what_else_there_is(superuser, family.main_member, roll) | {
            "invoice_run": invoice_run.pk, "print_file": print_file.pk, "plan": plan.pk, "sending": reminders.pk,
            "run": run.pk, "roll": roll.pk, "welcome": welcome_file.pk,
            "pair": pair.pk, "merge": merge.pk,
            "seat": seat.pk, "contact": contact.pk, "invitation": invitation.pk,
            "member": family.main_member.pk, "household": family.household.pk, "invoice": invoice.pk,
            "number": invoice.number, "application": application.pk, "type": type_.pk, "text": text.pk,
            "user": users[roles.MEMBERS].pk, "superuser": superuser.pk, "online": online.pk,
            "group": Group.objects.get(name=roles.EDITORS).pk, "home": HomePage.objects.get().pk,
        }  # fmt: skip

    @staticmethod
    def _what_else_there_is(superuser: User, member: Member, roll: VoterRoll) -> dict[str, int]:
        """Rows that only their own screens know: of the bank, of messages, of newsletters and of lists."""
        part = make_invoice("Per", "Hemmelig")
        paid = intake.record(received_on=TODAY, amount=Decimal(100), source="hand", source_reference="a", at=NOW,
                             by=None, invoices=[part])  # fmt: skip
        write_off = write_offs.write_off(invoice=part, on=TODAY, at=NOW, by=superuser, reason="x")
        over = intake.record(received_on=TODAY, amount=Decimal(50), source="hand", source_reference="b", at=NOW,
                             by=None, invoices=[])  # fmt: skip
        (line,) = lines_of([paid_in("70", name="Hemmelig")])
        message = queued(recipient_ref=member.recipient_ref, address="bob@example.no")
        page = make_newsletter()
        mailing = Mailing.objects.create(page=page, title=page.title, audience="", expected=0, started_at=NOW)
        committee = Committee.objects.create(name="Hemmelig styre")
        position = Position.objects.create(committee=committee, member=member, office=1, starts_on=TODAY)
        appeal = VoterRollAppeal.objects.create(
            roll=roll, about="Hemmelig", wants="add", received_on=TODAY, recorded_at=NOW
        )
        return {
            "payment": paid.pk, "over": over.pk, "write_off": write_off.pk, "line": line.pk, "file": line.file.pk,
            "new_file": brought(ocr([paid_in("30")])).pk, "message": message.pk, "mailing": mailing.pk,
            "newsletter": page.pk, "committee": committee.pk, "position": position.pk, "appeal": appeal.pk,
            "suppression": suppression.suppress("a@example.no", reason="x", at=NOW).pk,
            "pause": Pause.objects.create(channel="email", reason="x", since=NOW).pk,
            "list": SavedList.objects.create(name="Hemmelig", owner=superuser).pk,
            "bulk": BulkRun.objects.create(verb="note", total=0, asked_at=NOW, asked_by=superuser, state="done").pk,
        }  # fmt: skip

    @staticmethod
    def browser(user: User) -> Client:
        client = Client()
        client.force_login(user)
        return client

    def status(self, method: str, address: str, role: str) -> int:
        """What the role gets at the address. What a POST did is undone, so that the next role meets the same."""
        browser, address = self.browsers[role], address.format(**self.names)
        if method == "GET":
            return _told(browser.get(address))
        with transaction.atomic():
            told = _told(browser.post(address))
            transaction.set_rollback(True)
        return told


def _told(response: Any) -> int:
    """The status; 303 for a 302 that leads on to somewhere else than where those go who may not."""
    status: int = response.status_code
    return 303 if status == 302 and urlsplit(response.url).path not in LED_AWAY else status
