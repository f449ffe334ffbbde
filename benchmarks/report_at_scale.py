"""What a report of a large run costs: time, memory and size of its files.

python benchmarks/report_at_scale.py [--configurations N] [--rows N] [--out DIR]
"""

from __future__ import annotations

import argparse
import resource
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from iml_general.protocol.episode import GROUPS
from iml_general.report.findings.comparison import ComparisonReport
from iml_general.report.formats.write import write_report
from iml_general.rows import KEYS, SCORE_SCHEMA
from iml_general.study.storage import record

RULES = ("refit", "grow", "retrain", "continue")
CONTROLS = {"ideal-observer": ("positive control", 0.6), "tag-blind": ("negative control", 0.0)}
CELLS = [
    (condition, moment, group, probe)
    for condition, moment in (
        ("informative", "stage1"),
        ("shuffled", "stage1"),
        ("informative", "stage2"),
        ("shuffled", "stage2"),
        ("no_stage1", "stage2"),
    )
    for group in GROUPS
    for probe in ("question", "statement")
    if probe == "question" or group.startswith("new")
]
"""Condition, moment, group and probe of the 60 score rows of one seed."""


def main() -> None:
    """Make a run, report it, and print what that took."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--configurations", type=int, default=1_000)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--out", type=Path)
    arguments = parser.parse_args()
    run = make_run(arguments.configurations, arguments.rows)
    print(f"{run.scores.height:,} score rows of {arguments.configurations:,} configurations")
    print(f"Memory before the report: {peak():,.0f} MB")
    with tempfile.TemporaryDirectory() as folder:
        start = time.perf_counter()
        report = ComparisonReport.from_run(run)
        print(f"Judged in {time.perf_counter() - start:.1f} s")
        written = write_report(report, arguments.out or Path(folder))
        print(f"Report written after {time.perf_counter() - start:.1f} s, peak memory {peak():,.0f} MB")
        for path in written:
            print(f"{path.stat().st_size / 1e6:9.2f} MB  {path.name}")


def make_run(n_configurations: int, n_rows: int) -> record.RunRecord:
    """Make up a run of the wanted size with effects of every kind.

    Args:
        n_configurations: Subjects, each a configuration of one of 20 learners.
        n_rows: Score rows, at least.

    Returns:
        The run.
    """
    n_seeds = -(-n_rows // (n_configurations * len(CELLS)))
    names = [(name, "controls", "retrain", role, effect) for name, (role, effect) in CONTROLS.items()]
    names += [
        (f"learner-{i % 20:02}", f"family {i % 6}", RULES[i % 4], "subject", (i % 10) / 20)
        for i in range(n_configurations)
    ]
    scores = pl.concat([_scores(i, *name, n_seeds) for i, name in enumerate(names)])
    plan: dict[str, Any] = {"name": "large", "seeds": n_seeds, "world": {"name": "statements"}}
    empty = {"failures": "FAILURE", "searches": "SEARCH", "importances": "IMPORTANCE"}
    return record.RunRecord(
        plan=plan,
        provenance={"command": "benchmarks/report_at_scale.py"},
        scores=scores,
        costs=pl.DataFrame(schema=record.COST_SCHEMA),
        configurations=pl.DataFrame(schema=record.CONFIGURATION_SCHEMA),
        **{name: pl.DataFrame(schema=getattr(record, f"{schema}_SCHEMA")) for name, schema in empty.items()},
        absent={},
        units_done=n_configurations,
        units_total=n_configurations,
    )


def _scores(
    number: int, learner: str, family: str, rule: str, role: str, effect: float, n_seeds: int
) -> pl.DataFrame:
    """All rows of one configuration."""
    rng = np.random.default_rng(number)
    key = ("large", "statements", learner, family, role, rule, "default", f"{number:012x}")
    n = n_seeds * len(CELLS)
    trusts = np.array([c == "informative" and m == "stage2" for c, m, _, _ in CELLS] * n_seeds)
    tilt = np.array(
        [{"new_reliable": 0.5, "new_unreliable": -0.5}.get(g, 0.0) for *_, g, _ in CELLS] * n_seeds
    )
    asked = np.array([p == "question" for *_, p in CELLS] * n_seeds)
    noise = 0.0 if role == "negative control" else 0.02
    em = (
        0.6
        + effect * tilt * trusts * asked
        + rng.normal(0, noise, n)
        - 0.4 * np.array([g == "unseen" for *_, g, _ in CELLS] * n_seeds)
    )
    columns = dict(
        zip(("condition", "moment", "group", "probe"), zip(*CELLS * n_seeds, strict=True), strict=True)
    )
    is_conflict = np.array([g == "new_conflict" and p == "question" for *_, g, p in CELLS] * n_seeds)
    said = 0.5 + 0.5 * effect * trusts + rng.normal(0, noise, n)
    frame = pl.DataFrame(
        {
            **{name: list(values) for name, values in columns.items()},
            "seed": np.repeat(np.arange(n_seeds), len(CELLS)),
            "em": em,
            "log_probability": np.log(np.clip(em, 0.01, 1)),
            "brier": 1 - em,
            "said_reliable": said,
            "said_unreliable": 1 - said,
        }
    ).with_columns(
        pl.lit(1).alias("schema_version"),
        pl.lit(300).alias("n"),
        *[pl.lit(value).alias(name) for name, value in zip(KEYS, key, strict=True)],
        *[
            pl.when(pl.Series(is_conflict)).then(pl.col(name)).alias(name)
            for name in ("said_reliable", "said_unreliable")
        ],
    )
    return frame.select(pl.col(name).cast(dtype) for name, dtype in SCORE_SCHEMA.items())


def peak() -> float:
    """Peak resident memory of this process in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()
