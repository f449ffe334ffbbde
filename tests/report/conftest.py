"""Synthetic runs: score rows with known effects, as a study would have left them behind."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import Any

import numpy as np
import polars as pl
import pytest

from iml_general.report.findings.comparison import ComparisonReport
from iml_general.rows import SCHEMA_VERSION, SCORE_SCHEMA
from iml_general.study.storage.record import (
    CONFIGURATION_SCHEMA,
    COST_SCHEMA,
    FAILURE_SCHEMA,
    IMPORTANCE_SCHEMA,
    SEARCH_SCHEMA,
    RunRecord,
)

SIZES = {
    "corroborated": 100,
    "contradicted": 100,
    "undefined": 40,
    "new_reliable": 300,
    "new_unreliable": 300,
    "new_neutral": 300,
    "new_conflict": 300,
    "unseen": 180,
}
SOURCES = {
    "reliable": {"reliability": 1.0, "stage1": 100, "stage2": 50},
    "unreliable": {"reliability": 0.0, "stage1": 100, "stage2": 50},
    "neutral": {"reliability": 0.5, "stage1": 0, "stage2": 50},
}
SEARCH_ROW = {
    **{"learner": "mlp", "level": "tuned", "trial": 3, "outcome": "measured", "maximised": "competence"},
    **{"value": 0.9, "competence": 0.9, "front": True, "n_seeds": 8, "rule": ""},
    **{"factors": '{"width": 64, "rate": Infinity}', "found": True},
}
IMPORTANCE_ROW = ("mlp", "tuned", "width", 1.0, "PedAnovaImportanceEvaluator")
CONFIGURATION_ROW = {
    **{
        "learner": "mlp",
        "rule": "continue",
        "level": "default",
        "configuration": "0123456789ab",
        "point": "",
    },
    **{"options": '{"width": 64}', "encoding": '{"alias": "bits"}', "protocol": "{}"},
}
STAGE1_GROUPS = ("corroborated", "contradicted", "undefined")
CHANCE = 0.25


@dataclass(frozen=True)
class Synthetic:
    """One learner-rule pair and how it is made to behave.

    `level` is EM of new aliases without any trust, `gap` and `preference` what the tag adds to it: the
    preference, in stage 2 as in its twin, is its trust.
    """

    learner: str
    rule: str
    family: str
    level: float = 0.7
    gap: float = 0.0
    preference: float = 0.0
    role: str = "subject"
    spread: float = 0.02
    default: str = "default"
    configuration: str = "0123456789ab"
    memory: float = 0.98
    point: str = ""


CONTROLS = (
    Synthetic("ideal-observer", "retrain", "controls", 0.62, 0.75, 0.98, "positive control"),
    Synthetic("tag-blind", "refit", "controls", 0.9, 0.0, 0.0, "negative control", spread=0.004),
    Synthetic("chance", "retrain", "controls", CHANCE, 0.0, 0.0, "reference", memory=CHANCE),
)


def score_rows(pair: Synthetic, study: str, seed: int) -> list[dict[str, Any]]:
    """All rows of one pair and seed: three conditions, their moments, every group, probe and measure."""
    rng = np.random.default_rng([seed, *pair.learner.encode()[:40], *pair.rule.encode()])
    key = {
        "schema_version": SCHEMA_VERSION,
        "study": study,
        "world": "statements",
        "learner": pair.learner,
        "family": pair.family,
        "role": pair.role,
        "rule": pair.rule,
        "level": pair.default,
        "point": pair.point,
        "configuration": pair.configuration,
        "seed": seed,
    }
    moments = [("informative", "stage1"), ("shuffled", "stage1")]
    moments += [(condition, "stage2") for condition in ("informative", "shuffled", "no_stage1")]
    cells = [
        (condition, moment, group, probe)
        for condition, moment in moments
        for group in SIZES
        for probe in ("question", "statement")
        if probe == "question" or group.startswith("new")
    ]
    cells += [
        (condition, "stage2_twin", "new_conflict", "question") for condition in ("informative", "shuffled")
    ]
    return [
        {
            **key,
            **dict(zip(("condition", "moment", "group", "probe"), cell, strict=True)),
            **{"measure": measure, "value": value, "n": SIZES[cell[2]]},
        }
        for cell in cells
        for measure, value in _scores(pair, *cell, rng).items()
    ]


def _scores(
    pair: Synthetic, condition: str, moment: str, group: str, probe: str, rng: np.random.Generator
) -> dict[str, float]:
    trusts = condition == "informative"
    em = CHANCE
    if group in STAGE1_GROUPS and condition != "no_stage1":
        lift = {"corroborated": 0.5, "contradicted": -0.3, "undefined": 0.0}[group] * pair.gap * trusts
        em = pair.level + lift
    elif group.startswith("new") and moment != "stage1":
        lift = {"new_reliable": 0.5, "new_unreliable": -0.5}.get(group, 0.0) * pair.gap * trusts
        em = pair.memory if probe == "statement" else pair.level + lift
    spread = pair.spread if condition != "no_stage1" else 0.01
    em = float(np.clip(round((em + rng.normal(0, spread)) * SIZES[group]) / SIZES[group], 0, 1))
    scores = {"em": em, "log_probability": float(np.log(max(em, 0.01))), "brier": 1 - em}
    if group == "new_conflict" and probe == "question":
        tilt = pair.preference * trusts * (moment != "stage1") + rng.normal(0, spread)
        reliable = float(np.clip(0.49 + 0.49 * tilt, 0, 0.98))
        scores |= {"said_reliable": reliable, "said_unreliable": 0.98 - reliable}
        scores["log_odds_reliable"] = float(np.log(reliable + 0.01) - np.log(0.99 - reliable))
    return scores


def make_record(
    subjects: Sequence[Synthetic],
    n_seeds: int = 8,
    name: str = "quick",
    controls: Sequence[Synthetic] = CONTROLS,
    **changes: Any,
) -> RunRecord:
    """A finished run of the given pairs and the controls; `changes` replace fields of the record."""
    pairs = [*subjects, *controls]
    rows = [row for pair in pairs for seed in range(n_seeds) for row in score_rows(pair, name, seed)]
    phases = {"fit": "", "predict": "", "framework": "", "update": "rule"}
    costs = [
        {
            "learner": pair.learner,
            "rule": pair.rule if shared else "",
            "phase": phase,
            "seconds": 0.37 * (i + 1) * (1 + len(phase)),
            "n_seeds": n_seeds,
            "reused": False,
        }
        for i, pair in enumerate(pairs)
        for phase, shared in phases.items()
    ]
    values: dict[str, Any] = {
        "plan": {
            "name": name,
            "seeds": n_seeds,
            "root_seed": 0,
            "world": {"name": "statements", "options": {"n_questions": 6}},
            "conditions": ["informative", "shuffled", "no_stage1"],
            "protocol": {"sources": SOURCES, "undefined": 40, "new_conflict": 50, "unseen": 30},
            "verdict": {},
            "learners": [{"name": pair.learner, "rules": [pair.rule], "options": {}} for pair in pairs],
        },
        "provenance": {
            "command": f"iml run {name} --seeds {n_seeds}",
            "begun": "2026-01-02 03:04 UTC",
            "seeds": f"confirmation seeds 0 to {n_seeds - 1} of root seed 0",
            "machine": "Linux x86_64, 2 cores",
            "version of Python": "3.11.2",
            "version of iml-general": "0.1.0",
        },
        "scores": pl.DataFrame(rows, schema=SCORE_SCHEMA),
        "costs": pl.DataFrame(costs, schema=COST_SCHEMA),
        "failures": pl.DataFrame(schema=FAILURE_SCHEMA),
        "searches": pl.DataFrame([SEARCH_ROW], schema=SEARCH_SCHEMA),
        "importances": pl.DataFrame([IMPORTANCE_ROW], schema=IMPORTANCE_SCHEMA, orient="row"),
        "configurations": pl.DataFrame([CONFIGURATION_ROW], schema=CONFIGURATION_SCHEMA),
        "absent": {},
        "units_done": 40,
        "units_total": 40,
    }
    return RunRecord(**{**values, **changes})


SUBJECTS = (
    Synthetic("random-forest", "refit", "forests", gap=0.07, preference=0.4),
    Synthetic("random-forest", "grow", "forests", 0.995, spread=0.002),
    Synthetic("mlp", "continue", "neural networks", 0.8, 0.33, 0.9),
    Synthetic("logistic-regression", "retrain", "linear", 0.26, spread=0.005, memory=0.4),
    Synthetic("gaussian-process", "retrain", "kernels", 0.6, 0.3, 0.0, spread=0.01),
)


def make_swept_record(
    subjects: Sequence[Synthetic],
    values: Sequence[Any],
    factor: str = "reliable.reliability",
    also: Mapping[str, Sequence[Any]] | None = None,
    **changes: Any,
) -> RunRecord:
    """A run in which every subject is measured once per point, its gap and trust growing with the value.

    `also` holds more factors and their values: the points are the product of all.
    """
    grid = {factor: values, **(also or {})}
    ideal = replace(CONTROLS[0], role="upper anchor")
    points = [
        replace(
            one,
            point=json.dumps(dict(zip(grid, at, strict=True))),
            configuration=f"{one.configuration}{i}",
            gap=one.gap * (grid[factor].index(at[0]) + 1),
            preference=one.preference * (grid[factor].index(at[0]) + 1),
        )
        for i, at in enumerate(product(*grid.values()))
        for one in (*subjects, replace(ideal, gap=ideal.gap / len(values), preference=0.9 / len(values)))
    ]
    rows = [
        CONFIGURATION_ROW
        | {"learner": one.learner, "rule": one.rule, "level": one.default}
        | {"point": one.point, "configuration": one.configuration}
        for one in (CONTROLS[0], *points)
    ]
    record = make_record(points, **changes)
    sweep = [
        {"name": name, "factors": [f"protocol.sources.{name}"], "values": list(its)}
        for name, its in grid.items()
    ]
    return replace(
        record,
        plan=record.plan | {"sweep": sweep},
        configurations=pl.DataFrame(rows, schema=CONFIGURATION_SCHEMA),
    )


EVIL = (
    "<script>alert(1)</script>\"'`$x$ & | \n*b* [l](http://evil.example/a) </style></title><!-- {{7*7}}"
    " @me =1+1 www.evil.example \x1b[31m\u202e"
)


def make_hostile_record() -> RunRecord:
    """A run in which every text that a stranger may choose is an attack or very long."""
    subjects = (
        Synthetic(EVIL, "refit", EVIL, 0.8, 0.3, 0.5),
        Synthetic("n" * 300, "grow", "f" * 300, 0.8, 0.3, 0.5, configuration="aa"),
        Synthetic("n" * 300, "grow", "f" * 300, 0.8, 0.1, 0.5, configuration="bb"),
    )
    failure = dict.fromkeys(FAILURE_SCHEMA, EVIL) | {"traceback": EVIL + "</pre>```\n~~~"}
    record = make_record(subjects, 3, EVIL, absent={EVIL: EVIL}, units_done=3)
    failures = pl.DataFrame([failure], schema=FAILURE_SCHEMA)
    factors = json.dumps({EVIL: EVIL})
    search = SEARCH_ROW | dict.fromkeys(("learner", "level", "outcome", "maximised", "rule"), EVIL)
    search |= {"factors": factors}
    return replace(
        record,
        failures=failures,
        searches=pl.DataFrame([search], schema=SEARCH_SCHEMA),
        importances=pl.DataFrame([(EVIL, EVIL, EVIL, 1.0, EVIL)], schema=IMPORTANCE_SCHEMA, orient="row"),
        provenance={EVIL: EVIL, "command": EVIL},
    )


@pytest.fixture(scope="session")
def synthetic() -> type[Synthetic]:
    """The description of one pair, to make runs of."""
    return Synthetic


@pytest.fixture(scope="session")
def record() -> Callable[..., RunRecord]:
    """Makes runs."""
    return make_record


@pytest.fixture(scope="session")
def swept() -> Callable[..., RunRecord]:
    """Makes runs with a sweep."""
    return make_swept_record


@pytest.fixture(scope="session")
def sweep_report() -> ComparisonReport:
    """The report of a sweep over three values, given out of order, of two learners."""
    subjects = [
        Synthetic("boosting", "refit", "trees", 0.6, 0.15, 0.2, spread=0.01),
        Synthetic("stump", "grow", "trees", 0.6, 0.0, spread=0.004),
    ]
    return ComparisonReport.from_run(make_swept_record(subjects, [10, 0.5, 2], name="sweep"))


@pytest.fixture(scope="session")
def report() -> ComparisonReport:
    """The report of a small finished run, in which all is well."""
    return ComparisonReport.from_run(make_record(SUBJECTS))


@pytest.fixture(scope="session")
def page(report: ComparisonReport) -> str:
    """Its page."""
    from iml_general.report.formats.html import render_html

    return render_html(report)


@pytest.fixture(scope="session")
def hostile() -> ComparisonReport:
    """The report of a run full of hostile texts."""
    return ComparisonReport.from_run(make_hostile_record())


@pytest.fixture(scope="session")
def hostile_page(hostile: ComparisonReport) -> str:
    """Its page."""
    from iml_general.report.formats.html import render_html

    return render_html(hostile)
