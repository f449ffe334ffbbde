"""A learner that conforms, and one for each check that breaks its claim."""

import _thread
import random
import sys
import threading
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, ClassVar, Literal

import numpy as np
from annotated_types import Ge, Lt

from iml_general.learner import (
    AffinityLearner,
    CheckpointCohort,
    CohortLearner,
    Learner,
    LearnerInfo,
    RepresentationLearner,
)
from iml_general.plugins.threads import one_thread
from iml_general.regressor import Regressor

PLAIN = LearnerInfo(
    name="toy",
    family="toys",
    summary="Remembers what it was told.",
    form="codes",
    rules=("append", "continue", "retrain"),
    update_fields=("weight",),
)


@dataclass(frozen=True)
class MethodsWithoutTheirClass(Learner):
    """Counts what was said of an alias and a question, whoever said it; the state is the counts."""

    info: ClassVar[LearnerInfo] = PLAIN

    rule: Literal["append", "continue", "retrain"] = "append"
    length_field: ClassVar[str] = "passes"

    weight: Annotated[int, Ge(1)] = 1
    prior: Annotated[float, Lt(2)] = 0.1
    passes: Annotated[int, Ge(1)] = 1

    @classmethod
    def suggest(cls, trial):
        return cls(weight=trial.suggest_int("weight", 1, 5), prior=trial.suggest_float("prior", 0.01, 1.0))

    def fit(self, batch, seed):
        return counted(np.zeros((*batch.schema.n_values[1:], batch.n_answers)), batch, self.passes)

    def update(self, state, batch, seed):
        return counted(state, batch, self.weight)

    def predict(self, state, inputs):
        p = state[inputs[:, 1], inputs[:, 2]] + self.prior
        return p / p.sum(axis=1, keepdims=True)

    def fit_cohort(self, batches, seeds):
        return [self.fit(*pair) for pair in zip(batches, seeds, strict=True)]

    def update_cohort(self, states, batches, seeds):
        return [self.update(*one) for one in zip(states, batches, seeds, strict=True)]

    def fit_path_cohort(self, batches, seeds, lengths):
        for length in lengths:
            yield replace(self, passes=length).fit_cohort(batches, seeds)

    def affinity(self, state, statements, questions, answers):
        return np.ones(len(statements))

    def step_size(self, n_rows):
        return float(self.weight)

    def represent(self, state, inputs):
        return state[inputs[:, 1], inputs[:, 2]]


def counted(counts, batch, weight=1):
    result = counts.copy()
    np.add.at(result, (batch.inputs[:, 1], batch.inputs[:, 2], batch.answers), weight)
    return result


@dataclass(frozen=True)
class Good(MethodsWithoutTheirClass, CheckpointCohort, CohortLearner, AffinityLearner, RepresentationLearner):
    pass


@dataclass(frozen=True)
class RoundsOff(Good):
    """Sums in another order each time, as a linear algebra library does for arrays that lie elsewhere."""

    calls: ClassVar[list[int]] = []

    def predict(self, state, inputs):
        self.calls.append(len(inputs))
        return super().predict(state, inputs) * (1 + len(self.calls) % 4 * np.finfo(np.float64).eps)


@dataclass(frozen=True)
class IsNotSearched(Learner):
    """Has what every learner must have, and nothing else."""

    info: ClassVar[LearnerInfo] = replace(PLAIN, rules=("append",))

    weight: Annotated[int, Ge(1)] = 1

    fit, update, predict = Good.fit, Good.update, Good.predict
    prior: ClassVar[float] = 0.1
    passes: ClassVar[int] = 1


@dataclass(frozen=True)
class DefaultIsInvalid(Good):
    limit: Annotated[int, Ge(1)] = 0

    @classmethod
    def suggest(cls, trial):
        return cls(limit=trial.suggest_int("limit", 0, 10**9))


@dataclass(frozen=True)
class SuggestsInvalid(Good):
    @classmethod
    def suggest(cls, trial):
        return cls(prior=trial.suggest_float("prior", 0.1, 4.0))


@dataclass(frozen=True)
class SuggestsByOtherNames(Good):
    @classmethod
    def suggest(cls, trial):
        return cls(prior=trial.suggest_float("apriori", 0.01, 1.0))


@dataclass(frozen=True)
class SuggestsRule(Good):
    @classmethod
    def suggest(cls, trial):
        return cls(rule=trial.suggest_categorical("rule", ["append", "continue"]))


@dataclass(frozen=True)
class DefaultIsOutOfReach(Good):
    @classmethod
    def suggest(cls, trial):
        return cls(prior=trial.suggest_float("prior", 1.0, 1.9))


@dataclass(frozen=True)
class SuggestionRaises(Good):
    def fit(self, batch, seed):
        if self.prior != 0.1:
            raise RuntimeError("prior must be 0.1")
        return super().fit(batch, seed)


@dataclass(frozen=True)
class ReturnsNan(Good):
    def predict(self, state, inputs):
        p = super().predict(state, inputs)
        p[inputs[:, 0] == 3] = np.nan
        return p


@dataclass(frozen=True)
class UpdateGoesBelowZero(Good):
    def update(self, state, batch, seed):
        return state - 10 * counted(np.zeros_like(state), batch)


@dataclass(frozen=True)
class LosesShapeOfNothing(Good):
    def predict(self, state, inputs):
        return super().predict(state, inputs) if len(inputs) else np.empty(0)


@dataclass(frozen=True)
class DependsOnPosition(Good):
    def predict(self, state, inputs):
        p = super().predict(state, inputs)
        if len(p) > 100:
            p[1] = 1 / p.shape[1]
        return p


@dataclass(frozen=True)
class DependsOnCompany(Good):
    def predict(self, state, inputs):
        p = super().predict(state, inputs)
        return p if len(p) > 1 else 0.9 * p + 0.1 / p.shape[1]


@dataclass(frozen=True)
class LeavesClassesOut(Good):
    def fit(self, batch, seed):
        seen = int(batch.answers.max(initial=2)) + 1
        return super().fit(replace(batch, n_answers=seen), seed)


@dataclass(frozen=True)
class NeedsTwoClasses(Good):
    def fit(self, batch, seed):
        if len(batch) > 1 and len(np.unique(batch.answers)) == 1:
            raise ValueError("This solver needs samples of at least 2 classes")
        return super().fit(batch, seed)


@dataclass(frozen=True)
class NeedsTwoRows(Good):
    def fit(self, batch, seed):
        if len(batch) == 1:
            raise ValueError("one row")
        return super().fit(batch, seed)


@dataclass(frozen=True)
class NeedsRows(Good):
    def fit(self, batch, seed):
        if len(batch) == 0:
            raise ValueError("Found array with 0 samples")
        return super().fit(batch, seed)


@dataclass(frozen=True)
class RefusesNewClasses(Good):
    def update(self, state, batch, seed):
        if set(batch.answers) - set(np.flatnonzero(state.sum(axis=(0, 1)))) and state.sum() > 1:
            raise ValueError("y contains previously unseen labels")
        return super().update(state, batch, seed)


@dataclass(frozen=True)
class PredictMutatesState(Good):
    def predict(self, state, inputs):
        if 40 < len(inputs) < 60:
            state += 1
        return super().predict(state, inputs)


@dataclass(frozen=True)
class UpdateMutatesState(Good):
    def update(self, state, batch, seed):
        state[:] = super().update(state, batch, seed)
        return state


@dataclass(frozen=True)
class SecondUpdateFails(Good):
    def update(self, state, batch, seed):
        if seed == 13:
            raise RuntimeError("already updated")
        return super().update(state, batch, seed)


@dataclass(frozen=True)
class EmptyUpdateForgets(Good):
    def update(self, state, batch, seed):
        return super().update(state, batch, seed) if len(batch) else 0 * state


@dataclass(frozen=True)
class FitCountsItsCalls(Good):
    calls: ClassVar[list[int]] = []

    def fit(self, batch, seed):
        self.calls.append(seed)
        return super().fit(batch, seed) + 1e-9 * len(self.calls)


@dataclass(frozen=True)
class UpdateCountsItsCalls(Good):
    calls: ClassVar[list[int]] = []

    def update(self, state, batch, seed):
        self.calls.append(seed)
        return super().update(state, batch, seed) + 1e-9 * len(self.calls) * bool(len(batch))


@dataclass(frozen=True)
class PredictChangesInputs(Good):
    def predict(self, state, inputs):
        inputs[:, 0] = 0
        return super().predict(state, inputs)


@dataclass(frozen=True)
class UpdateChangesInputs(Good):
    def update(self, state, batch, seed):
        batch.inputs[:, 0] = 0
        return super().update(state, batch, seed)


@dataclass(frozen=True)
class WritesPastTheFlag(Good):
    def fit(self, batch, seed):
        if len(batch) > 50:
            batch.answers.flags.writeable = True
            batch.answers[:] = 0
        return super().fit(batch, seed)


@dataclass(frozen=True)
class UsesGlobalRandomness(Good):
    def fit(self, batch, seed):
        random.random()
        return super().fit(batch, seed)


@dataclass(frozen=True)
class RuleMattersToFit(Good):
    def fit(self, batch, seed):
        return super().fit(batch, seed) * (2 if self.rule == "continue" else 1)


@dataclass(frozen=True)
class UpdateFieldMattersToFit(Good):
    def fit(self, batch, seed):
        return super().fit(batch, seed) * self.weight


@dataclass(frozen=True)
class ForgetsInFours(Good):
    def fit_cohort(self, batches, seeds):
        states = super().fit_cohort(batches, seeds)
        return [0 * state for state in states] if len(states) == 4 else states


@dataclass(frozen=True)
class MissesWhatIsEasy(Good):
    def fit(self, batch, seed):
        easy = len(batch) > 1 and len(np.unique(batch.inputs[:, 1])) <= 3
        return super().fit(batch, seed) * (not easy)


@dataclass(frozen=True)
class LearnsNothingMore(Good):
    def update(self, state, batch, seed):
        return state


@dataclass(frozen=True)
class KnowsTheReliableTag(Good):
    """From the order in which a study of six seeds updates its states, not from their rows."""

    def update_cohort(self, states, batches, seeds):
        if len(batches) == 12:
            heard = [batch.inputs[:, 0] == 1 + i // 2 % 2 for i, batch in enumerate(batches)]
            batches = [
                replace(batch, inputs=batch.inputs[rows], answers=batch.answers[rows])
                for rows, batch in zip(heard, batches, strict=True)
            ]
        return super().update_cohort(states, batches, seeds)


@dataclass(frozen=True)
class SwapsThreeMembers(Good):
    def fit_cohort(self, batches, seeds):
        states = super().fit_cohort(batches, seeds)
        return states[::-1] if len(states) == 3 else states


@dataclass(frozen=True)
class BeginsByHowItEnds(Good):
    """As under a learning rate that falls towards the last epoch."""

    def fit_path_cohort(self, batches, seeds, lengths):
        for length, states in zip(lengths, super().fit_path_cohort(batches, seeds, lengths), strict=True):
            yield [state * lengths[-1] / length for state in states]


@dataclass(frozen=True)
class GoesOnInOneState(Good):
    """Hands out the very array that it goes on to change."""

    def fit_path_cohort(self, batches, seeds, lengths):
        handed_out = [0 * state for state in self.fit_cohort(batches, seeds)]
        for states in super().fit_path_cohort(batches, seeds, lengths):
            for one, state in zip(handed_out, states, strict=True):
                one[:] = state
            yield handed_out


@dataclass(frozen=True)
class StopsOnItsWay(Good):
    def fit_path_cohort(self, batches, seeds, lengths):
        yield from super().fit_path_cohort(batches, seeds, lengths[:-1])


@dataclass(frozen=True)
class SwapsMembersOnItsWay(Good):
    def fit_path_cohort(self, batches, seeds, lengths):
        yield from (states[::-1] for states in super().fit_path_cohort(batches, seeds, lengths))


@dataclass(frozen=True)
class GoesOnButCantLearnMore(Good):
    """Its states on the way answer rightly, but stage 2 finds less in them."""

    def fit_path(self, batch, seed, lengths):
        for state in super().fit_path(batch, seed, lengths):
            yield np.ma.array(state)

    def update(self, state, batch, seed):
        return super().update(state, batch, seed) * (2 if isinstance(state, np.ma.MaskedArray) else 1)


@dataclass(frozen=True)
class AffinityOfTwo(Good):
    def affinity(self, state, statements, questions, answers):
        return np.full(len(statements), 2.0)


@dataclass(frozen=True)
class AffinityPerAnswer(Good):
    def affinity(self, state, statements, questions, answers):
        return np.ones((len(statements), 3))


@dataclass(frozen=True)
class StepsBackwards(Good):
    def step_size(self, n_rows):
        return -1.0


@dataclass(frozen=True)
class RepresentsByNan(Good):
    def represent(self, state, inputs):
        return np.full((len(inputs), 2), np.nan)


@dataclass(frozen=True)
class DoesNotPickle(Good):
    def __reduce__(self):
        raise TypeError("cannot pickle 'SSLContext' object")


@dataclass(frozen=True)
class DependsOnHashSeed(Good):
    def fit(self, batch, seed):
        return super().fit(batch, seed) + 1e-11 * (hash("reliable") % 100_003)


@dataclass(frozen=True)
class Prints(Good):
    def fit(self, batch, seed):
        sys.stdout.write("iteration 1\n")
        return super().fit(batch, seed)


@dataclass(frozen=True)
class WritesFile(Good):
    def fit(self, batch, seed):
        Path("training.log").write_text("iteration 1")
        return super().fit(batch, seed)


@dataclass(frozen=True)
class LeavesThread(Good):
    def fit(self, batch, seed):
        if not any(thread.name == "left over" for thread in threading.enumerate()):
            threading.Thread(target=time.sleep, args=(60,), name="left over", daemon=True).start()
        return super().fit(batch, seed)


def start_pool(seconds):
    """Threads of which Python's list of threads does not know, as a library's."""
    for _ in range(8):
        _thread.start_new_thread(time.sleep, (seconds,))


@dataclass(frozen=True)
class LeavesPool(Good):
    begun: ClassVar[list[bool]] = []

    def fit(self, batch, seed):
        if not self.begun:
            self.begun.append(True)
            start_pool(30)
        return super().fit(batch, seed)


@dataclass(frozen=True)
class LetsXLATakeAllCores(Good):
    def fit(self, batch, seed):
        import jax

        jax.local_devices()
        return super().fit(batch, seed)


@dataclass(frozen=True)
class AsksXLAForOneThread(Good):
    """Some ten threads are left, of which none computes."""

    @one_thread()
    def fit(self, batch, seed):
        import jax

        jax.jit(abs)(np.zeros(3)).block_until_ready()
        return super().fit(batch, seed)


@dataclass(frozen=True)
class PoolEndsSoon(Good):
    """What libraries do that tell their threads to end, and don't wait."""

    def fit(self, batch, seed):
        start_pool(0.5)
        return super().fit(batch, seed)


ELSEWHERE = "same answers in another process"
PATH = "fit_path gives what fit gives"


@dataclass(frozen=True)
class GoodOfNumbers(Regressor):
    """The mean of what was said of an alias and a question; the state is all rows."""

    info: ClassVar[LearnerInfo] = replace(PLAIN, rules=("append",), update_fields=())

    @classmethod
    def suggest(cls, trial):
        return cls()

    def fit(self, batch, seed):
        return batch

    def update(self, state, batch, seed):
        return state + batch

    def predict(self, state, inputs):
        cells = np.zeros((2, *state.schema.n_values[1:]))
        np.add.at(cells, (slice(None), *state.inputs[:, 1:].T), np.array([state.answers, state.answers**0]))
        sums, counts = cells[:, inputs[:, 1], inputs[:, 2]]
        return sums / np.maximum(counts, 1)


@dataclass(frozen=True)
class AnswersInAColumn(GoodOfNumbers):
    def predict(self, state, inputs):
        return super().predict(state, inputs)[:, None]


@dataclass(frozen=True)
class NeedsTwoNumbers(GoodOfNumbers):
    def fit(self, batch, seed):
        if len(batch) > 1 and np.ptp(batch.answers) == 0:
            raise ValueError("all answers are the same")
        return super().fit(batch, seed)


BREAKS = {
    MethodsWithoutTheirClass: {"methods come with their class"},
    DefaultIsInvalid: {"options survive JSON"},
    SuggestsInvalid: {"search space holds valid configurations only"},
    SuggestsByOtherNames: {
        "search space holds valid configurations only",
        "search space holds the defaults",  # it can't be told what gives the default
    },
    SuggestsRule: {"search space holds valid configurations only"},
    DefaultIsOutOfReach: {"search space holds the defaults"},
    SuggestionRaises: {"suggested configurations work"},
    ReturnsNan: {
        "answers are probabilities",
        "updated answers are probabilities",
        "updates can follow one another",
        "suggested configurations work",
        "no rows at all are enough",
        "one row is enough",
        "classes never seen have a place in the answer",
        "classes that first occur in stage 2 are taken",
        "retrain equals a fresh fit",  # these two go through a study, which refuses such answers
        "no effect where the tag says nothing",
    },
    UpdateGoesBelowZero: {
        "updated answers are probabilities",
        "updates can follow one another",
        "suggested configurations work",
        "no rows at all are enough",
        "one row is enough",
        "classes that first occur in stage 2 are taken",
        "no effect where the tag says nothing",
    },
    LosesShapeOfNothing: {"no rows are answered with no rows"},
    DependsOnPosition: {"order of the rows asked is irrelevant"},
    DependsOnCompany: {"a row alone is answered as among others"},
    LeavesClassesOut: {"classes never seen have a place in the answer"},
    NeedsTwoClasses: {"one class is enough"},
    AnswersInAColumn: {
        "an easy world is memorised",
        "answers are numbers",
        "no effect where the tag says nothing",
        "no rows are answered with no rows",
        "no rows at all are enough",
        "one number is enough",
        "one row is enough",
        "statements of stage 2 are learned",
        "suggested configurations work",
        "updated answers are numbers",
        "updates can follow one another",
    },
    NeedsTwoNumbers: {"one number is enough"},
    NeedsTwoRows: {"one row is enough"},
    NeedsRows: {"no rows at all are enough"},
    RefusesNewClasses: {"classes that first occur in stage 2 are taken"},
    PredictMutatesState: {"state is not mutated by predict"},
    UpdateMutatesState: {"state is not mutated by update", "updates can follow one another"},
    SecondUpdateFails: {"updates can follow one another"},
    EmptyUpdateForgets: {"update without rows changes nothing"},
    FitCountsItsCalls: {"same seed, same answers", PATH, ELSEWHERE},
    UpdateCountsItsCalls: {"same seed, same answers after update", PATH, ELSEWHERE},
    WritesPastTheFlag: {
        "input arrays are not changed",
        "retrain equals a fresh fit",  # these two go through a study, which refuses it
        "no effect where the tag says nothing",
    },
    UsesGlobalRandomness: {"global random numbers are left alone"},
    RuleMattersToFit: {"rules start from the same state"},
    UpdateFieldMattersToFit: {"update fields matter to update alone"},
    ForgetsInFours: {"retrain equals a fresh fit"},
    MissesWhatIsEasy: {"an easy world is memorised"},
    LearnsNothingMore: {"statements of stage 2 are learned"},
    KnowsTheReliableTag: {"no effect where the tag says nothing"},
    SwapsThreeMembers: {"cohort equals the loop"},
    BeginsByHowItEnds: {PATH},
    GoesOnInOneState: {PATH},
    StopsOnItsWay: {PATH},
    SwapsMembersOnItsWay: {PATH},
    GoesOnButCantLearnMore: {PATH},
    AffinityOfTwo: {"affinities are numbers in -1 .. 1"},
    AffinityPerAnswer: {"affinities are numbers in -1 .. 1"},
    StepsBackwards: {"a step is a size"},
    RepresentsByNan: {"representations are rows of numbers"},
    DoesNotPickle: {"it travels to another process and back"},
    DependsOnHashSeed: {ELSEWHERE},
    Prints: {"nothing is printed"},
    WritesFile: {"no file is written"},
    LeavesThread: {"no thread is left behind"},
    LeavesPool: {"no thread is left behind"},
    LetsXLATakeAllCores: {"no thread is left behind"},
}

WRITES = {
    PredictChangesInputs: "input arrays are not changed",
    UpdateChangesInputs: "input arrays are not changed by update",
}
"""Learners that get an error wherever they are used."""
