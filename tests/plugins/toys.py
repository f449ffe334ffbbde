"""Learners that behave, and learners that misbehave in one way each, loaded as users' files are."""

import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Literal, Self

import numpy as np
import optuna

from iml_general.learner import Batch, Inputs, Learner, LearnerInfo, Probabilities


def info(name: str, **changes: Any) -> LearnerInfo:
    facts = {"family": "toys", "summary": "For tests.", "form": "codes", "rules": ("append",)}
    return LearnerInfo(name=name, **{**facts, **changes})


@dataclass(frozen=True)
class Memory(Learner[dict[tuple[int, ...], int]]):
    """Remembers what was last said of an alias and a question, whoever said it."""

    info: ClassVar[LearnerInfo] = info("memory")

    n_answers: int = 4

    @classmethod
    def suggest(cls, trial: optuna.Trial) -> Self:
        return cls()

    def fit(self, batch: Batch, seed: int) -> dict[tuple[int, ...], int]:
        return self.update({}, batch, seed)

    def update(self, state: dict[tuple[int, ...], int], batch: Batch, seed: int) -> Any:
        pairs = map(tuple, batch.inputs[:, 1:].tolist())
        return {**state, **dict(zip(pairs, batch.answers.tolist(), strict=True))}

    def predict(self, state: dict[tuple[int, ...], int], inputs: Inputs) -> Probabilities:
        p = np.full((len(inputs), self.n_answers), 1 / self.n_answers)
        for i, pair in enumerate(map(tuple, inputs[:, 1:].tolist())):
            if pair in state:
                p[i] = np.eye(self.n_answers)[state[pair]]
        return p


@dataclass(frozen=True)
class Credulous(Memory):
    """Believes on questions only statements under tag A: an effect of the tag, not of stage 1."""

    info: ClassVar[LearnerInfo] = info("credulous")

    def update(self, state: dict[tuple[int, ...], int], batch: Batch, seed: int) -> Any:
        heard = batch.inputs[:, 0] < 2
        return super().update(
            state, Batch(batch.inputs[heard], batch.answers[heard], batch.n_answers, batch.schema), seed
        )


@dataclass(frozen=True)
class Counting(Memory):
    """Knows three rules and counts its fits; `forget` matters only in updates."""

    info: ClassVar[LearnerInfo] = info(
        "counting", rules=("append", "continue", "retrain"), update_fields=("forget",)
    )
    fits: ClassVar[list[int]] = []

    rule: Literal["append", "continue", "retrain"] = "append"
    forget: bool = False

    def fit(self, batch: Batch, seed: int) -> dict[tuple[int, ...], int]:
        self.fits.append(len(batch))
        return super().fit(batch, seed)

    def update(self, state: dict[tuple[int, ...], int], batch: Batch, seed: int) -> Any:
        return super().update({} if self.forget else state, batch, seed)


@dataclass(frozen=True)
class Raises(Memory):
    info: ClassVar[LearnerInfo] = info("raises")

    def predict(self, state: Any, inputs: Inputs) -> Probabilities:
        raise ZeroDivisionError("one\ntwo")


@dataclass(frozen=True)
class ReturnsNan(Memory):
    info: ClassVar[LearnerInfo] = info("returns-nan")

    def predict(self, state: Any, inputs: Inputs) -> Probabilities:
        p = super().predict(state, inputs)
        p[3] = np.nan
        return p


@dataclass(frozen=True)
class ReturnsWrongShape(Memory):
    info: ClassVar[LearnerInfo] = info("returns-wrong-shape")

    def predict(self, state: Any, inputs: Inputs) -> Probabilities:
        return super().predict(state, inputs)[:, :-1]


@dataclass(frozen=True)
class ReturnsScores(Memory):
    info: ClassVar[LearnerInfo] = info("returns-scores")

    def predict(self, state: Any, inputs: Inputs) -> Probabilities:
        return 3 * super().predict(state, inputs)


@dataclass(frozen=True)
class Dies(Memory):
    """Kills its own process, as an out-of-memory killer would, at its n-th fit; once per file."""

    info: ClassVar[LearnerInfo] = info("dies")
    fits: ClassVar[list[int]] = []

    at: int = 3
    once: str = ""

    def fit(self, batch: Batch, seed: int) -> dict[tuple[int, ...], int]:
        self.fits.append(seed)
        if len(self.fits) == self.at and not Path(self.once).exists():
            Path(self.once).touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return super().fit(batch, seed)


@dataclass(frozen=True)
class AlwaysDies(Memory):
    """Takes its process down whenever it is fitted, as a fault in a library's C code would."""

    info: ClassVar[LearnerInfo] = info("always-dies")

    def fit(self, batch: Batch, seed: int) -> dict[tuple[int, ...], int]:
        os.kill(os.getpid(), signal.SIGSEGV)
        return super().fit(batch, seed)


@dataclass(frozen=True)
class SleepsForever(Memory):
    info: ClassVar[LearnerInfo] = info("sleeps-forever")

    def fit(self, batch: Batch, seed: int) -> dict[tuple[int, ...], int]:
        while True:
            time.sleep(60)


@dataclass(frozen=True)
class Unruly(Memory):
    """Behaves with its defaults. Searched, or told so, it ends more than its own call, or never ends it."""

    info: ClassVar[LearnerInfo] = info("unruly")

    how: Literal["", "KeyboardInterrupt", "SystemExit", "GeneratorExit", "hang", "leave a child"] = ""

    @classmethod
    def suggest(cls, trial: optuna.Trial) -> Self:
        return cls(how=trial.suggest_categorical("how", ["hang", "KeyboardInterrupt"]))

    def fit(self, batch: Batch, seed: int) -> dict[tuple[int, ...], int]:
        match self.how:
            case "KeyboardInterrupt":
                raise KeyboardInterrupt
            case "SystemExit":
                sys.exit("that is enough")
            case "GeneratorExit":
                raise GeneratorExit
            case "hang":
                time.sleep(3600)
            case "leave a child":
                subprocess.run(["sleep", "3600.5"], check=False)
        return super().fit(batch, seed)


@dataclass(frozen=True)
class Hoards(Memory):
    """Takes ever more memory, and never comes to an end."""

    info: ClassVar[LearnerInfo] = info("hoards")

    def fit(self, batch: Batch, seed: int) -> dict[tuple[int, ...], int]:
        hoard = []
        while True:
            hoard.append(np.ones(2**21))  # 16 MB
            time.sleep(0.005)


@dataclass(frozen=True)
class Slow(Memory):
    """Takes its time, so that there is time to kill it."""

    info: ClassVar[LearnerInfo] = info("slow")

    seconds: float = 0.1

    def fit(self, batch: Batch, seed: int) -> dict[tuple[int, ...], int]:
        time.sleep(self.seconds)
        return super().fit(batch, seed)


@dataclass(frozen=True)
class Believer(Memory):
    """Learns in stage 1 how often each tag tells the truth; if sceptical, heeds it in stage 2."""

    info: ClassVar[LearnerInfo] = info("believer")

    sceptical: bool = False
    noise: float = 0.0

    @classmethod
    def suggest(cls, trial: optuna.Trial) -> Self:
        sceptical = bool(trial.suggest_categorical("sceptical", [False, True]))
        return cls(sceptical=sceptical, noise=trial.suggest_float("noise", 0.0, 1.0))

    def fit(self, batch: Batch, seed: int) -> Any:
        known = super().fit(self._of(batch, batch.inputs[:, 0] == 0), seed)
        trusted = {0, 1, 2, 3}
        for tag in (1, 2):
            said = self._of(batch, batch.inputs[:, 0] == tag)
            pairs = zip(map(tuple, said.inputs[:, 1:].tolist()), said.answers.tolist(), strict=True)
            right = [known[pair] == answer for pair, answer in pairs if pair in known]
            if right and np.mean(right) < 0.5 and self.sceptical:
                trusted.discard(tag)
        memory = super().update(known, self._of(batch, np.isin(batch.inputs[:, 0], list(trusted))), seed)
        return {**memory, (-1, -1): trusted}

    def update(self, state: Any, batch: Batch, seed: int) -> Any:
        trusted = state.get((-1, -1), {0, 1, 2, 3})
        return super().update(state, self._of(batch, np.isin(batch.inputs[:, 0], list(trusted))), seed)

    @staticmethod
    def _of(batch: Batch, rows: Any) -> Batch:
        return Batch(batch.inputs[rows], batch.answers[rows], batch.n_answers, batch.schema)


@dataclass(frozen=True)
class Deaf(Memory):
    """Learns nothing by default; a search finds out that it can."""

    info: ClassVar[LearnerInfo] = info("deaf")

    deaf: bool = True

    @classmethod
    def suggest(cls, trial: optuna.Trial) -> Self:
        return cls(deaf=bool(trial.suggest_categorical("deaf", [True, False])))

    def update(self, state: dict[tuple[int, ...], int], batch: Batch, seed: int) -> Any:
        return state if self.deaf else super().update(state, batch, seed)


@dataclass(frozen=True)
class SuggestsNothing(Memory):
    """Has a `suggest` that raises."""

    info: ClassVar[LearnerInfo] = info("suggests-nothing")

    @classmethod
    def suggest(cls, trial: optuna.Trial) -> Self:
        raise KeyError("width")


@dataclass(frozen=True)
class FailsWhenSearched(Memory):
    """Knows no valid configuration but its defaults."""

    info: ClassVar[LearnerInfo] = info("fails-when-searched")

    broken: bool = False

    @classmethod
    def suggest(cls, trial: optuna.Trial) -> Self:
        return cls(broken=bool(trial.suggest_categorical("broken", [True])))

    def fit(self, batch: Batch, seed: int) -> dict[tuple[int, ...], int]:
        if self.broken:
            raise ValueError("this configuration is broken")
        return super().fit(batch, seed)


@dataclass(frozen=True)
class FewRows(Memory):
    """Says that it can't learn from more than 1,000 rows, both stages together."""

    info: ClassVar[LearnerInfo] = info("few-rows", max_rows=1000)


@dataclass(frozen=True)
class FewRowsControl(Memory):
    """Says so too, but a study can't do without it."""

    info: ClassVar[LearnerInfo] = info("few-rows-control", max_rows=1000, role="negative control")


class NotADataclass(Memory):
    info: ClassVar[LearnerInfo] = info("not-a-dataclass", rules=("append", "grow"))


unrelated = object()
