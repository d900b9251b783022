"""Trains the detector on drawn scenes: train.py --scenes A.npz B.npz --minutes 23 --out FOLDER

Runs on one thread. Ends by the clock, the learning rate falling along a cosine of the time; keeps the moving average of
the weights, which is what is exported.
"""

import argparse
import math
import time
from pathlib import Path

import numpy as np
import torch

from batches import batch_of
from loss import loss_of
from network import Detector
from render import load

PEAK_RATE = 2e-3
WARM_SHARE = 0.04

AVERAGE = 0.9985
"""The share of the old in the moving average of the weights; less at first, when there is little to keep."""


def train(given):
    torch.manual_seed(given.seed)
    torch.set_num_threads(1)
    rng = np.random.default_rng(given.seed)
    scenes = joined([load(path) for path in given.scenes])
    net = Detector().to(memory_format=torch.channels_last).train()
    if given.resume:
        net.load_state_dict(torch.load(given.resume, weights_only=True))
    average = torch.optim.swa_utils.AveragedModel(
        net, avg_fn=averaged, use_buffers=True)
    optimizer = torch.optim.AdamW(net.parameters(), lr=PEAK_RATE, weight_decay=0.02)
    started, step, losses = time.process_time(), 0, []
    folder = Path(given.out)
    folder.mkdir(parents=True, exist_ok=True)
    while (share := given.begin + (1 - given.begin) * (time.process_time() - started) / (60 * given.minutes)) < 1:
        for group in optimizer.param_groups:
            group["lr"] = PEAK_RATE * rate_at(share)
        # Towards the end on larger pieces, so that it has seen what lies at the edges of whole pictures.
        side_px = 320 if share < 0.85 else 480
        picks = rng.integers(len(scenes[0]), size=given.batch if side_px == 320 else given.batch // 2)
        pixels, targets = batch_of(scenes, picks, side_px, rng)
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=given.bfloat16):
            maps = net(pixels.contiguous(memory_format=torch.channels_last))
        loss = loss_of(maps, targets)
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(net.parameters(), 10.0)
        optimizer.step()
        average.update_parameters(net)
        losses.append(loss.item())
        step += 1
        if step % 100 == 0:
            print(f"{share:.3f} of the time, step {step}, loss {np.mean(losses[-100:]):.3f}", flush=True)
        if step % 200 == 0:
            torch.save(average.module.state_dict(), folder / "weights.pt")
    torch.save(average.module.state_dict(), folder / "weights.pt")
    print(f"{step} steps")


def averaged(old, new, count):
    """The next value of the moving average; counters are taken as they are."""
    return torch.lerp(old, new, 1 - min(AVERAGE, float((1 + count) / (10 + count)))) if old.is_floating_point() else new


def rate_at(share):
    if share < WARM_SHARE:
        return max(0.02, share / WARM_SHARE)
    return 0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * (share - WARM_SHARE) / (1 - WARM_SHARE)))


def joined(parts):
    return tuple([value for part in parts for value in part[column]] for column in range(3))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scenes", nargs="+", required=True)
    parser.add_argument("--minutes", type=float, default=23, help="processor time")
    parser.add_argument("--resume", help="weights to go on from")
    parser.add_argument("--begin", type=float, default=0.0, help="share of the schedule that lies behind those")
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--bfloat16", action="store_true", help="much faster where the processor has it")
    parser.add_argument("--out", required=True)
    train(parser.parse_args())
