"""Shapes on a transparent layer, in coordinates of the figure: x to the right, y down, the figure within -1..1."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw

from .dice import Colour

Point = tuple[float, float]


class Canvas:
    """A layer that takes shapes through an affine map."""

    def __init__(self, side: int, matrix: np.ndarray) -> None:
        """`matrix` is 2 x 3, from the figure's coordinates to pixels."""
        self.layer = Image.new("RGBA", (side, side))
        self._draw = ImageDraw.Draw(self.layer)
        self._matrix = matrix
        self._scale = math.sqrt(abs(np.linalg.det(matrix[:, :2])))

    def moved(self, turn: float = 0.0, at: Point = (0.0, 0.0), scale: float = 1.0) -> Canvas:
        """The same layer in coordinates of its own: turned (radians, clockwise), scaled, its origin at `at`."""
        inner = np.array(
            [
                [scale * math.cos(turn), -scale * math.sin(turn), at[0]],
                [scale * math.sin(turn), scale * math.cos(turn), at[1]],
                [0, 0, 1],
            ]
        )
        other = Canvas.__new__(Canvas)
        other.layer, other._draw = self.layer, self._draw
        other._matrix = self._matrix @ inner
        other._scale = self._scale * scale
        return other

    def polygon(self, points: Sequence[Point], colour: Colour) -> None:
        """A filled polygon."""
        self._draw.polygon(self._pixels(points), fill=(*colour, 255))

    def blob(self, points: Sequence[Point], colour: Colour) -> None:
        """A filled shape with a smooth outline through the points (a closed Catmull-Rom spline)."""
        knots = np.asarray(points, float)
        t = np.linspace(0, 1, 6, endpoint=False)[:, None, None]
        a, b, c, d = (np.roll(knots, shift, axis=0)[None] for shift in (1, 0, -1, -2))
        curve = 0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3)
        self.polygon(curve.transpose(1, 0, 2).reshape(-1, 2), colour)

    def ellipse(self, centre: Point, radii: Point, colour: Colour, turn: float = 0.0) -> None:
        """A filled ellipse, turned by `turn` radians."""
        angles = np.linspace(0, 2 * math.pi, 20, endpoint=False)
        x, y = radii[0] * np.cos(angles), radii[1] * np.sin(angles)
        cos, sin = math.cos(turn), math.sin(turn)
        self.polygon(np.stack([centre[0] + cos * x - sin * y, centre[1] + sin * x + cos * y], axis=1), colour)

    def disc(self, centre: Point, radius: float, colour: Colour) -> None:
        """A filled circle."""
        self.ellipse(centre, (radius, radius), colour)

    def box(self, left_top: Point, right_bottom: Point, colour: Colour) -> None:
        """A filled rectangle."""
        (left, top), (right, bottom) = left_top, right_bottom
        self.polygon([(left, top), (right, top), (right, bottom), (left, bottom)], colour)

    def limb(self, points: Sequence[Point], widths: tuple[float, float], colour: Colour) -> None:
        """A bent stroke with round joints that grows or shrinks from the first width to the last."""
        steps = np.linspace(widths[0], widths[1], len(points))
        for (start, end), (wide, narrow) in zip(zip(points, points[1:]), zip(steps, steps[1:])):
            along = math.hypot(end[0] - start[0], end[1] - start[1]) or 1.0
            nx, ny = (start[1] - end[1]) / along / 2, (end[0] - start[0]) / along / 2
            self.polygon(
                [
                    (start[0] + nx * wide, start[1] + ny * wide),
                    (end[0] + nx * narrow, end[1] + ny * narrow),
                    (end[0] - nx * narrow, end[1] - ny * narrow),
                    (start[0] - nx * wide, start[1] - ny * wide),
                ],
                colour,
            )
        for point, width in zip(points, steps):
            if width * self._scale > 3:
                self.disc(point, width / 2, colour)

    def line(self, points: Sequence[Point], width: float, colour: Colour) -> None:
        """An even stroke, at least a pixel wide."""
        pixels = self._pixels(points)
        self._draw.line(pixels, fill=(*colour, 255), width=max(1, round(width * self._scale)), joint="curve")

    def _pixels(self, points: Sequence[Point]) -> list[tuple[float, float]]:
        moved = np.asarray(points, float) @ self._matrix[:, :2].T + self._matrix[:, 2]
        return [tuple(point) for point in moved.tolist()]
