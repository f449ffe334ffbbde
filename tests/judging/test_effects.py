"""Effects, worked out by hand from a few score rows."""

from collections.abc import Callable
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from iml_general.errors import UsageError
from iml_general.judging.effect import Effect, score
from iml_general.judging.effects import EFFECTS
from iml_general.judging.seed_effects import SEED, measured, seed_effects
from iml_general.rows import SCORE_SCHEMA

Row = dict[str, Any]
MakeRow = Callable[..., Row]
MakeFrame = Callable[..., pl.DataFrame]

CONTROLS = {"informative": "shuffled"}


@pytest.fixture(scope="session")
def one_seed(row: MakeRow) -> list[Row]:
    twin = {"moment": "stage2_twin"}
    return [
        row("em", "corroborated", 0.9, moment="stage1"),
        row("em", "contradicted", 0.3, moment="stage1"),
        row("em", "new_reliable", 0.85),
        row("em", "new_reliable", 0.95, probe="statement"),
        row("em", "new_unreliable", 0.20),
        row("em", "new_unreliable", 0.75, probe="statement"),
        row("em", "new_neutral", 0.55),
        row("em", "new_neutral", 0.65, probe="statement"),
        row("em", "unseen", 0.25),
        row("said_reliable", "new_conflict", 0.7),
        row("said_unreliable", "new_conflict", 0.1),
        row("log_odds_reliable", "new_conflict", 3.0),
        row("towards_reliable", "new_conflict", 0.6),
        row("inverted", "new_unreliable", 0.60),
        row("inverted", "unseen", 0.35),
        row("lied", "new_reliable", 0.55),
        row("lied", "new_unreliable", 0.30),
        row("lied", "unseen", 0.20),
        row("honest_em", "new_reliable", 0.95),
        row("honest_em", "new_unreliable", 0.85),
        row("decoded", "told_by", 0.9, moment="stage1", probe="last_layer"),
        row("decoded_permuted", "told_by", 0.55, moment="stage1", probe="last_layer"),
        row("decoded", "told", 0.7, moment="stage1", probe="last_layer"),
        row("decoded_permuted", "told", 0.5, moment="stage1", probe="last_layer"),
        row("em", "unseen", 0.15, moment="stage1"),
        row("followed", "new_reliable", 0.95, moment="stage1", probe="in_context"),
        row("followed", "new_unreliable", 0.35, moment="stage1", probe="in_context"),
        row("em", "new_reliable", 0.80, probe="attribution"),
        row("em", "new_unreliable", 0.45, probe="attribution"),
        row("em", "unseen", 0.05, probe="attribution"),
        row("em", "entities", 0.97, probe="fact"),
        row("said_reliable", "new_conflict", 0.9, probe="attribution"),
        row("said_unreliable", "new_conflict", 0.1, probe="attribution"),
        row("said_reliable", "new_conflict", 0.5, **{**twin, "probe": "attribution"}),
        row("said_unreliable", "new_conflict", 0.3, **{**twin, "probe": "attribution"}),
        row("said_reliable", "new_conflict", 0.5, **twin),
        row("said_unreliable", "new_conflict", 0.4, **twin),
        row("log_odds_reliable", "new_conflict", -1.0, **twin),
        row("towards_reliable", "new_conflict", -0.2, **twin),
        row("affinity", "new_reliable", 0.8, moment="stage1", probe="own_question"),
        row("affinity", "new_unreliable", 0.5, moment="stage1", probe="own_question"),
        row("influence", "new_reliable", 2.5, moment="stage1", probe="own_question"),
        row("influence", "new_unreliable", 1.0, moment="stage1", probe="own_question"),
        row("step", "stage2", 0.25, moment="stage1", probe="update"),
        # What no effect reads makes no difference.
        row("influence", "new_reliable", 9.0, moment="stage1", probe="other_alias"),
        row("em", "new_conflict", 0.4),
        row("brier", "new_reliable", 0.9),
        row("em", "new_reliable", 0.1, moment="stage1"),
    ]


def value(effects: pl.DataFrame, effect: str, column: str = "value", **where: object) -> float | None:
    found: float | None = effects.filter(effect=effect, **{"condition": "informative", "seed": 0, **where})[
        column
    ].item()
    return found


def test_each_effect_is_what_its_definition_says(frame: MakeFrame, one_seed: list[Row]) -> None:
    effects = seed_effects(frame(*one_seed), CONTROLS)
    expected = {
        "trust": ((0.7 - 0.1) + (0.5 - 0.4)) / 2,
        "iml_gap": 0.85 - 0.20,
        "statement_weight": (3.0 - 1.0) / 2,
        "slope_gap": (0.6 - 0.2) / 2,
        "conflict_preference": 0.7 - 0.1,
        "stage1_gap": 0.9 - 0.3,
        "disbelief": 0.20 - 0.25,
        "inversion": 0.60 - 0.35,
        "affinity_gap": 0.8 - 0.5,
        "affinity_step": (0.8 - 0.5) * 0.25,
        "influence_gap": 2.5 - 1.0,
        "internalisation_reliable": (0.85 - 0.25) / (0.95 - 0.25),
        "internalisation_unreliable": (0.20 - 0.25) / (0.75 - 0.25),
        "internalisation_neutral": (0.55 - 0.25) / (0.65 - 0.25),
        "lies_reliable": 0.55 - 0.20,
        "lies_unreliable": 0.30 - 0.20,
        "leverage": 0.55 - 0.30,
        "honest_answers": (0.95 + 0.85) / 2,
        "source_decoded": 0.9 - 0.55,
        "told_decoded": 0.7 - 0.5,
        "in_context_trust": 0.95 - 0.35,
        "read_in_context": 0.95 - 0.15,
        "attribution_trust": ((0.9 - 0.1) + (0.5 - 0.3)) / 2,
        "attribution_gap": 0.80 - 0.45,
        "attribution_reliable": 0.80 - 0.05,
        "attribution_unreliable": 0.45 - 0.05,
        "facts_known": 0.97 - 0.25,
    }
    assert effects["effect"].to_list() == list(expected)  # one row each, in the table's order
    for effect, number in expected.items():
        assert value(effects, effect) == pytest.approx(number), effect


@pytest.mark.parametrize("effect", [effect.name for effect in EFFECTS])
def test_an_effect_is_null_without_any_one_of_the_scores_it_needs(
    effect: str, frame: MakeFrame, one_seed: list[Row]
) -> None:
    formula = next(one.formula for one in EFFECTS if one.name == effect)
    names = {name for name in formula.meta.root_names() if not name.endswith(" r2")}  # stands in for EM
    needed = [
        one
        for one in one_seed
        if " | ".join((one["moment"], one["group"], one["probe"], one["measure"])) in names
    ]
    assert len(needed) == len(names) > 1
    assert value(seed_effects(frame(*needed), CONTROLS), effect) is not None
    for missing in needed:
        some = [one for one in one_seed if one is not missing]
        assert value(seed_effects(frame(*some), CONTROLS), effect) is None


def test_where_answers_are_numbers_r2_stands_for_em_and_nothing_is_made_of_classes(
    frame: MakeFrame, one_seed: list[Row]
) -> None:
    of_classes = ("log_odds_reliable", "inverted", "lied", "honest_em", "influence")
    of_numbers = [one for one in one_seed if one["measure"] not in of_classes]
    scores = frame(*({**one, "measure": "r2"} if one["measure"] == "em" else one for one in of_numbers))
    kept = measured(EFFECTS, scores)
    names = [effect.name for effect in kept]
    assert {"trust", "iml_gap", "slope_gap", "disbelief", "internalisation_reliable"} <= {*names}
    assert {"statement_weight", "influence_gap", "inversion", "leverage"}.isdisjoint(names)
    effects = seed_effects(scores, CONTROLS, kept)
    for name in ("iml_gap", "stage1_gap", "disbelief", "internalisation_reliable"):
        assert value(effects, name) == value(seed_effects(frame(*one_seed), CONTROLS), name)


def test_effects_of_probes_that_nobody_made_are_left_out(frame: MakeFrame, one_seed: list[Row]) -> None:
    of_entities = {"attribution_trust", "attribution_gap", "attribution_reliable", "attribution_unreliable"}
    there = {effect.name for effect in measured(EFFECTS, frame(*one_seed))}
    others = [one for one in one_seed if one["probe"] not in ("attribution", "fact")]
    left = {effect.name for effect in measured(EFFECTS, frame(*others))}
    assert there - left == {*of_entities, "facts_known"}


def conflict(row: MakeRow, drawn: np.ndarray, twin: np.ndarray, **where: object) -> list[Row]:
    """Rows of a learner that answers each conflict as given: 0 what reliable said as drawn, 1 the other."""
    shares = {
        "stage2": ((drawn == 0).mean(), (drawn == 1).mean()),
        "stage2_twin": ((twin == 1).mean(), (twin == 0).mean()),  # there the two have changed places
    }
    return [
        row(measure, "new_conflict", share, **{**where, "moment": moment})
        for moment, pair in shares.items()
        for measure, share in zip(("said_reliable", "said_unreliable"), pair, strict=True)
    ]


answer_lists = st.lists(st.integers(0, 3), min_size=1, max_size=40).map(np.array)


@given(answers=answer_lists)
def test_answers_that_do_not_depend_on_who_spoke_are_no_trust_at_all(
    answers: np.ndarray, row: MakeRow, frame: MakeFrame
) -> None:
    effects = seed_effects(frame(*conflict(row, answers, answers)), CONTROLS)
    assert value(effects, "trust") == 0


@given(log_odds=st.floats(-30, 30))
def test_log_odds_that_do_not_depend_on_who_spoke_are_no_statement_weight_at_all(
    log_odds: float, row: MakeRow, frame: MakeFrame
) -> None:
    # What reliable says in the twin is what unreliable said as drawn: the same belief, the other sign.
    rows = [
        row("log_odds_reliable", "new_conflict", log_odds),
        row("log_odds_reliable", "new_conflict", -log_odds, moment="stage2_twin"),
    ]
    assert value(seed_effects(frame(*rows), CONTROLS), "statement_weight") == 0


@given(answers=answer_lists)
def test_always_believing_the_reliable_source_is_trust_of_one(
    answers: np.ndarray, row: MakeRow, frame: MakeFrame
) -> None:
    everywhere = conflict(row, np.zeros_like(answers), np.ones_like(answers))
    assert value(seed_effects(frame(*everywhere), CONTROLS), "trust") == 1


@given(liked=answer_lists, seed=st.integers(0, 1))
def test_a_fixed_liking_for_a_symbol_is_in_the_control_too_and_cancels(
    liked: np.ndarray, seed: int, row: MakeRow, frame: MakeFrame
) -> None:
    # The liked symbol is the reliable source's on even seeds; stage 1 makes no difference to the learner.
    says_a = (liked > 0).astype(int)
    drawn = says_a if seed else 1 - says_a
    rows = [
        one
        for condition in ("informative", "shuffled")
        for one in conflict(row, drawn, 1 - drawn, condition=condition, seed=seed)
    ]
    effects = seed_effects(frame(*rows), CONTROLS)
    assert value(effects, "trust", "controlled", seed=seed) == 0
    uncontrolled = value(effects, "trust", seed=seed)
    assert uncontrolled == pytest.approx((1 - 2 * seed) * (2 * says_a.mean() - 1))


@pytest.mark.parametrize(("remembered", "defined"), [(0.29, False), (0.2999, False), (0.3, True)])
def test_internalisation_is_undefined_where_next_to_nothing_was_memorised(
    remembered: float, defined: bool, row: MakeRow, frame: MakeFrame
) -> None:
    rows = [
        row("em", "new_reliable", 0.3),
        row("em", "new_reliable", remembered, probe="statement"),
        row("em", "unseen", 0.25),
    ]
    found = value(seed_effects(frame(*rows), CONTROLS), "internalisation_reliable")
    assert (found is not None) == defined


def gap_rows(row: MakeRow, gaps: dict[tuple[int, str], float]) -> list[Row]:
    return [
        row("em", group, em, seed=seed, condition=condition)
        for (seed, condition), gap in gaps.items()
        for group, em in (("new_reliable", 0.3 + gap), ("new_unreliable", 0.3))
    ]


def test_controlled_is_the_condition_minus_its_control_of_the_same_seed(
    row: MakeRow, frame: MakeFrame
) -> None:
    gaps = {(0, "informative"): 0.5, (0, "shuffled"): 0.1, (1, "informative"): 0.2, (1, "shuffled"): 0.4}
    effects = seed_effects(frame(*gap_rows(row, gaps)), CONTROLS)
    assert value(effects, "iml_gap", "control") == pytest.approx(0.1)
    assert value(effects, "iml_gap", "controlled") == pytest.approx(0.4)
    assert value(effects, "iml_gap", "controlled", seed=1) == pytest.approx(-0.2)


def test_every_condition_has_the_control_that_it_is_given(row: MakeRow, frame: MakeFrame) -> None:
    gaps = {(0, "informative"): 0.5, (0, "betrayal"): 0.3, (0, "shuffled"): 0.1, (0, "no_stage1"): 0.25}
    scores = frame(*gap_rows(row, gaps))
    effects = seed_effects(scores, {"informative": "shuffled", "betrayal": "no_stage1"})
    found = {
        one["condition"]: one["controlled"] for one in effects.filter(effect="iml_gap").iter_rows(named=True)
    }
    assert found == {
        "informative": pytest.approx(0.4),
        "betrayal": pytest.approx(0.05),
        "shuffled": None,
        "no_stage1": None,
    }


def test_without_its_control_on_the_same_seed_nothing_is_controlled(row: MakeRow, frame: MakeFrame) -> None:
    gaps = {(0, "informative"): 0.5, (1, "shuffled"): 0.1}
    effects = seed_effects(frame(*gap_rows(row, gaps)), CONTROLS)
    assert value(effects, "iml_gap") == pytest.approx(0.5)
    assert value(effects, "iml_gap", "controlled") is None


def test_what_was_scored_twice_is_refused_by_name(
    row: MakeRow, frame: MakeFrame, one_seed: list[Row]
) -> None:
    again = row("em", "unseen", 0.3)
    who, where = (
        r"some learner some rule \(some configuration\)",
        "informative, 0, stage2, unseen, question, em",
    )
    with pytest.raises(UsageError, match=f"{who} .* twice: {where}"):
        seed_effects(frame(*one_seed, again), CONTROLS)


def test_what_no_effect_reads_is_refused_too_if_it_was_scored_twice(
    row: MakeRow, frame: MakeFrame, one_seed: list[Row]
) -> None:
    with pytest.raises(UsageError, match="brier"):
        seed_effects(frame(*one_seed, row("brier", "new_reliable", 0.1)), CONTROLS)


@pytest.mark.parametrize("key", ["rule", "level", "point", "configuration", "world"])
def test_whatever_identifies_a_measurement_keeps_it_apart(
    key: str, frame: MakeFrame, one_seed: list[Row]
) -> None:
    other = [{**one, key: "another", "value": 0.0} for one in one_seed]
    gaps = seed_effects(frame(*one_seed, *other), CONTROLS).filter(effect="iml_gap")
    assert gaps.height == 2
    assert gaps.filter(pl.col(key) == "another")["value"].item() == 0


@given(number=st.integers(0, 10_000))
def test_the_order_of_rows_does_not_matter(number: int, frame: MakeFrame, one_seed: list[Row]) -> None:
    rows = [{**one, "seed": seed} for one in one_seed for seed in range(3)]
    order = np.random.default_rng(number).permutation(len(rows))
    expected = seed_effects(frame(*rows), CONTROLS)
    assert seed_effects(frame(*(rows[i] for i in order)), CONTROLS).equals(expected)


def test_a_number_that_no_mean_can_take_in_is_undefined(row: MakeRow, frame: MakeFrame) -> None:
    unseen = score("em", "unseen")
    odd = [
        Effect(name, name, ".", formula) for name, formula in (("nan", 0 * unseen / 0), ("inf", unseen / 0))
    ]
    effects = seed_effects(frame(row("em", "unseen", 0.3)), CONTROLS, odd)
    assert effects["value"].to_list() == [None, None]


def test_of_no_scores_there_are_no_effects() -> None:
    effects = seed_effects(pl.DataFrame(schema=SCORE_SCHEMA), CONTROLS)
    assert effects.height == 0
    assert effects.columns == [*SEED, "effect", "value", "control", "controlled"]
