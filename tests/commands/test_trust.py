"""``iml trust``: what is read before the update, what that predicts, and what came."""

import re
from collections.abc import Mapping

import pytest

from iml_general.commands import trust
from iml_general.commands.trust import predicted, tell_trust, written_down
from iml_general.errors import UsageError
from iml_general.study.plan.overrides import Overrides

SMALL = {
    "protocol.sources": {
        "reliable": {"stage1": 30, "stage2": 20},
        "unreliable": {"stage1": 30, "stage2": 20},
        "neutral": {"stage2": 0},
    },
    "protocol.undefined": 10,
    "protocol.new_conflict": 20,
    "protocol.unseen": 10,
}


def told(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, learner: str) -> str:
    monkeypatch.setenv("COLUMNS", "200")
    tell_trust(Overrides((learner,), 6, None, SMALL))
    return capsys.readouterr().out


def test_each_source_and_rule_has_a_line_before_and_each_rule_one_after(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trust, "written_down", lambda: {"extra-trees, refit": 0.5, "lightgbm, refit": 0.3})
    out = told(capsys, monkeypatch, "extra-trees")
    before, after = out.split("Controlled: ")
    for rule in ("refit", "grow", "retrain"):
        for source in ("reliable", "unreliable"):
            assert re.search(rf"extra-trees {rule}\s+{source}\s+\+0\.\d+", before)
    assert "neutral" not in before
    line = next(line for line in after.splitlines() if line.startswith("extra-trees refit"))
    numbers = [float(number) for number in re.findall(r"[+-]?\d+\.\d+", line)]
    gap, _, _, guess, *_ = numbers
    assert gap > 0
    assert guess == pytest.approx(0.5 * gap, abs=0.02)
    retrained = next(line for line in after.splitlines() if line.startswith("extra-trees retrain"))
    assert "nothing" in retrained  # there is no update to try out


def test_a_learner_of_unknown_slope_is_predicted_by_the_mean_of_all_and_less_surely() -> None:
    slopes: Mapping[str, float] = {"a, refit": 0.4, "b, refit": 0.8}
    mean = predicted(2.0, "c, refit", slopes)
    own = predicted(2.0, "a, refit", slopes)
    assert mean is not None
    assert own is not None
    assert (mean.value, own.value) == (pytest.approx(1.2), pytest.approx(0.8))
    assert mean.half == pytest.approx(2.0 * 1.96 * 0.2 * 2**0.5)
    assert predicted(0.0, "c, refit", slopes).text == "0.000 [0.000, 0.000]"  # type: ignore[union-attr]


def test_without_a_law_nothing_is_predicted() -> None:
    assert predicted(2.0, "a, refit", {}) is None


def test_the_law_is_the_one_that_is_written_down_in_the_preset() -> None:
    assert set(written_down()) >= {"extra-trees, refit", "xgboost, refit", "mlp, continue"}


def test_an_unknown_learner_is_refused_in_one_line() -> None:
    with pytest.raises(UsageError, match="unknown learner 'extra-tree'; did you mean 'extra-trees'"):
        tell_trust(Overrides(("extra-tree",), 6, None, SMALL))
