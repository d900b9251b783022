"""The font that plates are drawn with: NanumGothic (NAVER, SIL Open Font License 1.1), out of a wheel of PyPI.

The font is not kept in this repository: the wheel is fetched by pip and checked.
"""

import hashlib
import subprocess
import sys
import zipfile
from functools import cache
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from paths import CACHE

PACKAGE = "koreanize-matplotlib==0.1.1"
WHEEL = "koreanize_matplotlib-0.1.1-py3-none-any.whl"
WHEEL_SHA256 = "4f563db1a75d9eb6bdb667a435adf8a5daf7e41504486f1b0fb1c20e4bfed4ca"
FONTS = ("NanumGothicBold.ttf", "NanumGothicExtraBold.ttf", "NanumGothic.ttf")

FOLDER = CACHE / "fonts"

GLYPH_PX = 96


def font_file(name: str) -> Path:
    """Where a font lies, after fetching it the first time."""
    path = FOLDER / name
    if not path.exists():
        FOLDER.mkdir(parents=True, exist_ok=True)
        pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", str(FOLDER), PACKAGE]
        subprocess.run(pip, check=True)
        wheel = FOLDER / WHEEL
        found = hashlib.sha256(wheel.read_bytes()).hexdigest()
        if found != WHEEL_SHA256:
            raise SystemExit(f"{wheel.name} has the checksum {found}, expected {WHEEL_SHA256}")
        with zipfile.ZipFile(wheel) as archive:
            for font in FONTS:
                (FOLDER / font).write_bytes(archive.read(f"koreanize_matplotlib/fonts/{font}"))
    return path


@cache
def glyph(text: str, font: str) -> Image.Image:
    """The mask of a character or a word, cut to its ink."""
    face = _face(font)
    left, top, right, bottom = face.getbbox(text)
    mask = Image.new("L", (right - left, bottom - top))
    ImageDraw.Draw(mask).text((-left, -top), text, fill=255, font=face)
    return mask


@cache
def _face(font: str) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(font_file(font)), GLYPH_PX)
