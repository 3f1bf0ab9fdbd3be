"""Paying at once, through a provider of payments/providers: from the payer's click to the books and back."""
