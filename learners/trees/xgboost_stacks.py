"""Stacks of boosters of one structure: the margins and leaves that what was boosted gives."""

from __future__ import annotations

import numpy as np
import xgboost as xgb
from numpy.typing import NDArray

from iml_general.learner import Inputs, Rows

Margins = NDArray[np.float32]

Stack = tuple[tuple[xgb.Booster, float], ...]
"""Boosters of one structure, each with its weight; the weights sum to 1.

Margins are sums of leaf values, so weighting the margins of such boosters is the same as weighting
their leaf values - without rewriting a model.
"""


def blended(stack: Stack, fresh: xgb.Booster, decay: float) -> Stack:
    """Weight a stack by `decay` and its refreshed booster by the rest, leaving out what weighs nothing.

    Args:
        stack: Boosters of one structure.
        fresh: A booster of the same structure with new leaf values.
        decay: How much of every old leaf value stays, from 0 to 1.

    Returns:
        A stack whose weights sum to 1 again.
    """
    blend = (*((booster, decay * weight) for booster, weight in stack), (fresh, 1 - decay))
    return tuple((booster, weight) for booster, weight in blend if weight > 0)


def margins_of(stacks: tuple[Stack, ...], inputs: Inputs) -> Margins | None:
    """Sum up margins.

    Args:
        stacks: What was boosted, in order.
        inputs: Rows.

    Returns:
        Shape (n_rows, n_outputs), or (n_rows,) of a single output; None if there are no stacks.
    """
    margins = None
    for stack in stacks:
        # Weights sum to 1: the margins so far, or the booster's intercept, count once in all.
        margins = weighed(stack, inputs, margins)
    return margins


def weighed(stack: Stack, inputs: Inputs, base: Margins | None, rounds: tuple[int, int] = (0, 0)) -> Margins:
    """Sum up the weighted margins of a stack's boosters.

    Args:
        stack: Boosters of one structure.
        inputs: Rows.
        base: What they are added to; the booster's intercept if not given.
        rounds: The first round that counts and the first that does not; (0, 0) means all of them.

    Returns:
        As `margins_of`.
    """
    margins = [
        np.float32(weight)
        * booster.inplace_predict(inputs, predict_type="margin", base_margin=base, iteration_range=rounds)
        for booster, weight in stack
    ]
    return np.asarray(np.sum(margins, axis=0))


def leaves_of(stacks: tuple[Stack, ...], inputs: Inputs) -> NDArray[np.float32]:
    """Find the leaf of every row in every tree; one booster speaks for each stack.

    Args:
        stacks: What was boosted, in order.
        inputs: Rows.

    Returns:
        Numbers of leaves, shape (n_rows, n_trees).
    """
    rows = xgb.DMatrix(inputs, nthread=1)
    leaves = [stack[0][0].predict(rows, pred_leaf=True).reshape(len(inputs), -1) for stack in stacks]
    return np.concatenate([np.empty((len(inputs), 0), dtype=np.float32), *leaves], axis=1)


def matrix(batch: Rows, margins: Margins | None) -> xgb.DMatrix:
    """Give rows the library's form.

    Args:
        batch: Rows and their answers.
        margins: What boosting is to go on from; the library's intercept if not given.

    Returns:
        Rows to learn from.
    """
    return xgb.DMatrix(batch.inputs, batch.answers, base_margin=margins, nthread=1)
