#!/usr/bin/env python3
"""Prints how many of the 2,000 held-out digits the ONNX file names right, and which it takes for which.

    python3 training/mnist/evaluate.py
"""

from __future__ import annotations

import argparse
import hashlib
from pathlib import Path

import numpy as np
import onnxruntime as ort

import digits
from export import INPUT, OUTPUT
from network import MEAN, STD


def logits_of(session: ort.InferenceSession, pixels: np.ndarray) -> np.ndarray:
    """Of [N, 28, 28] uint8, white on black: [N, 10]."""
    scaled = ((pixels.astype(np.float32) / 255 - MEAN) / STD).astype(np.float32)
    (logits,) = session.run([OUTPUT], {INPUT: scaled[:, None]})
    return logits


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=Path, default=digits.ROOT / "triton-models" / "mnist" / "1" / "model.onnx")
    options = parser.parse_args()
    session = ort.InferenceSession(str(options.model), providers=["CPUExecutionProvider"])
    trained, held_out = digits.split(digits.load())
    for name, part in (("trained on", trained), ("held out", held_out)):
        predicted = logits_of(session, part.pixels).argmax(1)
        right = int((predicted == part.labels).sum())
        print(f"{name}: {right} of {len(part.labels)} right, {100 * right / len(part.labels):.2f} %")
    print("held out, rows: what it is; columns: what it is taken for")
    confusion = np.zeros((10, 10), int)
    np.add.at(confusion, (held_out.labels, predicted), 1)
    for digit, row in enumerate(confusion):
        print(f"{digit}: " + " ".join(f"{count:4d}" for count in row))
    wrong = predicted != held_out.labels
    for label, place, answer in zip(held_out.labels[wrong], held_out.places[wrong], predicted[wrong]):
        print(f"{label}.json[{place}] is taken for {answer}")
    content = options.model.read_bytes()
    print(f"{len(content)} bytes, sha256 {hashlib.sha256(content).hexdigest()}")


if __name__ == "__main__":
    main()
