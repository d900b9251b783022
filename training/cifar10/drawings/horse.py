"""Horses: tall and strong, with a thick neck, a mane, a long head and a tail of long hair."""

from __future__ import annotations

from .canvas import Canvas, Point
from .dice import Colour, Dice, shade
from .quadruped import Build, draw_legs, draw_spots, draw_trunk, eye


def draw_horse(canvas: Canvas, dice: Dice) -> None:
    """One of the poses; a held-out drawing may rear."""
    coat = dice.pick(
        (
            dice.colour((0.03, 0.07), (0.5, 0.8), (0.3, 0.6)),  # bay, chestnut
            dice.colour((0.03, 0.07), (0.5, 0.8), (0.3, 0.6)),
            dice.colour((0.05, 0.12), (0, 0.3), (0.08, 0.2)),  # black
            dice.colour((0.08, 0.13), (0, 0.1), (0.85, 1)),  # white
            dice.colour((0.55, 0.65), (0, 0.12), (0.45, 0.7)),  # grey
            dice.colour((0.08, 0.12), (0.35, 0.6), (0.7, 0.95)),  # palomino
            dice.any_colour(),
        )
    )
    mane = dice.pick((shade(coat, 0.35), (28, 24, 22), (235, 222, 190)))
    pose = dice.pick((_standing, _galloping, _grazing, _portrait), (_rearing,))
    pose(canvas, dice, coat, mane)


def _head(canvas: Canvas, dice: Dice, at: Point, coat: Colour, turn: float) -> None:
    """A head from the side, the muzzle along x before it is turned down."""
    head = canvas.moved(turn=turn, at=at)
    for x in (-0.05, 0.02):
        head.polygon([(x - 0.05, -0.08), (x - 0.02, -0.22), (x + 0.05, -0.08)], shade(coat, 0.85))
    head.blob(
        [
            (-0.12, -0.06),
            (0.0, -0.11),
            (0.2, -0.07),
            (0.4, -0.04),
            (0.45, 0.04),
            (0.36, 0.1),
            (0.15, 0.1),
            (-0.05, 0.14),
        ],
        coat,
    )
    head.ellipse((0.41, 0.03), (0.06, 0.065), shade(coat, 0.6))
    eye(head, (0.07, -0.03), 0.03)
    if dice.chance(0.35):
        head.line([(0.15, -0.06), (0.36, -0.03)], 0.04, (240, 238, 232))
    if dice.chance(0.35):
        bridle = dice.pick(((60, 35, 20), (150, 30, 30), (30, 30, 30)))
        head.line([(0.28, -0.07), (0.27, 0.11)], 0.025, bridle)
        head.line([(0.28, 0.02), (0.0, 0.0)], 0.02, bridle)


def _tail(canvas: Canvas, dice: Dice, root: Point, mane: Colour, fly: float) -> None:
    x, y = root
    canvas.blob(
        [
            (x + 0.04, y - 0.05),
            (x - 0.12 - fly * 0.15, y),
            (x - 0.2 - fly * 0.3, y + 0.3 - fly * 0.2),
            (x - 0.18 - fly * 0.35, y + 0.62 - fly * 0.4),
            (x - 0.06 - fly * 0.2, y + 0.3 - fly * 0.1),
        ],
        mane,
    )


def _saddle(canvas: Canvas, dice: Dice, top: float) -> None:
    if not dice.chance(0.2):
        return
    cloth = dice.any_colour()
    canvas.polygon([(-0.22, top), (0.08, top), (0.1, top + 0.2), (-0.24, top + 0.2)], cloth)
    canvas.blob(
        [(-0.2, top - 0.05), (-0.05, top), (0.1, top - 0.06), (0.08, top + 0.09), (-0.17, top + 0.09)], (85, 50, 30)
    )


def _trunk(canvas: Canvas, dice: Dice, coat: Colour, mane: Colour, swing: float, fly: float) -> Build:
    build = Build(
        back=-0.46,
        front=0.22,
        top=dice.span(-0.28, -0.2),
        belly=dice.span(0.14, 0.2),
        foot=dice.span(0.84, 0.93),
        leg=(dice.span(0.16, 0.2), 0.08),
        swing=swing,
    )
    _tail(canvas, dice, (-0.56, build.top + 0.08), mane, fly)
    draw_legs(canvas, dice, build, (coat, dice.pick(((40, 34, 30), (235, 230, 222), shade(coat, 0.5)))))
    draw_trunk(canvas, build, coat, chest=0.03, waist=0.03)
    if dice.chance(0.2):
        draw_spots(
            canvas,
            dice,
            ((-0.45, build.top + 0.06), (0.2, 0.1)),
            dice.pick(((235, 230, 222), (90, 55, 35), (30, 28, 26))),
            (0.07, 0.17),
        )
    _saddle(canvas, dice, build.top + 0.01)
    return build


def _neck(canvas: Canvas, dice: Dice, head: Point, coat: Colour, mane: Colour) -> None:
    """From the shoulders to the head, the mane along its crest."""
    middle = (0.24 + (head[0] - 0.24) * 0.5 - 0.03, -0.1 + (head[1] + 0.1) * 0.5 - 0.02)
    canvas.limb([(0.2, -0.02), middle, head], (0.4, 0.2), coat)
    crest = [
        (0.1, -0.24),
        (middle[0] - 0.13, middle[1] - 0.11),
        (head[0] - 0.11, head[1] - 0.1),
        (head[0] + 0.02, head[1] - 0.12),
    ]
    canvas.limb(crest, (0.1, dice.span(0.1, 0.16)), mane)


def _standing(canvas: Canvas, dice: Dice, coat: Colour, mane: Colour) -> None:
    _trunk(canvas, dice, coat, mane, swing=0.2, fly=0.0)
    head = (dice.span(0.5, 0.58), dice.span(-0.72, -0.6))
    _neck(canvas, dice, head, coat, mane)
    _head(canvas, dice, head, coat, dice.span(0.5, 0.95))


def _galloping(canvas: Canvas, dice: Dice, coat: Colour, mane: Colour) -> None:
    view = canvas.moved(turn=dice.span(-0.15, 0.1))
    _trunk(view, dice, coat, mane, swing=0.75, fly=dice.span(0.5, 1.0))
    head = (dice.span(0.56, 0.64), dice.span(-0.58, -0.45))
    _neck(view, dice, head, coat, mane)
    _head(view, dice, head, coat, dice.span(0.2, 0.5))


def _grazing(canvas: Canvas, dice: Dice, coat: Colour, mane: Colour) -> None:
    view = canvas.moved(at=(-0.12, -0.05))
    _trunk(view, dice, coat, mane, swing=0.2, fly=0.0)
    head = (dice.span(0.6, 0.7), dice.span(0.3, 0.42))
    view.limb([(0.2, -0.05), (0.45, 0.08), head], (0.38, 0.18), coat)
    view.limb([(0.2, -0.26), (0.5, -0.1), (head[0] + 0.08, head[1] - 0.06)], (0.09, 0.12), mane)
    _head(view, dice, head, coat, dice.span(0.9, 1.2))


def _rearing(canvas: Canvas, dice: Dice, coat: Colour, mane: Colour) -> None:
    _galloping(canvas.moved(turn=-dice.exact(0.4, 0.7), scale=0.92), dice, coat, mane)


def _portrait(canvas: Canvas, dice: Dice, coat: Colour, mane: Colour) -> None:
    """Head and neck."""
    view = canvas.moved(at=(-0.05, 0.1))
    view.blob([(-0.9, 0.9), (-0.62, 0.05), (-0.3, -0.45), (0.05, -0.55), (0.2, -0.2), (0.05, 0.2), (0.12, 0.9)], coat)
    view.limb([(-0.85, 0.7), (-0.7, 0.15), (-0.4, -0.35), (-0.05, -0.6)], (0.26, 0.2), mane)
    _head(view.moved(scale=2.0, at=(0.0, -0.4)), dice, (0, 0), coat, dice.span(0.4, 0.75))
    view.limb([(-0.15, -0.62), (0.02, -0.5), (0.1, -0.35)], (0.16, 0.1), mane)
