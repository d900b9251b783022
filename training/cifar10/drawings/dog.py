"""Dogs: standing, sitting, from the front; long muzzle, hanging or wolf-like ears, collar and tongue at times."""

from __future__ import annotations

from .canvas import Canvas, Point
from .dice import Colour, Dice, shade
from .quadruped import Build, draw_legs, draw_spots, draw_trunk, eye

NOSE = (25, 22, 22)
TONGUE = (225, 105, 115)


def draw_dog(canvas: Canvas, dice: Dice) -> None:
    """One of the poses; a held-out drawing may run."""
    coat = dice.pick(
        (
            dice.colour((0.07, 0.11), (0.4, 0.65), (0.65, 0.95)),  # golden
            dice.colour((0.04, 0.08), (0.4, 0.7), (0.25, 0.5)),  # brown
            dice.colour((0.05, 0.12), (0, 0.3), (0.08, 0.2)),  # black
            dice.colour((0.08, 0.13), (0, 0.15), (0.85, 1)),  # white
            dice.colour((0.05, 0.12), (0, 0.15), (0.35, 0.6)),  # grey
            dice.any_colour(),
        )
    )
    ear = dice.pick((coat, shade(coat, 0.6), shade(coat, 0.4)))
    pose = dice.pick((_standing, _standing, _sitting, _face, _face), (_running,))
    pose(canvas, dice, coat, ear)


def _side_head(canvas: Canvas, dice: Dice, at: Point, coat: Colour, ear: Colour) -> None:
    """A head seen from the side, the muzzle to the right."""
    head = canvas.moved(turn=dice.span(-0.2, 0.25), at=at, scale=dice.span(0.9, 1.12))
    long = dice.span(0.34, 0.46)
    if dice.chance(0.4):
        head.blob([(0.2, 0.09), (0.26, 0.07), (0.27, 0.26), (0.2, 0.27)], TONGUE)
    head.blob(
        [
            (-0.2, -0.02),
            (-0.1, -0.2),
            (0.08, -0.18),
            (0.16, -0.08),
            (long, -0.05),
            (long + 0.02, 0.07),
            (0.14, 0.13),
            (-0.12, 0.17),
        ],
        coat,
    )
    head.disc((long + 0.01, -0.04), 0.055, NOSE)
    head.line([(0.12, 0.09), (long - 0.04, 0.06)], 0.02, shade(coat, 0.5))
    eye(head, (0.08, -0.08), 0.035)
    if dice.chance(0.75):
        head.blob([(-0.14, -0.16), (-0.02, -0.17), (0.0, 0.08), (-0.08, 0.24), (-0.18, 0.14)], ear)
    else:
        head.polygon([(-0.2, -0.1), (-0.16, -0.38), (0.0, -0.17)], ear)


def _front_head(canvas: Canvas, dice: Dice, at: Point, size: float, coat: Colour, ear: Colour) -> None:
    """A head seen from the front."""
    head = canvas.moved(turn=dice.span(-0.22, 0.22), at=at, scale=size)
    hanging = dice.chance(0.8)
    muzzle = dice.pick((coat, shade(coat, 1.5), (240, 236, 228), shade(coat, 0.6)))
    if not hanging:
        for side in (1, -1):
            head.polygon([(side * 0.85, -0.3), (side * 0.75, -1.25), (side * 0.25, -0.75)], ear)
    head.blob(
        [(-0.6, -0.7), (0, -0.82), (0.6, -0.7), (0.78, -0.1), (0.55, 0.5), (0, 0.75), (-0.55, 0.5), (-0.78, -0.1)], coat
    )
    if hanging:
        long = dice.span(0.35, 0.7)
        for side in (1, -1):
            head.blob(
                [
                    (side * 0.42, -0.74),
                    (side * 0.75, -0.7),
                    (side * 1.12, -0.1),
                    (side * 1.05, long),
                    (side * 0.78, long * 0.9),
                    (side * 0.66, -0.1),
                ],
                ear,
            )
    if dice.chance(0.25):
        head.ellipse((0.36, -0.2), (0.27, 0.3), ear)
    if dice.chance(0.5):
        head.blob([(-0.16, 0.6), (0.16, 0.6), (0.18, 0.95), (0, 1.08), (-0.18, 0.95)], TONGUE)
    head.ellipse((0, 0.38), (dice.span(0.36, 0.46), dice.span(0.36, 0.46)), muzzle)
    for side in (1, -1):
        eye(head, (side * 0.34, -0.18), 0.12, (30, 20, 15))
        head.line([(0, 0.36), (0, 0.5), (side * 0.22, 0.62)], 0.06, (40, 30, 30))
    head.ellipse((0, 0.2), (0.2, 0.15), NOSE)


def _collar(canvas: Canvas, dice: Dice, start: Point, end: Point) -> None:
    if dice.chance(0.5):
        canvas.line([start, end], 0.07, dice.colour((0, 1), (0.7, 1), (0.5, 1)))


def _standing(canvas: Canvas, dice: Dice, coat: Colour, ear: Colour, swing: float = 0.35) -> None:
    build = Build(
        back=-0.45,
        front=0.25,
        top=dice.span(-0.26, -0.18),
        belly=dice.span(0.12, 0.2),
        foot=dice.span(0.68, 0.82),
        leg=(dice.span(0.16, 0.2), 0.1),
        swing=swing,
    )
    canvas.limb(
        [(-0.5, -0.12), (-0.7, -0.3), (-0.78, -0.5), (dice.span(-0.8, -0.6), dice.span(-0.7, -0.5))], (0.11, 0.05), coat
    )
    draw_legs(canvas, dice, build, (coat, coat))
    draw_trunk(canvas, build, coat, chest=0.05, waist=0.06)
    if dice.chance(0.35):
        draw_spots(
            canvas,
            dice,
            ((-0.45, build.top + 0.07), (0.25, 0.1)),
            ear if ear != coat else shade(coat, 0.45),
            (0.05, 0.13),
        )
    head = (0.52, dice.span(-0.5, -0.38))
    canvas.limb([(0.27, -0.08), head], (0.32, 0.24), coat)
    _collar(canvas, dice, (0.3, -0.3), (0.48, -0.12))
    _side_head(canvas, dice, head, coat, ear)


def _running(canvas: Canvas, dice: Dice, coat: Colour, ear: Colour) -> None:
    _standing(canvas.moved(turn=dice.span(-0.15, 0.15)), dice, coat, ear, swing=0.85)


def _sitting(canvas: Canvas, dice: Dice, coat: Colour, ear: Colour) -> None:
    canvas.limb([(-0.4, 0.75), (-0.65, 0.72), (-0.82, 0.5)], (0.11, 0.06), coat)
    canvas.limb([(-0.2, 0.65), (0.1, 0.8), (-0.25, 0.85)], (0.3, 0.14), shade(coat, 0.8))
    canvas.blob([(-0.45, 0.8), (-0.42, 0.3), (-0.1, -0.2), (0.15, -0.32), (0.36, -0.1), (0.34, 0.4), (0.15, 0.8)], coat)
    if dice.chance(0.35):
        draw_spots(canvas, dice, ((-0.3, 0.1), (0.2, 0.6)), ear if ear != coat else shade(coat, 0.45), (0.05, 0.12))
    canvas.limb([(0.22, 0.2), (0.26, 0.55), (0.28, 0.86)], (0.18, 0.11), shade(coat, 0.93))
    canvas.ellipse((0.34, 0.87), (0.11, 0.06), coat)
    if dice.chance(0.5):
        head = (0.25, -0.5)
        canvas.limb([(0.12, -0.15), head], (0.36, 0.26), coat)
        _collar(canvas, dice, (0.02, -0.25), (0.36, -0.2))
        _side_head(canvas.moved(at=head, scale=1.15), dice, (0, 0), coat, ear)
    else:
        _collar(canvas, dice, (-0.08, -0.2), (0.36, -0.15))
        _front_head(canvas, dice, (0.14, -0.48), dice.span(0.36, 0.42), coat, ear)


def _face(canvas: Canvas, dice: Dice, coat: Colour, ear: Colour) -> None:
    canvas.blob([(-0.4, 0.4), (0.4, 0.4), (0.7, 1.0), (-0.7, 1.0)], shade(coat, 0.85))
    _collar(canvas, dice, (-0.5, 0.75), (0.5, 0.75))
    _front_head(canvas, dice, (0, dice.span(-0.1, 0.02)), dice.span(0.64, 0.76), coat, ear)
