"""What is remembered about who belongs."""

from .applications import Application
from .consents import Consent, ConsentText
from .households import Household
from .imports import ImportRun
from .members import Member
from .pages import JoinPage
from .periods import Period
from .types import MembershipType

__all__ = [
    "Application",
    "Consent",
    "ConsentText",
    "Household",
    "ImportRun",
    "JoinPage",
    "Member",
    "MembershipType",
    "Period",
]
