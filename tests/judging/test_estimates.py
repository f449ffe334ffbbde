"""Means over seeds and their intervals: by hand, and against scipy."""

from collections.abc import Callable
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from iml_general.judging.estimates import estimates, group_means
from iml_general.judging.inference import infer
from iml_general.judging.seed_effects import seed_effects
from iml_general.rows import SCORE_SCHEMA

MakeRow = Callable[..., dict[str, Any]]
MakeLearner = Callable[..., list[dict[str, Any]]]
MakeFrame = Callable[..., pl.DataFrame]

CONTROLS = {"informative": "shuffled"}


@pytest.fixture(scope="session")
def estimated(learner: MakeLearner, frame: MakeFrame) -> Callable[..., dict[str, Any]]:
    def gap_of(gaps: list[float], condition: str = "informative") -> dict[str, Any]:
        rows = learner("a", gaps)
        found = estimates(seed_effects(frame(*rows), CONTROLS))
        return found.filter(effect="iml_gap", condition=condition).row(0, named=True)

    return gap_of


def test_an_interval_by_hand(estimated: Callable[..., dict[str, Any]]) -> None:
    found = estimated([0.1, 0.2, 0.3])
    # Standard error 0.1 / sqrt(3) = 0.057735; the 97.5% quantile on 2 degrees of freedom is 4.30265.
    half = 4.30265 * 0.057735
    for prefix in ("", "controlled_"):
        assert found[f"{prefix}mean"] == pytest.approx(0.2)
        assert found[f"{prefix}sd"] == pytest.approx(0.1)
        assert found[f"{prefix}low"] == pytest.approx(0.2 - half, abs=1e-5)
        assert found[f"{prefix}high"] == pytest.approx(0.2 + half, abs=1e-5)
    assert (found["n_seeds"], found["n_controlled"]) == (3, 3)


gap_lists = st.lists(st.floats(-0.4, 0.4).map(lambda x: round(x, 3)), min_size=2, max_size=12)


@given(gaps=gap_lists)
def test_intervals_are_those_of_scipy_and_of_the_verdicts(
    gaps: list[float], estimated: Callable[..., dict[str, Any]]
) -> None:
    found, verdict = estimated(gaps), infer(np.array(gaps), 0.02)
    ends = (found["controlled_low"], found["controlled_high"])
    assert ends == (pytest.approx(verdict.low, abs=1e-12), pytest.approx(verdict.high, abs=1e-12))
    if np.ptp(gaps):
        reference = stats.t.interval(0.95, len(gaps) - 1, loc=np.mean(gaps), scale=stats.sem(gaps))
        assert ends == (pytest.approx(reference[0]), pytest.approx(reference[1]))


def test_seeds_that_differ_by_rounding_alone_have_no_spread(estimated: Callable[..., dict[str, Any]]) -> None:
    found = estimated([0.3 - 0.2, 0.1, 0.4 - 0.3])
    assert found["controlled_sd"] == 0
    assert found["controlled_low"] == found["controlled_high"] == found["controlled_mean"]


def test_one_seed_has_a_mean_and_no_interval(estimated: Callable[..., dict[str, Any]]) -> None:
    found = estimated([0.1])
    assert found["controlled_mean"] == pytest.approx(0.1)
    assert [found[name] for name in ("sd", "low", "high", "controlled_sd", "controlled_low")] == [None] * 5


def test_a_control_has_estimates_of_its_own_and_nothing_controlled(
    estimated: Callable[..., dict[str, Any]],
) -> None:
    found = estimated([0.1, 0.2], condition="shuffled")
    assert (found["n_seeds"], found["mean"], found["n_controlled"]) == (2, pytest.approx(0.0), 0)
    assert found["controlled_mean"] is None


def test_group_means_give_mean_and_spread_over_seeds(row: MakeRow, frame: MakeFrame) -> None:
    rows = [row("em", "unseen", em, seed=seed) for seed, em in enumerate([0.2, 0.3, 0.4])]
    twin = row("said_reliable", "new_conflict", 0.7, moment="stage2_twin")
    means = group_means(frame(*rows, twin))
    assert means.select("moment", "group", "probe", "measure", "n_seeds").rows() == [
        ("stage2", "unseen", "question", "em", 3),
        ("stage2_twin", "new_conflict", "question", "said_reliable", 1),
    ]
    assert means["mean"].to_list() == pytest.approx([0.3, 0.7])
    assert means["sd"].to_list() == [pytest.approx(0.1), None]


def test_of_nothing_there_are_no_means() -> None:
    nothing = pl.DataFrame(schema=SCORE_SCHEMA)
    assert group_means(nothing).is_empty()
    assert estimates(seed_effects(nothing, CONTROLS)).is_empty()
