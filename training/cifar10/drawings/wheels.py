"""Wheels, of automobiles and trucks alike."""

from __future__ import annotations

from .canvas import Canvas, Point
from .dice import Dice


def draw_wheel(canvas: Canvas, dice: Dice, centre: Point, radius: float) -> None:
    """A tyre with its hub, from the side."""
    canvas.disc(centre, radius, (28, 28, 30))
    canvas.disc(centre, radius * dice.exact(0.4, 0.6), dice.pick(((180, 180, 185), (120, 120, 125), (215, 215, 215))))
    canvas.disc(centre, radius * 0.15, (60, 60, 60))
