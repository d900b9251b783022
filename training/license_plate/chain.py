"""
The whole chain as the service runs it, written again with Pillow, numpy and onnxruntime: detector, corners, rectified
plates, reader. The tests' expected answers and the figures on held-out scenes come from it.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnxruntime
from PIL import Image, ImageOps

from alphabet import REGIONS, SHAPES, SYMBOLS, TOKENS
from geometry import homography, rectangle, widened
from sampling import luma, sample
from specs import DETECTOR_FILL, DETECTOR_SIZE, PLATE_MARGIN, READER_HEIGHT, READER_WIDTH

MIN_SCORE = 0.4
MAX_IOU = 0.3
MIN_SIDE_PX = 1
# What is read with less is no plate, or none that can be read.
MIN_CONFIDENCE = 0.1


@dataclass
class Found:
    """A plate in pixels of the upright picture."""

    box: np.ndarray
    corners: np.ndarray
    score: float


@dataclass
class Read:
    """What stands on a plate, and how sure that is."""

    shape: str
    tokens: list[str]
    confidences: list[float]

    @property
    def text(self) -> str:
        """All characters in order."""
        return "".join(self.tokens)

    @property
    def confidence(self) -> float:
        """How likely all of it is right."""
        return float(np.prod(self.confidences))


class Chain:
    """The two models of a folder like triton-models/."""

    def __init__(self, repository: Path) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        load = lambda name: onnxruntime.InferenceSession(  # noqa: E731
            str(repository / name / "1" / "model.onnx"), options, providers=["CPUExecutionProvider"]
        )
        self.detector, self.reader = load("plate_detector"), load("plate_reader")

    def detect(self, pixels: np.ndarray) -> list[Found]:
        """The plates of a picture [H, W, 3], largest box first."""
        batch, back = detector_input(pixels)
        scores, boxes, corners = self.detector.run(["scores", "boxes", "corners"], {"input": batch})
        likely = np.flatnonzero(scores[0] >= MIN_SCORE)
        likely = likely[np.argsort(-scores[0][likely], kind="stable")]
        kept: list[int] = []
        for place in likely:
            if all(iou(boxes[0][place], boxes[0][other]) <= MAX_IOU for other in kept):
                kept.append(int(place))
        found = []
        for place in kept:
            points = corners[0][place].reshape(4, 2).astype(float) * back
            box = boxes[0][place].astype(float) * np.tile(back, 2)
            height, width = pixels.shape[:2]
            is_large = (box[2:] - box[:2] >= MIN_SIDE_PX).all()
            if is_large and box[0] < width and box[1] < height and (box[2:] > 0).all():
                found.append(Found(box, points, float(scores[0][place])))
        return sorted(found, key=lambda plate: -np.prod(plate.box[2:] - plate.box[:2]))

    def read(self, pixels: np.ndarray, plates: list[np.ndarray]) -> list[Read]:
        """What stands on plates, given their corners."""
        if not plates:
            return []
        batch = np.stack([reader_input(pixels, corners) for corners in plates])
        characters, shapes = self.reader.run(["characters", "shape"], {"input": batch})
        return [decode(rows, shape) for rows, shape in zip(characters, shapes, strict=True)]

    def answer(self, pixels: np.ndarray) -> list[dict]:
        """What the service answers for a picture, unrounded."""
        found = self.detect(pixels)
        texts = self.read(pixels, [plate.corners for plate in found])
        pairs = [pair for pair in zip(found, texts, strict=True) if pair[1].confidence >= MIN_CONFIDENCE]
        return [to_answer(pixels, plate, text) for plate, text in pairs]


def open_upright(path: Path) -> np.ndarray:
    """A picture's pixels, [H, W, 3], its EXIF orientation applied."""
    return np.asarray(ImageOps.exif_transpose(Image.open(path)).convert("RGB"))


def detector_input(pixels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The picture letterboxed, [1, 3, 320, 320], and what takes its points back to the picture."""
    height, width = pixels.shape[:2]
    shrink = max(width, height) / DETECTOR_SIZE
    columns, rows = (max(1, int(np.rint(side / shrink))) for side in (width, height))
    back = np.array([width / columns, height / rows])
    box = np.full((DETECTOR_SIZE, DETECTOR_SIZE, 3), float(DETECTOR_FILL))
    box[:rows, :columns] = sample(pixels, np.diag([*back, 1.0]), columns, rows)
    return (box / 255).astype(np.float32).transpose(2, 0, 1)[None], back


def reader_input(pixels: np.ndarray, corners: np.ndarray) -> np.ndarray:
    """A plate rectified, [1, 48, 144]."""
    matrix = homography(rectangle(READER_WIDTH, READER_HEIGHT), widened(corners, PLATE_MARGIN))
    rectified = luma(sample(pixels, matrix, READER_WIDTH, READER_HEIGHT))
    return ((rectified - 127.5) / 127.5).astype(np.float32)[None]


def decode(rows: np.ndarray, shape: np.ndarray) -> Read:
    """Logits of the places to tokens; blanks count for the confidence only."""
    shares = np.exp(rows.astype(float) - rows.max(axis=1, keepdims=True))
    shares /= shares.sum(axis=1, keepdims=True)
    best = shares.argmax(axis=1)
    return Read(SHAPES[int(shape.argmax())], [TOKENS[i] for i in best], [float(s) for s in shares.max(axis=1)])


def to_answer(pixels: np.ndarray, plate: Found, read: Read) -> dict:
    """A plate in the words of the service."""
    height, width = pixels.shape[:2]
    pairs = [(token, share) for token, share in zip(read.tokens, read.confidences, strict=True) if token]
    a, b, c, d = plate.corners
    edges = [np.linalg.norm(b - a) + np.linalg.norm(c - d), np.linalg.norm(d - a) + np.linalg.norm(c - b)]
    at = max(i for i, (token, _) in enumerate(pairs) if token in SYMBOLS)
    return {
        "shape": read.shape,
        "box": np.clip(plate.box, 0, [width, height, width, height]).tolist(),
        "size": [float(edge) / 2 for edge in edges],
        "region": next((token for token, _ in pairs if token in REGIONS), ""),
        "symbol": pairs[at][0],
        "serial": "".join(token for token, _ in pairs[at + 1 :]),
        "text": read.text,
        "confidence": read.confidence,
        "characters": [{"char": char, "confidence": share} for token, share in pairs for char in token],
    }


def iou(a: np.ndarray, b: np.ndarray) -> float:
    """Intersection over union of two boxes."""
    sides = np.minimum(a[2:], b[2:]) - np.maximum(a[:2], b[:2])
    if (sides <= 0).any():
        return 0.0
    shared = float(np.prod(sides))
    return shared / float(np.prod(a[2:] - a[:2]) + np.prod(b[2:] - b[:2]) - shared)


