"""How well encoder and head do on sentences that were written apart: accuracy and confusion matrix.

    python training/text_classification/evaluate.py
"""

import argparse
import json
from pathlib import Path

import torch
from embed import embed
from encoder import load_encoder
from head import FOLDER, HEAD
from wheel import model_folder
from wordpiece import WordPiece


def main() -> None:
    """Prints the accuracy, the confusion matrix and the sentences that went wrong."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--test", type=Path, default=FOLDER / "test-sentences.tsv", help="label, tab, sentence a line")
    parser.add_argument("--head", type=Path, default=HEAD)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    head = json.loads(arguments.head.read_text())
    labels, weight, bias = head["labels"], torch.tensor(head["weight"]), torch.tensor(head["bias"])
    rows = [line.split("\t", 1) for line in arguments.test.read_text(encoding="utf-8").splitlines() if line.strip()]
    texts = [text for _, text in rows]
    folder = model_folder()
    logits = embed(load_encoder(folder), WordPiece(folder / "vocab.txt"), texts) @ weight.T + bias
    scores = torch.softmax(logits, dim=1)
    confusion = torch.zeros(len(labels), len(labels), dtype=torch.int64)
    wrong = []
    for (label, text), row in zip(rows, scores):
        true, said = labels.index(label), int(row.argmax())
        confusion[true, said] += 1
        if said != true:
            wrong.append(f"{label} taken for {labels[said]} ({row[said]:.2f}): {text}")
    right = int(confusion.diagonal().sum())
    print(f"{right} of {len(rows)} right: accuracy {right / len(rows):.3f}")
    print("rows: what it is; columns: what it was taken for")
    print(" " * 10 + "".join(f"{label:>10}" for label in labels))
    for label, counts in zip(labels, confusion.tolist()):
        print(f"{label:>10}" + "".join(f"{count:>10}" for count in counts))
    print("\n".join(wrong))


if __name__ == "__main__":
    main()
