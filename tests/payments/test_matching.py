"""What the treasurer types, and which invoice it leads to. Alice, Bob's family and Charlie each owe something."""

from decimal import Decimal
from typing import Any

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from invoicing.models import Invoice
from membership.models import Member
from payments import intake, matching
from payments.matching import Reading, Reason
from tests.makers import NOW, TODAY, invoice_of, kroner, make_household, make_invoice

NBSP = "\u00a0"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", Reading()),
        ("   ", Reading()),
        ("12", Reading(kid="12", number=12, amount=Decimal("12.00"))),
        ("7", Reading(number=7, amount=Decimal("7.00"))),
        ("007", Reading(kid="007", number=7, amount=Decimal("7.00"))),
        ("600,50", Reading(amount=Decimal("600.50"))),
        ("1 234,50", Reading(amount=Decimal("1234.50"))),
        ("kr 600", Reading(amount=Decimal("600.00"))),
        ("0", Reading(number=0)),
        ("00012 34000 05674", Reading(kid="000123400005674", number=123400005674, words="000123400005674")),
        (f"12345678{NBSP}2", Reading(kid="123456782", number=123456782, words="123456782")),
        ("123.456.78-", Reading(kid="12345678-")),
        ("Åse Ærø", Reading(words="Åse Ærø")),
        ("ola@example.no", Reading(words="ola@example.no")),
        ("+47 912 34 567", Reading(words="+4791234567")),
        ("Fjordgata 1", Reading(words="Fjordgata 1")),
        ("Ola\x00\r\nNordmann", Reading(words="Ola Nordmann")),
        ("9" * 30, Reading(words="9" * 30)),
        ("<script>alert(1)</script>", Reading(words="<script>alert(1)</script>")),
        ("%", Reading()),
    ],
)
def test_read(text: str, expected: Reading) -> None:
    assert matching.read(text) == expected


@pytest.mark.parametrize(
    ("kid", "expected"),
    [
        ("000123400005674", False),
        ("000123400005677", False),  # right by modulus 11
        ("000123400005675", True),
        ("12345", False),  # too short to be sure
    ],
)
def test_wrong_check_digit(kid: str, expected: bool) -> None:
    assert Reading(kid=kid).has_wrong_check_digit is expected


@given(st.text(max_size=300))
def test_anything_can_be_read(text: str) -> None:
    reading = matching.read(text)
    assert len(reading.kid) <= matching.LONGEST_KID
    assert reading.amount is None or reading.amount > 0
    assert "\x00" not in reading.words


@pytest.fixture
def alice(db: Any) -> Invoice:
    return make_invoice("Alice", "Ås", email="alice@example.no", mobile="+4791234567")


@pytest.fixture
def bob(db: Any) -> Invoice:
    return invoice_of(make_household("Bob", "Berit", "Bjørn Åge", paid=False).main_member)


@pytest.fixture
def charlie(db: Any) -> Invoice:
    return make_invoice("Charlie", "Øverås", type_code="UTP", email="")


def shown(found: matching.Found) -> list[tuple[str, str]]:
    return [(candidate.invoice.buyer_name, candidate.reason.value) for candidate in found.candidates]


def find(text: str, **how: Any) -> list[tuple[str, str]]:
    return shown(matching.find(text=text, **how))


@pytest.mark.django_db
def test_match_by_kid(alice: Invoice, bob: Invoice) -> None:
    assert matching.match(kid=alice.kid) == matching.Match(invoice=alice, is_exact=True)
    spaced = f"{alice.kid[:5]} {alice.kid[5:10]}{NBSP}{alice.kid[10:]}."
    assert matching.match(kid=spaced) == matching.Match(invoice=alice, is_exact=True)
    assert matching.match(kid=bob.kid.lstrip("0")) == matching.Match(invoice=bob, is_exact=False)
    assert matching.match(kid="0" * 3 + bob.kid) == matching.Match(invoice=bob, is_exact=False)


@pytest.mark.django_db
@pytest.mark.parametrize("kid", ["", "0", "000", "123456782", "-", "abc", "9" * 26, "1" * 10_000])
def test_no_match(alice: Invoice, kid: str) -> None:
    assert matching.match(kid=kid) is None


@pytest.mark.django_db
def test_two_that_differ_in_zeros_are_no_match(alice: Invoice, bob: Invoice) -> None:
    Invoice.objects.filter(pk=alice.pk).update(kid="00018")
    Invoice.objects.filter(pk=bob.pk).update(kid="018")
    assert matching.match(kid="18") is None
    assert matching.match(kid="018") == matching.Match(invoice=bob, is_exact=True)


@pytest.mark.django_db
def test_a_credit_note_is_never_matched(alice: Invoice) -> None:
    note = Invoice.objects.create(
        number=900, kind="credit_note", credits=alice, issued_on=TODAY, due_on=TODAY, issued_at=NOW, seller={},
        buyer_name="Alice Ås", total=kroner("-400"), open_amount=0, kid="123456782", member=alice.member,
    )  # fmt: skip
    assert matching.match(kid=note.kid) is None
    assert find("900") == []
    assert find("alice") == [("Alice Ås", "name")]


@pytest.mark.django_db
class TestFind:
    """The keyboard field."""

    @pytest.fixture(autouse=True)
    def everybody(self, alice: Invoice, bob: Invoice, charlie: Invoice) -> None:
        self.alice, self.bob, self.charlie = alice, bob, charlie

    def test_by_kid(self) -> None:
        assert find(self.alice.kid) == [("Alice Ås", "kid")]
        assert find(self.alice.kid.lstrip("0")) == [("Alice Ås", "kid_without_zeros")]

    @pytest.mark.parametrize("slip", ["wrong digit", "left out", "too many", "swapped", "no zeros"])
    def test_by_a_kid_with_one_slip(self, slip: str) -> None:
        kid = self.alice.kid
        other = str((int(kid[7]) + 1) % 10)
        place = next(place for place in range(len(kid) - 1) if kid[place] != kid[place + 1])
        typed = {
            "wrong digit": kid[:7] + other + kid[8:],
            "left out": kid[:-2] + kid[-1],
            "too many": f"{kid[:4]}7{kid[4:]}",
            "swapped": kid[:place] + kid[place + 1] + kid[place] + kid[place + 2 :],
            "no zeros": kid[3:7] + other + kid[8:],
        }[slip]
        with translation.override("en"):
            found = matching.find(text=typed)
        assert [(c.invoice, c.reason) for c in found.candidates] == [(self.alice, Reason.KID_NEARLY)]
        assert found.only is None  # a person compares, and says yes
        assert found.note == (
            "No invoice has this KID. The first below differs from it by one slip: compare it with the bank's."
        )
        Invoice.objects.filter(pk=self.alice.pk).update(open_amount=0)
        assert matching.find(text=typed).candidates == []

    def test_who_may_not_see_the_invoice_is_not_led_to_it_by_a_slip(self) -> None:
        kid = self.alice.kid
        typed = f"{kid[:4]}7{kid[4:]}"
        others = Invoice.objects.exclude(pk=self.alice.pk)
        assert matching.find(text=typed, among=others).candidates == []

    def test_by_invoice_number(self) -> None:
        assert find(str(self.bob.number)) == [("Bob Berg", "number")]
        assert find(f"00{self.bob.number}") == [("Bob Berg", "number")]

    def test_by_member_number(self) -> None:
        Member.objects.filter(pk=self.alice.member_id).update(member_number="5501")
        Invoice.objects.filter(pk=self.alice.pk).update(member_number="5501")
        assert find("5501") == [("Alice Ås", "member_number")]

    def test_by_amount(self) -> None:
        assert find("600") == [("Bob Berg", "amount")]
        assert find("kr 300,-") == [("Charlie Øverås", "amount")]
        assert find("300,50") == []

    def test_what_is_left_counts_not_the_total(self) -> None:
        intake.record(
            amount=kroner("150"), received_on=TODAY, source="hand", source_reference="1", at=NOW, by=None,
            invoices=[self.alice],
        )  # fmt: skip
        assert find("250") == [("Alice Ås", "amount")]
        assert find("400") == []

    def test_a_number_comes_before_an_amount(self) -> None:
        Invoice.objects.filter(pk=self.alice.pk).update(number=600)
        assert find("600") == [("Alice Ås", "number"), ("Bob Berg", "amount")]

    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("øverås", "Charlie Øverås"),
            ("ØVERÅS charlie", "Charlie Øverås"),
            ("alice@example", "Alice Ås"),
            ("912 34 567", "Alice Ås"),
            ("bjørn åge", "Bob Berg"),  # the child's line stands on the main member's invoice
        ],
    )
    def test_by_name_and_what_else_is_known(self, text: str, expected: str) -> None:
        assert find(text) == [(expected, "name")]

    def test_older_before_newer(self) -> None:
        Invoice.objects.filter(pk=self.charlie.pk).update(due_on=TODAY)
        assert find("example.no") == [("Alice Ås", "name"), ("Bob Berg", "name")]
        assert find("trondheim") == [("Charlie Øverås", "name"), ("Alice Ås", "name"), ("Bob Berg", "name")]

    def test_settled_invoices_only_when_nothing_is_open(self) -> None:
        second = make_invoice("Alice", "Aas", email="")
        Invoice.objects.filter(pk=self.alice.pk).update(open_amount=0)
        assert find("alice") == [(second.buyer_name, "name")]
        assert find("alice@example") == [("Alice Ås", "name")]
        assert find(str(self.alice.number)) == [("Alice Ås", "number")]

    def test_only_so_many(self) -> None:
        found = matching.find(text="trondheim", limit=2)
        assert (len(found.candidates), found.has_more) == (2, True)
        assert matching.find(text="trondheim", limit=3).has_more is False

    def test_the_only_candidate_is_gone_on_with(self) -> None:
        Invoice.objects.filter(pk=self.bob.pk).update(kid="600")
        assert matching.find(text="øverås").only.reason == Reason.NAME  # type: ignore[union-attr]
        assert matching.find(text="600").only.reason == Reason.KID  # type: ignore[union-attr]
        assert matching.find(text="trondheim").only is None
        assert matching.find(text="nobody").only is None

    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            (
                "000123400005675",
                "The check digit of this KID is wrong: a digit is probably mistyped. Compare it with the bank's.",
            ),
            ("000123400005674", "No invoice has this KID. Try the invoice number or the payer's name."),
            ("777", f"No invoice has this number, and none has kr{NBSP}777 left to pay. Try the payer's name."),
            ("Nobody", "No invoice was found. Try fewer letters of the name, the invoice number or the KID."),
            ("%", "No invoice was found. Try fewer letters of the name, the invoice number or the KID."),
            ("_", "No invoice was found. Try fewer letters of the name, the invoice number or the KID."),
        ],
    )  # fmt: skip
    def test_why_nothing_was_found(self, text: str, expected: str) -> None:
        with translation.override("en"):
            assert matching.find(text=text) == matching.Found(candidates=[], note=expected)

    @pytest.mark.parametrize("text", ["trondheim", "600", "øverås", "x" * 10_000, "' OR 1=1 --", "\x00"])
    def test_always_the_same_queries(self, text: str, django_assert_max_num_queries: Any) -> None:
        with django_assert_max_num_queries(4):
            matching.find(text=text)


@pytest.mark.django_db
@pytest.mark.parametrize("count", [1, 3])
def test_queries_do_not_grow(count: int, django_assert_num_queries: Any) -> None:
    for name in ("Alice", "Bob", "Charlie")[:count]:
        make_invoice(name, "Ås", email="")
    with django_assert_num_queries(3):  # suggestions, invoices with their payers, lines
        found = matching.find(text="trondheim")
        assert [len(c.invoice.lines.all()) for c in found.candidates] == [1] * count
