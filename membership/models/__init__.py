"""What is remembered about who belongs."""

from .applications import Application
from .branches import Branch, BranchTransfer
from .campaigns import Campaign
from .consents import Consent, ConsentText
from .duplicates import AbsorbedEntry, DuplicatePair, Merge, ToCompare
from .households import Household
from .imports import ImportPreset, ImportRow, ImportRun
from .invitations import Invitation
from .lists import BulkRun, SavedList
from .members import Member
from .pages import JoinPage
from .periods import Period
from .positions import Committee, Position
from .retention import Erasure, ErasureHold, ErasureRequest
from .seats import ContactPerson, Seat
from .simulations import Simulation, SimulationPart
from .types import MembershipType
from .voter_rolls import VoterRoll, VoterRollAppeal, VoterRollLine

__all__ = [
    "AbsorbedEntry",
    "Application",
    "Branch",
    "BranchTransfer",
    "BulkRun",
    "Campaign",
    "Committee",
    "Consent",
    "ConsentText",
    "ContactPerson",
    "DuplicatePair",
    "Erasure",
    "ErasureHold",
    "ErasureRequest",
    "Household",
    "ImportPreset",
    "ImportRow",
    "ImportRun",
    "Invitation",
    "JoinPage",
    "Member",
    "MembershipType",
    "Merge",
    "Period",
    "Position",
    "SavedList",
    "Seat",
    "Simulation",
    "SimulationPart",
    "ToCompare",
    "VoterRoll",
    "VoterRollAppeal",
    "VoterRollLine",
]
