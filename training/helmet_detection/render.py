"""Draws scenes ahead of the training and keeps them as JPEG with their boxes: render.py --count 2000 --seed 1 --out FILE.npz

Scene number i of a seed is always the same, so that several processes may share the work by their seeds.
"""

import argparse
from io import BytesIO

import numpy as np

from scenes import draw_scene

SIZES = [(640, 640), (640, 480), (640, 360), (480, 640), (576, 576), (640, 427)]


def render(seed, count):
    """JPEG bytes, boxes and ignored boxes of `count` scenes."""
    pictures, heads, ignored = [], [], []
    for index in range(count):
        rng = np.random.default_rng([seed, index])
        width, height = SIZES[int(rng.integers(len(SIZES)))]
        scene = draw_scene(rng, width, height)
        encoded = BytesIO()
        scene.picture.save(encoded, "JPEG", quality=88)
        pictures.append(np.frombuffer(encoded.getvalue(), dtype=np.uint8))
        heads.append(scene.heads)
        ignored.append(scene.ignored)
    return pictures, heads, ignored


def save(path, pictures, heads, ignored):
    """All in one file without pickles: the arrays end to end, and how long each is."""
    np.savez(path, pictures=np.concatenate(pictures), picture_lengths=[len(p) for p in pictures],
             heads=np.concatenate(heads), head_counts=[len(h) for h in heads],
             ignored=np.concatenate(ignored), ignored_counts=[len(i) for i in ignored])


def load(path):
    """What `save` wrote."""
    stored = np.load(path)

    def parts(values, lengths):
        return np.split(stored[values], np.cumsum(stored[lengths])[:-1])

    return (parts("pictures", "picture_lengths"), parts("heads", "head_counts"), parts("ignored", "ignored_counts"))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=1500)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--out", required=True)
    given = parser.parse_args()
    save(given.out, *render(given.seed, given.count))
