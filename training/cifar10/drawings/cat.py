"""Cats: walking, sitting, from the front; pricked ears, round head, short muzzle, long tail."""

from __future__ import annotations

from .canvas import Canvas, Point
from .dice import Colour, Dice, shade
from .quadruped import Build, draw_legs, draw_trunk

PINK = (225, 150, 150)


def draw_cat(canvas: Canvas, dice: Dice) -> None:
    """One of the poses; a held-out drawing may lie."""
    coat = dice.pick(
        (
            dice.colour((0.06, 0.1), (0.5, 0.85), (0.65, 0.95)),  # ginger
            dice.colour((0.05, 0.12), (0, 0.15), (0.3, 0.6)),  # grey
            dice.colour((0.05, 0.12), (0, 0.3), (0.08, 0.18)),  # black
            dice.colour((0.08, 0.13), (0, 0.2), (0.85, 1)),  # white, cream
            dice.colour((0.07, 0.11), (0.3, 0.5), (0.4, 0.65)),  # brown
            dice.any_colour(),
        )
    )
    pose = dice.pick((_walking, _sitting, _sitting, _face, _face), (_lying,))
    pose(canvas, dice, coat)


def _head(canvas: Canvas, dice: Dice, at: Point, size: float, coat: Colour) -> None:
    """A head seen from the front."""
    head = canvas.moved(turn=dice.span(-0.2, 0.2), at=at, scale=size)
    tall, apart = dice.span(0.85, 1.1), dice.span(0.62, 0.78)
    for side in (1, -1):
        head.polygon([(side * 0.95, -0.25), (side * apart * 1.15, -0.55 - tall * 0.75), (side * 0.18, -0.75)], coat)
        head.polygon(
            [(side * 0.8, -0.42), (side * apart * 1.08, -0.5 - tall * 0.55), (side * 0.38, -0.7)], shade(PINK, 0.85)
        )
    head.blob(
        [(-0.72, -0.62), (0, -0.8), (0.72, -0.62), (1.02, 0.05), (0.72, 0.6), (0, 0.82), (-0.72, 0.6), (-1.02, 0.05)],
        coat,
    )
    light = sum(coat) > 300
    if dice.chance(0.5):
        for x in (-0.28, 0, 0.28):
            head.line([(x, -0.72), (x * 0.8, -0.36)], 0.12, shade(coat, 0.55) if light else shade(coat, 1.6))
    if dice.chance(0.5):
        head.ellipse((0, 0.42), (0.5, 0.32), (240, 235, 228))
    iris = dice.pick(((150, 190, 60), (225, 190, 50), (90, 170, 210), (90, 160, 80)))
    for side in (1, -1):
        head.ellipse((side * 0.42, -0.08), (0.24, 0.19), iris)
        head.ellipse((side * 0.42, -0.08), (0.08, 0.18), (15, 15, 15))
    head.polygon([(-0.13, 0.24), (0.13, 0.24), (0, 0.38)], PINK)
    whisker = (245, 245, 245) if sum(coat) < 450 else (70, 70, 70)
    for side in (1, -1):
        head.line([(0, 0.38), (side * 0.2, 0.54)], 0.06, (60, 40, 40))
        for rise in (-0.14, 0.04, 0.2):
            head.line([(side * 0.35, 0.38), (side * 1.3, 0.34 + rise)], 0.035, whisker)


def _stripes(canvas: Canvas, dice: Dice, left: float, right: float, top: float, bottom: float, coat: Colour) -> None:
    if not dice.chance(0.5):
        return
    colour = shade(coat, 0.6) if sum(coat) > 250 else shade(coat, 1.7)
    for number in range(6):
        x = left + (right - left) * (number + 0.5) / 6
        canvas.line([(x, top), (x - 0.03, bottom)], 0.045, colour)


def _walking(canvas: Canvas, dice: Dice, coat: Colour) -> None:
    build = Build(
        back=-0.45, front=0.28, top=dice.span(-0.22, -0.14), belly=0.16, foot=0.66, leg=(0.16, 0.09), swing=0.45
    )
    tip = dice.span(-0.98, -0.7)
    lift = dice.span(-0.85, -0.25)
    canvas.limb([(-0.5, -0.08), (-0.72, -0.08), (-0.84, lift * 0.5), (tip, lift)], (0.11, 0.08), coat)
    draw_legs(canvas, dice, build, (coat, dice.pick((coat, (240, 238, 232)))))
    draw_trunk(canvas, build, coat)
    _stripes(canvas, dice, -0.4, 0.25, build.top + 0.03, 0.06, coat)
    _head(canvas, dice, (0.58, dice.span(-0.34, -0.22)), dice.span(0.25, 0.3), coat)


def _sitting(canvas: Canvas, dice: Dice, coat: Colour) -> None:
    reach = dice.span(0.55, 0.85)
    canvas.limb(
        [(-0.15, 0.8), (-0.5, 0.84), (-reach, 0.7), (-reach - 0.04, dice.span(0.2, 0.5))],
        (0.13, 0.09),
        shade(coat, 0.85),
    )
    canvas.blob(
        [(-0.18, -0.2), (0.18, -0.2), (0.34, 0.2), (0.46, 0.7), (0.3, 0.9), (-0.3, 0.9), (-0.46, 0.7), (-0.34, 0.2)],
        coat,
    )
    _stripes(canvas, dice, -0.3, 0.3, 0.0, 0.2, coat)
    if dice.chance(0.45):
        canvas.ellipse((0, 0.2), (0.17, 0.28), (240, 236, 228))
    for side in (1, -1):
        canvas.limb([(side * 0.13, 0.25), (side * 0.14, 0.85)], (0.17, 0.14), shade(coat, 0.92))
        canvas.ellipse((side * 0.15, 0.88), (0.12, 0.07), dice.near(coat))
        canvas.ellipse((side * 0.38, 0.86), (0.14, 0.08), shade(coat, 0.85))
    _head(canvas, dice, (dice.span(-0.08, 0.08), -0.42), dice.span(0.34, 0.41), coat)


def _face(canvas: Canvas, dice: Dice, coat: Colour) -> None:
    canvas.blob([(-0.5, 0.4), (0.5, 0.4), (0.75, 1.0), (-0.75, 1.0)], shade(coat, 0.85))
    _head(canvas, dice, (0, dice.span(-0.02, 0.1)), dice.span(0.62, 0.72), coat)


def _lying(canvas: Canvas, dice: Dice, coat: Colour) -> None:
    canvas.limb([(-0.7, 0.45), (-0.85, 0.6), (-0.4, 0.66), (0.0, 0.62)], (0.12, 0.1), shade(coat, 0.85))
    canvas.blob([(-0.85, 0.35), (-0.6, -0.02), (0.0, -0.08), (0.45, 0.05), (0.55, 0.5), (0, 0.58), (-0.7, 0.58)], coat)
    _stripes(canvas, dice, -0.6, 0.2, 0.02, 0.3, coat)
    for x in (0.45, 0.62):
        canvas.limb([(x - 0.2, 0.5), (x + 0.15, 0.55)], (0.14, 0.11), shade(coat, 0.92))
    _head(canvas, dice, (0.5, -0.02), dice.span(0.31, 0.36), coat)
