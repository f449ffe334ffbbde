"""What a report of a large run costs: CPU time, memory and size of its files.

python benchmarks/report_at_scale.py [--configurations N] [--cells N] [--out DIR]

A cell has between three and four score rows: 1e7 of them are --cells 2840000.
"""

from __future__ import annotations

import argparse
import multiprocessing
import resource
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from iml_general.protocol import Protocol
from iml_general.report.findings.comparison import ComparisonReport
from iml_general.report.formats.write import FORMATS, write_report
from iml_general.rows import KEYS, MEASURED, SCHEMA_VERSION, SCORE_SCHEMA, TWIN
from iml_general.study.storage import record
from iml_general.study.storage.database import connected
from iml_general.study.storage.place import Place
from iml_general.study.storage.store import RunStore

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
Named = tuple[str, str, str, str, float]
"""Learner, family, rule, role and size of the effect."""
MEASURES = ("em", "log_probability", "brier")
ASKED = ("said_reliable", "said_unreliable", "log_odds_reliable")  # of new_conflict's questions alone


def main() -> None:
    """Store a made-up run in one process, report it in another, and print what that took."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--configurations", type=int, default=1_000)
    parser.add_argument("--cells", type=int, default=1_000_000)
    parser.add_argument("--out", type=Path)
    arguments = parser.parse_args()
    context = multiprocessing.get_context("spawn")  # the memory of each is its own
    with tempfile.TemporaryDirectory(prefix="iml-report-") as folder:
        place = Place.of(Path(folder), None)
        n_seeds = -(-arguments.cells // (arguments.configurations * len(CELLS)))
        names = names_of(arguments.configurations)
        out = arguments.out or Path(folder) / "report"
        for step, *given in ((store, place, names, n_seeds), (report, place, names, n_seeds, out)):
            process = context.Process(target=step, args=given)
            process.start()
            process.join()
            if process.exitcode:
                raise SystemExit(process.exitcode)


def names_of(n_configurations: int) -> list[Named]:
    """Name the controls and subjects: configurations of 20 learners, with effects of every kind."""
    controls = [(name, "controls", "retrain", role, effect) for name, (role, effect) in CONTROLS.items()]
    return controls + [
        (f"learner-{i % 20:02}", f"family {i % 6}", RULES[i % 4], "subject", (i % 10) / 20)
        for i in range(n_configurations)
    ]


def store(place: Place, names: list[Named], n_seeds: int) -> None:
    """Write the score rows of a run into a database, configuration by configuration."""
    with connected(place) as engine:
        table = RunStore(place, engine)
        table.begin({}, {}, {})
        for number, name in enumerate(names):
            rows = _scores(number, *name, n_seeds)
            table.add(number, rows.select(KEYS).unique().to_dicts(), rows.select(MEASURED).to_dicts(), [])
        engine.dispose()


def report(place: Place, names: list[Named], n_seeds: int, out: Path) -> None:
    """Read the rows, judge them and write every kind of report, and print what each step takes."""
    size = place.folder.joinpath("run.sqlite3").stat().st_size
    with connected(place) as engine:
        scores = RunStore(place, engine).scores(range(len(names)))
        engine.dispose()
    print(
        f"{scores.height:,} score rows of {len(names):,} configurations, a database of {size / 1e9:.2f} GB\n"
    )
    print("| step | CPU seconds so far | peak memory so far, GB |")
    print("|---|---|---|")
    print(f"| rows are read | {time.process_time():.0f} | {peak():.2f} |", flush=True)
    comparison = ComparisonReport.from_run(_run(scores, n_seeds))
    print(f"| judged | {time.process_time():.0f} | {peak():.2f} |", flush=True)
    for name in FORMATS:
        write_report(comparison, out, [name])
        print(f"| {name} | {time.process_time():.0f} | {peak():.2f} |", flush=True)
    print()
    for path in sorted(one for one in out.iterdir() if one.is_file()):
        print(f"{path.stat().st_size / 1e6:9.2f} MB  {path.name}")


def _run(scores: pl.DataFrame, n_seeds: int) -> record.RunRecord:
    """A run that has these rows and nothing else."""
    plan: dict[str, Any] = {
        **{"name": "large", "seeds": n_seeds, "world": {"name": "statements"}, "learners": []},
        "conditions": list(CONDITIONS),
    }
    return record.RunRecord(
        plan=plan,
        provenance={"command": "benchmarks/report_at_scale.py"},
        scores=scores,
        costs=pl.DataFrame(schema=record.COST_SCHEMA),
        configurations=pl.DataFrame(schema=record.CONFIGURATION_SCHEMA),
        failures=pl.DataFrame(schema=record.FAILURE_SCHEMA),
        searches=pl.DataFrame(schema=record.SEARCH_SCHEMA),
        importances=pl.DataFrame(schema=record.IMPORTANCE_SCHEMA),
        absent={},
        units_done=1,
        units_total=1,
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
    """Peak resident memory of this process in GB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e9


if __name__ == "__main__":
    main()
