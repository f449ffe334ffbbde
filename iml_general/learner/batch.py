"""What a learner is given: encoded rows, and what their columns mean."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

Inputs = NDArray[Any]
"""Encoded rows, shape (n_rows, n_columns), or (n_rows, height, width) if they are pictures; see `Schema`."""


@dataclass(frozen=True)
class Schema:
    """What the columns of a learner's inputs mean.

    Attributes:
        form: Name of the form, such as ``"vectors"``: float32 features. ``"tokens"``: int64 token
            ids, one sequence a row. ``"codes"``: int64 columns (tag, alias, question), the row
            itself without any code. ``"pictures"``: float32 pixels from 0, white, to 1, black.
            ``"text"``: int64 tokens of a sentence, and beside it of the words of every answer; where
            it is 0 there is no token, and rows are read without it.
            `iml_general.encoding.forms.FORMS` has all there are.
        columns: One readable name per column, such as ``"alias[3]"``; of pictures one per pixel, line by
            line, such as ``"pixel[3,17]"``.
        n_values: For ``"tokens"`` and ``"text"`` the size of the vocabulary, shared by all columns; for
            ``"codes"`` the number of values of each column; empty for the others.
        tag_columns: Positions of the columns that carry the tag.
        picture: Height and width, where columns are pixels; else empty.
        pieces: For ``"text"`` the text of every token: joined, those of a row give its sentence.
        answer_columns: For ``"text"`` the positions of the columns that spell out each answer class; 0 in all
            of them where a question has fewer answers.
    """

    form: str
    columns: tuple[str, ...]
    n_values: tuple[int, ...]
    tag_columns: tuple[int, ...]
    picture: tuple[int, ...] = ()
    pieces: tuple[str, ...] = ()
    answer_columns: tuple[tuple[int, ...], ...] = ()


class Rows:
    """Encoded training rows. The arrays are read-only, also in a copy and in another process.

    Attributes:
        inputs: Rows as `schema` describes them.
        answers: One answer a row, shape (n_rows,). There may be no rows at all.
        schema: What the columns of `inputs` mean.
    """

    inputs: Inputs
    answers: NDArray[Any]
    schema: Schema

    def __post_init__(self) -> None:
        for name in ("inputs", "answers"):
            # A view, so that whoever made the array can still write to it.
            array = getattr(self, name).view()
            array.flags.writeable = False
            object.__setattr__(self, name, array)

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self.__post_init__()  # numpy pickles and copies arrays without that they are read-only

    def __len__(self) -> int:
        """Number of rows."""
        return len(self.answers)

    def __add__(self, other: Self) -> Self:
        """The rows of both batches, this one's first."""
        inputs = np.concatenate([self.inputs, other.inputs])
        answers = np.concatenate([self.answers, other.answers])
        return replace(self, inputs=inputs, answers=answers)  # type: ignore[type-var]  # batches are dataclasses


@dataclass(frozen=True, eq=False)
class Batch(Rows):
    """Rows whose answers are classes.

    Attributes:
        inputs: Rows as `schema` describes them.
        answers: Answer classes, int64 of shape (n_rows,), each in 0 .. n_answers - 1. Not every
            class need occur.
        n_answers: Number of answer classes: the width of `Learner.predict`'s result.
        schema: What the columns of `inputs` mean.
    """

    inputs: Inputs
    answers: NDArray[np.int64]
    n_answers: int
    schema: Schema
