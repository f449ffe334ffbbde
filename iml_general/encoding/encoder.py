"""Turns rows of an episode into a learner's inputs, in the form that the learner asks for."""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from iml_general.encoding.codes import Encoding, code_table, distinct_digits
from iml_general.learner import Batch, Form, Inputs, Schema
from iml_general.protocol.episode import SYMBOLS
from iml_general.seeds import Seed
from iml_general.worlds.world import World


class Encoder:
    """The codes of one seed, and what turns rows into arrays with them.

    The same encoder serves all conditions of a seed. Codes are drawn without looking at groups,
    answers or roles of tags, so nothing but the code itself can tell groups apart.
    """

    def __init__(self, encoding: Encoding, world: World, seed: Seed) -> None:
        """Draw the codes.

        Args:
            encoding: Kinds and widths of the codes.
            world: Says how many aliases, questions and answers there are.
            seed: The replicate.

        Raises:
            UsageError: If a code is too narrow to tell all aliases apart.
        """
        self._n_aliases, self._n_questions = world.n_aliases, world.n_questions
        self._n_answers = world.n_answers
        self._encoding, self._seed = encoding, seed
        self._tables: dict[Form, tuple[NDArray[np.float32] | NDArray[np.int64], ...]] = {}

    def schema(self, form: Form) -> Schema:
        """What the columns mean.

        Args:
            form: The form of input.

        Returns:
            Column names, numbers of values, and which columns carry the tag.
        """
        if form == "codes":
            sizes = (len(SYMBOLS), self._n_aliases, self._n_questions)
            return Schema(form, ("tag", "alias", "question"), sizes, tag_columns=(0,))
        parts = ("tag", "alias", "question") if form == "tokens" else ("alias", "tag", "question")
        widths = [table.shape[1] for table in self._code_tables(form)]
        columns = tuple(
            f"{part}[{i}]" for part, width in zip(parts, widths, strict=True) for i in range(width)
        )
        tags = tuple(i for i, column in enumerate(columns) if column.startswith("tag["))
        return Schema(form, columns, (self._vocabulary,) if form == "tokens" else (), tags)

    def inputs(self, rows: pl.DataFrame, form: Form) -> Inputs:
        """Encode rows.

        Args:
            rows: Has columns tag, alias and question, as in an episode.
            form: The form of input.

        Returns:
            Shape (n_rows, n_columns); float32 for vectors, int64 for the others.
        """
        tag = rows["tag"].to_physical().to_numpy().astype(np.int64)
        alias = rows["alias"].to_numpy().astype(np.int64)
        question = rows["question"].to_numpy().astype(np.int64)
        if form == "codes":
            return np.stack([tag, alias, question], axis=1)
        first, second, third = self._code_tables(form)
        order = (tag, alias, question) if form == "tokens" else (alias, tag, question)
        return np.concatenate([first[order[0]], second[order[1]], third[order[2]]], axis=1)

    def batch(self, rows: pl.DataFrame, form: Form) -> Batch:
        """Encode training rows with their answers.

        Args:
            rows: Has columns tag, alias, question and answer.
            form: The form of input.

        Returns:
            A batch of as many rows, in the same order.
        """
        answers = rows["answer"].to_numpy().astype(np.int64)
        return Batch(self.inputs(rows, form), answers, self._n_answers, self.schema(form))

    @property
    def _vocabulary(self) -> int:
        return len(SYMBOLS) + self._encoding.name_vocabulary + self._n_questions

    def _code_tables(self, form: Form) -> tuple[NDArray[np.float32] | NDArray[np.int64], ...]:
        """Codes by alias, tag and question, in the order of the columns; drawn when first needed."""
        if form not in self._tables:
            self._tables[form] = self._draw_tokens() if form == "tokens" else self._draw_vectors()
        return self._tables[form]

    def _generator(self, part: str) -> np.random.Generator:
        return self._seed.generator(f"encoding {self._encoding.seed} {part}")

    def _draw_vectors(self) -> tuple[NDArray[np.float32], ...]:
        encoding = self._encoding
        alias = code_table(encoding.alias, self._n_aliases, encoding.alias_width, self._generator("alias"))
        symbols = code_table(encoding.tag, len(SYMBOLS) - 1, encoding.tag_width, self._generator("tag"))
        no_tag = np.zeros((1, symbols.shape[1]), dtype=np.float32)
        question = code_table(
            encoding.question, self._n_questions, encoding.question_width, self._generator("question")
        )
        return alias, np.concatenate([no_tag, symbols]), question

    def _draw_tokens(self) -> tuple[NDArray[np.int64], ...]:
        encoding = self._encoding
        option = f"name_tokens = {encoding.name_tokens} out of name_vocabulary = {encoding.name_vocabulary}"
        names = distinct_digits(
            self._n_aliases, encoding.name_tokens, encoding.name_vocabulary, self._generator("names"), option
        )
        tags = np.arange(len(SYMBOLS))[:, None]
        questions = len(SYMBOLS) + encoding.name_vocabulary + np.arange(self._n_questions)[:, None]
        return tags, len(SYMBOLS) + names, questions
