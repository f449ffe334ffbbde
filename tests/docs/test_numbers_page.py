"""The page about numbers is right: its regressor conforms, its plan is one, its call finds something."""

import re
import tomllib
from pathlib import Path

import pytest

import iml_general as iml
from iml_general.checks import conforms, run_checks
from iml_general.plugins import registry
from iml_general.study.plan.keys import check_plan
from iml_general.study.plan.resolve import resolve

PAGE = (Path(__file__).parents[2] / "docs" / "numbers.md").read_text()
SMALL = {
    **{"protocol.undefined": 4, "protocol.new_conflict": 8, "protocol.unseen": 4},
    **{f"protocol.sources.{name}": {"stage1": 8, "stage2": 8} for name in ("reliable", "unreliable")},
}
OWN, CALL = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)


def test_the_regressor_of_the_page_conforms(tmp_path: Path) -> None:
    file = tmp_path / "mine.py"
    file.write_text(OWN)
    results = run_checks(registry.learner(f"{file}:Mine"))
    assert conforms(results), [result.message for result in results if result.outcome == "fail"]
    assert sum(result.outcome == "pass" for result in results) > 20
    found = iml.measure(f"{file}:Mine", seeds=2, settings=SMALL, progress=False).findings
    assert set(found["world"]) == {"numbers"}
    assert "mine" in set(found["learner"])


def test_the_plan_of_the_page_names_regressors_of_scikit_learn() -> None:
    (block,) = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)
    study = resolve(check_plan({"name": "page", **tomllib.loads(block)}, "docs"))
    rules = {one.name: [variant.active_rule for variant in one.variants] for one in study.entrants}
    assert rules.pop("sklearn.linear_model:SGDRegressor") == ["continue", "retrain"]
    assert rules.pop("sklearn.ensemble:GradientBoostingRegressor") == ["grow"]
    assert rules.pop("sklearn.svm:SVR") == ["retrain"]
    assert set(rules) == {"ideal-observer-of-numbers", "tag-blind-regressor"}
    assert study.absent == {}


def test_the_call_of_the_page_measures_in_the_world_of_numbers(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    found, whole = [], iml.measure

    def smaller(*learners):
        found.append(whole(*learners, seeds=2, settings=SMALL, progress=False))
        return found[0]

    monkeypatch.setattr(iml, "measure", smaller)
    exec(CALL, {})
    assert set(found[0].findings["world"]) == {"numbers"}
    assert "sklearn-ridge" in capsys.readouterr().out
