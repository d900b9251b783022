"""Drawn scenes: people with and without helmets before cluttered grounds, and where each head is.

A helmet that nobody wears, a ball or a lamp in a helmet's colour is clutter: what tells a worn helmet is the head below.
"""

from dataclasses import dataclass
from io import BytesIO

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from heads import HELMETS, draw_head, draw_helmet, pick, Pen, shade, vary

CLASSES = ("hat", "person")
"""As in the Safety Helmet Wearing Dataset: `hat` is a head in a helmet, `person` a head in none."""

HEAD_PX = (12, 200)
"""Heights of heads, where the scene is stretched to 640 px."""

INPUT_PX = 640
LEAST_VISIBLE = 0.4
"""A head of which less is to be seen is neither to be found nor an error."""

LEAST_SIDE_PX = 8
"""So is a head of which so little is to be seen, where the scene is stretched to 640 px."""

VESTS = [(255, 110, 30), (200, 235, 50), (250, 200, 30)]
SHIRTS = [(40, 60, 120), (70, 70, 75), (150, 150, 155), (120, 40, 40), (50, 90, 60), (230, 230, 230), (30, 30, 35),
          (120, 95, 60), (180, 120, 60), (90, 120, 170)]


@dataclass
class Scene:
    """A picture, the heads in it as rows of class, x1, y1, x2, y2 in its pixels, and boxes that count for nothing."""

    picture: Image.Image
    heads: np.ndarray
    ignored: np.ndarray


def draw_scene(rng, width, height):
    """A scene of that size."""
    picture = draw_ground(rng, width, height)
    owners = np.full((height, width), -1, dtype=np.int16)
    draw_clutter(rng, picture, owners, int(rng.integers(3, 16)))
    people = choose_people(rng, width, height)
    kinds, areas = [], []
    for head_px, x, y, wears in people:
        draw_body(rng, picture, owners, (x, y), head_px)
        head = draw_head(rng, head_px, wears)
        areas.append(paste(picture, owners, head, (x, y), len(kinds)))
        kinds.append(0 if wears else 1)
        if rng.random() < 0.1:
            draw_occluder(rng, picture, owners, (x, y), head_px)
    draw_clutter(rng, picture, owners, int(rng.integers(0, 4)), least=0.01)
    heads, ignored = find_heads(owners, kinds, areas)
    return Scene(finish(rng, picture), heads, ignored)


def choose_people(rng, width, height):
    """Height of the head, middle and whether a helmet is worn, the farthest first."""
    count = int(rng.choice([0, 1, 2, 3, 4, 6, 8, 11, 15], p=[0.04, 0.16, 0.17, 0.15, 0.14, 0.13, 0.1, 0.07, 0.04]))
    low, high = np.log(HEAD_PX[0]), np.log(HEAD_PX[1] if count <= 4 else 90)
    base = rng.uniform(low, high)
    share = rng.choice([0.0, 0.3, 0.5, 0.7, 1.0])
    people = []
    for _ in range(count):
        spread = rng.normal(0, 0.45)
        head_px = float(np.exp(np.clip(base + spread, low, np.log(HEAD_PX[1])))) * height / INPUT_PX
        x = rng.uniform(0.02, 0.98) * width
        y = float(np.clip(rng.normal(0.42, 0.2), 0.04, 0.95)) * height
        people.append((head_px, x, y, rng.random() < share))
    return sorted(people, key=lambda person: person[0])


def draw_ground(rng, width, height):
    """Sky and floor, rough all over."""
    top, bottom = rng.uniform(40, 245, 3), rng.uniform(30, 220, 3)
    ramp = np.linspace(0, 1, height, dtype=np.float32)[:, None, None]
    if rng.random() < 0.5:
        ramp = 1 / (1 + np.exp(-(ramp - rng.uniform(0.3, 0.8)) * rng.uniform(8, 60)))
    pixels = np.broadcast_to(top * (1 - ramp) + bottom * ramp, (height, width, 3)).astype(np.float32)
    for cells in (6, 28):
        rough = rng.normal(0, rng.uniform(2, 16), (cells, cells, 3)).astype(np.float32)
        rough = np.clip(rough + 128, 0, 255).astype(np.uint8)
        grown = Image.fromarray(rough).resize((width, height), Image.Resampling.BILINEAR)
        pixels = pixels + np.asarray(grown, dtype=np.float32) - 128
    return Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))


def draw_clutter(rng, picture, owners, count, least=0.02):
    """Walls, beams, panes, leaves, balls, lamps and the like."""
    width, height = picture.size
    for _ in range(count):
        draw = ImageDraw.Draw(picture)
        size = float(np.exp(rng.uniform(np.log(least), np.log(0.5)))) * height
        x, y = rng.uniform(0, width), rng.uniform(0, height)
        colour = vary(rng, pick(rng, HELMETS + SHIRTS), 30)
        CLUTTER[int(rng.integers(len(CLUTTER)))](rng, draw, (x, y, size), colour)
    if least < 0.02:
        return
    for _ in range(int(rng.integers(0, 4))):
        draw_loose_helmet(rng, picture, rng.uniform(14, 90) * height / INPUT_PX)


def draw_wall(rng, draw, place, colour):
    x, y, size = place
    w, h = size * rng.uniform(0.5, 3), size * rng.uniform(0.5, 2)
    draw.rectangle([x, y, x + w, y + h], fill=colour, outline=shade(colour, 0.6))
    step = max(4, size * rng.uniform(0.1, 0.35))
    line = shade(colour, rng.uniform(0.6, 0.9))
    for i in range(1, min(24, int(h / step))):
        draw.line([x, y + i * step, x + w, y + i * step], fill=line)
    for i in range(1, min(24, int(w / step))):
        draw.line([x + i * step, y, x + i * step, y + h], fill=line)


def draw_panes(rng, draw, place, colour):
    x, y, size = place
    side = max(4, size * 0.18)
    for row in range(3):
        for column in range(int(rng.integers(2, 6))):
            left, top = x + column * side * 1.5, y + row * side * 1.6
            draw.rectangle([left, top, left + side, top + side * 1.2], fill=shade(colour, rng.uniform(0.3, 1.6)))


def draw_beam(rng, draw, place, colour):
    x, y, size = place
    angle = rng.choice([0, np.pi / 2, rng.uniform(0, np.pi)])
    length, wide = size * rng.uniform(2, 8), max(1, size * rng.uniform(0.02, 0.15))
    dx, dy = np.cos(angle) * length / 2, np.sin(angle) * length / 2
    draw.line([x - dx, y - dy, x + dx, y + dy], fill=colour, width=round(wide))


def draw_ball(rng, draw, place, colour):
    x, y, size = place
    r = min(size, 90) * 0.5
    squash = rng.uniform(0.75, 1.1)
    draw.ellipse([x - r, y - r * squash, x + r, y + r * squash], fill=colour, outline=shade(colour, 0.7))
    kind = rng.random()
    if kind < 0.35:
        draw.chord([x - r, y - r * squash, x + r, y + r * squash], *sorted(rng.uniform(0, 360, 2)),
                   fill=vary(rng, pick(rng, HELMETS)))
    elif kind < 0.6:
        draw.ellipse([x - r * 0.5, y - r * 0.7, x, y - r * 0.3], fill=shade(colour, 1.4))
    elif kind < 0.75:
        draw.ellipse([x - r * 0.4, y - r * 0.4, x + r * 0.4, y + r * 0.4], fill=shade(colour, 0.4))


def draw_half_ball(rng, draw, place, colour):
    x, y, size = place
    r = min(size, 80) * 0.5
    draw.pieslice([x - r, y - r, x + r, y + r], 180, 360, fill=colour)
    if rng.random() < 0.6:
        draw.rectangle([x - r * 1.2, y - r * 0.1, x + r * 1.2, y], fill=shade(colour, 0.75))


def draw_leaves(rng, draw, place, colour):
    x, y, size = place
    green = vary(rng, (60, 110, 50), 25)
    for _ in range(int(rng.integers(8, 30))):
        dx, dy = rng.normal(0, size * 0.3, 2)
        r = size * rng.uniform(0.05, 0.16)
        draw.ellipse([x + dx - r, y + dy - r, x + dx + r, y + dy + r], fill=shade(green, rng.uniform(0.6, 1.4)))


def draw_cone(rng, draw, place, colour):
    x, y, size = place
    h = min(size, 160)
    draw.polygon([(x, y - h), (x - h * 0.35, y), (x + h * 0.35, y)], fill=vary(rng, (240, 100, 30)))
    draw.polygon([(x - h * 0.14, y - h * 0.6), (x + h * 0.14, y - h * 0.6), (x + h * 0.21, y - h * 0.4),
                  (x - h * 0.21, y - h * 0.4)], fill=(240, 240, 240))


def draw_sign(rng, draw, place, colour):
    x, y, size = place
    r = min(size, 120) * 0.4
    draw.line([x, y, x, y + r * 5], fill=(110, 110, 115), width=max(1, round(r * 0.2)))
    draw.regular_polygon((x, y, max(2, r)), int(rng.choice([3, 4, 6, 8])), rotation=int(rng.integers(0, 90)), fill=colour)
    draw.rectangle([x - r * 0.5, y - r * 0.1, x + r * 0.5, y + r * 0.1], fill=shade(colour, 0.5))


CLUTTER = (draw_wall, draw_wall, draw_panes, draw_beam, draw_beam, draw_ball, draw_ball, draw_half_ball, draw_leaves,
           draw_cone, draw_sign)


def draw_loose_helmet(rng, picture, size_px):
    """A helmet that lies or hangs somewhere, on no head."""
    px = max(24.0, min(2 * size_px, 120.0))
    side = int(2.4 * px)
    patch = Image.new("RGBA", (side, side), (0, 0, 0, 0))
    draw_helmet(Pen(ImageDraw.Draw(patch), px, side / 2), rng, 0.37, float(rng.uniform(-1, 1)), True)
    patch = patch.rotate(float(rng.normal(0, 25)), resample=Image.Resampling.BILINEAR)
    scale = size_px / px
    patch = patch.resize((max(3, round(side * scale)),) * 2, Image.Resampling.BOX)
    x, y = rng.uniform(0, picture.width), rng.uniform(0, picture.height)
    if rng.random() < 0.6:
        draw = ImageDraw.Draw(picture)
        draw.rectangle([x - size_px, y - size_px * 0.2, x + size_px, y + size_px * rng.uniform(0, 0.5)],
                       fill=vary(rng, pick(rng, SHIRTS), 25))
    picture.paste(patch, (round(x - patch.width / 2), round(y - patch.height / 2)), patch)


def draw_body(rng, picture, owners, middle, head_px):
    """Neck, shoulders, arms; with a vest more often than not."""
    x, y = middle
    px = max(24.0, min(head_px * 1.5, 100.0))
    wide, tall = int(4.4 * px), int(5.2 * px)
    patch = Image.new("RGBA", (wide, tall), (0, 0, 0, 0))
    draw = ImageDraw.Draw(patch)
    c = wide / 2
    shirt = vary(rng, pick(rng, SHIRTS), 22)
    half = rng.uniform(0.85, 1.15) * px
    draw.rectangle([c - 0.2 * px, 0, c + 0.2 * px, 0.5 * px], fill=vary(rng, (190, 140, 110), 30))
    hem = px * rng.uniform(3.2, 5)
    draw.rounded_rectangle([c - half, 0.28 * px, c + half, hem], radius=0.4 * px, fill=shirt)
    for side in (-1, 1):
        elbow = c + side * (half + px * rng.uniform(-0.1, 0.7))
        hand = c + side * px * rng.uniform(-0.2, 1.5)
        draw.line([(c + side * (half - 0.18 * px), 0.55 * px), (elbow, px * rng.uniform(1.2, 2)), (hand, px * rng.uniform(1, 3))],
                  fill=shade(shirt, 0.9), width=max(1, round(0.36 * px)), joint="curve")
    if rng.random() < 0.6:
        vest = vary(rng, pick(rng, VESTS), 14)
        draw.rounded_rectangle([c - half * 0.85, 0.3 * px, c + half * 0.85, min(hem, 2.9 * px)], radius=0.2 * px, fill=vest)
        draw.polygon([(c - 0.25 * px, 0.28 * px), (c + 0.25 * px, 0.28 * px), (c, 1.1 * px)], fill=shirt)
        stripe = (225, 225, 220)
        for at in (1.4, 2.1):
            draw.rectangle([c - half * 0.85, at * px, c + half * 0.85, (at + 0.16) * px], fill=stripe)
        for side in (-1, 1):
            at = c + side * half * 0.5
            draw.rectangle([at - 0.08 * px, 0.35 * px, at + 0.08 * px, 1.4 * px], fill=stripe)
    scale = head_px / px
    patch = patch.resize((max(2, round(wide * scale)), max(2, round(tall * scale))), Image.Resampling.BOX)
    paste(picture, owners, patch, (x + rng.normal(0, 0.08) * head_px, y + 0.42 * head_px + patch.height / 2), -1)


def draw_occluder(rng, picture, owners, middle, head_px):
    """Something before a head."""
    x, y = middle
    w, h = head_px * rng.uniform(0.3, 1.2), head_px * rng.uniform(0.3, 2)
    patch = Image.new("RGBA", (max(2, round(w)), max(2, round(h))), (*vary(rng, pick(rng, SHIRTS), 30), 255))
    paste(picture, owners, patch, (x + rng.uniform(-0.7, 0.7) * head_px, y + rng.uniform(-0.2, 1.2) * head_px), -1)


def paste(picture, owners, patch, middle, owner):
    """Puts a patch over the picture; whose each pixel is then, `owners` says. Returns the patch's area."""
    left, top = round(middle[0] - patch.width / 2), round(middle[1] - patch.height / 2)
    picture.paste(patch, (left, top), patch)
    opaque = np.asarray(patch.getchannel("A")) > 127
    y1, x1 = max(0, top), max(0, left)
    y2, x2 = min(picture.height, top + patch.height), min(picture.width, left + patch.width)
    if y2 > y1 and x2 > x1:
        owners[y1:y2, x1:x2][opaque[y1 - top : y2 - top, x1 - left : x2 - left]] = owner
    return int(opaque.sum())


def find_heads(owners, kinds, areas):
    """The box of what is to be seen of each head."""
    height, width = owners.shape
    heads, ignored = [], []
    for owner, (kind, area) in enumerate(zip(kinds, areas)):
        rows, columns = np.nonzero(owners == owner)
        if len(rows) == 0:
            continue
        x1, y1, x2, y2 = columns.min(), rows.min(), columns.max() + 1, rows.max() + 1
        least = min((x2 - x1) * INPUT_PX / width, (y2 - y1) * INPUT_PX / height)
        is_seen = len(rows) >= LEAST_VISIBLE * area and least >= LEAST_SIDE_PX
        (heads if is_seen else ignored).append((kind, x1, y1, x2, y2))
    as_rows = lambda found: np.asarray(found, dtype=np.float32).reshape(-1, 5)
    return as_rows(heads), as_rows(ignored)


def finish(rng, picture):
    """Light, blur, noise and JPEG, as of a camera."""
    if rng.random() < 0.5:
        picture = picture.filter(ImageFilter.GaussianBlur(float(rng.uniform(0.2, 1.3)) * picture.height / INPUT_PX))
    pixels = np.asarray(picture, dtype=np.float32)
    height, width = pixels.shape[:2]
    light = rng.uniform(0.55, 1.25) * (1 + rng.uniform(-0.3, 0.3) * np.linspace(-1, 1, width, dtype=np.float32))
    pixels = pixels * light[None, :, None] * rng.uniform(0.9, 1.1, 3).astype(np.float32) + rng.uniform(-15, 20)
    sigma = float(rng.choice([0, 2, 5, 10]))
    if sigma:
        pixels = pixels + (sigma * rng.standard_normal((height, width, 1), dtype=np.float32))
    noisy = Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))
    encoded = BytesIO()
    noisy.save(encoded, "JPEG", quality=int(rng.integers(45, 96)))
    return Image.open(encoded).convert("RGB")
