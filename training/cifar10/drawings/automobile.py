"""Automobiles: from the side (looking to the right), the front and the back."""

from __future__ import annotations

from .canvas import Canvas, Point
from .dice import Colour, Dice, shade
from .wheels import draw_wheel

GLASS = (60, 75, 95)


def draw_automobile(canvas: Canvas, dice: Dice) -> None:
    """One of the views; a held-out drawing may be an open car or a round one."""
    body = dice.colour((0, 1), (0.5, 1), (0.4, 1)) if dice.chance(0.6) else dice.colour((0, 1), (0, 0.2), (0.08, 1))
    view = dice.pick((_side, _side, _side, _end), (_open, _round))
    view(canvas, dice, body)


def _lower(canvas: Canvas, dice: Dice, body: Colour, waist: float) -> None:
    """Everything below the windows, and the wheels."""
    nose = dice.span(0.04, 0.14)
    canvas.blob(
        [
            (-0.97, waist + 0.1),
            (-0.9, waist),
            (-0.4, waist - 0.02),
            (0.4, waist - 0.01),
            (0.85, waist + nose * 0.7),
            (0.98, waist + nose + 0.08),
            (0.96, 0.3),
            (0.5, 0.33),
            (-0.5, 0.33),
            (-0.95, 0.3),
        ],
        body,
    )
    canvas.line([(-0.9, 0.3), (0.92, 0.3)], 0.05, shade(body, 0.5))
    canvas.box((0.85, waist + nose + 0.03), (0.97, waist + nose + 0.11), (250, 240, 170))
    canvas.box((-0.97, waist + 0.06), (-0.88, waist + 0.14), (210, 30, 30))
    radius = dice.span(0.17, 0.22)
    for x in (dice.span(-0.62, -0.54), dice.span(0.54, 0.62)):
        draw_wheel(canvas, dice, (x, 0.31), radius)


def _cabin(canvas: Canvas, dice: Dice, body: Colour, outline: list[Point], post: float) -> None:
    """The roof with the windows in it; `post` is where the pillar between them stands."""
    canvas.polygon(outline, body)
    centre = (sum(x for x, _ in outline) / len(outline), sum(y for _, y in outline) / len(outline))
    glass = dice.pick((GLASS, (35, 40, 50), (150, 180, 205)))
    inner = [(centre[0] + (x - centre[0]) * 0.84, centre[1] + (y - centre[1]) * 0.72) for x, y in outline]
    canvas.polygon(inner, glass)
    canvas.line([(post, outline[1][1]), (post, outline[0][1])], 0.05, body)


def _side(canvas: Canvas, dice: Dice, body: Colour) -> None:
    waist = dice.span(-0.06, 0.04)
    roof = waist - dice.span(0.26, 0.36)
    back, front = dice.pick(
        (
            ((-0.78, -0.5), (0.22, 0.55)),  # sedan
            ((-0.92, -0.78), (0.2, 0.52)),  # hatchback
            ((-0.72, -0.25), (0.12, 0.5)),  # coupe
            ((-0.95, -0.88), (0.25, 0.5)),  # estate
        )
    )
    outline = [(back[0], waist + 0.03), (back[1], roof), (front[0], roof), (front[1], waist + 0.03)]
    _cabin(canvas, dice, body, outline, (back[1] + front[0]) / 2 + dice.span(-0.05, 0.08))
    _lower(canvas, dice, body, waist)
    if dice.chance(0.6):
        door = dice.span(-0.15, 0.0)
        canvas.line([(door, waist), (door, 0.28)], 0.02, shade(body, 0.6))
        canvas.line([(door + 0.06, waist + 0.08), (door + 0.14, waist + 0.08)], 0.03, shade(body, 0.45))
    if dice.chance(0.12):
        canvas.box((-0.15, roof - 0.09), (0.05, roof), (245, 200, 40))  # a taxi's sign


def _end(canvas: Canvas, dice: Dice, body: Colour) -> None:
    """The front, or the back."""
    is_front = dice.chance(0.6)
    wide, waist, roof = dice.span(0.68, 0.8), dice.span(-0.1, 0.0), dice.span(-0.55, -0.42)
    for side in (1, -1):
        canvas.box((side * wide * 0.95, 0.2), (side * wide * 0.62, 0.6), (25, 25, 25))
        canvas.ellipse((side * (wide + 0.06), waist - 0.02), (0.08, 0.05), shade(body, 0.7))
    top = wide * dice.span(0.58, 0.7)
    canvas.polygon([(-wide * 0.92, waist + 0.03), (-top, roof), (top, roof), (wide * 0.92, waist + 0.03)], body)
    canvas.polygon(
        [(-wide * 0.78, waist), (-top * 0.85, roof + 0.07), (top * 0.85, roof + 0.07), (wide * 0.78, waist)],
        dice.pick((GLASS, (35, 40, 50), (150, 180, 205))),
    )
    canvas.blob(
        [
            (-wide, waist + 0.12),
            (-wide * 0.85, waist),
            (0, waist - 0.03),
            (wide * 0.85, waist),
            (wide, waist + 0.12),
            (wide, 0.42),
            (0, 0.47),
            (-wide, 0.42),
        ],
        body,
    )
    lights = (250, 245, 200) if is_front else (215, 25, 25)
    for side in (1, -1):
        canvas.ellipse((side * wide * 0.74, 0.12), (0.14, dice.span(0.06, 0.11)), lights)
    if is_front:
        canvas.box((-wide * 0.45, 0.07), (wide * 0.45, 0.2), (30, 30, 35))
    canvas.box((-0.16, 0.27), (0.16, 0.36), (240, 240, 235))
    canvas.line([(-wide, 0.41), (wide, 0.41)], 0.05, shade(body, 0.5))


def _open(canvas: Canvas, dice: Dice, body: Colour) -> None:
    waist = dice.span(-0.05, 0.03)
    canvas.line([(0.2, waist - 0.28), (0.42, waist)], 0.05, GLASS)
    for x in (-0.1, -0.42):
        canvas.disc((x, waist - 0.17), 0.1, (225, 180, 150))
        canvas.box((x - 0.12, waist - 0.1), (x + 0.1, waist + 0.05), dice.any_colour())
    _lower(canvas, dice, body, waist)


def _round(canvas: Canvas, dice: Dice, body: Colour) -> None:
    canvas.blob([(-0.7, 0.1), (-0.45, -0.32), (0, -0.45), (0.35, -0.3), (0.5, 0.05)], body)
    canvas.blob([(-0.42, -0.02), (-0.3, -0.26), (0, -0.34), (0.22, -0.24), (0.32, -0.02)], GLASS)
    canvas.line([(-0.06, -0.34), (-0.06, 0)], 0.05, body)
    _lower(canvas, dice, body, 0.0)
