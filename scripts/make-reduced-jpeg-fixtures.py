#!/usr/bin/env python3
"""Writes test/fixtures/reduced-jpeg/: JPEG pictures and what libjpeg's scaled decoding makes of them, by Pillow.

    python3 -m venv VENV && VENV/bin/pip install numpy==2.4.6 opencv-python-headless==5.0.0.93 Pillow==13.0.0
    VENV/bin/python scripts/make-reduced-jpeg-fixtures.py

OpenCV encodes the sampling factors that Pillow cannot. Expected pixels are raw files, [H, W, 3] uint8, named by what
width and height are divided by. index.json lists the cases.
"""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from PIL import Image

ROOT = Path(__file__).resolve().parent.parent
OUT = ROOT / "test" / "fixtures" / "reduced-jpeg"
SAMPLE = ROOT / "samples" / "faces" / "base_q92.jpg"
REDUCTIONS = (2, 4, 8)

PILLOW_SAMPLINGS = ("4:4:4", "4:2:2", "4:2:0")
OPENCV_SAMPLINGS = {
    "4:4:0": cv2.IMWRITE_JPEG_SAMPLING_FACTOR_440,
    "4:1:1": cv2.IMWRITE_JPEG_SAMPLING_FACTOR_411,
}
SIZES = ((1, 1), (7, 9), (17, 33), (41, 30), (70, 50))


def by_pillow(picture: Image.Image, **options: Any) -> bytes:
    out = io.BytesIO()
    picture.save(out, "JPEG", **options)
    return out.getvalue()


def by_opencv(picture: Image.Image, sampling: str, *options: int) -> bytes:
    bgr = np.ascontiguousarray(np.asarray(picture)[:, :, ::-1])
    factor = (cv2.IMWRITE_JPEG_SAMPLING_FACTOR, OPENCV_SAMPLINGS[sampling])
    is_written, data = cv2.imencode(".jpg", bgr, [*factor, *options])
    assert is_written
    return data.tobytes()


def pictures() -> dict[str, bytes]:
    """All sampling factors, sizes that are no whole blocks, restarts, every kind of table and of colour."""
    face = Image.open(SAMPLE).convert("RGB")
    rng = np.random.default_rng(6)
    noise = Image.fromarray(rng.integers(0, 256, (40, 56, 3), np.uint8))
    faint = Image.fromarray(rng.integers(118, 138, (64, 64), np.uint8))
    small = face.resize((70, 50), Image.Resampling.BILINEAR)
    files: dict[str, bytes] = {}
    for width, height in SIZES:
        part = small.crop((70 - width, 50 - height, 70, 50))
        for sampling in PILLOW_SAMPLINGS:
            files[f"{sampling}-{width}x{height}"] = by_pillow(part, subsampling=sampling, quality=90)
        for sampling in OPENCV_SAMPLINGS:
            files[f"{sampling}-{width}x{height}"] = by_opencv(part, sampling, cv2.IMWRITE_JPEG_QUALITY, 90)
        files[f"grey-{width}x{height}"] = by_pillow(part.convert("L"), quality=90)
    for sampling in PILLOW_SAMPLINGS:
        files[f"{sampling}-restarts"] = by_pillow(small, subsampling=sampling, quality=90, restart_marker_blocks=1)
    files["4:1:1-restarts"] = by_opencv(small, "4:1:1", cv2.IMWRITE_JPEG_RST_INTERVAL, 2)
    files["4:4:0-optimised"] = by_opencv(small, "4:4:0", cv2.IMWRITE_JPEG_OPTIMIZE, 1)
    files["rgb"] = by_pillow(small, keep_rgb=True, quality=90)
    # Codes of up to 16 bits, coefficients of up to 11 and blocks without an end.
    files["optimised"] = by_pillow(small, quality=100, optimize=True)
    files["noise"] = by_pillow(noise, quality=100, subsampling="4:2:0")
    # Blocks whose last coefficient is short, so that what follows it may look like the end of a block.
    files["faint-noise"] = by_pillow(faint, quality=100)
    files["coarse"] = by_pillow(small, quality=5)
    # Some above 255, so that they have 16 bits.
    files["16-bit-quantisers"] = by_pillow(small, qtables=[[3 + k * 9 for k in range(64)]] * 2, quality=-1)
    return {name.replace(":", ""): data for name, data in files.items()}


def reduced(data: bytes, reduction: int) -> np.ndarray:
    """What `Image.draft` sets, for pictures of a few pixels too, where that would choose a lesser reduction."""
    image = Image.open(io.BytesIO(data))
    width, height = (-(-side // reduction) for side in image.size)
    image.decoderconfig = (reduction, 0)
    image.tile = [image.tile[0]._replace(extents=(0, 0, width, height))]
    image._size = (width, height)
    return np.asarray(image.convert("RGB"))


def main() -> None:
    OUT.mkdir(parents=True, exist_ok=True)
    for old in OUT.iterdir():
        old.unlink()
    index = []
    for name, data in pictures().items():
        (OUT / f"{name}.jpg").write_bytes(data)
        for reduction in REDUCTIONS:
            pixels = reduced(data, reduction)
            (OUT / f"{name}.{reduction}.bin").write_bytes(pixels.tobytes())
            height, width, _ = pixels.shape
            index.append({"picture": name, "reduction": reduction, "width": width, "height": height})
    (OUT / "index.json").write_text(json.dumps(index, indent=1) + "\n")


if __name__ == "__main__":
    main()
