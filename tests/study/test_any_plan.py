"""Plans and tables that nobody has thought of, through the whole pipeline: sound findings, or one line."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import polars as pl
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from iml_general.errors import ImlError
from iml_general.report.findings.comparison import ComparisonReport
from iml_general.report.formats.json_export import render_json
from iml_general.report.formats.markdown import render_markdown
from iml_general.study.plan.keys import check_plan
from iml_general.study.plan.resolve import Study, resolve
from iml_general.study.storage.record import RunRecord
from iml_general.study.work.in_process import carry_out

KEYS = [
    "learner",
    "rule",
    "configuration",
    "point",
    "condition",
    "seed",
    "moment",
    "group",
    "probe",
    "measure",
]
SHARES = ("em", "brier", "said_reliable", "said_unreliable")

texts = st.text(max_size=12)
numbers = st.one_of(st.integers(-3, 9), st.floats(width=16), st.sampled_from([10**12, 10**30, -(2**63)]))
anything = st.one_of(st.none(), st.booleans(), numbers, texts, st.lists(numbers, max_size=2))


def mostly(likely: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """What a plan may hold, and now and then what it may not."""
    return st.integers(0, 60).flatmap(lambda n: anything if n == 37 else likely)


sizes = mostly(st.integers(2, 6))
share = mostly(st.floats(0, 1))
source = st.fixed_dictionaries({"stage1": sizes, "stage2": sizes}, optional={"reliability": share})
protocols = st.fixed_dictionaries(
    {
        "undefined": sizes,
        "new_conflict": sizes,
        "unseen": sizes,
        "sources": st.fixed_dictionaries(
            {"reliable": source, "unreliable": source, "neutral": st.fixed_dictionaries({"stage2": sizes})},
            optional={"third": source},
        ),
    },
    optional={"lies": mostly(st.sampled_from(["another", "opposite", "next"])), "attack_share": share},
)
worlds = st.fixed_dictionaries(
    {}, optional={"n_questions": mostly(st.integers(2, 5)), "n_answers": mostly(st.integers(2, 5))}
)
learners = st.lists(
    st.sampled_from(["naive-bayes", "chance", "nearest-neighbors", "sgd", "nobody"]).map(
        lambda n: {"name": n}
    ),
    min_size=1,
    max_size=2,
    unique_by=lambda one: one["name"],
)
conditions = st.sampled_from(
    [
        ["informative", "shuffled"],
        ["informative", "shuffled", "no_stage1"],
        ["attacked", "attacked_shuffled"],
        ["x"],
    ]
)
factors = st.fixed_dictionaries(
    {
        "factors": st.sampled_from([["protocol.unseen"], ["encoding.alias"], ["world.n_answers"], ["seeds"]]),
        "values": st.lists(mostly(st.integers(2, 5)), min_size=1, max_size=2),
    }
)
plans = st.fixed_dictionaries(
    {
        "name": mostly(st.text(min_size=1, max_size=8)),
        "seeds": mostly(st.just(2)),
        "protocol": protocols,
        "learners": learners,
        "conditions": conditions,
    },
    optional={
        "world": st.fixed_dictionaries({"name": st.just("statements"), "options": worlds}),
        "root_seed": mostly(st.integers(0, 9)),
        "sweep": st.lists(factors, max_size=1),
        "verdict": st.dictionaries(st.sampled_from(["sesoi", "alpha"]), share, max_size=1),
    },
)


def outcome(make: Callable[[], Study]) -> RunRecord | None:
    """The findings of a plan; None if it was refused, in one line."""
    try:
        return carry_out(make(), "test", lambda *_: None)
    except ImlError as error:
        told = str(error)
    assert told.strip()
    assert len(told) < 1500
    return None


def assert_sound(record: RunRecord) -> None:
    rows = record.scores
    assert record.complete
    assert not rows.select(KEYS).is_duplicated().any()
    assert rows["value"].is_finite().all()
    assert rows.filter(pl.col("measure").is_in(SHARES))["value"].is_between(0, 2).all()
    report = ComparisonReport.from_run(record)
    assert render_markdown(report)
    json.loads(render_json(report))


@settings(max_examples=30, suppress_health_check=[HealthCheck.too_slow])
@given(plan=plans)
def test_any_plan_gives_sound_findings_or_one_line(plan: dict[str, Any]) -> None:
    resolved: list[Study] = []

    def make() -> Study:
        resolved.append(resolve(check_plan(plan, "test")))
        return resolved[0]

    record = outcome(make)
    if record is not None:
        assert_sound(record)
        again = resolve(check_plan(json.loads(json.dumps(record.plan)), "test"))
        assert again.plan == resolved[0].plan


cells = st.one_of(
    st.none(),
    st.sampled_from(["a", "b", "c", " ", "1", "2.5", "2026-01-01", "true"]),
    st.integers(0, 3),
    st.text(max_size=3),
)
columns = st.lists(st.lists(cells, min_size=36, max_size=36), min_size=1, max_size=3)
TINY = {
    **dict.fromkeys(("undefined", "new_conflict", "unseen"), 2),
    "sources": {
        "reliable": {"stage1": 3, "stage2": 2},
        "unreliable": {"stage1": 3, "stage2": 2},
        "neutral": {"stage2": 1},
    },
}


@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])
@given(
    columns=columns,
    names=st.lists(st.sampled_from(["name", "a", "b", "ü", "subject", ""]), min_size=4, max_size=4),
    separator=st.sampled_from([",", ";", "\t", "|"]),
    encoding=st.sampled_from(["utf-8", "utf-8", "utf-8", "utf-8-sig", "latin-1", "utf-16"]),
    options=st.fixed_dictionaries(
        {"missing": mostly(st.sampled_from(["drop", "skip", "refuse"]))},
        optional={"bins": mostly(st.integers(2, 4)), "several": st.sampled_from(["", "|", "a"])},
    ),
)
def test_any_table_gives_sound_findings_or_one_line(
    tmp_path: Path,
    columns: list[list[Any]],
    names: list[str],
    separator: str,
    encoding: str,
    options: dict[str, Any],
) -> None:
    rows = [
        [f"thing {n}", *("" if cell is None else str(cell) for cell in row)]
        for n, row in enumerate(zip(*columns, strict=True))
    ]
    lines = [separator.join(row) for row in [["id", *names[: len(columns)]], *rows]]
    file = tmp_path / "things.csv"
    file.write_bytes("\n".join(lines).encode(encoding, errors="replace"))
    world = {"name": "table", "options": {"path": str(file), **options}}
    plan = {"name": "x", "seeds": 2, "world": world, "protocol": TINY, "learners": [{"name": "naive-bayes"}]}
    record = outcome(lambda: resolve(check_plan(plan, "test")))
    if record is not None:
        assert_sound(record)


def test_what_is_tried_gets_through_often_enough() -> None:
    """A fuzzer all of whose plans are refused at the door would prove nothing."""
    let_in: list[bool] = []

    @settings(max_examples=25, database=None, suppress_health_check=[HealthCheck.too_slow])
    @given(plan=plans)
    def try_one(plan: dict[str, Any]) -> None:
        with suppress(ImlError):
            resolve(check_plan(plan, "test"))
            let_in.append(True)

    try_one()
    assert len(let_in) >= 10
