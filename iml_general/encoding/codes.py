"""Codes: the numbers of tag, alias and question, and of what stands beside it: the row without any code."""

from __future__ import annotations

from collections.abc import Callable, Container
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from iml_general.encoding.form import Coder, Form, Numbered, Things, zeroed
from iml_general.encoding.options import Encoding
from iml_general.learner import Inputs, Schema

if TYPE_CHECKING:
    import optuna


class Codes(Form):
    """For learners that need no likeness between aliases, such as the ideal observer."""

    name: ClassVar[str] = "codes"

    def draw(
        self, encoding: Encoding, things: Things, generator: Callable[[str], np.random.Generator]
    ) -> Coder:
        """Draw nothing; see `Form.draw`."""
        del encoding, generator
        numbers = {"tag": things.n_symbols, "alias": things.n_aliases, "question": things.n_questions}
        if things.n_beside:
            numbers["beside"] = 1 + things.n_beside

        def encode(rows: Numbered) -> Inputs:
            parts = [rows.tags, rows.aliases, rows.questions, rows.beside]
            return np.stack(parts[: len(numbers)], axis=1)

        return Coder(Schema(self.name, (*numbers,), (*numbers.values(),), tag_columns=(0,)), encode)

    def suggest(self, trial: optuna.Trial, base: Encoding, fixed: Container[str]) -> Encoding:
        """Draw nothing; see `Form.suggest`."""
        del trial, fixed
        return base

    def untagged(self, inputs: Inputs, schema: Schema) -> Inputs:
        """Put the number of no tag, 0, in the place of the tag; see `Form.untagged`."""
        return zeroed(inputs, schema.tag_columns)
