"""One drawing: a figure over a ground, lit, partly covered, blurred and noisy."""

from __future__ import annotations

import io
import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageChops, ImageDraw, ImageFilter

from .airplane import draw_airplane
from .automobile import draw_automobile
from .bird import draw_bird
from .canvas import Canvas
from .cat import draw_cat
from .deer import draw_deer
from .dice import Dice
from .dog import draw_dog
from .frog import draw_frog
from .grounds import draw_ground
from .horse import draw_horse
from .ship import draw_ship
from .truck import draw_truck

#: In the order of the data set.
CLASSES: dict[str, Callable[[Canvas, Dice], None]] = {
    "airplane": draw_airplane,
    "automobile": draw_automobile,
    "bird": draw_bird,
    "cat": draw_cat,
    "deer": draw_deer,
    "dog": draw_dog,
    "frog": draw_frog,
    "horse": draw_horse,
    "ship": draw_ship,
    "truck": draw_truck,
}

#: The sides of drawings, in pixels: three to six times the 32 that the network sees.
SIDES = (96, 128, 160, 192)

#: How far figure and ground differ at least, in RGB: less, and a person would not find the figure either.
CONTRAST = 80.0


@dataclass(frozen=True)
class Drawing:
    """A picture and what it shows."""

    picture: Image.Image
    label: int
    #: Whether it is a pose, or has a ground, that training never sees.
    is_unseen_pose: bool
    is_unseen_ground: bool


def draw(seed: int, number: int, *, held_out: bool, side: int | None = None) -> Drawing:
    """The drawing of this number: the same on every call. Ten in a row show the ten classes."""
    name = f"{'held-out' if held_out else 'training'}/{seed}/{number}"
    dice = Dice(name, held_out)
    noise = np.random.default_rng([seed, number, int(held_out)])
    label = number % len(CLASSES)
    usual_side = dice.pick(SIDES)
    side = side or usual_side
    ground = draw_ground(dice, noise, side)
    is_unseen_ground, dice.picked_unseen = dice.picked_unseen, False
    figure = _figure(dice, side, list(CLASSES.values())[label])
    is_unseen_pose = dice.picked_unseen
    picture = _compose(dice, ground, figure)
    _cover(dice, picture, figure.getchannel("A"))
    return Drawing(_taken(dice, noise, picture), label, is_unseen_pose, is_unseen_ground)


def _figure(dice: Dice, side: int, draw_class: Callable[[Canvas, Dice], None]) -> Image.Image:
    """The figure alone, on a transparent layer: mirrored, turned, stretched, in its place."""
    scale = dice.span(0.72, 0.97) * side / 2
    turn = math.radians(dice.span(-18, 18))
    mirror = dice.sign()
    stretch = dice.span(0.85, 1.15)
    room = 0.5 - scale / side * 0.93
    centre = (side * (0.5 + dice.span(-1, 1) * max(room, 0.04)), side * (0.5 + dice.span(-1, 1) * max(room, 0.04)))
    lean = dice.span(-0.12, 0.12)
    turned = np.array([[math.cos(turn), -math.sin(turn)], [math.sin(turn), math.cos(turn)]])
    shaped = np.array([[mirror * stretch**0.5, lean], [0, stretch**-0.5]])
    canvas = Canvas(side, np.column_stack([scale * turned @ shaped, centre]))
    draw_class(canvas, dice)
    return canvas.layer


def _compose(dice: Dice, ground: Image.Image, figure: Image.Image) -> Image.Image:
    """The figure with shading on its ground, and at times a shadow or a contour."""
    mask = figure.getchannel("A")
    side = ground.width
    pixels = np.asarray(figure.convert("RGB"), np.float32)
    behind = _apart(dice, np.asarray(ground, np.float32), pixels, np.asarray(mask) > 0)
    ground = Image.fromarray(behind.astype(np.uint8))
    if dice.chance(0.5):
        axis = np.linspace(-0.5, 0.5, side, dtype=np.float32)
        turn, depth = dice.exact(0, 2 * math.pi), dice.span(0.1, 0.6)
        light = 1 + depth * (axis[None, :] * math.cos(turn) + axis[:, None] * math.sin(turn))
        pixels = np.clip(pixels * light[:, :, None], 0, 255)
    drawn = Image.fromarray(pixels.astype(np.uint8))
    if dice.chance(0.3):
        off = (round(side * dice.exact(-0.05, 0.05)), round(side * dice.exact(0.02, 0.06)))
        shadow = ImageChops.offset(mask, *off).filter(ImageFilter.BoxBlur(side * 0.015))
        ground = Image.composite(Image.new("RGB", ground.size), ground, shadow.point(lambda level: round(level * 0.45)))
    if dice.chance(0.25):
        contour = mask.filter(ImageFilter.MaxFilter(3 if side < 140 else 5))
        ground.paste(dice.pick(((15, 15, 15), (15, 15, 15), (240, 240, 240))), mask=contour)
    ground.paste(drawn, mask=mask)
    return ground


def _apart(dice: Dice, ground: np.ndarray, figure: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """The ground, made darker or lighter where the figure would be lost in it."""
    if not mask.any():
        return ground
    own, behind = figure[mask].mean(axis=0), ground[mask].mean(axis=0)
    missing = CONTRAST - float(np.linalg.norm(own - behind))
    if missing <= 0:
        return ground
    room_above, room_below = 255 - behind.mean(), behind.mean()
    lighter = behind.mean() >= own.mean() if min(room_above, room_below) > CONTRAST else room_above > room_below
    step = CONTRAST + dice.exact(0, 30)
    moved = ground + step if lighter else ground - step
    return np.clip(moved, 0, 255)


def _cover(dice: Dice, picture: Image.Image, mask: Image.Image) -> None:
    """At times something stands before the figure: a post, a leaf, blades of grass, a corner."""
    if not dice.chance(0.25):
        return
    side = picture.width
    draw = ImageDraw.Draw(picture)
    colour = dice.any_colour()
    kind = dice.pick(("post", "leaf", "blades", "corner"))
    left, top, right, bottom = mask.getbbox() or (0, 0, side, side)
    if kind == "post":
        x, wide = dice.exact(left, right), side * dice.span(0.03, 0.07)
        draw.polygon([(x, 0), (x + wide, 0), (x + wide + side * dice.exact(-0.1, 0.1), side), (x, side)], fill=colour)
    elif kind == "leaf":
        x, y, size = dice.exact(left, right), dice.exact(top, bottom), side * dice.span(0.06, 0.13)
        draw.ellipse((x - size, y - size * 0.7, x + size, y + size * 0.7), fill=colour)
    elif kind == "blades":
        for _ in range(dice.count(8, 16)):
            x, high = dice.exact(0, side), side * dice.span(0.08, 0.25)
            draw.line(
                (x, side, x + dice.exact(-0.1, 0.1) * side, side - high),
                fill=dice.near(colour, 25),
                width=max(1, side // 48),
            )
    else:
        size = side * dice.span(0.15, 0.28)
        x, y = dice.pick(((0, 0), (side, 0), (0, side), (side, side)))
        draw.ellipse((x - size, y - size, x + size, y + size), fill=colour)


def _taken(dice: Dice, noise: np.random.Generator, picture: Image.Image) -> Image.Image:
    """As a camera might have it: out of focus, too dark, tinted, noisy, compressed."""
    side = picture.width
    if dice.chance(0.4):
        picture = picture.filter(ImageFilter.GaussianBlur(side / 32 * dice.span(0.1, 0.5)))
    pixels = np.asarray(picture, np.float32)
    if dice.chance(0.6):
        tint = np.float32([dice.span(0.88, 1.12) for _ in range(3)])
        gain = dice.span(0.75, 1.25)
        pixels = (pixels - 128) * dice.span(0.75, 1.2) + 128 * gain
        pixels = pixels * tint
    if dice.chance(0.5):
        pixels = pixels + noise.normal(0, 1, pixels.shape).astype(np.float32) * dice.span(2, 20)
    picture = Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))
    if dice.chance(0.2):
        compressed = io.BytesIO()
        picture.save(compressed, "JPEG", quality=dice.count(30, 90))
        picture = Image.open(compressed).convert("RGB")
    return picture
