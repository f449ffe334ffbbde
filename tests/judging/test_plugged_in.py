"""A new effect is one `Effect`, a new condition one line in the controls: nothing else changes."""

from collections.abc import Callable
from typing import Any

import pytest

from iml_general.judging.effect import Effect, score
from iml_general.judging.effects import EFFECTS
from iml_general.judging.judge import Judgement

Around = Callable[..., list[float]]
JudgeAll = Callable[..., Judgement]
MakeLearner = Callable[..., list[dict[str, Any]]]
MakeRow = Callable[..., dict[str, Any]]

CALIBRATION = score("calibration", "new_reliable", "stage3")


def toy(**changes: Any) -> Effect:
    return Effect("toy", "toy", "A toy.", 2 * CALIBRATION, **changes)


@pytest.fixture
def measured(learner: MakeLearner, row: MakeRow, around: Around) -> list[dict[str, Any]]:
    """A learner, and a measure of its own after a stage of its own, by 0.1 larger under informative."""
    rows = learner("a", around(0.3))
    first = {one["condition"]: one for one in rows}
    return rows + [
        {
            **first[condition],
            **{"measure": "calibration", "group": "new_reliable", "moment": "stage3", "probe": "question"},
            **{"seed": seed, "value": shift + noise},
        }
        for condition, shift in (("informative", 0.6), ("shuffled", 0.5))
        for seed, noise in enumerate(around(0.0, sd=0.01) if shift > 0.5 else [0.0] * 8)
    ]


def test_a_toy_effect_gets_estimates_and_no_verdict(measured: list[dict[str, Any]], judged: JudgeAll) -> None:
    judgement = judged(measured, effects=[*EFFECTS, toy()])
    found = judgement.estimates.filter(effect="toy", condition="informative").row(0, named=True)
    assert (found["mean"], found["controlled_mean"]) == (pytest.approx(1.2), pytest.approx(0.2))
    assert found["n_controlled"] == 8
    plain = judged(measured)
    assert judgement.verdicts.equals(plain.verdicts)
    assert judgement.findings.equals(plain.findings)


def test_a_toy_endpoint_gets_verdicts_and_is_corrected_for_but_makes_no_finding(
    measured: list[dict[str, Any]], judged: JudgeAll
) -> None:
    judgement = judged(measured, effects=[*EFFECTS, toy(endpoint=True)])
    verdicts = judgement.verdicts
    assert verdicts["endpoint"].to_list() == ["trust", "iml_gap", "toy"]
    assert verdicts["verdict"].to_list() == ["present"] * 3
    assert verdicts.filter(endpoint="toy")["mean_control"].item() == pytest.approx(1.0)
    assert verdicts["p_holm"].max() > judged(measured).verdicts["p_holm"].max()
    assert judgement.findings.equals(judged(measured).findings)


def test_a_toy_endpoint_is_judged_by_its_own_smallest_effect_and_ceiling(
    measured: list[dict[str, Any]], judged: JudgeAll
) -> None:
    small = 0.2 * CALIBRATION  # an effect of 0.02
    at_the_ceiling = (CALIBRATION + 0.4,)

    def verdict(**changes: Any) -> str:
        odd = Effect("toy", "toy", "A toy.", small, endpoint=True, **changes)
        return str(
            judged(measured, effects=[*EFFECTS, odd]).verdicts.filter(endpoint="toy")["verdict"].item()
        )

    assert verdict() == "present"
    assert verdict(sesoi="sesoi_trust") == "absent"
    assert verdict(sesoi="sesoi_trust", ceiling=at_the_ceiling) == "saturated"
    assert verdict(sesoi="sesoi_trust", ceiling=(*at_the_ceiling, CALIBRATION)) == "absent"


def test_a_toy_endpoint_alone_has_verdicts_and_decides_nothing(
    measured: list[dict[str, Any]], judged: JudgeAll
) -> None:
    judgement = judged(measured, effects=[toy(endpoint=True)])
    assert judgement.verdicts.select("endpoint", "verdict").rows() == [("toy", "present")]
    assert judgement.findings["finding"].to_list() == ["undecided"]


def test_an_effect_of_what_was_not_measured_is_there_and_empty(
    learner: MakeLearner, judged: JudgeAll, around: Around
) -> None:
    judgement = judged(learner("a", around(0.3)), effects=[*EFFECTS, toy(endpoint=True)])
    assert judgement.estimates.filter(effect="toy")["n_seeds"].to_list() == [0, 0]
    verdict = judgement.verdicts.filter(endpoint="toy").row(0, named=True)
    assert (verdict["verdict"], verdict["n_seeds"]) == ("inconclusive", 0)


def test_a_toy_condition_gets_rows_and_a_finding_of_its_own(
    learner: MakeLearner, judged: JudgeAll, around: Around
) -> None:
    plain = learner("a", around(0.3))
    betrayal = learner("a", around(-0.3), condition="betrayal", control="betrayal_shuffled")
    controls = {"informative": "shuffled", "betrayal": "betrayal_shuffled"}
    judgement = judged(plain, betrayal, controls=controls)
    assert judgement.findings.select("condition", "finding").rows() == [
        ("betrayal", "distrusts"),
        ("informative", "trusts"),
    ]
    assert judgement.verdicts.filter(condition="betrayal")["endpoint"].to_list() == ["trust", "iml_gap"]
    assert set(judgement.estimates["condition"]) == {*controls, *controls.values()}
    alone = judged(plain).estimates.filter(condition="informative")
    assert judgement.estimates.filter(condition="informative").sort("effect").equals(alone.sort("effect"))
