"""Turns rows of an episode into a learner's inputs, in the form that the learner asks for."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from iml_general.encoding.form import Coder, Numbered, Things
from iml_general.encoding.forms import FORMS
from iml_general.encoding.options import Encoding
from iml_general.learner import Batch, Inputs, Rows, Schema
from iml_general.regressor import NumberBatch
from iml_general.seeds import Seed
from iml_general.worlds.world import World


class Encoder:
    """The codes of one seed in one form, shared by all its conditions."""

    def __init__(
        self,
        encoding: Encoding,
        form: str,
        n_symbols: int,
        world: World,
        seed: Seed,
        in_context: bool = False,
    ) -> None:
        """Draw the codes.

        Args:
            encoding: Kinds and widths of the codes.
            form: Name of the form of input.
            n_symbols: Number of tag symbols, that of no tag among them.
            world: Says how many aliases, questions and answers there are, their words, and what aliases look
                like.
            seed: The replicate.
            in_context: Whether a statement may stand beside a question.

        Raises:
            UsageError: If a code is too narrow for all aliases, or the world lacks what a form shows, or
                the form's library is not installed.
        """
        things = Things(
            n_symbols,
            world.n_aliases + world.n_entities,
            world.n_questions,
            world.question_names,
            world.answer_names,
            world.pictures,
            n_beside=world.n_answers if in_context else 0,
            n_entities=world.n_entities,
        )
        self._n_answers, self._numbers = world.n_answers, world.numbers
        self._coder: Coder = FORMS[form].draw(
            encoding, things, lambda part: seed.generator(f"encoding {encoding.seed} {part}")
        )

    @property
    def schema(self) -> Schema:
        """What the columns mean."""
        return self._coder.schema

    @property
    def per_row(self) -> int:
        """How many times over a stage comes, because its rows look different each time."""
        return self._coder.per_row

    def inputs(self, rows: pl.DataFrame, stage: str | None = None) -> Inputs:
        """Encode rows.

        Args:
            rows: Has columns tag, alias and question, as in an episode, and perhaps beside.
            stage: Name of the stage whose rows these are, in their order; None for rows that are asked.

        Returns:
            Shape (n_rows, n_columns). A stage whose rows look different each time comes several times over.
        """
        rows = self._repeated(rows, stage)
        tags = rows["tag"].to_physical().to_numpy().astype(np.int64)
        aliases, questions = (rows[name].to_numpy().astype(np.int64) for name in ("alias", "question"))
        if "beside" in rows.columns:
            beside = rows["beside"].cast(pl.Int64).fill_null(-1).to_numpy() + 1
        else:
            beside = np.zeros(len(rows), dtype=np.int64)
        return self._coder.encode(Numbered(tags, aliases, questions, stage, beside))

    def answers(self, rows: pl.DataFrame, stage: str | None = None) -> NDArray[Any]:
        """Give the answers of the rows that `inputs` makes of the same arguments.

        Args:
            rows: Has columns question and answer, as in an episode.
            stage: As for `inputs`.

        Returns:
            Classes, int64 of shape (n_rows,), or the numbers that they stand for, float64 of the same shape.
        """
        rows = self._repeated(rows, stage)
        classes = rows["answer"].to_numpy().astype(np.int64)
        return classes if self._numbers is None else self._numbers[rows["question"].to_numpy(), classes]

    def batch(self, rows: pl.DataFrame, stage: str | None = None) -> Rows:
        """Encode training rows with their answers.

        Args:
            rows: Has columns tag, alias, question and answer.
            stage: As for `inputs`.

        Returns:
            The rows of `inputs`, in the same order: a `Batch` or a `NumberBatch`.
        """
        inputs, answers = self.inputs(rows, stage), self.answers(rows, stage)
        if self._numbers is None:
            return Batch(inputs, answers, self._n_answers, self.schema)
        return NumberBatch(inputs, answers, self.schema)

    def _repeated(self, rows: pl.DataFrame, stage: str | None) -> pl.DataFrame:
        times = 1 if stage is None else self.per_row
        return rows if times == 1 else pl.concat([rows] * times)
