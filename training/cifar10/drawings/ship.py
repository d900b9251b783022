"""Ships, from the side (the bow to the right) and from ahead."""

from __future__ import annotations

from .canvas import Canvas
from .dice import Colour, Dice, shade

GLASS = (50, 65, 85)


def draw_ship(canvas: Canvas, dice: Dice) -> None:
    """One of the kinds; a held-out drawing may be a motor yacht or a tug."""
    hull = dice.any_colour() if dice.chance(0.7) else dice.colour((0, 1), (0, 0.2), (0.75, 1))
    kind = dice.pick((_freighter, _liner, _sailing, _sailing, _warship, _ahead), (_yacht, _tug))
    kind(canvas, dice, hull)


def _hull(canvas: Canvas, dice: Dice, colour: Colour, deck: float, bottom: float) -> None:
    """The hull, the foot of it in another colour, and at times the foam along it."""
    rake = dice.span(0.1, 0.25)
    sheer = dice.span(0.02, 0.09)
    canvas.polygon(
        [(-0.97, deck - 0.02), (0.55, deck), (0.98, deck - sheer), (0.98 - rake, bottom), (-0.9, bottom)], colour
    )
    if dice.chance(0.55):
        foot = bottom - (bottom - deck) * 0.3
        canvas.polygon(
            [(-0.92, foot), (0.98 - rake * 0.75, foot), (0.98 - rake, bottom), (-0.9, bottom)],
            dice.pick(((150, 40, 35), (40, 40, 45), (30, 60, 110))),
        )
    if dice.chance(0.5):
        canvas.line([(-0.9, deck + 0.05), (0.9, deck + 0.03)], 0.025, shade(colour, 1.8))
    if dice.chance(0.4):
        canvas.blob(
            [
                (-1.0, bottom),
                (0, bottom - 0.03),
                (0.98 - rake, bottom - 0.03),
                (0.9, bottom + 0.04),
                (0, bottom + 0.05),
            ],
            (225, 235, 240),
        )


def _freighter(canvas: Canvas, dice: Dice, hull: Colour) -> None:
    deck, bottom = dice.span(0.08, 0.18), dice.span(0.4, 0.5)
    at = dice.pick((-0.85, -0.85, -0.15))
    house = dice.colour((0, 1), (0, 0.12), (0.8, 1))
    top = deck - dice.span(0.42, 0.6)
    canvas.box((at, top), (at + 0.3, deck), house)
    for level in range(3):
        canvas.line([(at + 0.04, top + 0.08 + 0.13 * level), (at + 0.27, top + 0.08 + 0.13 * level)], 0.035, GLASS)
    canvas.box((at + 0.02, top - 0.16), (at + 0.14, top), dice.any_colour())
    if dice.chance(0.65):
        size = dice.span(0.13, 0.17)
        for column in range(12):
            x = -0.85 + (size + 0.01) * column
            if x > 0.75 or at - size < x < at + 0.31:
                continue
            for row in range(dice.count(1, 3)):
                canvas.box((x, deck - 0.11 * (row + 1) + 0.01), (x + size, deck - 0.11 * row), dice.any_colour())
    else:
        for x in (0.25, 0.6) if at < -0.5 else (-0.6, 0.55):
            canvas.line([(x, deck), (x, deck - 0.5)], 0.04, (120, 110, 60))
            canvas.line([(x, deck - 0.1), (x + 0.22, deck - 0.42)], 0.03, (120, 110, 60))
    _hull(canvas, dice, hull, deck, bottom)


def _liner(canvas: Canvas, dice: Dice, hull: Colour) -> None:
    deck, bottom = dice.span(0.1, 0.2), dice.span(0.4, 0.5)
    white = dice.colour((0, 1), (0, 0.1), (0.85, 1))
    levels = dice.count(2, 4)
    for level in range(levels):
        y = deck - 0.12 * (level + 1)
        canvas.box((-0.82 + 0.07 * level, y), (0.62 - 0.11 * level, y + 0.125), white)
        canvas.line([(-0.78 + 0.07 * level, y + 0.06), (0.57 - 0.11 * level, y + 0.06)], 0.04, GLASS)
    funnel = dice.any_colour()
    top = deck - 0.12 * levels
    for x in (-0.3, 0.05)[: dice.count(1, 2)]:
        canvas.polygon([(x - 0.02, top), (x - 0.08, top - 0.26), (x + 0.08, top - 0.26), (x + 0.12, top)], funnel)
        canvas.line([(x - 0.08, top - 0.24), (x + 0.08, top - 0.24)], 0.06, (35, 35, 35))
    _hull(canvas, dice, hull, deck, bottom)
    if dice.chance(0.5):
        for number in range(12):
            canvas.disc((-0.8 + 0.13 * number, deck + 0.12), 0.02, shade(hull, 0.4))


def _sailing(canvas: Canvas, dice: Dice, hull: Colour) -> None:
    sail = dice.colour((0, 1), (0, 0.2), (0.8, 1)) if dice.chance(0.7) else dice.any_colour()
    masts = dice.pick(((0.0,), (0.0,), (-0.4, 0.25), (-0.55, 0.0, 0.5)))
    deck = 0.42
    if len(masts) == 1:
        top = dice.span(-0.95, -0.8)
        mast = dice.span(-0.05, 0.15)
        canvas.line([(mast, deck), (mast, top)], 0.035, (110, 80, 50))
        canvas.polygon(
            [(mast - 0.04, top + 0.05), (mast - 0.04, deck - 0.1), (dice.span(-0.85, -0.6), deck - 0.1)], sail
        )
        canvas.polygon(
            [(mast + 0.05, top + 0.12), (mast + 0.05, deck - 0.08), (dice.span(0.65, 0.85), deck - 0.06)],
            shade(dice.near(sail, 20), 0.9),
        )
        canvas.blob(
            [(-0.75, deck), (0.0, deck - 0.02), (0.85, deck - 0.04), (0.5, deck + 0.2), (-0.55, deck + 0.2)], hull
        )
        return
    for mast in masts:
        top = dice.span(-0.85, -0.65)
        canvas.line([(mast, deck), (mast, top)], 0.035, (110, 80, 50))
        for row in range(3):
            y = top + 0.08 + 0.32 * row
            wide = 0.16 + 0.03 * row
            canvas.blob(
                [
                    (mast - wide, y),
                    (mast + wide, y),
                    (mast + wide + 0.06, y + 0.14),
                    (mast + wide, y + 0.27),
                    (mast - wide, y + 0.27),
                ],
                dice.near(sail, 12),
            )
    canvas.line([(0.8, deck - 0.08), (0.98, deck - 0.25)], 0.03, (110, 80, 50))
    canvas.blob(
        [(-0.88, deck - 0.12), (-0.5, deck), (0.4, deck), (0.9, deck - 0.1), (0.65, deck + 0.22), (-0.7, deck + 0.22)],
        hull,
    )


def _warship(canvas: Canvas, dice: Dice, _: Colour) -> None:
    grey = dice.colour((0.5, 0.65), (0, 0.2), (0.35, 0.75))
    deck, bottom = dice.span(0.12, 0.2), dice.span(0.36, 0.44)
    canvas.polygon(
        [(-0.5, deck), (-0.42, -0.08), (-0.05, -0.12), (0.0, -0.3), (0.2, -0.3), (0.28, deck)], shade(grey, 0.85)
    )
    canvas.line([(0.1, -0.3), (0.1, -0.75)], 0.04, shade(grey, 0.6))
    canvas.line([(-0.02, -0.55), (0.22, -0.55)], 0.03, shade(grey, 0.6))
    canvas.polygon([(-0.36, -0.08), (-0.33, -0.36), (-0.18, -0.36), (-0.15, -0.08)], shade(grey, 0.7))
    canvas.line([(0.03, -0.2), (0.2, -0.2)], 0.05, GLASS)
    for x, way in ((0.48, 1), (-0.7, -1)):
        canvas.box((x - 0.09, deck - 0.1), (x + 0.09, deck), shade(grey, 0.75))
        canvas.line([(x, deck - 0.07), (x + way * 0.26, deck - 0.13)], 0.03, shade(grey, 0.5))
    _hull(canvas, dice, grey, deck, bottom)


def _ahead(canvas: Canvas, dice: Dice, hull: Colour) -> None:
    wide, deck = dice.span(0.45, 0.6), dice.span(-0.05, 0.1)
    white = dice.colour((0, 1), (0, 0.1), (0.85, 1))
    for level in range(3):
        y = deck - 0.18 * (level + 1)
        reach = wide * (0.85 - 0.16 * level)
        canvas.box((-reach, y), (reach, y + 0.19), shade(white, 1 - 0.06 * level))
        canvas.line([(-reach * 0.85, y + 0.08), (reach * 0.85, y + 0.08)], 0.06, GLASS)
    canvas.line([(0, deck - 0.54), (0, -0.95)], 0.04, (90, 90, 90))
    canvas.line([(-0.14, -0.78), (0.14, -0.78)], 0.03, (90, 90, 90))
    canvas.polygon(
        [(-wide, deck), (0, deck - 0.08), (wide, deck), (wide * 0.55, 0.75), (0, 0.82), (-wide * 0.55, 0.75)], hull
    )
    canvas.polygon([(0, deck - 0.08), (wide, deck), (wide * 0.55, 0.75), (0, 0.82)], shade(hull, 0.75))
    for side in (1, -1):
        canvas.disc((side * wide * 0.4, deck + 0.2), 0.045, (30, 30, 30))
    canvas.ellipse((0, 0.82), (wide * 1.1, 0.07), (225, 235, 240))


def _yacht(canvas: Canvas, dice: Dice, hull: Colour) -> None:
    white = dice.colour((0, 1), (0, 0.1), (0.85, 1))
    canvas.polygon([(-0.6, 0.15), (-0.5, -0.1), (0.1, -0.1), (0.45, 0.15)], white)
    canvas.polygon([(-0.4, -0.1), (-0.35, -0.3), (-0.05, -0.3), (0.1, -0.1)], white)
    canvas.line([(-0.45, 0.02), (0.22, 0.02)], 0.08, GLASS)
    canvas.line([(-0.3, -0.3), (-0.36, -0.6)], 0.03, (90, 90, 90))
    _hull(canvas, dice, hull, 0.13, 0.4)


def _tug(canvas: Canvas, dice: Dice, hull: Colour) -> None:
    canvas.box((-0.2, -0.3), (0.4, 0.15), dice.colour((0, 1), (0, 0.2), (0.75, 1)))
    canvas.box((-0.14, -0.2), (0.34, -0.06), GLASS)
    canvas.box((-0.5, -0.45), (-0.27, 0.15), dice.any_colour())
    canvas.line([(0.1, -0.3), (0.1, -0.7)], 0.035, (90, 90, 90))
    canvas.blob([(-0.92, 0.08), (-0.4, 0.15), (0.4, 0.12), (0.95, -0.05), (0.75, 0.5), (-0.8, 0.48)], hull)
    canvas.line([(-0.85, 0.2), (0.85, 0.12)], 0.06, (35, 35, 35))
