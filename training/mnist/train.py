#!/usr/bin/env python3
"""Trains the classifier of handwritten digits and writes it as ONNX.

    python3 training/mnist/train.py

One thread, seeded: the same weights again on the same machine with the same versions.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import torch
import torch.nn.functional as functional

import digits
from augment import augment
from export import export
from network import DigitNet, normalised

BATCH = 64
PEAK_RATE = 4e-3
"""Of AdamW, on a one-cycle schedule."""
LABEL_SMOOTHING = 0.05

BLANKS = 2
"""Pictures without ink in each batch, that are to be no digit more than another: what explanations compare with."""


def as_tensors(part: digits.Digits) -> tuple[torch.Tensor, torch.Tensor]:
    """[N, 1, 28, 28] of 0..1, and labels."""
    return torch.from_numpy(part.pixels).float().div(255).unsqueeze(1), torch.from_numpy(part.labels)


def train(options: argparse.Namespace) -> DigitNet:
    """Trains on all digits but the held-out ones; the averaged weights of the steps are what counts."""
    torch.manual_seed(options.seed)
    random = torch.Generator().manual_seed(options.seed)
    pixels, labels = as_tensors(digits.split(digits.load())[0])
    network = DigitNet()
    averaged = torch.optim.swa_utils.AveragedModel(
        network, multi_avg_fn=torch.optim.swa_utils.get_ema_multi_avg_fn(0.998), use_buffers=True
    )
    steps = options.epochs * (len(pixels) // BATCH)
    optimiser = torch.optim.AdamW(network.parameters(), lr=PEAK_RATE, weight_decay=0.02)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, PEAK_RATE, total_steps=steps + 1, pct_start=0.15)
    started = time.monotonic()
    for epoch in range(options.epochs):
        network.train()
        order = torch.randperm(len(pixels), generator=random)
        total = 0.0
        for batch in order[: len(order) // BATCH * BATCH].split(BATCH):
            inputs = torch.cat([augment(pixels[batch], random), torch.zeros(BLANKS, *pixels.shape[1:])])
            targets = torch.cat([functional.one_hot(labels[batch], 10).float(), torch.full((BLANKS, 10), 0.1)])
            logits = network(normalised(inputs))
            loss = functional.cross_entropy(logits, targets, label_smoothing=LABEL_SMOOTHING)
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            schedule.step()
            averaged.update_parameters(network)
            total += loss.item()
        seconds = time.monotonic() - started
        print(f"epoch {epoch + 1}/{options.epochs}: loss {total / (len(order) // BATCH):.4f}, {seconds:.0f} s", flush=True)
    return averaged.module


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--epochs", type=int, default=36)
    parser.add_argument("--out", type=Path, default=digits.ROOT / "triton-models" / "mnist" / "1" / "model.onnx")
    options = parser.parse_args()
    torch.set_num_threads(1)
    export(train(options), options.out)


if __name__ == "__main__":
    main()
