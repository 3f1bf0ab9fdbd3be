"""Stripe: cards, through Checkout Sessions. docs.stripe.com/api/checkout/sessions"""

from payments.providers.stripe.client import StripeProvider

__all__ = ["StripeProvider"]
