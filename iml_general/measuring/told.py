"""Bare questions about the aliases of stage 1, and who spoke of each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from iml_general.encoding import Encoder
from iml_general.learner import Inputs
from iml_general.protocol import Stage
from iml_general.protocol.facts import FACT

WHO, WHETHER = "told_by", "told"
"""What can be asked of an alias of stage 1: which source's tag it was spoken of under, of those of which
somebody spoke; and whether anybody spoke of it at all."""


@dataclass(frozen=True, eq=False)
class Told:
    """Every question about every alias of stage 1, without a tag.

    Attributes:
        inputs: Alias by alias, all with as many questions, shape (n_aliases * n_questions, n_columns).
        tag: The tag of the statements about each alias, place among the symbols; 0 if nobody spoke of it,
            int64 of shape (n_aliases,).
    """

    inputs: Inputs
    tag: NDArray[np.int64]

    @classmethod
    def of(cls, stage: Stage, encoder: Encoder) -> Told:
        """Ask every question about every alias of a stage.

        Args:
            stage: Its rows are statements and questions.
            encoder: Gives the inputs.

        Returns:
            Aliases ascending.
        """
        about_aliases = stage.rows.filter(pl.col("kind") != FACT)
        spoken = stage.rows.filter(kind="statement").unique("alias").select("alias", "tag")
        aliases = about_aliases.select("alias").unique().sort("alias")
        told = aliases.join(spoken, on="alias", how="left", maintain_order="left")
        questions = about_aliases.select("question").unique().sort("question")
        rows = aliases.join(questions, how="cross", maintain_order="left_right")
        nobody = pl.Series("tag", ["none"] * len(rows), dtype=stage.rows.schema["tag"])
        inputs = encoder.inputs(rows.with_columns(nobody))
        inputs.flags.writeable = False
        return cls(inputs, told["tag"].to_physical().fill_null(0).to_numpy().astype(np.int64))

    def means(self, of_rows: NDArray[Any]) -> NDArray[np.float64]:
        """Average what there is of each row over each alias's questions.

        Args:
            of_rows: Shape (n_aliases * n_questions, n_features).

        Returns:
            Shape (n_aliases, n_features).
        """
        by_alias = of_rows.astype(np.float64).reshape(len(self.tag), -1, of_rows.shape[1])
        means: NDArray[np.float64] = by_alias.mean(axis=1)
        return means

    def tasks(self) -> dict[str, tuple[NDArray[np.int64], NDArray[np.int64]]]:
        """What is to be decoded: aliases and their labels, by `WHO` or `WHETHER`.

        Returns:
            Places of aliases, and a label of each; none of a task that has a single label.
        """
        spoken = np.flatnonzero(self.tag)
        every = np.arange(len(self.tag))
        found = {WHO: (spoken, self.tag[spoken]), WHETHER: (every, (self.tag > 0).astype(np.int64))}
        return {name: task for name, task in found.items() if len(np.unique(task[1])) > 1}
