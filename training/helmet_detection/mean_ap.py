"""Average precision at an IoU of 0.5, the area under the interpolated curve over all points (Everingham et al., "The Pascal
Visual Object Classes Challenge: A Retrospective", IJCV 2015, 3.1)."""

import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[2] / "scripts"))
from yolo_reference import overlaps  # noqa: E402

LEAST_IOU = 0.5


def average_precision(found, heads, ignored, label):
    """
    Of one class over all pictures.
    found: for each picture [n, 6] of box, confidence, class; heads and ignored: rows of class and box.
    What meets an ignored box alone is neither right nor wrong.
    """
    scored, total = [], 0
    for detections, real, passed_over in zip(found, heads, ignored):
        real, passed_over = real[real[:, 0] == label, 1:], passed_over[:, 1:]
        total += len(real)
        taken = np.zeros(len(real), dtype=bool)
        mine = detections[detections[:, 5] == label]
        for box in mine[np.argsort(-mine[:, 4], kind="stable")]:
            ious = np.where(taken, 0, overlaps(box[:4], real)) if len(real) else np.zeros(0)
            if len(ious) and ious.max() >= LEAST_IOU:
                taken[ious.argmax()] = True
                scored.append((box[4], True))
            elif not (len(passed_over) and overlaps(box[:4], passed_over).max() >= LEAST_IOU):
                scored.append((box[4], False))
    if total == 0:
        return float("nan")
    right = np.array([is_right for _, is_right in sorted(scored, key=lambda pair: -pair[0])], dtype=float)
    recall = np.cumsum(right) / total
    precision = np.cumsum(right) / np.arange(1, len(right) + 1)
    envelope = np.maximum.accumulate(precision[::-1])[::-1]
    return float(np.sum(np.diff(recall, prepend=0) * envelope))
