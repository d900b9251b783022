"""What four-legged animals have in common: trunk, legs and coats. They look to the right."""

from __future__ import annotations

import math
from dataclasses import dataclass

from .canvas import Canvas, Point
from .dice import Colour, Dice, shade


@dataclass(frozen=True)
class Build:
    """How an animal is built, in the figure's coordinates; `back` and `front` are where its legs hang."""

    back: float
    front: float
    #: the heights of the line of the back and of the belly
    top: float
    belly: float
    foot: float
    #: the widths of a leg above and below
    leg: tuple[float, float]
    #: how far a leg swings, in radians
    swing: float


def draw_legs(canvas: Canvas, dice: Dice, build: Build, colours: tuple[Colour, Colour]) -> None:
    """Four legs, the far ones darker; `colours` are those of the leg and of the foot."""
    coat, foot = colours
    hip = build.belly - (build.belly - build.top) * 0.35
    length = build.foot - hip
    for near in (False, True):
        dark = 1.0 if near else 0.7
        for x, bend in ((build.back, -1), (build.front, 1)):
            angle = dice.span(-build.swing, build.swing)
            shift = 0.0 if near else dice.exact(0.06, 0.12)
            knee = (x + shift + math.sin(angle) * length * 0.5 - bend * 0.02, hip + math.cos(angle) * length * 0.5)
            back_bend = angle - (0.25 if bend < 0 else 0.0) - dice.exact(0, 0.3) * (1 if abs(angle) > 0.3 else 0)
            end = (knee[0] + math.sin(back_bend + 0.2) * length * 0.5, knee[1] + math.cos(back_bend) * length * 0.5)
            canvas.limb([(x + shift, hip), knee, end], build.leg, shade(coat, dark))
            canvas.ellipse((end[0] + 0.02, end[1]), (build.leg[1] * 0.75, build.leg[1] * 0.55), shade(foot, dark))


def draw_trunk(canvas: Canvas, build: Build, coat: Colour, chest: float = 0.0, waist: float = 0.0) -> None:
    """The body: `chest` deepens its front, `waist` draws in its belly."""
    middle = (build.back + build.front) / 2
    canvas.blob(
        [
            (build.back - 0.12, build.top + 0.08),
            (build.back + 0.05, build.top),
            (middle, build.top + 0.03),
            (build.front, build.top - 0.01),
            (build.front + 0.14, build.top + 0.1),
            (build.front + 0.1, build.belly - 0.02 + chest),
            (middle, build.belly - waist * 0.6),
            (build.back + 0.1, build.belly - waist),
            (build.back - 0.11, build.belly - 0.08),
        ],
        coat,
    )


def draw_spots(
    canvas: Canvas, dice: Dice, area: tuple[Point, Point], colour: Colour, sizes: tuple[float, float]
) -> None:
    """Spots in the rectangle `area`."""
    (left, top), (right, bottom) = area
    for _ in range(dice.count(3, 7)):
        centre = (dice.exact(left, right), dice.exact(top, bottom))
        canvas.ellipse(centre, (dice.exact(*sizes), dice.exact(*sizes) * 0.8), colour)


def eye(canvas: Canvas, at: Point, radius: float, colour: Colour = (20, 20, 20)) -> None:
    """An eye with its light."""
    canvas.disc(at, radius, colour)
    canvas.disc((at[0] + radius * 0.3, at[1] - radius * 0.3), radius * 0.3, (240, 240, 240))
