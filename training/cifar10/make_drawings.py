#!/usr/bin/env python3
"""Draws many pictures and keeps them as the network will see them: 32 x 32, reduced as the service reduces pictures.

npm run train -- cifar10/make_drawings .cache/cifar10/training-00.npz --first 0 --count 4000
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from PIL import Image

from drawings.scene import draw

SIDE = 32


def reduced(picture: Image.Image) -> np.ndarray:
    """[32, 32, 3] uint8, as the service makes it of any picture."""
    return np.asarray(picture.convert("RGB").resize((SIDE, SIDE), Image.Resampling.BILINEAR))


def make(seed: int, numbers: range, *, held_out: bool) -> dict[str, np.ndarray]:
    """The drawings of these numbers: pixels [N, 32, 32, 3] uint8, labels [N], which are of kinds never trained on."""
    rows = []
    for number in numbers:
        drawing = draw(seed, number, held_out=held_out)
        rows.append((reduced(drawing.picture), drawing.label, drawing.is_unseen_pose, drawing.is_unseen_ground))
    pixels, labels, poses, grounds = zip(*rows)
    return {
        "pixels": np.stack(pixels),
        "labels": np.array(labels, dtype=np.int64),
        "unseen_poses": np.array(poses),
        "unseen_grounds": np.array(grounds),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--count", type=int, default=4_000)
    parser.add_argument("--held-out", action="store_true")
    args = parser.parse_args()
    drawings = make(args.seed, range(args.first, args.first + args.count), held_out=args.held_out)
    args.file.parent.mkdir(parents=True, exist_ok=True)
    np.savez(args.file, **drawings)


if __name__ == "__main__":
    main()
