"""Readings: what a state after stage 1 says, before any update, about what it will believe (METHOD 7).

They are score rows like any other: of a group's statements, each beside a question.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from iml_general.learner import AffinityLearner, Batch, Probabilities, Rows
from iml_general.measuring.branches import Branch, Path
from iml_general.measuring.guarded import GuardedLearner
from iml_general.measuring.scores import CLIP

Reading = Literal["affinity", "influence", "decoding", "belief"]
"""Affinity is read off the state, where the learner's class offers that. Influence is tried out: how much a
small update, with one statement about each alias, moves the log-odds of a statement's answer. Decoding
asks what a linear probe reads off the representation of bare questions; `iml_general.measuring.decoding`.
Belief is a measure of answers, after every stage; `iml_general.measuring.measures.READ_OFF_ANSWERS`."""

STEP_PLACE = {"group": "stage2", "probe": "update"}
"""Where the size of the update's step stands among the scores: it is of no group."""


def affinity_rows(
    learner: GuardedLearner, branches: Sequence[Branch], states: Mapping[Path, Any], rules: Sequence[str]
) -> Iterator[dict[str, Any]]:
    """Read affinities off states; they are the same for every rule.

    Args:
        learner: The learner; gives no rows if its class offers no affinity.
        branches: Moments before an update.
        states: The states that they lead to.
        rules: The rules that get the rows.

    Yields:
        Score rows: mean affinity by group and whose question.
    """
    if not learner.offers(AffinityLearner):
        return
    for branch in branches:
        pairs, inputs = branch.pairs(), branch.probes.inputs
        for (group, whose), questions in pairs.questions.items():
            statements = pairs.statements[group]
            said = branch.probes.answers[statements]
            found = learner.affinity(states[branch.path], inputs[statements], inputs[questions], said)
            row = _row(branch, group, whose, "affinity", found)
            yield from ({"rule": rule, **row} for rule in rules)


def step_rows(
    learner: GuardedLearner, branches: Sequence[Branch], n_rows: Mapping[str, int]
) -> Iterator[dict[str, Any]]:
    """Say how large a step the learner's update takes, beside its affinities.

    Args:
        learner: The learner under one rule.
        branches: Moments before an update.
        n_rows: Rows of the update, by condition.

    Yields:
        Score rows; none if the class offers no affinity.
    """
    if not learner.offers(AffinityLearner):
        return
    for branch in branches:
        n = n_rows[branch.condition]
        row = {"measure": "step", "value": learner.step_size(n), "n": n}
        yield {"rule": learner.rule, **branch.place, **STEP_PLACE, **row}


def influence_rows(
    learner: GuardedLearner, branches: Sequence[Branch], states: Mapping[Path, Any]
) -> Iterator[dict[str, Any]]:
    """Try out what single statements do: each state is updated with one about each alias.

    Under ``retrain`` there is no update to try, numbers have no log-odds, and where nobody is asked what
    statements say nothing is moved: then there are no rows.

    Args:
        learner: The learner under one rule.
        branches: Moments before an update.
        states: The states that they lead to.

    Yields:
        Score rows: mean change of the log-odds of the statement's answer, by group and whose question.
    """
    branches = [branch for branch in branches if branch.pairs().statements]
    likes = [branch.batches[0] for branch in branches]
    if learner.rule == "retrain" or not all(isinstance(like, Batch) for like in likes) or not likes:
        return
    befores = [states[branch.path] for branch in branches]
    batches = [_statements(branch) for branch in branches]
    seeds = [branch.seed.integer("influence") for branch in branches]
    afters = learner.try_out(befores, batches, seeds)
    for branch, like, before, after in zip(branches, likes, befores, afters, strict=True):
        for (group, whose), questions in branch.pairs().questions.items():
            said = branch.probes.answers[branch.pairs().statements[group]]
            asked = branch.probes.inputs[questions]
            now, then = (learner.predict(state, asked, like, shared=False) for state in (after, before))
            row = _row(branch, group, whose, "influence", _log_odds(now, said) - _log_odds(then, said))
            yield {"rule": learner.rule, **row}


def _statements(branch: Branch) -> Rows:
    """All statements that are read, of every group."""
    rows = np.concatenate(list(branch.pairs().statements.values()))
    inputs, answers = branch.probes.inputs[rows], branch.probes.answers[rows]
    return replace(branch.batches[0], inputs=inputs, answers=answers)  # type: ignore[type-var]


def _log_odds(probabilities: Probabilities, answers: NDArray[np.int64]) -> NDArray[np.float64]:
    """Log-odds of one answer of each row, shape (n_rows,)."""
    p = np.clip(probabilities[np.arange(len(answers)), answers].astype(np.float64), CLIP, 1 - CLIP)
    result: NDArray[np.float64] = np.log(p) - np.log1p(-p)
    return result


def _row(branch: Branch, group: str, whose: str, measure: str, values: NDArray[np.float64]) -> dict[str, Any]:
    cell = {"group": group, "probe": whose, "measure": measure}
    return {**branch.place, **cell, "value": float(values.mean()), "n": len(values)}
