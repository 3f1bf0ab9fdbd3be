"""A course in taking water samples, invoiced by hand: those who took part show every turn that an invoice can take.

Most pay in time. One pays twice and gets the money back, one is ill and is credited, one pays in parts, one has more
time, one has moved on from the address the invoice went to, one forgets it and is reminded. On the treasurer's last
evening the bank tells of money that no rule can match: a person has to look at it, and nobody has yet.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from django.conf import settings

from config.demo import bank, play_money, post
from config.demo.bank_formats import Paid, account_of
from config.demo.moments import noon
from config.demo.people import Arrival, type_of
from core import dates
from core.models import User
from invoicing import accounts, by_hand, credit_notes
from invoicing import kid as kids
from invoicing.models import Invoice
from membership import members
from membership.models import Member
from payments import refunds
from payments.from_bank import line_queue
from payments.models import BankLine, Payment, PaymentPlan
from payments.reminders import plans, snoozes

PRICE, HUT_PRICE = Decimal(450), Decimal(300)
# Who took part, the longest members first. Bjørn Berg, who always pays in parts, is the third of them.
_PARTS = (
    "punctual", "punctual", "asks_for_parts", "pays_twice", "pays_through_work", "pays_in_parts", "has_more_time",
    "ill", "wrong_address", "forgets", "without_kid", "too_much", "told_twice", "punctual", "hires_the_hut",
)  # fmt: skip
_HUT = "Leie av naustet, en helg"
_EMPLOYER = "Bekk & Bru AS"
_EMPLOYERS_ACCOUNT = account_of(777)


@dataclass(kw_only=True)
class Course:
    """The course's invoices by what becomes of them. It is held so long before the treasurer's last evening that who
    has not paid is reminded then, and who hired the hut a week later is to be reminded now."""

    held_on: date
    by: User
    invoices: dict[str, list[Invoice]] = field(default_factory=dict)

    @classmethod
    def planned(cls, *, last_evening: date, by: User) -> "Course":
        """A course that is held on one of the treasurer's evenings."""
        client = settings.CLIENT
        days = client.invoicing.due_days + client.reminders.days_until[0]
        return cls(held_on=dates.days_after(last_evening, -7 * -(-days // 7)), by=by)

    @property
    def members(self) -> set[int]:
        """Who took part, by key."""
        return {row.member_id for rows in self.invoices.values() for row in rows if row.member_id}

    def _week(self, on: date) -> int | None:
        """How many weeks the course is over; None on other days."""
        weeks, days = divmod((on - self.held_on).days, 7)
        return weeks if not days else None

    # --- before the bank ---------------------------------------------------------------------------------------------

    def prepare(self, *, on: date, arrivals: Sequence[Arrival]) -> None:
        """Issue the invoices, and answer those who wrote because of theirs."""
        match self._week(on):
            case 0:
                self._invoice(_taking_part(arrivals, on), on)
            case 1:
                self._answer(on)

    def _invoice(self, people: Sequence[Member], on: date) -> None:
        for part, member in zip(_PARTS, people, strict=False):
            if part == "wrong_address":
                moved = {"email": f"{member.email.partition('@')[0]}@{post.WRONG}"}
                members.change(member=member, changes=moved, at=noon(on), by=member.user, source="my_page")
            invoice = self._issue(member, "Kurs i vannprøver", PRICE, on)
            self.invoices.setdefault(part, []).append(invoice)

    def _issue(self, member: Member, text: str, price: Decimal, on: date) -> Invoice:
        item = by_hand.Item(text=text, unit_price=price)
        return by_hand.issue(payer=member, items=[item], on=on, at=noon(on), by=self.by)

    def _answer(self, on: date) -> None:
        [invoice] = self._of("pays_in_parts")
        plan = plans.propose(invoice=invoice, number=3, on=on, by=_log_in(invoice))
        plans.agree(plan=plan, on=on, at=noon(on), by=self.by)
        [invoice] = self._of("has_more_time")
        snoozes.ask(invoice=invoice, until=dates.days_after(invoice.due_on, 28), on=on, by=_log_in(invoice))
        hires = [*self._of("punctual"), *self._of("hires_the_hut"), *self._of("pays_through_work")]
        self.invoices["hut"] = [self._issue(row.member, _HUT, HUT_PRICE, on) for row in hires if row.member]
        if play_money.is_in_use():
            [invoice] = self._of("pays_twice")
            assert invoice.member is not None
            called_off = self._issue(invoice.member, _HUT, HUT_PRICE, on)
            play_money.pay_and_get_back(called_off, on=on, by=self.by, reason="Avlyst på grunn av storm")

    # --- what the bank is told ---------------------------------------------------------------------------------------

    def money(self, on: date) -> list[Paid]:
        """What has come for the course since the evening before."""
        day = dates.days_after(on, -2)
        match self._week(on):
            case 1:
                return [bank.by_kid(invoice, on=day) for invoice in self._of("punctual")]
            case 2:
                [twice], [through_work] = self._of("pays_twice"), self._of("pays_through_work")
                assert through_work.member is not None
                words = f"Kurs {through_work.member.full_name}"
                return [bank.by_kid(twice, on=day, amount=2 * PRICE), _from_work(PRICE, words, day)]
            case 3:
                [plan] = PaymentPlan.objects.filter(invoice__in=self._of("pays_in_parts"))
                first = plan.instalments.order_by("number")[0].amount
                return [bank.by_kid(plan.invoice, on=day, amount=first)]
        return []

    # --- after the bank ----------------------------------------------------------------------------------------------

    def settle(self, *, on: date) -> None:
        """Put right what the bank's files leave to a person, and what people write about."""
        match self._week(on):
            case 2:
                [invoice] = self._of("pays_through_work")
                line = BankLine.objects.queued().get(payer_account=_EMPLOYERS_ACCOUNT)
                line_queue.confirm(line=line, invoices=[invoice], at=noon(on), by=self.by)
                [invoice] = self._of("ill")
                credit_notes.credit(invoice=invoice, on=on, at=noon(on), by=self.by, reason="Syk på kursdagen")
            case 3:
                [invoice] = self._of("pays_twice")
                payment = Payment.objects.get(kid=invoice.kid)
                refunds.pay_back(
                    payment=payment, amount=payment.unused_amount, on=on, at=noon(on), by=self.by,
                    source_reference=f"demo:refund:{payment.pk}", reason="Betalt to ganger",
                )  # fmt: skip

    # --- and what nobody has looked at yet ---------------------------------------------------------------------------

    def leave_a_queue(self, *, on: date, newcomer: Arrival) -> None:
        """Bring an OCR file and a camt file of which most is booked; one line of each kind waits for a person."""
        [too_much], [told_twice] = self._of("too_much"), self._of("told_twice")
        first, *others = [bank.by_kid(invoice, on=on) for invoice in self._of("hut")[:3]]
        bank.bring(
            [
                first,
                bank.by_kid(too_much, on=on, amount=PRICE + 50),
                bank.by_kid(told_twice, on=on),
                _wrong_price(newcomer, on),
                _unknown_kid(on),
            ],
            kind="ocr", on=on, by=self.by,
        )  # fmt: skip
        [without_kid] = self._of("without_kid")
        assert without_kid.member is not None
        file = bank.bring(
            [
                *others,
                bank.by_kid(told_twice, on=on, amount=PRICE),
                bank.paid_by(without_kid.member, amount=PRICE, on=on, text="Takk for et fint kurs"),
                _from_work(HUT_PRICE, "Naustet i helgen", on),
                Paid(on=on, amount=Decimal("12.40"), name="Fjordbanken", account=account_of(1), text="Renter"),
                Paid(on=on, amount=Decimal(-85), name="Fjordbanken", account=account_of(1), text="Gebyr for OCR"),
            ],
            kind="camt", on=on, by=self.by,
        )  # fmt: skip
        interest = file.lines.get(text="Renter")
        line_queue.set_aside(line=interest, reason="Renter av innskudd", at=noon(on), by=self.by)

    def ask_for_parts(self, *, on: date) -> None:
        """After the reminder somebody asks to pay in parts, and nobody has answered."""
        [invoice] = self._of("asks_for_parts")
        plans.propose(invoice=invoice, number=3, on=on, by=_log_in(invoice))

    def _of(self, part: str) -> list[Invoice]:
        """The invoices of those who play a part, as they are now."""
        for invoice in self.invoices[part]:
            invoice.refresh_from_db()
        return self.invoices[part]


def _taking_part(arrivals: Sequence[Arrival], on: date) -> list[Member]:
    """Those who have joined by themselves, pay what they owe, and can be written to."""
    here = Member.objects.in_status("active", on=on).in_bulk()
    return [here[row.member.pk] for row in arrivals
            if row.member and row.member.pk in here and row.pays_after and post.reaches(row.member.email)]  # fmt: skip


def _log_in(invoice: Invoice) -> User | None:
    return invoice.member.user if invoice.member else None


def _from_work(amount: Decimal, text: str, on: date) -> Paid:
    """Somebody's employer pays, without a KID."""
    return Paid(on=on, amount=amount, name=_EMPLOYER, account=_EMPLOYERS_ACCOUNT, text=text)


def _wrong_price(newcomer: Arrival, on: date) -> Paid:
    """Who chose the membership of a family pays what one person costs."""
    assert newcomer.member is not None
    invoice = Invoice.objects.open().get(member=newcomer.member)
    return bank.by_kid(invoice, on=on, amount=type_of(newcomer.pays_as).price)


def _unknown_kid(on: date) -> Paid:
    """A KID that could be ours, and is none of our invoices'."""
    account = accounts.chosen()
    kid = kids.with_check_digit("7" * (account.kid_length - 1), account.kid_modulus)
    return Paid(on=on, amount=Decimal(400), name="Ukjent", account=account_of(2), kid=kid)
