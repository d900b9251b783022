"""mAP50 of a model on drawn scenes that it has not seen: evaluate.py --model MODEL.onnx --scenes HELD_OUT.npz

Each scene is stretched to the model's 640 x 640 as the service does; thresholds are 0.001, so that the whole curve counts.
Also prints how many heads are found, and how many detections are wrong, at the service's own thresholds.
"""

import argparse
import sys
from io import BytesIO
from pathlib import Path

import numpy as np
import onnxruntime
from PIL import Image

from mean_ap import LEAST_IOU, average_precision
from render import load
from scenes import CLASSES

sys.path.insert(0, str(Path(__file__).parents[2] / "scripts"))
from yolo_reference import How, detect, overlaps  # noqa: E402

INPUT_PX = 640

LEAST_SIDE_PX = 12
"""Heads of which less is to be seen in the model's input, across or down, count for nothing; the training asks for 8 px."""

CURVE = How(objectness=0.001, confidence=0.001, max_candidates=1000, max_detections=100)
"""So low that the whole curve counts; at most 100 detections a picture, as in COCO's evaluation."""


def evaluate(model, scenes, count=None, least_side_px=LEAST_SIDE_PX):
    """Prints the figures; returns mAP50."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    pictures, all_heads, all_ignored = (part[:count] for part in load(scenes))
    curve, shown, heads, ignored = [], [], [], []
    for index, encoded in enumerate(pictures):
        picture = Image.open(BytesIO(encoded.tobytes()))
        output = run(session, picture)
        scale = np.array([picture.width / INPUT_PX, picture.height / INPUT_PX] * 2 + [1, 1])
        sides = (all_heads[index][:, 3:5] - all_heads[index][:, 1:3]) / scale[:2]
        is_large = sides.min(axis=1, initial=1e9) >= least_side_px
        heads.append(all_heads[index][is_large])
        ignored.append(np.concatenate([all_ignored[index], all_heads[index][~is_large]]))
        curve.append(detect(output, CURVE)[0] * scale)
        shown.append(detect(output)[0] * scale)
    precisions = [average_precision(curve, heads, ignored, label) for label in range(len(CLASSES))]
    for name, precision in zip(CLASSES, precisions):
        print(f"AP50 of {name}: {precision:.4f}")
    print(f"mAP50 over {len(pictures)} scenes, {sum(map(len, heads))} heads: {np.mean(precisions):.4f}")
    report(shown, heads, ignored)
    return float(np.mean(precisions))


def run(session, picture):
    """The model's rows for a picture."""
    stretched = picture.convert("RGB").resize((INPUT_PX, INPUT_PX), Image.Resampling.BILINEAR)
    pixels = np.asarray(stretched, dtype=np.float32).transpose(2, 0, 1)[None] / np.float32(255)
    return session.run(None, {session.get_inputs()[0].name: pixels})[0][0]


def report(shown, heads, ignored):
    """Recall by size, and what is wrong, at the thresholds that the service has."""
    edges = [0, 16, 24, 48, 96, 1000]
    hits, totals, wrong, mixed = np.zeros(5), np.zeros(5), 0, 0
    for detections, real, passed_over in zip(shown, heads, ignored):
        for label, *box in real:
            band = np.searchsorted(edges, np.sqrt((box[2] - box[0]) * (box[3] - box[1])), side="right") - 1
            totals[band] += 1
            close = detections[overlaps(np.array(box), detections[:, :4]) >= LEAST_IOU]
            hits[band] += bool((close[:, 5] == label).any())
            mixed += bool(len(close) and not (close[:, 5] == label).any())
        every = np.concatenate([real, passed_over])[:, 1:]
        wrong += sum(not (len(every) and overlaps(box[:4], every).max() >= LEAST_IOU) for box in detections)
    for band in range(5):
        print(f"found at 0.25, sides {edges[band]}..{edges[band + 1]} px: {hits[band]:.0f} of {totals[band]:.0f}")
    print(f"taken for the other class: {mixed}; boxes on nothing: {wrong}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", required=True)
    parser.add_argument("--scenes", required=True)
    parser.add_argument("--count", type=int)
    parser.add_argument("--least-side", type=float, default=LEAST_SIDE_PX, help="of heads that count, in pixels")
    given = parser.parse_args()
    evaluate(given.model, given.scenes, given.count, given.least_side)
