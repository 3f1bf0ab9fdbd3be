"""How many SMS a text becomes, and so what it costs. Pure. The rules are those of 3GPP TS 23.038.

A text of GSM-7 letters has room for 160 in one part, or 153 in each of several. Any other letter makes the whole text
UCS-2: 70 or 67, counted in UTF-16 units. Norwegian letters are GSM-7; Sámi letters and typographic quotation marks
are not.
"""

from dataclasses import dataclass
from typing import Final

_GSM_7: Final = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENDED: Final = frozenset("\f^{}\\[~]|€")  # an escape and a letter: two places, never parted

REPLACEMENTS: Final = {
    "«": '"',
    "»": '"',
    "“": '"',
    "”": '"',
    "’": "'",
    "‘": "'",
    "–": "-",
    "—": "-",
    "…": "...",
    "\u00a0": " ",
}
"""Typographic characters that make a text dearer, and what could stand instead. Offered, never done silently."""


@dataclass(frozen=True, kw_only=True)
class Count:
    """The size of a text. `places` are septets for GSM-7 and UTF-16 units for UCS-2."""

    encoding: str
    places: int
    segments: int


def count(text: str) -> Count:
    """Count the parts a text is sent in. An empty text is one part."""
    if all(letter in _GSM_7 or letter in _EXTENDED for letter in text):
        widths = [2 if letter in _EXTENDED else 1 for letter in text]
        return Count(encoding="GSM-7", places=sum(widths), segments=_parts(widths, alone=160, together=153))
    widths = [len(letter.encode("utf-16-be")) // 2 for letter in text]
    return Count(encoding="UCS-2", places=sum(widths), segments=_parts(widths, alone=70, together=67))


def cheaper(text: str) -> str:
    """The text with typographic characters replaced by plain ones. Letters of names, such as č or đ, stay."""
    return "".join(REPLACEMENTS.get(letter, letter) for letter in text)


def _parts(widths: list[int], *, alone: int, together: int) -> int:
    """How many parts letters of these widths fill, when none may be cut in two."""
    if sum(widths) <= alone:
        return 1
    parts, used = 1, 0
    for width in widths:
        if used + width > together:
            parts, used = parts + 1, 0
        used += width
    return parts
