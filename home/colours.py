"""The association's colour, made readable: lightened or darkened until text in it has enough contrast. Pure.

Contrast is that of WCAG 2.2: 4.5 is needed for text; we aim higher, because the colour is also used on tinted grounds.
"""

PAPER = "#fdfcf9"
NIGHT = "#14191b"
ENOUGH = 5.5
_STEPS = 100

Rgb = tuple[float, float, float]


def theme(*, accent: str, accent_dark: str) -> dict[str, str]:
    """The custom properties of the style sheets, by name, for a colour in light and one in dark."""
    light = readable(accent, on=PAPER)
    dark = readable(accent_dark, on=NIGHT)
    return {
        "--accent": light,
        "--accent-contrast": text_on(light),
        "--accent-dark-mode": dark,
        "--accent-dark-mode-contrast": text_on(dark),
    }


def readable(colour: str, *, on: str) -> str:
    """The colour, or the nearest one towards black or white that can be read on that ground."""
    towards = "#000000" if luminance(on) > 0.5 else "#ffffff"
    for step in range(_STEPS + 1):
        candidate = mixed(colour, towards, share=step / _STEPS)
        if contrast(candidate, on) >= ENOUGH:
            return candidate
    return towards


def text_on(colour: str) -> str:
    """White or near-black: whichever can be read better on the colour."""
    return max("#ffffff", "#0b1416", key=lambda text: contrast(text, colour))


def contrast(first: str, second: str) -> float:
    """From 1 (the same) to 21 (black on white)."""
    lighter, darker = sorted((luminance(first), luminance(second)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def luminance(colour: str) -> float:
    """How light a colour like #0b5f73 is, from 0 to 1."""
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in _parts(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def mixed(colour: str, other: str, *, share: float) -> str:
    """The colour with a share (0 to 1) of the other one."""
    parts = zip(_parts(colour), _parts(other), strict=True)
    return "#" + "".join(f"{round(255 * (a * (1 - share) + b * share)):02x}" for a, b in parts)


def _parts(colour: str) -> Rgb:
    red, green, blue = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    return red, green, blue
