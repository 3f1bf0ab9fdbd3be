"""What is remembered about who belongs."""

from .applications import Application
from .consents import Consent, ConsentText
from .households import Household
from .members import Member
from .periods import Period
from .types import MembershipType
from .pages import JoinPage

__all__ = ["Application", "Consent", "ConsentText", "Household", "JoinPage", "Member", "MembershipType", "Period"]
