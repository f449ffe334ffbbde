"""The ideal observer finds out how lies are made: against a model without any of its shortcuts."""

import numpy as np
import pytest

from iml_general.learner import Batch, Schema
from learners.controls.beliefs import LAPSE
from learners.controls.ideal_observer import IdealObserver

Row = tuple[int, int, int, int]

N_QUESTIONS, NEW = 3, 29
RHO = (np.arange(20_000) + 0.5) / 20_000
"""What a tag's reliability may be, all equally likely."""


def told(rows: list[Row], n_classes: int) -> Batch:
    """Rows of (tag, alias, question, answer)."""
    table = np.array(rows)
    schema = Schema("codes", ("tag", "alias", "question"), (3, NEW + 1, N_QUESTIONS), (0,))
    return Batch(table[:, :3], table[:, 3], n_classes, schema)


def record(tag: int, aliases: range, n_true: int, n_classes: int) -> list[Row]:
    """Question rows and statements: of all aliases but the first ones the answer after the true one."""
    rows = []
    for place, alias in enumerate(aliases):
        for question in range(N_QUESTIONS):
            truth = (alias + question) % n_classes
            said = truth if place < n_true else (truth + 1) % n_classes
            rows += [(0, alias, question, truth), (tag, alias, question, said)]
    return rows


class Exact:
    """The posterior, summed over both kinds of lies, all reliabilities, and who is lied about."""

    def __init__(self, rows: list[Row], n_classes: int) -> None:
        self.n_classes = n_classes
        self.answers = {row[:3]: row[3] for row in rows}
        counts = np.ones((N_QUESTIONS, n_classes))
        for tag, _, question, answer in rows:
            counts[question, answer] += tag == 0
        self.marginals = counts / counts.sum(axis=1, keepdims=True)

    def says(self, answer: int, truth: int, question: int, kind: str) -> float:
        """How likely a statement is that is true, of another alias, or inverted."""
        of_another = float(self.marginals[question, answer])
        if kind == "another":
            return of_another
        expected = truth if kind == "true" else (truth + 1) % self.n_classes
        return LAPSE * of_another + (1 - LAPSE) * (answer == expected)

    def record(self, tag: int, lies: str) -> np.ndarray:
        """How likely all that was said under a tag is, for every reliability."""
        likelihood = np.ones(len(RHO))
        for alias in {a for t, a, _ in self.answers if t == tag}:
            true, lie = (
                np.prod(
                    [
                        self.says(self.answers[tag, alias, q], self.answers[0, alias, q], q, kind)
                        for q in range(N_QUESTIONS)
                    ]
                )
                for kind in ("true", lies)
            )
            likelihood *= RHO * true + (1 - RHO) * lie
        return likelihood

    def posterior(self, said: dict[int, int]) -> np.ndarray:
        """Probabilities of the answers to question 0 about an alias of which each tag says something."""
        joint = np.zeros(self.n_classes)
        for lies in ("another", "inverted"):
            records = {tag: self.record(tag, lies) for tag in (1, 2)}
            for truth in range(self.n_classes):
                p = self.marginals[0, truth]
                for tag, likelihood in records.items():
                    weight = np.ones(len(RHO))
                    if tag in said:
                        true, lie = (self.says(said[tag], truth, 0, kind) for kind in ("true", lies))
                        weight = RHO * true + (1 - RHO) * lie
                    p *= (likelihood * weight).mean()
                joint[truth] += p
        return joint / joint.sum()


@pytest.mark.parametrize("n_classes", [2, 3, 5])
@pytest.mark.parametrize("n_true", [0, 3])
@pytest.mark.parametrize("said", [{2: 1}, {1: 1}, {1: 0, 2: 1}, {1: 1, 2: 0}])
def test_lies_are_inverted_as_an_exact_model_does(n_classes: int, n_true: int, said: dict[int, int]) -> None:
    rows = [*record(1, range(12), 12, n_classes), *record(2, range(12, 24), n_true, n_classes)]
    new = [(tag, NEW, 0, answer) for tag, answer in said.items()]
    state = IdealObserver().fit(told([*rows, *new], n_classes), 0)
    assert state.invert
    found = IdealObserver().predict(state, np.array([[0, NEW, 0]]))[0]
    np.testing.assert_allclose(found, Exact(rows, n_classes).posterior(said), atol=1e-4)


def test_what_a_source_says_that_is_always_wrong_is_the_answer_after_the_true_one() -> None:
    rows = [*record(1, range(12), 12, 4), *record(2, range(12, 24), 0, 4), (2, NEW, 0, 0)]
    state = IdealObserver().fit(told(rows, 4), 0)
    found = IdealObserver().predict(state, np.array([[0, NEW, 0]]))[0]
    assert found[3] == pytest.approx(13 / 14, abs=1e-4)  # none of 12 was true: rho = 1/14
    assert found[0] == pytest.approx(1 / 14, abs=1e-4)


@pytest.mark.parametrize("n_classes", [2, 4])
def test_lies_that_tell_of_another_alias_are_not_inverted(n_classes: int) -> None:
    truth = np.random.default_rng(0).integers(n_classes, size=(24, N_QUESTIONS))
    lied = np.roll(truth, 1, axis=0)
    rows = [(0, alias, q, truth[alias, q]) for alias in range(24) for q in range(N_QUESTIONS)]
    rows += [(1, alias, q, truth[alias, q]) for alias in range(12) for q in range(N_QUESTIONS)]
    rows += [(2, alias, q, lied[alias, q]) for alias in range(12, 24) for q in range(N_QUESTIONS)]
    assert not IdealObserver().fit(told(rows, n_classes), 0).invert
