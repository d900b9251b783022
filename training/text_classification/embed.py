"""Sentences to embeddings, in batches of like length."""

from collections.abc import Sequence

import torch
from encoder import Encoder
from wordpiece import WordPiece

MAX_TOKENS = 256


def padded(encoded: Sequence[Sequence[int]]) -> tuple[torch.Tensor, torch.Tensor]:
    """Token ids, padded with 0 to the longest, and the mask; both int64 [B, L]."""
    length = max(len(ids) for ids in encoded)
    ids = torch.zeros(len(encoded), length, dtype=torch.int64)
    mask = torch.zeros_like(ids)
    for row, sequence in enumerate(encoded):
        ids[row, : len(sequence)] = torch.tensor(sequence)
        mask[row, : len(sequence)] = 1
    return ids, mask


@torch.no_grad()
def embed(encoder: Encoder, tokenizer: WordPiece, texts: Sequence[str], batch: int = 32) -> torch.Tensor:
    """float32 [N, width], in the texts' order."""
    encoded = [tokenizer.encode(text, MAX_TOKENS) for text in texts]
    order = sorted(range(len(texts)), key=lambda index: len(encoded[index]))
    rows = torch.empty(len(texts), encoder.words.weight.shape[1])
    for begin in range(0, len(order), batch):
        part = order[begin : begin + batch]
        rows[part] = encoder(*padded([encoded[index] for index in part]))
    return rows
