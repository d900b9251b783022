#!/usr/bin/env python3
"""Asks a running service for held-out digits that were drawn on sheets: somewhere, at some size, dark on light.

    node dist --model_name mnist --http_port 8080 &
    python3 training/mnist/on_paper.py --service http://localhost:8080

It shows what `--mnist_center` is for. Sheets are 320 x 240: `clean` ones are white, `photo` ones grey paper with light from one
side and noise. `large` is the digit alone, 140 x 140, and `plain` as it is, 28 x 28.
"""

from __future__ import annotations

import argparse
import base64
import io
import json
import urllib.request

import numpy as np
from PIL import Image, ImageFilter

import digits

WIDTH, HEIGHT = 320, 240
DIGIT_PX = (60, 160)
"""Width of MNIST's 28 pixels on the sheet; the digit itself takes 20 of them."""

PER_REQUEST = 50


def plain(pixels: np.ndarray, random: np.random.Generator) -> Image.Image:
    return Image.fromarray(pixels)


def large(pixels: np.ndarray, random: np.random.Generator) -> Image.Image:
    return Image.fromarray(pixels).resize((140, 140), Image.Resampling.BICUBIC)


def clean(pixels: np.ndarray, random: np.random.Generator) -> Image.Image:
    return Image.fromarray(np.rint(255 * (1 - _placed(pixels, random))).astype(np.uint8))


def photo(pixels: np.ndarray, random: np.random.Generator) -> Image.Image:
    ink = _placed(pixels, random)
    paper = np.linspace(random.integers(150, 230), random.integers(150, 230), WIDTH) + random.normal(0, 5, ink.shape)
    return Image.fromarray(np.clip(paper * (1 - ink) + 60 * ink, 0, 255).astype(np.uint8))


def _placed(pixels: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """[240, 320], ink 0..1."""
    side = int(random.integers(*DIGIT_PX))
    sheet = Image.new("L", (WIDTH, HEIGHT), 0)
    digit = Image.fromarray(pixels).resize((side, side), Image.Resampling.BICUBIC)
    sheet.paste(digit, (int(random.integers(0, WIDTH - side)), int(random.integers(0, HEIGHT - side))))
    return np.asarray(sheet.filter(ImageFilter.MaxFilter(3)), np.float64) / 255


def ask(service: str, pictures: list[Image.Image]) -> list[int]:
    instances = []
    for picture in pictures:
        png = io.BytesIO()
        picture.save(png, "png")
        instances.append(base64.b64encode(png.getvalue()).decode())
    body = json.dumps({"instances": instances}).encode()
    with urllib.request.urlopen(f"{service}/v1/models/mnist:predict", body, timeout=60) as answer:
        return json.load(answer)["predictions"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--service", default="http://localhost:8080")
    parser.add_argument("--digits", type=int, default=400)
    options = parser.parse_args()
    held_out = digits.split(digits.load())[1]
    chosen = np.random.default_rng(1).permutation(len(held_out.labels))[: options.digits]
    for draw in (plain, large, clean, photo):
        random = np.random.default_rng(2)
        pictures = [draw(held_out.pixels[index], random) for index in chosen]
        predicted = [
            digit
            for at in range(0, len(pictures), PER_REQUEST)
            for digit in ask(options.service, pictures[at : at + PER_REQUEST])
        ]
        right = int((np.asarray(predicted) == held_out.labels[chosen]).sum())
        print(f"{draw.__name__}: {right} of {len(chosen)} right, {100 * right / len(chosen):.1f} %")


if __name__ == "__main__":
    main()
