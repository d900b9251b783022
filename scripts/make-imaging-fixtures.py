#!/usr/bin/env python3
"""Writes test/fixtures/imaging/: what cv2.resize, Pillow's resize and the face reference's primitives give.

    python3 -m venv VENV && VENV/bin/pip install numpy==2.4.6 opencv-python-headless==5.0.0.93 Pillow==13.0.0
    VENV/bin/python scripts/make-imaging-fixtures.py

Pictures are small RGB PNG files; those of other sizes are patterns that the tests draw by the same formula. Expected
pixels are raw little-endian files, [H, W, 3]: uint8 for resize and antialiased, float32 for warp. index.json lists the
cases. The primitives are those of test/fixtures/faces/face_quality.py itself; onnxruntime, which
that file imports for its models, is not needed here.
"""

from __future__ import annotations

import json
import math
import sys
import types
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from PIL import Image

ROOT = Path(__file__).resolve().parent.parent
OUT = ROOT / "test" / "fixtures" / "imaging"
SAMPLE = ROOT / "samples" / "faces" / "base_q92.jpg"

sys.modules.setdefault("onnxruntime", types.ModuleType("onnxruntime"))
sys.path.insert(0, str(ROOT / "test" / "fixtures" / "faces"))
import face_quality as reference  # noqa: E402


def pictures() -> dict[str, np.ndarray]:
    """A face, noise with every value, a small odd one, a line, a column and a single pixel."""
    rng = np.random.default_rng(20)
    face = np.asarray(Image.open(SAMPLE).convert("RGB").resize((120, 90), Image.Resampling.BILINEAR))
    noise = rng.integers(0, 256, (37, 53, 3), np.uint8)
    return {
        "face": face,
        "noise": noise,
        "odd": noise[3:10, 5:10],
        "line": noise[:1, :9],
        "column": noise[:9, :1],
        "pixel": noise[:1, :1],
    }


RESIZE = [
    ("face", 112, 112), ("face", 37, 61), ("face", 60, 45), ("face", 121, 91),
    ("noise", 53, 37), ("noise", 106, 74), ("noise", 16, 16), ("noise", 7, 80), ("noise", 1, 1),
    ("odd", 19, 4), ("line", 20, 6), ("column", 3, 31), ("pixel", 5, 3), ("pixel", 1, 1),
]

# What Pillow's BILINEAR is compared on: up and down, each axis alone, single rows, columns and pixels.
ANTIALIASED = [
    ("face", 32, 32), ("face", 120, 90), ("face", 120, 7), ("face", 11, 90), ("face", 61, 37), ("face", 47, 119),
    ("noise", 32, 32), ("noise", 53, 37), ("noise", 52, 38), ("noise", 3, 64), ("noise", 71, 2), ("noise", 1, 1),
    ("odd", 32, 32), ("odd", 19, 4), ("line", 32, 32), ("line", 4, 1), ("column", 32, 32), ("column", 3, 31),
    ("pixel", 5, 3), ("pixel", 1, 1),
]

# Width and height of patterns, and of the output. The height of the third and the fourth loses more than twice as many
# pixels as the width, and just not so; the last four have thousands of taps.
ANTIALIASED_PATTERNS = [
    (640, 480, 32, 32), (333, 1000, 224, 32), (64, 97, 32, 32), (64, 96, 32, 32),
    (32, 1300, 32, 32), (30, 60, 32, 32), (33, 31, 32, 32), (65535, 2, 32, 32), (2, 65535, 32, 32),
    (65535, 1, 1, 1), (1, 65535, 1, 1),
]


def pattern(width: int, height: int) -> np.ndarray:
    """Values of every size that change from pixel to pixel, white for the most part where a picture is but a line."""
    x, y, channel = np.arange(width)[None, :, None], np.arange(height)[:, None, None], np.arange(3)[None, None]
    if min(width, height) == 1:
        return np.broadcast_to(255 - (x + y) % 1000 // 999 * (channel + 1), (height, width, 3)).astype(np.uint8)
    return ((x * x * 3 + y * y * 7 + x * y * 5 + channel * 977) // 16 % 256).astype(np.uint8)


def rotated(scale: float, degrees: float, x: float, y: float) -> np.ndarray:
    cos, sin = scale * math.cos(math.radians(degrees)), scale * math.sin(math.radians(degrees))
    return np.array([[cos, -sin, x], [sin, cos, y]])


# name, picture, map, width, height. Scales 1.5, 2.5 and 3.5 stand where rounding and the threshold decide.
WARP = [
    ("crop-up", "face", reference.crop_map(30.25, 20.5, 21.3, 17.7, 40, 33), 40, 33),
    ("crop-same", "face", reference.crop_map(10, 20, 24, 24, 24, 24), 24, 24),
    ("crop-down", "face", reference.crop_map(3.7, 5.1, 88, 77, 30, 28), 30, 28),
    ("crop-outside", "face", reference.crop_map(-31.5, -22.25, 190, 140, 48, 36), 48, 36),
    ("crop-far-outside", "face", reference.crop_map(500, -900, 50, 50, 6, 5), 6, 5),
    ("crop-mirrored", "face", reference.crop_map(100, 5, -80, 60, 33, 25), 33, 25),
    ("scale-1.5", "noise", reference.crop_map(2, 3, 30, 30, 20, 20), 20, 20),
    ("scale-2.5", "noise", reference.crop_map(1, 2, 30, 30, 12, 12), 12, 12),
    ("scale-3.5", "noise", reference.crop_map(0, 0, 35, 35, 10, 10), 10, 10),
    ("scale-12", "face", reference.crop_map(0, 0, 120, 90, 10, 7), 10, 7),
    ("uneven", "face", reference.crop_map(0, 0, 120, 10, 15, 40), 15, 40),
    ("rotated-up", "face", rotated(0.6, 17, 40, 20), 40, 40),
    ("rotated-down", "face", rotated(2.6, -33, 5, 60), 30, 26),
    ("rotated-threshold", "noise", rotated(1.5, 8, 4, 2), 18, 14),
    ("sheared", "face", np.array([[1.2, 0.4, -5.5], [-0.2, 0.8, 12.25]]), 36, 36),
    ("quarter-turn", "noise", np.array([[0.0, -1, 37], [1, 0, 0]]), 37, 37),
    ("line", "line", reference.crop_map(-1, -1, 11, 3, 16, 5), 16, 5),
    ("pixel-rotated", "pixel", rotated(3, 45, 0, 0), 4, 4),
]

POINTS = np.array([[151.2, 160.9], [221.7, 158.3], [190.1, 207.4], [160.0, 240.8], [217.3, 238.9]])
SIMILARITY = [
    (POINTS, reference.TEMPLATE_112),
    (POINTS[:, ::-1] * 0.3, reference.TEMPLATE_112 * 2),
    (POINTS[:2], np.array([[10.0, 90.0], [12.0, 20.0]])),
]

LETTERBOX = [(400, 400), (800, 400), (300, 900), (320, 240), (1, 1), (5000, 1), (3, 4000), (37, 53), (641, 321)]


def letterbox(rgb: np.ndarray, width: int, height: int) -> tuple[np.ndarray, int, int]:
    """The canvas of the reference's `detect`, for an output of any size."""
    h, w = rgb.shape[:2]
    k = max(w / width, h / height)
    nw, nh = max(1, round(w / k)), max(1, round(h / k))
    canvas = np.full((height, width, 3), 127, np.float32)
    canvas[:nh, :nw] = reference.warp(rgb, reference.crop_map(0, 0, w, h, nw, nh), nw, nh)
    return canvas, nw, nh


def antialiased(rgb: np.ndarray, width: int, height: int) -> np.ndarray:
    return np.asarray(Image.fromarray(rgb).resize((width, height), Image.Resampling.BILINEAR))


def main() -> None:
    OUT.mkdir(parents=True, exist_ok=True)
    for old in OUT.glob("*.bin"):
        old.unlink()
    sources = pictures()
    for name, rgb in sources.items():
        Image.fromarray(rgb).save(OUT / f"{name}.png")
    index: dict[str, list[Any]] = {
        "resize": [], "antialiased": [], "antialiasedPatterns": [], "warp": [], "letterbox": [], "similarity": [],
    }

    for name, width, height in RESIZE:
        file = f"resize-{name}-{width}x{height}.bin"
        cv2.resize(sources[name], (width, height), interpolation=cv2.INTER_LINEAR).tofile(OUT / file)
        index["resize"].append({"picture": name, "width": width, "height": height, "expected": file})

    for name, width, height in ANTIALIASED:
        file = f"antialiased-{name}-{width}x{height}.bin"
        antialiased(sources[name], width, height).tofile(OUT / file)
        index["antialiased"].append({"picture": name, "width": width, "height": height, "expected": file})

    for source_width, source_height, width, height in ANTIALIASED_PATTERNS:
        file = f"antialiased-{source_width}x{source_height}-{width}x{height}.bin"
        antialiased(pattern(source_width, source_height), width, height).tofile(OUT / file)
        index["antialiasedPatterns"].append({
            "sourceWidth": source_width, "sourceHeight": source_height,
            "width": width, "height": height, "expected": file,
        })

    for name, source, m, width, height in WARP:
        file = f"warp-{name}.bin"
        reference.warp(sources[source].astype(np.float32), m, width, height).astype("<f4").tofile(OUT / file)
        index["warp"].append({
            "name": name, "picture": source, "map": m.ravel().tolist(),
            "width": width, "height": height, "expected": file,
        })

    for width, height in LETTERBOX:
        k = max(width / 320, height / 240)
        index["letterbox"].append({
            "width": width, "height": height,
            "region": [max(1, round(width / k)), max(1, round(height / k))],
        })
    canvas, _, _ = letterbox(sources["face"].astype(np.float32), 40, 36)
    canvas.astype("<f4").tofile(OUT / "letterbox-face-40x36.bin")

    for src, dst in SIMILARITY:
        m = reference.similarity(src, dst)
        index["similarity"].append({
            "src": src.tolist(), "dst": dst.tolist(),
            "map": m.ravel().tolist(), "inverse": reference.invert(m).ravel().tolist(),
        })

    (OUT / "index.json").write_text(json.dumps(index, indent=1) + "\n")


if __name__ == "__main__":
    main()
