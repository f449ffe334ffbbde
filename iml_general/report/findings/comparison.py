"""The scores of one or several runs, judged once: what every kind of report is made from."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Self

import polars as pl

from iml_general.errors import UsageError
from iml_general.judging.effects import group_means, seed_effects
from iml_general.judging.verdict import VerdictSettings, judge, validity
from iml_general.options import configure
from iml_general.report.findings.matrix import Matrix, matrix_of
from iml_general.report.findings.pairs import Pair, pairs_of
from iml_general.report.findings.sweeps import Sweep, places_of, sweeps_of
from iml_general.report.shown.answer import answer, second_endpoint
from iml_general.report.text.wording import listing, plain
from iml_general.rows import KEYS
from iml_general.study.storage.record import RunRecord


@dataclass(frozen=True, eq=False)
class ComparisonReport:
    """Learners and update rules compared: the verdicts of all runs and all they rest on.

    Attributes:
        records: The runs, one or several.
        settings: How the verdicts were decided.
        effects: What `iml_general.judging.effects.seed_effects` gives: one row per pair, seed and effect.
        means: What `iml_general.judging.effects.group_means` gives: scores of every group over seeds.
        verdicts: What `iml_general.judging.verdict.judge` gives: one row per pair and endpoint.
        faults: Why a study is invalid, one line each; empty if all are valid.
    """

    records: tuple[RunRecord, ...]
    settings: VerdictSettings
    effects: pl.DataFrame
    means: pl.DataFrame
    verdicts: pl.DataFrame
    faults: tuple[str, ...]

    @classmethod
    def from_run(cls, record: RunRecord) -> Self:
        """Judge a run, finished or not.

        Args:
            record: The run, with at least one finished unit.

        Returns:
            The report.

        Raises:
            UsageError: If the plan's verdict settings are not allowed.
        """
        return cls.from_runs([record])

    @classmethod
    def from_runs(cls, records: Sequence[RunRecord]) -> Self:
        """Judge several runs and put them side by side.

        Each run is judged as if it were alone: p values are corrected within it, and its controls
        vouch for its own worlds and for no other's.

        Args:
            records: The runs, finished or not, each with at least one finished unit.

        Returns:
            The report.

        Raises:
            UsageError: If a plan's verdict settings are not allowed or differ from another's, or if
                two runs of the same plan measured the same.
        """
        records = _told_apart(records)
        settings = [configure(VerdictSettings, run.plan.get("verdict", {}), "verdict") for run in records]
        _refuse_unlike(records, settings)
        judged = [judge(run.scores, settings[0]) for run in records]
        scores = pl.concat([run.scores for run in records])
        return cls(
            records=tuple(records),
            settings=settings[0],
            effects=seed_effects(scores),
            means=group_means(scores),
            verdicts=pl.concat(judged),
            faults=tuple(fault for verdicts in judged for fault in validity(verdicts)),
        )

    @cached_property
    def pairs(self) -> tuple[Pair, ...]:
        """Lines of the verdict table: by family, controls last."""
        return pairs_of(self.verdicts, places_of(self.records))

    @cached_property
    def matrix(self) -> Matrix | None:
        """Levels, worlds and runs side by side; None where there is one of each."""
        return matrix_of(self.pairs)

    @cached_property
    def sweeps(self) -> tuple[Sweep, ...]:
        """What each run with a sweep has measured of it."""
        return sweeps_of(self.runs, self.pairs)

    @cached_property
    def runs(self) -> tuple[tuple[str, RunRecord], ...]:
        """Every run under a name that no other run of the report has."""
        names = [plain(run.name) for run in self.records]
        seen = Counter(names)
        return tuple(
            (f"{name} (run {number})" if seen[name] > 1 else name, run)
            for number, (name, run) in enumerate(zip(names, self.records, strict=True), start=1)
        )

    @property
    def title(self) -> str:
        """The names of all studies, each once."""
        return listing(list(dict.fromkeys(plain(run.name) for run in self.records)))

    @property
    def scores(self) -> pl.DataFrame:
        """Score rows of all runs."""
        return pl.concat([run.scores for run in self.records])

    @property
    def searched(self) -> bool:
        """Whether any run searched for configurations."""
        return any(run.searches.height for run in self.records)

    @property
    def n_failed(self) -> int:
        """Units of work that a learner's fault ended."""
        return sum(run.failures.height for run in self.records)

    @property
    def answer(self) -> str:
        """What the runs found, in a sentence."""
        return answer(self.pairs, self.sweeps, self.faults, self.unfinished)

    @property
    def second_answer(self) -> str:
        """What the second endpoint found, in a sentence; nothing if the study is invalid."""
        return "" if self.faults else second_endpoint(self.pairs, self.sweeps)

    @property
    def unfinished(self) -> str:
        """How far the runs are, in words; empty if all are complete."""
        if all(run.complete for run in self.records):
            return ""
        done, total = (
            sum(getattr(run, name) for run in self.records) for name in ("units_done", "units_total")
        )
        return f"{done} of {total} units of work done"


def _refuse_unlike(records: Sequence[RunRecord], settings: Sequence[VerdictSettings]) -> None:
    """Words that mean different things can't stand in one table."""
    if not records:
        raise UsageError("a report needs at least one run, none was given")
    for run, other in zip(records, settings, strict=True):
        if other != settings[0]:
            raise UsageError(
                f"run {run.name!r} decides verdicts by {other}, run {records[0].name!r} by {settings[0]}:"
                " report runs with different verdict settings one by one"
            )


def _told_apart(records: Sequence[RunRecord]) -> list[RunRecord]:
    """Give runs of one name, but of different plans, that measured the same a name of their own each."""
    first: dict[tuple[str, ...], int] = {}
    alike: set[int] = set()
    for number, run in enumerate(records):
        for key in run.scores.select(KEYS).unique(maintain_order=True).iter_rows():
            if key not in first:
                first[key] = number
            elif records[first[key]].plan == run.plan:
                raise _same(dict(zip(KEYS, key, strict=True)), first[key] + 1, number + 1)
            else:
                alike |= {first[key], number}
    return [
        replace(run, scores=run.scores.with_columns(study=pl.lit(f"{run.name} (run {number + 1})")))
        if number in alike
        else run
        for number, run in enumerate(records)
    ]


def _same(row: dict[str, str], first: int, second: int) -> UsageError:
    """A configuration that two runs measured would be counted twice."""
    return UsageError(
        f"runs {first} and {second} (both named {row['study']!r}) hold the same {row['learner']}"
        f" {row['rule']} ({row['level']}, {row['configuration']}) in world {row['world']!r}"
        " by the same plan: leave one out"
    )
