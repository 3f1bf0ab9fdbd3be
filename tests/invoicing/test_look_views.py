"""The look of documents in the office: seen before it is kept, and a logo that cannot be drawn is told at once."""

from pathlib import Path
from types import SimpleNamespace

import pytest
from django.test import Client
from wagtail.images import get_image_model
from wagtail.images.tests.utils import get_test_image_file
from wagtail.models import Collection

from invoicing import press
from invoicing.models import PrintLook
from membership import roles
from tests.makers import make_user, set_up_client

pytestmark = pytest.mark.django_db
ADDRESS = "/admin/treasury/look/"
FORM = {"design": "plain", "window": "left", "date_format": ""}


@pytest.fixture
def treasurer():
    set_up_client()
    client = Client()
    client.force_login(make_user(roles.TREASURERS, language="en"))
    return client


@pytest.fixture
def logo(settings, tmp_path):
    settings.MEDIA_ROOT = str(tmp_path)
    Collection.get_first_root_node() or Collection.add_root(name="Root")
    return get_image_model().objects.create(title="Logo", file=get_test_image_file(filename="logo.png"))


@pytest.fixture(autouse=True)
def no_thumbnails(monkeypatch):
    """Wagtail makes them for its own field, and leaves the file it makes them in open: a warning, so an error here."""
    nothing = SimpleNamespace(url="/media/not-found", width=0, height=0)
    monkeypatch.setattr("wagtail.images.widgets.get_rendition_or_not_found", lambda image, spec: nothing)


@pytest.fixture
def broken_logo(logo):
    """A picture by its name, whose file is gone."""
    Path(logo.file.path).unlink()
    return logo


def test_a_look_is_seen_and_then_kept(treasurer, logo):
    form = {**FORM, "logo": logo.pk}
    for wanted in ("invoice:nb", "welcome:en"):
        seen = treasurer.post(ADDRESS, {**form, "preview": wanted})
        assert (seen["Content-Type"], seen.content[:5]) == ("application/pdf", b"%PDF-")
    assert not PrintLook.objects.exists()
    assert treasurer.post(ADDRESS, form)["Location"] == ADDRESS
    assert PrintLook.objects.values_list("design", "logo").get() == ("plain", logo.pk)


def test_what_is_no_document_is_no_preview(treasurer):
    for wanted in ("invoice:xx", "nothing:nb", ":", "x"):
        answer = treasurer.post(ADDRESS, {**FORM, "preview": wanted})
        assert (answer.status_code, answer["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert not PrintLook.objects.exists()


@pytest.mark.parametrize("more", [{"preview": "invoice:nb"}, {}])
def test_a_logo_that_cannot_be_drawn_is_said_beside_it_and_not_kept(treasurer, broken_logo, more):
    answer = treasurer.post(ADDRESS, {**FORM, "logo": broken_logo.pk, **more})
    assert answer.status_code == 200
    assert answer.context["form"].errors == {"logo": ["This picture cannot be drawn. Choose another one."]}
    assert "This picture cannot be drawn" in answer.content.decode()
    assert not PrintLook.objects.exists()


def test_a_logo_that_is_back_is_drawn_again(treasurer, logo):
    content = Path(logo.file.path).read_bytes()
    form = {**FORM, "logo": logo.pk, "preview": "invoice:nb"}
    Path(logo.file.path).unlink()
    assert treasurer.post(ADDRESS, form)["Content-Type"].startswith("text/html")
    Path(logo.file.path).write_bytes(content)
    assert treasurer.post(ADDRESS, form)["Content-Type"] == "application/pdf"


def test_other_trouble_with_the_press_is_said_on_top(treasurer, monkeypatch):
    def fail(self, html):
        raise press.PrintError("It is not set in our own typeface.")

    monkeypatch.setattr(press.Press, "print", fail)
    answer = treasurer.post(ADDRESS, {**FORM, "preview": "invoice:nb"})
    assert "This cannot be printed. It is not set in our own typeface." in answer.content.decode()
