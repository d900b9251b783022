"""Draws plates flat: the shapes of Korean registration plates, after their measures in millimetres."""

from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw

from alphabet import COMMERCIAL, PRIVATE, REGIONS, SHAPES
from fonts import FONTS, glyph

PX_PER_MM = 0.8

WHITE, GREEN, YELLOW, BLUE = (236, 238, 236), (20, 98, 72), (240, 184, 40), (168, 212, 236)
INKS = {WHITE: (24, 24, 28), GREEN: (238, 240, 236), YELLOW: (28, 26, 30), BLUE: (22, 24, 36)}


@dataclass(frozen=True)
class PlateText:
    """What stands on a plate."""

    shape: str
    region: str
    number: str
    symbol: str
    serial: str

    @property
    def text(self) -> str:
        """All of it without spaces, region first."""
        return self.region + self.number + self.symbol + self.serial


def random_text(rng: np.random.Generator) -> PlateText:
    """A plate of any shape; commercial ones have their own symbols."""
    shape = str(rng.choice(SHAPES, p=[0.34, 0.18, 0.14, 0.14, 0.2]))
    has_region = shape.endswith("region")
    region = str(rng.choice(REGIONS)) if has_region else ""
    is_commercial = shape == "one-line-region" or (shape == "two-line-region" and rng.random() < 0.4)
    symbol = str(rng.choice(COMMERCIAL if is_commercial else PRIVATE))
    digits = 3 if shape in ("one-line", "one-line-short") and rng.random() < 0.5 else 2
    number = "".join(str(d) for d in rng.integers(0, 10, digits))
    serial = "".join(str(d) for d in rng.integers(0, 10, 4))
    return PlateText(shape, region, number, symbol, serial)


def size_mm(text: PlateText, rng: np.random.Generator) -> tuple[float, float]:
    """The plate's width and height."""
    if text.shape in ("one-line", "one-line-region"):
        return 520, 110
    if text.shape == "one-line-short":
        return 335, 155
    return (440, 220) if text.shape == "two-line-region" and rng.random() < 0.3 else (335, 170)


def ground_of(text: PlateText, rng: np.random.Generator) -> tuple[int, int, int]:
    """The colour of the sheet."""
    if text.symbol in COMMERCIAL:
        return YELLOW
    if text.shape.startswith("two-line"):
        return GREEN if rng.random() < 0.85 else WHITE
    return BLUE if rng.random() < 0.2 else WHITE


def draw_plate(text: PlateText, rng: np.random.Generator) -> Image.Image:
    """The plate, flat and clean, but for dirt: RGB, `PX_PER_MM` pixels a millimetre."""
    width, height = size_mm(text, rng)
    ground = ground_of(text, rng)
    size = (round(width * PX_PER_MM), round(height * PX_PER_MM))
    tone = rng.uniform(0.88, 1.0) + rng.normal(0, 0.03, 3)
    ink = tuple(int(v) for v in np.clip(np.array(INKS[ground]) + rng.uniform(0, 30), 0, 255))
    plate = Image.new("RGB", size, tuple(int(v) for v in np.clip(np.array(ground) * tone, 0, 255)))
    draw = ImageDraw.Draw(plate)
    _draw_frame(draw, size, ink, rng)
    font = str(rng.choice(FONTS, p=[0.45, 0.45, 0.1]))
    for mark, (left, top, right, bottom) in _layout(text, width, height, rng):
        mask = glyph(mark, font)
        if mark == "1":  # narrower than the other digits, and not stretched to their width
            centre, half = (left + right) / 2, (right - left) * 0.32
            left, right = centre - half, centre + half
        box = [round(v * PX_PER_MM) for v in (left, top, right, bottom)]
        plate.paste(ink, (box[0], box[1]), mask.resize((max(1, box[2] - box[0]), max(1, box[3] - box[1])), Image.BILINEAR))
    _draw_bolts(draw, size, rng)
    return _soil(plate, rng)


def _layout(text: PlateText, width: float, height: float, rng: np.random.Generator):
    """Each mark and its box in millimetres."""
    sx, sy = width * rng.normal(0, 0.008), height * rng.normal(0, 0.015)
    tall = rng.uniform(0.95, 1.05)
    marks: list[tuple[str, tuple[float, float, float, float]]] = []

    def row(parts: list[tuple[str, float]], left: float, right: float, top: float, bottom: float) -> None:
        """Marks side by side, each with its relative width; half the gap on either side."""
        unit = (right - left) / sum(share for _, share in parts)
        at, middle = left, (top + bottom) / 2
        for mark, share in parts:
            gap = 0.08 * unit
            if mark:
                half = (bottom - top) / 2 * tall * (0.92 if len(mark) > 1 or mark >= "가" else 1)
                box = (at + gap + sx, middle - half + sy, at + share * unit - gap + sx, middle + half + sy)
                marks.append((mark, box))
            at += share * unit

    def digits(number: str) -> list[tuple[str, float]]:
        return [(digit, 1.0) for digit in number]

    if text.shape == "one-line":
        parts = [*digits(text.number), ("", 0.1), (text.symbol, 1.3), ("", 0.35), *digits(text.serial)]
        row(parts, 48 if len(text.number) == 3 else 36, width - 22, 0.14 * height, 0.86 * height)
    elif text.shape == "one-line-short":
        parts = [*digits(text.number), (text.symbol, 1.35), ("", 0.2), *digits(text.serial)]
        row(parts, 16, width - 16, 0.22 * height, 0.78 * height)
    elif text.shape == "one-line-region":
        row([(text.region[0], 1)], 26, 88, 0.12 * height, 0.47 * height)
        row([(text.region[1], 1)], 26, 88, 0.53 * height, 0.88 * height)
        parts = [*digits(text.number), ("", 0.1), (text.symbol, 1.3), ("", 0.3), *digits(text.serial)]
        row(parts, 98, width - 22, 0.14 * height, 0.86 * height)
    elif text.shape == "two-line":
        row([*digits(text.number), (text.symbol, 1.25)], 0.24 * width, 0.76 * width, 0.08 * height, 0.37 * height)
        row(digits(text.serial), 0.07 * width, 0.93 * width, 0.43 * height, 0.92 * height)
    else:
        parts = [(text.region[0], 1.2), (text.region[1], 1.2), ("", 0.3), *digits(text.number)]
        row(parts, 0.2 * width, 0.8 * width, 0.08 * height, 0.37 * height)
        row([(text.symbol, 1.0), *digits(text.serial)], 0.05 * width, 0.95 * width, 0.43 * height, 0.92 * height)
    return marks


def _draw_frame(draw: ImageDraw.ImageDraw, size: tuple[int, int], ink, rng: np.random.Generator) -> None:
    if rng.random() < 0.6:
        inset = int(rng.integers(1, 5))
        box = (inset, inset, size[0] - 1 - inset, size[1] - 1 - inset)
        draw.rounded_rectangle(box, radius=6, outline=ink, width=int(rng.integers(1, 4)))


def _draw_bolts(draw: ImageDraw.ImageDraw, size: tuple[int, int], rng: np.random.Generator) -> None:
    if rng.random() < 0.6:
        radius, shade = rng.uniform(2.5, 5), int(rng.integers(60, 200))
        for share in (0.22, 0.78):
            x, y = share * size[0], size[1] * rng.uniform(0.06, 0.1)
            draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=(shade, shade, shade))


def _soil(plate: Image.Image, rng: np.random.Generator) -> Image.Image:
    """Uneven dirt: a coarse field of darker places."""
    if rng.random() < 0.5:
        return plate
    coarse = rng.uniform(0, 1, (3, 8)) ** 2 * rng.uniform(20, 90)
    mask = Image.fromarray(coarse.astype(np.uint8)).resize(plate.size, Image.BICUBIC)
    plate.paste((96, 88, 78), (0, 0), mask)
    return plate
