"""The learner in the docs is what the docs say: complete, and it runs beside the controls."""

import re
from pathlib import Path

from iml_general.checks import conforms, run_checks
from iml_general.plugins import registry
from iml_general.study import engine
from iml_general.study.plan.keys import check_plan
from iml_general.study.plan.resolve import resolve
from iml_general.study.storage.place import Place

PAGE = Path(__file__).parents[2] / "docs" / "add-a-learner.md"


def example(folder: Path) -> str:
    """Write the example to a file of its own, and name its learner."""
    block = re.search(r"```python\n(.*?)```", PAGE.read_text(), re.DOTALL)
    assert block is not None
    code = "\n".join(line.removeprefix("   ") for line in block[1].splitlines())
    (folder / "centroids.py").write_text(code)
    return f"{folder}/centroids.py:Centroids"


def test_the_example_conforms(tmp_path: Path) -> None:
    results = run_checks(example(tmp_path))
    assert [result.message for result in results if result.outcome == "fail"] == []
    assert conforms(results)


def test_the_scikit_learn_example_is_a_learner(tmp_path: Path) -> None:
    *_, block = re.findall(r"```python\n(.*?)```", PAGE.read_text(), re.DOTALL)
    (tmp_path / "machine.py").write_text(block)
    assert registry.learner(f"{tmp_path}/machine.py:Machine").info.rules == ("retrain",)


def test_the_example_runs_in_a_study_from_its_own_file(tmp_path: Path) -> None:
    plan = {
        "name": "docs",
        "seeds": 2,
        "protocol": {
            "sources": {"reliable": {"stage1": 10}, "unreliable": {"stage1": 10}},
            "undefined": 2,
        },
        "learners": [{"name": example(tmp_path), "options": {"sharpness": 3.0}}],
    }
    place = Place.of(tmp_path / "run", None)
    record = engine.run(resolve(check_plan(plan, "docs")), place, "test", lambda *_: None)
    assert record.failures.is_empty()
    mine = record.scores.filter(learner="centroids")
    assert set(mine["rule"]) == {"continue", "retrain"}
    assert set(mine["level"]) == {"chosen"}
