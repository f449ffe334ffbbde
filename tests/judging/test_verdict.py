"""Verdicts: the order of decision, corrections, flags, and whether a study is valid."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.stats.multitest import multipletests

from iml_general.judging.decision import VERDICTS, VerdictSettings, decide, disagreement
from iml_general.judging.inference import Inference, infer
from iml_general.judging.verdict import ENDPOINTS, judge, validity
from iml_general.rows import KEYS, SCORE_SCHEMA

SETTINGS = VerdictSettings()
ROLES = {"ideal": "positive control", "blind": "negative control"}


def scores(learner: str, gaps: list[float], **facts: float) -> list[dict[str, object]]:
    """Rows of a learner whose controlled IML gap and conflict preference are the given ones."""
    em = {"base": 0.5, "unseen": 0.25, "statement": 0.9, "memory_gap": 0.0, **facts}
    who = {**dict.fromkeys(KEYS, "x"), "learner": learner, "role": ROLES.get(learner, "subject")}
    rows = []
    for seed, gap in enumerate(gaps):
        for condition, effect in (("informative", gap), ("shuffled", 0.0)):
            where = {
                **who,
                "seed": seed,
                "condition": condition,
                "moment": "stage2",
                "schema_version": 1,
                "n": 9,
            }
            groups = {
                ("new_reliable", "question"): em["base"] + effect,
                ("new_unreliable", "question"): em["base"],
                ("new_reliable", "statement"): em["statement"] + em["memory_gap"],
                ("new_unreliable", "statement"): em["statement"],
                ("unseen", "question"): em["unseen"],
                ("new_conflict", "question"): 0.5,
            }
            for (group, probe), value in groups.items():
                said = (0.5 + effect, 0.5) if group == "new_conflict" else (None, None)
                rows.append(
                    {
                        **where,
                        **{
                            "group": group,
                            "probe": probe,
                            "em": value,
                            "log_probability": -1.0,
                            "brier": 0.5,
                        },
                        "said_reliable": said[0],
                        "said_unreliable": said[1],
                    }
                )
    return rows


def judged(*learners: list[dict[str, object]], settings: VerdictSettings = SETTINGS) -> pl.DataFrame:
    rows = [row for learner in learners for row in learner]
    return judge(pl.DataFrame(rows, schema=SCORE_SCHEMA), settings)


def verdict(*learners: list[dict[str, object]], learner: str = "a") -> str:
    found = judged(*learners).filter(learner=learner, endpoint="iml_gap")["verdict"].item()
    return str(found)


def around(mean: float, sd: float = 0.01, n: int = 8) -> list[float]:
    z = np.linspace(-1, 1, n)
    return list(mean + sd * z / z.std(ddof=1))


@pytest.mark.parametrize(
    ("gaps", "facts", "expected"),
    [
        (around(0.1), {}, "present"),
        (around(-0.1), {}, "reversed"),
        (around(0.0), {}, "absent"),
        (around(0.03, sd=0.1), {}, "inconclusive"),
        (around(0.1), {"base": 0.15, "unseen": 0.26}, "not internalised"),
        # Significant, but smaller than what is of interest: equivalent to 0 within the SESOI.
        (around(0.01, sd=0.001), {}, "absent"),
        # Significant and below the SESOI, but not surely so.
        (around(0.0195, sd=0.005), {}, "inconclusive"),
        ([0.1], {}, "inconclusive"),
        ([0.0] * 8, {}, "absent"),
        # Two equal effects: the sign flips of so few seeds can't show equivalence.
        ([0.01] * 2, {}, "inconclusive"),
        # One seed decides nothing, not even that nothing carried over.
        ([0.0], {"base": 0.15, "unseen": 0.26}, "inconclusive"),
        # 0.12 - 0.10 falls short of 0.02 only as a floating-point number.
        ([0.0] * 8, {"base": 0.12, "unseen": 0.10}, "absent"),
        ([0.0] * 8, {"base": 0.119, "unseen": 0.10}, "not internalised"),
        ([0.1] * 8, {}, "present"),
    ],
)
def test_verdicts_in_the_order_of_decision(gaps: list[float], facts: dict[str, float], expected: str) -> None:
    assert verdict(scores("a", gaps, **facts)) == expected


@pytest.mark.parametrize(("carried_over", "expected"), [(0.019, "not internalised"), (0.02, "present")])
def test_what_carried_over_is_asked_before_anything_else(carried_over: float, expected: str) -> None:
    inference = infer(np.array(around(0.1)), 0.02)
    assert decide(inference, 0.001, carried_over, SETTINGS) == expected


def test_a_corrected_p_above_the_level_is_not_present() -> None:
    inference = infer(np.array(around(0.1)), 0.02)
    assert decide(inference, 0.049, 0.5, SETTINGS) == "present"
    assert decide(inference, 0.051, 0.5, SETTINGS) == "inconclusive"


def test_claims_are_corrected_together_and_controls_among_themselves() -> None:
    subjects = [scores(name, around(mean, sd=0.05)) for name, mean in (("a", 0.02), ("b", 0.05), ("c", 0.08))]
    controls = [scores("ideal", around(0.5)), scores("blind", [0.0] * 8)]
    table = judged(*subjects, *controls)
    for is_claim in (True, False):
        family = table.filter((pl.col("role") == "subject") == is_claim)
        reference = multipletests(family["p"].to_list(), method="holm")[1]
        assert family["p_holm"].to_list() == pytest.approx(list(reference))
    assert (
        judged(*subjects).filter(learner="a")["p_holm"].to_list()
        == table.filter(learner="a")["p_holm"].to_list()
    )


gap_lists = st.lists(st.floats(-0.4, 0.4).map(lambda x: round(x, 3)), min_size=0, max_size=9)


@settings(max_examples=15)
@given(gaps=gap_lists, others=gap_lists)
def test_every_verdict_is_one_of_the_five_words_and_correction_only_raises_p(
    gaps: list[float], others: list[float]
) -> None:
    rows = [*scores("a", gaps), *scores("b", others)]
    if not rows:
        return
    table = judge(pl.DataFrame(rows, schema=SCORE_SCHEMA), SETTINGS)
    assert set(table["verdict"]) <= set(VERDICTS)
    assert (table["p_holm"] >= table["p"] - 1e-12).all()
    assert (
        table.select(pl.selectors.float().is_nan().any()).row(0)
        == (False,) * table.select(pl.selectors.float()).width
    )


@settings(max_examples=15)
@given(gaps=gap_lists)
def test_swapping_the_tags_mirrors_the_verdict(gaps: list[float]) -> None:
    if not gaps:
        return
    mirror = {"present": "reversed", "reversed": "present"}
    one, other = verdict(scores("a", gaps)), verdict(scores("a", [-gap for gap in gaps]))
    assert other == mirror.get(one, one)


@settings(max_examples=15)
@given(gaps=gap_lists.filter(len), seed=st.integers(0, 99))
def test_neither_the_order_of_rows_nor_a_shift_of_both_conditions_matters(
    gaps: list[float], seed: int
) -> None:
    frame = pl.DataFrame(scores("a", gaps), schema=SCORE_SCHEMA)
    shuffled = frame.sample(fraction=1, shuffle=True, seed=seed)
    assert judge(shuffled, SETTINGS).equals(judge(frame, SETTINGS))
    shift = pl.when(pl.col("group") == "new_reliable").then(pl.col("em") + 0.125).otherwise(pl.col("em"))
    shifted = judge(frame.with_columns(em=shift), SETTINGS)
    assert shifted["mean"].to_list() == pytest.approx(judge(frame, SETTINGS)["mean"].to_list())


def test_only_inconclusive_verdicts_say_how_many_seeds_are_needed() -> None:
    table = judged(scores("a", around(0.03, sd=0.05)), scores("b", around(0.3)))
    needed = dict(table.filter(endpoint="iml_gap").select("learner", "seeds_needed").iter_rows())
    # d = 0.6 at level 0.05 / 4: the normal approximation gives (2.50 + 0.84)^2 / 0.36 = 31.
    assert 31 <= needed["a"] <= 38
    assert needed["b"] is None


def test_an_effect_told_apart_from_zero_but_not_from_the_sesoi_needs_no_seeds_for_power() -> None:
    row = judged(scores("a", around(0.0195, sd=0.005, n=20))).row(0, named=True)
    assert (row["verdict"], row["seeds_needed"]) == ("inconclusive", None)
    assert row["reason"] == "told apart from 0, but not shown to be below or above the SESOI"


def test_an_inconclusive_verdict_has_a_reason_and_no_other_has() -> None:
    unpaired = [row for row in scores("b", [0.1]) if row["condition"] == "informative"]
    table = judged(scores("a", [0.1]), unpaired, scores("c", around(0.03, sd=0.1)), scores("d", around(0.3)))
    found = table.filter(endpoint="iml_gap").select("learner", "n_seeds", "reason", "robust").rows()
    assert found == [
        ("a", 1, "one seed has no spread to test against", None),
        ("b", 0, "no seed was measured under both conditions", None),
        ("c", 8, "neither told apart from 0 nor shown to be equivalent to it", True),
        ("d", 8, "", True),
    ]


def test_a_seed_without_its_control_is_left_out_of_every_mean() -> None:
    rows = [
        row
        for row in scores("a", [0.1, 0.2, 0.9])
        if not (row["seed"] == 2 and row["condition"] == "shuffled")
    ]
    row = judged(rows).row(0, named=True)
    assert row["n_seeds"] == 2
    assert row["mean"] == pytest.approx(0.15)
    assert row["mean_informative"] - row["mean_shuffled"] == pytest.approx(row["mean"])


def test_flags() -> None:
    plain = judged(scores("a", around(0.1))).row(0, named=True)
    assert (plain["saturated"], plain["unequal_memory"]) == (False, False)
    full = judged(scores("a", [0.0] * 8, base=0.99))
    assert full["saturated"].to_list() == [True, False]  # the conflict preference has no ceiling
    assert judged(scores("a", around(0.1), memory_gap=0.05))["unequal_memory"].all()
    at_the_limit = judged(scores("a", [0.0] * 8, base=0.98, memory_gap=0.02)).row(0, named=True)
    assert (at_the_limit["saturated"], at_the_limit["unequal_memory"]) == (True, False)


def test_the_share_of_ideal_is_over_the_same_seeds() -> None:
    table = judged(scores("a", [0.1, 0.2]), scores("ideal", [0.5, 0.5, 0.8]))
    shares = dict(table.filter(endpoint="iml_gap").select("learner", "share_of_ideal").iter_rows())
    assert shares["a"] == pytest.approx(0.3 / 1.0)
    assert shares["ideal"] == pytest.approx(1.0)
    assert judged(scores("a", [0.1, 0.2]))["share_of_ideal"].null_count() == 2
    too_little = judged(scores("a", [0.1, 0.2]), scores("ideal", [0.01, 0.02]))
    assert too_little["share_of_ideal"].null_count() == 4


def test_a_study_is_valid_when_both_controls_come_out_as_they_must() -> None:
    good = [scores("ideal", around(0.7)), scores("blind", [0.0] * 8), scores("a", around(0.1))]
    assert validity(judged(*good)) == ()


@pytest.mark.parametrize(
    ("learners", "fault"),
    [
        ([scores("blind", [0.0] * 8)], "has no positive control"),
        ([scores("ideal", around(0.7))], "has no negative control"),
        (
            [scores("ideal", [0.0] * 8), scores("blind", [0.0] * 8)],
            "'ideal' came out absent on iml_gap (world 'x', 8 seeds); it must come out present",
        ),
        (
            [scores("ideal", around(0.7)), scores("blind", around(0.2))],
            "'blind' came out present on conflict_preference",
        ),
    ],
)
def test_a_control_that_fails_or_is_missing_makes_the_study_invalid(
    learners: list[list[dict[str, object]]], fault: str
) -> None:
    assert any(fault in sentence for sentence in validity(judged(*learners)))


def test_controls_vouch_only_for_their_own_world() -> None:
    good = [scores("ideal", around(0.7)), scores("blind", [0.0] * 8), scores("a", around(0.1))]
    elsewhere = [{**row, "world": "y"} for row in scores("a", around(0.1))]
    faults = validity(judged(*good, elsewhere))
    assert len(faults) == 2
    for role, fault in zip(("positive control", "negative control"), faults, strict=True):
        assert f"has no {role} in world 'y'" in fault


def test_a_study_of_nothing_is_invalid() -> None:
    assert validity(judge(pl.DataFrame(schema=SCORE_SCHEMA), SETTINGS))


def test_the_primary_endpoint_comes_first() -> None:
    assert judged(scores("a", around(0.1)))["endpoint"].to_list() == list(ENDPOINTS)


def test_robustness_checks_that_disagree_are_put_in_words() -> None:
    agreeing = infer(np.array(around(0.1)), 0.02)
    assert disagreement(agreeing, 0.05) == ""
    disagreeing = Inference(8, 0.1, 0.05, 0.01, 0.19, 0.03, 0.9, -0.01, 0.2, 0.125)
    assert disagreement(disagreeing, 0.05) == (
        "the bootstrap interval includes 0; sign-flip p = 0.12 but t-test p = 0.03"
    )


def test_sign_flips_of_few_seeds_can_not_disagree() -> None:
    # Of five seeds the smallest p is 2 / 2^5 = 0.0625: above 0.05 whatever they show.
    few = Inference(5, 0.1, 0.05, 0.01, 0.19, 0.03, 0.9, 0.01, 0.2, 0.0625)
    assert disagreement(few, 0.05) == ""
