"""docs/trust-formally.md, section 1: what twins measure, and what cancels."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from numpy.typing import NDArray

from iml_general.judging.effects import STATEMENT_WEIGHT, TRUST
from iml_general.plugins.registry import learner as named
from iml_general.protocol import BUILT_IN, Protocol, episodes_of
from iml_general.seeds import Seed
from iml_general.worlds.statements import Statements

CHEAT = f"{Path(__file__).parents[1] / 'cheats' / 'cheats.py'}:FavoursLowerSymbol"

Effects = Callable[..., pl.DataFrame]
SCORES = st.lists(st.floats(-5, 5), min_size=4, max_size=4).map(np.array)
REAL = st.floats(-6, 6)


def trust(drawn: NDArray[np.float64], twin: NDArray[np.float64], x: int, y: int) -> float:
    """Definition 1, of one question."""
    chosen, chosen_twin = drawn.argmax(), twin.argmax()
    preference = float(chosen == x) - float(chosen == y)
    return 0.5 * (preference + float(chosen_twin == y) - float(chosen_twin == x))


def weight(drawn: NDArray[np.float64], twin: NDArray[np.float64], x: int, y: int) -> float:
    """Definition 1, of one question, from log-probabilities up to a constant."""
    return 0.5 * float((drawn[x] - drawn[y]) - (twin[x] - twin[y]))


def one(found: pl.DataFrame, effect: str, column: str = "value") -> list[float]:
    return found.filter(effect=effect, condition="informative").sort("seed")[column].to_list()


def test_the_package_measures_what_the_page_defines(twins, effects: Effects) -> None:
    """Definition 1, recomputed from a network's probabilities, among which there are no ties.

    The package trains all conditions together and this test one alone: they differ by rounding, which
    training amplifies, by how much depends on the machine. So there is little of it.
    """
    learner = named("mlp")(width=16, epochs=4, update_epochs=2, learning_rate=1e-2)
    found = effects(learner, n_seeds=1)
    seed = Seed(0, "confirm", "statements", 0)
    drawn = twins(0)
    state = learner.fit(drawn.stage1, seed.integer("fit"))
    p, q = (
        learner.predict(learner.update(state, rows, seed.integer("update")), drawn.questions)
        for rows in (drawn.drawn, drawn.twin)
    )
    said = list(zip(p, q, drawn.x, drawn.y, strict=True))
    logs = [(np.log(np.clip(a, 1e-6, 1)), np.log(np.clip(b, 1e-6, 1)), x, y) for a, b, x, y in said]
    expected = np.mean([weight(*args) for args in logs])
    assert one(found, STATEMENT_WEIGHT.name) == pytest.approx([expected], abs=1e-5)
    assert abs(expected) > 1e-3
    assert one(found, TRUST.name) == pytest.approx([np.mean([trust(*args) for args in said])])


@given(drawn=SCORES, twin=SCORES)
def test_to_exchange_the_names_of_the_sources_changes_the_sign_of_both(drawn, twin) -> None:
    """Proposition 1 (a)."""
    assert trust(drawn, twin, 1, 0) == -trust(drawn, twin, 0, 1)
    assert weight(drawn, twin, 1, 0) == -weight(drawn, twin, 0, 1)


@given(same=SCORES)
def test_who_answers_alike_whoever_said_what_has_exactly_zero(same) -> None:
    """Proposition 1 (b)."""
    assert trust(same, same, 0, 1) == 0.0
    assert weight(same, same, 0, 1) == 0.0


@given(drawn=SCORES, twin=SCORES, noise=SCORES)
def test_what_both_twins_share_cancels_in_the_weight(drawn, twin, noise) -> None:
    """Proposition 1 (c), to the rounding of sums of numbers up to 10."""
    assert weight(drawn + noise, twin + noise, 0, 1) == pytest.approx(weight(drawn, twin, 0, 1), abs=1e-13)


@given(noise=REAL, own=REAL)
def test_of_two_answers_trust_is_the_sign_of_the_weight_where_it_exceeds_the_noise(noise, own) -> None:
    """Proposition 2 (a): log-odds noise + own as drawn, noise - own in the twin, no ties."""
    assume(abs(abs(noise) - abs(own)) > 1e-9)
    drawn, twin = (np.array([z, 0.0]) for z in (noise + own, noise - own))
    assert trust(drawn, twin, 0, 1) == np.sign(own) * (abs(noise) < abs(own))


@given(common=SCORES, up=st.floats(0, 3), down=st.floats(0, 3))
def test_of_more_answers_trust_has_no_other_sign_than_the_exchange(common, up, down) -> None:
    """Proposition 2 (b): the exchange raises x, lowers y, and leaves other answers alone."""
    drawn = common + np.array([up, -down, 0.0, 0.0])
    assert trust(drawn, common, 0, 1) >= 0.0
    assert trust(common, drawn, 0, 1) <= 0.0


def test_a_forest_s_trust_is_its_weight_seen_through_its_noise(twins) -> None:
    """Proposition 2 (a), of a real learner in a world of two answers, question by question."""
    world = twins(1, n_answers=2)
    p, q = world.answers(named("extra-trees")(n_estimators=25))
    gaps = world.gap(p), world.gap(q)
    noise, own = (gaps[0] + gaps[1]) / 2, (gaps[0] - gaps[1]) / 2
    clear = np.abs(np.abs(noise) - np.abs(own)) > 1e-9
    found = np.array([trust(*args) for args in zip(p, q, world.x, world.y, strict=True)])
    assert np.array_equal(found[clear], (np.sign(own) * (np.abs(noise) < np.abs(own)))[clear])
    assert 0 < np.count_nonzero(found[clear]) < clear.sum(), "this seed must show both cases"


def test_a_state_that_no_tag_of_stage_1_has_touched_has_a_controlled_effect_of_exactly_zero(
    effects: Effects,
) -> None:
    """Proposition 3 (a)."""
    found = effects(named("tag-blind")())
    assert (
        one(found, TRUST.name, "controlled") == one(found, STATEMENT_WEIGHT.name, "controlled") == [0.0, 0.0]
    )


@pytest.mark.parametrize("index", range(2))
def test_shuffled_stage_1_does_not_know_which_tag_is_the_reliable_one(protocol: Protocol, index: int) -> None:
    """Proposition 3 (b), its condition: each tag has as many aliases as the other, and as many true ones."""
    seed = Seed(0, "confirm", "statements", index)
    rows = episodes_of(protocol, Statements(3), seed, BUILT_IN)["shuffled"].stages[0].rows
    told = rows.filter(kind="statement").unique(["tag", "alias"])
    assert told.group_by("tag", "group").len()["len"].to_list() == [10] * 4


def test_what_a_learner_likes_about_a_symbol_has_mean_zero_over_counterbalanced_seeds(
    effects: Effects,
) -> None:
    """Proposition 3 (b), of a learner that believes the lower symbol whatever happens."""
    found = effects(named(CHEAT)(), n_seeds=4)
    assert one(found, TRUST.name, "control") == [1.0, -1.0, 1.0, -1.0]
    assert one(found, TRUST.name, "controlled") == [0.0] * 4
