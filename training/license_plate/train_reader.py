"""Trains the reader on parts made by make_data.py."""

from pathlib import Path

import numpy as np
import torch
from torch.nn import functional

from paths import READER_WEIGHTS
from reader import Reader
from training import begin, read_arguments, set_up

BATCH = 32
PEAK_RATE = 3e-3
WEIGHT_DECAY = 1e-2
# The weight of the plate's shape beside the nine marks.
SHAPE_WEIGHT = 0.5
# Held out of the last part, to watch the training.
WATCH_EVERY = 200
WATCHED = 1000


def load(folder: Path) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """All parts that there are."""
    parts = [np.load(path) for path in sorted(folder.glob("reader-*.npz"), key=lambda p: int(p.stem.split("-")[1]))]
    return tuple(np.concatenate([part[name] for part in parts]) for name in ("pixels", "slots", "shapes"))


def batch_of(pixels: np.ndarray, rng: np.random.Generator) -> torch.Tensor:
    """Pictures as the reader takes them, each a little misplaced, in another light, with noise of its own."""
    count = len(pixels)
    gain = rng.uniform(0.8, 1.25, (count, 1, 1)).astype(np.float32)
    bias = rng.uniform(-20, 20, (count, 1, 1)).astype(np.float32)
    grain = rng.standard_normal(pixels.shape, np.float32) * rng.uniform(0, 3, (count, 1, 1)).astype(np.float32)
    moved = misplaced(torch.from_numpy(pixels.astype(np.float32)).unsqueeze(1), rng).squeeze(1).numpy()
    return as_input(np.clip((moved - 127.5) * gain + 127.5 + bias + grain, 0, 255))


def misplaced(pictures: torch.Tensor, rng: np.random.Generator) -> torch.Tensor:
    """Each seen through an affine map of its own, near the one that changes nothing; edge pixels repeated."""
    spread = np.array([[0.02, 0.02, 0.02], [0.05, 0.04, 0.05]])
    maps = np.eye(2, 3) + rng.standard_normal((len(pictures), 2, 3)) * spread
    grid = functional.affine_grid(torch.from_numpy(maps.astype(np.float32)), list(pictures.shape), align_corners=False)
    return functional.grid_sample(pictures, grid, padding_mode="border", align_corners=False)


def as_input(pixels: np.ndarray) -> torch.Tensor:
    """[N, 48, 144] of 0..255 to the reader's input."""
    values = torch.from_numpy(pixels.astype(np.float32)).sub_(127.5).div_(127.5).unsqueeze(1)
    return values.contiguous(memory_format=torch.channels_last)


@torch.no_grad()
def whole_plates(model: Reader, pixels: np.ndarray, slots: np.ndarray) -> float:
    """The share of plates whose every mark is right."""
    model.eval()
    right = [
        (model(as_input(pixels[i : i + 250]))[0].argmax(dim=2).numpy() == slots[i : i + 250]).all(axis=1)
        for i in range(0, len(pixels), 250)
    ]
    model.train()
    return float(np.concatenate(right).mean())


def main() -> None:
    args = read_arguments(__doc__, READER_WEIGHTS, (6000, "32 plates"), (22, PEAK_RATE))
    set_up(args.seed)
    rng = np.random.default_rng(args.seed)
    pixels, slots, shapes = load(args.data)
    used = len(pixels) - WATCHED
    model = Reader().to(memory_format=torch.channels_last)
    optimizer, schedule = begin(model, args, WEIGHT_DECAY)
    print(f"{used} plates, {sum(p.numel() for p in model.parameters())} weights", flush=True)
    order, total = rng.permutation(used), 0.0
    while schedule.next():
        if len(order) < BATCH:
            order = rng.permutation(used)
        chosen, order = np.sort(order[:BATCH]), order[BATCH:]
        characters, shape = model(batch_of(pixels[chosen], rng))
        wanted = torch.from_numpy(slots[chosen].astype(np.int64))
        loss = functional.cross_entropy(characters.flatten(0, 1), wanted.flatten())
        kinds = torch.from_numpy(shapes[chosen].astype(np.int64))
        loss = loss + SHAPE_WEIGHT / 9 * functional.cross_entropy(shape, kinds)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 5.0)
        optimizer.step()
        total += float(loss.detach())
        if schedule.step % WATCH_EVERY == 0:
            watched = whole_plates(model, pixels[used:], slots[used:])
            minutes = schedule.elapsed_minutes()
            print(f"step {schedule.step} loss {total / WATCH_EVERY:.4f} watched {watched:.3f} {minutes:.1f} min", flush=True)
            total = 0.0
            args.out.parent.mkdir(parents=True, exist_ok=True)
            torch.save(model.state_dict(), args.out)
    torch.save(model.state_dict(), args.out)
    watched = whole_plates(model, pixels[used:], slots[used:])
    print(f"done after {schedule.step} steps, {schedule.elapsed_minutes():.1f} min: watched {watched:.4f}")


if __name__ == "__main__":
    main()
