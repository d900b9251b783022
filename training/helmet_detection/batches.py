"""Pieces of drawn scenes as the network is shown them while it learns."""

from io import BytesIO

import numpy as np
import torch
from PIL import Image

from scenes import LEAST_SIDE_PX, LEAST_VISIBLE
from targets import assign


def batch_of(scenes, picks, side_px, rng):
    """A batch of pieces, each `side_px` square, and for each stride the cells, boxes and classes to be found in it."""
    pictures, found = [], []
    for pick in picks:
        picture, heads, ignored = piece(scenes, pick, side_px, rng)
        pictures.append(picture)
        found.append(assign(heads, ignored, side_px))
    pixels = torch.from_numpy(np.stack(pictures)).permute(0, 3, 1, 2).float().div_(255)
    return pixels, [[of_picture[level] for of_picture in found] for level in range(2)]


def piece(scenes, pick, side_px, rng):
    """A part of a scene, as large as in the stretched scene or up to 1.5 times smaller or larger; mirrored or not."""
    pictures, all_heads, all_ignored = scenes
    picture = Image.open(BytesIO(pictures[pick].tobytes()))
    share = 1.0 if rng.random() < 0.2 else min(1.0, side_px / 640 * float(np.exp(rng.uniform(-0.35, 0.45))))
    stretch = float(np.exp(rng.uniform(-0.2, 0.2)))
    width, height = picture.width * min(1, share * stretch), picture.height * min(1, share / stretch)
    heads, ignored = all_heads[pick], all_ignored[pick]
    middle = (rng.uniform(0, picture.width), rng.uniform(0, picture.height))
    if len(heads) and rng.random() < 0.8:
        _, x1, y1, x2, y2 = heads[int(rng.integers(len(heads)))]
        middle = (rng.uniform(-0.4, 0.4) * width + (x1 + x2) / 2, rng.uniform(-0.4, 0.4) * height + (y1 + y2) / 2)
    left = float(np.clip(middle[0] - width / 2, 0, picture.width - width))
    top = float(np.clip(middle[1] - height / 2, 0, picture.height - height))
    cut = picture.resize((side_px, side_px), Image.Resampling.BILINEAR, box=(left, top, left + width, top + height))
    heads, lost = moved(heads, (left, top, width, height), side_px)
    ignored = np.concatenate([lost, moved(ignored, (left, top, width, height), side_px, least=0)[0]])
    pixels = np.asarray(cut)
    if rng.random() < 0.5:
        pixels, heads, ignored = pixels[:, ::-1], mirrored(heads, side_px), mirrored(ignored, side_px)
    if rng.random() < 0.3:
        pixels = pixels[..., rng.permutation(3)]
    return np.ascontiguousarray(pixels), heads, ignored


def moved(rows, window, side_px, least=LEAST_VISIBLE):
    """Boxes in a window's own pixels, cut at its edges; those of which too little is left come second."""
    left, top, width, height = window
    scale = np.array([side_px / width, side_px / height] * 2, dtype=np.float32)
    boxes = (rows[:, 1:] - np.array([left, top] * 2, dtype=np.float32)) * scale
    cut = np.clip(boxes, 0, side_px)
    areas = np.prod(boxes[:, 2:] - boxes[:, :2], axis=1)
    sides = cut[:, 2:] - cut[:, :2]
    is_there = (sides > 0).all(axis=1)
    is_seen = is_there & (np.prod(sides, axis=1) >= least * areas)
    if least:
        is_seen &= sides.min(axis=1, initial=1e9) >= LEAST_SIDE_PX
    all_rows = np.concatenate([rows[:, :1], cut], axis=1)
    return all_rows[is_seen], all_rows[is_there & ~is_seen]


def mirrored(rows, side_px):
    return np.stack([rows[:, 0], side_px - rows[:, 3], rows[:, 2], side_px - rows[:, 1], rows[:, 4]], axis=1)
