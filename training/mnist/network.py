"""The network: three convolutions and two linear layers, 61,242 weights."""

from __future__ import annotations

import torch
from torch import nn

MEAN, STD = 0.1307, 0.3081
"""Of MNIST's training pictures, 0..1; every published classifier of MNIST expects its input so."""


class DigitNet(nn.Module):
    """[B, 1, 28, 28], (x - 0.1307) / 0.3081, white on black, to logits [B, 10]."""

    def __init__(self) -> None:
        super().__init__()
        self.features = nn.Sequential(
            *_block(1, 16, 5),
            *_block(16, 32, 3),
            *_block(32, 64, 3),
        )
        self.classify = nn.Sequential(nn.Flatten(), nn.Dropout(0.3), nn.Linear(64 * 3 * 3, 64), nn.ReLU(), nn.Dropout(0.3), nn.Linear(64, 10))

    def forward(self, pixels: torch.Tensor) -> torch.Tensor:
        return self.classify(self.features(pixels))


def normalised(pixels: torch.Tensor) -> torch.Tensor:
    """0..1 to what the network expects."""
    return (pixels - MEAN) / STD


def _block(inputs: int, outputs: int, kernel: int) -> list[nn.Module]:
    convolution = nn.Conv2d(inputs, outputs, kernel, padding=kernel // 2, bias=False)
    return [convolution, nn.BatchNorm2d(outputs), nn.ReLU(), nn.MaxPool2d(2)]
