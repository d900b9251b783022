"""A small single-stage detector with YOLOv5's form of output, and no anchors.

A strided stem, three residual stages at strides 8, 16 and 32, features of the deeper ones added on the way back, and a
head at strides 8 and 16 (Redmon and Farhadi, "YOLOv3: An Incremental Improvement", 2018, for the form; Tian et al.,
"FCOS", 2019, for the places without anchors).
"""

import torch
from torch import nn

CLASSES = 2
STRIDES = (8, 16)
BASE_PX = (28.0, 104.0)
"""The side of a box whose size is predicted as 0, by stride; sizes reach four times that."""

MAX_SHIFT = 2.0
"""So many cells a box's middle may be away from its cell's."""


def conv(inputs, outputs, kernel, stride=1):
    """Convolution, batch normalisation, ReLU: the runtime makes one step of them."""
    padding = (kernel - 1) // 2
    return nn.Sequential(nn.Conv2d(inputs, outputs, kernel, stride, padding, bias=False), nn.BatchNorm2d(outputs),
                         nn.ReLU(inplace=True))


class Residual(nn.Module):
    """Narrow, look around, add."""

    def __init__(self, channels):
        super().__init__()
        self.narrow = conv(channels, channels // 2, 1)
        self.look = conv(channels // 2, channels, 3)

    def forward(self, x):
        return x + self.look(self.narrow(x))


class Detector(nn.Module):
    """[B, 3, H, W] in 0..1, H and W multiples of 32, to raw maps at the two strides, or to rows once `decode` is set."""

    def __init__(self):
        super().__init__()
        self.decode = False
        self.stem = nn.Sequential(nn.Conv2d(3, 32, 6, 4, 1, bias=False), nn.BatchNorm2d(32), nn.ReLU(inplace=True))
        self.stage8 = nn.Sequential(conv(32, 48, 3, 2), Residual(48), Residual(48))
        self.stage16 = nn.Sequential(conv(48, 96, 3, 2), Residual(96), Residual(96))
        self.stage32 = nn.Sequential(conv(96, 128, 3, 2), Residual(128), Residual(128))
        self.from32 = conv(128, 96, 1)
        self.at16 = conv(96, 64, 3)
        self.from16 = conv(64, 48, 1)
        self.at8 = conv(48, 48, 3)
        self.out8 = nn.Conv2d(48, 5 + CLASSES, 1)
        self.out16 = nn.Conv2d(64, 5 + CLASSES, 1)
        for out in (self.out8, self.out16):
            nn.init.zeros_(out.bias)
            nn.init.constant_(out.bias[4], -4.6)

    def forward(self, x):
        x8 = self.stage8(self.stem(x))
        x16 = self.stage16(x8)
        x32 = self.stage32(x16)
        y16 = self.at16(x16 + grown(self.from32(x32)))
        y8 = self.at8(x8 + grown(self.from16(y16)))
        maps = [self.out8(y8), self.out16(y16)]
        if not self.decode:
            return maps
        return torch.cat([rows(m, level) for level, m in enumerate(maps)], dim=1)


def grown(x):
    return nn.functional.interpolate(x, scale_factor=2.0, mode="nearest")


def rows(raw, level):
    """A map to rows of x, y, width, height in input pixels, objectness and classes in 0..1: [B, cells, 5 + classes]."""
    height, width = raw.shape[2], raw.shape[3]
    flat = raw.flatten(2).transpose(1, 2)
    likely = torch.sigmoid(flat)
    middles = cell_middles(height, width, level).to(raw.device)
    xy = middles + (likely[..., 0:2] - 0.5) * (2 * MAX_SHIFT * STRIDES[level])
    wh = (2 * likely[..., 2:4]) ** 2 * BASE_PX[level]
    return torch.cat([xy, wh, likely[..., 4:]], dim=2)


def cell_middles(height, width, level):
    """[cells, 2], in input pixels, row by row."""
    y, x = torch.meshgrid(torch.arange(height), torch.arange(width), indexing="ij")
    return (torch.stack([x, y], dim=2).reshape(-1, 2).float() + 0.5) * STRIDES[level]
