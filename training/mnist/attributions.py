"""Attributions of a digit's pixels that need only the predictor, to choose between: each asks about at most `rows` variants.

`score` takes [N, 28, 28] of 0..1, white on black, and gives the probability of the predicted digit of each.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

SIDE = 28
BLOCK = 2
INK = 0.1

Score = Callable[[np.ndarray], np.ndarray]
Attribution = Callable[[np.ndarray, Score, int, np.random.Generator], np.ndarray]


def by_chance(digit: np.ndarray, score: Score, rows: int, random: np.random.Generator) -> np.ndarray:
    """What every other one has to beat."""
    return random.random(digit.shape)


def brightness(digit: np.ndarray, score: Score, rows: int, random: np.random.Generator) -> np.ndarray:
    """The brightest pixels, whatever the model thinks of them."""
    return digit + 1e-6 * random.random(digit.shape)


def occlusion(digit: np.ndarray, score: Score, rows: int, random: np.random.Generator, window: int = 5) -> np.ndarray:
    """What is lost where a square is black (Zeiler and Fergus, ECCV 2014, arXiv:1311.2901), at every place."""
    places = [(y, x) for y in range(1 - window, SIDE) for x in range(1 - window, SIDE)]
    masks = np.ones((len(places), SIDE, SIDE))
    for mask, (y, x) in zip(masks, places):
        mask[max(0, y) : y + window, max(0, x) : x + window] = 0
    masks = masks[((1 - masks) * digit).sum((1, 2)) > 0][:rows]
    lost = score(digit[None])[0] - score(digit * masks)
    covered = 1 - masks
    return (covered * lost[:, None, None]).sum(0) / np.maximum(covered.sum(0), 1)


def rise(digit: np.ndarray, score: Score, rows: int, random: np.random.Generator, cells: int = 7) -> np.ndarray:
    """Petsiuk, Das and Saenko (BMVC 2018, arXiv:1806.07421): the mean of soft random masks, weighted by the score."""
    cell = SIDE // cells
    grid = (random.random((rows, cells + 1, cells + 1)) < 0.5).astype(float)
    at = np.clip((np.arange((cells + 1) * cell) + 0.5) / cell - 0.5, 0, cells)
    low = np.floor(at).astype(int)
    high = np.minimum(low + 1, cells)
    part = at - low
    tall = grid[:, low] * (1 - part)[None, :, None] + grid[:, high] * part[None, :, None]
    soft = tall[:, :, low] * (1 - part) + tall[:, :, high] * part
    shifts = random.integers(0, cell, (rows, 2))
    masks = np.stack([mask[y : y + SIDE, x : x + SIDE] for mask, (y, x) in zip(soft, shifts)])
    return (masks * score(digit * masks)[:, None, None]).mean(0) / masks.mean(0)


def kernel_shap(digit: np.ndarray, score: Score, rows: int, random: np.random.Generator) -> np.ndarray:
    """Lundberg and Lee (NeurIPS 2017, arXiv:1705.07874), over blocks with ink, each coalition with its complement."""
    blocks, count = _ink_blocks(digit)
    if count < 2:
        return digit.copy()
    sizes = np.arange(1, count)
    weights = 1 / (sizes * (count - sizes))
    half = np.zeros((rows // 2 - 1, count))
    for coalition, size in zip(half, random.choice(sizes, len(half), p=weights / weights.sum())):
        coalition[random.permutation(count)[:size]] = 1
    there = np.concatenate([half, 1 - half])
    whole, empty = score(np.stack([digit, digit * (blocks == count)]))
    gained = score(digit * _with_rest(there)[:, blocks]) - empty
    matrix = there.T @ there + np.eye(count)
    solved = np.linalg.solve(matrix, np.stack([there.T @ gained, np.ones(count)], 1))
    # All shares together are what the whole has more than the empty digit.
    excess = (solved[:, 0].sum() - (whole - empty)) / solved[:, 1].sum()
    return _spread(digit, blocks, solved[:, 0] - excess * solved[:, 1])


def permutations(digit: np.ndarray, score: Score, rows: int, random: np.random.Generator) -> np.ndarray:
    """Shapley values by orders of the blocks and the same backwards: what the service does."""
    blocks, count = _ink_blocks(digit)
    if count < 2:
        return digit.copy()
    pairs = (rows - 2) // (2 * (count - 1))
    orders = [order for _ in range(pairs) for order in (lambda one: (one, one[::-1]))(random.permutation(count))]
    there = np.zeros((len(orders), count + 1, count))
    for steps, order in zip(there, orders):
        steps[:, order] = np.tril(np.ones((count + 1, count)), -1)
    scores = score(digit * _with_rest(there.reshape(-1, count))[:, blocks]).reshape(len(orders), count + 1)
    shares = np.zeros(count)
    for order, row in zip(orders, scores):
        shares[order] += np.diff(row) / len(orders)
    return _spread(digit, blocks, shares)


METHODS: dict[str, Attribution] = {
    "random": by_chance,
    "brightest first": brightness,
    "occlusion": occlusion,
    "RISE": rise,
    "KernelSHAP": kernel_shap,
    "permutations": permutations,
}


def _ink_blocks(digit: np.ndarray) -> tuple[np.ndarray, int]:
    """[28, 28]: which block with ink each pixel belongs to; `count` where there is none."""
    tiles = digit.reshape(SIDE // BLOCK, BLOCK, SIDE // BLOCK, BLOCK).max((1, 3)) > INK
    count = int(tiles.sum())
    numbers = np.full(tiles.shape, count)
    numbers[tiles] = np.arange(count)
    return numbers.repeat(BLOCK, 0).repeat(BLOCK, 1), count


def _with_rest(there: np.ndarray) -> np.ndarray:
    """What is in no block always stays."""
    return np.concatenate([there, np.ones((len(there), 1))], 1)


def _spread(digit: np.ndarray, blocks: np.ndarray, shares: np.ndarray) -> np.ndarray:
    """Each block's share over its pixels as they are bright."""
    map_ = np.zeros(digit.shape)
    for block, share in enumerate(shares):
        light = digit * (blocks == block)
        map_ += share * light / light.sum()
    return map_
