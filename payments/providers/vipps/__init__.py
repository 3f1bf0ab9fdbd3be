"""Vipps MobilePay: the ePayment API. developer.vippsmobilepay.com/docs/APIs/epayment-api"""

from payments.providers.vipps.client import VippsProvider

__all__ = ["VippsProvider"]
