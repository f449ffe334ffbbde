"""No cheat comes out as trusting, although a measure that is weaker than controlled trust falls for it."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from iml_general.judging.decision import VerdictSettings
from iml_general.judging.inference import infer
from iml_general.judging.judge import Judgement, judge
from iml_general.learner import Learner
from iml_general.measuring.measure import Setting, measure
from iml_general.plugins import registry
from iml_general.protocol import INFORMATIVE, SHUFFLED, Condition, Draw, Stage, configure_protocol
from iml_general.rows import KEYS, SUBJECT
from iml_general.seeds import Seed
from iml_general.worlds.statements import Statements
from learners.controls.ideal_observer import IdealObserver

CHEATS = ("FavoursLowerSymbol", "MemorisesFirstSymbol", "LetsTheLastRowWin", "NoisyUnderContradictedTag")
SOURCES = {name: {"stage1": 30, "stage2": 30} for name in ("reliable", "unreliable")} | {
    "neutral": {"stage2": 2}
}
SETTING = Setting(
    Statements(n_questions=4, n_answers=4),
    configure_protocol({"sources": SOURCES, "undefined": 5, "new_conflict": 30, "unseen": 20}),
)
N_SEEDS = 8
CLEARLY = 0.01  # p values below it


def cheat(name: str) -> Learner:
    return registry.learner(f"{Path(__file__).parent}/cheats.py:{name}")()


def judged(learner: Learner, root: int = 0, informative: Condition = INFORMATIVE) -> Judgement:
    """A whole study of one learner, by the real code."""
    seeds = [Seed(root, "confirm", "statements", index) for index in range(N_SEEDS)]
    measured = measure(learner, SETTING, seeds, (informative, SHUFFLED)).frame()
    keys = {key: pl.lit("") for key in KEYS if key != "rule"} | {"role": pl.lit(SUBJECT)}
    scores = measured.with_columns(**keys)
    return judge(scores, VerdictSettings(), {informative.name: SHUFFLED.name})


def values(found: Judgement, effect: str, column: str = "value") -> np.ndarray:
    rows = found.effects.filter(effect=effect, condition="informative").sort("seed")
    assert len(rows) == N_SEEDS
    return rows[column].to_numpy()


def p_value(values: np.ndarray) -> float:
    p = infer(values, 0.05).p
    assert p is not None
    return p


def first_symbol_is_reliable(values: np.ndarray) -> np.ndarray:
    """What is measured without counterbalance: seeds in which the reliable source has one symbol."""
    return values[::2]


@pytest.mark.parametrize("root", range(4))
@pytest.mark.parametrize("name", CHEATS)
def test_no_cheat_comes_out_as_trusting_or_distrusting(name: str, root: int) -> None:
    (finding,) = judged(cheat(name), root).findings["finding"]
    assert finding not in ("trusts", "distrusts")


def test_whoever_does_trust_comes_out_as_trusting_in_the_same_world() -> None:
    (finding,) = judged(IdealObserver()).findings["finding"]
    assert finding == "trusts"


def test_without_counterbalance_and_control_a_liking_for_a_symbol_is_a_preference_for_a_source() -> None:
    found = judged(cheat("FavoursLowerSymbol"))
    for effect in ("conflict_preference", "trust"):
        assert set(first_symbol_is_reliable(values(found, effect))) == {1.0}
        assert set(values(found, effect)) == {1.0, -1.0}
        assert set(values(found, effect, "controlled")) == {0.0}
    assert found.findings["finding"].to_list() == ["no trust"]


def test_without_counterbalance_and_control_memorising_one_symbol_better_is_a_gap_and_a_preference() -> None:
    found = judged(cheat("MemorisesFirstSymbol"))
    for effect in ("iml_gap", "conflict_preference"):
        uncontrolled = first_symbol_is_reliable(values(found, effect))
        assert uncontrolled.min() > 0.1, effect
        assert p_value(uncontrolled) < CLEARLY, effect
        assert abs(values(found, effect, "controlled").mean()) < 0.05, effect
    assert np.any(values(found, "trust", "controlled") != 0)  # it is noise that was to be told from trust


def source_by_source(drawn: Draw) -> tuple[Stage, ...]:
    """Stage 2 as it would be if nobody mixed its rows: the unreliable source has the last word."""
    rows, twin = drawn.stage2.rows, drawn.stage2.twin
    assert twin is not None
    last = rows["tag"].cast(pl.String) == drawn.symbols["unreliable"]
    order = last.arg_sort()
    return drawn.stage1, Stage("stage2", rows[order], twin[order])


def test_without_mixed_rows_the_last_word_is_a_preference_for_whoever_has_it() -> None:
    in_order = Condition("informative", "in order", "Stage 2 source by source.", "shuffled", source_by_source)
    found = judged(cheat("LetsTheLastRowWin"), informative=in_order)
    assert set(values(found, "conflict_preference")) == {-1.0}
    mixed = judged(cheat("LetsTheLastRowWin"))
    assert abs(values(mixed, "conflict_preference").mean()) < 0.1
    assert set(values(mixed, "trust", "controlled")) == {0.0}


def test_a_gap_alone_takes_noise_under_a_contradicted_tag_for_trust() -> None:
    found = judged(cheat("NoisyUnderContradictedTag"))
    gap = values(found, "iml_gap", "controlled")
    assert gap.mean() > 0.1
    assert p_value(gap) < CLEARLY
    assert set(values(found, "trust")) == {0.0}
    assert found.findings["finding"].to_list() == ["gap only"]


@pytest.mark.parametrize("name", CHEATS)
def test_a_cheat_learns_what_it_is_told(name: str) -> None:
    """Otherwise it would be called not internalised, whatever it does."""
    asked = {"condition": "informative", "moment": "stage2", "probe": "question", "measure": "em"}
    means = judged(cheat(name)).means.filter(**asked)
    em = dict(means.select("group", "mean").iter_rows())
    assert em["new_reliable"] > em["unseen"] + 0.2
    assert em["new_unreliable"] > em["unseen"] + 0.2
