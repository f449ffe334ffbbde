"""The scores of one or several runs, judged once: what every kind of report is made from."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, fields
from functools import cached_property
from typing import Self

import polars as pl

from iml_general.judging.decision import VerdictSettings
from iml_general.judging.effect import Effect
from iml_general.judging.findings import validity
from iml_general.judging.judge import Judgement, judge
from iml_general.judging.law import Law
from iml_general.judging.parts import parts
from iml_general.judging.seed_effects import measured
from iml_general.options import configure
from iml_general.plugins import registry
from iml_general.protocol.condition import Condition
from iml_general.protocol.protocol import configure_protocol
from iml_general.report.findings.distinctions import options_by_configuration
from iml_general.report.findings.estimates import Estimates
from iml_general.report.findings.groups import groups_of
from iml_general.report.findings.laws import laws_of
from iml_general.report.findings.matrix import Matrix, matrix_of
from iml_general.report.findings.pairs import Pair, pairs_of
from iml_general.report.findings.side_by_side import refuse_unlike, told_apart
from iml_general.report.findings.sweeps import Sweep, ranks_of, sweeps_of
from iml_general.report.findings.worlds import Worlds, worlds_of
from iml_general.report.text.wording import listing, plain
from iml_general.rows import KEYS, SAMPLED
from iml_general.study.storage.record import RunRecord


@dataclass(frozen=True, eq=False)
class ComparisonReport:
    """Learners and update rules compared: what was found in all runs, and all it rests on.

    Attributes:
        records: The runs, one or several.
        settings: How the verdicts were decided.
        effects_table: The endpoints, and every other effect of which some score was measured, in the order in
            which they are shown.
        conditions: Every condition of the runs, in the plans' order.
        effects: One row per configuration, condition, seed and effect.
        estimates: The same over seeds.
        means: Scores of every group over seeds.
        verdicts: One row per configuration, controlled condition and endpoint.
        findings: One row per configuration and controlled condition.
        faults: Why a study is invalid, one line each; empty if all are valid.
    """

    records: tuple[RunRecord, ...]
    settings: VerdictSettings
    effects_table: tuple[Effect, ...]
    conditions: tuple[Condition, ...]
    effects: pl.DataFrame
    estimates: pl.DataFrame
    means: pl.DataFrame
    verdicts: pl.DataFrame
    findings: pl.DataFrame
    faults: tuple[str, ...]

    @classmethod
    def from_run(cls, record: RunRecord) -> Self:
        """Judge a run, finished or not.

        Args:
            record: The run, with at least one finished unit.

        Returns:
            The report.

        Raises:
            UsageError: If the plan's verdict settings are not allowed, or a condition of it is not here.
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
            UsageError: If a plan's verdict settings are not allowed or differ from another's, a condition
                is not here, or two runs of the same plan measured the same.
        """
        records = told_apart(records)
        settings = [configure(VerdictSettings, run.plan.get("verdict", {}), "verdict") for run in records]
        refuse_unlike(records, settings)
        effects = measured(registry.all_effects(), _measures(records))
        conditions = [_conditions(run) for run in records]
        judged = [
            judge(run.scores, settings[0], _controls(of_run), effects)
            for run, of_run in zip(records, conditions, strict=True)
        ]
        return cls(
            records=tuple(records),
            settings=settings[0],
            effects_table=effects,
            conditions=tuple({one.name: one for of_run in conditions for one in of_run}.values()),
            faults=tuple(
                fault
                for judgement, of_run in zip(judged, conditions, strict=True)
                for fault in validity(judgement.findings, of_run[0].name)
            ),
            **{
                field.name: pl.concat([getattr(judgement, field.name) for judgement in judged])
                for field in fields(Judgement)
            },
        )

    @cached_property
    def endpoints(self) -> tuple[Effect, ...]:
        """The effects that get verdicts, the primary one first."""
        return tuple(effect for effect in self.effects_table if effect.endpoint)

    @cached_property
    def beside(self) -> tuple[Effect, ...]:
        """Effects without verdicts on a scale of their own: what the endpoints' shares can't tell."""
        scales = {effect.unit for effect in self.endpoints}
        return tuple(one for one in self.effects_table if not one.endpoint and one.unit not in scales)

    @cached_property
    def pairs(self) -> tuple[Pair, ...]:
        """Lines of the verdict table: by family, controls last."""
        ranks = ranks_of(self.records)
        shown = self.verdicts.filter(pl.col("role") != SAMPLED)  # nothing is claimed of one of a sample
        options = options_by_configuration([run.configurations for run in self.records])
        return pairs_of(shown, self.findings, self.endpoints, self._condition_words, ranks, options)

    @cached_property
    def matrix(self) -> Matrix | None:
        """Levels, worlds, conditions and runs side by side; None where there is one of each."""
        return matrix_of(self.pairs, self._condition_words)

    @cached_property
    def worlds(self) -> Worlds | None:
        """The worlds side by side, in the order of the runs; None where there is one."""
        places = [run.scores.select("study", "world").unique(maintain_order=True) for run in self.records]
        names = [one.name for one in self.conditions]
        return worlds_of(self.pairs, pl.concat(places).unique(maintain_order=True).rows(), names)

    @cached_property
    def sweeps(self) -> tuple[Sweep, ...]:
        """What each run with a sweep has measured of it."""
        return sweeps_of(self.runs, self.pairs, self._condition_words)

    @cached_property
    def laws(self) -> tuple[Law, ...]:
        """What the runs with a sample say of the law."""
        primary = next(condition for condition in self.conditions if condition.control)
        return laws_of(self.records, self.estimates, primary.name)

    @cached_property
    def estimated(self) -> Estimates:
        """The estimates, line by line and effect by effect."""
        return Estimates.of(self.estimates)

    @cached_property
    def groups(self) -> dict[str, tuple[str, ...]]:
        """Groups that answers are shown of, by the moment after which they were asked."""
        protocols = [configure_protocol(run.plan.get("protocol", {})) for run in self.records]
        order = dict.fromkeys(group for protocol in protocols for group in protocol.groups)
        return groups_of(self.means, tuple(order))

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

    @cached_property
    def scores(self) -> pl.DataFrame:
        """Score rows of all runs."""
        return pl.concat([run.scores for run in self.records])

    def scores_of(self, key: Sequence[str]) -> pl.DataFrame:
        """Score rows of one configuration, found without looking through those of all others.

        Args:
            key: The values of `KEYS`, which may be followed by others, as a line's are.

        Returns:
            Its rows under every condition, in their order in `scores`.
        """
        of_key = dict(zip(KEYS, key[: len(KEYS)], strict=True))
        return pl.concat(part.filter(**of_key) for part in self._by_configuration[tuple(of_key.values())])

    @cached_property
    def _by_configuration(self) -> dict[tuple[str, ...], list[pl.DataFrame]]:
        """For every configuration the parts of the runs' rows that hold it, and few others or none."""
        found: dict[tuple[str, ...], list[pl.DataFrame]] = {}
        for part in (part for run in self.records for part in parts(run.scores, KEYS, most=1)):
            for key in part.select(KEYS).unique().iter_rows():
                found.setdefault(key, []).append(part)
        return found

    @property
    def searched(self) -> bool:
        """Whether any run searched for configurations."""
        return any(run.searches.height for run in self.records)

    @property
    def n_failed(self) -> int:
        """Units of work that a learner's fault ended."""
        return sum(run.failures.height for run in self.records)

    @property
    def unfinished(self) -> str:
        """How far the runs are, in words; empty if all are complete."""
        if all(run.complete for run in self.records):
            return ""
        done, total = (
            sum(getattr(run, name) for run in self.records) for name in ("units_done", "units_total")
        )
        return f"{done} of {total} units of work done"

    @cached_property
    def _condition_words(self) -> dict[str, str]:
        return {condition.name: condition.words for condition in self.conditions}


def _measures(records: Sequence[RunRecord]) -> pl.DataFrame:
    return pl.concat([run.scores.select("measure", "probe").unique() for run in records])


def _conditions(run: RunRecord) -> list[Condition]:
    return [registry.condition(name) for name in run.plan["conditions"]]


def _controls(conditions: Sequence[Condition]) -> dict[str, str]:
    return {condition.name: condition.control for condition in conditions if condition.control}
