"""A learner that says how many rows it can take sits out a study that has more, and the reason is told."""

from pathlib import Path
from typing import Any

import pytest

from iml_general.errors import UsageError
from iml_general.report.findings.comparison import ComparisonReport
from iml_general.report.formats.markdown import render_markdown
from iml_general.rows import SUBJECT
from iml_general.study import engine
from iml_general.study.plan.keys import check_plan
from iml_general.study.plan.resolve import Study, resolve
from iml_general.study.storage.place import Place

FEW_ROWS = f"{Path(__file__).parents[1] / 'plugins' / 'toys.py'}:FewRows"
"""It takes 1,000 rows."""

BOTH = ({"name": FEW_ROWS}, {"name": "nearest-neighbors"})
WORLD = {"name": "statements", "options": {"n_questions": 5}}


def study(per_group: int, *learners: dict[str, Any], **more: Any) -> Study:
    sizes = {
        **dict.fromkeys(("undefined", "new_conflict", "unseen"), per_group),
        "sources": {
            "reliable": {"stage1": per_group, "stage2": per_group},
            "unreliable": {"stage1": per_group, "stage2": per_group},
            "neutral": {"stage2": per_group},
        },
    }
    plan = {"name": "x", "seeds": 2, "world": WORLD, "protocol": sizes, "learners": list(learners), **more}
    return resolve(check_plan(plan, "test"))


def taking_part(planned: Study) -> list[str]:
    return [f"{one.name} {one.level}" for one in planned.entrants if one.learner.info.role == SUBJECT]


def test_it_takes_part_as_long_as_the_rows_of_both_stages_are_few_enough() -> None:
    small, large = study(5, *BOTH), study(100, *BOTH)
    assert taking_part(small) == [f"{FEW_ROWS} default", "nearest-neighbors default"]
    assert not small.absent
    assert taking_part(large) == ["nearest-neighbors default"]
    assert list(large.absent) == [FEW_ROWS]
    assert (
        "it can learn from 1,000 rows at most (its info.max_rows), and all stages have"
        in (large.absent[FEW_ROWS])
    )


def test_a_control_stays_whatever_it_says() -> None:
    planned = study(100, {"name": f"{FEW_ROWS}Control"}, BOTH[1])
    assert f"{FEW_ROWS}Control" in [one.name for one in planned.entrants]
    assert not planned.absent


def test_it_is_searched_neither_and_the_resolved_plan_goes_without_it() -> None:
    planned = study(100, *BOTH, levels=["tuned"])
    assert [search.name for search in planned.searches] == ["nearest-neighbors"]
    again = resolve(check_plan(planned.plan, "again"))
    assert again.units == planned.units


def test_in_a_sweep_it_sits_out_the_values_that_are_too_much_for_it() -> None:
    sweep = [{"factors": ["protocol.sources.reliable.stage1"], "values": [5, 400]}]
    planned = study(5, *BOTH, sweep=sweep)
    assert [one.title for one in planned.entrants if one.learner.info.role == SUBJECT] == [
        f"{FEW_ROWS} at reliable.stage1 = 5",
        "nearest-neighbors at reliable.stage1 = 5",
        "nearest-neighbors at reliable.stage1 = 400",
    ]
    assert list(planned.absent) == [f"{FEW_ROWS} at reliable.stage1 = 400"]


def test_a_study_of_nobody_else_is_refused() -> None:
    with pytest.raises(UsageError, match=r"no learner is left to study: .*FewRows: it can learn from 1,000"):
        study(100, BOTH[0])


def test_the_report_says_why_it_is_missing(tmp_path: Path) -> None:
    record = engine.run(study(100, *BOTH), Place.of(tmp_path, None), "test", lambda done, total: None)
    text = render_markdown(ComparisonReport.from_run(record))
    assert "FewRows did not take part: it can learn from 1,000 rows at most" in text
