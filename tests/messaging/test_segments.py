import pytest

from messaging.sms.segments import cheaper, count


@pytest.mark.parametrize(
    ("text", "segments"),
    [
        ("", 1),
        ("a" * 160, 1),
        ("a" * 161, 2),
        ("a" * 306, 2),
        ("a" * 307, 3),
        ("ø" * 160, 1),
        ("æøåÆØÅéèäöü§" * 13, 1),
        ("€" * 80, 1),
        ("€" * 81, 2),
        ("č" * 70, 1),
        ("č" * 71, 2),
        ("č" * 134, 2),
        ("č" * 135, 3),
        ("😀" * 35, 1),
        ("😀" * 36, 2),
        ("a" * 152 + "€" * 5, 2),  # the first € does not fit into the first part's last place
        ("a" * 152 + "€" * 77, 3),
        ("😀" * 66 + "a", 2),
        ("😀" * 67, 3),  # 33 pairs a part: none is cut in two
    ],
)
def test_segments(text: str, segments: int) -> None:
    assert count(text).segments == segments


@pytest.mark.parametrize("letter", "^{}\\[~]|€")
def test_these_take_two_places(letter: str) -> None:
    assert (count(letter).encoding, count(letter).places) == ("GSM-7", 2)


@pytest.mark.parametrize("letter", "«»–—…’“”áčđŋšŧž")
def test_these_force_ucs2(letter: str) -> None:
    assert count(letter).encoding == "UCS-2"


def test_typographic_characters_are_replaced_and_sami_letters_stay() -> None:
    assert cheaper("«Áŋŋel» – “ja”…") == '"Áŋŋel" - "ja"...'
