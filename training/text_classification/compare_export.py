"""Compares the ONNX file with PyTorch: batches of texts of unequal lengths, logits and embeddings.

    npm run models -- text_classification
    python training/text_classification/compare_export.py
"""

import argparse
import json
import random
from pathlib import Path

import numpy as np
import onnxruntime
import torch
from embed import padded
from encoder import load_encoder
from head import FOLDER, HEAD, sentences
from wheel import PROJECT, model_folder
from wordpiece import WordPiece

MODEL = PROJECT / "triton-models" / "text_classification" / "1" / "model.onnx"
TOLERANCE = 1e-4
BATCHES = 20
MAX_BATCH = 8
SEED = 11


def batches(tokenizer: WordPiece) -> list[list[list[int]]]:
    """Token ids: sentences, and texts of up to 256 tokens made of several, 1 to 8 a batch in no order."""
    texts, _ = sentences(FOLDER / "sentences")
    chance = random.Random(SEED)
    text = lambda: " ".join(chance.sample(texts, chance.choice([1, 1, 1, 2, 5, 20])))
    made = [[tokenizer.encode(text(), 256) for _ in range(chance.randint(1, MAX_BATCH))] for _ in range(BATCHES)]
    return [[tokenizer.encode("", 256)], [tokenizer.encode("", 256), tokenizer.encode(" ".join(texts[:40]), 256)], *made]


def main() -> None:
    """Prints the largest differences; fails when one is above the tolerance."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=Path, default=MODEL)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(arguments.model, options, providers=["CPUExecutionProvider"])
    folder = model_folder()
    encoder, tokenizer = load_encoder(folder), WordPiece(folder / "vocab.txt")
    head = json.loads(HEAD.read_text())
    weight, bias = torch.tensor(head["weight"]), torch.tensor(head["bias"])
    largest = {"logits": 0.0, "sentence_embedding": 0.0}
    count, shortest, longest = 0, 256, 0
    for encoded in batches(tokenizer):
        ids, mask = padded(encoded)
        with torch.no_grad():
            embedding = encoder(ids, mask)
        expected = {"logits": embedding @ weight.T + bias, "sentence_embedding": embedding}
        inputs = {"input_ids": ids.numpy(), "attention_mask": mask.numpy()}
        for name, answer in zip(largest, session.run(list(largest), inputs)):
            largest[name] = max(largest[name], float(np.abs(answer - expected[name].numpy()).max()))
        lengths = [len(tokens) for tokens in encoded]
        count, shortest, longest = count + len(encoded), min(shortest, *lengths, 256), max(longest, *lengths, 0)
    print(f"{count} texts of {shortest} to {longest} tokens in {BATCHES + 2} batches")
    for name, difference in largest.items():
        print(f"{name}: largest difference {difference:.2e}")
    if max(largest.values()) > TOLERANCE:
        raise SystemExit(f"more than {TOLERANCE}")


if __name__ == "__main__":
    main()
