"""Vipps, cards and PayPal: what a payment provider must do, and one folder a provider. All off by default."""
