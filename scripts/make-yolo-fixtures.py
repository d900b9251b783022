"""What scripts/yolo_reference.py finds in 200 tensors: python scripts/make-yolo-fixtures.py

The tensors are made of whole-number hashes, by which test/helpers/yolo-tensors.ts makes them again, so that only what is
found in them is kept: test/fixtures/helmet-detection/agreement.json has a line for each case, agreement.bin the rows of x1,
y1, x2, y2, confidence, class as float64, little-endian, case after case. Needs numpy alone.
"""

import json
from pathlib import Path

import numpy as np

from yolo_reference import How, detect

FOLDER = Path(__file__).parents[1] / "test" / "fixtures" / "helmet-detection"
CASES = 200
ODD_VALUES = (np.nan, np.inf, -np.inf)


def hashes(seed, count):
    """`count` whole numbers of 32 bits: Murmur3's finaliser of the seed and a counter."""
    with np.errstate(over="ignore"):
        h = np.arange(count, dtype=np.uint32) * np.uint32(0x9E3779B9) + np.uint32(seed) * np.uint32(0x85EBCA6B)
        h ^= h >> np.uint32(16)
        h *= np.uint32(0x85EBCA6B)
        h ^= h >> np.uint32(13)
        h *= np.uint32(0xC2B2AE35)
        h ^= h >> np.uint32(16)
    return h


def tensor(case):
    """The rows of a case: boxes about a few middles, of few sizes, so that they overlap; scores of few values, so that they tie."""
    places, classes, steps = case["places"], case["classes"], case["steps"]
    width = 5 + classes
    h = hashes(case["seed"], places * width).reshape(places, width).astype(np.int64)
    rows = np.zeros((places, width), dtype=np.float32)
    middle = h[:, :2] % case["middles"]
    rows[:, :2] = (middle * 61_803 % 640_000 + (h[:, :2] >> 8) % case["spread"]) / 1000
    rows[:, 2:4] = (8_000 + (h[:, 2:4] % 5) * 12_250 + (h[:, 2:4] >> 8) % case["spread"]) / 1000
    rows[:, 4:] = (h[:, 4:] % (steps + 1)) / steps
    rows[:, 4] *= (h[:, 4] >> 16) % 100 < case["likely"]
    for index in range(case["odd"]):
        rows[index * 7 % places, index * 3 % width] = ODD_VALUES[index % 3]
    return rows if case["layout"] == "yolov5" else rows[:, [0, 1, 2, 3, *range(5, width)]].T


def cases():
    """What the cases differ in; the last ones are large."""
    for index in range(CASES):
        classes = (1, 2, 3, 5, 80)[index % 5]
        case = {
            "seed": index + 1, "layout": ("yolov5", "yolov8")[index // 5 % 2], "places": (12, 40, 120, 300)[index // 10 % 4],
            "classes": classes, "middles": (3, 12, 40)[index % 3], "spread": (1, 3_000, 20_000)[index // 3 % 3],
            "steps": (4, 16, 997)[index // 2 % 3], "likely": (10, 30, 60)[index // 7 % 3], "odd": 0,
            "objectness": (0.25, 0.1, 0.6)[index // 4 % 3], "confidence": (0.25, 0.05, 0.7)[index // 11 % 3],
            "iou": (0.45, 0.5, 0.0, 1.0, 0.7)[index // 13 % 5], "multi_label": index % 4 == 1, "agnostic": index % 6 == 2,
            "wanted": [1, 2] if index % 9 == 4 and classes > 2 else None, "max_candidates": 30_000, "max_detections": 300,
        }
        if case["layout"] == "yolov8":
            case["confidence"] = max(0.25, case["confidence"])
        if case["iou"] == 1.0 or classes == 80:
            case["max_detections"] = 20
        if index % 10 == 3:
            case["max_candidates"] = 7
        if index % 10 == 6:
            case["odd"] = 1 + index % 12
        if index % 25 == 24:
            case["objectness"] = case["confidence"] = 1.0
        yield {**case, **LARGE.get(index, {})}


LARGE = {
    # The very size of the models: what YOLOv5 and YOLOv8 answer for 640 x 640.
    195: {"places": 25_200, "classes": 2, "layout": "yolov5", "likely": 4, "middles": 40, "spread": 20_000, "odd": 0,
          "objectness": 0.25, "confidence": 0.25, "iou": 0.45, "max_candidates": 30_000, "max_detections": 300},
    196: {"places": 8_400, "classes": 2, "layout": "yolov8", "steps": 997, "middles": 997, "spread": 20_000, "odd": 0,
          "confidence": 0.95, "iou": 0.45, "max_candidates": 30_000, "max_detections": 300},
    # More than 30,000 candidates, of few scores, so that the last of them are chosen among equals; more than 300 left.
    197: {"places": 25_200, "classes": 3, "layout": "yolov5", "likely": 100, "steps": 16, "middles": 640, "spread": 20_000,
          "odd": 0, "objectness": 0.05, "confidence": 0.05, "multi_label": True, "wanted": None, "iou": 0.45,
          "max_candidates": 30_000, "max_detections": 300},
    198: {"places": 25_200, "classes": 3, "layout": "yolov5", "likely": 100, "steps": 4, "middles": 4, "spread": 1, "odd": 0,
          "objectness": 0.05, "confidence": 0.05, "multi_label": True, "wanted": None, "iou": 0.3, "agnostic": False,
          "max_candidates": 30_000, "max_detections": 300},
    199: {"places": 25_200, "classes": 1, "layout": "yolov5", "likely": 0, "odd": 0, "objectness": 0.25, "confidence": 0.25},
}


def how_of(case):
    wanted = case["wanted"]
    names = ("layout", "objectness", "confidence", "iou", "multi_label", "agnostic", "max_candidates", "max_detections")
    return How(classes=None if wanted is None else tuple(wanted), **{name: case[name] for name in names})


def main():
    lines, found = [], []
    for case in cases():
        rows, broken = detect(tensor(case), how_of(case))
        lines.append({**case, "found": len(rows), "broken": broken})
        found.append(rows)
    FOLDER.mkdir(parents=True, exist_ok=True)
    text = ",\n".join(f"  {json.dumps(line)}" for line in lines)
    (FOLDER / "agreement.json").write_text(f"[\n{text}\n]\n")
    (FOLDER / "agreement.bin").write_bytes(np.concatenate(found).astype("<f8").tobytes())
    counts = [line["found"] for line in lines]
    print(f"{len(lines)} cases, {sum(counts)} detections, {counts.count(0)} cases without any, "
          f"{sum(line['broken'] > 0 for line in lines)} with broken rows")


if __name__ == "__main__":
    main()
