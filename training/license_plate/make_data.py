"""
Draws what the two models are trained on, in parts that can be made one by one:

    python make_data.py reader --part 0
    python make_data.py detector --part 0

A part is one compressed-free .npz; its seed is its number, so parts are the same wherever they are made.
"""

import argparse
import time
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from alphabet import SHAPES, to_slots
from geometry import homography, rectangle, widened
from paths import DATA
from plates import draw_plate, random_text
from scenes import Wear, paste_warped, random_scene, tilted_corners, worn
from specs import PLATE_MARGIN, READER_HEIGHT, READER_WIDTH

# Seeds of held-out data begin far above those of any part.
PART_SEED = {"reader": 1000, "detector": 2000}
PART_COUNT = {"reader": 15000, "detector": 2000}

# A little worse than the held-out scenes, at widths a little beyond theirs.
READER_WIDTHS_PX = (52, 270)
READER_WEAR = Wear(blur_px=0.9, noise=10, least_quality=60, least_light=0.45, most_light=1.35)
MAX_TILT_DEGREES = 23

# How far the detector's corners may be from the true ones: a normal deviation of this share of the plate's height.
CORNER_JITTER = 0.05

# Detector scenes have half the scale of the pictures that they stand for: 640 x 480 becomes 320 x 240.
SCENE_SIZE = (256, 192)
SCENE_WIDTHS_PX = (24, 150)
SCENE_WEAR = Wear(blur_px=0.7, noise=8, least_quality=70, least_light=0.5, most_light=1.3)
MOST_PLATES = 6
# How often a scene has none, one, two … of them, as far as there is room.
PLATE_SHARES = (0.08, 0.12, 0.16, 0.18, 0.18, 0.16, 0.12)


def reader_part(rng: np.random.Generator, count: int) -> dict[str, np.ndarray]:
    """Rectified plates, what stands on them, and their shapes."""
    pixels = np.zeros((count, READER_HEIGHT, READER_WIDTH), np.uint8)
    slots = np.zeros((count, 9), np.uint8)
    shapes = np.zeros(count, np.uint8)
    for i in range(count):
        text = random_text(rng)
        pixels[i] = rectified(rng, draw_plate(text, rng))
        slots[i] = to_slots(text.region, text.number, text.symbol, text.serial)
        shapes[i] = SHAPES.index(text.shape)
    return {"pixels": pixels, "slots": slots, "shapes": shapes}


def rectified(rng: np.random.Generator, sheet: Image.Image) -> np.ndarray:
    """A plate laid into a small grey scene, and taken out of it by corners that are not quite right."""
    width = np.exp(rng.uniform(*np.log(READER_WIDTHS_PX)))
    corners = tilted_corners(rng, sheet, width, MAX_TILT_DEGREES)
    corners = corners - corners.min(axis=0) + 8 + rng.uniform(0, 1, 2)
    size = tuple(int(v) for v in np.ceil(corners.max(axis=0)) + 8)
    patch = Image.new("L", size, int(rng.integers(10, 245)))
    if rng.random() < 0.3:
        coarse = rng.integers(0, 255, (3, 6), np.uint8)
        patch.paste(Image.fromarray(coarse).resize(size, Image.BILINEAR))
    if rng.random() < 0.5:
        grown = corners.mean(axis=0) + (corners - corners.mean(axis=0)) * rng.uniform(1.02, 1.2)
        ImageDraw.Draw(patch).polygon([tuple(c) for c in grown], int(rng.integers(10, 245)))
    paste_warped(patch, sheet.convert("L"), corners)
    patch = worn(patch, rng, READER_WEAR)
    height = np.linalg.norm(corners[3] - corners[0])
    found = corners + rng.normal(0, CORNER_JITTER * height, (4, 2)) + rng.normal(0, 0.5 * CORNER_JITTER * height, 2)
    return take_plate(patch, widened(found, PLATE_MARGIN))


def take_plate(picture: Image.Image, corners: np.ndarray) -> np.ndarray:
    """The reader's input of a grey picture, in Pillow's terms: bilinear, at twice the size and brought down where the plate is large."""
    zoom = 2 if np.linalg.norm(corners[1] - corners[0]) > 1.5 * READER_WIDTH else 1
    size = (READER_WIDTH * zoom, READER_HEIGHT * zoom)
    matrix = homography(rectangle(*size), corners)
    grey = picture.transform(size, Image.PERSPECTIVE, tuple(matrix.ravel()[:8]), Image.BILINEAR)
    return np.asarray(grey.reduce(zoom))


def detector_part(rng: np.random.Generator, count: int) -> dict[str, np.ndarray]:
    """Scenes, and the corners of up to six plates in each; NaN where there are fewer."""
    pixels = np.zeros((count, SCENE_SIZE[1], SCENE_SIZE[0], 3), np.uint8)
    corners = np.full((count, MOST_PLATES, 4, 2), np.nan, np.float32)
    for i in range(count):
        plates = int(rng.choice(MOST_PLATES + 1, p=PLATE_SHARES))
        scene = random_scene(rng, SCENE_SIZE, SCENE_WIDTHS_PX, plates, SCENE_WEAR, MAX_TILT_DEGREES)
        pixels[i] = np.asarray(scene.image)
        for j, plate in enumerate(scene.plates):
            corners[i, j] = plate.corners
    return {"pixels": pixels, "corners": corners}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("kind", choices=sorted(PART_SEED))
    parser.add_argument("--part", type=int, required=True)
    parser.add_argument("--count", type=int, help="samples of the part; default: 15000 plates or 2000 scenes")
    parser.add_argument("--out", type=Path, default=DATA)
    args = parser.parse_args()
    started_at = time.process_time()
    rng = np.random.default_rng(PART_SEED[args.kind] + args.part)
    make = reader_part if args.kind == "reader" else detector_part
    part = make(rng, args.count or PART_COUNT[args.kind])
    args.out.mkdir(parents=True, exist_ok=True)
    np.savez(args.out / f"{args.kind}-{args.part}.npz", **part)
    print(f"{args.kind} part {args.part}: {len(part['pixels'])} in {time.process_time() - started_at:.0f} s")


if __name__ == "__main__":
    main()
