"""Frogs: squat, wide-mouthed, the eyes on top, the hind legs folded."""

from __future__ import annotations

import math

from .canvas import Canvas
from .dice import Colour, Dice, shade
from .quadruped import draw_spots


def draw_frog(canvas: Canvas, dice: Dice) -> None:
    """One of the poses; a held-out drawing may leap."""
    skin = dice.pick(
        (
            dice.colour((0.2, 0.4), (0.45, 1), (0.4, 0.9)),  # green
            dice.colour((0.2, 0.4), (0.45, 1), (0.4, 0.9)),
            dice.colour((0.06, 0.14), (0.4, 0.75), (0.3, 0.65)),  # brown, olive
            dice.any_colour(),
        )
    )
    belly = dice.pick((shade(skin, 1.7), (235, 225, 180), skin))
    pose = dice.pick((_front, _front, _side, _side, _above), (_leaping,))
    pose(canvas, dice, skin, belly)


def _eye(canvas: Canvas, dice: Dice, at: tuple[float, float], radius: float, skin: Colour) -> None:
    iris = dice.pick(((235, 205, 70), (220, 60, 40), (245, 245, 235), (190, 150, 60)))
    canvas.disc(at, radius, skin)
    canvas.disc(at, radius * 0.76, iris)
    canvas.ellipse(at, (radius * 0.45, radius * dice.exact(0.25, 0.45)), (12, 12, 12))


def _front(canvas: Canvas, dice: Dice, skin: Colour, belly: Colour) -> None:
    wide = dice.span(0.52, 0.66)
    dark = shade(skin, dice.span(0.6, 0.8))
    for side in (1, -1):
        canvas.ellipse((side * (wide + 0.12), 0.4), (0.3, dice.span(0.26, 0.36)), dark, turn=side * 0.5)
        canvas.blob([(side * 0.5, 0.68), (side * 0.95, 0.72), (side * 1.0, 0.82), (side * 0.55, 0.82)], skin)
    canvas.blob(
        [
            (-wide, 0.1),
            (-wide * 0.6, -0.3),
            (0, -0.38),
            (wide * 0.6, -0.3),
            (wide, 0.1),
            (wide * 0.9, 0.55),
            (0, 0.72),
            (-wide * 0.9, 0.55),
        ],
        skin,
    )
    canvas.blob(
        [(-wide * 0.75, 0.22), (0, 0.28), (wide * 0.75, 0.22), (wide * 0.6, 0.58), (0, 0.68), (-wide * 0.6, 0.58)],
        belly,
    )
    canvas.line(
        [(-wide * 0.85, 0.06), (-wide * 0.4, 0.18), (0, 0.21), (wide * 0.4, 0.18), (wide * 0.85, 0.06)],
        0.045,
        shade(skin, 0.35),
    )
    for side in (1, -1):
        canvas.limb([(side * wide * 0.62, 0.4), (side * wide * 0.7, 0.78)], (0.16, 0.12), shade(skin, 0.88))
        for toe in (-0.12, 0.0, 0.12):
            canvas.limb([(side * wide * 0.7, 0.76), (side * wide * 0.7 + toe, 0.88)], (0.06, 0.05), shade(skin, 0.88))
        _eye(canvas, dice, (side * dice.span(0.3, 0.42), dice.span(-0.42, -0.32)), dice.span(0.17, 0.23), skin)
        canvas.disc((side * 0.08, -0.08), 0.022, shade(skin, 0.35))
    if dice.chance(0.4):
        draw_spots(canvas, dice, ((-wide * 0.6, -0.25), (wide * 0.6, 0.0)), shade(skin, 0.55), (0.03, 0.07))


def _side(canvas: Canvas, dice: Dice, skin: Colour, belly: Colour) -> None:
    view = canvas.moved(turn=dice.span(-0.2, 0.1), at=(0, 0.08))
    dark = shade(skin, 0.78)
    view.limb([(0.3, 0.2), (0.36, 0.5), (0.42, 0.68)], (0.15, 0.1), dark)
    view.blob(
        [
            (-0.82, 0.45),
            (-0.55, 0.02),
            (-0.1, -0.25),
            (0.35, -0.42),
            (0.8, -0.2),
            (0.86, -0.02),
            (0.5, 0.25),
            (0.1, 0.45),
            (-0.5, 0.6),
        ],
        skin,
    )
    view.blob([(0.84, -0.03), (0.5, 0.02), (0.2, 0.2), (0.0, 0.44), (0.45, 0.27)], belly)
    view.line([(0.86, -0.06), (0.6, 0.0), (0.38, -0.04)], 0.045, shade(skin, 0.35))
    if dice.chance(0.5):
        draw_spots(view, dice, ((-0.5, 0.0), (0.2, 0.25)), shade(skin, 0.55), (0.04, 0.09))
    if dice.chance(0.4):
        view.line([(0.35, -0.3), (-0.1, -0.16), (-0.6, 0.15)], 0.06, shade(skin, 1.8))
    view.ellipse((-0.42, 0.4), (0.36, 0.2), dark, turn=-0.55)
    view.limb([(-0.6, 0.55), (-0.15, 0.62), (-0.1, 0.7)], (0.15, 0.1), skin)
    view.limb([(-0.3, 0.7), (0.1, 0.72)], (0.1, 0.07), shade(skin, 0.9))
    view.limb([(0.32, 0.22), (0.46, 0.45), (0.42, 0.7), (0.6, 0.72)], (0.15, 0.08), skin)
    _eye(view, dice, (0.44, -0.36), dice.span(0.15, 0.21), skin)


def _above(canvas: Canvas, dice: Dice, skin: Colour, belly: Colour) -> None:
    """From above, the head along x."""
    view = canvas.moved(turn=dice.exact(-3.1416, 3.1416), scale=0.95)
    dark = shade(skin, 0.8)
    spread = dice.span(0.5, 0.75)
    for side in (1, -1):
        view.limb(
            [(-0.4, side * 0.2), (-0.1, side * spread), (-0.6, side * (spread + 0.1)), (-0.92, side * (spread - 0.05))],
            (0.22, 0.1),
            dark,
        )
        view.limb([(0.25, side * 0.3), (0.3, side * 0.62), (0.6, side * 0.72)], (0.15, 0.09), dark)
        for toe in (-0.1, 0.0, 0.1):
            view.limb([(0.58, side * 0.72), (0.72, side * 0.72 + toe)], (0.05, 0.05), dark)
            view.limb([(-0.88, side * (spread - 0.05)), (-1.0, side * (spread - 0.05) + toe)], (0.06, 0.05), dark)
    view.blob(
        [(0.8, 0), (0.6, -0.3), (0.2, -0.36), (-0.3, -0.32), (-0.58, 0), (-0.3, 0.32), (0.2, 0.36), (0.6, 0.3)], skin
    )
    if dice.chance(0.6):
        draw_spots(view, dice, ((-0.35, -0.2), (0.25, 0.2)), shade(skin, 0.5), (0.04, 0.09))
    if dice.chance(0.4):
        view.line([(0.5, 0), (-0.5, 0)], 0.06, shade(skin, 1.8))
    for side in (1, -1):
        _eye(view, dice, (0.48, side * 0.25), 0.14, skin)


def _leaping(canvas: Canvas, dice: Dice, skin: Colour, belly: Colour) -> None:
    view = canvas.moved(turn=dice.span(-0.5, -0.1))
    far = math.pi / 16
    view.limb([(-0.3, 0.1), (-0.55, 0.32), (-0.75, 0.1), (-0.98, 0.3 + far)], (0.2, 0.08), shade(skin, 0.75))
    view.blob([(-0.45, 0.1), (-0.1, -0.2), (0.35, -0.3), (0.75, -0.12), (0.7, 0.08), (0.2, 0.25), (-0.25, 0.28)], skin)
    view.blob([(0.7, 0.02), (0.2, 0.1), (-0.2, 0.25), (0.25, 0.25)], belly)
    view.limb([(-0.3, 0.15), (-0.5, 0.45), (-0.7, 0.25), (-0.97, 0.5)], (0.22, 0.09), shade(skin, 0.9))
    view.limb([(0.35, 0.12), (0.6, 0.3), (0.8, 0.25)], (0.13, 0.08), shade(skin, 0.9))
    _eye(view, dice, (0.42, -0.26), 0.17, skin)
