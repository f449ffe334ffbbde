"""Pairs of a statement of stage 2 and a question that learning it could move the answer to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from iml_general.protocol.protocol import CONFLICT

OWN, OTHER_ALIAS, OTHER_QUESTION = "own_question", "other_alias", "other_question"
"""Whose question a statement is read against: its own; the same question about another alias of the group;
another question about the same alias. The last two are the baseline: what a statement moves besides."""

NOT_ASKED = -1  # in place of a question that nobody asks

PER_GROUP = 100
"""Aliases of a group that are read at most: a mean over them is known well enough."""


@dataclass(frozen=True, eq=False)
class Pairs:
    """One statement about each new alias of every source, and the questions that it is read against.

    All are places among a seed's probes, so that every condition and every learner reads the same.

    Attributes:
        statements: By group, int64 of shape (n,).
        questions: By group and whose question, int64 of shape (n,); what a group is too small for is absent.
    """

    statements: Mapping[str, NDArray[np.int64]]
    questions: Mapping[tuple[str, str], NDArray[np.int64]]

    @classmethod
    def among(cls, probes: pl.DataFrame, generator: np.random.Generator) -> Pairs:
        """Choose pairs.

        Args:
            probes: Probes as an episode has them.
            generator: Decides which aliases are read where there are more than `PER_GROUP`, and which
                question each statement answers.

        Returns:
            The pairs. Groups about whose aliases two sources speak are left out, and so are statements whose
            question nobody is asked: what follows from them answers other questions.
        """
        placed = probes.with_row_index("place").with_columns(pl.col("group").cast(pl.String()))
        questions_asked = placed.filter(kind="question")["question"].unique()
        told = placed.filter(kind="statement").filter(
            pl.col("group") != CONFLICT, pl.col("question").is_in(questions_asked.to_list())
        )
        statements: dict[str, NDArray[np.int64]] = {}
        questions: dict[tuple[str, str], NDArray[np.int64]] = {}
        for (group,), of_group in told.group_by("group", maintain_order=True):
            shuffled = of_group[generator.permutation(len(of_group))]
            chosen = shuffled.unique("alias", keep="first", maintain_order=True).head(PER_GROUP).sort("place")
            statements[str(group)] = chosen["place"].cast(pl.Int64).to_numpy()
            asked = placed.filter(kind="question", group=group)
            for whose, partner in _partners(asked, chosen).items():
                questions[str(group), whose] = partner
        return cls(statements, questions)


def _partners(asked: pl.DataFrame, chosen: pl.DataFrame) -> dict[str, NDArray[np.int64]]:
    """Places of the questions that each statement is read against."""
    aliases, row = np.unique(asked["alias"].to_numpy(), return_inverse=True)
    questions, column = np.unique(asked["question"].to_numpy(), return_inverse=True)
    place = np.full((len(aliases), len(questions)), NOT_ASKED)
    place[row, column] = asked["place"].to_numpy()
    alias = np.searchsorted(aliases, chosen["alias"].to_numpy())
    question = np.searchsorted(questions, chosen["question"].to_numpy())
    statements = range(len(question))
    found = {OWN: place[alias, question].tolist()}
    found[OTHER_ALIAS] = [_asked_of_another(place[alias], question, i) for i in statements]
    found[OTHER_QUESTION] = [_asked_besides(place[alias[i]], question[i]) for i in statements]
    return {whose: np.array(places) for whose, places in found.items() if NOT_ASKED not in places}


def _asked_of_another(place: NDArray[np.int64], question: NDArray[np.int64], i: int) -> int:
    """The i-th statement's question about the next alias of which another question is stated.

    That statement does not meddle with this one's question.
    """
    n = len(question)
    others = [j % n for j in range(i + 1, i + n) if question[j % n] != question[i]]
    return next((at for j in others if (at := int(place[j, question[i]])) != NOT_ASKED), NOT_ASKED)


def _asked_besides(place: NDArray[np.int64], question: int) -> int:
    """The next question after one that the same alias is asked."""
    others = np.roll(place, -question)[1:].tolist()
    return next((at for at in others if at != NOT_ASKED), NOT_ASKED)
