"""The learner contract: all that the author of a learner has to read.

This is the contract of learners that answer with one of several classes; those that answer with a number keep
the one in `iml_general.regressor`, beside it.

A learner is a frozen dataclass. Its fields are the hyperparameters, its ``info`` says what it can
do, and its methods take a state in and give a state out. The framework calls::

    state = learner.fit(stage_1, seed)              # learn from tagged statements and questions
    state_2 = learner.update(state, stage_2, seed)  # learn new statements, leaving `state` as it was
    p = learner.predict(state_2, inputs)            # probabilities of the answers

The update rule is an ordinary field called ``rule``; the rule ``retrain`` (fit anew on both stages)
is carried out by the framework, so a learner never sees it in `update`.

Arrays that a learner is given are read-only: other learners get the same ones. Copy what you need to change.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Generic, Self, TypeVar

import numpy as np
from numpy.typing import NDArray

from iml_general.errors import UsageError

if TYPE_CHECKING:
    import optuna

RULES: dict[str, str] = {
    "grow": "add parts fitted to stage 2",
    "refit": "keep every tree's structure, update leaf values from stage 2",
    "continue": "go on with gradient steps or partial fits",
    "append": "add rows to memory",
    "retrain": "fit anew on stage 1 and stage 2 together",
}
"""The update rules: what stage 2 may do to a fitted learner."""

Inputs = NDArray[Any]
"""Encoded rows, shape (n_rows, n_columns), or (n_rows, height, width) if they are pictures; see `Schema`."""

Probabilities = NDArray[np.floating[Any]]
"""Probabilities of the answers, shape (n_rows, n_answers)."""

CLASSES, NUMBERS = "classes", "numbers"
"""The kinds of answers: a world has one of them, and so does a learner."""

LAST_LAYER = "last_layer"
"""The name of a learner's representation among its layers."""

COHORT_SEEDS = 4
"""Seeds that one unit of work of a cohort learner trains together, if it says nothing else."""

S = TypeVar("S")


@dataclass(frozen=True)
class Schema:
    """What the columns of a learner's inputs mean.

    Attributes:
        form: Name of the form, such as ``"vectors"``: float32 features. ``"tokens"``: int64 token
            ids, one sequence a row. ``"codes"``: int64 columns (tag, alias, question), the row
            itself without any code. ``"pictures"``: float32 pixels from 0, white, to 1, black.
            ``"text"``: int64 tokens of a sentence, and beside it of the words of every answer; where
            it is 0 there is no token, and rows are read without it.
            `iml_general.encoding.forms.FORMS` has all there are.
        columns: One readable name per column, such as ``"alias[3]"``; of pictures one per pixel, line by
            line, such as ``"pixel[3,17]"``.
        n_values: For ``"tokens"`` and ``"text"`` the size of the vocabulary, shared by all columns; for
            ``"codes"`` the number of values of each column; empty for the others.
        tag_columns: Positions of the columns that carry the tag.
        picture: Height and width, where columns are pixels; else empty.
        pieces: For ``"text"`` the text of every token: joined, those of a row give its sentence.
        answer_columns: For ``"text"`` the positions of the columns that spell out each answer class; 0 in all
            of them where a question has fewer answers.
    """

    form: str
    columns: tuple[str, ...]
    n_values: tuple[int, ...]
    tag_columns: tuple[int, ...]
    picture: tuple[int, ...] = ()
    pieces: tuple[str, ...] = ()
    answer_columns: tuple[tuple[int, ...], ...] = ()


class Rows:
    """Encoded training rows. The arrays are read-only, also in a copy and in another process.

    Attributes:
        inputs: Rows as `schema` describes them.
        answers: One answer a row, shape (n_rows,). There may be no rows at all.
        schema: What the columns of `inputs` mean.
    """

    inputs: Inputs
    answers: NDArray[Any]
    schema: Schema

    def __post_init__(self) -> None:
        for name in ("inputs", "answers"):
            # A view, so that whoever made the array can still write to it.
            array = getattr(self, name).view()
            array.flags.writeable = False
            object.__setattr__(self, name, array)

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self.__post_init__()  # numpy pickles and copies arrays without that they are read-only

    def __len__(self) -> int:
        """Number of rows."""
        return len(self.answers)

    def __add__(self, other: Self) -> Self:
        """The rows of both batches, this one's first."""
        inputs = np.concatenate([self.inputs, other.inputs])
        answers = np.concatenate([self.answers, other.answers])
        return replace(self, inputs=inputs, answers=answers)  # type: ignore[type-var]  # batches are dataclasses


@dataclass(frozen=True, eq=False)
class Batch(Rows):
    """Rows whose answers are classes.

    Attributes:
        inputs: Rows as `schema` describes them.
        answers: Answer classes, int64 of shape (n_rows,), each in 0 .. n_answers - 1. Not every
            class need occur.
        n_answers: Number of answer classes: the width of `Learner.predict`'s result.
        schema: What the columns of `inputs` mean.
    """

    inputs: Inputs
    answers: NDArray[np.int64]
    n_answers: int
    schema: Schema


@dataclass(frozen=True)
class LearnerInfo:
    """What a learner is. The framework decides by this and by the class, never by names.

    Attributes:
        name: Name on the command line and in every row: lower-case words joined by hyphens.
        family: Readable family, by which reports group learners, such as ``"tree ensembles"``.
        summary: One line for ``iml learners``.
        form: The form of input that it takes; see `Schema`.
        rules: The update rules it knows, the most telling first. A learner whose rules include
            more than one has a field ``rule``.
        role: ``"subject"`` for what a study makes claims about; the controls have another, which
            `iml_general.rows` names.
        update_fields: Fields that only `update` reads. Variants that differ in nothing else share
            one stage-1 state.
        libraries: Distributions whose versions matter for its results, such as ``("lightgbm",)``.
        max_rows: The most rows that it can learn from, both stages together; None if any number. A
            study that has more goes without it, and its report says why.
    """

    name: str
    family: str
    summary: str
    form: str
    rules: tuple[str, ...]
    role: str = "subject"
    update_fields: tuple[str, ...] = ()
    libraries: tuple[str, ...] = ()
    max_rows: int | None = None

    def __post_init__(self) -> None:
        faults = []
        if not re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", self.name):
            faults.append(f"name {self.name!r} is not lower-case words joined by hyphens")
        if not self.rules:
            faults.append("rules is empty; name at least one")
        faults += [f"rule {rule!r} is not one of {list(RULES)}" for rule in self.rules if rule not in RULES]
        if len(set(self.rules)) < len(self.rules):
            faults.append(f"rules {self.rules} names a rule twice")
        if not self.family or not self.summary:
            faults.append("family and summary must say something")
        if self.max_rows is not None and self.max_rows < 1:
            faults.append(f"max_rows {self.max_rows} is less than 1; leave it out if there is no limit")
        if faults:
            raise UsageError(f"LearnerInfo of {self.name!r}: " + "; ".join(faults))


class AnyLearner(ABC, Generic[S]):
    """What learners of both contracts have; nobody derives from this but `Learner` and its counterpart.

    `S` is whatever the learner uses as its state. A batch holds classes or numbers as the contract has it.

    Attributes:
        info: What the learner is.
        answer_kind: Whether it answers with `CLASSES` or `NUMBERS`; the contract says so.
    """

    info: ClassVar[LearnerInfo]
    answer_kind: ClassVar[str]

    @classmethod
    def suggest(cls, trial: optuna.Trial) -> Self:
        """Draw a configuration from the learner's own search space; only a search needs it.

        Args:
            trial: Gives values through ``trial.suggest_*``. Name parameters as the fields.

        Returns:
            A valid learner. The update rule is left at its default: the study varies it.

        Raises:
            UsageError: If the class has no search space.
        """
        del trial
        raise UsageError(f"learner {cls.info.name!r} has no search space: write its `suggest`")

    @abstractmethod
    def fit(self, batch: Any, seed: int) -> S:
        """Learn from scratch.

        Args:
            batch: The rows of stage 1 (or of both stages, under ``retrain``).
            seed: In [0, 2**31); the same seed gives the same state.

        Returns:
            A new state.
        """

    def update(self, state: S, batch: Any, seed: int) -> S:
        """Learn more, by the update rule ``self.rule``; left out where the only rule is ``retrain``.

        Args:
            state: What `fit` or `update` returned. It must not be changed.
            batch: The rows of stage 2. With no rows, the result predicts as `state` does.
            seed: As in `fit`.

        Returns:
            A new state, which may share unchanged parts with `state`.

        Raises:
            NotImplementedError: If there are rows, and the only rule is ``retrain``.
        """
        del seed
        if len(batch):
            raise NotImplementedError(
                f"{self.info.name} can't learn more from a state; its only rule is 'retrain': "
                "fit it on the rows of both stages"
            )
        return state

    @abstractmethod
    def predict(self, state: S, inputs: Inputs) -> NDArray[np.floating[Any]]:
        """Answer rows, as the contract has it; see `Learner.predict`."""

    def files(self) -> tuple[Path, ...]:
        """Files that it learns from besides rows.

        Returns:
            All of them, if there are any: rows made with other files under the same names are other rows, and
            what was kept of the one set is not handed out for the other.
        """
        return ()

    @property
    def active_rule(self) -> str:
        """The update rule of this configuration."""
        return str(getattr(self, "rule", self.info.rules[0]))


class Learner(AnyLearner[S]):
    """Base of all learners that answer with classes; they are given a `Batch`.

    Subclasses are frozen dataclasses, final, with `info`, `fit` and `predict`, with `update` unless the
    only rule is ``retrain``, and with `suggest` if they are to be searched. A learner uses one
    thread, draws randomness only from the given seed, and prints and writes nothing.
    """

    answer_kind: ClassVar[str] = CLASSES

    @abstractmethod
    def predict(self, state: S, inputs: Inputs) -> Probabilities:
        """Give the probability of every answer.

        Args:
            state: What `fit` or `update` returned. It must not be changed.
            inputs: Rows of shape (n_rows, n_columns), in the form that `info` names.

        Returns:
            Probabilities of shape (n_rows, n_answers): finite, >= 0, rows sum to 1.
        """


class Cohort(AnyLearner[S]):
    """A learner of either contract that trains many seeds and conditions at once.

    Members of a cohort are independent: each result equals, to rounding, what `fit`, `update` and
    `predict` give for that member alone.
    """

    @property
    def seeds_at_once(self) -> int:
        """Seeds that one unit of work trains together; it hangs on options alone, never on the machine."""
        return COHORT_SEEDS

    @abstractmethod
    def fit_cohort(self, batches: Sequence[Any], seeds: Sequence[int]) -> list[S]:
        """`fit` for each pair of batch and seed."""

    @abstractmethod
    def update_cohort(self, states: Sequence[S], batches: Sequence[Any], seeds: Sequence[int]) -> list[S]:
        """`update` for each triple of state, batch and seed."""


class CohortLearner(Cohort[S], Learner[S]):
    """A `Learner` that trains many seeds and conditions at once."""


class AffinityLearner(Learner[S]):
    """A learner whose coupling of statements and questions can be read off."""

    @abstractmethod
    def affinity(
        self, state: S, statements: Inputs, questions: Inputs, answers: NDArray[np.int64]
    ) -> NDArray[np.float64]:
        """How strongly learning each statement would move the answer to its question.

        Args:
            state: What `fit` returned.
            statements: Tagged rows, shape (n_rows, n_columns).
            questions: The same rows without a tag, shape (n_rows, n_columns).
            answers: What the statements say, int64 of shape (n_rows,).

        Returns:
            Affinities, shape (n_rows,): for trees the share of trees in which both rows fall in
            one leaf; for neural learners the cosine of the two loss gradients.
        """

    @abstractmethod
    def step_size(self, n_rows: int) -> float:
        """How far `update` goes, by the rule ``self.rule``, in a unit of the learner's own.

        What an update does to the answer to a question is expected to grow with affinity times step; how far
        that holds is derived for forests and gradient steps, and measured by a law, not promised.

        Args:
            n_rows: Rows of the update.

        Returns:
            At least 0: the share of a leaf's value that is replaced, or the learning rate times the
            number of steps; 0 where the rule leaves alone what the affinity is read off.
        """


class RepresentationLearner(Learner[S]):
    """A learner whose inner representation of a row can be read."""

    @abstractmethod
    def represent(self, state: S, inputs: Inputs) -> NDArray[np.floating[Any]]:
        """The learner's representation of each row.

        Args:
            state: What `fit` or `update` returned.
            inputs: Rows of shape (n_rows, n_columns).

        Returns:
            Features of shape (n_rows, n_features).
        """

    def layers(self, state: S, inputs: Inputs) -> Mapping[str, NDArray[np.floating[Any]]]:
        """The representations of each row on the way to the last one, where there are several.

        Args:
            state: What `fit` or `update` returned.
            inputs: Rows of shape (n_rows, n_columns).

        Returns:
            Features of shape (n_rows, n_features) by layer: ``layer_1`` and so on, and what `represent`
            gives as `LAST_LAYER`.
        """
        return {LAST_LAYER: self.represent(state, inputs)}
