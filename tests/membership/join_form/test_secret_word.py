"""A secret word on the joining form, where the organisation has one: asked once, guessed at in vain."""

from typing import Any

import pytest

from membership import rate_limits
from membership.models import Application
from tests.membership.join_form.makers import Visitor, make_join_page, sentences, step_of, use_client

pytestmark = pytest.mark.django_db


@pytest.fixture
def visitor(settings: Any) -> Visitor:
    use_client(settings, "vvnf", secret_word="Blåskjell")
    make_join_page()
    return Visitor()


def test_without_a_word_nobody_is_asked(settings: Any) -> None:
    make_join_page()
    assert 'name="word"' not in Visitor().get().content.decode()


@pytest.mark.parametrize("word", ["Blåskjell", "  blåSKJELL ", "Bla\u030askjell"])
def test_the_word_opens_the_form_however_it_is_written_and_is_asked_once(visitor: Visitor, word: str) -> None:
    assert step_of(visitor.post("type", {"type": "E", "word": word})) == "person"
    assert 'name="word"' not in visitor.get().content.decode()
    visitor.reach_the_last_page()
    visitor.send()
    assert Application.objects.count() == 1


@pytest.mark.parametrize(
    ("word", "sentence"),
    [
        ("", "Write the secret word. If you have none, ask us."),
        ("blåskjel", "This is not the word. Look at the letter or the invitation again."),
        ("x" * 10_000, "80"),
        ("<script>", "This is not the word. Look at the letter or the invitation again."),
    ],
)
def test_a_wrong_word_gets_a_sentence_and_the_choice_is_kept(visitor: Visitor, word: str, sentence: str) -> None:
    answer = visitor.post("type", {"type": "UTP", "word": word})
    assert any(sentence in said for said in sentences(answer))
    html = answer.content.decode()
    assert 'value="UTP"' in html and "checked" in html
    assert "Blåskjell" not in html


def test_no_step_is_open_without_the_word(visitor: Visitor) -> None:
    for step in ("person", "address", "consents", "check"):
        assert visitor.get(step)["Location"].endswith("/bli-medlem/")


def test_guessing_ends(visitor: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rate_limits, "WRONG_WORDS_FROM_A_NETWORK", 2)
    for _guess in range(2):
        visitor.post("type", {"type": "E", "word": "gal"})
    answer = visitor.post("type", {"type": "E", "word": "gal"})
    too_often = ["Secret word – Too many wrong words. Wait an hour, or ask us for the word."]
    assert sentences(answer) == too_often
    answer = visitor.post("type", {"type": "E", "word": "Blåskjell"})
    assert sentences(answer) == too_often  # or guessing would go on until the word is found


def test_many_who_know_the_word_join_from_one_network(visitor: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rate_limits, "WRONG_WORDS_FROM_A_NETWORK", 2)
    for _person in range(4):
        assert step_of(Visitor().post("type", {"type": "E", "word": "Blåskjell"})) == "person"
