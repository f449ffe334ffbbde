"""Twins in a tiny world, written as the page writes them: what was said, by whom, and what is asked."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import polars as pl
import pytest
from numpy.typing import NDArray

from iml_general.encoding import Encoder, Encoding
from iml_general.judging.seed_effects import seed_effects
from iml_general.learner import Batch, Inputs, Learner, Probabilities
from iml_general.measuring.measure import Setting, measure
from iml_general.protocol import BUILT_IN, Protocol, Source, episodes_of
from iml_general.rows import KEYS
from iml_general.seeds import Seed
from iml_general.worlds.statements import Statements

PROTOCOL = Protocol(
    sources=(
        Source("reliable", 1.0, stage1=20, stage2=4),
        Source("unreliable", 0.0, stage1=20, stage2=4),
        Source("neutral", 0.5, stage1=0, stage2=2),
    ),
    undefined=4,
    new_conflict=12,
    unseen=2,
)
N_QUESTIONS = 3
ENCODING = Encoding()


@dataclass(frozen=True, eq=False)
class Twins:
    """Both twins of one condition of one seed. What is disputed, i, is a new alias and a question.

    Attributes:
        stage1: The rows of stage 1.
        drawn: The rows of stage 2 as drawn.
        reliable: Place of each reliable statement among the rows of stage 2, shape (n,).
        unreliable: Place of each unreliable one.
        questions: The same without a tag: what is asked, shape (n, n_columns).
        x: What the reliable source says as drawn, shape (n,).
        y: What the unreliable one says.
    """

    stage1: Batch
    drawn: Batch
    reliable: NDArray[np.int64]
    unreliable: NDArray[np.int64]
    questions: Inputs
    x: NDArray[np.int64]
    y: NDArray[np.int64]

    @property
    def twin(self) -> Batch:
        """Stage 2 with the two answers exchanged between the tags."""
        answers = self.drawn.answers.copy()
        answers[self.reliable], answers[self.unreliable] = self.y, self.x
        return replace(self.drawn, answers=answers)

    def saying(self, x: NDArray[np.int64], y: NDArray[np.int64]) -> "Twins":
        """The same, but the sources say these."""
        answers = self.drawn.answers.copy()
        answers[self.reliable], answers[self.unreliable] = x, y
        return replace(self, drawn=replace(self.drawn, answers=answers), x=x, y=y)

    def rows_saying(self, answers: NDArray[np.int64]) -> Batch:
        """The rows of stage 2 with other answers."""
        return replace(self.drawn, answers=answers)

    def told(self) -> tuple[Inputs, Inputs, NDArray[np.int64], NDArray[np.bool_]]:
        """Of stage 1 the statements that can be tested: about what a question row answers too.

        Returns:
            The statements' rows, the same without a tag, what they say, and whether it is true.
        """
        tags = list(self.stage1.schema.tag_columns)
        inputs, answers = self.stage1.inputs, self.stage1.answers
        truth = {
            row.tobytes(): answer
            for row, answer, tagged in zip(inputs, answers, inputs[:, tags].any(axis=1), strict=True)
            if not tagged
        }
        bare = inputs.copy()
        bare[:, tags] = 0
        tested = inputs[:, tags].any(axis=1) & np.array([row.tobytes() in truth for row in bare])
        true = np.array([truth[row.tobytes()] for row in bare[tested]]) == answers[tested]
        return inputs[tested], bare[tested], answers[tested], true

    def mirrored(self) -> "Twins":
        """The same inputs and statements where the two sources have each other's role, and so stage 1 answers
        otherwise: at random, since the truth is not known here."""
        answers = np.random.default_rng(0).integers(self.stage1.n_answers, size=len(self.stage1))
        return Twins(
            replace(self.stage1, answers=answers),
            self.drawn,
            self.unreliable,
            self.reliable,
            self.questions,
            self.y,
            self.x,
        )

    def states(self, learner: Learner[Any]) -> tuple[Any, Any]:
        """What a learner becomes by each of the twins, by its update rule."""
        both = (self.drawn, self.twin)
        if learner.active_rule == "retrain":
            drawn, twin = (learner.fit(self.stage1 + one, 1) for one in both)
        else:
            state = learner.fit(self.stage1, 1)
            drawn, twin = (learner.update(state, one, 2) for one in both)
        return drawn, twin

    def answers(self, learner: Learner[Any]) -> tuple[Probabilities, Probabilities]:
        """What it answers in each of the twins, shape (n, n_answers)."""
        drawn, twin = (learner.predict(state, self.questions) for state in self.states(learner))
        return drawn, twin

    def gap(self, scores: NDArray[Any]) -> NDArray[Any]:
        """Score of x minus score of y at every question, shape (n,)."""
        i = np.arange(len(self.x))
        difference: NDArray[Any] = scores[i, self.x] - scores[i, self.y]
        return difference

    def weights(self, drawn: NDArray[Any], twin: NDArray[Any]) -> NDArray[Any]:
        """Half the difference between the twins of the gap in some scores, at every question."""
        difference: NDArray[Any] = 0.5 * (self.gap(drawn) - self.gap(twin))
        return difference


@pytest.fixture(scope="session")
def protocol() -> Protocol:
    """Sources and sizes of the tiny world."""
    return PROTOCOL


@pytest.fixture(scope="session")
def twins() -> Callable[..., Twins]:
    """Draws the twins of a seed under a condition."""

    def drawn(
        index: int = 0,
        condition: str = "informative",
        form: str = "vectors",
        n_answers: int = 4,
        protocol: Protocol = PROTOCOL,
    ) -> Twins:
        seed = Seed(0, "confirm", "statements", index)
        world = Statements(N_QUESTIONS, n_answers)
        episode = episodes_of(protocol, world, seed, BUILT_IN)[condition]
        encoder = Encoder(ENCODING, form, len(protocol.symbols), episode.world, seed)
        first, rows = episode.stages[0].rows, episode.stages[-1].rows
        disputed = rows.with_row_index("place").filter(group="new_conflict").sort("alias", "question")
        said = [disputed.filter(tag=episode.symbols[name]) for name in ("reliable", "unreliable")]
        untagged = said[0].with_columns(tag=pl.lit(PROTOCOL.symbols[0], dtype=rows.schema["tag"]))
        places, answers = (
            [one[name].cast(pl.Int64).to_numpy() for one in said] for name in ("place", "answer")
        )
        return Twins(encoder.batch(first), encoder.batch(rows), *places, encoder.inputs(untagged), *answers)

    return drawn


@pytest.fixture(scope="session")
def effects() -> Callable[..., pl.DataFrame]:
    """Measures a learner as a study does: effects by seed under informative and shuffled."""

    def measured(learner: Learner[Any], n_seeds: int = 2, encoding: Encoding = ENCODING) -> pl.DataFrame:
        seeds = [Seed(0, "confirm", "statements", index) for index in range(n_seeds)]
        setting = Setting(Statements(N_QUESTIONS), PROTOCOL, encoding)
        rows = measure(learner, setting, seeds, BUILT_IN[:2]).frame()
        keys = {key: pl.lit("") for key in KEYS if key not in rows.columns}
        return seed_effects(rows.with_columns(**keys), {"informative": "shuffled"})

    return measured
