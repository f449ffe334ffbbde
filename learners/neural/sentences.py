"""Rows of the text form as sequences of tokens: sentences, and how each may end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from iml_general.encoding.subwords import NOTHING
from iml_general.learner import Inputs, Schema

Tokens = NDArray[np.int64]
"""Token ids from the left, then `NO_TOKEN`; shape (n_rows, longest)."""

NO_TOKEN = -1
"""Behind the end of a sequence. No token reads what is behind it, so a model may be fed anything there."""


@dataclass(frozen=True, eq=False)
class Reader:
    """Reads rows of the text form.

    Attributes:
        schema: What their columns mean.
        tokenizer: The tokenizer of a model that has one of its own; None if it reads the form's own tokens.
    """

    schema: Schema
    tokenizer: Tokenizer | None

    def sentences(self, inputs: Inputs) -> Tokens:
        """The sentences of rows, without the answers beside them.

        Args:
            inputs: Shape (n_rows, n_columns).

        Returns:
            Their tokens.
        """
        beside = [column for columns in self.schema.answer_columns for column in columns]
        return self._read(np.delete(inputs, beside, axis=1), special=True)

    def endings(self, inputs: Inputs, answers: NDArray[np.int64]) -> Tokens:
        """The words of one answer to each row.

        Args:
            inputs: Shape (n_rows, n_columns).
            answers: Answer classes, int64 of shape (n_rows,).

        Returns:
            Their tokens; none for a class that the row's question has not.
        """
        columns = self.schema.answer_columns
        nothing = (0,) * len(columns[0])
        places = np.array(
            [columns[i] if i < len(columns) else nothing for i in range(answers.max(initial=0) + 1)]
        )
        found = np.take_along_axis(inputs, places[answers], axis=1)
        found[answers >= len(columns)] = NOTHING
        return self._read(found, special=False)

    def longest(self) -> int:
        """Tokens of a row at most, with its answer, where rows are read in the form's own tokens."""
        answers = self.schema.answer_columns
        return len(self.schema.columns) - sum(map(len, answers)) + max(map(len, answers), default=0)

    def _read(self, pieces: Inputs, special: bool) -> Tokens:
        if self.tokenizer is None:
            return compact(np.where(pieces == NOTHING, NO_TOKEN, pieces))
        unique, inverse = np.unique(pieces, axis=0, return_inverse=True)
        texts = ["".join(self.schema.pieces[piece] for piece in row) for row in unique.tolist()]
        # Where a sentence begins there is no space; where an answer does, there is.
        texts = [text.lstrip() for text in texts] if special else texts
        found = [
            self.tokenizer.encode(text, add_special_tokens=special).ids if text else [] for text in texts
        ]
        return _table(found)[inverse.ravel()]


def joined(sentences: Tokens, endings: Tokens) -> tuple[Tokens, Tokens]:
    """Put endings behind their sentences.

    Args:
        sentences: Shape (n_rows, longest).
        endings: Shape (n_rows, longest ending).

    Returns:
        The tokens, as short as the longest row allows; and the same where the ending stands, else `NO_TOKEN`.
    """
    tokens = compact(np.concatenate([sentences, endings], axis=1))
    starts = (sentences != NO_TOKEN).sum(axis=1)[:, None]
    return tokens, np.where(np.arange(tokens.shape[1]) >= starts, tokens, NO_TOKEN)


def compact(tokens: Tokens) -> Tokens:
    """Move all tokens to the left, in their order, and leave out columns in which there are none."""
    is_none = tokens == NO_TOKEN
    order = np.argsort(is_none, axis=1, kind="stable")
    longest = int((~is_none).sum(axis=1).max(initial=0))
    return np.take_along_axis(tokens, order[:, :longest], axis=1)


def _table(rows: Sequence[Sequence[int]]) -> Tokens:
    table = np.full((len(rows), max(map(len, rows), default=0)), NO_TOKEN, dtype=np.int64)
    for line, row in zip(table, rows, strict=True):
        line[: len(row)] = row
    return table
