"""The office in the organisation's colour: Wagtail's two colours, made from the accent of the client snippet."""

import colorsys

from django.conf import settings
from django.utils.html import format_html
from django.utils.safestring import SafeString

SIDEBAR_LIGHTNESS = 17  # per cent; dark enough for white words whatever the hue
BUTTON_LIGHTNESS = 25
DARK_SURFACE = 0.0194  # the relative luminance of Wagtail's #262626
ENOUGH = 5.5  # WCAG asks for 4.5


def style() -> SafeString:
    """Return a style element with Wagtail's custom properties. Only hue and strength are the organisation's."""
    hue, saturation = _hue_and_saturation(settings.CLIENT.site.accent)
    return format_html(
        "<style>:root{{--w-color-primary-hue:{hue};--w-color-primary-saturation:{calm}%;"
        "--w-color-primary-lightness:{sidebar}%;--w-color-secondary-hue:{hue};"
        "--w-color-secondary-saturation:{saturation}%;--w-color-secondary-lightness:{button}%}}"
        ":root.w-theme-dark{{--w-color-secondary-100-lightness:{link}%}}"
        "@media(prefers-color-scheme:dark){{:root.w-theme-system{{--w-color-secondary-100-lightness:{link}%}}}}</style>",
        hue=hue, saturation=saturation, calm=min(saturation, 60), sidebar=SIDEBAR_LIGHTNESS, button=BUTTON_LIGHTNESS,
        link=readable_lightness(hue, saturation),
    )  # fmt: skip


def readable_lightness(hue: int, saturation: int) -> int:
    """The darkest lightness, in per cent, at which links of this hue can be read on Wagtail's dark surface."""
    for lightness in range(BUTTON_LIGHTNESS, 100):
        if (_luminance(hue, saturation, lightness) + 0.05) / (DARK_SURFACE + 0.05) >= ENOUGH:
            return lightness
    return 100


def _hue_and_saturation(colour: str) -> tuple[int, int]:
    """The hue in degrees and the saturation in per cent of a colour like #0b5f73."""
    red, green, blue = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    hue, _lightness, saturation = colorsys.rgb_to_hls(red, green, blue)
    return round(hue * 360), round(saturation * 100)


def _luminance(hue: int, saturation: int, lightness: int) -> float:
    """Relative luminance as WCAG 2.2 defines it."""
    parts = colorsys.hls_to_rgb(hue / 360, lightness / 100, saturation / 100)
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
