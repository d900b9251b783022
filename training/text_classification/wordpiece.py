"""WordPiece as BERT has it, written anew: what the service's tokeniser is compared with.

The algorithm is that of BERT (arXiv:1810.04805) and of Schuster & Nakajima (ICASSP 2012): clean, lower-case, strip
accents, split at white space and punctuation, then the longest piece of the vocabulary, again and again.
"""

import unicodedata
from pathlib import Path

MAX_WORD = 100


class WordPiece:
    """A vocabulary, one piece a line; its number is its id."""

    def __init__(self, vocabulary: Path):
        pieces = vocabulary.read_text(encoding="utf-8").splitlines()
        self.ids = {piece: index for index, piece in enumerate(pieces)}

    def encode(self, text: str, max_tokens: int) -> list[int]:
        """The ids with [CLS] and [SEP] around them, no more than `max_tokens`."""
        ids = [self.ids[piece] for word in words(text) for piece in self._pieces(word)]
        return [self.ids["[CLS]"], *ids[: max_tokens - 2], self.ids["[SEP]"]]

    def _pieces(self, word: str) -> list[str]:
        if len(word) > MAX_WORD:
            return ["[UNK]"]
        pieces, start = [], 0
        while start < len(word):
            mark = "##" if start > 0 else ""
            ends = (end for end in range(len(word), start, -1) if mark + word[start:end] in self.ids)
            end = next(ends, None)
            if end is None:
                return ["[UNK]"]
            pieces.append(mark + word[start:end])
            start = end
        return pieces


def words(text: str) -> list[str]:
    """The lower-cased words and punctuation marks of a text."""
    cleaned = "".join(_cleaned(char) for char in text).lower()
    plain = "".join(char for char in unicodedata.normalize("NFD", cleaned) if unicodedata.category(char) != "Mn")
    spaced = "".join(f" {char} " if _is_punctuation(char) else char for char in plain)
    return spaced.split()


def _cleaned(char: str) -> str:
    code = ord(char)
    if char in "\t\n\r" or unicodedata.category(char) == "Zs":
        return " "
    if code in (0, 0xFFFD) or unicodedata.category(char) in ("Cc", "Cf"):
        return ""
    return f" {char} " if _is_ideograph(code) else char


def _is_punctuation(char: str) -> bool:
    code = ord(char)
    symbols = 33 <= code <= 47 or 58 <= code <= 64 or 91 <= code <= 96 or 123 <= code <= 126
    return symbols or unicodedata.category(char).startswith("P")


def _is_ideograph(code: int) -> bool:
    """The blocks of CJK unified and compatibility ideographs."""
    blocks = ((0x4E00, 0x9FFF), (0x3400, 0x4DBF), (0x20000, 0x2A6DF), (0x2A700, 0x2B73F), (0x2B740, 0x2B81F))
    more = ((0x2B820, 0x2CEAF), (0xF900, 0xFAFF), (0x2F800, 0x2FA1F))
    return any(first <= code <= last for first, last in blocks + more)
