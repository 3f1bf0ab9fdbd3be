"""A provider's payout in the bank file is told from a member's payment."""

import pytest

from payments.providers.payouts import is_payout


@pytest.mark.parametrize(
    ("payer_name", "text"),
    [
        ("VIPPS MOBILEPAY AS", ""),
        ("Vipps AS", "Vippsnummer 123456"),
        ("Stripe Payments Europe Ltd", "STRIPE"),
        ("STRIPE TECHNOLOGY EUROPE LTD", ""),
        ("Stripe", ""),
        ("PayPal (Europe) S.a.r.l. et Cie, S.C.A.", ""),
        ("PAYPAL", ""),
        ("", "Utbetaling fra Vipps 2026-03-09"),
        ("", "VIPPS:12345 OPPGJØR 2000231"),
        ("", "STRIPE PAYOUT po_1Abc"),
        ("", "PayPal  Transfer"),
    ],
)
def test_payouts(payer_name: str, text: str) -> None:
    assert is_payout(payer_name=payer_name, text=text)


@pytest.mark.parametrize(
    ("payer_name", "text"),
    [
        ("Kari Nordmann", "vipps virket ikke, betaler kontingent her"),
        ("Kari Nordmann", "utbetaling av medlemskontingent, vipps virket ikke"),
        ("Kari Nordmann", "Vipps settlement"),
        ("Kari Nordmann", "Kontingent 2026"),
        ("Vippsen Hansen", ""),
        ("Stripete Sokker AS", "faktura 10001"),
        ("Elvas Vippe AS", ""),
        ("Ola Stripestad", "Betaling"),
        ("", ""),
    ],
)
def test_ordinary_payments(payer_name: str, text: str) -> None:
    assert not is_payout(payer_name=payer_name, text=text)
