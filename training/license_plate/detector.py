"""The detector: a heat map of plates' centres, and where the four corners are from there."""

import torch
from torch import nn
from torch.nn import functional

from reader import block
from specs import DETECTOR_STRIDE

# Corners are told in units of so many pixels from the centre of their cell.
CORNER_UNIT_PX = 16


class Detector(nn.Module):
    """
    RGB / 255 [B, 3, H, W], sides multiples of 32, to a heat map [B, H/8, W/8] of logits and corners [B, 4, 2, H/8, W/8] in
    pixels of the input. Centres as in Zhou et al., "Objects as Points" (arXiv:1904.07850); coarser features are added to
    finer ones (Lin et al., "Feature Pyramid Networks", arXiv:1612.03144).
    """

    def __init__(self) -> None:
        super().__init__()
        self.to_4 = nn.Sequential(block(3, 16, 3, 2), block(16, 32, 3, 2), block(32, 32))
        self.to_8 = nn.Sequential(block(32, 64, 3, 2), block(64, 64))
        self.to_16 = nn.Sequential(block(64, 96, 3, 2), block(96, 96))
        self.to_32 = nn.Sequential(block(96, 96, 3, 2), block(96, 96))
        self.from_32 = block(96, 96, 1)
        self.from_16 = block(96, 64, 1)
        self.join = nn.Sequential(block(64, 64), block(64, 64))
        self.heat = nn.Conv2d(64, 1, 1)
        self.corners = nn.Conv2d(64, 8, 1)
        nn.init.constant_(self.heat.bias, -4.0)

    def forward(self, rgb: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        at_8 = self.to_8(self.to_4(rgb - 0.5))
        at_16 = self.to_16(at_8)
        at_32 = self.to_32(at_16)
        at_16 = at_16 + functional.interpolate(self.from_32(at_32), scale_factor=2.0, mode="nearest")
        at_8 = at_8 + functional.interpolate(self.from_16(at_16), scale_factor=2.0, mode="nearest")
        joined = self.join(at_8)
        heat = self.heat(joined)
        offsets = self.corners(joined).unflatten(1, (4, 2)) * CORNER_UNIT_PX
        return heat.squeeze(1), offsets + cell_centres(heat.shape[2], heat.shape[3])


def cell_centres(rows: int, columns: int) -> torch.Tensor:
    """The centre of each cell in pixels of the input: [2, rows, columns], x first."""
    y, x = torch.meshgrid(torch.arange(rows), torch.arange(columns), indexing="ij")
    return (torch.stack([x, y]) + 0.5) * float(DETECTOR_STRIDE)


class Decoded(nn.Module):
    """
    The detector as it is served: `scores` [B, N], probabilities; `boxes` [B, N, 4], x1, y1, x2, y2 about the corners; and
    `corners` [B, N, 8], x and y of the upper left, upper right, lower right and lower left one; pixels of the input.
    """

    def __init__(self, detector: Detector) -> None:
        super().__init__()
        self.detector = detector

    def forward(self, rgb: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        heat, corners = self.detector(rgb)
        points = corners.flatten(3).permute(0, 3, 1, 2)
        boxes = torch.cat([points.amin(dim=2), points.amax(dim=2)], dim=2)
        return heat.flatten(1).sigmoid(), boxes, points.flatten(2)
