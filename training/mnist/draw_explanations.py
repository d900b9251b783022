#!/usr/bin/env python3
"""Draws what a running service answers on `:explain` for held-out digits: each digit, and over it what each pixel adds.

    node dist --model_name mnist --http_port 8080 &
    python3 training/mnist/draw_explanations.py --service http://localhost:8080 --out docs/services/mnist-explanations.png

Red pixels raise the probability of the predicted digit, blue ones lower it; white is the strongest of the picture at full.
"""

from __future__ import annotations

import argparse
import json
import urllib.request
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

import digits

ZOOM, MARGIN, TITLE, PER_ROW = 6, 10, 16, 5
RED, BLUE = np.array([225, 40, 40]), np.array([50, 90, 230])


def ask(service: str, verb: str, instances: list) -> list:
    body = json.dumps({"instances": instances}).encode()
    with urllib.request.urlopen(f"{service}/v1/models/mnist:{verb}", body, timeout=60) as answer:
        return next(iter(json.load(answer).values()))


def enlarged(rgb: np.ndarray) -> Image.Image:
    side = 28 * ZOOM
    return Image.fromarray(np.clip(rgb, 0, 255).astype(np.uint8)).resize((side, side), Image.Resampling.NEAREST)


def heat(grey: np.ndarray, map_: np.ndarray) -> np.ndarray:
    """[28, 28, 3]: the digit, faint, under its map."""
    strength = np.clip(np.abs(map_) / max(np.quantile(np.abs(map_), 0.995), 1e-9), 0, 1)[..., None]
    colour = np.where(map_[..., None] > 0, RED, BLUE)
    return (255 - 70 * grey[..., None]) * (1 - strength) + colour * strength


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--service", default="http://localhost:8080")
    parser.add_argument("--out", type=Path, default=digits.ROOT / "docs" / "services" / "mnist-explanations.png")
    parser.add_argument("--which", type=int, default=3, help="which held-out picture of each digit")
    options = parser.parse_args()
    held_out = digits.split(digits.load())[1]
    greys = [held_out.pixels[held_out.labels == digit][options.which] / 255 for digit in range(10)]
    instances = [grey.round(4).tolist() for grey in greys]
    predicted = ask(options.service, "predict", instances)
    maps = [np.asarray(map_[0]) for map_ in ask(options.service, "explain", instances)]
    side = 28 * ZOOM
    rows = -(-len(greys) // PER_ROW)
    cell_w, cell_h = 2 * side + 2 * MARGIN, side + TITLE + MARGIN
    sheet = Image.new("RGB", (PER_ROW * cell_w + MARGIN, rows * cell_h + MARGIN), "white")
    pen = ImageDraw.Draw(sheet)
    for index, (grey, digit, map_) in enumerate(zip(greys, predicted, maps)):
        x, y = MARGIN + index % PER_ROW * cell_w, MARGIN + index // PER_ROW * cell_h
        pen.text((x, y), f"a {index}, taken for {digit}", fill="black")
        sheet.paste(enlarged(np.repeat(grey[..., None] * 255, 3, 2)), (x, y + TITLE))
        sheet.paste(enlarged(heat(grey, map_)), (x + side, y + TITLE))
    options.out.parent.mkdir(parents=True, exist_ok=True)
    sheet.quantize(128).save(options.out, optimize=True)


if __name__ == "__main__":
    main()
