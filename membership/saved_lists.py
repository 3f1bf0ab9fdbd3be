"""Lists of the registry saved under a name: one's own, or shared with the office. Only its maker changes a list."""

from django.db import transaction
from django.utils.translation import gettext as _

from core.errors import Refused
from core.models import User
from membership.models import SavedList


@transaction.atomic
def save(*, name: str, asked: str, is_shared: bool, by: User) -> SavedList:
    """Keep what was asked of the registry under a name of one's own. The same name again replaces it."""
    saved, _is_new = SavedList.objects.update_or_create(
        owner=by, name=name, defaults={"asked": asked, "is_shared": is_shared}
    )
    return saved


@transaction.atomic
def change(*, saved: SavedList, name: str, is_shared: bool, by: User) -> None:
    """Give a list of one's own another name, or share it or not."""
    _only_by_its_maker(saved, by)
    if SavedList.objects.filter(owner=by, name=name).exclude(pk=saved.pk).exists():
        raise Refused(_("You have a list of that name already. Choose another name."), code="name")
    saved.name, saved.is_shared = name, is_shared
    saved.save(update_fields=["name", "is_shared"])


@transaction.atomic
def delete(*, saved: SavedList, by: User) -> None:
    """Take a list of one's own away. The members on it are not touched."""
    _only_by_its_maker(saved, by)
    saved.delete()


def _only_by_its_maker(saved: SavedList, by: User) -> None:
    if saved.owner_id != by.pk:
        raise Refused(_("Only %(name)s can change this list."), code="owner",
                      params={"name": saved.owner.get_full_name() or saved.owner.get_username()})  # fmt: skip
