"""Birds: perched, flying, soaring, swimming, wading. They look to the right."""

from __future__ import annotations

from .canvas import Canvas, Point
from .dice import Colour, Dice, shade
from .quadruped import eye

BEAK = ((235, 170, 40), (60, 55, 50), (225, 100, 40), (120, 110, 100))


def draw_bird(canvas: Canvas, dice: Dice) -> None:
    """One of the poses; a held-out drawing may be a swan or a parrot."""
    body = dice.any_colour() if dice.chance(0.6) else dice.colour((0.05, 0.12), (0, 0.5), (0.1, 0.95))
    wing = dice.pick((shade(body, 0.6), shade(body, 1.5), dice.any_colour()))
    pose = dice.pick((_perched, _perched, _flying, _soaring, _duck, _wading), (_swan, _parrot))
    pose(canvas, dice, body, wing)


def _head(canvas: Canvas, dice: Dice, at: Point, radius: float, colours: tuple[Colour, Colour], bill: float) -> None:
    """A round head with its beak; `colours` are those of the head and of the beak."""
    head, beak = colours
    x, y = at
    canvas.polygon(
        [
            (x + radius * 0.7, y - radius * 0.35),
            (x + radius + bill, y + radius * 0.15),
            (x + radius * 0.7, y + radius * 0.45),
        ],
        beak,
    )
    canvas.disc(at, radius, head)
    eye(
        canvas,
        (x + radius * 0.35, y - radius * 0.2),
        max(0.028, radius * 0.2),
        dice.pick(((15, 15, 15), (15, 15, 15), (230, 200, 60))),
    )


def _perched(canvas: Canvas, dice: Dice, body: Colour, wing: Colour) -> None:
    view = canvas.moved(turn=dice.span(-0.25, 0.15))
    beak = dice.pick(BEAK)
    for x in (-0.02, 0.14):
        view.line([(x, 0.38), (x + 0.03, 0.72)], 0.03, shade(beak, 0.8))
        view.line([(x - 0.05, 0.72), (x + 0.13, 0.73)], 0.03, shade(beak, 0.8))
    if dice.chance(0.5):
        canvas.limb([(-0.9, 0.78), (0.9, dice.span(0.7, 0.82))], (0.1, 0.06), dice.near((95, 70, 50)))
    view.polygon(
        [(-0.3, 0.12), (-0.9, dice.span(0.38, 0.6)), (-0.82, dice.span(0.6, 0.72)), (-0.2, 0.32)], shade(wing, 0.85)
    )
    view.blob(
        [(-0.5, 0.25), (-0.3, -0.1), (0.1, -0.4), (0.4, -0.35), (0.48, 0.0), (0.3, 0.34), (0.0, 0.45), (-0.3, 0.4)],
        body,
    )
    if dice.chance(0.6):
        view.blob([(0.2, -0.15), (0.45, -0.05), (0.33, 0.3), (0.02, 0.42), (0.1, 0.1)], dice.any_colour())
    view.blob([(0.12, -0.12), (0.16, 0.08), (-0.2, 0.3), (-0.62, 0.42), (-0.35, 0.05)], wing)
    view.line([(0.0, 0.05), (-0.45, 0.32)], 0.03, shade(wing, 0.65))
    _head(view, dice, (0.34, -0.47), dice.span(0.2, 0.26), (dice.pick((body, wing)), beak), dice.span(0.14, 0.28))


def _flying(canvas: Canvas, dice: Dice, body: Colour, wing: Colour) -> None:
    view = canvas.moved(turn=dice.span(-0.35, 0.35))
    lift = dice.pick((-1, -1, 1)) * dice.span(0.6, 0.88)
    beak = dice.pick(BEAK)
    view.blob(
        [
            (0.25, 0.0),
            (0.12, lift * 0.5),
            (dice.span(-0.2, 0.25), lift),
            (-0.28, lift * 0.8),
            (-0.36, lift * 0.4),
            (-0.15, 0.0),
        ],
        shade(wing, 0.7),
    )
    view.polygon([(-0.35, -0.06), (-0.92, -0.16), (-0.85, 0.0), (-0.95, 0.14), (-0.35, 0.1)], shade(body, 0.8))
    view.blob([(-0.55, 0.02), (-0.2, -0.14), (0.25, -0.16), (0.55, -0.02), (0.3, 0.15), (-0.15, 0.17)], body)
    side = dice.span(-0.15, 0.1)
    view.blob(
        [
            (0.3, 0.02),
            (0.25 + side, lift * 0.55),
            (side - 0.1, lift * 0.98),
            (-0.35 + side, lift * 0.85),
            (-0.34, lift * 0.4),
            (-0.25, 0.05),
        ],
        wing,
    )
    for number in range(3):
        view.line(
            [(-0.05 - 0.08 * number, lift * 0.2), (-0.1 - 0.1 * number + side, lift * 0.8)], 0.025, shade(wing, 0.6)
        )
    _head(
        view, dice, (0.55, -0.06), dice.span(0.14, 0.19), (dice.pick((body, body, wing)), beak), dice.span(0.12, 0.24)
    )


def _soaring(canvas: Canvas, dice: Dice, body: Colour, wing: Colour) -> None:
    """From above or below: broad wings that end in fingers, and a fan for a tail."""
    view = canvas.moved(turn=dice.exact(-3.1416, 3.1416))
    bend = dice.span(0.05, 0.25)
    wide = dice.span(0.32, 0.46)
    view.polygon([(-0.3, 0), (-0.85, dice.span(0.2, 0.32)), (-0.92, 0.0), (-0.85, -0.26)], shade(body, 0.8))
    for side in (1, -1):
        view.blob(
            [
                (0.26, side * 0.05),
                (0.26 + bend, side * 0.42),
                (0.16, side * 0.9),
                (0.0, side * 0.96),
                (0.2 - wide, side * 0.5),
                (-0.16, side * 0.05),
            ],
            wing,
        )
        for number in range(4):
            x = 0.16 - 0.09 * number
            view.line([(x, side * 0.72), (x - 0.05, side * (0.98 - 0.04 * number))], 0.05, shade(wing, 0.6))
    view.blob([(0.42, 0), (0.25, -0.11), (-0.2, -0.12), (-0.5, 0), (-0.2, 0.12), (0.25, 0.11)], body)
    beak = dice.pick(BEAK)
    view.polygon([(0.5, -0.05), (0.68, 0), (0.5, 0.05)], beak)
    view.disc((0.46, 0), 0.11, dice.pick((body, (240, 238, 232), shade(body, 0.6))))


def _duck(canvas: Canvas, dice: Dice, body: Colour, wing: Colour) -> None:
    view = canvas.moved(at=(0, 0.1))
    head = dice.pick((body, (30, 95, 60), shade(body, 0.5), (110, 70, 45)))
    neck = dice.span(-0.48, -0.36)
    view.blob(
        [(-0.92, -0.08), (-0.6, 0.02), (0.0, -0.02), (0.5, 0.0), (0.62, 0.2), (0.4, 0.42), (-0.4, 0.44), (-0.75, 0.25)],
        body,
    )
    view.blob([(0.22, 0.02), (0.2, 0.24), (-0.3, 0.3), (-0.8, 0.1), (-0.3, 0.0)], wing)
    view.limb([(0.42, 0.1), (0.45, neck)], (0.26, 0.2), head)
    if dice.chance(0.5):
        view.line([(0.32, -0.12), (0.56, -0.12)], 0.06, (240, 238, 232))
    beak = dice.pick(BEAK)
    view.blob([(0.5, neck - 0.06), (0.78, neck + 0.02), (0.84, neck + 0.08), (0.55, neck + 0.1)], beak)
    view.disc((0.47, neck - 0.02), dice.span(0.16, 0.2), head)
    eye(view, (0.53, neck - 0.06), 0.035)


def _wading(canvas: Canvas, dice: Dice, body: Colour, wing: Colour) -> None:
    """A heron or a flamingo: long legs, long neck, long bill."""
    beak = dice.pick(BEAK)
    for x, knee in ((-0.1, -0.04), (0.05, dice.span(0.0, 0.18))):
        canvas.limb([(x, 0.2), (x + knee, 0.55), (x + 0.02, 0.95)], (0.04, 0.035), shade(beak, 0.8))
    canvas.blob([(-0.62, 0.22), (-0.3, -0.08), (0.1, -0.12), (0.28, 0.05), (0.1, 0.26), (-0.25, 0.3)], body)
    canvas.blob([(0.1, -0.02), (0.05, 0.14), (-0.3, 0.24), (-0.66, 0.27), (-0.25, 0.02)], wing)
    bend = dice.span(0.0, 0.15)
    canvas.limb([(0.2, 0.02), (0.36 + bend, -0.15), (0.22 - bend * 0.5, -0.45), (0.3, -0.72)], (0.13, 0.08), body)
    _head(canvas, dice, (0.33, -0.75), 0.1, (body, beak), dice.span(0.25, 0.38))


def _swan(canvas: Canvas, dice: Dice, body: Colour, wing: Colour) -> None:
    pale = dice.pick((shade(body, 2.5), (245, 243, 240), body))
    canvas.blob([(-0.92, 0.05), (-0.4, 0.0), (0.1, 0.1), (0.45, 0.3), (0.3, 0.55), (-0.4, 0.58), (-0.8, 0.35)], pale)
    canvas.blob([(0.1, 0.15), (0.0, 0.42), (-0.5, 0.4), (-0.95, -0.05), (-0.4, 0.02)], shade(pale, 0.88))
    canvas.limb([(0.32, 0.35), (0.5, 0.1), (0.28, -0.2), (0.3, -0.5), (0.48, -0.6)], (0.16, 0.12), pale)
    _head(canvas, dice, (0.5, -0.58), 0.12, (pale, (235, 120, 40)), 0.2)


def _parrot(canvas: Canvas, dice: Dice, body: Colour, wing: Colour) -> None:
    canvas.polygon([(-0.2, 0.3), (-0.5, 0.97), (-0.32, 0.97), (0.05, 0.4)], dice.any_colour())
    canvas.blob([(-0.25, 0.45), (-0.28, 0.0), (-0.05, -0.4), (0.3, -0.4), (0.35, 0.0), (0.15, 0.45)], body)
    canvas.blob([(0.02, -0.15), (0.1, 0.2), (-0.12, 0.55), (-0.36, 0.6), (-0.26, 0.1)], wing)
    canvas.limb([(-0.8, 0.5), (0.8, 0.48)], (0.08, 0.07), (95, 70, 50))
    canvas.disc((0.17, -0.5), 0.25, body)
    canvas.ellipse((0.27, -0.48), (0.13, 0.12), (240, 238, 232))
    canvas.blob([(0.33, -0.58), (0.5, -0.5), (0.46, -0.25), (0.36, -0.36)], (50, 48, 46))
    eye(canvas, (0.25, -0.52), 0.045)
