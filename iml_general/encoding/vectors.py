"""Vectors: codes of alias, tag and question side by side, or the pixels of a picture, as float32 features.

What a statement says that stands beside a question follows as one-hot code, all zeros where there is none.
"""

from __future__ import annotations

from collections.abc import Callable, Container
from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from iml_general.encoding.form import Coder, Form, Numbered, Things, names_of, zeroed
from iml_general.encoding.options import Encoding
from iml_general.encoding.pixels import pixel_coder
from iml_general.encoding.tables import code_table
from iml_general.learner import Inputs, Schema

if TYPE_CHECKING:
    import optuna


class Vectors(Form):
    """Alias, tag, question; a row without a tag has zeros in its place."""

    name: ClassVar[str] = "vectors"

    def draw(
        self, encoding: Encoding, things: Things, generator: Callable[[str], np.random.Generator]
    ) -> Coder:
        """Draw a table of codes for each part; see `Form.draw`.

        Where aliases are pictures, a row is all of its picture's pixels, and nothing is coded.
        """
        if things.pictures is not None:
            shown = pixel_coder(self.name, things, things.pictures, generator)
            n_columns = len(shown.schema.columns)
            return replace(shown, encode=lambda rows: shown.encode(rows).reshape(-1, n_columns))
        alias = code_table(encoding.alias, things.n_aliases, encoding.alias_width, generator("alias"))
        symbols = code_table(encoding.tag, things.n_symbols - 1, encoding.tag_width, generator("tag"))
        tag = np.concatenate([np.zeros((1, symbols.shape[1]), dtype=np.float32), symbols])
        question = code_table(
            encoding.question, things.n_questions, encoding.question_width, generator("question")
        )
        tables = {"alias": alias, "tag": tag, "question": question}
        if things.n_beside:
            tables["beside"] = np.eye(1 + things.n_beside, dtype=np.float32)[:, 1:]
        columns, tags = names_of({part: table.shape[1] for part, table in tables.items()})

        def encode(rows: Numbered) -> Inputs:
            numbers = (rows.aliases, rows.tags, rows.questions, rows.beside)
            parts = [table[number] for table, number in zip(tables.values(), numbers, strict=False)]
            return np.concatenate(parts, axis=1)

        return Coder(Schema(self.name, columns, (), tags), encode)

    def suggest(self, trial: optuna.Trial, base: Encoding, fixed: Container[str]) -> Encoding:
        """Draw the kinds of code, and the width of the alias's where it has one; see `Form.suggest`."""
        drawn: dict[str, Any] = {}
        kinds = {
            "alias": ["bits", "dense", "one-hot", "ordinal"],
            "tag": ["one-hot", "ordinal", "dense"],
        }
        for name, choices in kinds.items():
            if name not in fixed:
                drawn[name] = trial.suggest_categorical(f"encoding.{name}", choices)
        if drawn.get("alias", base.alias) in ("bits", "dense") and "alias_width" not in fixed:
            drawn["alias_width"] = trial.suggest_categorical("encoding.alias_width", [16, 32, 64])
        return replace(base, **drawn)

    def untagged(self, inputs: Inputs, schema: Schema) -> Inputs:
        """Put zeros in the place of the tag; see `Form.untagged`."""
        return zeroed(inputs, schema.tag_columns)
