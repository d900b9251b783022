"""Draws samples/license_plate: python make_samples.py"""

import numpy as np
from PIL import Image

from paths import SAMPLES
from plates import PlateText
from scenes import Wear, random_scene

SIZE = (640, 480)
QUALITY = 85
# EXIF's tag of the orientation, and its value for a picture that was taken with the camera turned to the right.
ORIENTATION, TURNED_RIGHT = 0x0112, 6
WEAR = Wear(blur_px=0.6, noise=4, least_quality=95, least_light=0.75, most_light=1.1)

# Each picture's name, seed, plates, and the range of their widths in pixels.
PICTURES: list[tuple[str, int, list[PlateText], tuple[int, int]]] = [
    ("one_line", 3, [PlateText("one-line", "", "123", "가", "4568")], (180, 220)),
    ("one_line_short", 12, [PlateText("one-line-short", "", "52", "루", "7194")], (110, 150)),
    ("one_line_region", 5, [PlateText("one-line-region", "서울", "32", "바", "6078")], (200, 240)),
    ("two_line", 14, [PlateText("two-line", "", "48", "너", "3015")], (110, 150)),
    ("two_line_region", 25, [PlateText("two-line-region", "경기", "71", "모", "9426")], (120, 160)),
    ("two_plates", 8, [PlateText("one-line", "", "36", "허", "2750"), PlateText("two-line-region", "부산", "80", "사", "1643")], (130, 190)),
    ("small", 33, [PlateText("one-line", "", "207", "조", "8831")], (90, 100)),
    ("turned", 41, [PlateText("one-line", "", "65", "더", "5902")], (170, 220)),
    ("no_plate", 50, [], (100, 200)),
]  # fmt: skip


def main() -> None:
    SAMPLES.mkdir(parents=True, exist_ok=True)
    for name, seed, plates, widths in PICTURES:
        scene = random_scene(np.random.default_rng(seed), SIZE, widths, plates, WEAR, max_tilt=15)
        assert len(scene.plates) == len(plates), f"{name}: not every plate finds a place"
        if name == "turned":
            exif = Image.Exif()
            exif[ORIENTATION] = TURNED_RIGHT
            scene.image.transpose(Image.Transpose.ROTATE_90).save(SAMPLES / f"{name}.jpg", quality=QUALITY, exif=exif)
        else:
            scene.image.save(SAMPLES / f"{name}.jpg", quality=QUALITY)
    (SAMPLES / "not_a_picture.jpg").write_text("This is no picture, whatever its name says.\n")


if __name__ == "__main__":
    main()
