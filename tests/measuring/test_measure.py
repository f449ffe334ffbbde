"""Measuring puts learners through all conditions and finds what is known to be there."""

from collections import Counter
from pathlib import Path

import polars as pl
import pytest
from threadpoolctl import threadpool_info, threadpool_limits

from iml_general.errors import LearnerError, UsageError
from iml_general.measuring.measure import Measurement, Setting, measure
from iml_general.plugins import registry
from iml_general.protocol import Protocol, Source
from iml_general.seeds import Seed
from iml_general.worlds.statements import Statements

TOYS = str(Path(__file__).parents[1] / "plugins" / "toys.py")
SOURCES = (Source("reliable", 1.0, 20, 50), Source("unreliable", 0.0, 20, 50), Source("neutral", 0.5, 0, 50))
SMALL = Setting(Statements(), Protocol(sources=SOURCES, undefined=8))


def toy(name: str) -> type:
    return registry.learner(f"{TOYS}:{name}")


def seeds(n: int = 2) -> list[Seed]:
    return [Seed(0, "confirm", "statements", index) for index in range(n)]


def em(found: Measurement, **wanted: object) -> list[float]:
    return found.frame().filter(measure="em", **wanted)["value"].to_list()


def test_every_condition_moment_and_probe_of_a_seed_is_scored_once() -> None:
    rows = measure(toy("Memory")(), SMALL, seeds()).frame()
    cells = rows.select("condition", "moment", "group", "probe", "measure", "seed")
    assert not cells.is_duplicated().any()
    moments = set(rows.select("condition", "moment").unique().iter_rows())
    assert moments == {
        ("informative", "stage1"),
        ("informative", "stage2"),
        ("informative", "stage2_twin"),
        ("shuffled", "stage1"),
        ("shuffled", "stage2"),
        ("shuffled", "stage2_twin"),
        ("no_stage1", "stage2"),
    }
    asked = rows.filter(probe="question", measure="em").group_by("condition", "moment", "seed").len()
    of_twin = pl.col("moment").str.ends_with("_twin")
    assert set(asked.filter(~of_twin)["len"]) == {8}  # all groups
    assert set(asked.filter(of_twin)["len"]) == {1}  # new_conflict alone


def test_where_both_sources_spoke_it_is_said_whom_the_answers_follow() -> None:
    rows = measure(toy("Memory")(), SMALL, seeds()).frame()
    said = ("said_reliable", "said_unreliable", "log_odds_reliable")
    cells = rows.filter(pl.col("measure").is_in(said)).select("group", "probe").unique()
    assert cells.rows() == [("new_conflict", "question")]


def test_where_lies_can_be_inverted_it_is_said_who_inverts_the_truth() -> None:
    shifted = Setting(Statements(), Protocol(sources=SOURCES, undefined=8, lies="shift"))
    rows = measure(toy("Memory")(), shifted, seeds()).frame()
    cells = rows.filter(measure="inverted").select("group", "probe").unique()
    groups = ("new_reliable", "new_unreliable", "new_neutral", "unseen")
    assert sorted(cells.rows()) == sorted((group, "question") for group in groups)
    assert "inverted" not in set(measure(toy("Memory")(), SMALL, seeds()).frame()["measure"])


def test_the_twin_of_stage_2_is_learned_from_the_same_state_as_stage_2() -> None:
    """Memory keeps the last word on each question: the order of rows is the same in both twins."""
    rows = measure(toy("Memory")(), SMALL, seeds(4)).frame().filter(condition="informative")
    drawn = rows.filter(moment="stage2", measure="said_reliable")["value"]
    twin = rows.filter(moment="stage2_twin", measure="said_reliable")["value"]
    assert drawn.to_list() == twin.to_list()
    assert drawn.min() > 0.3


def test_memory_answers_what_it_was_told_and_nothing_else() -> None:
    found = measure(toy("Memory")(), SMALL, seeds(4))
    after = {"condition": "informative", "moment": "stage2", "probe": "question"}
    assert em(found, **after, group="new_reliable") == [1.0] * 4
    assert em(found, **after, group="new_unreliable") == [1.0] * 4
    assert em(found, **after, group="corroborated") == [1.0] * 4
    before = em(found, condition="informative", moment="stage1", probe="question", group="new_reliable")
    assert all(0.15 < value < 0.35 for value in before)  # 300 probes at chance 1/4
    assert found.competence == 1.0


def test_a_twin_is_learned_with_the_seed_that_stage_2_is_learned_with() -> None:
    cls = toy("Counting")
    given: list[int] = []

    class Noting(cls):  # type: ignore[misc, valid-type]
        def update(self, state: object, batch: object, seed: int) -> object:
            given.append(seed)
            return super().update(state, batch, seed)

    measure(Noting(), SMALL, seeds(2))
    # Of each replicate: three first stages, which Memory fits by updating nothing; and stage 2 as drawn and
    # as twin, informative and shuffled, all four with one seed.
    assert sorted(Counter(given).values()) == [3, 3, 4, 4]


def test_scores_do_not_depend_on_which_other_seeds_are_measured() -> None:
    together = measure(toy("Memory")(), SMALL, seeds(3)).frame()
    alone = measure(toy("Memory")(), SMALL, seeds(3)[1:2]).frame()
    columns = [name for name in together.columns if name != "seed"]
    assert together.filter(pl.col("seed") == 1).select(columns).equals(alone.select(columns))


def test_variants_share_stage_1_fits_and_score_as_they_do_alone() -> None:
    cls = toy("Counting")
    variants = [cls(rule=rule, forget=rule == "continue") for rule in ("append", "continue", "retrain")]
    cls.fits.clear()
    together = measure(variants, SMALL, seeds(1)).frame()
    assert len(cls.fits) == 3 + 4  # stage 1 twice, stage 2 alone once; retrain twice, and twins
    for variant in variants:
        alone = measure(variant, SMALL, seeds(1)).frame()
        assert together.filter(pl.col("rule") == variant.rule).equals(alone)


def test_retrain_fits_both_stages_together() -> None:
    cls = toy("Counting")
    cls.fits.clear()
    measure(cls(rule="retrain"), SMALL, seeds(1))
    stage1, stage2 = 20 * 11 * 2 + 8 * 5, 50 * 6 * 5
    assert sorted(cls.fits) == sorted([stage1] * 2 + [stage2] + [stage1 + stage2] * 4)


def test_variants_that_differ_in_more_than_their_update_are_refused() -> None:
    cls = toy("Counting")
    with pytest.raises(UsageError, match="may differ only in forget, rule"):
        measure([cls(), cls(rule="continue", n_answers=5)], SMALL, seeds(1))
    with pytest.raises(UsageError, match="name an update rule twice: append, append"):
        measure([cls(), cls(forget=True)], SMALL, seeds(1))


def test_an_effect_of_the_tag_symbol_alternates_and_is_there_without_information() -> None:
    """Why effects are controlled: a learner that hears only tag A shows a gap of one in any condition."""
    found = measure(toy("Credulous")(), SMALL, seeds(2))
    for condition in ("informative", "shuffled"):
        after = {"condition": condition, "moment": "stage2", "probe": "question"}
        reliable = em(found, **after, group="new_reliable")
        unreliable = em(found, **after, group="new_unreliable")
        assert reliable[0] == 1.0
        assert unreliable[1] == 1.0
        assert reliable[1] < 0.4
        assert unreliable[0] < 0.4


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("Raises", r"learner 'raises' \(append\) raised in predict: ZeroDivisionError: one"),
        ("ReturnsNan", r"predict returned NaN or infinity in 1 of \d+ rows"),
        ("ReturnsWrongShape", r"predict returned \(\d+, 3\), not an array of shape \(\d+, 4\)"),
        ("ReturnsScores", r"rows that are not probabilities in \d+ of \d+ rows \(first sums to 3,"),
    ],
)
def test_a_learner_that_misbehaves_is_named_with_the_fact(name: str, message: str) -> None:
    with pytest.raises(LearnerError, match=message):
        measure(toy(name)(), SMALL, seeds(1))


def test_costs_add_up_to_phases_of_each_rule_and_the_framework() -> None:
    found = measure([toy("Counting")(), toy("Counting")(rule="retrain")], SMALL, seeds(1))
    assert set(found.costs) == {
        ("", "fit"),
        ("", "predict"),
        ("append", "update"),
        ("append", "predict"),
        ("retrain", "fit"),
        ("retrain", "predict"),
        ("", "framework"),
    }
    assert all(seconds > 0 for seconds in found.costs.values())


def test_a_learner_that_leaves_the_number_of_threads_alone_gets_one(monkeypatch: pytest.MonkeyPatch) -> None:
    memory, seen = toy("Memory"), set[int]()
    fit = memory.fit

    def observed(*arguments: object) -> object:
        seen.update(pool["num_threads"] for pool in threadpool_info())
        return fit(*arguments)

    monkeypatch.setattr(memory, "fit", observed)
    with threadpool_limits(2):
        measure(memory(), SMALL, seeds(1))
        after = {pool["num_threads"] for pool in threadpool_info()}
    assert (seen, after) == ({1}, {2})
