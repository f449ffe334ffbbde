"""Effects, worked out by hand from a few score rows."""

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from iml_general.errors import UsageError
from iml_general.judging.effects import EFFECTS, group_means, seed_effects
from iml_general.rows import KEYS, SCORE_SCHEMA

WHO = {key: f"some {key}" for key in KEYS}


def row(group: str, em: float, **changes: object) -> dict[str, object]:
    facts = {"condition": "informative", "moment": "stage2", "probe": "question", "seed": 0}
    scores = {"schema_version": 1, "n": 10, "log_probability": -1.0, "brier": 0.5}
    return {**WHO, **facts, **scores, "group": group, "em": em, **changes}


def frame(*rows: dict[str, object]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=SCORE_SCHEMA)


def value(effects: pl.DataFrame, effect: str, column: str = "informative", seed: int = 0) -> float | None:
    found: float | None = effects.filter(effect=effect, seed=seed)[column].item()
    return found


ONE_SEED = (
    row("corroborated", 0.9, moment="stage1"),
    row("contradicted", 0.3, moment="stage1"),
    row("new_reliable", 0.85),
    row("new_reliable", 0.95, probe="statement"),
    row("new_unreliable", 0.20),
    row("new_unreliable", 0.75, probe="statement"),
    row("unseen", 0.25),
    row("new_conflict", 0.5, said_reliable=0.7, said_unreliable=0.1),
)


def test_each_effect_is_the_difference_that_its_definition_says() -> None:
    effects = seed_effects(frame(*ONE_SEED))
    assert set(effects["effect"]) == set(EFFECTS)
    expected = {
        "stage1_gap": 0.9 - 0.3,
        "iml_gap": 0.85 - 0.20,
        "conflict_preference": 0.7 - 0.1,
        "disbelief": 0.20 - 0.25,
        "internalisation_reliable": (0.85 - 0.25) / (0.95 - 0.25),
        "internalisation_unreliable": (0.20 - 0.25) / (0.75 - 0.25),
    }
    for effect, number in expected.items():
        assert value(effects, effect) == pytest.approx(number)


def test_what_was_not_measured_is_null_never_a_number() -> None:
    effects = seed_effects(frame(*ONE_SEED))
    assert value(effects, "internalisation_neutral") is None
    assert value(effects, "iml_gap", "shuffled") is None
    assert value(effects, "iml_gap", "controlled") is None


@pytest.mark.parametrize(("remembered", "defined"), [(0.29, False), (0.2999, False), (0.3, True)])
def test_internalisation_is_undefined_where_next_to_nothing_was_memorised(
    remembered: float, defined: bool
) -> None:
    rows = [row("new_reliable", 0.3), row("new_reliable", remembered, probe="statement"), row("unseen", 0.25)]
    assert (value(seed_effects(frame(*rows)), "internalisation_reliable") is not None) == defined


def test_controlled_is_informative_minus_shuffled_of_the_same_seed() -> None:
    gaps = {(0, "informative"): 0.5, (0, "shuffled"): 0.1, (1, "informative"): 0.2, (1, "shuffled"): 0.4}
    rows = [
        row(group, em, seed=seed, condition=condition)
        for (seed, condition), gap in gaps.items()
        for group, em in (("new_reliable", 0.3 + gap), ("new_unreliable", 0.3))
    ]
    effects = seed_effects(frame(*rows))
    assert value(effects, "iml_gap", "controlled", seed=0) == pytest.approx(0.4)
    assert value(effects, "iml_gap", "controlled", seed=1) == pytest.approx(-0.2)


def test_what_was_scored_twice_is_refused_by_name() -> None:
    again = row("unseen", 0.3)
    with pytest.raises(UsageError, match=r"some learner .* twice: informative, 0, stage2, unseen, question"):
        seed_effects(frame(*ONE_SEED, again))


def test_learners_rules_and_configurations_are_kept_apart() -> None:
    twin = [{**one, "rule": "another rule", "em": 0.0} for one in ONE_SEED]
    effects = seed_effects(frame(*ONE_SEED, *twin))
    assert effects.filter(effect="iml_gap").height == 2
    assert effects.filter(effect="iml_gap", rule="another rule")["informative"].item() == 0


@given(order=st.permutations(ONE_SEED))
def test_the_order_of_rows_does_not_matter(order: list[dict[str, object]]) -> None:
    assert seed_effects(frame(*order)).equals(seed_effects(frame(*ONE_SEED)))


def test_group_means_give_mean_and_spread_over_seeds() -> None:
    rows = [row("unseen", em, seed=seed) for seed, em in enumerate([0.2, 0.3, 0.4])]
    means = group_means(frame(*rows)).row(0, named=True)
    assert means["n_seeds"] == 3
    assert means["em"] == pytest.approx(0.3)
    assert means["em_sd"] == pytest.approx(0.1)
    assert group_means(frame(rows[0])).row(0, named=True)["em_sd"] is None
