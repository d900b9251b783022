"""Draws the sample pictures of samples/helmet_detection: python training/helmet_detection/make_samples.py

Scenes of seeds that neither the training nor the held-out set has, as large as photographs of phones sent on. One is stored
on its side with EXIF's orientation, as a phone held upright stores it; one has nobody in it.
"""

from pathlib import Path

import numpy as np
from PIL import Image

from scenes import draw_scene

FOLDER = Path(__file__).parents[2] / "samples" / "helmet_detection"
QUALITY = 82
ORIENTATION_TAG = 0x0112

SAMPLES = {
    "site.jpg": (2001, 1280, 720),
    "crowd.jpg": (2002, 1280, 853),
    "tall.jpg": (2003, 720, 1080),
    "square.jpg": (2004, 900, 900),
    "far.jpg": (2005, 1280, 720),
    "small.jpg": (2006, 640, 427),
    "rotated_exif6.jpg": (2007, 1080, 720),
    "nobody.jpg": (2008, 960, 640),
}


def main():
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, (seed, width, height) in SAMPLES.items():
        picture, count = scene_of(seed, width, height, wants_people=name != "nobody.jpg")
        exif = Image.Exif()
        if "exif6" in name:
            # Orientation 6: what is stored has to be turned by 90 degrees clockwise to be upright.
            picture = picture.transpose(Image.Transpose.ROTATE_90)
            exif[ORIENTATION_TAG] = 6
        picture.save(FOLDER / name, "JPEG", quality=QUALITY, exif=exif)
        print(f"{name}: {picture.width} x {picture.height}, {count} heads, {(FOLDER / name).stat().st_size} bytes")


def scene_of(seed, width, height, wants_people):
    """The first scene of a seed with people, or with none."""
    for attempt in range(100):
        scene = draw_scene(np.random.default_rng([seed, attempt]), width, height)
        people = len(scene.heads) + len(scene.ignored)
        if len(scene.heads) >= 3 if wants_people else people == 0:
            return scene.picture, len(scene.heads)
    raise RuntimeError(f"seed {seed} gives no such scene")


if __name__ == "__main__":
    main()
