"""Codes: the numbers of tag, alias and question, the row itself without any code."""

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
        numbers = (things.n_symbols, things.n_aliases, things.n_questions)

        def encode(rows: Numbered) -> Inputs:
            return np.stack([rows.tags, rows.aliases, rows.questions], axis=1)

        return Coder(Schema(self.name, ("tag", "alias", "question"), numbers, tag_columns=(0,)), encode)

    def suggest(self, trial: optuna.Trial, base: Encoding, fixed: Container[str]) -> Encoding:
        """Draw nothing; see `Form.suggest`."""
        del trial, fixed
        return base

    def untagged(self, inputs: Inputs, schema: Schema) -> Inputs:
        """Put the number of no tag, 0, in the place of the tag; see `Form.untagged`."""
        return zeroed(inputs, schema.tag_columns)
