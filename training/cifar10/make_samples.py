#!/usr/bin/env python3
"""Writes samples/cifar10: drawings that the classifier was not trained on, 96 x 96 pixels, as PNG."""

from __future__ import annotations

import argparse
from pathlib import Path

from PIL import Image

from drawings.scene import draw

FOLDER = Path(__file__).resolve().parents[2] / "samples" / "cifar10"
SIDE = 96
#: Drawn so many times larger, and reduced, for smooth edges.
LARGER = 3
#: Of neither the training's nor the test's drawings.
SEED = 3
#: Chosen by eye from the first sixty: different grounds and poses, three of which the training has not (a swan, a
#: fighter with delta wings, a rearing horse). What the classifier says of them was not looked at.
SAMPLES = {
    "airplane": 40,
    "airplane_fighter": 50,
    "automobile": 41,
    "bird_swan": 32,
    "cat": 53,
    "deer": 34,
    "dog": 45,
    "frog": 36,
    "horse": 47,
    "horse_rearing": 57,
    "ship": 18,
    "truck": 29,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=FOLDER)
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    for name, number in SAMPLES.items():
        picture = draw(SEED, number, held_out=True, side=SIDE * LARGER).picture
        picture.resize((SIDE, SIDE), Image.Resampling.LANCZOS).save(args.out / f"{name}.png", optimize=True)


if __name__ == "__main__":
    main()
