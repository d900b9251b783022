"""Writes what the service must answer, for the tests: made here by our own WordPiece, PyTorch and numpy.

    python training/text_classification/make_golden.py

`tokens`: texts and their ids by the vocabulary of BERT uncased. `tiny`: texts and the scores of the tests' tiny model,
with the exact Shapley values of their words. `minilm`: texts and the logits of the real model by PyTorch.
"""

import itertools
import json
import math

import numpy as np
import torch
from embed import embed
from encoder import load_encoder
from head import FOLDER, HEAD, sentences
from wheel import PROJECT, model_folder
from wordpiece import WordPiece, words

FIXTURES = PROJECT / "test" / "fixtures" / "text"
MAX_TOKENS = 256
TINY_SCALE = 12

TOKENISED = [
    "Bloomberg has decided to publish a new report on the global economy.",
    "don't stop-it's 3.14% (U.S.) e.g. $5,000",
    "Café déjà vu naïve ÅNGSTRÖM İstanbul straße",
    "東京 2020 オリンピック、中文字符",
    "한국어 문장",
    "Привет, мир! Ωμέγα हिन्दी ภาษาไทย عربى",
    "👩‍👩‍👧‍👦 family 🇫🇷 flags",
    "\u200bzero\u200bwidth\ufeffmarks\u00ad",
    "x\u0301y a≠b ½ ﬁ ² ßẞ",
    "tabs\tand\nlines\r\nand\u00a0spaces\u3000wide",
    "…—–‘quotes’“and”`^~|<>=+$",
    "",
    "   ",
    "a" * 100,
    "a" * 101,
    "q" * 99 + "!" + "z" * 40,
    "supercalifragilisticexpialidocious antidisestablishmentarianism",
    "https://example.org/a_b?c=d&e=%20#f user@example.org",
    "word " * 300,
]
TINY = [
    "The goalkeepers won!",
    "Bank profits fell, and shares fell.",
    "a vote of war",
    "robots",
    "東京 robots",
    "zzz",
    "",
    "the team and the president won a goal, a vote and a war.",
]


def tiny_scores(tokens: list[int], shown: np.ndarray, votes: np.ndarray) -> np.ndarray:
    """Scores of the tiny model, of the tokens that are shown."""
    logits = TINY_SCALE * (votes[tokens] * shown[:, None]).sum(0) / shown.sum()
    powers = np.exp(logits - logits.max())
    return powers / powers.sum()


def shapley(value, players: int) -> list[float]:
    """The definition: the mean over all orders of what a player adds (Shapley 1953)."""
    everybody = range(players)
    result = []
    for player in everybody:
        others = [other for other in everybody if other != player]
        total = 0.0
        for size in range(players):
            weight = math.factorial(size) * math.factorial(players - size - 1) / math.factorial(players)
            for chosen in itertools.combinations(others, size):
                total += weight * (value({*chosen, player}) - value(set(chosen)))
        result.append(total)
    return result


def tiny_golden() -> list[dict]:
    """Scores and, for texts of a word a chunk, the Shapley values of the predicted topic."""
    votes = json.loads((FIXTURES / "words.json").read_text(encoding="utf-8"))
    table = np.array(list(votes.values()), dtype=np.float64)
    tokenizer = WordPiece(FIXTURES / "vocab.txt")
    golden = []
    for text in TINY:
        tokens = tokenizer.encode(text, MAX_TOKENS)
        scores = tiny_scores(tokens, np.ones(len(tokens)), table)
        spans = [len(tokenizer.encode(word, MAX_TOKENS)) - 2 for word in words(text)]
        begins = np.cumsum([1, *spans])

        def value(shown_words: set[int]) -> float:
            shown = np.zeros(len(tokens))
            shown[[0, -1]] = 1
            for word in shown_words:
                shown[begins[word] : begins[word + 1]] = 1
            return float(tiny_scores(tokens, shown, table)[scores.argmax()])

        entry = {"text": text, "ids": tokens, "scores": scores.tolist()}
        if len(spans) <= 8:
            entry |= {"words": words(text), "importances": shapley(value, len(spans)), "base_score": value(set())}
        golden.append(entry)
    return golden


def minilm_golden() -> list[dict]:
    """Logits of short and long texts by PyTorch, each alone, so that there is no padding."""
    texts, _ = sentences(FOLDER / "sentences")
    chosen = [texts[index] for index in range(0, len(texts), 40)]
    chosen += [" ".join(texts[begin : begin + count]) for begin, count in ((0, 3), (200, 8), (300, 15), (400, 40))]
    chosen += TOKENISED[:5] + [""]
    folder = model_folder()
    encoder, tokenizer = load_encoder(folder), WordPiece(folder / "vocab.txt")
    head = json.loads(HEAD.read_text())
    weight, bias = torch.tensor(head["weight"]), torch.tensor(head["bias"])
    golden = []
    for text in chosen:
        embedding = embed(encoder, tokenizer, [text])
        logits = embedding @ weight.T + bias
        golden.append({"text": text, "logits": [round(value, 5) for value in logits[0].tolist()]})
    return golden


def main() -> None:
    """Writes test/fixtures/text/golden.json."""
    torch.set_num_threads(1)
    tokenizer = WordPiece(PROJECT / "vocabularies" / "bert-uncased.txt")
    tokens = [{"text": text, "ids": tokenizer.encode(text, MAX_TOKENS)} for text in TOKENISED]
    golden = {"tokens": tokens, "tiny": tiny_golden(), "minilm": minilm_golden()}
    (FIXTURES / "golden.json").write_text(json.dumps(golden, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
