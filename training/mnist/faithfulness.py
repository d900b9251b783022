#!/usr/bin/env python3
"""Measures how faithful explanations are: what happens to the prediction when ink is taken away, or put in, in their order.

    node dist --model_name mnist --http_port 8080 &
    python3 training/mnist/faithfulness.py --service http://localhost:8080 --svg docs/services/mnist-faithfulness.svg

Deletion and insertion as in Petsiuk, Das and Saenko (RISE, BMVC 2018, arXiv:1806.07421), over the pixels that have ink: the
others change nothing, whoever names them first. The area under the probability of the first prediction is the measure: small
is good for deletion, large for insertion. Digits are held-out ones.
"""

from __future__ import annotations

import argparse
import base64
import io
import json
import urllib.request
from pathlib import Path

import numpy as np
import onnxruntime as ort
from PIL import Image

import attributions
import digits
from export import INPUT, OUTPUT
from network import MEAN, STD

STEPS = 20
BATCH = 256
SERVICE = "the service"
COLOURS = {"random": "#999999", "brightest first": "#bb9955", "occlusion": "#5577cc", "RISE": "#44aa77", SERVICE: "#cc3344"}
"""What is drawn; the table has all."""


class Model:
    """The ONNX file, on one thread."""

    def __init__(self, file: Path) -> None:
        options = ort.SessionOptions()
        options.intra_op_num_threads = 1
        self._session = ort.InferenceSession(str(file), options, providers=["CPUExecutionProvider"])

    def probabilities(self, pixels: np.ndarray) -> np.ndarray:
        """Of [N, 28, 28], 0..1: [N, 10]."""
        scaled = ((pixels - MEAN) / STD).astype(np.float32)[:, None]
        parts = [self._session.run([OUTPUT], {INPUT: scaled[at : at + BATCH]})[0] for at in range(0, len(scaled), BATCH)]
        exponents = np.exp(np.concatenate(parts).astype(np.float64))
        return exponents / exponents.sum(1, keepdims=True)


def explained_by(service: str, pixels: np.ndarray) -> np.ndarray:
    """What the service answers on `:explain`, [28, 28]."""
    png = io.BytesIO()
    Image.fromarray(pixels).save(png, "png")
    body = json.dumps({"instances": [base64.b64encode(png.getvalue()).decode()]}).encode()
    with urllib.request.urlopen(f"{service}/v1/models/mnist:explain", body, timeout=60) as answer:
        return np.asarray(json.load(answer)["explanations"][0][0])


def curves(model: Model, digit: np.ndarray, map_: np.ndarray) -> tuple[np.ndarray, np.ndarray, float]:
    """The probability while ink is taken away and while it is put in, and the share of ink without which the digit is another."""
    flat = digit.ravel()
    ink = np.flatnonzero(flat > attributions.INK)
    order = ink[np.argsort(-map_.ravel()[ink], kind="stable")]
    rows = np.tile(flat, (2 * (STEPS + 1), 1))
    for step in range(STEPS + 1):
        count = round(len(order) * step / STEPS)
        rows[step, order[:count]] = 0
        rows[STEPS + 1 + step, order[count:]] = 0
    probabilities = model.probabilities(rows.reshape(-1, 28, 28))
    first = probabilities[0].argmax()
    flips = np.flatnonzero(probabilities[: STEPS + 1].argmax(1) != first)
    own = probabilities[:, first]
    return own[: STEPS + 1], own[STEPS + 1 :], flips[0] / STEPS if len(flips) else 1.0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=Path, default=digits.ROOT / "triton-models" / "mnist" / "1" / "model.onnx")
    parser.add_argument("--digits", type=int, default=100, help="how many held-out digits, of all ten equally many")
    parser.add_argument("--rows", type=int, default=1024, help="variants that a method may ask about")
    parser.add_argument("--service", help="the URL of a running service, whose explanations are measured, too")
    parser.add_argument("--svg", type=Path, help="where the curves are drawn")
    options = parser.parse_args()
    model = Model(options.model)
    held_out = digits.split(digits.load())[1]
    chosen = np.concatenate([np.flatnonzero(held_out.labels == digit)[: options.digits // 10] for digit in range(10)])
    names = [*attributions.METHODS, *([SERVICE] if options.service else [])]
    drawn = {}
    print(f"{len(chosen)} digits, at most {options.rows} variants")
    for name in names:
        results = []
        for index in chosen:
            digit = held_out.pixels[index] / 255
            first = model.probabilities(digit[None])[0].argmax()
            score = lambda rows, first=first: model.probabilities(rows)[:, first]  # noqa: E731
            if name == SERVICE:
                map_ = explained_by(options.service, held_out.pixels[index])
            else:
                map_ = attributions.METHODS[name](digit, score, options.rows, np.random.default_rng(int(index)))
            results.append(curves(model, digit, map_))
        deletion, insertion = (np.mean([result[side] for result in results], 0) for side in (0, 1))
        flip = np.mean([result[2] for result in results])
        areas = [np.trapezoid(curve, dx=1 / STEPS) for curve in (deletion, insertion)]
        print(f"{name:16s} deletion {areas[0]:.3f}  insertion {areas[1]:.3f}  another digit without {100 * flip:.0f} % of the ink", flush=True)
        drawn[name] = (deletion, insertion)
    if options.svg:
        options.svg.write_text(svg({name: drawn[name] for name in COLOURS if name in drawn}))


def svg(drawn: dict[str, tuple[np.ndarray, np.ndarray]]) -> str:
    """Both curves of each method, side by side."""
    width, height, left, top, gap = 300, 220, 50, 40, 70
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {2 * width + left + gap + 130} {height + top + 50}" font-family="sans-serif" font-size="12">',
        '<rect width="100%" height="100%" fill="white"/>',
    ]
    for side, title in enumerate(("ink taken away in the order of the map", "ink put in in that order")):
        x0 = left + side * (width + gap)
        parts.append(f'<text x="{x0}" y="{top - 14}" font-size="13">{title}</text>')
        for share in (0, 0.25, 0.5, 0.75, 1):
            y = top + height * (1 - share)
            x = x0 + width * share
            parts.append(f'<line x1="{x0}" x2="{x0 + width}" y1="{y}" y2="{y}" stroke="#dddddd"/>')
            parts.append(f'<text x="{x0 - 6}" y="{y + 4}" text-anchor="end">{share:g}</text>')
            parts.append(f'<text x="{x}" y="{top + height + 16}" text-anchor="middle">{100 * share:g} %</text>')
        for name, both in drawn.items():
            points = " ".join(
                f"{x0 + width * step / STEPS:.1f},{top + height * (1 - value):.1f}" for step, value in enumerate(both[side])
            )
            parts.append(f'<polyline points="{points}" fill="none" stroke="{COLOURS[name]}" stroke-width="2"/>')
        parts.append(f'<text x="{x0 + width / 2}" y="{top + height + 36}" text-anchor="middle">share of the ink</text>')
    for row, name in enumerate(drawn):
        y = top + 14 + 20 * row
        x = left + 2 * width + gap + 16
        parts.append(f'<line x1="{x}" x2="{x + 20}" y1="{y - 4}" y2="{y - 4}" stroke="{COLOURS[name]}" stroke-width="2"/>')
        parts.append(f'<text x="{x + 26}" y="{y}">{name}</text>')
    parts.append(f'<text x="14" y="{top + height / 2}" transform="rotate(-90 14 {top + height / 2})" text-anchor="middle">probability</text></svg>')
    return "\n".join(parts) + "\n"


if __name__ == "__main__":
    main()
