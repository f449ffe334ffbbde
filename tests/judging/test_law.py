"""The law on made-up configurations: what is fitted, what is held out, and how well it predicts."""

import json
import math

import numpy as np
import polars as pl
import pytest

from iml_general.judging.law import Law, law
from iml_general.rows import SAMPLED, SUBJECT


def estimates(rows: list[tuple[str, int, float, float]], role: str = SAMPLED) -> pl.DataFrame:
    """Rows of (learner, draw, read before, found after)."""
    return pl.DataFrame(
        [
            {
                **{"family": "f", "learner": learner, "rule": "refit", "role": role},
                **{"point": json.dumps({"draw": draw}), "configuration": f"{learner}{draw}"},
                **{"condition": "informative", "effect": effect, "controlled_mean": value},
            }
            for learner, draw, x, y in rows
            for effect, value in (("read", x), ("found", y))
        ]
    )


def lawful(slopes: dict[str, float], noise: float = 0.0, n: int = 12) -> list[tuple[str, int, float, float]]:
    generator = np.random.default_rng(0)
    return [
        (who, draw, x, slope * x + noise * generator.normal())
        for who, slope in slopes.items()
        for draw, x in enumerate(generator.uniform(0.1, 1, n))
    ]


def tried(rows: list[tuple[str, int, float, float]], **written_down: float) -> Law:
    slopes = {f"{who}, refit": value for who, value in written_down.items()}
    return law(estimates(rows), "informative", "read", "found", slopes)


def test_every_other_draw_is_held_out_and_no_slope_sees_it() -> None:
    rows = lawful({"a": 1.0, "b": 1.0}, noise=0.01)
    spoilt = [(who, draw, x, 99.0 if draw % 2 else y) for who, draw, x, y in rows]
    found = tried(spoilt)
    assert [spot.is_held_out for spot in found.spots[:4]] == [False, True, False, True]
    assert found.slopes == tried(rows).slopes
    assert found.slopes["a, refit"].n == 6


def test_one_slope_for_all_explains_what_has_one_slope() -> None:
    found = tried(lawful({"a": 0.8, "b": 0.8}, noise=0.01))
    assert found.pooled is not None
    assert found.pooled.slope.value == pytest.approx(0.8, abs=0.02)
    assert found.explained(dict.fromkeys(found.slopes, found.pooled.slope.value)) > 0.99
    assert found.rank_correlation > 0.95


def test_own_slopes_explain_what_one_slope_does_not() -> None:
    found = tried(lawful({"a": 0.2, "b": 2.0}, noise=0.01))
    assert found.pooled is not None
    common = found.explained(dict.fromkeys(found.slopes, found.pooled.slope.value))
    own = found.explained({who: one.value for who, one in found.shrunk.items()})
    assert own > 0.99
    assert common < 0.7


def test_a_single_configuration_of_which_something_is_read_makes_no_slope() -> None:
    alone = [("a", draw, 0.4 if draw == 2 else 1e-6 * draw, 0.4 if draw == 2 else 0.0) for draw in range(12)]
    assert tried(alone).slopes == {}
    assert "b, refit" in tried(lawful({"b": 1.0}, noise=0.01)).slopes


def test_what_was_written_down_is_tried_as_it_is() -> None:
    rows = lawful({"a": 1.0, "b": 1.0}, noise=0.01)
    right, wrong = tried(rows, a=1.0, b=1.0), tried(rows, a=-1.0, b=-1.0)
    assert right.explained(right.written_down) > 0.99
    assert wrong.explained(wrong.written_down) < 0


def test_explained_by_hand() -> None:
    # Fitted: y = 1 and 3, mean 2. Held out: x = 1, 2, 3 and y = 1, 2, 4; slope 1 leaves 0, 0, 1.
    rows = [
        ("a", 0, 1.0, 1.0),
        ("a", 2, 3.0, 3.0),
        ("a", 1, 1.0, 1.0),
        ("a", 3, 2.0, 2.0),
        ("a", 5, 3.0, 4.0),
    ]
    assert tried(rows).explained({"a, refit": 1.0}) == pytest.approx(1 - 1 / (1 + 0 + 4))


def test_where_nothing_is_held_out_nothing_is_explained() -> None:
    assert math.isnan(tried([("a", 0, 1.0, 1.0), ("a", 2, 2.0, 2.0)]).explained({"a, refit": 1.0}))


def test_only_configurations_of_a_sample_with_both_effects_count() -> None:
    frame = estimates([("a", 0, 1.0, 1.0), ("a", 1, math.nan, 2.0)])
    frame = frame.with_columns(pl.col("controlled_mean").fill_nan(None))
    assert len(law(frame, "informative", "read", "found", {}).spots) == 1
    subjects = estimates([("a", 0, 1.0, 1.0)], role=SUBJECT)
    assert law(subjects, "informative", "read", "found", {}).spots == ()
