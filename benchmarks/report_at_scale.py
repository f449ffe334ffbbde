"""What a report of a large run costs: time, memory and size of its files.

python benchmarks/report_at_scale.py [--configurations N] [--cells N] [--out DIR]
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

from iml_general.protocol import Protocol
from iml_general.report.findings.comparison import ComparisonReport
from iml_general.report.formats.write import write_report
from iml_general.rows import KEYS, SCHEMA_VERSION, SCORE_SCHEMA, TWIN
from iml_general.study.storage import record

RULES = ("refit", "grow", "retrain", "continue")
CONTROLS = {"ideal-observer": ("positive control", 0.6), "tag-blind": ("negative control", 0.0)}
CONDITIONS = ("informative", "shuffled", "no_stage1")
CELLS = [
    (condition, moment, group, probe)
    for condition, moment in (
        ("informative", "stage1"),
        ("shuffled", "stage1"),
        ("informative", "stage2"),
        ("shuffled", "stage2"),
        ("no_stage1", "stage2"),
    )
    for group in Protocol().groups
    for probe in ("question", "statement")
    if probe == "question" or group.startswith("new")
]
"""Condition, moment, group and probe of the 60 cells of one seed, the twin's aside."""
MEASURES = ("em", "log_probability", "brier")
ASKED = ("said_reliable", "said_unreliable", "log_odds_reliable")  # of new_conflict's questions alone


def main() -> None:
    """Make a run, report it, and print what that took."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--configurations", type=int, default=1_000)
    parser.add_argument("--cells", type=int, default=1_000_000)
    parser.add_argument("--out", type=Path)
    arguments = parser.parse_args()
    run = make_run(arguments.configurations, arguments.cells)
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


def make_run(n_configurations: int, n_cells: int) -> record.RunRecord:
    """Make up a run of the wanted size with effects of every kind.

    Args:
        n_configurations: Subjects, each a configuration of one of 20 learners.
        n_cells: Cells that were scored, at least; each has three score rows or more.

    Returns:
        The run.
    """
    n_seeds = -(-n_cells // (n_configurations * len(CELLS)))
    names = [(name, "controls", "retrain", role, effect) for name, (role, effect) in CONTROLS.items()]
    names += [
        (f"learner-{i % 20:02}", f"family {i % 6}", RULES[i % 4], "subject", (i % 10) / 20)
        for i in range(n_configurations)
    ]
    scores = pl.concat([_scores(i, *name, n_seeds) for i, name in enumerate(names)])
    plan: dict[str, Any] = {
        **{"name": "large", "seeds": n_seeds, "world": {"name": "statements"}},
        "conditions": list(CONDITIONS),
    }
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
    key = ("large", "statements", learner, family, role, rule, "default", "", f"{number:012x}")
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
    said = 0.5 + 0.5 * effect * trusts + rng.normal(0, noise, n)
    columns = dict(
        zip(("condition", "moment", "group", "probe"), zip(*CELLS * n_seeds, strict=True), strict=True)
    )
    cells = pl.DataFrame(
        {
            **{name: list(values) for name, values in columns.items()},
            "seed": np.repeat(np.arange(n_seeds), len(CELLS)),
            "em": em,
            "log_probability": np.log(np.clip(em, 0.01, 1)),
            "brier": 1 - em,
            "said_reliable": said,
            "said_unreliable": 1 - said,
            "log_odds_reliable": 4 * said - 2,
        }
    )
    conflict = cells.filter(group="new_conflict", probe="question")
    twins = conflict.filter(pl.col("condition") != "no_stage1", moment="stage2")
    twins = twins.with_columns(moment=pl.col("moment") + TWIN)
    index = ("condition", "moment", "group", "probe", "seed")
    parts = ((cells, MEASURES), (conflict, ASKED), (twins, (*MEASURES, *ASKED)))
    long = pl.concat([frame.unpivot(names, index=index, variable_name="measure") for frame, names in parts])
    named = zip(KEYS, key, strict=True)
    whole = long.with_columns(
        schema_version=pl.lit(SCHEMA_VERSION), n=pl.lit(300), **{name: pl.lit(value) for name, value in named}
    )
    return whole.select(pl.col(name).cast(dtype) for name, dtype in SCORE_SCHEMA.items())


def peak() -> float:
    """Peak resident memory of this process in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()
