"""Writes test/fixtures/helmet-detection/golden.json: what is found in the samples, by Pillow, onnxruntime and numpy.

    python scripts/make-helmet-detection-fixtures.py        (numpy, Pillow 13 and onnxruntime: training/requirements.txt)

For each picture of samples/helmet_detection the detections of triton-models/helmet_detection, stretched and letterboxed, in
shares of the upright picture; they are those of that very model, whose SHA-256 stands beside them. Of the service nothing is
used.
"""

import hashlib
import json
from pathlib import Path

import numpy as np
import onnxruntime
from PIL import Image, ImageOps

from yolo_reference import detect

ROOT = Path(__file__).resolve().parents[1]
MODEL = ROOT / "triton-models" / "helmet_detection" / "1" / "model.onnx"
LABELS = (ROOT / "triton-models" / "helmet_detection" / "labels.txt").read_text().split()
SAMPLES = ROOT / "samples" / "helmet_detection"
OUT = ROOT / "test" / "fixtures" / "helmet-detection" / "golden.json"
SIDE = 640
GREY = 114


def place_of(picture, fit):
    """Left, top, width and height of the picture in the model's input."""
    if fit == "stretch":
        return 0, 0, SIDE, SIDE
    shrink = max(picture.width / SIDE, picture.height / SIDE)
    width, height = round(picture.width / shrink), round(picture.height / shrink)
    return (SIDE - width) // 2, (SIDE - height) // 2, width, height


def input_of(picture, place):
    left, top, width, height = place
    canvas = Image.new("RGB", (SIDE, SIDE), (GREY, GREY, GREY))
    canvas.paste(picture.resize((width, height), Image.Resampling.BILINEAR), (left, top))
    return np.asarray(canvas, dtype=np.float32).transpose(2, 0, 1)[None] / np.float32(255)


def detections(session, path, fit):
    picture = ImageOps.exif_transpose(Image.open(path)).convert("RGB")
    place = place_of(picture, fit)
    output = session.run(None, {"images": input_of(picture, place)})[0][0]
    left, top, width, height = place
    found, _ = detect(output)
    found[:, [0, 2]] = np.clip((found[:, [0, 2]] - left) / width, 0, 1)
    found[:, [1, 3]] = np.clip((found[:, [1, 3]] - top) / height, 0, 1)
    found = found[(found[:, 2] > found[:, 0]) & (found[:, 3] > found[:, 1])]
    names = ("x1", "y1", "x2", "y2", "confidence")
    return [{**{name: round(float(v), 6) for name, v in zip(names, row)}, "class": LABELS[int(row[5])]} for row in found]


def main():
    session = onnxruntime.InferenceSession(str(MODEL), providers=["CPUExecutionProvider"])
    pictures = {
        path.name: {fit: detections(session, path, fit) for fit in ("stretch", "letterbox")}
        for path in sorted(SAMPLES.glob("*.jpg"))
    }
    golden = {"model_sha256": hashlib.sha256(MODEL.read_bytes()).hexdigest(), "pictures": pictures}
    OUT.write_text(json.dumps(golden, indent=1) + "\n")
    for name, by_fit in pictures.items():
        print(name, {fit: len(found) for fit, found in by_fit.items()})


if __name__ == "__main__":
    main()
