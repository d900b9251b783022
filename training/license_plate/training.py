"""What both trainings share: their arguments, where they start from, the schedule, and a look at the clock."""

import argparse
import math
import time
from pathlib import Path

import torch

from paths import DATA


class Schedule:
    """
    A learning rate that warms up and falls along a cosine to 0, over so many steps or so many minutes,
    whichever are over first: on a machine that is slower than thought the training is shorter, but complete.
    """

    def __init__(self, optimizer: torch.optim.Optimizer, peak: float, steps: int, minutes: float) -> None:
        self.optimizer, self.peak, self.steps, self.minutes = optimizer, peak, steps, minutes
        self.step, self.started_at, self.progress = 0, time.monotonic(), 0.0

    def next(self) -> bool:
        """Sets the rate of the next step. Returns whether there is one."""
        elapsed = (time.monotonic() - self.started_at) / 60
        self.progress = max(self.progress, self.step / self.steps, elapsed / self.minutes)
        warm = min(1.0, self.progress / 0.03 + 0.02)
        rate = self.peak * warm * 0.5 * (1 + math.cos(math.pi * min(1.0, self.progress)))
        for group in self.optimizer.param_groups:
            group["lr"] = rate
        self.step += 1
        return self.progress < 1

    def elapsed_minutes(self) -> float:
        """Since the training began."""
        return (time.monotonic() - self.started_at) / 60


def set_up(seed: int) -> None:
    """One thread, seeded, deterministic where torch can be."""
    torch.set_num_threads(1)
    torch.manual_seed(seed)
    torch.use_deterministic_algorithms(True)
    # Nothing here reads memory before it is written.
    torch.utils.deterministic.fill_uninitialized_memory = False


def read_arguments(
    description: str | None, out: Path, steps: tuple[int, str], limits: tuple[float, float]
) -> argparse.Namespace:
    """
    The arguments of a training.

    :param steps: how many by default, and what each is of
    :param limits: minutes at most and the highest learning rate, by default
    """
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--out", type=Path, default=out)
    parser.add_argument("--steps", type=int, default=steps[0], help=f"of {steps[1]} each")
    parser.add_argument("--minutes", type=float, default=limits[0], help="at most")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--rate", type=float, default=limits[1], help="the highest learning rate")
    parser.add_argument("--start", type=Path, help="weights to begin with, instead of random ones")
    return parser.parse_args()


def begin(model: torch.nn.Module, args: argparse.Namespace, decay: float) -> tuple[torch.optim.Optimizer, Schedule]:
    """Puts the weights to begin with into a model, and makes its optimizer and schedule."""
    if args.start is not None:
        model.load_state_dict(torch.load(args.start, weights_only=True))
    optimizer = torch.optim.AdamW(model.parameters(), lr=args.rate, weight_decay=decay)
    return optimizer, Schedule(optimizer, args.rate, args.steps, args.minutes)
