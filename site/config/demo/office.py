"""What the demo's office has made of the two years, so that every screen has something to show.

Committees with terms, an employer with seats, two people who are in the registry twice, a voter roll with appeals, and
a list that everybody shares. Branches and a campaign too, where the client has them.
"""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from config.demo import log_ins
from config.demo.moments import noon
from core import dates
from core.models import User
from membership import (
    applications,
    branches,
    campaigns,
    duplicates,
    households,
    invitations,
    joining,
    members,
    merging,
    positions,
    saved_lists,
    seats,
    simulator,
    simulator_runs,
    voter_rolls,
)
from membership.consents import ConsentGiven
from membership.members import PersonData
from membership.models import Branch, Campaign, Committee, Member, MembershipType, Position, VoterRoll, VoterRollAppeal

Office = Position.Office

# name, code, the one it is part of, postcodes
_BRANCHES = (
    ("Trøndelag", "TRL", "", "7000-7999"),
    ("Trondheim", "TRD", "TRL", "7010-7099"),
    ("Stjørdal og Verdal", "SVE", "TRL", "7500-7699"),
    ("Oslo", "OSL", "", "0001-1299"),
    ("Finnmark", "FIN", "", "95, 96, 97, 98, 99"),
)
_OFFICERS_BRANCH = "TRD"
_BOARD = (Office.LEADER, Office.DEPUTY_LEADER, Office.TREASURER, Office.SECRETARY, Office.MEMBER, Office.SUBSTITUTE)


# --- before anybody joins ---------------------------------------------------------------------------------------------


def make_branches() -> None:
    """The branches, so that those who join come into the one of their postcode; none where the client has none."""
    if not branches.are_used():
        return
    made: dict[str, Branch] = {}
    for name, code, above, postcodes in _BRANCHES:
        made[code] = Branch.objects.create(name=name, code=code, parent=made.get(above), postcodes=postcodes)


def make_campaign(*, today: date) -> None:
    """A code for half the price, which ends with the month after next; none where the client has no campaigns."""
    if campaigns.are_used():
        Campaign.objects.create(
            code="VENN", name="Ta med en venn", percent=50, valid_from=dates.days_after(today, -60),
            valid_to=dates.days_after(today, 60), max_uses=200,
        )  # fmt: skip


# --- after the two years ----------------------------------------------------------------------------------------------


def build(*, paying: Sequence[Member], type_code: str, today: date, by: User) -> None:
    """Do what an office does. `paying` have paid, the earliest first; an employer joins as `type_code`."""
    _committees(paying, today=today, by=by)
    _employer(paying[-3:], type_code=type_code, today=today, by=by)
    _twice(paying, today=today, by=by)
    _recruit(paying[0], type_code=type_code, today=today)
    invitations.invite(inviter=paying[0], email="bestemor@demo.example", name="Agnes Aas", on=today, at=noon(today))
    _roll(paying, today=today, by=by)
    saved_lists.save(name="Unge voksne", asked=f"status=active&born_min={today.year - 30}", is_shared=True, by=by)
    if branches.are_used():
        _local(paying, today=today, by=by)


def look_after_a_branch() -> None:
    """Make somebody officer of a branch, where there are branches."""
    if branches.are_used():
        Branch.objects.get(code=_OFFICERS_BRANCH).officers.add(log_ins.of(log_ins.OFFICER))


def try_another_price(*, today: date, by: User) -> None:
    """What would come of it if every membership that has a price cost fifty kroner more next year."""
    dearer = {type_.pk: {"price": type_.price + 50} for type_ in MembershipType.objects.selectable() if type_.price}
    proposal = simulator.Proposal(year=today.year + 1, changes=dearer)
    run = simulator_runs.start(proposal=proposal, today=today, at=noon(today), by=by)
    while simulator_runs.carry_on(run_id=run.pk, at=noon(today)):
        pass


def _committees(paying: Sequence[Member], *, today: date, by: User) -> None:
    """A board in its second term, with a leader who was deputy before, and a nominating committee."""
    elected_on = date(today.year - 1 if today < date(today.year, 3, 15) else today.year, 3, 15)
    before = dates.add_years(elected_on, -1)
    last_on = dates.days_after(elected_on, -1)
    board = Committee.objects.create(name="Styret", is_board=True)
    for office, member in zip(_BOARD[:4], paying[1:5], strict=True):
        positions.elect(committee=board, member=member, office=office, starts_on=before, ends_on=last_on, by=by)
    for office, member in zip(_BOARD, [paying[2], *paying[5:8], *paying[:2]], strict=True):
        positions.elect(committee=board, member=member, office=office, starts_on=elected_on,
                        ends_on=dates.days_after(dates.add_years(elected_on, 1), -1), by=by)  # fmt: skip
    nominating = Committee.objects.create(name="Valgkomiteen")
    for office, member in zip((Office.LEADER, Office.MEMBER), paying[8:10], strict=True):
        positions.elect(committee=nominating, member=member, office=office, starts_on=elected_on, ends_on=None, by=by)


def _employer(people: Sequence[Member], *, type_code: str, today: date, by: User) -> None:
    """A firm that is a member, has three seats and pays for one who works there."""
    firm = PersonData(
        kind=Member.Kind.ORGANISATION, last_name="Elvekraft AS", contact_person=people[0].full_name,
        email="post@elvekraft.example", address_line_1="Kraftveien 2", postcode="7010", place="Trondheim",
    )  # fmt: skip
    on = dates.days_after(today, -40)
    joined = joining.join(
        people=[firm], wanted_type=MembershipType.objects.get(code=type_code), on=on, at=noon(on), trial=False, by=by
    )
    employer = joined.main_member
    seats.set_number(organisation=employer, number=3, by=by)
    seats.name_contact(organisation=employer, member=people[0], what_for="alt", by=by)
    for member in people[:2]:
        seats.take(organisation=employer, member=member, on=on, by=by)
    households.pay_for(people=[people[2]], payer=employer, at=noon(on), by=by)


def _twice(paying: Sequence[Member], *, today: date, by: User) -> None:
    """Three who signed a list at a stall were in the registry already: one is spelt otherwise now, two have moved. Of
    one of these it was seen, and the two entries are one again."""
    foreign = str.maketrans({"ø": "o", "Ø": "O", "å": "aa", "Å": "Aa"})
    spelt = next(member for member in paying if member.last_name.translate(foreign) != member.last_name)
    moved, seen = [member for member in paying[10:] if member != spelt][:2]
    entries = [
        PersonData(
            first_names=member.first_names,
            last_name=member.last_name.translate(foreign),
            born_on=member.born_on,
            email=f"ny.{member.email}",
            address_line_1=street,
            postcode="7011",
            place="Trondheim",
        )
        for member, street in ((spelt, "Nygata 3"), (moved, "Bakkegata 8"), (seen, "Torggata 1"))
    ]
    again = [members.create(data=entry, on=dates.days_after(today, -3), by=by) for entry in entries]
    duplicates.look_at(members=again, at=noon(today))
    merging.merge(kept=seen, absorbed=again[-1], choices={}, on=today, at=noon(today), by=by)


def _recruit(recruiter: Member, *, type_code: str, today: date) -> None:
    """Somebody joined last week by the form, with the campaign's code and the number of whoever told them of it."""
    if not campaigns.are_used():
        return
    on = dates.days_after(today, -7)
    friend = PersonData(
        first_names="Frida", last_name="Venn", born_on=date(1995, 4, 3), email="frida@demo.example",
        mobile="+4741000001", address_line_1="Elvegata 3", postcode="7010", place="Trondheim",
    )  # fmt: skip
    application = applications.apply(
        token=UUID(int=61), people=[friend], wanted_type=MembershipType.objects.get(code=type_code),
        consents=[ConsentGiven(purpose="statutes")], language="nb", at=noon(on),
        campaign=Campaign.objects.get(code="VENN"), recruiter_number=recruiter.member_number,
    )  # fmt: skip
    applications.confirm(application=application, at=noon(on))


def _roll(paying: Sequence[Member], *, today: date, by: User) -> None:
    """The voter roll of the latest general meeting, frozen, and that of the next. Two who joined soon after say that
    they were in time: of the one it was decided, the other waits."""
    met_on = date(today.year - 1 if today < date(today.year, 3, 10) else today.year, 3, 10)
    rolls = [VoterRoll(name=f"Årsmøtet {day.year}", counts_on=day, min_age=15)
             for day in (met_on, dates.add_years(met_on, 1))]  # fmt: skip
    for roll in rolls:
        roll.save()
        roll.types.set(MembershipType.objects.voting())
    roll = voter_rolls.freeze(roll=rolls[0], on=met_on, at=noon(met_on), by=by)
    rows = [
        voter_rolls.appeal(
            roll=roll,
            at=noon(met_on),
            by=by,
            asked=voter_rolls.Asked(
                member=member,
                wants=VoterRollAppeal.Wants.ADD,
                raised_by=member.full_name,
                reason="Jeg meldte meg inn på stand før møtet.",
                received_on=met_on,
            ),
        )
        for member in [member for member in paying if member.registered_on > met_on][:2]
    ]
    decided = voter_rolls.Decided(
        is_upheld=True, by="Styret", on=dates.days_after(met_on, 1), explanation="Skjemaet fra standen er vist."
    )
    for row in rows[:1]:
        voter_rolls.decide(appeal=row, decided=decided, at=noon(decided.on), by=by)


def _local(paying: Sequence[Member], *, today: date, by: User) -> None:
    """A branch has its own board, and somebody has moved to it."""
    local = Branch.objects.get(code=_OFFICERS_BRANCH)
    here = [member for member in paying if member.branch_id == local.pk]
    board = Committee.objects.create(name="Lokalstyret", is_board=True, branch=local)
    positions.elect(committee=board, member=here[0], office=Office.LEADER, starts_on=date(today.year, 1, 1),
                    ends_on=None, by=by)  # fmt: skip
    elsewhere = next(member for member in paying if member.branch_id != local.pk)
    on = dates.days_after(today, -30)
    branches.transfer(member=elsewhere, to=local, on=on, today=today, at=noon(today), by=by)
