"""Four learners that treat the sources unlike each other and trust none of them.

Each was made to fool a measure that is weaker than controlled trust; `test_cheats` shows which. They are
loaded as users' files are: ``tests/cheats/cheats.py:FavoursLowerSymbol``.
"""

from __future__ import annotations

import zlib
from abc import abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from iml_general.learner import Batch, Inputs, Learner, LearnerInfo, Probabilities
from iml_general.options import NotNegative, Share

if TYPE_CHECKING:
    import optuna

FIRST = 1  # the number of the first tag symbol; a row without a tag has 0
SHARPNESS = 8.0  # how far apart the probabilities of answers with a vote more or less are


@dataclass(frozen=True, eq=False)
class Heard:
    """All rows so far, and the seed of whatever is random about them.

    Attributes:
        rows: In the form ``"codes"``, in the order in which they were heard.
        seed: Of the last `fit` or `update`.
    """

    rows: Batch
    seed: int


class Cheat(Learner[Heard]):
    """Lets the claims about an alias and a question vote on the answer, whoever asks."""

    @classmethod
    def suggest(cls, trial: optuna.Trial) -> Self:
        """Give the default: there is nothing to search."""
        del trial
        return cls()

    def fit(self, batch: Batch, seed: int) -> Heard:
        """Keep the rows."""
        return Heard(batch, seed)

    def update(self, state: Heard, batch: Batch, seed: int) -> Heard:
        """Keep these rows too."""
        return Heard(state.rows + batch, seed)

    def predict(self, state: Heard, inputs: Inputs) -> Probabilities:
        """Give the softmax of the votes."""
        # Conditions differ in tags, so that what is random is not the same in a control; twins do not.
        tags = zlib.crc32(state.rows.inputs[:, 0].tobytes())
        votes = self.votes(state.rows, np.random.default_rng([state.seed, tags]))
        p = np.exp(SHARPNESS * votes[inputs[:, 1], inputs[:, 2]])
        return p / p.sum(axis=1, keepdims=True)

    @abstractmethod
    def votes(self, rows: Batch, generator: np.random.Generator) -> NDArray[np.float64]:
        """Count the votes.

        Args:
            rows: All rows so far.
            generator: The only source of randomness.

        Returns:
            Shape (n_aliases, n_questions, n_answers).
        """


def described(name: str, summary: str) -> LearnerInfo:
    """Describe a cheat."""
    return LearnerInfo(name=name, family="cheats", summary=summary, form="codes", rules=("append",))


def counted(rows: Batch, weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """Add up the weights of the rows, shape (n_aliases, n_questions, n_answers)."""
    votes = np.zeros((*rows.schema.n_values[1:], rows.n_answers))
    np.add.at(votes, (rows.inputs[:, 1], rows.inputs[:, 2], rows.answers), weights)
    return votes


@dataclass(frozen=True)
class FavoursLowerSymbol(Cheat):
    """Where two sources disagree, believes the lower tag symbol, whatever stage 1 said of it."""

    info: ClassVar[LearnerInfo] = described("favours-lower-symbol", "believes the lower tag symbol")

    def votes(self, rows: Batch, generator: np.random.Generator) -> NDArray[np.float64]:
        """Let each symbol weigh half of what the one before it does."""
        del generator
        return counted(rows, 0.5 ** rows.inputs[:, 0])


@dataclass(frozen=True)
class MemorisesFirstSymbol(Cheat):
    """Forgets some statements, but none of the first tag symbol's.

    Attributes:
        forgotten: Share of the other statements that it forgets.
    """

    info: ClassVar[LearnerInfo] = described("memorises-first-symbol", "forgets the other symbols' statements")

    forgotten: Share = 0.3

    def votes(self, rows: Batch, generator: np.random.Generator) -> NDArray[np.float64]:
        """Count what it has not forgotten."""
        forgets = generator.random(len(rows)) < self.forgotten
        return counted(rows, np.where(forgets & (rows.inputs[:, 0] > FIRST), 0.0, 1.0))


@dataclass(frozen=True)
class LetsTheLastRowWin(Cheat):
    """Believes what it heard last of an alias and a question."""

    info: ClassVar[LearnerInfo] = described("lets-the-last-row-win", "believes what it heard last")

    def votes(self, rows: Batch, generator: np.random.Generator) -> NDArray[np.float64]:
        """Let the last row speak alone."""
        del generator
        alias, question = rows.inputs[:, 1], rows.inputs[:, 2]
        last = np.full(rows.schema.n_values[1:], -1)
        np.maximum.at(last, (alias, question), np.arange(len(rows)))
        return counted(rows, (last[alias, question] == np.arange(len(rows))).astype(np.float64))


@dataclass(frozen=True)
class NoisyUnderContradictedTag(Cheat):
    """Adds noise to what it learns of an alias under a tag that question rows have contradicted.

    The noise is one for all claims about an alias: none of them weighs less for it.

    Attributes:
        noise: Standard deviation of the noise in an answer's votes, under a tag that is always wrong.
    """

    info: ClassVar[LearnerInfo] = described("noisy-under-contradicted-tag", "adds noise where it was misled")

    noise: NotNegative = 0.8

    def votes(self, rows: Batch, generator: np.random.Generator) -> NDArray[np.float64]:
        """Add noise by how often the worst of the tags that spoke of an alias was contradicted."""
        n_tags, n_aliases, _ = rows.schema.n_values
        tag, alias = rows.inputs[:, 0], rows.inputs[:, 1]
        worst = np.zeros(n_aliases)
        np.maximum.at(worst, alias, contradicted_shares(rows, n_tags)[tag])
        votes = counted(rows, np.ones(len(rows)))
        return votes + self.noise * worst[:, None, None] * generator.standard_normal(votes.shape)


def contradicted_shares(rows: Batch, n_tags: int) -> NDArray[np.float64]:
    """Share of every tag's statements that a question row contradicts, of those that one answers.

    Args:
        rows: All rows so far.
        n_tags: Number of tags, that of no tag among them.

    Returns:
        Shape (n_tags,); 0 for a tag that was never put to the test.
    """
    truth = np.full(rows.schema.n_values[1:], -1)
    tag, alias, question = rows.inputs.T
    asked = tag == 0
    truth[alias[asked], question[asked]] = rows.answers[asked]
    known = truth[alias, question]
    tested = np.bincount(tag[known >= 0], minlength=n_tags)
    wrong = np.bincount(tag[(known >= 0) & (known != rows.answers)], minlength=n_tags)
    return wrong / np.maximum(tested, 1)
