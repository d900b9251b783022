"""What both trainings share: the schedule, and a look at the clock."""

import math
import time

import torch


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
