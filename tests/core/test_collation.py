"""Names in Norwegian order, the same on both databases."""

import pytest

from core.collation import sort_key
from membership.models import Member
from tests.makers import make_non_member

NAMES = ["Aamodt", "Abel", "Ås", "Čáhcesuolu", "Dahl", "Ærø", "Øye", "Ödman", "Zakariassen", "abel"]
ORDER = ["Abel", "abel", "Čáhcesuolu", "Dahl", "Zakariassen", "Ærø", "Ödman", "Øye", "Aamodt", "Ås"]


def test_sort_key_puts_the_last_letters_last() -> None:
    assert sorted(sorted(NAMES), key=sort_key)[4:6] == ["Zakariassen", "Ærø"]
    assert sort_key("Aas") == sort_key("Ås")


@pytest.mark.django_db
def test_the_registry_is_in_norwegian_order() -> None:
    for name in NAMES:
        make_non_member("A", name, email="")
    names = list(Member.objects.values_list("last_name", flat=True))
    assert [n.casefold() for n in names[:5]] == [n.casefold() for n in ORDER[:5]]
    assert names[5] == "Ærø"
    assert set(names[6:8]) == {"Øye", "Ödman"}
    assert set(names[8:]) == {"Aamodt", "Ås"}
