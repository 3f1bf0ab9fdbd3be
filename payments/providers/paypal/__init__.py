"""PayPal: the Orders API, version 2. developer.paypal.com/docs/api/orders/v2"""

from payments.providers.paypal.client import PayPalProvider

__all__ = ["PayPalProvider"]
