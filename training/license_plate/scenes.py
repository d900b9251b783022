"""Scenes with plates: clutter, car-like shapes, signs that are no plates; light, blur, noise and JPEG's traces."""

import io
from dataclasses import dataclass, field
from functools import cache

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from alphabet import SYMBOLS
from fonts import FONTS, glyph
from geometry import homography, rectangle, tilted
from plates import PlateText, draw_plate, random_text

MAX_TILT_DEGREES = 20

# What is left in luma of noise that is independent in red, green and blue: the root of 0.299^2 + 0.587^2 + 0.114^2.
LUMA_OF_NOISE = 0.668

WORDS = ("주차금지", "정지", "출구", "입구", "천천히", "공사중", "STOP", "TAXI", "SALE", "EXIT", "P", "30", "OPEN 24", "02-555", "부동산", "약국")


@dataclass(frozen=True)
class Wear:
    """How much a picture is worn, at most; each picture draws its own amounts evenly from 0, quality from 100."""

    blur_px: float = 0.8
    noise: float = 8.0
    least_quality: int = 70
    least_light: float = 0.55
    most_light: float = 1.25


@dataclass
class Placed:
    """A plate in a scene: what stands on it, and its corners in pixels, the upper left one first, clockwise."""

    text: PlateText
    corners: np.ndarray

    @property
    def width_px(self) -> float:
        """The mean length of its upper and lower edge."""
        upper, lower = self.corners[1] - self.corners[0], self.corners[2] - self.corners[3]
        return float(np.linalg.norm(upper) + np.linalg.norm(lower)) / 2


@dataclass
class Scene:
    """A picture and the plates in it."""

    image: Image.Image
    plates: list[Placed] = field(default_factory=list)


def random_scene(
    rng: np.random.Generator,
    size: tuple[int, int],
    widths_px: tuple[float, float],
    plates: int | list[PlateText],
    wear: Wear = Wear(),
    max_tilt: float = MAX_TILT_DEGREES,
    evenly: bool = False,
) -> Scene:
    """
    A scene with so many plates at most, or with these: one that finds no free place is left out. All widths are equally likely when drawn
    `evenly`, all doublings of it otherwise.
    """
    scene = Scene(_ground(rng, size))
    for _ in range(int(rng.integers(1, 6))):
        _draw_clutter(scene.image, rng)
    taken: list[np.ndarray] = []
    sheets: list[Image.Image] = []
    for wanted in [None] * plates if isinstance(plates, int) else plates:
        text = wanted or random_text(rng)
        placed = _place(rng, size, widths_px, taken, max_tilt, evenly, text)
        if placed is not None:
            sheet, corners = placed
            taken.append(_hull(corners, 6))
            sheets.append(sheet)
            scene.plates.append(Placed(text, corners))
    # All cars come before all plates, so that none is hidden.
    for draw_around in (_draw_car, _surround):
        for placed in scene.plates:
            draw_around(scene.image, placed.corners, rng)
    for sheet, placed in zip(sheets, scene.plates, strict=True):
        paste_warped(scene.image, sheet, placed.corners)
    for _ in range(int(rng.integers(0, 4))):
        _draw_sign(scene.image, rng, taken)
    scene.image = worn(scene.image, rng, wear)
    return scene


def paste_warped(image: Image.Image, sheet: Image.Image, corners: np.ndarray) -> None:
    """Lays a sheet over a quadrilateral, averaging over the pixels that it loses."""
    edges = np.linalg.norm(corners - np.roll(corners, -1, axis=0), axis=1)
    fit = (max(8, round(1.15 * max(edges[0], edges[2]))), max(4, round(1.15 * max(edges[1], edges[3]))))
    if fit[0] < sheet.width:
        sheet = sheet.resize(fit, Image.BOX)
    left, top = np.floor(corners.min(axis=0)).astype(int) - 1
    right, bottom = np.ceil(corners.max(axis=0)).astype(int) + 1
    width, height = int(right - left), int(bottom - top)
    matrix = homography(corners - [left, top], rectangle(*sheet.size))
    # Drawn at twice the size and brought down, so that its edges are smooth.
    twice = (matrix @ np.diag([0.5, 0.5, 1])).ravel()
    mask = Image.new("L", (2 * width, 2 * height))
    ImageDraw.Draw(mask).polygon([tuple(2 * (c - [left, top])) for c in corners], fill=255)
    warped = sheet.transform(mask.size, Image.PERSPECTIVE, tuple(twice[:8] / twice[8]), Image.BILINEAR)
    image.paste(warped.reduce(2), (int(left), int(top)), mask.reduce(2))


def worn(image: Image.Image, rng: np.random.Generator, wear: Wear) -> Image.Image:
    """Light and shadow, blur, noise and compression, of a picture in RGB or grey."""
    light = rng.uniform(wear.least_light, wear.most_light)
    gamma = rng.uniform(0.85, 1.2)
    curve = np.clip(255 * light * (np.arange(256) / 255) ** gamma, 0, 255).astype(int).tolist()
    image = image.point(curve * len(image.getbands()))
    if rng.random() < 0.6:
        ends = rng.integers(0, 64, (1, 2), np.uint8)
        shadow = Image.fromarray(ends).resize(image.size, Image.BILINEAR)
        image.paste(0 if image.mode == "L" else (0, 0, 0), (0, 0), shadow)
    blur = rng.uniform(0, wear.blur_px)
    if blur > 0.1:
        image = image.filter(ImageFilter.GaussianBlur(blur))
    sigma = rng.uniform(0, wear.noise)
    if sigma > 0.5:
        image = _noisy(image, rng, sigma)
    quality = int(rng.integers(wear.least_quality, 101))
    if quality < 98:
        buffer = io.BytesIO()
        image.save(buffer, "JPEG", quality=quality)
        image = Image.open(buffer)
        image.load()
    return image


def _noisy(image: Image.Image, rng: np.random.Generator, sigma: float) -> Image.Image:
    """Normal noise of each channel; grey has that of the sum of three."""
    pixels = np.asarray(image)
    if image.mode == "L":
        sigma *= LUMA_OF_NOISE
    bank = _noise_bank()
    at = int(rng.integers(0, bank.size - pixels.size)) if pixels.size < bank.size else 0
    noise = np.resize(bank[at : at + pixels.size], pixels.shape) * np.float32(sigma)
    return Image.fromarray(np.clip(pixels + noise + np.float32(0.5), 0, 255).astype(np.uint8))


@cache
def _noise_bank() -> np.ndarray:
    """A million numbers of the normal distribution, of which each picture takes another stretch."""
    return np.random.default_rng(0).standard_normal(1 << 20, np.float32)


def tilted_corners(rng: np.random.Generator, sheet: Image.Image, width_px: float, max_tilt: float) -> np.ndarray:
    """The corners of a sheet about the origin, tilted at random in all three directions."""
    roll, yaw, pitch = rng.uniform(-max_tilt, max_tilt, 3)
    return tilted(width_px, width_px * sheet.height / sheet.width, roll, yaw, pitch)


def random_colour(rng: np.random.Generator) -> tuple[int, int, int]:
    """Mostly greyish, as most surfaces of a street are."""
    base = rng.uniform(20, 235)
    spread = rng.choice([6, 25, 70])
    return tuple(int(v) for v in np.clip(base + rng.normal(0, spread, 3), 0, 255))


def _place(rng, size, widths_px, taken, max_tilt, evenly, text):
    """A plate and a free place for it; `None` where there is none."""
    sheet = draw_plate(text, rng)
    for _ in range(12):
        width = rng.uniform(*widths_px) if evenly else float(np.exp(rng.uniform(*np.log(widths_px))))
        corners = tilted_corners(rng, sheet, width, max_tilt)
        low, high = corners.min(axis=0), corners.max(axis=0)
        room = np.array(size) - 4 - (high - low)
        if (room <= 0).any():
            continue
        corners = corners - low + 2 + rng.uniform(0, 1, 2) * room
        hull = _hull(corners, 6)
        if all(_is_apart(hull, other) for other in taken):
            return sheet, corners
    return None


def _ground(rng: np.random.Generator, size: tuple[int, int]) -> Image.Image:
    """Coarse and fine fields of colour."""
    pixels = np.zeros((size[1], size[0], 3), np.float32)
    for cells, strength in ((2, 80), (7, 40), (30, 16)):
        coarse = rng.uniform(-1, 1, (cells, cells + 1, 3)) * strength * rng.uniform(0.2, 1)
        grey = rng.uniform(0.3, 1)
        coarse = coarse * (1 - grey) + coarse.mean(axis=2, keepdims=True) * grey
        field_ = Image.fromarray(np.clip(128 + coarse, 0, 255).astype(np.uint8)).resize(size, Image.BILINEAR)
        pixels += np.asarray(field_, np.float32) - 128
    return Image.fromarray(np.clip(pixels + rng.uniform(50, 200), 0, 255).astype(np.uint8))


def _draw_clutter(image: Image.Image, rng: np.random.Generator) -> None:
    """Bars, boxes, discs, rows of windows, stripes."""
    draw = ImageDraw.Draw(image)
    width, height = image.size
    kind = rng.choice(["bars", "boxes", "discs", "windows", "stripes", "car"])
    colour = random_colour(rng)
    x, y = rng.uniform(-0.1, 0.9) * width, rng.uniform(-0.1, 0.9) * height
    w, h = rng.uniform(0.05, 0.6) * width, rng.uniform(0.05, 0.5) * height
    if kind == "bars":
        for _ in range(int(rng.integers(1, 8))):
            ends = rng.uniform(0, 1, 4) * [width, height, width, height]
            draw.line([tuple(ends[:2]), tuple(ends[2:])], random_colour(rng), int(rng.integers(1, 6)))
    elif kind == "boxes":
        for _ in range(int(rng.integers(1, 6))):
            bx, by = x + rng.uniform(0, w), y + rng.uniform(0, h)
            draw.rectangle((bx, by, bx + rng.uniform(4, w), by + rng.uniform(4, h)), random_colour(rng))
    elif kind == "discs":
        for _ in range(int(rng.integers(1, 6))):
            r, cx, cy = rng.uniform(3, 0.1 * width), x + rng.uniform(0, w), y + rng.uniform(0, h)
            draw.ellipse((cx - r, cy - r, cx + r, cy + r), random_colour(rng), random_colour(rng))
    elif kind == "windows":
        draw.rectangle((x, y, x + w, y + h), colour)
        step, pane = rng.uniform(6, 26), random_colour(rng)
        for px in np.arange(x + step / 3, x + w - step / 2, step):
            for py in np.arange(y + step / 3, y + h - step / 2, step * 1.3):
                draw.rectangle((px, py, px + step / 2, py + step * 0.8), pane)
    elif kind == "stripes":
        step = rng.uniform(3, 14)
        for py in np.arange(y, y + h, step):
            draw.rectangle((x, py, x + w, py + step * rng.uniform(0.3, 0.6)), colour)
    else:
        corners = rectangle(w * 0.3, w * 0.08) + [x + w / 2, y + h / 2]
        _draw_car(image, corners, rng)


def _draw_car(image: Image.Image, corners: np.ndarray, rng: np.random.Generator) -> None:
    """The rear or front of a car about a plate's place: body, window, lights, bumper. Some plates have none."""
    if rng.random() < 0.25:
        return
    draw = ImageDraw.Draw(image)
    across = (corners[1] - corners[0] + corners[2] - corners[3]) / 2
    centre, plate = corners.mean(axis=0), float(np.linalg.norm(across))
    across = across / max(plate, 1e-6)
    down = np.array([-across[1], across[0]])
    unit = plate * rng.uniform(0.8, 1.25)
    paint = random_colour(rng)

    def quad(x1, y1, x2, y2, taper=0.0):
        points = [(x1 + taper, y1), (x2 - taper, y1), (x2, y2), (x1, y2)]
        return [tuple(centre + unit * (px * across + py * down)) for px, py in points]

    lift = rng.uniform(-0.35, 0.25)
    draw.polygon(quad(-1.7, -0.9 + lift, 1.7, 0.75 + lift), paint)
    draw.polygon(quad(-1.45, -1.8 + lift, 1.45, -0.85 + lift, 0.25), tuple(int(v * 0.9) for v in paint))
    draw.polygon(quad(-1.25, -1.65 + lift, 1.25, -0.95 + lift, 0.2), random_colour(rng) if rng.random() < 0.3 else (38, 44, 52))
    lamp = [(176, 24, 26), (235, 235, 220), (200, 120, 30)][int(rng.integers(0, 3))]
    for side in (-1, 1):
        draw.polygon(quad(min(side * 1.65, side * 1.15), -0.6 + lift, max(side * 1.65, side * 1.15), -0.3 + lift), lamp)
    draw.polygon(quad(-1.75, 0.4 + lift, 1.75, 0.85 + lift), tuple(int(v * rng.uniform(0.3, 0.9)) for v in paint))
    for side in (-1, 1):
        draw.polygon(quad(side * 1.3 - 0.25, 0.85 + lift, side * 1.3 + 0.25, 1.15 + lift), (20, 20, 22))
    if rng.random() < 0.3:
        _write(image, str(rng.choice(["SONATA", "KIA", "H", "2.0", "EV6", "GDI"])), centre + unit * rng.uniform(-1.2, 0.6) * across - unit * 0.45 * down, plate * 0.09, rng)


def _surround(image: Image.Image, corners: np.ndarray, rng: np.random.Generator) -> None:
    """A holder or a shade round the plate, now and then."""
    if rng.random() < 0.35:
        grown = corners.mean(axis=0) + (corners - corners.mean(axis=0)) * rng.uniform(1.03, 1.15)
        ImageDraw.Draw(image).polygon([tuple(c) for c in grown], random_colour(rng))


def _draw_sign(image: Image.Image, rng: np.random.Generator, taken: list[np.ndarray]) -> None:
    """What a plate may be taken for: road and shop signs, stickers, bare boards."""
    words = rng.choice(WORDS) if rng.random() < 0.7 else "".join(rng.choice(SYMBOLS, int(rng.integers(1, 4))))
    width = image.width * rng.uniform(0.06, 0.35)
    board = Image.new("RGB", (200, int(rng.integers(40, 140))), random_colour(rng))
    ink = random_colour(rng)
    draw = ImageDraw.Draw(board)
    if rng.random() < 0.5:
        draw.rectangle((3, 3, board.width - 4, board.height - 4), outline=ink, width=int(rng.integers(1, 6)))
    if rng.random() < 0.75:
        mask = glyph(str(words), str(rng.choice(FONTS)))
        height = board.height * rng.uniform(0.3, 0.7)
        box = (int(min(board.width * 0.85, mask.width * height / mask.height)) + 1, int(height) + 1)
        at = ((board.width - box[0]) // 2, (board.height - box[1]) // 2)
        board.paste(ink, at, mask.resize(box, Image.BILINEAR))
    corners = tilted_corners(rng, board, width, MAX_TILT_DEGREES)
    low, high = corners.min(axis=0), corners.max(axis=0)
    room = np.array(image.size) - 4 - (high - low)
    if (room <= 0).any():
        return
    corners = corners - low + 2 + rng.uniform(0, 1, 2) * room
    if all(_is_apart(_hull(corners, 0), other) for other in taken):
        paste_warped(image, board, corners)


def _write(image: Image.Image, words: str, at: np.ndarray, height: float, rng: np.random.Generator) -> None:
    mask = glyph(words, FONTS[0])
    size = (max(1, int(mask.width * height / mask.height)), max(1, int(height)))
    image.paste(random_colour(rng), (int(at[0]), int(at[1])), mask.resize(size, Image.BILINEAR))


def _hull(corners: np.ndarray, margin: float) -> np.ndarray:
    return np.concatenate([corners.min(axis=0) - margin, corners.max(axis=0) + margin])


def _is_apart(a: np.ndarray, b: np.ndarray) -> bool:
    return bool(a[2] < b[0] or b[2] < a[0] or a[3] < b[1] or b[3] < a[1])
