#!/usr/bin/env python3
"""Writes test/fixtures/imaging/perspective.json: quadrilaterals of a picture brought to rectangles, by numpy alone.

    python3 -m venv VENV && VENV/bin/pip install numpy==2.4.6 Pillow==13.0.0
    VENV/bin/python scripts/make-perspective-fixtures.py

The homography is solved from the four pairs of corners (Hartley and Zisserman, Multiple View Geometry, 4.1), not by a
closed form; the picture is sampled bilinearly at pixel centres, edge pixels repeated; a map that shrinks by more than 1.5
on average takes the mean of n x n samples. The expected pixels, [H, W, 3], are rounded to 4 decimals.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from PIL import Image

OUT = Path(__file__).resolve().parent.parent / "test" / "fixtures" / "imaging"

CASES = [
    ("upright", "face", [[10, 20], [90, 20], [90, 70], [10, 70]], 16, 10),
    ("turned", "face", [[60, 10], [100, 50], [60, 85], [25, 45]], 12, 12),
    ("seen from the left", "face", [[20, 15], [95, 30], [95, 60], [20, 80]], 18, 9),
    ("seen from below", "face", [[40, 10], [75, 12], [112, 80], [5, 84]], 10, 14),
    ("beyond the picture", "noise", [[-12, -9], [60, -4], [70, 45], [-20, 40]], 20, 11),
    ("enlarged", "noise", [[20, 10], [26.5, 11], [26, 14.5], [19.5, 13]], 24, 8),
    ("shrunk", "face", [[5, 3], [110, 9], [117, 80], [2, 88]], 8, 5),
    ("of one pixel", "pixel", [[-1, -1], [3, 0], [2, 2], [0, 3]], 3, 3),
]


def solve(width: float, height: float, quad: list[list[float]]) -> np.ndarray:
    """The 3 x 3 matrix that takes the corners of a rectangle at the origin to those of the quadrilateral."""
    rows, values = [], []
    for (x, y), (u, v) in zip([(0, 0), (width, 0), (width, height), (0, height)], quad, strict=True):
        rows += [[x, y, 1, 0, 0, 0, -u * x, -u * y], [0, 0, 0, x, y, 1, -v * x, -v * y]]
        values += [u, v]
    return np.append(np.linalg.solve(np.array(rows, float), np.array(values, float)), 1).reshape(3, 3)


def sample(pixels: np.ndarray, matrix: np.ndarray, width: int, height: int, quad: list[list[float]]) -> np.ndarray:
    """The rectangle's pixels, float64 [height, width, 3]."""
    x, y = np.array(quad, float).T
    area = abs(np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1))) / 2
    scale = np.sqrt(area / (width * height))
    n = min(8, int(np.rint(scale))) if scale > 1.5 else 1
    offsets = (np.arange(n) + 0.5) / n
    xs = (np.arange(width)[:, None] + offsets).ravel()
    ys = (np.arange(height)[:, None] + offsets).ravel()
    points = np.stack([*np.meshgrid(xs, ys), np.ones((ys.size, xs.size))], axis=-1) @ matrix.T
    at = points[..., :2] / points[..., 2:] - 0.5
    low = np.floor(at)
    share = at - low
    total = np.zeros((*at.shape[:2], 3))
    for dx in (0, 1):
        for dy in (0, 1):
            columns = np.clip(low[..., 0] + dx, 0, pixels.shape[1] - 1).astype(int)
            rows = np.clip(low[..., 1] + dy, 0, pixels.shape[0] - 1).astype(int)
            weight = (share[..., 0] if dx else 1 - share[..., 0]) * (share[..., 1] if dy else 1 - share[..., 1])
            total += pixels[rows, columns] * weight[..., None]
    return total.reshape(height, n, width, n, 3).mean(axis=(1, 3))


def main() -> None:
    cases = []
    for name, picture, quad, width, height in CASES:
        pixels = np.asarray(Image.open(OUT / f"{picture}.png").convert("RGB")).astype(float)
        matrix = solve(width, height, quad)
        expected = sample(pixels, matrix, width, height, quad).round(4).ravel().tolist()
        case = {"name": name, "picture": picture, "quad": quad, "width": width, "height": height}
        cases.append({**case, "map": matrix.ravel().tolist(), "expected": expected})
    lines = ",\n".join(json.dumps(case) for case in cases)
    (OUT / "perspective.json").write_text(f"[\n{lines}\n]\n")


if __name__ == "__main__":
    main()
