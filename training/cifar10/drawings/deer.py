"""Deer: slender, on thin legs, with antlers or big ears, and a white rump."""

from __future__ import annotations

from .canvas import Canvas, Point
from .dice import Colour, Dice, shade
from .quadruped import Build, draw_legs, draw_spots, draw_trunk, eye

HORN = (150, 120, 85)
PALE = (238, 230, 215)


def draw_deer(canvas: Canvas, dice: Dice) -> None:
    """One of the poses; a held-out drawing may leap."""
    coat = dice.colour((0.04, 0.1), (0.3, 0.75), (0.35, 0.8)) if dice.chance(0.8) else dice.any_colour()
    pose = dice.pick((_stag, _stag, _doe, _grazing, _face), (_leaping,))
    pose(canvas, dice, coat)


def _antlers(canvas: Canvas, dice: Dice, at: Point, size: float, spread: float) -> None:
    """A pair of antlers over the point `at`."""
    horn = dice.near(dice.pick((HORN, (95, 70, 50), (205, 185, 150))))
    wide = 0.13 * size
    for side in (1, -1):
        tips = [(0.0, 0.0), (side * spread * 0.6, -0.35), (side * spread * 1.1, -0.65), (side * spread * 0.85, -1.0)]
        stem = [(at[0] + x * size, at[1] + y * size) for x, y in tips]
        canvas.limb(stem, (wide, wide * 0.6), horn)
        for along, lean in ((1, -0.2), (2, -0.3), (1, 0.35), (2, 0.3))[: dice.count(2, 4)]:
            x, y = stem[along]
            canvas.limb(
                [(x, y), (x + side * lean * size, y - dice.exact(0.2, 0.35) * size)], (wide * 0.8, wide * 0.5), horn
            )


def _side_head(canvas: Canvas, dice: Dice, at: Point, coat: Colour, stag: bool) -> None:
    head = canvas.moved(turn=dice.span(0.0, 0.35), at=at)
    if stag:
        _antlers(canvas, dice, (at[0] - 0.03, at[1] - 0.09), dice.span(0.42, 0.56), dice.span(0.3, 0.5))
    head.blob([(-0.14, -0.02), (-0.05, -0.12), (0.1, -0.07), (0.3, 0.0), (0.3, 0.07), (0.1, 0.1), (-0.1, 0.1)], coat)
    head.disc((0.3, 0.03), 0.035, (30, 25, 25))
    eye(head, (0.04, -0.03), 0.028)
    for lean in (-0.24, -0.12):
        head.ellipse((-0.12 + lean * 0.3, -0.17), (0.13, 0.05), shade(coat, 0.8 - lean * 0.2), turn=-2.3 + lean)


def _standing(canvas: Canvas, dice: Dice, coat: Colour, stag: bool, swing: float = 0.25) -> None:
    build = Build(
        back=-0.48,
        front=0.15,
        top=dice.span(-0.15, -0.07),
        belly=dice.span(0.15, 0.2),
        foot=dice.span(0.86, 0.96),
        leg=(0.11, 0.045),
        swing=swing,
    )
    draw_legs(canvas, dice, build, (coat, (45, 35, 30)))
    draw_trunk(canvas, build, coat, waist=0.05)
    canvas.ellipse((-0.56, 0.0), (0.06, 0.1), PALE)
    canvas.ellipse((-0.6, -0.1), (0.05, 0.08), shade(coat, 0.7), turn=0.4)
    canvas.blob([(-0.35, 0.15), (-0.1, 0.12), (0.15, 0.17), (-0.1, 0.2)], PALE)
    if dice.chance(0.4):
        draw_spots(canvas, dice, ((-0.45, -0.08), (0.1, 0.06)), PALE, (0.022, 0.035))
    head = (dice.span(0.36, 0.46), dice.span(-0.52, -0.42))
    canvas.limb([(0.18, 0.04), (0.28, -0.2), head], (0.24, 0.13), coat)
    _side_head(canvas, dice, head, coat, stag)


def _stag(canvas: Canvas, dice: Dice, coat: Colour) -> None:
    _standing(canvas, dice, coat, stag=True)


def _doe(canvas: Canvas, dice: Dice, coat: Colour) -> None:
    _standing(canvas.moved(at=(0, -0.12), scale=1.08), dice, coat, stag=False)


def _leaping(canvas: Canvas, dice: Dice, coat: Colour) -> None:
    _standing(canvas.moved(turn=dice.span(-0.35, -0.1)), dice, coat, stag=dice.chance(0.6), swing=0.7)


def _grazing(canvas: Canvas, dice: Dice, coat: Colour) -> None:
    build = Build(back=-0.5, front=0.12, top=-0.2, belly=0.1, foot=0.85, leg=(0.11, 0.045), swing=0.2)
    draw_legs(canvas, dice, build, (coat, (45, 35, 30)))
    draw_trunk(canvas, build, coat, waist=0.05)
    canvas.ellipse((-0.6, -0.08), (0.06, 0.1), PALE)
    head = (0.55, dice.span(0.38, 0.46))
    canvas.limb([(0.14, -0.05), (0.36, 0.15), head], (0.24, 0.13), coat)
    _side_head(canvas.moved(turn=dice.span(0.5, 0.7), at=head), dice, (0, 0), coat, stag=dice.chance(0.7))


def _face(canvas: Canvas, dice: Dice, coat: Colour) -> None:
    """Head and shoulders, from the front."""
    canvas.blob([(-0.22, 0.2), (0.22, 0.2), (0.34, 0.7), (0.55, 1.0), (-0.55, 1.0), (-0.34, 0.7)], shade(coat, 0.88))
    if dice.chance(0.8):
        _antlers(canvas, dice, (0.0, -0.12), dice.span(0.78, 0.9), dice.span(0.5, 0.75))
    for side in (1, -1):
        canvas.ellipse((side * 0.4, -0.06), (0.24, 0.1), shade(coat, 0.85), turn=-side * 0.35)
        canvas.ellipse((side * 0.41, -0.06), (0.15, 0.05), (200, 165, 150), turn=-side * 0.35)
    canvas.blob(
        [(-0.22, -0.12), (0, -0.2), (0.22, -0.12), (0.2, 0.2), (0.12, 0.5), (0, 0.56), (-0.12, 0.5), (-0.2, 0.2)], coat
    )
    canvas.ellipse((0, 0.44), (0.1, 0.1), PALE)
    canvas.ellipse((0, 0.45), (0.065, 0.05), (25, 22, 22))
    for side in (1, -1):
        eye(canvas, (side * 0.15, 0.08), 0.045)
