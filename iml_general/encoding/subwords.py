"""Pieces of words, into which a trained tokenizer takes texts apart, and of which they are put together."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import numpy as np
from numpy.typing import NDArray

NOTHING = 0
"""The token that stands where there is none."""

UNWRITTEN = "\0"
"""What the library calls it: a character that is in no text."""

N_PIECES = 256
"""Tokens of a vocabulary at most: some words become one piece, names several."""

WORDS = " ?[^ ]+| +"
"""A word and the space before it. No piece crosses words, so texts that begin with a space can be joined."""


class Subwords:
    """Byte-pair encoding, trained on sentences (Sennrich, Haddow and Birch, ACL 2016), by characters.

    Attributes:
        pieces: The text of every token; that of `NOTHING` is empty.
    """

    pieces: tuple[str, ...]

    def __init__(self, sentences: Sequence[str]) -> None:
        """Train a tokenizer.

        Args:
            sentences: Have all characters of all texts that are ever to be taken apart. The same sentences
                give the same tokenizer.
        """
        from tokenizers import Regex, Tokenizer
        from tokenizers.models import BPE
        from tokenizers.pre_tokenizers import Split
        from tokenizers.trainers import BpeTrainer

        self._tokenizer = Tokenizer(BPE())
        self._tokenizer.pre_tokenizer = Split(Regex(WORDS), "isolated")
        trainer = BpeTrainer(vocab_size=N_PIECES, special_tokens=[UNWRITTEN], show_progress=False)
        with _one_thread():
            self._tokenizer.train_from_iterator(sentences, trainer)
        _, *others = sorted(self._tokenizer.get_vocab().items(), key=lambda item: item[1])
        self.pieces = ("", *(piece for piece, _ in others))

    def tokens(self, texts: Sequence[str]) -> NDArray[np.int64]:
        """Take texts apart.

        Args:
            texts: At least one.

        Returns:
            Tokens from the left, then `NOTHING`, int64 of shape (n_texts, longest).
        """
        found = [self._tokenizer.encode(text, add_special_tokens=False).ids for text in texts]
        table = np.full((len(found), max(map(len, found))), NOTHING, dtype=np.int64)
        for row, tokens in zip(table, found, strict=True):
            row[: len(tokens)] = tokens
        return table


@contextmanager
def _one_thread() -> Iterator[None]:
    """Keep the library from threads of its own: they would outlast the training."""
    name = "TOKENIZERS_PARALLELISM"
    before = os.environ.get(name)
    os.environ[name] = "false"
    try:
        yield
    finally:
        if before is None:
            del os.environ[name]
        else:
            os.environ[name] = before
