"""Which cells are to find which head."""

import numpy as np

from network import STRIDES

SIDES_PX = ((0, 56), (40, 1e9))
"""The heads that each stride finds, by the root of their area; those between are found by both."""

RADIUS_CELLS = 1.5
CORE = 0.3
"""A cell beside the middle counts where it lies within so much of the head's sides from the middle."""


def assign(heads, ignored, side_px):
    """
    For each stride: the cells that are to find a head, which one, and where nothing is asked.
    heads: rows of class, x1, y1, x2, y2 in input pixels. Returns a list of (cells, boxes, classes, unasked cells).
    """
    found = []
    for stride, (least, most) in zip(STRIDES, SIDES_PX):
        cells = side_px // stride
        at = (np.arange(cells) + 0.5) * stride
        owner = np.full((cells, cells), -1)
        unasked = np.zeros((cells, cells), dtype=bool)
        for _, x1, y1, x2, y2 in ignored:
            unasked |= inside(at, (x1, y1, x2, y2))
        sides = np.sqrt(np.maximum(0, heads[:, 3] - heads[:, 1]) * np.maximum(0, heads[:, 4] - heads[:, 2]))
        for index in np.argsort(-sides):
            box = heads[index, 1:]
            if not least <= sides[index] < most:
                if least / 1.6 <= sides[index] < most * 1.6:
                    unasked |= core(at, box, stride)
                continue
            owner[core(at, box, stride)] = index
        y, x = np.nonzero(owner >= 0)
        owners = owner[y, x]
        unasked[y, x] = False
        found.append((y * cells + x, heads[owners, 1:], heads[owners, 0].astype(np.int64), np.flatnonzero(unasked)))
    return found


def inside(at, box):
    x1, y1, x2, y2 = box
    return ((at >= y1) & (at < y2))[:, None] & ((at >= x1) & (at < x2))[None, :]


def core(at, box, stride):
    """The cells about the middle of a box, that of the middle always."""
    middle_x, middle_y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    reach_x = min(RADIUS_CELLS * stride, max(stride / 2, CORE * (box[2] - box[0])))
    reach_y = min(RADIUS_CELLS * stride, max(stride / 2, CORE * (box[3] - box[1])))
    return (np.abs(at - middle_y) <= reach_y)[:, None] & (np.abs(at - middle_x) <= reach_x)[None, :]
