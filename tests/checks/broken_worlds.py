"""A world that conforms, and one for each claim about worlds that breaks it."""

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Annotated, ClassVar

import numpy as np
from annotated_types import Ge

from iml_general.errors import UsageError
from iml_general.worlds.world import Room, World, WorldSource

N_CLASSES = 3


@dataclass(frozen=True)
class Good(WorldSource):
    """Uniform answers to four questions."""

    name: ClassVar[str] = "toy"
    summary: ClassVar[str] = "uniform answers to four questions"

    n_questions: Annotated[int, Ge(2)] = 4

    def draw(self, n_aliases, generator):
        return made(generator.integers(N_CLASSES, size=(n_aliases, self.n_questions)))

    def describe(self):
        return f"{self.n_questions} questions"


def made(answers, **changes):
    n, n_questions = answers.shape
    world = World(
        answers=answers.astype(np.int16),
        alias_names=tuple(f"alias {i}" for i in range(n)),
        question_names=tuple(f"question {i}" for i in range(n_questions)),
        answer_names=(tuple("abc"),) * n_questions,
    )
    return replace(world, **changes)


@dataclass(frozen=True)
class GappyWithSeveral(Good):
    """Conforms too: a fifth of the answers is unknown, of others two are right."""

    def draw(self, n_aliases, generator):
        world = super().draw(n_aliases, generator)
        known = generator.random(world.answers.shape) > 0.2
        known[:, :2] |= known.sum(axis=1, keepdims=True) < 2
        right = (world.answers[:, :, None] == np.arange(N_CLASSES)) & known[:, :, None]
        right[:, 0, 0] |= known[:, 0]
        return replace(world, answers=np.where(known, world.answers, -1).astype(np.int16), right=right)


@dataclass(frozen=True)
class Limited(Good):
    """Conforms too: has room for some aliases, and says so."""

    def draw(self, n_aliases, generator):
        if n_aliases > 90:
            raise UsageError("world 'toy': has room for 90 aliases")
        return super().draw(n_aliases, generator)

    def room(self):
        return Room(90, "world 'toy'")


@dataclass(frozen=True)
class OptionsDoNotSurvive(Good):
    weights: tuple = field(default=(1, (2, 3)))

    def __post_init__(self):
        object.__setattr__(self, "weights", list(self.weights))


@dataclass(frozen=True)
class SaysNothing(Good):
    def describe(self):
        return "questions\n"


@dataclass(frozen=True)
class OwnRandomness(Good):
    def draw(self, n_aliases, generator):
        return super().draw(n_aliases, np.random.default_rng())


@dataclass(frozen=True)
class SameForAllSeeds(Good):
    def draw(self, n_aliases, generator):
        return super().draw(n_aliases, np.random.default_rng(1))


@dataclass(frozen=True)
class OneTooMany(Good):
    def draw(self, n_aliases, generator):
        return super().draw(n_aliases + n_aliases % 2, generator)


@dataclass(frozen=True)
class RunsOutUnsaid(Good):
    def draw(self, n_aliases, generator):
        if n_aliases > 600:
            raise IndexError("no more")
        return super().draw(n_aliases, generator)


@dataclass(frozen=True)
class RoomIsTooLarge(Limited):
    def room(self):
        return Room(120, "world 'toy'")


@dataclass(frozen=True)
class RoomIsTooSmall(Good):
    def room(self):
        return Room(90, "world 'toy'")


@dataclass(frozen=True)
class AsksOtherQuestions(Good):
    def draw(self, n_aliases, generator):
        world = super().draw(n_aliases, generator)
        names = generator.permutation([f"question {i}" for i in range(self.n_questions)])
        return replace(world, question_names=tuple(names.tolist()))


@dataclass(frozen=True)
class HandsOutWhatItKeeps(Good):
    kept: ClassVar[dict] = {}

    def draw(self, n_aliases, generator):
        key = n_aliases, repr(generator.bit_generator.state)
        return self.kept.setdefault(key, super().draw(n_aliases, generator))


@dataclass(frozen=True)
class UsesSharedRandomness(Good):
    def draw(self, n_aliases, generator):
        np.random.random()  # noqa: NPY002
        return super().draw(n_aliases, generator)


@dataclass(frozen=True)
class ClassTooHigh(Good):
    def draw(self, n_aliases, generator):
        return replace(super().draw(n_aliases, generator), answer_names=(tuple("abc"),) * 3 + (tuple("ab"),))


@dataclass(frozen=True)
class WrongType(Good):
    def draw(self, n_aliases, generator):
        world = super().draw(n_aliases, generator)
        return replace(world, answers=world.answers.astype(np.int64))


@dataclass(frozen=True)
class AliasesOfWhomOneAnswerIsKnown(Good):
    def draw(self, n_aliases, generator):
        answers = super().draw(n_aliases, generator).answers
        answers[0, 1:] = -1
        return made(answers)


@dataclass(frozen=True)
class StatesWhatIsNotRight(GappyWithSeveral):
    def draw(self, n_aliases, generator):
        world = super().draw(n_aliases, generator)
        known = world.answers >= 0
        return replace(world, answers=np.where(known, (world.answers + 1) % 3, -1).astype(np.int16))


@dataclass(frozen=True)
class Implying(Good):
    """Conforms too: the other answers follow from the first."""

    def draw(self, n_aliases, generator):
        first = np.arange(N_CLASSES)
        implied = np.stack([first, *(generator.permutation(first) for _ in range(3))], axis=1)
        numbers = generator.integers(N_CLASSES, size=n_aliases)
        return made(implied[numbers], implied=implied.astype(np.int16))


@dataclass(frozen=True)
class SaysWhatDoesNotFollow(Implying):
    def draw(self, n_aliases, generator):
        world = super().draw(n_aliases, generator)
        other = world.answers.copy()
        other[0, 1] = (other[0, 1] + 1) % N_CLASSES
        return replace(world, answers=other)


@dataclass(frozen=True)
class ImpliesTheSameTwice(Implying):
    def draw(self, n_aliases, generator):
        world = super().draw(n_aliases, generator)
        implied = world.implied.copy()
        implied[1, 1:] = implied[0, 1:]
        return replace(world, implied=implied, answers=implied[world.answers[:, 0]])


@dataclass(frozen=True)
class ImpliesTooLittle(Implying):
    def draw(self, n_aliases, generator):
        world = super().draw(n_aliases, generator)
        return replace(world, implied=world.implied[:, :3])


@dataclass(frozen=True)
class EntitiesOfWhomNothingIsKnown(Good):
    def draw(self, n_aliases, generator):
        return replace(super().draw(n_aliases, generator), entities=True)


@dataclass(frozen=True)
class EntitiesCalledAsAliases(Implying):
    def draw(self, n_aliases, generator):
        world = super().draw(n_aliases, generator)
        names = world.alias_names[: len(world.answer_names[0])]
        return replace(world, entities=True, answer_names=(names, *world.answer_names[1:]))


@dataclass(frozen=True)
class AClassNeverOccurs(Good):
    def draw(self, n_aliases, generator):
        world = super().draw(n_aliases, generator)
        return replace(world, answer_names=(tuple("abcd"),) * self.n_questions)


@dataclass(frozen=True)
class NearlyAlwaysTheSame(Good):
    def draw(self, n_aliases, generator):
        answers = super().draw(n_aliases, generator).answers
        answers[generator.random(n_aliases) < 0.93, 2] = 1
        return made(answers)


@dataclass(frozen=True)
class NamesAreShared(Good):
    def draw(self, n_aliases, generator):
        world = super().draw(n_aliases, generator)
        return replace(world, alias_names=("alias 1", *world.alias_names[1:]))


@dataclass(frozen=True)
class Sorted(Good):
    """The first aliases have the first class of one question more often."""

    def draw(self, n_aliases, generator):
        answers = super().draw(n_aliases, generator).answers
        answers[: n_aliases // 4, 1] = np.minimum(answers[: n_aliases // 4, 1], 1)
        return made(answers)


@dataclass(frozen=True)
class NeighboursAreAlike(Good):
    """One alias in ten has an answer of the one before it."""

    def draw(self, n_aliases, generator):
        answers = super().draw(n_aliases, generator).answers
        copied = 2 * np.flatnonzero(generator.random(n_aliases // 2) < 0.2)
        answers[copied + 1, 3] = answers[copied, 3]
        return made(answers)


@dataclass(frozen=True)
class AllOfADrawAreAlike(Good):
    """Over draws the answers are spread evenly, but within one there is nothing false to say."""

    def draw(self, n_aliases, generator):
        answers = super().draw(n_aliases, generator).answers
        answers[:, 0] = generator.integers(N_CLASSES)
        return made(answers)


@dataclass(frozen=True)
class ControlsCannotReadIt(Good):
    forms: ClassVar[tuple[str, ...]] = ("vectors",)


@dataclass(frozen=True)
class DependsOnTheHashSeed(Good):
    def draw(self, n_aliases, generator):
        order = list({f"question {i}" for i in range(self.n_questions)})
        answers = super().draw(n_aliases, generator).answers
        return made(answers[:, [int(name[-1]) for name in order]])


@dataclass(frozen=True)
class Prints(Good):
    def draw(self, n_aliases, generator):
        print(f"{n_aliases} aliases")  # noqa: T201
        return super().draw(n_aliases, generator)


@dataclass(frozen=True)
class WritesFiles(Good):
    def draw(self, n_aliases, generator):
        Path("cache.txt").write_text("drawn")
        return super().draw(n_aliases, generator)


@dataclass(frozen=True)
class FilesAreGone(Good):
    def files(self):
        return (Path("nowhere.csv"),)
