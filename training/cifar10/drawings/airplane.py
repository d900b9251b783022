"""Airplanes: from the side, from above or below, from the front. The side views look to the right."""

from __future__ import annotations

from .canvas import Canvas
from .dice import Colour, Dice, shade

GLASS = (45, 60, 85)


def draw_airplane(canvas: Canvas, dice: Dice) -> None:
    """One of the views; a held-out drawing may be a fighter with delta wings."""
    body = dice.colour((0, 1), (0, 0.25), (0.55, 1)) if dice.chance(0.6) else dice.any_colour()
    view = dice.pick((_side, _side, _above, _above, _propeller, _front), (_delta,))
    view(canvas, dice, body)


def _side(canvas: Canvas, dice: Dice, body: Colour) -> None:
    trim = dice.any_colour() if dice.chance(0.7) else body
    wing = shade(body, dice.span(0.65, 0.9))
    thick = dice.span(0.09, 0.14)
    sweep = dice.span(0.25, 0.45)
    fin = dice.span(0.32, 0.5)
    reach = dice.span(0.3, 0.5)
    canvas.polygon(
        [(0.2, -thick * 0.3), (0.2 - sweep * 0.8, -reach * 0.75), (0.06 - sweep * 0.8, -reach * 0.75), (-0.1, 0)],
        shade(wing, 0.85),
    )
    canvas.polygon([(-0.58, -thick * 0.6), (-0.8, -thick - fin), (-0.98, -thick - fin), (-0.9, -thick * 0.5)], trim)
    canvas.blob(
        [
            (0.96, 0.03),
            (0.78, -thick * 0.8),
            (0.5, -thick),
            (-0.6, -thick),
            (-0.97, -thick * 0.9),
            (-0.6, thick * 0.6),
            (0, thick),
            (0.7, thick),
        ],
        body,
    )
    if dice.chance(0.6):
        canvas.line([(-0.85, -thick * 0.2), (0.8, 0.0)], 0.04, trim)
    if dice.chance(0.75):
        for step in range(dice.count(6, 11)):
            canvas.disc((0.55 - 0.1 * step, -thick * 0.35), 0.022, GLASS)
    canvas.polygon([(0.76, -thick * 0.75), (0.86, -thick * 0.45), (0.74, -thick * 0.35)], GLASS)
    engine = shade(body, 0.6)
    if dice.chance(0.7):
        canvas.ellipse((0.12 - sweep * 0.25, thick + 0.1), (0.13, 0.055), engine)
    canvas.polygon(
        [(0.22, thick * 0.4), (0.2 - sweep, thick + reach), (0.02 - sweep, thick + reach), (-0.14, thick * 0.4)], wing
    )
    canvas.polygon([(-0.68, 0), (-0.9, 0.18), (-1.0, 0.18), (-0.9, 0)], wing)
    if dice.chance(0.25):
        for x in (0.6, -0.05, -0.15):
            canvas.line([(x, thick * 0.8), (x, thick + 0.13)], 0.03, (60, 60, 60))
            canvas.disc((x, thick + 0.15), 0.05, (30, 30, 30))


def _above(canvas: Canvas, dice: Dice, body: Colour) -> None:
    view = canvas.moved(turn=dice.exact(-3.1416, 3.1416), scale=dice.exact(0.92, 1.0))
    trim = dice.any_colour() if dice.chance(0.5) else body
    wing = shade(body, dice.span(0.7, 1.1))
    thick = dice.span(0.075, 0.12)
    sweep = dice.span(0.1, 0.5)
    root, tip = dice.span(0.3, 0.42), dice.span(0.1, 0.2)
    engines = dice.pick((0, 1, 1, 2))
    for side in (1, -1):
        for number in range(engines):
            along = 0.3 + 0.27 * number
            view.ellipse((0.24 - sweep * along, side * along), (0.12, 0.045), shade(body, 0.6))
        view.polygon(
            [
                (0.25, side * 0.05),
                (0.25 - sweep, side * 0.93),
                (0.25 - sweep - tip, side * 0.93),
                (0.25 - root, side * 0.05),
            ],
            wing,
        )
        view.polygon([(-0.68, 0), (-0.84, side * 0.34), (-0.97, side * 0.34), (-0.9, 0)], wing)
    view.blob(
        [
            (0.97, 0),
            (0.8, -thick * 0.8),
            (0.4, -thick),
            (-0.5, -thick),
            (-0.95, -0.02),
            (-0.95, 0.02),
            (-0.5, thick),
            (0.4, thick),
            (0.8, thick * 0.8),
        ],
        body,
    )
    view.line([(-0.62, 0), (-0.95, 0)], 0.04, trim)
    if dice.chance(0.6):
        view.polygon([(0.8, -0.05), (0.87, 0), (0.8, 0.05), (0.72, 0)], GLASS)
    if trim != body and dice.chance(0.5):
        view.line([(0.25 - sweep * 0.8, 0.74), (0.25 - sweep * 0.8 - tip, 0.74)], 0.1, trim)


def _propeller(canvas: Canvas, dice: Dice, body: Colour) -> None:
    trim = dice.any_colour()
    thick = dice.span(0.13, 0.19)
    high = dice.chance(0.5)
    canvas.polygon([(-0.6, -0.05), (-0.78, -0.44), (-0.96, -0.44), (-0.92, 0)], trim)
    canvas.blob(
        [
            (0.7, 0.02),
            (0.62, -thick * 0.8),
            (0.3, -thick),
            (-0.3, -thick),
            (-0.95, -0.06),
            (-0.9, 0.06),
            (-0.2, thick),
            (0.55, thick),
        ],
        body,
    )
    canvas.polygon([(0.34, -thick * 0.9), (0.2, -thick - 0.14), (-0.18, -thick - 0.14), (-0.32, -thick * 0.8)], GLASS)
    wing_y = -thick - 0.14 if high else thick * 0.5
    canvas.blob(
        [(0.38, wing_y), (0.3, wing_y - 0.05), (-0.28, wing_y - 0.02), (-0.32, wing_y + 0.05), (0.3, wing_y + 0.06)],
        shade(trim, 0.8),
    )
    if dice.chance(0.3):
        canvas.blob([(0.4, -0.5), (0.3, -0.55), (-0.2, -0.52), (-0.24, -0.46), (0.3, -0.45)], shade(trim, 0.8))
        for x in (0.25, -0.1):
            canvas.line([(x, -0.5), (x, 0.08)], 0.025, (70, 60, 50))
    canvas.polygon([(-0.72, 0), (-0.98, 0.03), (-0.98, 0.09), (-0.75, 0.07)], shade(trim, 0.8))
    canvas.ellipse(
        (0.8, 0.02), (0.025, dice.span(0.28, 0.42)), dice.pick(((70, 70, 70), (200, 200, 200), (120, 80, 40)))
    )
    canvas.ellipse((0.74, 0.02), (0.08, 0.07), shade(body, 0.6))
    for x in (0.35, 0.1):
        canvas.line([(x, thick * 0.7), (x + 0.05, 0.34)], 0.03, (60, 60, 60))
        canvas.disc((x + 0.05, 0.36), 0.075, (30, 30, 30))


def _front(canvas: Canvas, dice: Dice, body: Colour) -> None:
    radius = dice.span(0.15, 0.22)
    rise = dice.span(0.05, 0.22)
    wing = shade(body, dice.span(0.65, 0.9))
    canvas.polygon(
        [(-0.03, -radius), (-0.02, -radius - 0.42), (0.02, -radius - 0.42), (0.03, -radius)], shade(body, 0.8)
    )
    for side in (1, -1):
        canvas.polygon([(0, 0.0), (side * 0.97, -rise), (side * 0.97, -rise + 0.04), (0, 0.14)], wing)
        canvas.polygon(
            [(0, -radius * 0.5), (side * 0.36, -radius * 0.7), (side * 0.36, -radius * 0.7 + 0.03), (0, -radius * 0.2)],
            wing,
        )
        canvas.disc((side * dice.span(0.36, 0.46), 0.13), dice.span(0.085, 0.12), shade(body, 0.55))
        canvas.line([(side * 0.14, radius * 0.5), (side * 0.14, 0.36)], 0.04, (60, 60, 60))
        canvas.disc((side * 0.14, 0.36), 0.06, (30, 30, 30))
    canvas.disc((0, 0), radius, body)
    canvas.polygon(
        [
            (-radius * 0.6, -radius * 0.3),
            (-radius * 0.4, -radius * 0.62),
            (radius * 0.4, -radius * 0.62),
            (radius * 0.6, -radius * 0.3),
        ],
        GLASS,
    )


def _delta(canvas: Canvas, dice: Dice, body: Colour) -> None:
    view = canvas.moved(turn=dice.exact(-3.1416, 3.1416), scale=0.95)
    span = dice.span(0.5, 0.65)
    wing = shade(body, 0.8)
    view.polygon([(0.35, 0), (-0.6, span), (-0.75, span), (-0.6, 0), (-0.75, -span), (-0.6, -span)], wing)
    for side in (1, -1):
        view.polygon([(-0.65, side * 0.05), (-0.88, side * 0.3), (-0.98, side * 0.3), (-0.9, side * 0.05)], wing)
    view.blob([(0.98, 0), (0.55, -0.08), (-0.7, -0.11), (-0.95, 0), (-0.7, 0.11), (0.55, 0.08)], body)
    view.ellipse((0.45, 0), (0.14, 0.05), GLASS)
