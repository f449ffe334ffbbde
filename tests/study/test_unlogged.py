"""Optuna studies that only draw and remember say nothing; what Optuna says elsewhere is the user's choice."""

import optuna
import pytest

from iml_general.study.plan.keys import check_plan
from iml_general.study.plan.resolve import Study, resolve
from iml_general.study.work.waves import draw_wave


def study() -> Study:
    plan = {"name": "x", "seeds": 2, "levels": ["tuned"], "learners": [{"name": "naive-bayes"}]}
    return resolve(check_plan(plan, "test"))


def test_looking_at_a_search_space_and_drawing_from_it_writes_nothing(
    capfd: pytest.CaptureFixture[str],
) -> None:
    before = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.INFO)
    try:
        (search,) = study().searches
        assert search.space()
        assert len(draw_wave(search, [], 3)) == 3
        assert optuna.logging.get_verbosity() == optuna.logging.INFO
    finally:
        optuna.logging.set_verbosity(before)
    written = capfd.readouterr()
    assert (written.out, written.err) == ("", "")
