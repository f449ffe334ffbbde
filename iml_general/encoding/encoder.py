"""Turns rows of an episode into a learner's inputs, in the form that the learner asks for."""

from __future__ import annotations

import numpy as np
import polars as pl

from iml_general.encoding.form import Coder, Sizes
from iml_general.encoding.forms import FORMS
from iml_general.encoding.options import Encoding
from iml_general.learner import Batch, Inputs, Schema
from iml_general.seeds import Seed
from iml_general.worlds.world import World


class Encoder:
    """The codes of one seed in one form, shared by all its conditions."""

    def __init__(self, encoding: Encoding, form: str, n_symbols: int, world: World, seed: Seed) -> None:
        """Draw the codes.

        Args:
            encoding: Kinds and widths of the codes.
            form: Name of the form of input.
            n_symbols: Number of tag symbols, that of no tag among them.
            world: Says how many aliases, questions and answers there are.
            seed: The replicate.

        Raises:
            UsageError: If a code is too narrow to tell all aliases apart.
        """
        sizes = Sizes(n_symbols, world.n_aliases, world.n_questions)
        self._n_answers = world.n_answers
        self._coder: Coder = FORMS[form].draw(
            encoding, sizes, lambda part: seed.generator(f"encoding {encoding.seed} {part}")
        )

    @property
    def schema(self) -> Schema:
        """What the columns mean."""
        return self._coder.schema

    def inputs(self, rows: pl.DataFrame) -> Inputs:
        """Encode rows.

        Args:
            rows: Has columns tag, alias and question, as in an episode.

        Returns:
            Shape (n_rows, n_columns).
        """
        tag = rows["tag"].to_physical().to_numpy().astype(np.int64)
        alias = rows["alias"].to_numpy().astype(np.int64)
        return self._coder.encode(tag, alias, rows["question"].to_numpy().astype(np.int64))

    def batch(self, rows: pl.DataFrame) -> Batch:
        """Encode training rows with their answers.

        Args:
            rows: Has columns tag, alias, question and answer.

        Returns:
            A batch of as many rows, in the same order.
        """
        answers = rows["answer"].to_numpy().astype(np.int64)
        return Batch(self.inputs(rows), answers, self._n_answers, self.schema)
