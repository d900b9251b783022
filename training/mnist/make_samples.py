#!/usr/bin/env python3
"""Makes samples/mnist and the fixtures of the tests, and what Pillow, numpy and onnxruntime make of them.

    python3 training/mnist/make_samples.py

All are held-out digits: none of them was trained on. Nothing of the service is used.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import numpy as np
import onnxruntime as ort
from PIL import Image, ImageFilter

import digits
from export import INPUT, OUTPUT
from network import MEAN, STD

SAMPLES = digits.ROOT / "samples" / "mnist"
FIXTURES = digits.ROOT / "test" / "fixtures" / "mnist"
MODEL = digits.ROOT / "triton-models" / "mnist" / "1" / "model.onnx"

PER_DIGIT = 10
"""How many held-out pictures of each digit the tests have."""


def plain(pixels: np.ndarray) -> Image.Image:
    """White on black, 28 x 28."""
    return Image.fromarray(pixels)


def large(pixels: np.ndarray, side: int) -> Image.Image:
    """The same, larger and smooth."""
    return plain(pixels).resize((side, side), Image.Resampling.BICUBIC)


def dark(picture: Image.Image) -> Image.Image:
    """Black on white."""
    return Image.fromarray(255 - np.asarray(picture))


def transparent(picture: Image.Image) -> Image.Image:
    """Blue ink on nothing: the ink is the opacity."""
    ink = np.asarray(picture)
    rgba = np.zeros((*ink.shape, 4), np.uint8)
    rgba[..., 2] = 120
    rgba[..., 3] = ink
    return Image.fromarray(rgba)


def on_paper(picture: Image.Image, random: np.random.Generator) -> Image.Image:
    """As a photograph: a thick pen on grey paper, light from the left, noise."""
    thick = np.asarray(picture.filter(ImageFilter.MaxFilter(9)).filter(ImageFilter.GaussianBlur(2)), np.float64) / 255
    height, width = thick.shape
    paper = np.linspace(190, 160, width)[None, :] + random.normal(0, 5, (height, width))
    grey = paper * (1 - thick) + (55 + random.normal(0, 5, (height, width))) * thick
    tint = np.stack([grey, grey * 0.98, grey * 0.92], -1)
    return Image.fromarray(np.clip(tint, 0, 255).astype(np.uint8))


def load_grey(path: Path) -> np.ndarray:
    """[28, 28] float64, 0..1: laid on white, stretched as RGB, Rec. 601 luma."""
    picture = Image.open(path).convert("RGBA")
    ground = Image.new("RGBA", picture.size, "white")
    rgb = Image.alpha_composite(ground, picture).convert("RGB")
    small = np.asarray(rgb.resize((28, 28), Image.Resampling.BILINEAR), np.float64)
    return small @ np.array([0.299, 0.587, 0.114]) / 255


def white_on_black(grey: np.ndarray) -> np.ndarray:
    """Turned round when it is darker than its border, all in all."""
    border = np.concatenate([grey[0], grey[-1], grey[1:-1, 0], grey[1:-1, -1]])
    return 1 - grey if np.sort(border)[len(border) // 2] > grey.mean() else grey


def main() -> None:
    held_out = digits.split(digits.load())[1]
    random = np.random.default_rng(28)

    def nth(digit: int, index: int) -> np.ndarray:
        return held_out.pixels[held_out.labels == digit][index]

    made = {
        "zero.png": plain(nth(0, 3)),
        "one_black_on_white.png": dark(plain(nth(1, 12))),
        "two.png": plain(nth(2, 30)),
        "three_large.png": large(nth(3, 21), 140),
        "four_large_black_on_white.jpg": dark(large(nth(4, 6), 224)),
        "five.png": plain(nth(5, 14)),
        "six_on_transparent.png": transparent(large(nth(6, 9), 112)),
        "seven_black_on_white.webp": dark(large(nth(7, 33), 56)),
        "eight_on_paper.jpg": on_paper(large(nth(8, 17), 168), random),
        "nine_wide.png": large(nth(9, 25), 84).resize((126, 84), Image.Resampling.BICUBIC),
    }
    SAMPLES.mkdir(parents=True, exist_ok=True)
    FIXTURES.mkdir(parents=True, exist_ok=True)
    for name, picture in made.items():
        picture.save(SAMPLES / name, **({"quality": 90} if not name.endswith(".png") else {"optimize": True}))

    # Digit by row, PER_DIGIT of each: those before the samples' own would be too few to tell anything.
    rows = [np.concatenate(list(held_out.pixels[held_out.labels == digit][-PER_DIGIT:]), 1) for digit in range(10)]
    sheet = np.concatenate(rows, 0)
    Image.fromarray(sheet).save(FIXTURES / "held-out.png", optimize=True)

    session = ort.InferenceSession(str(MODEL), providers=["CPUExecutionProvider"])
    names = list(made)
    greys = np.stack([white_on_black(load_grey(SAMPLES / name)) for name in names])
    (logits,) = session.run([OUTPUT], {INPUT: ((greys - MEAN) / STD).astype(np.float32)[:, None]})
    golden = {
        "model_sha256": hashlib.sha256(MODEL.read_bytes()).hexdigest(),
        "pictures": {
            name: {"digit": int(row.argmax()), "logits": [round(float(value), 5) for value in row]}
            for name, row in zip(names, logits)
        },
    }
    (FIXTURES / "golden.json").write_text(json.dumps(golden, indent=1) + "\n")
    for name, expected in golden["pictures"].items():
        print(f"{name}: {expected['digit']}, {(SAMPLES / name).stat().st_size} bytes")


if __name__ == "__main__":
    main()
