"""Drawn heads, bare or in a helmet, each on a transparent patch of its own.

Lengths are in heads: 1 is the distance from chin to crown. `Pen` turns them into pixels.
"""

from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

SKINS = [(255, 224, 196), (241, 194, 150), (224, 172, 105), (198, 134, 66), (141, 85, 36), (92, 56, 30), (60, 38, 24)]
HAIRS = [(20, 16, 14), (44, 30, 22), (79, 50, 30), (120, 80, 45), (190, 150, 90), (226, 200, 140), (150, 60, 30),
         (150, 150, 150), (225, 225, 222)]
HELMETS = [(250, 250, 248), (252, 210, 20), (250, 130, 20), (215, 35, 35), (30, 80, 190), (30, 140, 70), (240, 230, 90),
           (90, 170, 220), (120, 120, 125), (235, 90, 140), (35, 35, 40)]
CAPS = [(25, 25, 30), (40, 50, 80), (90, 30, 35), (60, 75, 55), (110, 100, 85), (150, 140, 120), (80, 80, 85)]

PATCH_HEADS = 2.4
"""A patch is so many heads wide and high, the head in its middle."""


@dataclass
class Pen:
    """Draws in lengths of a head, from the middle of the patch."""

    draw: ImageDraw.ImageDraw
    px: float
    middle: float

    def point(self, x, y):
        return (self.middle + x * self.px, self.middle + y * self.px)

    def box(self, x1, y1, x2, y2):
        left, right = sorted((x1, x2))
        top, bottom = sorted((y1, y2))
        return [*self.point(left, top), *self.point(right, bottom)]

    def ellipse(self, x, y, rx, ry, fill):
        self.draw.ellipse(self.box(x - rx, y - ry, x + rx, y + ry), fill=fill)

    def dome(self, x, y, rx, ry, fill):
        """The upper half of an ellipse."""
        self.draw.pieslice(self.box(x - rx, y - ry, x + rx, y + ry), 180, 360, fill=fill)

    def polygon(self, points, fill):
        self.draw.polygon([self.point(*p) for p in points], fill=fill)

    def line(self, points, fill, width):
        self.draw.line([self.point(*p) for p in points], fill=fill, width=max(1, round(width * self.px)))


def vary(rng, colour, amount=18):
    """The colour, each channel moved a little."""
    moved = np.clip(np.asarray(colour, dtype=float) + rng.normal(0, amount, 3), 0, 255)
    return tuple(int(v) for v in moved)


def shade(colour, factor):
    """The colour, darker below 1 and lighter above."""
    return tuple(int(min(255, v * factor)) for v in colour)


def pick(rng, colours):
    return colours[int(rng.integers(len(colours)))]


def draw_head(rng, height_px, wears_helmet):
    """
    A head of about `height_px` from chin to crown.
    Returns an RGBA patch whose opaque part is the head with all it wears, without neck.
    """
    px = max(28.0, min(2.0 * height_px, 150.0))
    side = int(round(PATCH_HEADS * px))
    patch = Image.new("RGBA", (side, side), (0, 0, 0, 0))
    pen = Pen(ImageDraw.Draw(patch), px, side / 2)
    width = rng.uniform(0.33, 0.41)
    skin = vary(rng, pick(rng, SKINS), 10)
    hair = vary(rng, pick(rng, HAIRS), 10)
    is_back = rng.random() < 0.22
    turn = 0.0 if is_back else float(rng.uniform(-1, 1))
    long_hair = rng.random() < 0.3
    if long_hair:
        pen.ellipse(0, 0.12, width * 1.22, rng.uniform(0.5, 0.72), hair)
    draw_skull(pen, rng, {"width": width, "skin": skin, "hair": hair, "is_back": is_back, "turn": turn})
    if not is_back:
        draw_face(pen, rng, {"width": width, "skin": skin, "hair": hair, "turn": turn})
    if wears_helmet:
        draw_helmet(pen, rng, width, turn, is_back)
    elif rng.random() < 0.22:
        draw_soft_hat(pen, rng, width, turn)
    else:
        draw_hair(pen, rng, width, hair, is_back)
    shaded = lit(patch, rng, shine=wears_helmet)
    angle = float(rng.normal(0, 9))
    squeeze = rng.uniform(0.92, 1.1)
    scale = height_px / px
    turned = shaded.rotate(angle, resample=Image.Resampling.BILINEAR)
    size = (max(3, round(side * scale * squeeze)), max(3, round(side * scale)))
    return turned.resize(size, Image.Resampling.BOX if scale < 0.8 else Image.Resampling.BILINEAR)


def draw_skull(pen, rng, head):
    width, skin, hair, turn = head["width"], head["skin"], head["hair"], head["turn"]
    ear = shade(skin, 0.88)
    for side in (-1, 1):
        if head["is_back"] or abs(turn) < 0.5 or side * turn < 0:
            pen.ellipse(side * width - 0.1 * turn, 0.06, 0.055, 0.11, ear)
    pen.ellipse(0, 0, width, 0.5, skin)
    pen.ellipse(0, 0.16, width * rng.uniform(0.78, 0.95), 0.36, skin)
    if head["is_back"]:
        pen.ellipse(0, -0.06, width, 0.46, skin if rng.random() < 0.12 else hair)


def draw_face(pen, rng, head):
    width, turn = head["width"], head["turn"]
    shift = turn * width * 0.5
    reach = 0.155 * (1 - 0.35 * abs(turn))
    dark = (25, 20, 18)
    if rng.random() < 0.25:
        beard = shade(head["hair"], rng.uniform(0.8, 1.1))
        pen.draw.chord(pen.box(-width * 0.88, -0.2, width * 0.88, 0.52), 15, 165, fill=beard)
    for side in (-1, 1):
        x = shift + side * reach
        if abs(x) > width * 0.92:
            continue
        pen.ellipse(x, -0.02, 0.05, 0.03, (245, 245, 240))
        pen.ellipse(x + 0.012 * turn, -0.02, 0.026, 0.028, dark)
        pen.line([(x - 0.07, -0.1), (x + 0.07, -0.1)], shade(head["hair"], 0.8), 0.028)
    nose = shade(head["skin"], 0.78)
    pen.line([(shift * 1.15, 0), (shift * 1.15 + 0.05 * np.sign(turn + 0.01), 0.13), (shift * 1.15, 0.15)], nose, 0.025)
    pen.line([(shift - 0.1, 0.27), (shift + 0.1, 0.27)], vary(rng, (150, 70, 65)), 0.035)
    kind = rng.random()
    if kind < 0.15:
        for side in (-1, 1):
            x = shift + side * reach
            pen.draw.rectangle(pen.box(x - 0.1, -0.08, x + 0.1, 0.05), outline=dark, width=max(1, int(0.02 * pen.px)))
    elif kind < 0.22:
        pen.draw.rectangle(pen.box(shift - 0.27, -0.09, shift + 0.27, 0.05), fill=vary(rng, (40, 40, 45)))
    elif kind < 0.3:
        mask = vary(rng, pick(rng, [(240, 240, 240), (150, 200, 225), (40, 40, 45)]))
        pen.polygon([(shift - 0.27, 0.06), (shift + 0.27, 0.06), (shift + 0.2, 0.4), (shift - 0.2, 0.4)], mask)


def draw_hair(pen, rng, width, hair, is_back):
    kind = rng.random()
    if kind < 0.12:
        return
    line = rng.uniform(-0.3, -0.14)
    pen.draw.chord(pen.box(-width * 1.06, -0.54, width * 1.06, 0.5), 180 + rng.uniform(8, 30), 360 - rng.uniform(8, 30),
                   fill=hair)
    if kind < 0.4:
        pen.polygon([(-width, line), (-width * 0.9, -0.42), (width * 0.9, -0.42), (width, line), (0.3 * width, line - 0.06)],
                    hair)
    elif kind < 0.6:
        for x in np.linspace(-width * 0.9, width * 0.9, 6):
            pen.ellipse(x, -0.36 - 0.12 * (1 - (x / width) ** 2) + rng.normal(0, 0.02), 0.13, 0.12, hair)
    elif kind < 0.7:
        pen.ellipse(rng.uniform(-0.1, 0.1), -0.56, 0.15, 0.13, hair)
    if rng.random() < 0.4:
        for side in (-1, 1):
            pen.draw.rectangle(pen.box(side * width * 1.02, -0.28, side * width * 0.86, rng.uniform(0, 0.2)), fill=hair)


def draw_soft_hat(pen, rng, width, turn):
    """What is worn and is no helmet."""
    kind = rng.random()
    cloth = vary(rng, pick(rng, CAPS))
    if kind < 0.4:
        pen.dome(0, -0.18, width * 1.04, 0.38, cloth)
        bill = np.sign(turn) or 1
        pen.polygon([(bill * 0.02, -0.24), (bill * width * 1.75, -0.2), (bill * width * 1.7, -0.13), (0, -0.16)],
                    shade(cloth, 0.8))
        pen.line([(0, -0.55), (0.12, -0.2)], shade(cloth, 0.7), 0.015)
    elif kind < 0.65:
        pen.dome(0, -0.12, width * 1.1, 0.47, cloth)
        for i in range(5):
            y = -0.16 - 0.07 * i
            pen.line([(-width * 0.95, y), (width * 0.95, y)], shade(cloth, 0.75 if i % 2 else 1.2), 0.025)
        pen.draw.rectangle(pen.box(-width * 1.1, -0.24, width * 1.1, -0.1), fill=shade(cloth, 1.25))
    elif kind < 0.82:
        straw = vary(rng, (200, 170, 110))
        pen.dome(0, -0.24, width * 0.95, 0.36, straw)
        pen.ellipse(0, -0.22, width * 2.0, 0.1, shade(straw, 0.85))
        pen.line([(-width * 0.9, -0.3), (width * 0.9, -0.3)], vary(rng, (70, 40, 30)), 0.06)
    else:
        pen.draw.chord(pen.box(-width * 1.2, -0.58, width * 1.2, 0.62), 140, 400, fill=cloth)
        pen.ellipse(turn * 0.08, 0.05, width * 0.72, 0.36, vary(rng, pick(rng, SKINS), 8))
        pen.line([(turn * 0.1 - 0.18, -0.02), (turn * 0.1 - 0.08, -0.02)], (30, 24, 22), 0.03)
        pen.line([(turn * 0.1 + 0.08, -0.02), (turn * 0.1 + 0.18, -0.02)], (30, 24, 22), 0.03)


def draw_helmet(pen, rng, width, turn, is_back):
    colour = vary(rng, pick(rng, HELMETS), 14)
    edge = shade(colour, rng.uniform(0.6, 0.85))
    rim = rng.uniform(-0.26, -0.14)
    wide = width * rng.uniform(1.12, 1.3)
    top = rng.uniform(0.4, 0.54)
    if rng.random() < 0.3 and not is_back:
        strap = shade((60, 60, 60), rng.uniform(0.4, 2.5))
        pen.line([(-wide * 0.8, rim), (-width * 0.75, 0.3), (0, 0.52), (width * 0.75, 0.3), (wide * 0.8, rim)], strap, 0.03)
    pen.dome(0, rim, wide, top, colour)
    kind = rng.random()
    if kind < 0.35:
        pen.ellipse(turn * 0.05, rim, wide * rng.uniform(1.15, 1.45), rng.uniform(0.05, 0.1), edge)
        pen.dome(0, rim - 0.01, wide * 0.98, top * 0.97, colour)
    elif kind < 0.8:
        pen.draw.rectangle(pen.box(-wide, rim - 0.03, wide, rim + 0.03), fill=edge)
        front = turn if abs(turn) > 0.25 else 0.0
        if front:
            end = np.sign(front) * wide * (1 + 0.45 * abs(front))
            pen.polygon([(0, rim - 0.05), (end, rim - 0.01), (end, rim + 0.045), (0, rim + 0.05)], edge)
        elif not is_back:
            pen.draw.chord(pen.box(-wide * 0.85, rim - 0.12, wide * 0.85, rim + 0.13), 0, 180, fill=edge)
    else:
        pen.draw.rectangle(pen.box(-wide, rim - 0.02, wide, rim + 0.1), fill=colour)
        pen.line([(-wide, rim + 0.1), (wide, rim + 0.1)], edge, 0.03)
    ridges = int(rng.integers(0, 4))
    for i in range(ridges):
        x = (i - (ridges - 1) / 2) * 0.16 + turn * 0.12
        pen.line([(x, rim - top * 0.96), (x * 1.5, rim - 0.06)], shade(colour, rng.choice([0.82, 1.15])), 0.035)
    if rng.random() < 0.3:
        pen.ellipse(turn * 0.15, rim - 0.18, 0.07, 0.06, vary(rng, pick(rng, HELMETS)))
    if rng.random() < 0.12:
        for side in (-1, 1):
            pen.ellipse(side * wide * 0.92, 0.08, 0.1, 0.17, vary(rng, (40, 40, 45), 30))


def lit(patch, rng, shine):
    """Light from a side, and a shine on what is smooth."""
    if shine and rng.random() < 0.7:
        spot = Image.new("L", patch.size, 0)
        side = patch.size[0]
        x, y = side * (0.5 + rng.uniform(-0.1, 0.1)), side * (0.5 - rng.uniform(0.17, 0.22))
        r = side * rng.uniform(0.02, 0.05)
        ImageDraw.Draw(spot).ellipse([x - r, y - r * 0.7, x + r, y + r * 0.7], fill=int(rng.uniform(90, 230)))
        spot = spot.filter(ImageFilter.BoxBlur(r * 0.4))
        alpha = patch.getchannel("A")
        patch = Image.composite(Image.new("RGBA", patch.size, (255, 255, 255, 255)), patch, spot)
        patch.putalpha(alpha)
    pixels = np.asarray(patch).astype(np.float32)
    side = pixels.shape[0]
    ramp = np.linspace(-1, 1, side, dtype=np.float32)
    light = 1 + rng.uniform(-0.45, 0.45) * ramp[None, :] - rng.uniform(0, 0.35) * ramp[:, None]
    pixels[..., :3] = np.clip(pixels[..., :3] * light[..., None], 0, 255)
    return Image.fromarray(pixels.astype(np.uint8), "RGBA")
