"""What YOLO detectors answer, turned into boxes: written with numpy from the published description, to test against.

The form of the output is that of Redmon and Farhadi, "YOLOv3: An Incremental Improvement" (2018), as YOLOv5 exports it: a
row has the middle, width and height of a box in pixels of the input, its objectness and a score for each class. YOLOv8
exports the transpose, without objectness. Suppression is greedy, class by class, by the usual trick of moving the boxes of
each class to a place of their own (torchvision's `batched_nms`). Nothing here is taken from either project's code.

All arithmetic is in float64 on the model's float32 values, so that it is the same in every language of IEEE 754.
"""

from dataclasses import dataclass

import numpy as np

CLASS_OFFSET = 7680.0
"""Wider than any picture that a detector is given."""


@dataclass(frozen=True)
class How:
    """The thresholds and kinds of a run; the defaults are YOLOv5's."""

    layout: str = "yolov5"
    objectness: float = 0.25
    confidence: float = 0.25
    iou: float = 0.45
    multi_label: bool = False
    classes: tuple[int, ...] | None = None
    agnostic: bool = False
    max_candidates: int = 30_000
    max_detections: int = 300


def detect(output, how=How()):
    """
    The detections of one picture, best first: [n, 6] of x1, y1, x2, y2, confidence, class; and how many rows were to be
    looked at and hold a value that is not finite: those are left out.
    """
    boxes, scores, broken = likely_rows(np.asarray(output), how)
    found = candidates(boxes, scores, how)
    order = np.argsort(-found[:, 4], kind="stable")[: how.max_candidates]
    found = found[order]
    shifts = np.zeros(len(found)) if how.agnostic else found[:, 5] * CLASS_OFFSET
    kept = suppress(found[:, :4] + shifts[:, None], how.iou, how.max_detections)
    return found[kept], broken


def likely_rows(output, how):
    """Boxes as corners, the confidence of each class, and the number of broken rows."""
    values = output.astype(np.float64)
    with np.errstate(invalid="ignore", over="ignore"):
        if how.layout == "yolov5":
            looked_at = ~(values[:, 4] <= how.objectness)
            rows = values[looked_at]
            scores = rows[:, 5:] * rows[:, 4:5]
        else:
            values = values.T
            looked_at = ~(values[:, 4:] <= how.confidence).all(axis=1)
            rows = values[looked_at]
            scores = rows[:, 4:]
        whole = np.isfinite(rows).all(axis=1)
        rows, scores = rows[whole], scores[whole]
        half = rows[:, 2:4] / 2
        boxes = np.concatenate([rows[:, :2] - half, rows[:, :2] + half], axis=1)
    return boxes, scores, int((~whole).sum())


def candidates(boxes, scores, how):
    """[n, 6] of box, confidence, class: by row, and within a row by class."""
    if how.multi_label:
        row, label = np.nonzero(scores > how.confidence)
    else:
        label = scores.argmax(axis=1) if len(scores) else np.zeros(0, dtype=np.int64)
        row = np.arange(len(scores))
        sure = scores[row, label] > how.confidence
        row, label = row[sure], label[sure]
    if how.classes is not None:
        wanted = np.isin(label, how.classes)
        row, label = row[wanted], label[wanted]
    return np.concatenate([boxes[row], scores[row, label][:, None], label[:, None].astype(np.float64)], axis=1)


def suppress(boxes, most, count):
    """The first `count` indices of boxes, best first, that overlap none of the kept ones before them by more than `most`."""
    kept = []
    left = np.arange(len(boxes))
    while len(left) and len(kept) < count:
        best, left = left[0], left[1:]
        kept.append(int(best))
        left = left[overlaps(boxes[best], boxes[left]) <= most]
    return kept


def overlaps(box, boxes):
    """Intersection over union of a box with each; 0 where they do not meet."""
    width = np.minimum(box[2], boxes[:, 2]) - np.maximum(box[0], boxes[:, 0])
    height = np.minimum(box[3], boxes[:, 3]) - np.maximum(box[1], boxes[:, 1])
    shared = np.where((width > 0) & (height > 0), width * height, 0.0)
    both = area(box[None])[0] + area(boxes) - shared
    return np.divide(shared, both, out=np.zeros_like(shared), where=shared > 0)


def area(boxes):
    return np.maximum(0.0, boxes[:, 2] - boxes[:, 0]) * np.maximum(0.0, boxes[:, 3] - boxes[:, 1])
