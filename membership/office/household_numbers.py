"""The dashboard's number of households that somebody should look at."""

from datetime import date

from django.core.cache import cache
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from membership import households, scope
from membership.models import Household
from membership.office.numbers import OfficeNumber

CACHE_SECONDS = 600  # looks at every household there is


def households_to_look_at(request: HttpRequest, on: date) -> OfficeNumber | None:
    """Households with a warning, and people whose household or payer is missing."""
    if not request.user.has_perm("membership.view_household"):
        return None
    with_payers = scope.may_know_payers(request.user)
    key = f"office:households-to-look-at:{on}:{scope.cache_key(request.user)}:{with_payers}"
    count: int | None = cache.get(key)
    if count is None:
        homes = scope.visible_to(request.user, Household.objects.to_look_at(on=on, with_payers=with_payers))
        loose = scope.visible_to(request.user, households.loose_members(on=on, with_payers=with_payers))
        count = homes.count() + loose.count()
        cache.set(key, count, CACHE_SECONDS)
    return OfficeNumber(
        order=220, label=_("Households to look at"), count=count, tone="warn",
        url=f"{reverse('households:index')}?to_look_at=true",
    )  # fmt: skip
