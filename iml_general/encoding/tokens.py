"""Tokens: a tag, the alias's name letter by letter, and a question, as one sequence of token ids.

They stand in the order that the encoding says. Where statements may stand beside questions, what they say
follows their tag, or the symbol of nothing. The classifier of our transformer reads the last position, but
every position sees all others.
"""

from __future__ import annotations

from collections.abc import Callable, Container
from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from iml_general.encoding.form import Coder, Form, Numbered, Things, names_of, zeroed
from iml_general.encoding.options import Encoding
from iml_general.encoding.tables import distinct_digits
from iml_general.learner import Inputs, Schema

if TYPE_CHECKING:
    import optuna


class Tokens(Form):
    """One vocabulary: the tag symbols, that of no tag first, then letters of names, then questions."""

    name: ClassVar[str] = "tokens"

    def draw(
        self, encoding: Encoding, things: Things, generator: Callable[[str], np.random.Generator]
    ) -> Coder:
        """Draw the names of aliases; see `Form.draw`."""
        option = f"name_tokens = {encoding.name_tokens} out of name_vocabulary = {encoding.name_vocabulary}"
        letters = distinct_digits(
            things.n_aliases, encoding.name_tokens, encoding.name_vocabulary, generator("names"), option
        )
        names = things.n_symbols + letters
        first_question = things.n_symbols + encoding.name_vocabulary
        nothing = first_question + things.n_questions
        vocabulary = nothing + (1 + things.n_beside if things.n_beside else 0)
        order = encoding.token_order.split("-")
        if things.n_beside:
            order.insert(order.index("tag") + 1, "beside")
        widths = {"tag": 1, "beside": 1, "alias": encoding.name_tokens, "question": 1}
        columns, tags = names_of({part: widths[part] for part in order})

        def encode(rows: Numbered) -> Inputs:
            parts = {
                "tag": rows.tags[:, None],
                "beside": nothing + rows.beside[:, None],
                "alias": names[rows.aliases],
                "question": first_question + rows.questions[:, None],
            }
            return np.concatenate([parts[part] for part in order], axis=1)

        return Coder(Schema(self.name, columns, (vocabulary,), tags), encode)

    def suggest(self, trial: optuna.Trial, base: Encoding, fixed: Container[str]) -> Encoding:
        """Draw how long names are and of how many letters they are made; see `Form.suggest`."""
        return suggested_names(trial, base, fixed)

    def untagged(self, inputs: Inputs, schema: Schema) -> Inputs:
        """Put the symbol of no tag, token 0, in the place of the tag; see `Form.untagged`."""
        return zeroed(inputs, schema.tag_columns)


def suggested_names(trial: optuna.Trial, base: Encoding, fixed: Container[str]) -> Encoding:
    """Draw how long names are and of how many letters they are made, as `Form.suggest` does."""
    drawn: dict[str, Any] = {}
    for name, choices in {"name_tokens": [3, 4, 6], "name_vocabulary": [16, 32]}.items():
        if name not in fixed:
            drawn[name] = trial.suggest_categorical(f"encoding.{name}", choices)
    return replace(base, **drawn)
