"""Landscapes drawn by the program, so that a new website has pictures before anybody has taken one.

Hills behind a lake, in the association's own colour. The same number always gives the same picture.
"""

import math
import random
from functools import cache
from io import BytesIO

from PIL import Image, ImageDraw, ImageFilter

from home.colours import mixed

SIZE = (1600, 1000)
_LAYERS = 5
_WARM = "#f3d9a8"
_DEEP = "#0d2a2e"
_SEASONS = (("#5b4a8a", 0.55), ("#4d6b2f", 0.55), ("#a4552f", 0.85), ("", 0.0))  # evening, summer, autumn, plain


@cache
def landscape(number: int, *, accent: str) -> bytes:
    """A JPEG of 1600 × 1000: sky, sun, hills that darken towards us, water that mirrors them, reeds in front."""
    chance = random.Random(number)
    season, share = _SEASONS[number % len(_SEASONS)]
    accent = mixed(accent, season or accent, share=share)
    width, height = SIZE
    shore = int(height * chance.uniform(0.6, 0.7))
    picture = _gradient(mixed(accent, "#f4efe2", share=0.72), mixed(_WARM, "#ffffff", share=0.25), (width, shore))
    _sun(picture, chance, shore)
    draw = ImageDraw.Draw(picture)
    for layer in range(_LAYERS):
        near = layer / (_LAYERS - 1)
        colour = mixed(mixed(accent, "#ffffff", share=0.55 - 0.5 * near), _DEEP, share=0.45 * near)
        draw.polygon(_ridge(chance, shore, near), fill=colour)
    whole = Image.new("RGB", SIZE)
    whole.paste(picture)
    whole.paste(_mirrored(picture, accent, height - shore), (0, shore))
    _ripples(whole, chance, shore)
    _reeds(whole, chance, mixed(accent, _DEEP, share=0.75))
    file = BytesIO()
    whole.save(file, "JPEG", quality=86, progressive=True)
    return file.getvalue()


def _gradient(top: str, bottom: str, size: tuple[int, int]) -> Image.Image:
    column = Image.new("RGB", (1, size[1]))
    for y in range(size[1]):
        column.putpixel((0, y), _rgb(mixed(top, bottom, share=y / size[1])))
    return column.resize(size)


def _sun(picture: Image.Image, chance: random.Random, shore: int) -> None:
    x, y, radius = int(SIZE[0] * chance.uniform(0.2, 0.8)), int(shore * chance.uniform(0.3, 0.5)), 70
    glow = Image.new("L", picture.size)
    ImageDraw.Draw(glow).ellipse((x - 3 * radius, y - 3 * radius, x + 3 * radius, y + 3 * radius), fill=150)
    picture.paste(Image.new("RGB", picture.size, _rgb("#fff6df")), mask=glow.filter(ImageFilter.GaussianBlur(90)))
    disc = Image.new("L", picture.size)
    ImageDraw.Draw(disc).ellipse((x - radius, y - radius, x + radius, y + radius), fill=235)
    picture.paste(Image.new("RGB", picture.size, _rgb("#fffaf0")), mask=disc.filter(ImageFilter.GaussianBlur(1)))


def _ridge(chance: random.Random, shore: int, near: float) -> list[tuple[float, float]]:
    """The outline of one row of hills; the nearer (towards 1), the lower and the rounder."""
    base, swing = shore * (0.55 + 0.38 * near), shore * (0.17 - 0.1 * near)
    waves = [(chance.uniform(0.6, 1.4) * 2**n, chance.uniform(0, math.tau), 0.55**n) for n in range(5)]
    outline = [
        (float(x), base + swing * sum(a * math.sin(f * math.tau * x / SIZE[0] + p) for f, p, a in waves))
        for x in range(0, SIZE[0] + 5, 4)
    ]
    return [(0.0, float(shore)), *outline, (float(SIZE[0]), float(shore))]


def _mirrored(land: Image.Image, accent: str, depth: int) -> Image.Image:
    """The water: the land upside down, pressed together, blurred and tinted."""
    water = land.transpose(Image.Transpose.FLIP_TOP_BOTTOM).resize((SIZE[0], max(depth, land.height * 3 // 4)))
    water = water.crop((0, 0, SIZE[0], depth)).filter(ImageFilter.GaussianBlur(7))
    tint = _gradient(mixed(accent, "#ffffff", share=0.25), mixed(accent, _DEEP, share=0.6), (SIZE[0], depth))
    return Image.blend(water, tint, 0.5)


def _ripples(picture: Image.Image, chance: random.Random, shore: int) -> None:
    light = Image.new("L", SIZE)
    draw = ImageDraw.Draw(light)
    for _ in range(110):
        near = chance.random() ** 1.6
        y = shore + 6 + near * (SIZE[1] - shore)
        x, length = chance.uniform(-100, SIZE[0]), chance.uniform(40, 120) * (0.5 + 2.2 * near)
        draw.line((x, y, x + length, y), fill=int(60 - 25 * near), width=1 + int(3 * near))
    picture.paste(Image.new("RGB", SIZE, (255, 255, 255)), mask=light.filter(ImageFilter.GaussianBlur(1.2)))


def _reeds(picture: Image.Image, chance: random.Random, colour: str) -> None:
    draw = ImageDraw.Draw(picture)
    middle = chance.choice([0.06, 0.94]) * SIZE[0]
    for _ in range(70):
        x, top = chance.gauss(middle, SIZE[0] * 0.06), chance.uniform(90, 330)
        lean = chance.gauss(12, 22)
        points = [(x + lean * (t / 10) ** 2, SIZE[1] - top * t / 10) for t in range(11)]
        draw.line(points, fill=colour, width=chance.choice([3, 4, 5]), joint="curve")
        if top > 210:
            end_x, end_y = points[-1]
            draw.rounded_rectangle((end_x - 6, end_y - 44, end_x + 6, end_y + 8), 6, fill=colour)


def _rgb(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)
