#!/usr/bin/env python3
"""Says how good the classifier is, as ONNX, on prepared drawings and on photographs.

npm run train -- cifar10/evaluate --drawings .cache/cifar10/held-out-*.npz --photographs samples/faces/*.jpg
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import onnxruntime as ort
from PIL import Image, ImageOps

from drawings.scene import CLASSES
from make_drawings import reduced

MODEL = Path(__file__).resolve().parents[2] / "triton-models" / "cifar10" / "1" / "model.onnx"
NAMES = list(CLASSES)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path, default=MODEL)
    parser.add_argument("--drawings", type=Path, nargs="*", default=[], help="parts of one set")
    parser.add_argument("--photographs", type=Path, nargs="*", default=[])
    args = parser.parse_args()
    session = ort.InferenceSession(str(args.model), providers=["CPUExecutionProvider"])
    if args.drawings:
        report(session, args.drawings)
    for file in args.photographs:
        with Image.open(file) as picture:
            logits = logits_of(session, reduced(ImageOps.exif_transpose(picture))[None])[0]
        share = np.exp(logits - logits.max())
        share /= share.sum()
        best = int(share.argmax())
        print(f"{file.name}: {NAMES[best]} ({share[best]:.2f})")


def report(session: ort.InferenceSession, files: list[Path]) -> None:
    """Accuracy over all, by class and by what training never saw, and the confusion matrix."""
    parts = [np.load(file) for file in files]
    data = {name: np.concatenate([part[name] for part in parts]) for name in parts[0].files}
    told = logits_of(session, data["pixels"]).argmax(axis=1)
    labels, is_right = data["labels"], told == data["labels"]
    print(f"{len(labels)} drawings, {100 * is_right.mean():.1f} % right")
    for what in ("unseen_poses", "unseen_grounds"):
        if data[what].any():
            print(f"{what}: {data[what].sum()} drawings, {100 * is_right[data[what]].mean():.1f} % right")
    counts = np.zeros((len(NAMES), len(NAMES)), int)
    np.add.at(counts, (labels, told), 1)
    print(f"| drawn, told | {' | '.join(NAMES)} | right |")
    print("| --- |" + " ---: |" * (len(NAMES) + 1))
    for name, row, own in zip(NAMES, counts, range(len(NAMES))):
        print(f"| {name} | {' | '.join(str(count) for count in row)} | {100 * row[own] / row.sum():.1f} % |")


def logits_of(session: ort.InferenceSession, pixels: np.ndarray) -> np.ndarray:
    """[N, 10] for pixels [N, 32, 32, 3] uint8."""
    inputs = ((pixels.astype(np.float32) / 255 - 0.5) / 0.5).transpose(0, 3, 1, 2)
    return np.concatenate(
        [
            session.run(["OUTPUT__0"], {"INPUT__0": part})[0]
            for part in np.array_split(inputs, max(1, len(inputs) // 256))
        ]
    )


if __name__ == "__main__":
    main()
