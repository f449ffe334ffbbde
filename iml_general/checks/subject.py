"""The learner under test, and the tiny world that it is tested in."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from iml_general.checks.result import CheckFailedError
from iml_general.encoding import FORMS, Encoding
from iml_general.errors import LearnerError
from iml_general.learner import CLASSES, AnyLearner, Batch, Inputs, Rows
from iml_general.measuring.encoded import EncodedEpisode, encode_episodes
from iml_general.measuring.guarded import GuardedLearner
from iml_general.measuring.measure import Setting
from iml_general.protocol import BUILT_IN, INFORMATIVE, Protocol, Source
from iml_general.seeds import Seed
from iml_general.worlds.digits import Digits
from iml_general.worlds.numbers import Numbers
from iml_general.worlds.statements import Statements

R = TypeVar("R", bound=Rows)

FIT_SEED, UPDATE_SEED = 11, 12
N_ANSWERS = 3
ROUNDING = 1e-5
"""Probabilities closer than this are equal to rounding, in single precision and any order of summing."""
ROUND_OFF = 1e-12
"""Probabilities closer than this are what one and the same computation gives: where arrays lie in memory
decides in which order a linear algebra library sums, and a solver carries the last digit on. Another seed, a
set in another order or a row left out makes a difference a thousand times as large."""

NEAR = 0.5
"""A number is taken for another that is nearer than this."""

READ_ONLY = "rows stay as they are, for other learners read them too: copy what is to be changed"
"""What is expected of a learner that writes into its inputs."""

PROTOCOL = Protocol(
    sources=(
        Source("reliable", reliability=1.0, stage1=10, stage2=6),
        Source("unreliable", reliability=0.0, stage1=10, stage2=6),
        Source("neutral", stage2=2),
    ),
    undefined=0,  # a group without rows is nothing special
    new_conflict=3,
    unseen=3,
)
WORLDS = (
    Statements(n_questions=3, n_answers=N_ANSWERS),
    Digits(n_questions=3, n_answers=N_ANSWERS),
    Numbers(n_questions=3),
)


def setting(form: str, answer_kind: str = CLASSES) -> Setting:
    """The tiny world: the first of `WORLDS` that is answered so, and whose rows can be read in a form."""
    alike = (source for source in WORLDS if source.answer_kind == answer_kind)
    return Setting(next(source for source in alike if form in source.forms), PROTOCOL)


def seed(index: int) -> Seed:
    """One of the seeds that checks use; confirmations never do."""
    return Seed(0, "search", "statements", index)


@dataclass(frozen=True, eq=False)
class Subject:
    """A learner under test.

    Rows are read-only, as in a study, and copied each time they are asked for, so that what a learner
    does to them all the same is not seen by the next check.

    Attributes:
        learner: The configuration under test, its update rule included.
        again: The command or call that runs one of its checks, with ``{only}`` for its name.
    """

    learner: AnyLearner[Any]
    again: str

    def under(self, rule: str) -> Subject:
        """The same learner with another update rule."""
        changes: dict[str, Any] = {"rule": rule} if len(self.learner.info.rules) > 1 else {}
        return replace(self, learner=replace(self.learner, **changes))  # type: ignore[type-var]

    @property
    def stage1(self) -> Rows:
        """The rows of stage 1: 100, of which 60 are question rows or statements under tag A."""
        return copied(self._episode().stages[0].rows)

    @property
    def stage2(self) -> Rows:
        """The rows of stage 2: statements about 17 aliases that stage 1 does not know."""
        return copied(self._episode().stages[1].rows)

    @property
    def probes(self) -> Inputs:
        """Questions and statements about all aliases, among them some that are in no stage."""
        probes = self._episode().probes.inputs.copy()
        probes.flags.writeable = False
        return probes

    @property
    def easy(self) -> tuple[Rows, Rows]:
        """Both stages of an easy world: three aliases each, every answer about one of them is the same.

        Each row comes ten times, so that learners which need several rows to learn anything have them.
        """
        numbers = self._episode("codes").stages
        return _easy(self.stage1, numbers[0].rows), _easy(self.stage2, numbers[1].rows)

    def fitted(self, batch: Rows | None = None, seed: int = FIT_SEED) -> Any:
        """A fresh state, fitted to stage 1 or to other rows."""
        with self._calling("fit"):
            return self.learner.fit(self.stage1 if batch is None else batch, seed)

    def updated(self, state: Any, batch: Rows | None = None, seed: int = UPDATE_SEED) -> Any:
        """That state updated with stage 2 or with other rows."""
        with self._calling("update"):
            return self.learner.update(state, self.stage2 if batch is None else batch, seed)

    def predict(self, state: Any, inputs: Inputs | None = None) -> NDArray[np.floating[Any]]:
        """What the learner answers to the probes or to other rows, whatever it is."""
        with self._calling("predict"):
            return self.learner.predict(state, self.probes if inputs is None else inputs)

    def answers(
        self, state: Any, inputs: Inputs | None = None, like: Rows | None = None
    ) -> NDArray[np.floating[Any]]:
        """The same, checked as every study checks it: after rows like those of stage 1, or others.

        Raises:
            CheckFailedError: If these are not probabilities, or not numbers, as its contract has it.
        """
        inputs, like = self.probes if inputs is None else inputs, like or self.stage1
        try:
            return GuardedLearner(self.learner, {}).predict(state, inputs, like, shared=False)
        except LearnerError as error:
            expected = f"a finite number for each of {len(inputs)} rows"
            if isinstance(like, Batch):
                expected = f"probabilities of shape ({len(inputs)}, {like.n_answers}), rows of which sum to 1"
            raise CheckFailedError(str(error), expected) from error

    @property
    def setting(self) -> Setting:
        """The tiny world in which the learner is tested."""
        return setting(self.learner.info.form, self.learner.answer_kind)

    def _episode(self, form: str = "") -> EncodedEpisode:
        """What the learner goes through, in its own form or in another."""
        at = self.setting
        read = form or self.learner.info.form
        episodes = encode_episodes(at.protocol, at.source, Encoding(), read, seed(0), BUILT_IN)
        return episodes[INFORMATIVE.name]

    @contextmanager
    def _calling(self, method: str) -> Iterator[None]:
        """Say it of a learner that writes into what it is given, whatever the check is about."""
        try:
            yield
        except ValueError as error:
            if "read-only" not in str(error):
                raise
            seen = (
                f"{self.learner.info.name}: {method} writes into the rows it is given (ValueError: {error})"
            )
            raise CheckFailedError(seen, READ_ONLY) from error


def copied(batch: R) -> R:
    """The same rows in arrays of their own."""
    return changed(batch, inputs=batch.inputs.copy(), answers=batch.answers.copy())


def rows_of(batch: R, chosen: Any) -> R:
    """Some rows of a batch, chosen as numpy chooses."""
    return changed(batch, inputs=batch.inputs[chosen], answers=batch.answers[chosen])


def of_one_answer(batch: R) -> R:
    """Rows that are all answered with 1: those of that class, or all, with that number in place of theirs."""
    if isinstance(batch, Batch):
        return rows_of(batch, batch.answers == 1)
    return changed(batch, answers=np.ones(len(batch)))


def changed(batch: R, **changes: Any) -> R:
    """A batch with other inputs or answers."""
    return replace(batch, **changes)  # type: ignore[type-var]  # batches are dataclasses


def are_right(given: NDArray[np.floating[Any]], batch: Rows) -> NDArray[np.bool_]:
    """Whether answers to the rows of a batch are its own: the most probable class, or a number near it.

    Args:
        given: What the learner's `predict` gave for the inputs.
        batch: The rows; numbers among them differ by 1 or more.

    Returns:
        Shape (n_rows,).
    """
    if isinstance(batch, Batch):
        return np.asarray(given.argmax(axis=1) == batch.answers)
    return np.asarray(np.abs(given - batch.answers) < NEAR)


def _easy(batch: R, numbers: Rows) -> R:
    """Keep the rows of the first aliases by what they look like, and let each have one answer to all.

    Args:
        batch: Rows.
        numbers: The same in the form ``"codes"``, which tells aliases apart however they look.

    Returns:
        The rows that are kept, ten times over.
    """
    column = numbers.schema.columns.index("alias")
    aliases, alias = np.unique(numbers.inputs[:, column], return_inverse=True)
    bare = FORMS[batch.schema.form].untagged(batch.inputs, batch.schema).reshape(len(batch), -1)
    first = np.full(len(aliases), len(batch))
    np.minimum.at(first, alias, np.unique(bare, axis=0, return_inverse=True)[1].ravel())
    alias = np.argsort(np.argsort(first))[alias]
    kept = np.flatnonzero(alias < min(len(aliases), N_ANSWERS))
    easy = changed(batch, answers=(alias % N_ANSWERS).astype(batch.answers.dtype))
    return rows_of(easy, np.tile(kept, 10))
