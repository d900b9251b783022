"""Trucks: big ones, as in CIFAR-10, which has no pickups. The side views look to the right."""

from __future__ import annotations

from .canvas import Canvas
from .dice import Colour, Dice, shade
from .wheels import draw_wheel

GLASS = (60, 75, 95)
FLOOR = 0.36


def draw_truck(canvas: Canvas, dice: Dice) -> None:
    """One of the kinds; a held-out drawing may carry a tank or logs."""
    cab = dice.colour((0, 1), (0.4, 1), (0.4, 1)) if dice.chance(0.6) else dice.colour((0, 1), (0, 0.2), (0.2, 1))
    kind = dice.pick((_box, _box, _trailer, _dump, _fire, _end), (_tank, _logs))
    kind(canvas, dice, cab)


def _cab(canvas: Canvas, dice: Dice, colour: Colour, left: float) -> float:
    """The driver's cab from `left` to the right end; returns its top."""
    top = dice.span(-0.38, -0.18)
    has_bonnet = dice.chance(0.35)
    if has_bonnet:
        middle = left + (0.97 - left) * 0.55
        canvas.polygon(
            [(left, top), (middle - 0.06, top), (middle, top + 0.3), (0.93, top + 0.34), (0.97, FLOOR), (left, FLOOR)],
            colour,
        )
        canvas.polygon(
            [
                (left + 0.08, top + 0.07),
                (middle - 0.09, top + 0.07),
                (middle - 0.03, top + 0.27),
                (left + 0.08, top + 0.27),
            ],
            GLASS,
        )
        canvas.line([(left + 0.02, top - 0.16), (left + 0.02, 0.1)], 0.05, (150, 150, 150))  # the exhaust
    else:
        canvas.polygon([(left, top), (0.86, top), (0.96, top + 0.34), (0.97, FLOOR), (left, FLOOR)], colour)
        canvas.polygon(
            [
                (left + (0.97 - left) * 0.3, top + 0.07),
                (0.83, top + 0.07),
                (0.91, top + 0.32),
                (left + (0.97 - left) * 0.3, top + 0.32),
            ],
            GLASS,
        )
    canvas.box((0.88, 0.16), (0.98, 0.25), (250, 240, 170))
    canvas.box((left, FLOOR - 0.04), (0.98, FLOOR + 0.03), (50, 50, 55))
    return top


def _chassis(canvas: Canvas, dice: Dice, rear_axles: int) -> None:
    """The frame below the load, and the wheels."""
    radius = dice.span(0.14, 0.185)
    canvas.box((-0.95, FLOOR - 0.06), (0.6, FLOOR + 0.03), (50, 50, 55))
    xs = [0.7, *(-0.75 + 2.05 * radius * number for number in range(rear_axles))]
    for x in xs:
        draw_wheel(canvas, dice, (x, 0.45), radius)


def _box(canvas: Canvas, dice: Dice, cab: Colour) -> None:
    load = dice.colour((0, 1), (0, 0.15), (0.7, 1)) if dice.chance(0.5) else dice.any_colour()
    left = dice.span(0.4, 0.5)
    top = dice.span(-0.66, -0.48)
    _cab(canvas, dice, cab, left)
    canvas.box((-0.97, top), (left - 0.04, FLOOR - 0.05), load)
    stripe = dice.any_colour()
    if dice.chance(0.5):
        canvas.box((-0.85, top + 0.22), (left - 0.15, top + dice.span(0.32, 0.5)), stripe)
    for edge in (-0.97, left - 0.07):
        canvas.line([(edge, top), (edge, FLOOR - 0.05)], 0.03, shade(load, 0.6))
    canvas.line([(-0.97, top), (left - 0.04, top)], 0.03, shade(load, 0.6))
    _chassis(canvas, dice, dice.count(1, 2))


def _trailer(canvas: Canvas, dice: Dice, cab: Colour) -> None:
    load = dice.any_colour()
    _cab(canvas, dice, cab, dice.span(0.5, 0.58))
    top = dice.span(-0.42, -0.3)
    canvas.box((-0.98, top), (0.42, FLOOR - 0.08), load)
    if dice.chance(0.5):
        canvas.line([(-0.95, (top + FLOOR) / 2), (0.4, (top + FLOOR) / 2)], 0.1, dice.any_colour())
    if dice.chance(0.4):
        for number in range(9):
            canvas.line([(-0.9 + 0.15 * number, top), (-0.9 + 0.15 * number, FLOOR - 0.08)], 0.02, shade(load, 0.75))
    _chassis(canvas, dice, 3)


def _dump(canvas: Canvas, dice: Dice, cab: Colour) -> None:
    left = dice.span(0.4, 0.5)
    heap = dice.pick(((140, 110, 70), (120, 120, 120), (70, 60, 55), (190, 160, 100)))
    tipped = canvas.moved(turn=-dice.exact(0, 0.25) if dice.chance(0.4) else 0.0, at=(0, 0.05))
    tipped.blob([(-0.8, -0.25), (-0.45, -0.5), (-0.1, -0.46), (0.25, -0.25)], heap)
    load = dice.near(cab, 30) if dice.chance(0.6) else dice.any_colour()
    tipped.polygon([(-0.98, -0.3), (left - 0.05, -0.3), (left - 0.1, 0.25), (-0.8, 0.25)], load)
    for number in range(4):
        x = -0.75 + 0.3 * number
        tipped.line([(x, -0.28), (x, 0.23)], 0.035, shade(load, 0.7))
    _cab(canvas, dice, cab, left)
    _chassis(canvas, dice, 2)


def _fire(canvas: Canvas, dice: Dice, _: Colour) -> None:
    red = dice.colour((0.97, 1.03), (0.75, 1), (0.6, 0.95)) if dice.chance(0.8) else dice.any_colour()
    left = dice.span(0.35, 0.45)
    top = _cab(canvas, dice, red, left)
    canvas.box((left + 0.15, top - 0.08), (left + 0.3, top), (60, 120, 240))
    canvas.box((-0.97, -0.2), (left - 0.02, FLOOR - 0.05), red)
    canvas.box((-0.9, -0.1), (left - 0.1, 0.06), (205, 205, 205))
    for y in (-0.36, -0.26):
        canvas.line([(-0.95, y), (0.6, y - 0.02)], 0.035, (215, 215, 215))
    for number in range(8):
        canvas.line([(-0.9 + 0.2 * number, -0.37), (-0.9 + 0.2 * number, -0.25)], 0.03, (215, 215, 215))
    _chassis(canvas, dice, dice.count(1, 2))


def _end(canvas: Canvas, dice: Dice, cab: Colour) -> None:
    """From the front: tall, the windscreen high, the load looking out above."""
    wide = dice.span(0.5, 0.6)
    top = dice.span(-0.65, -0.5)
    load = dice.any_colour()
    for side in (1, -1):
        canvas.box((side * wide * 0.97, 0.4), (side * wide * 0.55, 0.88), (25, 25, 25))
        canvas.box((side * (wide + 0.04), top + 0.15), (side * (wide + 0.13), top + 0.5), (40, 40, 45))
    if dice.chance(0.75):
        canvas.box((-wide * 1.05, -0.93), (wide * 1.05, 0.4), load)
    canvas.polygon(
        [(-wide, 0.66), (-wide, top + 0.08), (-wide * 0.9, top), (wide * 0.9, top), (wide, top + 0.08), (wide, 0.66)],
        cab,
    )
    canvas.box((-wide * 0.88, top + 0.1), (wide * 0.88, top + 0.5), dice.pick((GLASS, (35, 40, 50), (150, 180, 205))))
    canvas.box((-wide * 0.6, top + 0.62), (wide * 0.6, 0.36), (40, 40, 45))
    for number in range(3):
        y = top + 0.7 + 0.1 * number
        canvas.line([(-wide * 0.55, y), (wide * 0.55, y)], 0.025, (170, 170, 170))
    canvas.box((-wide, 0.48), (wide, 0.68), (60, 60, 65))
    for side in (1, -1):
        canvas.box((side * wide * 0.92, 0.49), (side * wide * 0.62, 0.6), (250, 245, 200))


def _tank(canvas: Canvas, dice: Dice, cab: Colour) -> None:
    load = dice.colour((0, 1), (0, 0.2), (0.55, 1))
    left = dice.span(0.42, 0.5)
    _cab(canvas, dice, cab, left)
    canvas.blob(
        [(-0.97, -0.05), (-0.88, -0.33), (0.25, -0.33), (left - 0.06, -0.05), (0.25, 0.27), (-0.88, 0.27)], load
    )
    canvas.line([(-0.8, -0.05), (left - 0.2, -0.05)], 0.07, dice.any_colour())
    _chassis(canvas, dice, 2)


def _logs(canvas: Canvas, dice: Dice, cab: Colour) -> None:
    left = dice.span(0.42, 0.5)
    _cab(canvas, dice, cab, left)
    for row in range(3):
        y = 0.2 - 0.17 * row
        canvas.line([(-0.95, y), (left - 0.1, y)], 0.16, dice.near((130, 90, 55), 25))
    for x in (-0.85, -0.25, 0.25):
        canvas.line([(x, -0.35), (x, 0.3)], 0.04, (60, 60, 60))
    _chassis(canvas, dice, 2)
