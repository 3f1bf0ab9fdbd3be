"""Pain 12: Alice is in the register from before and joins once more on the website. The office makes one of two."""

import pytest
from django.test import Client
from django.utils import timezone

from config import nightly
from core import dates
from membership import roles
from membership.models import DuplicatePair, Member, Merge
from membership.sign_in import log_ins
from tests.makers import invoice_of, make_household, make_member, make_user
from tests.membership.join_form.makers import confirm_link
from tests.stories.test_joining import join, website

__all__ = ["website"]
pytestmark = pytest.mark.django_db


def test_alice_joins_a_second_time_and_is_one_again() -> None:
    today = dates.day_of(timezone.now())
    old = make_member("Åse", "Ødegård", on=dates.first_of_year(dates.add_years(today, -1)), email="gammel@example.no")
    make_household("Bob", "Berit")
    visitor = join(first_names="Aase", last_name="Oedegaard", email="ny@example.no", born_on="17.05.1980")
    visitor.client.post(confirm_link())
    new = Member.objects.get(first_names="Aase")
    pair = DuplicatePair.objects.get()
    assert {pair.first, pair.second} == {old, new}

    office = Client(headers={"accept-language": "en"})
    office.force_login(make_user(roles.MEMBER_ADMINS))
    assert "Åse Ødegård" in office.get("/admin/duplicates/").content.decode()
    invoice = invoice_of(new)
    keep = {"keep": old.pk, "first_names": old.pk, "last_name": old.pk, "email": new.pk}
    form = office.get(f"/admin/duplicates/{pair.pk}/merge/").context["form"]
    chosen = {name: field.initial for name, field in form.fields.items()} | keep
    office.post(f"/admin/duplicates/{pair.pk}/merge/", {**chosen, "confirmed": "1"})

    old.refresh_from_db()
    invoice.refresh_from_db()
    assert (old.full_name, old.email, invoice.member) == ("Åse Ødegård", "ny@example.no", old)
    assert old.periods.count() == 2
    assert old.user is not None
    assert old.user.email == "ny@example.no"
    assert "Ødegård" in office.get("/admin/members/results/", {"q": new.member_number}).content.decode()

    assert log_ins.find(new.member_number) == old.user

    office.post(f"/admin/merges/{Merge.objects.get().pk}/undo/")
    invoice.refresh_from_db()
    assert (Member.objects.get(pk=new.pk).email, invoice.member_id) == ("ny@example.no", new.pk)
    done = dict(nightly.run(on=today, at=timezone.now()))
    assert not done["Possible duplicates"].changed
    assert {pair.first, pair.second} == {old, new}
