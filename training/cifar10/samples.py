"""Prepared drawings, as tensors for the network."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from torch.nn import functional

#: How far a picture is moved at most, in pixels of the 32.
MOVED = 2
#: The side of the square that is taken out of some pictures.
HOLE = 8


def load(files: list[Path]) -> tuple[torch.Tensor, torch.Tensor]:
    """Pixels [N, 3, 32, 32] uint8 and labels [N] of files that make_drawings.py wrote."""
    parts = [np.load(file) for file in files]
    pixels = np.concatenate([part["pixels"] for part in parts]).transpose(0, 3, 1, 2)
    labels = np.concatenate([part["labels"] for part in parts])
    return torch.from_numpy(np.ascontiguousarray(pixels)), torch.from_numpy(labels)


def normalised(pixels: torch.Tensor) -> torch.Tensor:
    """uint8 to the network's input: (x / 255 - 0.5) / 0.5."""
    return ((pixels.float() - 127.5) / 127.5).contiguous(memory_format=torch.channels_last)


def varied(pixels: torch.Tensor) -> torch.Tensor:
    """The network's input of a batch, each picture changed at random: mirrored, moved, tinted, a hole in it."""
    count = len(pixels)
    pixels = torch.where(torch.rand(count, 1, 1, 1) < 0.5, pixels.flip(3), pixels)
    padded = functional.pad(pixels.float(), (MOVED,) * 4, mode="reflect")
    rows = torch.randint(0, 2 * MOVED + 1, (count, 1)) + torch.arange(32)
    columns = torch.randint(0, 2 * MOVED + 1, (count, 1)) + torch.arange(32)
    moved = padded[torch.arange(count)[:, None, None], :, rows[:, :, None], columns[:, None, :]].permute(0, 3, 1, 2)
    gain = (1 + 0.08 * torch.randn(count, 1, 1, 1)) * (1 + 0.04 * torch.randn(count, 3, 1, 1))
    tinted = normalised(moved) * gain + 0.06 * torch.randn(count, 1, 1, 1)
    axis = torch.arange(32)
    at = torch.randint(-HOLE, 32, (2, count, 1))
    inside = ((axis >= at[0]) & (axis < at[0] + HOLE))[:, :, None] & ((axis >= at[1]) & (axis < at[1] + HOLE))[
        :, None, :
    ]
    inside &= torch.rand(count, 1, 1) < 0.2
    return tinted.masked_fill(inside[:, None], 0.0).clamp(-1, 1)
