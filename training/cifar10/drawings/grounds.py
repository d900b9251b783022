"""What lies behind a figure. Any ground goes with any class: which class is drawn is not asked here."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from .dice import Colour, Dice, shade


def draw_ground(dice: Dice, noise: np.random.Generator, side: int) -> Image.Image:
    """An RGB picture of `side` x `side`; a held-out drawing may get bricks or rings."""
    return dice.pick(GROUNDS, ONLY_HELD_OUT)(dice, noise, side)


def _grain(noise: np.random.Generator, side: int, cells: tuple[int, int], strength: float) -> np.ndarray:
    """Smooth noise of this many cells across and down, [side, side, 1], about zero."""
    coarse = Image.fromarray(noise.integers(0, 256, (cells[1], cells[0]), dtype=np.uint8))
    fine = np.asarray(coarse.resize((side, side), Image.Resampling.BICUBIC), np.float32)
    return (fine[:, :, None] / 255 - 0.5) * 2 * strength


def _slope(side: int, start: Colour, end: Colour, turn: float) -> np.ndarray:
    """From one colour to another in the direction `turn`, [side, side, 3]."""
    axis = np.linspace(-0.5, 0.5, side, dtype=np.float32)
    along = axis[None, :] * np.cos(turn) + axis[:, None] * np.sin(turn)
    share = np.clip(along + 0.5, 0, 1)[:, :, None]
    return np.float32(start) * (1 - share) + np.float32(end) * share


def _picture(pixels: np.ndarray) -> Image.Image:
    return Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))


def _sky(dice: Dice, noise: np.random.Generator, side: int) -> Image.Image:
    blue = dice.colour((0.5, 0.65), (0.2, 0.7), (0.5, 1))
    low = dice.pick((shade(blue, 1.8), dice.colour((0.0, 0.13), (0.2, 0.6), (0.7, 1)), shade(blue, 0.6)))
    cloud = np.clip(_grain(noise, side, (dice.count(3, 6), dice.count(3, 9)), 1.4), 0, 1) * dice.exact(0, 1)
    return _picture(_slope(side, blue, low, np.pi / 2) * (1 - cloud) + 245 * cloud)


def _grass(dice: Dice, noise: np.random.Generator, side: int) -> Image.Image:
    green = dice.colour((0.2, 0.38), (0.3, 0.8), (0.3, 0.75))
    blades = _grain(noise, side, (side // 2, side // 8), 40) + _grain(noise, side, (4, 4), 30)
    return _picture(_slope(side, shade(green, 1.2), green, np.pi / 2) + blades)


def _water(dice: Dice, noise: np.random.Generator, side: int) -> Image.Image:
    blue = dice.colour((0.45, 0.65), (0.3, 0.8), (0.3, 0.75))
    waves = _grain(noise, side, (side // 12, side // 4), 35) + _grain(noise, side, (3, 5), 20)
    return _picture(_slope(side, shade(blue, 1.3), blue, np.pi / 2) + waves)


def _sand(dice: Dice, noise: np.random.Generator, side: int) -> Image.Image:
    earth = dice.colour((0.05, 0.14), (0.15, 0.6), (0.3, 0.95))
    return _picture(
        np.float32(earth) + _grain(noise, side, (side // 2, side // 2), 30) + _grain(noise, side, (4, 3), 30)
    )


def _landscape(dice: Dice, noise: np.random.Generator, side: int) -> Image.Image:
    """Two grounds, one above the other."""
    above, below = (dice.pick((_sky, _grass, _water, _sand, _plain))(dice, noise, side) for _ in range(2))
    horizon = round(side * dice.exact(0.25, 0.75))
    above.paste(below.crop((0, horizon, side, side)), (0, horizon))
    return above


def _plain(dice: Dice, noise: np.random.Generator, side: int) -> Image.Image:
    return _picture(_slope(side, dice.any_colour(), dice.any_colour(), dice.exact(0, 6.28)))


def _static(dice: Dice, noise: np.random.Generator, side: int) -> Image.Image:
    """Noise in all colours, coarse or fine."""
    cells = dice.count(4, 24)
    coarse = Image.fromarray(noise.integers(0, 256, (cells, cells, 3), dtype=np.uint8))
    fine = np.asarray(coarse.resize((side, side), Image.Resampling.BICUBIC), np.float32)
    return _picture(np.float32(dice.any_colour()) + (fine - 128) * dice.exact(0.2, 0.55))


def _checks(dice: Dice, noise: np.random.Generator, side: int) -> Image.Image:
    cell = side / dice.count(3, 9)
    axis = (np.arange(side) / cell).astype(int)
    odd = ((axis[None, :] + axis[:, None]) % 2)[:, :, None]
    first = dice.any_colour()
    return _picture(np.where(odd, np.float32(first), np.float32(dice.near(first, 70))))


def _stripes(dice: Dice, noise: np.random.Generator, side: int) -> Image.Image:
    axis = np.arange(side, dtype=np.float32)
    turn = dice.exact(0, 3.14)
    along = axis[None, :] * np.cos(turn) + axis[:, None] * np.sin(turn)
    wave = (np.sin(along / side * 6.28 * dice.exact(2, 7)) > dice.exact(-0.5, 0.5))[:, :, None]
    first = dice.any_colour()
    return _picture(np.where(wave, np.float32(first), np.float32(dice.near(first, 70))))


def _clutter(dice: Dice, noise: np.random.Generator, side: int) -> Image.Image:
    """Shapes of all kinds, blurred by half of the time."""
    picture = Image.new("RGB", (side, side), dice.any_colour())
    draw = ImageDraw.Draw(picture)
    for _ in range(dice.count(6, 16)):
        x, y, size = dice.exact(0, side), dice.exact(0, side), dice.exact(0.06, 0.3) * side
        box = (x - size, y - size * dice.exact(0.3, 1), x + size, y + size)
        kind = dice.pick((draw.ellipse, draw.rectangle, None))
        if kind is None:
            draw.line(
                (x, y, dice.exact(0, side), dice.exact(0, side)), dice.any_colour(), width=max(1, round(size / 5))
            )
        else:
            kind((*box[:2], max(box[0], box[2]), max(box[1], box[3])), fill=dice.any_colour())
    return picture.filter(ImageFilter.BoxBlur(side * dice.exact(0.01, 0.06))) if dice.chance(0.6) else picture


def _woods(dice: Dice, noise: np.random.Generator, side: int) -> Image.Image:
    """Upright trunks or posts over a grained ground."""
    picture = dice.pick((_grass, _sand, _sky))(dice, noise, side)
    draw = ImageDraw.Draw(picture)
    for _ in range(dice.count(2, 7)):
        x, wide = dice.exact(0, side), dice.exact(0.02, 0.09) * side
        draw.rectangle(
            (x, 0, x + wide, side * dice.exact(0.5, 1)), fill=dice.colour((0, 0.15), (0.1, 0.6), (0.15, 0.6))
        )
    return picture


def _street(dice: Dice, noise: np.random.Generator, side: int) -> Image.Image:
    """Blocks with lit windows over a grey floor."""
    picture = _picture(
        np.float32(dice.colour((0, 1), (0, 0.2), (0.3, 0.7))) + _grain(noise, side, (side // 2, side // 2), 15)
    )
    draw = ImageDraw.Draw(picture)
    left = 0.0
    while left < side:
        wide = dice.exact(0.15, 0.35) * side
        top, bottom = dice.exact(0, 0.4) * side, side * dice.exact(0.6, 0.7)
        wall = dice.colour((0, 1), (0, 0.4), (0.25, 0.8))
        draw.rectangle((left, top, left + wide, bottom), fill=wall)
        step = side * dice.exact(0.06, 0.1)
        pane = dice.pick((shade(wall, 0.6), shade(wall, 1.6)))
        for row in range(int((bottom - top) / step)):
            for column in range(int(wide / step)):
                x, y = left + step * (column + 0.3), top + step * (row + 0.3)
                draw.rectangle((x, y, x + step * 0.45, y + step * 0.5), fill=pane)
        left += wide
    return picture


def _bricks(dice: Dice, noise: np.random.Generator, side: int) -> Image.Image:
    joint = dice.any_colour()
    picture = Image.new("RGB", (side, side), joint)
    draw = ImageDraw.Draw(picture)
    brick, tall = dice.near(joint, 70), side / dice.count(6, 12)
    for row in range(13):
        for column in range(-1, 8):
            x = (column + 0.5 * (row % 2)) * tall * 2.2
            draw.rectangle((x, row * tall, x + tall * 2, row * tall + tall * 0.82), fill=dice.near(brick, 12))
    return picture


def _rings(dice: Dice, noise: np.random.Generator, side: int) -> Image.Image:
    axis = np.linspace(-1, 1, side, dtype=np.float32)
    far = np.hypot(axis[None, :] - dice.exact(-0.6, 0.6), axis[:, None] - dice.exact(-0.6, 0.6))
    wave = (np.sin(far * dice.exact(8, 22)) / 2 + 0.5)[:, :, None]
    first = dice.any_colour()
    return _picture(np.float32(first) * wave + np.float32(dice.near(first, 80)) * (1 - wave))


Ground = Callable[[Dice, np.random.Generator, int], Image.Image]
GROUNDS: tuple[Ground, ...] = (
    _sky,
    _grass,
    _water,
    _sand,
    _landscape,
    _landscape,
    _plain,
    _static,
    _checks,
    _stripes,
    _clutter,
    _clutter,
    _woods,
    _street,
)
ONLY_HELD_OUT: tuple[Ground, ...] = (_bricks, _rings)
