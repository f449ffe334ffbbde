"""What follows from statements that answer no question that is asked: the ideal observer learns it.

Where statements name one thing (an alias's number) and questions ask another (whether it lies in a set),
Bayes' rule needs the probability of each answer given what is named. It is counted over the aliases of which
both were learned, each as much as its statement is likely to be true, which depends on it in turn:
expectation maximisation (Dempster, Laird and Rubin, Journal of the Royal Statistical Society B 39, 1977).
Where untagged rows say of something what it is (of an entity, that it is itself), it is counted as it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit

NOT_TOLD = -1
ROUNDS = 30  # of expectation maximisation; it has settled long before


@dataclass(frozen=True, eq=False)
class Bridge:
    """From the one question that statements answer to those that are asked.

    Attributes:
        named: The question that statements answer.
        follows: Probability of each answer to each question given what is named, shape (n_answers,
            n_questions, n_answers).
        evidence: How each alias's question rows speak for what each tag says of it, natural logarithm of a
            likelihood ratio, shape (n_tags - 1, n_aliases).
        tested: Of which aliases there are both a statement under the tag and question rows, same shape.
    """

    named: int
    follows: NDArray[np.float64]
    evidence: NDArray[np.float64]
    tested: NDArray[np.bool_]

    @classmethod
    def learned(cls, said: NDArray[np.int64], marginals: NDArray[np.float64]) -> Self | None:
        """Learn what follows from what is named.

        Args:
            said: What was said under each tag, question rows being tag 0: classes, or `NOT_TOLD`; int64 of
                shape (n_tags, n_aliases, n_questions).
            marginals: Share of each answer to each question, shape (n_questions, n_answers).

        Returns:
            The bridge; None if of some alias a question is both stated and asked, or not just one is stated.
        """
        asked, stated = ((rows != NOT_TOLD).any(axis=0) for rows in (said[:1], said[1:]))
        named = np.flatnonzero(stated.any(axis=0))
        if len(named) != 1 or not asked.any() or (asked & stated).any():
            return None
        statements, truth = said[1:, :, named[0]], said[0]
        itself, n_answers = truth[None, :, named[0]], marginals.shape[1]
        facts = _counts(itself, truth, np.ones(itself.shape), n_answers)
        weights = np.where(statements != NOT_TOLD, 0.5, 0.0)
        for _ in range(ROUNDS):
            evidence = _evidence(statements, truth, weights, facts, marginals)
            n_told = (statements != NOT_TOLD).sum(axis=1, keepdims=True)
            reliability = (1 + weights.sum(axis=1, keepdims=True)) / (2 + n_told)
            weights = np.where(statements != NOT_TOLD, expit(logit(reliability) + evidence), 0.0)
        tested = (statements != NOT_TOLD) & (truth != NOT_TOLD).any(axis=1)
        counts = facts + _counts(statements, truth, weights, n_answers)
        return cls(int(named[0]), _shares(counts, marginals), evidence, tested)

    def answers(
        self, said: NDArray[np.int64], marginals: NDArray[np.float64], reliability: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """Answer every question about every alias by what was named, and by what its own question rows say.

        Args:
            said: As for `learned`.
            marginals: Likewise.
            reliability: Probability that what each tag names is true, shape (n_tags - 1,), below 1.

        Returns:
            Probabilities of shape (n_aliases, n_questions, n_answers).
        """
        truth, n_answers = said[0], marginals.shape[1]
        log_p = np.tile(np.log(marginals[self.named]), (len(truth), 1))
        for question in np.flatnonzero((truth != NOT_TOLD).any(axis=0)):
            known = truth[:, question] != NOT_TOLD
            log_p[known] += np.log(self.follows[:, question, truth[known, question]]).T
        for statements, trust in zip(said[1:, :, self.named], reliability, strict=True):
            told = statements != NOT_TOLD
            lie = marginals[self.named, statements[told]][:, None]
            log_p[told] += np.log(trust * np.eye(n_answers)[statements[told]] + (1 - trust) * lie)
        p = np.exp(log_p - log_p.max(axis=1, keepdims=True))
        p /= p.sum(axis=1, keepdims=True)
        answers: NDArray[np.float64] = np.einsum("an,nqc->aqc", p, self.follows)
        return answers


def _evidence(
    statements: NDArray[np.int64],
    truth: NDArray[np.int64],
    weights: NDArray[np.float64],
    facts: NDArray[np.float64],
    marginals: NDArray[np.float64],
) -> NDArray[np.float64]:
    """As in `Bridge`; what follows is counted over all aliases but the one that it is compared with."""
    counts = facts + _counts(statements, truth, weights, marginals.shape[1])
    questions = np.arange(truth.shape[1])
    compared = (statements != NOT_TOLD)[:, :, None] & (truth != NOT_TOLD)
    own = weights[:, :, None]
    found = counts[statements[:, :, None], questions, truth] - own
    total = counts.sum(axis=2)[statements] - own
    coincidence = np.broadcast_to(marginals[questions, truth], compared.shape)
    ratio = np.ones(compared.shape)
    ratio[compared] = ((coincidence + found) / (1 + total) / coincidence)[compared]
    evidence: NDArray[np.float64] = np.log(ratio).sum(axis=2)
    return evidence


def _counts(
    statements: NDArray[np.int64], truth: NDArray[np.int64], weights: NDArray[np.float64], n_answers: int
) -> NDArray[np.float64]:
    """How often each answer goes with what is named, by weight; shape (n_answers, n_questions, n_answers)."""
    counts = np.zeros((n_answers, truth.shape[1], n_answers))
    for by_tag, weight in zip(statements, weights, strict=True):
        alias, question = np.nonzero((by_tag != NOT_TOLD)[:, None] & (truth != NOT_TOLD))
        np.add.at(counts, (by_tag[alias], question, truth[alias, question]), weight[alias])
    return counts


def _shares(counts: NDArray[np.float64], marginals: NDArray[np.float64]) -> NDArray[np.float64]:
    """Probabilities by counts and one more row that is spread as the marginal is."""
    shares: NDArray[np.float64] = (marginals + counts) / (1 + counts.sum(axis=2, keepdims=True))
    return shares
