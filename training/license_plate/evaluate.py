"""
What the two models make of held-out scenes, end to end: python evaluate.py --scenes 600

Scenes are 640 x 480 with 1 to 3 plates 60 to 240 pixels wide (evenly), tilted by up to 20 degrees in each of three
directions, and worn as scenes.Wear says: blur with a deviation of up to 0.8 pixels, noise with one of up to 8 of 255, light
from 0.55 to 1.25, shadows, JPEG from quality 70 on. A plate counts as right when it is found (answered
with a box whose intersection over union with the true one is at least 0.5) and its region, class number, symbol and serial are all right.
"""

import argparse
from collections import Counter, defaultdict
from pathlib import Path

import numpy as np

from chain import MIN_CONFIDENCE, Chain, iou
from paths import MODELS
from scenes import Wear, random_scene

# Far from the seeds of any part of the training data.
SEED = 20_261_128
SIZE = (640, 480)
WIDTHS_PX = (60, 240)
MOST_PLATES = 3
BUCKETS_PX = (60, 80, 100, 120, 160, 200, 240)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.strip().split("\n")[0])
    parser.add_argument("--models", type=Path, default=MODELS)
    parser.add_argument("--scenes", type=int, default=600)
    parser.add_argument("--seed", type=int, default=SEED)
    args = parser.parse_args()
    chain, rng = Chain(args.models), np.random.default_rng(args.seed)
    counts: dict[str, Counter] = defaultdict(Counter)
    mistakes: Counter = Counter()
    corner_errors: list[float] = []
    false = 0
    for _ in range(args.scenes):
        scene = random_scene(rng, SIZE, WIDTHS_PX, int(rng.integers(1, MOST_PLATES + 1)), Wear(), evenly=True)
        pixels = np.asarray(scene.image)
        found = chain.detect(pixels)
        read = chain.read(pixels, [plate.corners for plate in found])
        sure = [text.confidence >= MIN_CONFIDENCE for text in read]
        found = [plate for plate, is_sure in zip(found, sure, strict=True) if is_sure]
        read = [text for text, is_sure in zip(read, sure, strict=True) if is_sure]
        exact = chain.read(pixels, [plate.corners for plate in scene.plates])
        left = set(range(len(found)))
        for plate, by_true_corners in zip(scene.plates, exact, strict=True):
            box = np.concatenate([plate.corners.min(axis=0), plate.corners.max(axis=0)])
            match = max(left, key=lambda i: iou(found[i].box, box), default=None)
            is_found = match is not None and iou(found[match].box, box) >= 0.5
            seen = {"plates": 1, "found": int(is_found), "by true corners": int(by_true_corners.text == plate.text.text)}
            if is_found and match is not None:
                left.discard(match)
                height = np.linalg.norm(plate.corners[3] - plate.corners[0])
                corner_errors.append(float(np.linalg.norm(found[match].corners - plate.corners, axis=1).mean() / height))
                seen["right"] = int(read[match].text == plate.text.text)
                seen["shape"] = int(read[match].shape == plate.text.shape)
                if not seen["right"]:
                    mistakes.update(differences(plate.text.text, read[match].text))
            low = max(edge for edge in BUCKETS_PX[:-1] if edge <= max(60, plate.width_px))
            high = BUCKETS_PX[BUCKETS_PX.index(low) + 1]
            for row in ("all", f"{low} to {high} px", plate.text.shape):
                counts[row].update(seen)
        false += len(left)
    print("                  plates   found   shape   read, whole plate   (with the true corners)")
    for row in ["all", *(f"{a} to {b} px" for a, b in zip(BUCKETS_PX, BUCKETS_PX[1:], strict=False)), *sorted(k for k in counts if "-" in k)]:
        c = counts[row]
        shares = [100 * c[name] / max(1, c["plates"]) for name in ("found", "shape", "right", "by true corners")]
        print(f"{row:16s} {c['plates']:7d}  {shares[0]:5.1f} %  {shares[1]:5.1f} %  {shares[2]:12.1f} %  {shares[3]:18.1f} %")
    print(f"false alarms: {false} in {args.scenes} scenes")
    quantiles = np.quantile(corner_errors, [0.5, 0.95])
    print(f"corners are off by {quantiles[0]:.3f} of the plate's height (median), {quantiles[1]:.3f} (95 %)")
    print("most frequent mistakes: " + ", ".join(f"{a} {n}" for a, n in mistakes.most_common(12)))


def differences(wanted: str, got: str) -> list[str]:
    """Which characters were taken for which, where the texts are equally long."""
    if len(wanted) != len(got):
        return [f"{len(wanted)} characters as {len(got)}"]
    return [f"{a} as {b}" for a, b in zip(wanted, got, strict=True) if a != b]


if __name__ == "__main__":
    main()
