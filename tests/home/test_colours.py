"""Any colour an association likes becomes one that can be read."""

import pytest

from home import colours

LIKED = ["#0b5f73", "#8a2b4f", "#35552b", "#ffff00", "#ff0000", "#ffffff", "#000000", "#777777", "#7fd0e0"]


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ("#000000", "#ffffff", 21.0),
        ("#ffffff", "#000000", 21.0),
        ("#777777", "#ffffff", 4.48),
        ("#123456", "#123456", 1.0),
    ],
)
def test_contrast(first: str, second: str, expected: float) -> None:
    assert round(colours.contrast(first, second), 2) == expected


@pytest.mark.parametrize("liked", LIKED)
def test_every_colour_is_readable_in_light_and_dark(liked: str) -> None:
    theme = colours.theme(accent=liked, accent_dark=liked)
    assert colours.contrast(theme["--accent"], colours.PAPER) >= 5.5
    assert colours.contrast(theme["--accent-contrast"], theme["--accent"]) >= 4.5
    assert colours.contrast(theme["--accent-dark-mode"], colours.NIGHT) >= 5.5
    assert colours.contrast(theme["--accent-dark-mode-contrast"], theme["--accent-dark-mode"]) >= 4.5


def test_a_colour_that_can_be_read_is_left_alone() -> None:
    assert colours.readable("#0b5f73", on=colours.PAPER) == "#0b5f73"
