"""Findings of whole studies, and whether their controls vouch for them."""

from collections.abc import Callable
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from iml_general.judging.decision import FINDINGS, VerdictSettings
from iml_general.judging.effects import IML_GAP, TRUST
from iml_general.judging.findings import FINDING_SCHEMA, validity
from iml_general.judging.judge import Judgement, judge
from iml_general.rows import ANCHOR, KEYS, SCORE_SCHEMA

Around = Callable[..., list[float]]
JudgeAll = Callable[..., Judgement]
MakeLearner = Callable[..., list[dict[str, Any]]]
MakeFrame = Callable[..., pl.DataFrame]

CONTROLS = {"informative": "shuffled"}
NULL = [0.0] * 8


def found(judgement: Judgement, learner: str = "a") -> str:
    return str(judgement.findings.filter(learner=learner)["finding"].item())


@pytest.mark.parametrize(
    ("trust", "gap", "facts", "expected"),
    [
        ((0.3, 0.02), (0.0, 0.01), {}, "trusts"),
        ((0.3, 0.02), (0.0, 0.0), {"base": 1.0}, "trusts"),  # the gap is saturated: it could not show
        ((0.3, 0.02), (-0.1, 0.01), {}, "trusts"),
        ((-0.3, 0.02), (0.1, 0.01), {}, "distrusts"),
        ((0.0, 0.01), (0.15, 0.01), {}, "gap only"),
        ((0.03, 0.2), (-0.15, 0.01), {}, "gap only"),
        ((0.0, 0.01), (0.0, 0.01), {}, "no trust"),
        ((0.0, 0.01), (0.0, 0.1), {}, "no trust"),
        ((0.0, 0.2), (0.0, 0.01), {}, "undecided"),
        ((0.3, 0.02), (0.1, 0.01), {"base": 0.1, "unseen": 0.25}, "not internalised"),
        # At the boundaries of both smallest effects of interest.
        ((0.05, 0.01), (0.0, 0.001), {}, "trusts"),
        ((0.049, 0.01), (0.0, 0.001), {}, "undecided"),
        ((0.0, 0.01), (0.02, 0.001), {}, "gap only"),
        ((0.0, 0.01), (0.0199, 0.001), {}, "no trust"),
    ],
)
def test_each_finding(
    trust: tuple[float, float],
    gap: tuple[float, float],
    facts: dict[str, float],
    expected: str,
    learner: MakeLearner,
    judged: JudgeAll,
    around: Around,
) -> None:
    judgement = judged(learner("a", around(*trust), around(*gap), **facts))
    assert found(judgement) == expected


def test_the_claim_is_corrected_for_all_that_are_made(
    learner: MakeLearner, judged: JudgeAll, around: Around
) -> None:
    weak = learner("a", around(0.1, sd=0.1), NULL)  # p = 0.026
    assert found(judged(weak, effects=[TRUST])) == "trusts"
    assert found(judged(weak, learner("b", NULL), effects=[TRUST])) == "undecided"


def test_without_the_twin_nothing_is_claimed(learner: MakeLearner, judged: JudgeAll, around: Around) -> None:
    rows = [row for row in learner("a", around(0.3)) if row["moment"] != "stage2_twin"]
    assert found(judged(rows)) == "gap only"
    assert found(judged(rows, effects=[TRUST])) == "undecided"
    assert found(judged(rows, effects=[IML_GAP])) == "gap only"


def test_a_finding_shows_what_was_answered_and_whether_memory_was_unequal(
    learner: MakeLearner, judged: JudgeAll, around: Around
) -> None:
    row = judged(learner("a", around(0.1))).findings.row(0, named=True)
    shown = [row[name] for name in ("em_reliable", "em_unreliable", "em_unseen")]
    assert shown == pytest.approx([0.6, 0.5, 0.25])
    assert not row["unequal_memory"]


@pytest.mark.parametrize(("memory_gap", "is_flagged"), [(0.02, False), (0.021, True), (-0.05, True)])
def test_memory_is_unequal_beyond_the_smallest_effect_of_interest(
    memory_gap: float, is_flagged: bool, learner: MakeLearner, judged: JudgeAll
) -> None:
    row = judged(learner("a", NULL, memory_gap=memory_gap)).findings.row(0, named=True)
    assert row["unequal_memory"] == is_flagged


effect_lists = st.lists(
    st.tuples(*[st.floats(-0.4, 0.4).map(lambda x: round(x, 3))] * 2), min_size=1, max_size=9
)


@settings(max_examples=25)
@given(effects=effect_lists, base=st.sampled_from([0.2, 0.5, 0.99]))
def test_findings_are_exhaustive_and_a_gap_alone_is_never_a_claim(
    effects: list[tuple[float, float]], base: float, learner: MakeLearner, judged: JudgeAll
) -> None:
    trust, gap = zip(*effects, strict=True)
    judgement = judged(learner("a", trust, gap, base=base))
    assert found(judgement) in FINDINGS
    without_trust = judged(learner("a", [0.0] * len(gap), gap, base=base))
    assert found(without_trust) not in ("trusts", "distrusts")


SWAPPED = {"said_reliable": "said_unreliable", "new_reliable": "new_unreliable"}
SWAPPED |= {other: one for one, other in SWAPPED.items()}


@settings(max_examples=25)
@given(effects=effect_lists, memory_gap=st.sampled_from([0.0, 0.1]))
def test_swapping_the_two_sources_mirrors_every_word(
    effects: list[tuple[float, float]], memory_gap: float, learner: MakeLearner, frame: MakeFrame
) -> None:
    trust, gap = zip(*effects, strict=True)
    scores = frame(*learner("a", trust, gap, memory_gap=memory_gap))
    swapped = scores.with_columns(pl.col("measure", "group").replace(SWAPPED))
    one, other = (judge(rows, VerdictSettings(), CONTROLS) for rows in (scores, swapped))
    mirror = {"trusts": "distrusts", "distrusts": "trusts", "present": "reversed", "reversed": "present"}
    assert found(other) == mirror.get(found(one), found(one))
    assert other.verdicts["verdict"].to_list() == [mirror.get(word, word) for word in one.verdicts["verdict"]]
    for row, mirrored in zip(
        one.verdicts.iter_rows(named=True), other.verdicts.iter_rows(named=True), strict=True
    ):
        assert mirrored["mean"] == pytest.approx(-row["mean"], abs=1e-12)


def test_a_study_is_valid_when_both_controls_come_out_as_they_must(
    learner: MakeLearner, judged: JudgeAll, around: Around
) -> None:
    good = [learner("ideal", around(0.7)), learner("blind", NULL), learner("a", around(0.1))]
    assert validity(judged(*good).findings, "informative") == ()


def test_a_negative_control_that_carries_nothing_over_is_no_fault_and_such_a_positive_one_is(
    learner: MakeLearner, judged: JudgeAll, around: Around
) -> None:
    nothing = {"base": 0.1, "unseen": 0.25}
    blind = learner("blind", NULL, **nothing)
    assert validity(judged(learner("ideal", around(0.7)), blind).findings, "informative") == ()
    (fault,) = validity(judged(learner("ideal", NULL, **nothing), blind).findings, "informative")
    assert "'ideal' (x) came out not internalised in world 'x'; it must come out trusts." in fault


@pytest.mark.parametrize(
    ("ideal", "blind", "fault"),
    [
        (None, (0.0, 0.0), "has no positive control in world 'x', so nothing vouches for its findings"),
        ((0.7, 0.7), None, "has no negative control"),
        (
            (0.0, 0.7),
            (0.0, 0.0),
            "The positive control 'ideal' (x) came out gap only in world 'x'; it must come out trusts.",
        ),
        ((-0.7, 0.7), (0.0, 0.0), "'ideal' (x) came out distrusts"),
        ((0.7, 0.7), (0.2, 0.0), "'blind' (x) came out trusts in world 'x'"),
        ((0.7, 0.7), (0.0, 0.2), "'blind' (x) came out gap only"),
    ],
)
def test_a_control_that_fails_or_is_missing_makes_the_study_invalid(
    ideal: tuple[float, float] | None,
    blind: tuple[float, float] | None,
    fault: str,
    learner: MakeLearner,
    judged: JudgeAll,
    around: Around,
) -> None:
    means = {"ideal": ideal, "blind": blind}
    learners = [learner(name, *map(around, pair)) for name, pair in means.items() if pair]
    faults = validity(judged(*learners).findings, "informative")
    assert len(faults) == 1
    assert fault in faults[0]


def test_controls_vouch_only_for_their_own_world(
    learner: MakeLearner, judged: JudgeAll, around: Around
) -> None:
    good = [learner("ideal", around(0.7)), learner("blind", NULL), learner("a", around(0.1))]
    elsewhere = learner("a", around(0.1), keys={"world": "y"})
    faults = validity(judged(*good, elsewhere).findings, "informative")
    assert len(faults) == 2
    for role, fault in zip(("positive control", "negative control"), faults, strict=True):
        assert f"has no {role} in world 'y'" in fault


def test_controls_must_hold_under_the_condition_that_claims_are_on_and_no_other(
    learner: MakeLearner, judged: JudgeAll, around: Around
) -> None:
    good = [learner("ideal", around(0.7)), learner("blind", NULL)]
    betrayed = [row for row in learner("ideal", NULL, condition="betrayal") if row["condition"] == "betrayal"]
    both = {"informative": "shuffled", "betrayal": "shuffled"}
    table = judged(*good, betrayed, controls=both).findings
    assert validity(table, "informative") == ()
    assert len(validity(table, "betrayal")) == 2  # ideal came out no trust, and blind was not there


def test_at_a_point_of_a_sweep_nothing_is_expected_of_a_control(
    learner: MakeLearner, judged: JudgeAll, around: Around
) -> None:
    good = [learner("ideal", around(0.7)), learner("blind", NULL)]
    point = {"point": '{"reliability": 0.5}'}
    blind = learner("blind", around(0.3), keys=point)
    anchor = [{**row, "role": ANCHOR} for row in learner("ideal", NULL, keys=point)]
    assert validity(judged(*good, blind, anchor).findings, "informative") == ()


def test_a_study_of_nothing_is_invalid() -> None:
    judgement = judge(pl.DataFrame(schema=SCORE_SCHEMA), VerdictSettings(), CONTROLS)
    assert judgement.findings.schema == pl.Schema(FINDING_SCHEMA)
    assert validity(judgement.findings, "informative") == ("Nothing was judged, controls included.",)


def test_there_is_one_finding_per_measurement_and_controlled_condition(
    learner: MakeLearner, judged: JudgeAll, around: Around
) -> None:
    levels = [learner("a", around(0.1), keys={"level": level}) for level in ("tuned", "default")]
    table = judged(*levels, learner("b", NULL)).findings
    assert table.select("learner", "level").rows() == [("a", "default"), ("a", "tuned"), ("b", "x")]
    assert table.select(*KEYS, "condition").is_unique().all()
