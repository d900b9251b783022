"""The reader: a small convolutional network whose every place of the plate looks where its mark is."""

import torch
from torch import nn

from alphabet import SHAPES, SLOTS, TOKENS, allowed
from specs import READER_HEIGHT, READER_WIDTH

# The logit of a token that a place cannot hold.
FORBIDDEN = -30.0


def block(inputs: int, outputs: int, size: int = 3, stride: int = 1) -> nn.Sequential:
    """A convolution, normalised, rectified."""
    convolution = nn.Conv2d(inputs, outputs, size, stride, size // 2, bias=False)
    return nn.Sequential(convolution, nn.BatchNorm2d(outputs), nn.ReLU(inplace=True))


class Reader(nn.Module):
    """
    Luma [B, 1, 48, 144], (x - 127.5) / 127.5, to `characters` [B, 9, 73], a logit for each token at each place, and
    `shape` [B, 5].

    Each place has a map of where it looks (soft attention over the features, Bahdanau et al., arXiv:1409.0473), which
    depends on the features, on where they stand, and on the plate as a whole, so that it can follow the layout.
    """

    def __init__(self, width: int = 96) -> None:
        super().__init__()
        self.early = nn.Sequential(block(1, 24, 5, 2), block(24, 48, 3, 2), block(48, 64))
        self.middle = block(64, 64)
        self.down = nn.Sequential(nn.MaxPool2d((2, 1)), block(64, width))
        self.late = block(width, width)
        rows, columns = READER_HEIGHT // 8, READER_WIDTH // 4
        self.place = nn.Parameter(torch.randn(1, 64, rows, columns) * 0.1)
        self.look = nn.Conv2d(width, 64, 1)
        self.context = nn.Linear(width, 64)
        self.where = nn.Conv2d(64, len(SLOTS), 1)
        self.hidden = nn.Parameter(torch.randn(len(SLOTS), width, width) * width**-0.5)
        self.characters = nn.Linear(width, len(TOKENS))
        self.shape = nn.Sequential(nn.Linear(width, 64), nn.ReLU(), nn.Linear(64, len(SHAPES)))
        mask = torch.tensor([[0.0 if token in allowed(slot) else FORBIDDEN for token in TOKENS] for slot in SLOTS])
        self.register_buffer("mask", mask)

    def forward(self, luma: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        features = self.early(luma)
        features = self.down(features + self.middle(features))
        features = features + self.late(features)
        whole = features.mean(dim=(2, 3))
        look = torch.tanh(self.look(features) + self.place + self.context(whole)[:, :, None, None])
        weights = self.where(look).flatten(2).softmax(dim=2)
        seen = torch.matmul(weights, features.flatten(2).transpose(1, 2))
        hidden = torch.relu(torch.matmul(seen.unsqueeze(2), self.hidden).squeeze(2)) + seen
        return self.characters(hidden) + self.mask, self.shape(whole)
