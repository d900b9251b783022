#!/usr/bin/env python3
"""Trains the classifier on prepared drawings, on one thread of a CPU.

npm run train -- cifar10
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import torch
from torch import nn
from torch.optim.swa_utils import AveragedModel

from network import Classifier
from samples import load, normalised, varied

CACHE = Path(__file__).resolve().parents[2] / ".cache" / "cifar10"
BATCH = 128
#: Of the training drawings, so many are kept back to see how it goes; nothing is chosen by them.
WATCHED = 2_000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--out", type=Path, default=CACHE / "classifier.pt", help="takes the averaged weights, after each epoch"
    )
    parser.add_argument("--drawings", type=Path, nargs="+", default=sorted(CACHE.glob("training-*.npz")))
    parser.add_argument("--epochs", type=int, default=14, help="that the learning rate's cycle is laid out for")
    parser.add_argument("--end-after", type=int, default=11, help="so many of these epochs")
    parser.add_argument("--minutes", type=float, default=25, help="of processor time, after which it ends early")
    parser.add_argument("--rate", type=float, default=4e-3, help="the highest learning rate")
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()

    torch.set_num_threads(1)
    torch.manual_seed(args.seed)
    torch.use_deterministic_algorithms(True)
    pixels, labels = load(args.drawings)
    watched, pixels = (pixels[:WATCHED], labels[:WATCHED]), pixels[WATCHED:]
    labels = labels[WATCHED:]

    network = Classifier().to(memory_format=torch.channels_last)
    averaged = AveragedModel(network, avg_fn=average, use_buffers=True)
    optimizer = torch.optim.AdamW(network.parameters(), weight_decay=0.02)
    steps = len(pixels) // BATCH
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, args.rate, total_steps=args.epochs * steps, pct_start=0.2)
    loss_of = nn.CrossEntropyLoss(label_smoothing=0.05)

    for epoch in range(min(args.epochs, args.end_after)):
        network.train()
        total = 0.0
        for chosen in torch.randperm(len(pixels))[: steps * BATCH].view(steps, BATCH):
            loss = loss_of(network(varied(pixels[chosen])), labels[chosen])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
            averaged.update_parameters(network)
            total += loss.item()
            if time.process_time() > args.minutes * 60:
                break
        args.out.parent.mkdir(parents=True, exist_ok=True)
        torch.save(averaged.module.state_dict(), args.out)
        minutes = time.process_time() / 60
        print(
            f"epoch {epoch + 1}: loss {total / steps:.4f}, watched {accuracy(averaged.module, *watched):.4f}, "
            f"{minutes:.1f} minutes",
            flush=True,
        )
        if minutes > args.minutes:
            print("ended early: the time is over", flush=True)
            break


def average(kept: torch.Tensor, new: torch.Tensor, count: torch.Tensor) -> torch.Tensor:
    """A moving average over the last 500 steps, and over a fifth of the steps where these are fewer."""
    return kept + (new - kept) * max(1 / 500, 5 / (int(count) + 5))


def accuracy(network: nn.Module, pixels: torch.Tensor, labels: torch.Tensor) -> float:
    """The share of pictures whose class is told rightly."""
    network.eval()
    with torch.inference_mode():
        told = torch.cat([network(normalised(part)).argmax(1) for part in pixels.split(500)])
    return (told == labels).float().mean().item()


if __name__ == "__main__":
    main()
