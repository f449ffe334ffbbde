"""Verdicts of whole studies: what is judged, corrected together, and put beside it."""

from collections.abc import Callable
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.stats.multitest import multipletests

from iml_general.judging.decision import VERDICTS, VerdictSettings
from iml_general.judging.judge import Judgement, judge
from iml_general.judging.verdicts import VERDICT_SCHEMA
from iml_general.rows import ANCHOR, SCORE_SCHEMA

Around = Callable[..., list[float]]
JudgeAll = Callable[..., Judgement]
MakeLearner = Callable[..., list[dict[str, Any]]]
MakeFrame = Callable[..., pl.DataFrame]

CONTROLS = {"informative": "shuffled"}
NULL = [0.0] * 8


def gap_of(judgement: Judgement, learner: str = "a") -> dict[str, Any]:
    return judgement.verdicts.filter(learner=learner, endpoint="iml_gap").row(0, named=True)


@pytest.mark.parametrize(
    ("effects", "facts", "trust", "gap"),
    [
        ((0.1, 0.01), {}, "present", "present"),
        ((-0.1, 0.01), {}, "reversed", "reversed"),
        ((0.0, 0.01), {}, "absent", "absent"),
        ((0.03, 0.1), {}, "inconclusive", "inconclusive"),
        # Between the two smallest effects of interest: a gap to speak of, but no such trust.
        ((0.03, 0.005), {}, "absent", "present"),
        ((0.1, 0.01), {"base": 0.15, "unseen": 0.26}, "not internalised", "not internalised"),
        # 0.12 - 0.10 falls short of 0.02 only as a floating-point number.
        ((0.0, 0.0), {"base": 0.12, "unseen": 0.10}, "absent", "absent"),
        # R2 may be below 0, which is what knowing the mean alone is worth: to be above that counts.
        ((0.0, 0.0), {"base": 0.01, "unseen": -0.40}, "not internalised", "not internalised"),
        ((0.0, 0.0), {"base": 0.02, "unseen": -0.40}, "absent", "absent"),
        ((0.0, 0.0), {"base": 0.119, "unseen": 0.10}, "not internalised", "not internalised"),
        ((0.0, 0.0), {"base": 0.98}, "absent", "saturated"),
        ((0.0, 0.0), {"base": 0.979}, "absent", "absent"),
        # Both groups must be at the ceiling: here one is at 0.975.
        ((0.01, 0.001), {"base": 0.975}, "absent", "absent"),
        ((-0.01, 0.001), {"base": 0.985}, "absent", "absent"),
        ((0.02, 0.001), {"base": 0.98}, "absent", "present"),
    ],
)
def test_verdicts_on_both_endpoints(
    effects: tuple[float, float],
    facts: dict[str, float],
    trust: str,
    gap: str,
    learner: MakeLearner,
    judged: JudgeAll,
    around: Around,
) -> None:
    found = judged(learner("a", around(*effects), **facts)).verdicts
    assert found.select("endpoint", "verdict").rows() == [("trust", trust), ("iml_gap", gap)]


def test_effects_without_spread_are_judged_by_sign_flips(learner: MakeLearner, judged: JudgeAll) -> None:
    assert gap_of(judged(learner("a", [0.1] * 8)))["p"] == 2 / 2**8
    assert gap_of(judged(learner("a", [0.1] * 8)))["verdict"] == "present"
    # Two equal effects: the sign flips of so few seeds can't show equivalence.
    assert gap_of(judged(learner("a", [0.01] * 2)))["verdict"] == "inconclusive"
    assert (gap_of(judged(learner("a", NULL)))["p"], gap_of(judged(learner("a", NULL)))["sd"]) == (1, 0)


def test_claims_are_corrected_together_and_controls_claim_nothing(
    learner: MakeLearner, judged: JudgeAll, around: Around
) -> None:
    subjects = [
        learner(name, around(mean, sd=0.05), around(mean / 2, sd=0.03))
        for name, mean in (("a", 0.02), ("b", 0.05), ("c", 0.08))
    ]
    controls = [learner("ideal", around(0.05, sd=0.05)), learner("blind", around(0.01, sd=0.05))]
    table = judged(*subjects, *controls).verdicts
    claims, others = (table.filter((pl.col("role") == "subject") == is_claim) for is_claim in (True, False))
    reference = multipletests(claims["p"].to_list(), method="holm")[1]
    assert claims["p_holm"].to_list() == pytest.approx(list(reference))
    assert others["p_holm"].to_list() == others["p"].to_list()
    alone = judged(*subjects).verdicts.filter(learner="a")
    assert alone["p_holm"].to_list() == table.filter(learner="a")["p_holm"].to_list()


def test_an_ideal_observer_without_spread_needs_six_seeds(learner: MakeLearner, judged: JudgeAll) -> None:
    """2^(1 - 6) is the first sign-flip p below 0.05; a study of fewer seeds is told how many to take."""
    for n_seeds, verdict, needed in ((5, "inconclusive", 6), (6, "present", None)):
        row = judged(learner("ideal", [1.0] * n_seeds)).verdicts.row(0, named=True)
        assert (row["endpoint"], row["verdict"], row["seeds_needed"]) == ("trust", verdict, needed)


def test_the_same_claim_at_two_levels_counts_once(
    learner: MakeLearner, judged: JudgeAll, around: Around
) -> None:
    def at(name: str, mean: float, level: str) -> list[dict[str, Any]]:
        return learner(name, around(mean, sd=0.05), keys={"level": level})

    twice = judged(at("a", 0.04, "default"), at("a", 0.04, "tuned"), at("b", 0.06, "default")).verdicts
    once = judged(at("a", 0.04, "default"), at("b", 0.06, "default")).verdicts
    for level in ("default", "tuned"):
        found = twice.filter(learner="a", level=level)
        assert found["p_holm"].to_list() == once.filter(learner="a")["p_holm"].to_list()
        assert found["seeds_needed"].to_list() == once.filter(learner="a")["seeds_needed"].to_list()
    assert twice.filter(learner="b")["p_holm"].to_list() == once.filter(learner="b")["p_holm"].to_list()


@pytest.mark.parametrize("key", ["configuration", "point", "rule", "world", "learner"])
def test_what_differs_in_more_than_the_level_is_another_claim(
    key: str, learner: MakeLearner, judged: JudgeAll, around: Around
) -> None:
    effects = around(0.04, sd=0.05)
    one = learner("a", effects)
    other = [{**row, "level": "tuned", key: "another"} for row in one]
    p = judged(one).verdicts["p_holm"].to_list()
    assert judged(one, other).verdicts["p_holm"].to_list() == pytest.approx([2 * number for number in p] * 2)


def test_one_level_on_other_seeds_is_another_claim(
    learner: MakeLearner, judged: JudgeAll, around: Around
) -> None:
    one = learner("a", around(0.04, sd=0.05))
    other = learner("a", around(0.04, sd=0.05, n=9), keys={"level": "tuned"})
    table = judged(one, other).verdicts
    assert table["p_holm"].to_list() == pytest.approx(multipletests(table["p"].to_list(), method="holm")[1])


def test_every_controlled_condition_is_a_claim_of_its_own(
    learner: MakeLearner, judged: JudgeAll, around: Around
) -> None:
    effects = around(0.04, sd=0.05)
    one = learner("a", effects)
    betrayal = [row for row in learner("a", effects, condition="betrayal") if row["condition"] == "betrayal"]
    table = judged(one, betrayal, controls={"informative": "shuffled", "betrayal": "shuffled"}).verdicts
    assert table["condition"].to_list() == ["betrayal"] * 2 + ["informative"] * 2
    alone = judged(one).verdicts["p_holm"].to_list()
    assert table["p_holm"].to_list() == pytest.approx([2 * p for p in alone] * 2)


def test_a_condition_without_a_control_gets_no_verdict(
    learner: MakeLearner, judged: JudgeAll, around: Around
) -> None:
    bare = [
        {**row, "condition": "no_stage1"}
        for row in learner("a", around(0.3))
        if row["condition"] != "shuffled"
    ]
    table = judged(learner("a", around(0.1)), bare).verdicts
    assert set(table["condition"]) == {"informative"}


def test_a_seed_without_its_control_is_left_out_of_every_mean(learner: MakeLearner, judged: JudgeAll) -> None:
    rows = [
        row
        for row in learner("a", [0.1, 0.2, 0.9])
        if not (row["seed"] == 2 and row["condition"] == "shuffled")
    ]
    row = gap_of(judged(rows))
    assert row["n_seeds"] == 2
    assert row["mean"] == pytest.approx(0.15)
    assert row["mean_value"] - row["mean_control"] == pytest.approx(row["mean"])


def test_the_share_of_ideal_is_over_the_same_seeds(learner: MakeLearner, judged: JudgeAll) -> None:
    both = judged(learner("a", [0.1, 0.2]), learner("ideal", [0.5, 0.5, 0.8]))
    assert gap_of(both)["share_of_ideal"] == pytest.approx(0.3 / 1.0)
    assert gap_of(both, "ideal")["share_of_ideal"] == pytest.approx(1.0)
    assert judged(learner("a", [0.1, 0.2])).verdicts["share_of_ideal"].null_count() == 2


def test_where_the_ideal_observer_shows_nothing_of_interest_there_is_nothing_to_share(
    learner: MakeLearner, judged: JudgeAll
) -> None:
    table = judged(learner("a", [0.1, 0.2]), learner("ideal", [0.03, 0.05])).verdicts
    shares = dict(table.filter(learner="a").select("endpoint", "share_of_ideal").iter_rows())
    # A mean of 0.04 is of interest for a gap, not for trust.
    assert shares == {"trust": None, "iml_gap": pytest.approx(0.3 / 0.08)}


def test_the_share_of_ideal_is_under_the_same_condition(learner: MakeLearner, judged: JudgeAll) -> None:
    controls = {"informative": "shuffled", "betrayal": "no_stage1"}
    betrayal = {"condition": "betrayal", "control": "no_stage1"}
    plain = learner("a", [0.1, 0.1]) + learner("ideal", [0.2, 0.2])
    betrayed = learner("a", [0.1, 0.1], **betrayal) + learner("ideal", [0.4, 0.4], **betrayal)
    table = judged(plain, betrayed, controls=controls).verdicts
    shares = table.filter(learner="a", endpoint="trust").select("condition", "share_of_ideal").rows()
    assert shares == [("betrayal", pytest.approx(0.25)), ("informative", pytest.approx(0.5))]


def test_a_mean_that_falls_short_of_the_ceiling_by_rounding_alone_reaches_it(
    learner: MakeLearner, judged: JudgeAll
) -> None:
    em = VerdictSettings().saturation - 1e-12
    assert gap_of(judged(learner("a", NULL, base=em)))["verdict"] == "saturated"


def test_at_a_point_of_a_sweep_the_ideal_is_the_anchor_of_that_point(
    learner: MakeLearner, judged: JudgeAll
) -> None:
    half, full = ({"point": f'{{"reliability": {value}}}'} for value in (0.5, 1.0))
    anchor = [
        {**row, "role": ANCHOR, "rule": rule}
        for rule, shown in (("retrain", [0.1, 0.1]), ("continue", [0.3, 0.3]))
        for row in learner("ideal", shown, keys=half)
    ]
    subjects = [learner("a", [0.1, 0.1], keys=point) for point in (half, full)]
    table = judged(*subjects, learner("ideal", [0.5, 0.5]), anchor).verdicts
    shares = table.filter(learner="a", endpoint="trust").select("point", "share_of_ideal").rows()
    assert shares == [
        (half["point"], pytest.approx(0.5)),
        (full["point"], pytest.approx(0.2)),  # no anchor there: the positive control's
    ]


effect_lists = st.lists(st.floats(-0.4, 0.4).map(lambda x: round(x, 3)), min_size=0, max_size=9)


@settings(max_examples=15)
@given(effects=effect_lists, others=effect_lists)
def test_every_verdict_is_one_of_the_words_and_correction_only_raises_p(
    effects: list[float], others: list[float], learner: MakeLearner, judged: JudgeAll
) -> None:
    table = judged(learner("a", effects), learner("b", others)).verdicts
    assert set(table["verdict"]) <= set(VERDICTS)
    assert (table["p_holm"] >= table["p"] - 1e-12).all()
    assert not any(table[name].is_nan().any() for name in table.select(pl.selectors.float()).columns)


@settings(max_examples=15)
@given(effects=effect_lists.filter(len), seed=st.integers(0, 99))
def test_neither_the_order_of_rows_nor_a_shift_of_both_conditions_matters(
    effects: list[float], seed: int, learner: MakeLearner, frame: MakeFrame
) -> None:
    def verdicts(scores: pl.DataFrame) -> pl.DataFrame:
        return judge(scores, VerdictSettings(), CONTROLS).verdicts

    rows = frame(*learner("a", effects))
    shuffled = rows.sample(fraction=1, shuffle=True, seed=seed)
    assert verdicts(shuffled).equals(verdicts(rows))
    is_moved = (pl.col("group") == "new_reliable") & (pl.col("measure") == "em")
    shifted = rows.with_columns(value=pl.col("value") + pl.when(is_moved).then(0.125).otherwise(0))
    assert verdicts(shifted)["mean"].to_list() == pytest.approx(verdicts(rows)["mean"].to_list())


def test_of_no_scores_there_are_no_verdicts() -> None:
    found = judge(pl.DataFrame(schema=SCORE_SCHEMA), VerdictSettings(), CONTROLS)
    assert found.verdicts.is_empty()
    assert found.verdicts.schema == pl.Schema(VERDICT_SCHEMA)
