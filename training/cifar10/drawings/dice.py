"""The random choices of one drawing, all of them from one seed."""

from __future__ import annotations

import colorsys
import random
from collections.abc import Sequence
from typing import TypeVar

Choice = TypeVar("Choice")
Colour = tuple[int, int, int]

#: How far a held-out drawing's ranges reach beyond the training's, at each end, as a share of their width.
WIDENED = 0.1


class Dice:
    """Throws numbers, choices and colours.

    A held-out drawing throws from wider ranges than any training drawing, and from choices that training never sees.
    """

    def __init__(self, seed: str, held_out: bool) -> None:
        self._random = random.Random(seed)
        self.held_out = held_out
        #: Whether any pick was a choice that training never sees.
        self.picked_unseen = False

    def span(self, low: float, high: float) -> float:
        """A number of [low, high], or of the widened range for a held-out drawing."""
        wider = WIDENED * (high - low) if self.held_out else 0.0
        return self._random.uniform(low - wider, high + wider)

    def exact(self, low: float, high: float) -> float:
        """A number of [low, high], whichever set the drawing is for: where more would break the figure."""
        return self._random.uniform(low, high)

    def count(self, low: int, high: int) -> int:
        """A whole number of [low, high]."""
        return self._random.randint(low, high)

    def chance(self, probability: float) -> bool:
        """True with this probability."""
        return self._random.random() < probability

    def sign(self) -> int:
        """1 or -1."""
        return self._random.choice((1, -1))

    def pick(self, common: Sequence[Choice], only_held_out: Sequence[Choice] = ()) -> Choice:
        """One of these; a held-out drawing may get one of `only_held_out` as well."""
        options = [*common, *only_held_out] if self.held_out else list(common)
        index = self._random.randrange(len(options))
        self.picked_unseen |= index >= len(common)
        return options[index]

    def colour(self, hue: tuple[float, float], saturation: tuple[float, float], value: tuple[float, float]) -> Colour:
        """A colour by ranges of hue (in turns), saturation and value (0..1)."""
        parts = colorsys.hsv_to_rgb(self.exact(*hue) % 1, self.exact(*saturation), self.exact(*value))
        return tuple(round(255 * part) for part in parts)  # type: ignore[return-value]

    def any_colour(self) -> Colour:
        """Any colour at all."""
        return self.colour((0, 1), (0, 1), (0.1, 1))

    def near(self, colour: Colour, by: int = 18) -> Colour:
        """The colour, a little changed."""
        return tuple(max(0, min(255, part + self.count(-by, by))) for part in colour)  # type: ignore[return-value]


def shade(colour: Colour, factor: float) -> Colour:
    """Darker (below 1) or lighter (above 1: towards white) by a factor."""
    if factor <= 1:
        return tuple(round(part * factor) for part in colour)  # type: ignore[return-value]
    return tuple(round(255 - (255 - part) / factor) for part in colour)  # type: ignore[return-value]
