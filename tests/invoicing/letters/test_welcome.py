"""The welcome letter: what it says word for word, who gets it, how often, and the file it lies in."""

import io
from datetime import timedelta
from pathlib import Path

import pypdf
import pytest
from wagtail.models import ModelLogEntry

from core.errors import Refused
from invoicing import deliveries, tasks, ways
from invoicing.letters import papers, print_files, welcome
from invoicing.models import PrintFile
from membership import roles
from membership.models import Member
from messaging import suppression
from messaging.models import Message
from tests.makers import NOW, TODAY, make_member, make_non_member, make_user

GOLDEN = Path(__file__).parents[2] / "golden" / "letters"
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("private_files")]


def on_paper(name: str, **data: str) -> Member:
    """A member without e-mail and with a postal address."""
    return make_member(name, **{"email": "", "postcode": "7010", "place": "Trondheim", **data})


def queue(member: Member, *, again: bool = False, days: int = 0) -> bool:
    at = NOW + timedelta(days=days)
    return welcome.queue(member=member, on=TODAY, at=at, by=None, again=again)


def made(file: PrintFile) -> PrintFile:
    print_files.make(print_file_id=file.pk, at=NOW)
    file.refresh_from_db()
    return file


def pages(file: PrintFile) -> list[str]:
    with file.file.storage.open(file.file.name, "rb") as stored:
        return [page.extract_text() for page in pypdf.PdfReader(io.BytesIO(stored.read())).pages]


def words(content: bytes) -> str:
    read = pypdf.PdfReader(io.BytesIO(content)).pages
    lines = [line.strip() for page in read for line in page.extract_text().splitlines()]
    return "\n".join(lines).replace("\u00a0", " ") + "\n"


@pytest.mark.parametrize("language", ["nb", "en"])
@pytest.mark.parametrize("email", ["", "alice@example.no"])
def test_golden_with_and_without_an_email(language: str, email: str) -> None:
    member = on_paper("Åse", email=email)
    Member.objects.filter(pk=member.pk).update(member_number="1042", language=language)
    member.refresh_from_db()
    text = words(welcome.pdf_of(member, on=TODAY))
    name = f"welcome{'_email' if email else ''}.{language}.txt"
    assert text == (GOLDEN / name).read_text(encoding="utf-8")


def test_it_waits_for_the_printer_once_and_again_only_when_asked() -> None:
    member = on_paper("Åse")
    assert [queue(member), queue(member), queue(member, again=True)] == [True, False, False]
    letter = Message.objects.get(channel="letter")
    assert (letter.state, letter.attachments, letter.recipient_ref, letter.why) == (
        "queued", [f"welcome:{member.pk}"], member.recipient_ref, "The office asked for it on paper.",
    )  # fmt: skip
    assert list(deliveries.letters_waiting()) == [letter]
    print_files.start(at=NOW, by=None)
    assert [queue(member), queue(member, again=True)] == [False, True]
    logged = ModelLogEntry.objects.filter(action="invoicing.welcome_letter", object_id=str(member.pk))
    assert logged.count() == 2


def test_refused_where_nobody_can_be_welcomed() -> None:
    gone, nowhere, stranger = on_paper("Gone"), on_paper("Nowhere"), make_non_member("Nina", email="")
    Member.objects.filter(pk=gone.pk).update(died_on=TODAY)
    Member.objects.filter(pk=nowhere.pk).update(address_line_1="", address_line_2="")
    for member, sentence in ((gone, "Has died"), (nowhere, "no postal address"), (stranger, "not a member now")):
        with pytest.raises(Refused, match=sentence):
            queue(Member.objects.get(pk=member.pk))
    assert not Message.objects.filter(channel="letter").exists()


def test_one_file_by_postcode_with_the_others_left_where_they_are() -> None:
    admin = make_user(roles.ADMINISTRATORS)
    for name, postcode in (("Wei", "7010"), ("Åse", "0155"), ("Liv", "0150")):
        queue(on_paper(name, postcode=postcode))
    Message.objects.create(
        channel="letter", kind="invoice", state="queued", unique_key="x", attachments=["invoice:1"], queued_at=NOW,
        due_at=NOW, language="nb",
    )  # fmt: skip
    file = made(welcome.start_file(at=NOW, by=admin))
    assert (file.kind, file.state, file.letters, file.pages, file.problem) == ("welcome", "ready", 3, 4, "")
    _cover, *rest = pages(file)
    assert [next(name for name in ("Wei", "Åse", "Liv") if f"{name} Ås\n" in text) for text in rest] == [
        "Liv", "Åse", "Wei",
    ]  # fmt: skip
    assert [letter.kind for letter in deliveries.letters_waiting()] == ["invoice"]
    with pytest.raises(Refused, match="No letter waits"):
        welcome.start_file(at=NOW, by=admin)


def test_very_many_are_several_files(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(print_files, "AT_MOST_LAID_OUT", 2)
    admin = make_user(roles.ADMINISTRATORS)
    for name in ("A", "B", "C"):
        queue(on_paper(name))
    assert [welcome.start_file(at=NOW, by=admin).letters for _ in range(2)] == [2, 1]
    for name in ("D", "E", "F"):
        queue(on_paper(name))
    assert [print_files.start(at=NOW, by=admin).letters for _ in range(2)] == [2, 1], "the treasurer's own files, too"


def test_the_letter_bears_the_day_it_was_asked_for() -> None:
    queue(on_paper("Åse"), days=-3)
    file = made(welcome.start_file(at=NOW, by=make_user(roles.ADMINISTRATORS)))
    assert "07.03.2026" in pages(file)[1]


def test_what_has_become_pointless_is_not_printed() -> None:
    admin = make_user(roles.ADMINISTRATORS)
    dead, moved, erased, alive = (on_paper(name) for name in ("Dead", "Moved", "Erased", "Alive"))
    for member in (dead, moved, erased, alive):
        queue(member)
    Member.objects.filter(pk=dead.pk).update(died_on=TODAY)
    Member.objects.filter(pk=moved.pk).update(place="", postcode="")
    assert papers.pointless([f"welcome:{pk}" for pk in (dead.pk, moved.pk, alive.pk, 999999)]) == {
        f"welcome:{dead.pk}", f"welcome:{moved.pk}", "welcome:999999",
    }  # fmt: skip
    file = welcome.start_file(at=NOW, by=admin)
    assert set(file.documents) == {f"welcome:{alive.pk}", f"welcome:{erased.pk}"}
    erased.periods.all().delete()
    erased.delete()
    assert (made(file).state, file.pages) == ("ready", 2)


def test_a_worker_that_was_killed_makes_the_file_when_it_is_rung_for_again(monkeypatch: pytest.MonkeyPatch) -> None:
    queue(on_paper("Åse"))
    file = welcome.start_file(at=NOW, by=make_user(roles.ADMINISTRATORS))
    put_together = print_files._put_together

    def killed(*args: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(print_files, "_put_together", killed)
    with pytest.raises(KeyboardInterrupt):
        print_files.make(print_file_id=file.pk, at=NOW)
    monkeypatch.setattr(print_files, "_put_together", put_together)
    tasks.make_print_file.call(file.pk)
    file.refresh_from_db()
    assert (file.state, file.letters) == ("ready", 1)


def test_who_is_reached_by_email() -> None:
    with_address = make_member("Alice", email="Alice@example.no")
    assert ways.is_reached_by_email(with_address)
    assert not ways.is_reached_by_email(make_member("Bob", email=""))
    suppression.suppress("alice@example.no", reason="bounced", at=NOW)
    assert not ways.is_reached_by_email(with_address)
