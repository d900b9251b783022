#!/usr/bin/env python3
"""Writes test/fixtures/full-jpeg/pillow.json: JPEG pictures, and the SHA-256 of the pixels that Pillow makes of them.

    python3 -m venv VENV && VENV/bin/pip install Pillow==13.0.0
    VENV/bin/python scripts/make-full-jpeg-fixtures.py

Pillow's wheels bring libjpeg-turbo 3.2.0. Pixels are [H, W, 3] uint8, as stored, not turned.
"""

from __future__ import annotations

import base64
import hashlib
import io
import json
from pathlib import Path
from typing import Any

from PIL import Image, features

ROOT = Path(__file__).resolve().parent.parent
OUT = ROOT / "test" / "fixtures" / "full-jpeg" / "pillow.json"
SAMPLE = ROOT / "samples" / "faces" / "two_faces.jpg"

SAMPLINGS = ("4:4:4", "4:2:2", "4:2:0")
SIZES = ((1, 1), (2, 3), (7, 9), (33, 17), (70, 50))
QUALITIES = (5, 60, 95)


def encode(picture: Image.Image, **options: Any) -> bytes:
    out = io.BytesIO()
    picture.save(out, "JPEG", **options)
    return out.getvalue()


def pictures() -> dict[str, bytes]:
    """All sampling factors that Pillow writes, sizes that are no whole blocks, all kinds of quality, restarts, grey."""
    small = Image.open(SAMPLE).convert("RGB").resize((70, 50), Image.Resampling.BILINEAR)
    files: dict[str, bytes] = {}
    for width, height in SIZES:
        part = small.crop((70 - width, 50 - height, 70, 50))
        for sampling in SAMPLINGS:
            for quality in QUALITIES:
                files[f"{sampling} {width}x{height} q{quality}"] = encode(part, subsampling=sampling, quality=quality)
        files[f"grey {width}x{height}"] = encode(part.convert("L"), quality=90)
    files["restarts"] = encode(small, subsampling="4:2:0", quality=90, restart_marker_blocks=2)
    files["own Huffman codes"] = encode(small, subsampling="4:2:0", quality=90, optimize=True)
    files["red, green and blue"] = encode(small, quality=90, keep_rgb=True)
    return files


def main() -> None:
    cases = []
    for name, data in pictures().items():
        pixels = Image.open(io.BytesIO(data)).convert("RGB").tobytes()
        jpeg = base64.b64encode(data).decode()
        cases.append({"name": name, "jpeg": jpeg, "sha256": hashlib.sha256(pixels).hexdigest()})
    OUT.parent.mkdir(parents=True, exist_ok=True)
    made_by = f"libjpeg-turbo {features.version('libjpeg_turbo')}"
    OUT.write_text(json.dumps({"madeBy": made_by, "cases": cases}, indent=1) + "\n")


if __name__ == "__main__":
    main()
