"""A visitor in front of the joining form, who need not wait."""

import pytest

from tests.membership.join_form.makers import (
    Visitor,
    make_join_page,
)


@pytest.fixture(autouse=True)
def no_waiting(settings):
    settings.JOIN_FORM_LEAST_SECONDS = 0
    settings.LANGUAGE_CODE = "en"


@pytest.fixture
def visitor(db) -> Visitor:
    make_join_page()
    return Visitor()
