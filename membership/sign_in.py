"""How members log in: allauth's adapter."""

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest


class AccountAdapter(DefaultAccountAdapter):
    """Nobody signs up here: a log-in comes with a membership."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False
