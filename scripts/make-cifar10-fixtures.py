#!/usr/bin/env python3
"""Writes test/fixtures/cifar10/golden.json: what Pillow, numpy and onnxruntime make of the sample pictures.

    python3 -m venv VENV && VENV/bin/pip install numpy==2.4.6 Pillow==13.0.0 onnxruntime==1.32.0
    VENV/bin/python scripts/make-cifar10-fixtures.py

For each picture of samples/cifar10 and samples/faces the ten logits of triton-models/cifar10, which are only those of that very model: its
SHA-256 stands beside them. Nothing of the service is used; pictures are decoded by the reference of face quality.
"""

from __future__ import annotations

import hashlib
import json
import sys
from pathlib import Path

import numpy as np
import onnxruntime as ort
from PIL import Image

ROOT = Path(__file__).resolve().parent.parent
MODEL = ROOT / "triton-models" / "cifar10" / "1" / "model.onnx"
OUT = ROOT / "test" / "fixtures" / "cifar10" / "golden.json"

sys.path.insert(0, str(ROOT / "test" / "fixtures" / "faces"))
from face_quality import load_rgb  # noqa: E402


def tensor(path: Path) -> np.ndarray:
    """[3, 32, 32] float32: the whole picture stretched, RGB, (x / 255 - 0.5) / 0.5."""
    rgb = Image.fromarray(load_rgb(path).astype(np.uint8)).resize((32, 32), Image.Resampling.BILINEAR)
    scaled = (np.asarray(rgb, np.float32) / 255 - 0.5) / 0.5
    return scaled.transpose(2, 0, 1)


def main() -> None:
    session = ort.InferenceSession(str(MODEL), providers=["CPUExecutionProvider"])
    folders = [ROOT / "samples" / name for name in ("cifar10", "faces")]
    pictures = sorted(path for folder in folders for path in folder.iterdir() if path.suffix in (".jpg", ".png"))
    (logits,) = session.run(["OUTPUT__0"], {"INPUT__0": np.stack([tensor(path) for path in pictures])})
    golden = {
        "model_sha256": hashlib.sha256(MODEL.read_bytes()).hexdigest(),
        "logits": {
            f"{path.parent.name}/{path.name}": [round(float(value), 6) for value in row]
            for path, row in zip(pictures, logits)
        },
    }
    OUT.parent.mkdir(parents=True, exist_ok=True)
    OUT.write_text(json.dumps(golden, indent=1) + "\n")


if __name__ == "__main__":
    main()
