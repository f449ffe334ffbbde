"""What the ideal observer believes: how reliable tags are, how they lie, and by Bayes' rule what is true.

Its model of the world (METHOD section 4). A row without a tag is the truth. Each question has its
marginal distribution of answers. With probability rho_t all statements about an alias under tag t are
true, or else they are lies. The prior of rho_t is Beta(1, 1). All lies of a world are of one kind. They tell
of some other alias, so that each agrees with the truth by coincidence only, at the marginal probability of
what it says. Or they *invert* the truth: each is the answer after the true one, the first after the last.
The second kind is believed in only on a Bayes factor above `VERY_STRONG_EVIDENCE`.

An alias with both statements under t and question rows is evidence on rho_t. The posterior is found
in one pass: each such alias counts as true by the probability that it is so at rho_t = 1/2.

Tags are trusted differently only on evidence: unless the Bayes factor of "each tag has a reliability
of its own" against "they share one" exceeds `POSITIVE_EVIDENCE`, all tags that were put to the test
get the reliability of their pooled counts. Otherwise a hair's breadth between two equal tags could
settle every conflict, one way or the other by chance.

Where statements answer a question that nobody is asked, what follows from them for the others is learned:
`learners.controls.bridge`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray
from scipy.special import betaln, expit, logit

from iml_general.learner import Batch, Inputs, Probabilities
from learners.controls.bridge import NOT_TOLD, Bridge

LAPSE = 1e-6  # share of statements that are another alias's all the same: keeps odds finite
POSITIVE_EVIDENCE = 3.0  # Bayes factor up to which evidence is "not worth more than a bare mention"
VERY_STRONG_EVIDENCE = 150.0  # Bayes factor from which evidence is "very strong", on the same scale


@dataclass(frozen=True, eq=False)
class Beliefs:
    """All rows seen so far and what follows from them.

    Attributes:
        rows: The rows, in the form ``"codes"``.
        said: What was said under each tag, question rows being tag 0: classes, or `NOT_TOLD`; int64
            of shape (n_tags, n_aliases, n_questions). Where rows repeat, the last one counts.
        marginals: Share of each answer among a question's rows, with one row more for every class;
            shape (n_questions, n_answers).
        n_classes: Answers of each question: those up to the last one that was ever given, shape
            (n_questions,).
        invert: Whether lies invert the truth; otherwise they tell of another alias.
        reliability: Posterior mean of rho of each tag, shape (n_tags,); 1/2 for a tag that was never
            put to the test, and 1 for tag 0, the truth.
        trust: Probability that the statements about each alias under each tag but 0 are true, its own
            question rows considered; shape (n_tags - 1, n_aliases).
        bridge: What follows from statements for questions that none answers; None where they answer all.
    """

    rows: Batch
    said: NDArray[np.int64]
    marginals: NDArray[np.float64]
    n_classes: NDArray[np.int64]
    invert: bool
    reliability: NDArray[np.float64]
    trust: NDArray[np.float64]
    bridge: Bridge | None

    @classmethod
    def of(cls, rows: Batch) -> Self:
        """Work out what follows from some rows.

        Args:
            rows: Rows of both stages or of one, in the form ``"codes"``.

        Returns:
            The beliefs of an observer who has seen these rows and no others.
        """
        said = np.full(rows.schema.n_values[:3], NOT_TOLD)
        alone = _beside(rows.inputs) == NOT_TOLD  # a statement beside a question tells nothing new
        said[tuple(rows.inputs[alone, :3].T)] = rows.answers[alone]
        marginals = _marginals(said[0], rows.n_answers)
        n_classes = np.maximum(said.max(axis=(0, 1)) + 1, 1)
        truth = said[0]
        tested = ((said[1:] != NOT_TOLD) & (truth != NOT_TOLD)).any(axis=2)
        evidence = _evidence(said, truth, marginals)
        of_inverting = _evidence(said, (truth + 1) % n_classes, marginals)
        invert = _lies_invert(evidence, of_inverting)
        if invert:
            evidence = evidence - of_inverting
        bridge = Bridge.learned(said, marginals)
        if bridge is not None:
            evidence, tested = bridge.evidence, bridge.tested
        n_tested = tested.sum(axis=1)
        n_true = np.where(tested, expit(evidence), 0.0).sum(axis=1)
        reliability = _reliability(n_true, n_tested)
        trust = (1 - LAPSE) * expit(logit(reliability)[:, None] + evidence)
        all_tags = np.concatenate([[1.0], reliability])
        return cls(rows, said, marginals, n_classes, invert, all_tags, trust, bridge)

    def answer(self, inputs: Inputs) -> Probabilities:
        """Answer by memory where the row was seen, and by Bayes' rule elsewhere.

        p(c) is proportional to marginal(c) * prod_t [trust_t 1{t said c} + (1 - trust_t) lie_t(c)], over the
        tags that spoke, where lie_t(c) is the marginal of what t said or, if lies invert, 1{t said what
        comes after c}. A statement never seen is answered as its question. One that stands beside a question
        counts as said, unless its tag has said something of that before. Across a bridge the same gives p of
        what is named, and with it of what follows.

        Args:
            inputs: Codes of tag, alias, question and perhaps what stands beside, int64 of shape
                (n_rows, 3 or 4).

        Returns:
            Probabilities of shape (n_rows, n_answers).
        """
        tag, alias, question = inputs[:, :3].T
        beside = _beside(inputs)
        one_hot = np.eye(self.marginals.shape[1])
        p = self.marginals[question]
        by_tag = zip(self.said[1:], self.trust, strict=True)
        for speaker, (said_by_tag, trust_by_alias) in enumerate(by_tag, start=1):
            said, trust = said_by_tag[alias, question], trust_by_alias[alias, None]
            said = np.where((tag == speaker) & (said == NOT_TOLD), beside, said)
            lie = self.marginals[question, said][:, None]
            if self.invert:
                before = (said - 1) % self.n_classes[question]
                lie = LAPSE * lie + (1 - LAPSE) * one_hot[before]
            likelihood = trust * one_hot[said] + (1 - trust) * lie
            p *= np.where(said[:, None] == NOT_TOLD, 1.0, likelihood)
        p /= p.sum(axis=1, keepdims=True)
        if self.bridge is not None:
            reliability = (1 - LAPSE) * self.reliability[1:]
            p = self.bridge.answers(self.said, self.marginals, reliability)[alias, question]
        seen = self.said[np.where(beside == NOT_TOLD, tag, 0), alias, question]
        seen = np.where(seen == NOT_TOLD, self.said[0, alias, question], seen)
        answers: NDArray[np.float64] = np.where(seen[:, None] == NOT_TOLD, p, one_hot[seen])
        return answers


def _beside(inputs: Inputs) -> NDArray[np.int64]:
    """What the statement beside each row says, `NOT_TOLD` where there is none."""
    none = np.full(len(inputs), NOT_TOLD)
    return inputs[:, 3] - 1 if inputs.shape[1] > 3 else none


def _marginals(truth: NDArray[np.int64], n_answers: int) -> NDArray[np.float64]:
    """Smoothed shares of the answers to each question, shape (n_questions, n_answers)."""
    known = [column[column != NOT_TOLD] for column in truth.T]
    counts = np.stack([1 + np.bincount(column, minlength=n_answers) for column in known])
    return np.asarray(counts / counts.sum(axis=1, keepdims=True), dtype=np.float64)


def _evidence(
    said: NDArray[np.int64], expected: NDArray[np.int64], marginals: NDArray[np.float64]
) -> NDArray[np.float64]:
    """How the question rows speak for each alias's statements being as expected rather than another alias's.

    Args:
        said: As in `Beliefs`.
        expected: What would be said of each alias, shape (n_aliases, n_questions); not read where there is
            no question row.
        marginals: As in `Beliefs`.

    Returns:
        Natural logarithm of the likelihood ratio, 0 where nothing can be compared; shape (n_tags - 1,
        n_aliases).
    """
    truth, statements = said[0], said[1:]
    compared = (statements != NOT_TOLD) & (truth != NOT_TOLD)
    coincidence = marginals[np.arange(len(marginals)), statements]
    # A statement that lapses says what another alias's would, so its likelihood ratio is 1.
    ratio = LAPSE + (1 - LAPSE) * (statements == expected) / coincidence
    total: NDArray[np.float64] = np.where(compared, np.log(ratio), 0.0).sum(axis=2)
    return total


def _lies_invert(evidence: NDArray[np.float64], of_inverting: NDArray[np.float64]) -> bool:
    """Whether lies that invert explain what was said very much better than lies that tell of others.

    Args:
        evidence: Logarithm of the likelihood ratio of the truth to another alias's, as `_evidence` gives it.
        of_inverting: The same of the inverted truth.

    Returns:
        Whether the Bayes factor says so, every alias being lied about with probability 1/2.
    """
    factors = np.logaddexp(evidence, of_inverting) - np.logaddexp(evidence, 0.0)
    return bool(factors.sum() > np.log(VERY_STRONG_EVIDENCE))


def _reliability(n_true: NDArray[np.float64], n_tested: NDArray[np.int64]) -> NDArray[np.float64]:
    """Posterior mean of rho of each tag, pooled without positive evidence that tags differ.

    The Bayes factor is the ratio of the marginal likelihoods of the counts; thresholds are from
    the scale of Kass and Raftery, "Bayes factors", JASA 90 (1995) 773-795.

    Args:
        n_true: Expected number of tested aliases whose statements are true, shape (n_tags - 1,).
        n_tested: Number of tested aliases, shape (n_tags - 1,).

    Returns:
        Shape (n_tags - 1,).
    """
    all_true, all_tested = n_true.sum(), n_tested.sum()
    each_its_own = betaln(1 + n_true, 1 + n_tested - n_true).sum()
    one_for_all = betaln(1 + all_true, 1 + all_tested - all_true)
    if each_its_own - one_for_all > np.log(POSITIVE_EVIDENCE):
        return (1 + n_true) / (2 + n_tested)
    return np.where(n_tested > 0, (1 + all_true) / (2 + all_tested), 0.5)
