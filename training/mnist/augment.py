"""Variants of handwritten digits: moved, turned, scaled, sheared, thicker and thinner, weaker, with parts rubbed out."""

from __future__ import annotations

import math

import torch
import torch.nn.functional as functional

MAX_TURN_DEGREES = 12.0
SCALES = (0.85, 1.15)
MAX_SHEAR = 0.2
MAX_SHIFT_PX = 2.5
"""Of 28."""

THICKNESS_SHARE = 0.4
"""So many of a batch become thicker or thinner."""

RUBBED_SHARE = 0.2
"""So many lose a square of 3 to 9 pixels: explanations are made by asking about such pictures."""


def augment(pixels: torch.Tensor, random: torch.Generator) -> torch.Tensor:
    """[B, 1, 28, 28], 0..1, to the same."""
    moved = _move(pixels, random)
    thick = _change_thickness(moved, random)
    rubbed = _rub_out(thick, random)
    ink = 0.7 + 0.3 * torch.rand((len(pixels), 1, 1, 1), generator=random)
    return rubbed * ink


def _between(low: float, high: float, count: int, random: torch.Generator) -> torch.Tensor:
    return low + (high - low) * torch.rand(count, generator=random)


def _move(pixels: torch.Tensor, random: torch.Generator) -> torch.Tensor:
    count, _, height, width = pixels.shape
    angle = _between(-1, 1, count, random) * math.radians(MAX_TURN_DEGREES)
    scale_x, scale_y = (1 / _between(*SCALES, count, random) for _ in range(2))
    shear = _between(-MAX_SHEAR, MAX_SHEAR, count, random)
    shift_x, shift_y = (_between(-1, 1, count, random) * MAX_SHIFT_PX * 2 / side for side in (width, height))
    cos, sin = torch.cos(angle), torch.sin(angle)
    row_x = torch.stack([cos * scale_x, (shear * cos - sin) * scale_x, shift_x], 1)
    row_y = torch.stack([sin * scale_y, (shear * sin + cos) * scale_y, shift_y], 1)
    grid = functional.affine_grid(torch.stack([row_x, row_y], 1), list(pixels.shape), align_corners=False)
    return functional.grid_sample(pixels, grid, align_corners=False)


def _change_thickness(pixels: torch.Tensor, random: torch.Generator) -> torch.Tensor:
    count = len(pixels)
    thicker = functional.max_pool2d(pixels, 3, 1, 1)
    thinner = -functional.max_pool2d(-pixels, 3, 1, 1)
    weight = _between(0, 0.8, count, random).view(-1, 1, 1, 1)
    pick = torch.rand(count, generator=random).view(-1, 1, 1, 1)
    other = torch.where(pick < THICKNESS_SHARE * 0.7, thicker, thinner)
    # A thin stroke would vanish: thinner by less.
    weight = torch.where(pick < THICKNESS_SHARE * 0.7, weight, weight * 0.6)
    return torch.where(pick < THICKNESS_SHARE, pixels + weight * (other - pixels), pixels)


def _rub_out(pixels: torch.Tensor, random: torch.Generator) -> torch.Tensor:
    count, _, height, width = pixels.shape
    side = torch.randint(3, 10, (count, 1, 1), generator=random)
    top = torch.randint(2, height - 8, (count, 1, 1), generator=random)
    left = torch.randint(2, width - 8, (count, 1, 1), generator=random)
    rows = torch.arange(height).view(1, -1, 1)
    columns = torch.arange(width).view(1, 1, -1)
    inside = (rows >= top) & (rows < top + side) & (columns >= left) & (columns < left + side)
    is_rubbed = torch.rand((count, 1, 1), generator=random) < RUBBED_SHARE
    return pixels.masked_fill((inside & is_rubbed).unsqueeze(1), 0)
