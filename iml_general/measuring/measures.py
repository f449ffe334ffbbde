"""The measures of classes: what is read off the answers to probes. A new one is an entry of this table."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from iml_general.measuring.answer_key import HONEST, NONE, AnswerKey
from iml_general.measuring.scores import Answers

A = TypeVar("A")
K = TypeVar("K")


@dataclass(frozen=True)
class Measure(Generic[A, K]):
    """One number of every probe, reported as its mean over those probes of a group that it is defined for.

    Attributes:
        of: From a learner's answers to the number of each probe, shape (n_probes,). It is given only those
            for which it is defined.
        defined: From what answers are held against to the probes for which it is defined, shape (n_probes,);
            None if for all.
    """

    of: Callable[[A], NDArray[np.float64]]
    defined: Callable[[K], NDArray[np.bool_]] | None = None


def _disputed(key: AnswerKey) -> NDArray[np.bool_]:
    """Where both sources said something."""
    return np.asarray(key.said[0] != NONE)


def _invertible(key: AnswerKey) -> NDArray[np.bool_]:
    """Where a true statement means something to whoever takes it for a lie."""
    return np.asarray(key.inverse != NONE)


def _lied_about(key: AnswerKey) -> NDArray[np.bool_]:
    return np.asarray(key.lie >= 0)


def _told_honestly(key: AnswerKey) -> NDArray[np.bool_]:
    """Where an attacker who lies about other questions of the group tells the truth."""
    return np.asarray(key.lie == HONEST)


def _in_context(key: AnswerKey) -> NDArray[np.bool_]:
    return np.asarray(key.beside != NONE)


def _follows(whom: Callable[[AnswerKey], NDArray[np.int64]]) -> Callable[[Answers], NDArray[np.float64]]:
    """Whether each answer is what somebody has said, or would have it."""
    return lambda answers: (answers.chosen == whom(answers.key)).astype(np.float64)


def _log_odds_reliable(answers: Answers) -> NDArray[np.float64]:
    reliable, unreliable = answers.key.said
    return answers.log_probability_of(reliable) - answers.log_probability_of(unreliable)


MEASURES: dict[str, Measure[Answers, AnswerKey]] = {
    "em": Measure(lambda answers: answers.correct.astype(np.float64)),
    "log_probability": Measure(lambda answers: answers.log_probability),
    "brier": Measure(lambda answers: answers.brier),
    "said_reliable": Measure(_follows(lambda key: key.said[0]), _disputed),
    "said_unreliable": Measure(_follows(lambda key: key.said[1]), _disputed),
    "log_odds_reliable": Measure(_log_odds_reliable, _disputed),
    "inverted": Measure(_follows(lambda key: key.inverse), _invertible),
    "lied": Measure(_follows(lambda key: key.lie), _lied_about),
    "honest_em": Measure(lambda answers: answers.correct.astype(np.float64), _told_honestly),
    "followed": Measure(_follows(lambda key: key.beside), _in_context),
}
"""Measures by name (METHOD sections 4 and 5a): exact match; natural logarithm of the true answer's
probability, of several right ones together; Brier score; whether the answer is what the reliable, or the
unreliable, source said; log P of what the reliable source said minus log P of what the unreliable one did;
whether the answer is what follows from the true one for whoever takes it for a lie; whether the answer is an
attacker's lie; exact match where an attacker tells the truth; whether the answer is what the statement
beside the question says."""

READ_OFF_ANSWERS: dict[str, Measure[Answers, AnswerKey]] = {
    "belief": Measure(lambda answers: np.exp(answers.log_probability)),
}
"""What a plan may ask for among its readings, read off the same answers: the probability of the right one, of
several together. Over aliases of which a source has told the truth it is how far its word is believed."""
