"""Trains the head: which of four topics a sentence embedding is of.

Multinomial logistic regression, the whole set at once by L-BFGS, so that a run gives the same weights each time. How
much the weights are held back is chosen by tenfold cross-validation over the training sentences alone.

Beside the sentences stand blank texts, whose tokens are all hidden, with every label equally right: a text that says
nothing is to be of no topic, and what :explain counts a word's worth from is the score of a text without words.

    python training/text_classification/head.py
"""

import argparse
import json
from pathlib import Path

import torch
from embed import embed
from encoder import Encoder, load_encoder
from torch.nn import functional
from wheel import model_folder
from wordpiece import WordPiece

FOLDER = Path(__file__).resolve().parent
HEAD = FOLDER / "head.json"
# In the order of AG News, which text classifiers are mostly shown with; each has a file of its name in lower case.
LABELS = ["World", "Sports", "Business", "Sci-Tech"]
FOLDS = 10
BLANKS = 64
# What the blank texts together count, measured by all sentences together.
BLANK_SHARE = 0.05
DECAYS = [1e-6, 3e-6, 1e-5, 3e-5, 1e-4, 3e-4, 1e-3, 3e-3]
SEED = 7


def sentences(folder: Path) -> tuple[list[str], torch.Tensor]:
    """All training sentences and the numbers of their labels."""
    texts, labels = [], []
    for number, label in enumerate(LABELS):
        lines = (folder / f"{label.lower()}.txt").read_text(encoding="utf-8").splitlines()
        texts += [line.strip() for line in lines if line.strip()]
        labels += [number] * (len(texts) - len(labels))
    return texts, torch.tensor(labels)


@torch.no_grad()
def blank_texts(encoder: Encoder, tokenizer: WordPiece) -> torch.Tensor:
    """The embeddings of texts of 0 to 63 tokens that are all hidden: [CLS] and [SEP] alone are seen."""
    rows = []
    for hidden in range(BLANKS):
        ids = [tokenizer.ids["[CLS]"], *[tokenizer.ids["[PAD]"]] * hidden, tokenizer.ids["[SEP]"]]
        mask = [1, *[0] * hidden, 1]
        rows.append(encoder(torch.tensor([ids]), torch.tensor([mask])))
    return torch.cat(rows)


def fit(x: torch.Tensor, y: torch.Tensor, blanks: torch.Tensor, decay: float) -> tuple[torch.Tensor, torch.Tensor]:
    """Weight [C, D] and bias [C] with the least mean cross-entropy + decay / 2 · |weight|²."""
    x, blanks = x.double(), blanks.double()
    undecided = torch.full((len(blanks), len(LABELS)), 1 / len(LABELS), dtype=torch.float64)
    weight = torch.zeros(len(LABELS), x.shape[1], dtype=torch.float64, requires_grad=True)
    bias = torch.zeros(len(LABELS), dtype=torch.float64, requires_grad=True)
    search = {"max_iter": 500, "tolerance_grad": 1e-9, "tolerance_change": 1e-12, "line_search_fn": "strong_wolfe"}
    optimizer = torch.optim.LBFGS([weight, bias], **search)

    def loss() -> torch.Tensor:
        optimizer.zero_grad()
        of_blanks = functional.cross_entropy(blanks @ weight.T + bias, undecided)
        of_sentences = functional.cross_entropy(x @ weight.T + bias, y)
        value = of_sentences + BLANK_SHARE * of_blanks + decay / 2 * weight.square().sum()
        value.backward()
        return value

    optimizer.step(loss)
    return weight.detach(), bias.detach()


def cross_validate(x: torch.Tensor, y: torch.Tensor, blanks: torch.Tensor, decay: float) -> tuple[float, float]:
    """Accuracy and mean cross-entropy on folds that were not trained on."""
    fold = torch.arange(len(y))[torch.randperm(len(y), generator=torch.Generator().manual_seed(SEED))] % FOLDS
    right, loss = 0, 0.0
    for number in range(FOLDS):
        held = fold == number
        weight, bias = fit(x[~held], y[~held], blanks, decay)
        logits = x[held].double() @ weight.T + bias
        right += int((logits.argmax(1) == y[held]).sum())
        loss += float(functional.cross_entropy(logits, y[held], reduction="sum"))
    return right / len(y), loss / len(y)


def main() -> None:
    """Chooses the decay, trains on all sentences, writes the head."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sentences", type=Path, default=FOLDER / "sentences")
    parser.add_argument("--out", type=Path, default=HEAD)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    folder = model_folder()
    texts, y = sentences(arguments.sentences)
    encoder, tokenizer = load_encoder(folder), WordPiece(folder / "vocab.txt")
    x, blanks = embed(encoder, tokenizer, texts), blank_texts(encoder, tokenizer)
    print("sentences:", {label: int((y == number).sum()) for number, label in enumerate(LABELS)})
    found = {decay: cross_validate(x, y, blanks, decay) for decay in DECAYS}
    for decay, (accuracy, loss) in found.items():
        print(f"decay {decay:g}: accuracy {accuracy:.4f}, cross-entropy {loss:.4f} ({FOLDS} folds)")
    decay = min(found, key=lambda candidate: found[candidate][1])
    weight, bias = fit(x, y, blanks, decay)
    undecided = torch.softmax(blanks.double() @ weight.T + bias, dim=1)
    print(f"scores of blank texts: {float(undecided.min()):.3f} to {float(undecided.max()):.3f}")
    head = {"labels": LABELS, "weight": rounded(weight), "bias": rounded(bias)}
    arguments.out.write_text(json.dumps(head) + "\n")
    print(f"decay {decay:g} taken; {arguments.out.name} written")


def rounded(values: torch.Tensor) -> list:
    """Six digits behind the point: far finer than what changes an answer."""
    return torch.round(values, decimals=6).tolist()


if __name__ == "__main__":
    main()
