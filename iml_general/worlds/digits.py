"""A world of pictures: an alias is a number of three handwritten digits.

The handwriting is that of scikit-learn's ``load_digits``: 1,797 pictures of 8 x 8 pixels. Source: E. Alpaydin
and C. Kaynak, "Optical Recognition of Handwritten Digits", UCI Machine Learning Repository, 1998.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from iml_general.errors import UsageError
from iml_general.options import PositiveInt
from iml_general.worlds.pictures import Pictures
from iml_general.worlds.statements import Statements
from iml_general.worlds.world import Room, World, WorldSource

PLACES = 3
"""Digits of an alias."""

SIDE = 8
"""Pixels of a digit, either way."""

N_ALIASES = 10**PLACES
HELD_OUT = 0.25
"""Share of each digit's handwriting that is kept for what is asked, where it is drawn anew for every row."""


@dataclass(frozen=True)
class Digits(WorldSource):
    """Uniformly random answers about pictures of three digits each.

    Attributes:
        handwriting: ``"fixed"``: an alias is always the same picture. ``"fresh"``: its digits are drawn anew
            for every row, and what is asked shows handwriting that was never learned from.
        pictures_per_row: Pictures of each row that is learned, where the handwriting is fresh.
        n_questions: Number of questions.
        n_answers: Number of answer classes of every question.
    """

    name: ClassVar[str] = "digits"
    summary: ClassVar[str] = "pictures: an alias is three handwritten digits; answers are drawn uniformly"
    forms: ClassVar[tuple[str, ...]] = ("pictures", "vectors", "codes")
    coded: ClassVar[bool] = False

    handwriting: Literal["fixed", "fresh"] = "fixed"
    pictures_per_row: PositiveInt = 1
    n_questions: PositiveInt = 6
    n_answers: PositiveInt = 4

    def __post_init__(self) -> None:
        if self.handwriting == "fixed" and self.pictures_per_row > 1:
            raise UsageError(
                f"world 'digits': pictures_per_row = {self.pictures_per_row}, but with handwriting = 'fixed'"
                " they would all be the same; leave it at 1, or set handwriting = 'fresh'"
            )
        _ = self._facts  # refuses numbers of questions and answers that are not allowed

    def draw(self, n_aliases: int, generator: np.random.Generator) -> World:
        """Draw distinct numbers, their handwriting, and independent uniform answers.

        Args:
            n_aliases: Number of aliases that the protocol's groups need.
            generator: The only source of randomness.

        Returns:
            A world of exactly `n_aliases` aliases; its pictures are 8 x 24 pixels.

        Raises:
            UsageError: If there are not as many numbers of three digits.
        """
        if n_aliases > N_ALIASES:
            raise UsageError(
                f"world 'digits': the groups need {n_aliases} aliases, but there are {N_ALIASES} numbers of"
                f" {PLACES} digits; make the groups smaller"
            )
        facts = self._facts.draw(n_aliases, generator)
        numbers = generator.choice(N_ALIASES, size=n_aliases, replace=False)
        names = tuple(f"{number:0{PLACES}}" for number in numbers)
        return World(
            answers=facts.answers,
            alias_names=names,
            question_names=facts.question_names,
            answer_names=facts.answer_names,
            pictures=_Handwritten(self, np.array([list(name) for name in names]).astype(np.int64), generator),
        )

    def room(self) -> Room:
        """Say that there are 1,000 numbers of three digits."""
        return Room(N_ALIASES, f"world {self.name!r}")

    def describe(self) -> str:
        """Say in words what is asked, and how the digits look.

        Returns:
            Two lines.
        """
        told = {
            "fixed": "always the same picture",
            "fresh": f"drawn anew for every row, {self.pictures_per_row} a row; what is asked shows"
            " handwriting that was never learned from",
        }
        return f"aliases are pictures of three digits, {told[self.handwriting]}\n{self._facts.describe()}"

    @property
    def _facts(self) -> Statements:
        """The world of the same questions and answers without pictures."""
        try:
            return Statements(self.n_questions, self.n_answers)
        except UsageError as error:
            raise UsageError(str(error).replace("'statements'", "'digits'")) from None


class _Handwritten(Pictures):
    """The digits of every alias, side by side."""

    height, width = SIDE, PLACES * SIDE

    def __init__(self, source: Digits, digits: NDArray[np.int64], generator: np.random.Generator) -> None:
        """Choose the handwriting.

        Args:
            source: The options.
            digits: Digits of each alias, int64 of shape (n_aliases, 3).
            generator: The only source of randomness.
        """
        samples = generator.permuted(_ink()[1], axis=1)
        n_asked = int(HELD_OUT * samples.shape[1])
        self.per_row = source.pictures_per_row
        self._digits = digits
        self._asked, self._learned = samples[:, :n_asked], samples[:, n_asked:]
        self._seed = int(generator.integers(2**63))
        self._always = self._written(digits, self._learned, generator)
        self._is_fixed = source.handwriting == "fixed"

    def show(self, aliases: NDArray[np.int64], stage: str | None) -> NDArray[np.float32]:
        """Give the picture of each row; see `Pictures.show`."""
        if self._is_fixed:
            samples = self._always[aliases]
        else:
            pool = self._asked if stage is None else self._learned
            occasion = np.random.default_rng([self._seed, *(stage or "").encode()])
            samples = self._written(self._digits[aliases], pool, occasion)
        ink = _ink()[0][samples]  # (n_rows, place, row, column)
        return ink.transpose(0, 2, 1, 3).reshape(len(aliases), self.height, self.width)

    @staticmethod
    def _written(
        digits: NDArray[np.int64], pool: NDArray[np.int64], generator: np.random.Generator
    ) -> NDArray[np.int64]:
        """Choose a sample of `pool`, shape (10, n_samples), for each digit."""
        return pool[digits, generator.integers(pool.shape[1], size=digits.shape)]


@cache
def _ink() -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """All samples, shape (n_samples, 8, 8), and equally many of them by digit, shape (10, n)."""
    from sklearn.datasets import load_digits

    images, digits = load_digits(return_X_y=True)
    by_digit = [np.flatnonzero(digits == digit) for digit in range(10)]
    n = min(map(len, by_digit))
    ink = (images / 16).astype(np.float32).reshape(-1, SIDE, SIDE)
    return ink, np.stack([samples[:n] for samples in by_digit])
