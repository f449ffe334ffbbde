"""Decoding: can a linear probe read off a learner's representation of a bare question who spoke of its alias?

METHOD section 7, for the source paper's hypothesis of selective retrieval: that a learner keeps, beside what
it was told of an alias, by whom.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from iml_general.learner import RepresentationLearner
from iml_general.measuring.branches import Branch, Path
from iml_general.measuring.guarded import GuardedLearner

FOLDS = 5
PENALTIES = (1.0, 10.0, 100.0, 1000.0, 10000.0)  # of the probe, chosen within each fold's training aliases


def decoding_rows(
    learner: GuardedLearner, branches: Sequence[Branch], states: Mapping[Path, Any], rules: Sequence[str]
) -> Iterator[dict[str, Any]]:
    """Try to decode from states who spoke of each alias; it is the same for every rule.

    Args:
        learner: The learner; gives no rows if its class offers no representation.
        branches: Moments before an update.
        states: The states that they lead to.
        rules: The rules that get the rows.

    Yields:
        Score rows: balanced accuracy by what is decoded and layer, and the same of labels that were permuted
        over aliases.
    """
    if not learner.offers(RepresentationLearner):
        return
    for branch in branches:
        told = branch.told()
        if not told.tasks():
            continue
        for layer, of_rows in learner.layers(states[branch.path], told.inputs).items():
            if not of_rows.shape[1]:
                continue
            features = told.means(of_rows)
            for task, (aliases, labels) in told.tasks().items():
                generator = branch.seed.generator(f"decoding {task}")
                for measure, wanted in (
                    ("decoded", labels),
                    ("decoded_permuted", generator.permutation(labels)),
                ):
                    value = decoded(features[aliases], wanted, generator)
                    cell = {"group": task, "probe": layer, "measure": measure, "value": value}
                    row = {**branch.place, **cell, "n": len(aliases)}
                    yield from ({"rule": rule, **row} for rule in rules)


def decoded(
    features: NDArray[np.float64], labels: NDArray[np.int64], generator: np.random.Generator
) -> float:
    """Balanced accuracy of a linear probe on aliases that it was not trained on.

    The probe is ridge regression on the labels, classes weighted alike, its penalty chosen on its
    training aliases.

    Args:
        features: Shape (n_aliases, n_features).
        labels: Shape (n_aliases,).
        generator: Deals aliases out to folds.

    Returns:
        Mean over labels of the share of its aliases that are recognised: 1 over the number of labels by
        chance.
    """
    from sklearn.linear_model import RidgeClassifierCV
    from sklearn.metrics import balanced_accuracy_score
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    fold = folds(labels, generator)
    found = np.empty_like(labels)
    for number in np.unique(fold):
        held_out = fold == number
        probe = make_pipeline(StandardScaler(), RidgeClassifierCV(PENALTIES, class_weight="balanced"))
        probe.fit(features[~held_out], labels[~held_out])
        found[held_out] = probe.predict(features[held_out])
    return float(balanced_accuracy_score(labels, found))


def folds(labels: NDArray[np.int64], generator: np.random.Generator) -> NDArray[np.int64]:
    """Deal aliases out to folds, those of each label evenly.

    Args:
        labels: Shape (n_aliases,).
        generator: The only source of randomness.

    Returns:
        Number of each alias's fold, shape (n_aliases,).
    """
    order = generator.permutation(len(labels))
    order = order[np.argsort(labels[order], kind="stable")]
    result = np.empty(len(labels), dtype=np.int64)
    result[order] = np.arange(len(labels)) % FOLDS
    return result
