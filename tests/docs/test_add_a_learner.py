"""The learner in the docs is what the docs say: complete, and it runs beside the controls."""

import re
from pathlib import Path

from iml_general.study import engine
from iml_general.study.plan import check_plan
from iml_general.study.resolve import resolve

PAGE = Path(__file__).parents[2] / "docs" / "add-a-learner.md"


def test_the_example_runs_in_a_study_from_its_own_file(tmp_path: Path) -> None:
    block = re.search(r"```python\n(.*?)```", PAGE.read_text(), re.DOTALL)
    assert block is not None
    code = "\n".join(line.removeprefix("   ") for line in block[1].splitlines())
    (tmp_path / "centroids.py").write_text(code)
    plan = {
        "name": "docs",
        "seeds": 2,
        "protocol": {"corroborated": 10, "contradicted": 10, "undefined": 2},
        "learners": [{"name": f"{tmp_path}/centroids.py:Centroids", "options": {"sharpness": 3.0}}],
    }
    record = engine.run(resolve(check_plan(plan, "docs")), tmp_path / "run", "test", lambda done, total: None)
    assert record.failures.is_empty()
    mine = record.scores.filter(learner="centroids")
    assert set(mine["rule"]) == {"continue", "retrain"}
    assert set(mine["level"]) == {"chosen"}
