"""Trains the detector on parts made by make_data.py."""

from pathlib import Path

import numpy as np
import torch
from torch.nn import functional

from detector import Detector
from paths import DETECTOR_WEIGHTS
from specs import DETECTOR_FILL, DETECTOR_STRIDE
from training import begin, read_arguments, set_up

BATCH = 8
PEAK_RATE = 2e-3
WEIGHT_DECAY = 1e-2
CORNER_WEIGHT = 4.0
# Cells whose heat is above it are asked for corners.
CORNERS_ABOVE = 0.3
# Held out of the last part, to watch the training.
WATCH_EVERY = 200
WATCHED = 200


def load(folder: Path) -> tuple[np.ndarray, np.ndarray]:
    """All parts that there are."""
    parts = [np.load(path) for path in sorted(folder.glob("detector-*.npz"), key=lambda p: int(p.stem.split("-")[1]))]
    return tuple(np.concatenate([part[name] for part in parts]) for name in ("pixels", "corners"))


def batch_of(pixels: np.ndarray, corners: np.ndarray, rng: np.random.Generator) -> tuple[torch.Tensor, np.ndarray]:
    """Scenes as the detector takes them, some mirrored, shifted against the cells, paled, in another light, with bars."""
    values, points = np.empty(pixels.shape, np.float32), corners.copy()
    for i, scene in enumerate(pixels):
        if rng.random() < 0.5:
            scene = scene[:, ::-1]
            # The mirrored upper right corner is the upper left one.
            points[i] = (points[i] * [-1, 1] + [scene.shape[1], 0])[:, [1, 0, 3, 2]]
        dx, dy = rng.integers(-8, 9, 2)
        height, width = scene.shape[:2]
        scene = np.pad(scene, ((8, 8), (8, 8), (0, 0)), mode="edge")[8 - dy : 8 - dy + height, 8 - dx : 8 - dx + width]
        points[i] += [dx, dy]
        picture = scene.astype(np.float32)
        if rng.random() < 0.2:
            picture = np.repeat(picture.mean(axis=2, keepdims=True), 3, axis=2)
        picture = (picture - 128) * rng.uniform(0.75, 1.2) + 128 + rng.normal(0, 12) + rng.normal(0, 6, 3)
        values[i] = np.clip(picture, 0, 255)
        lay_bars(values[i], points[i], rng)
    rgb = torch.from_numpy(values / 255).permute(0, 3, 1, 2)
    return rgb.contiguous(memory_format=torch.channels_last), points


def lay_bars(picture: np.ndarray, corners: np.ndarray, rng: np.random.Generator) -> None:
    """Grey bars at the bottom or at the right, where no plate is, as beside letterboxed pictures."""
    for axis, share in ((1, 0.35), (0, 0.15)):
        side = picture.shape[1 - axis]
        known = corners[..., axis][~np.isnan(corners[..., axis])]
        free = int(np.ceil(known.max())) + 4 if known.size else side // 2
        if free < side and rng.random() < share:
            begin = int(rng.integers(free, side))
            if axis == 1:
                picture[begin:] = DETECTOR_FILL
            else:
                picture[:, begin:] = DETECTOR_FILL


def targets_of(points: np.ndarray, rows: int, columns: int) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """The heat map wanted, and for each cell the corners of its plate and that plate's height."""
    count = len(points)
    heat = np.zeros((count, rows, columns), np.float32)
    wanted = np.zeros((count, 4, 2, rows, columns), np.float32)
    heights = np.ones((count, rows, columns), np.float32)
    ys, xs = np.mgrid[0:rows, 0:columns] + 0.5
    for i, plates in enumerate(points):
        for plate in plates:
            if np.isnan(plate).any():
                continue
            x, y = plate.mean(axis=0) / DETECTOR_STRIDE
            if not (0 <= x < columns and 0 <= y < rows):
                continue
            across, down = plate[1] - plate[0], plate[3] - plate[0]
            width, height = np.linalg.norm(across), np.linalg.norm(down)
            # A bell as wide and high as the plate, along the plate's own axes; at its cell of the centre it is 1.
            cx, cy = np.floor(x) + 0.5, np.floor(y) + 0.5
            unit = across / max(width, 1e-6)
            along = (xs - cx) * unit[0] + (ys - cy) * unit[1]
            aside = -(xs - cx) * unit[1] + (ys - cy) * unit[0]
            spread_x, spread_y = max(0.35, width / DETECTOR_STRIDE / 8), max(0.35, height / DETECTOR_STRIDE / 5)
            bell = np.exp(-0.5 * ((along / spread_x) ** 2 + (aside / spread_y) ** 2)).astype(np.float32)
            here = bell > heat[i]
            heat[i][here] = bell[here]
            wanted[i][:, :, here] = plate[:, :, None]
            heights[i][here] = height
    return torch.from_numpy(heat), torch.from_numpy(wanted), torch.from_numpy(heights)


def loss_of(heat: torch.Tensor, corners: torch.Tensor, targets) -> tuple[torch.Tensor, torch.Tensor]:
    """The penalty-reduced focal loss of arXiv:1904.07850 (4.1), and the corners' distance in shares of plates' heights."""
    bell, wanted, heights = targets
    centres = bell > 0.999
    sure = functional.logsigmoid(heat)
    unsure = functional.logsigmoid(-heat)
    probability = heat.sigmoid()
    positive = ((1 - probability) ** 2 * sure)[centres].sum()
    negative = ((1 - bell) ** 4 * probability**2 * unsure)[~centres].sum()
    count = max(1, int(centres.sum()))
    weight = (bell * (bell > CORNERS_ABOVE))[:, None, None] / heights[:, None, None]
    distance = functional.smooth_l1_loss(corners, wanted, reduction="none", beta=0.5)
    return -(positive + negative) / count, (distance * weight).sum() / max(1.0, float(bell[bell > CORNERS_ABOVE].sum())) / 8


@torch.no_grad()
def watch(model: Detector, pixels: np.ndarray, corners: np.ndarray) -> str:
    """How many plates have a hot cell, how far its corners are off in shares of the height, and how many false ones."""
    model.eval()
    found, missed, false, errors = 0, 0, 0, []
    for i in range(0, len(pixels), 20):
        rgb = torch.from_numpy(pixels[i : i + 20].astype(np.float32) / 255).permute(0, 3, 1, 2)
        heat, points = model(rgb.contiguous(memory_format=torch.channels_last))
        scores = heat.sigmoid().numpy()
        for score, point, plates in zip(scores, points.numpy(), corners[i : i + 20], strict=True):
            hot = score > 0.4
            for plate in plates[~np.isnan(plates[:, 0, 0])]:
                x, y = (plate.mean(axis=0) / DETECTOR_STRIDE).astype(int)
                rows, columns = slice(max(0, y - 2), y + 3), slice(max(0, x - 2), x + 3)
                near = score[rows, columns]
                at = np.unravel_index(near.argmax(), near.shape)
                if near[at] > 0.4:
                    found += 1
                    guess = point[:, :, rows, columns][:, :, at[0], at[1]]
                    height = np.linalg.norm(plate[3] - plate[0])
                    errors.append(np.linalg.norm(guess - plate, axis=1).mean() / height)
                else:
                    missed += 1
                low, high = (plate.min(axis=0) / 8).astype(int), (plate.max(axis=0) / 8).astype(int) + 1
                hot[max(0, low[1]) : high[1], max(0, low[0]) : high[0]] = False
            false += int(hot.sum())
    model.train()
    quantiles = np.quantile(errors, [0.5, 0.9]) if errors else [np.nan, np.nan]
    return f"found {found} missed {missed} false cells {false} corners {quantiles[0]:.3f} (90 %: {quantiles[1]:.3f})"


def main() -> None:
    args = read_arguments(__doc__, DETECTOR_WEIGHTS, (5000, "8 scenes"), (20, PEAK_RATE))
    set_up(args.seed)
    rng = np.random.default_rng(args.seed)
    pixels, corners = load(args.data)
    used = len(pixels) - WATCHED
    model = Detector().to(memory_format=torch.channels_last)
    optimizer, schedule = begin(model, args, WEIGHT_DECAY)
    print(f"{used} scenes, {sum(p.numel() for p in model.parameters())} weights", flush=True)
    order, totals = rng.permutation(used), np.zeros(2)
    while schedule.next():
        if len(order) < BATCH:
            order = rng.permutation(used)
        chosen, order = np.sort(order[:BATCH]), order[BATCH:]
        rgb, points = batch_of(pixels[chosen], corners[chosen], rng)
        heat, found = model(rgb)
        on_heat, on_corners = loss_of(heat, found, targets_of(points, *heat.shape[1:]))
        optimizer.zero_grad(set_to_none=True)
        (on_heat + CORNER_WEIGHT * on_corners).backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 5.0)
        optimizer.step()
        totals += [float(on_heat.detach()), float(on_corners.detach())]
        if schedule.step % WATCH_EVERY == 0:
            minutes = schedule.elapsed_minutes()
            seen = watch(model, pixels[used:], corners[used:])
            print(f"step {schedule.step} loss {totals / WATCH_EVERY} {seen} {minutes:.1f} min", flush=True)
            totals[:] = 0
            args.out.parent.mkdir(parents=True, exist_ok=True)
            torch.save(model.state_dict(), args.out)
    torch.save(model.state_dict(), args.out)
    print(f"done after {schedule.step} steps, {schedule.elapsed_minutes():.1f} min: {watch(model, pixels[used:], corners[used:])}")


if __name__ == "__main__":
    main()
