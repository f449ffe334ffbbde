"""One stage and three have the rows of two, and differ only in what is learned together."""

import polars as pl
import pytest

from iml_general.measuring.measure import Setting, measure
from iml_general.protocol import INFORMATIVE, NO_STAGE1, SHUFFLED, Protocol, Source, episodes_of
from iml_general.protocol.staging import ONE_STAGE, ONE_STAGE_SHUFFLED, THREE_STAGES, THREE_STAGES_SHUFFLED
from iml_general.seeds import Seed
from iml_general.worlds.statements import Statements
from learners.classical.neighbors import NearestNeighbors
from learners.trees.forest import ExtraTrees

SMALL = Protocol(
    sources=(Source("reliable", 1.0, 40, 15), Source("unreliable", 0.0, 40, 15)),
    undefined=10,
    new_conflict=15,
    unseen=10,
)
SEEDS = [Seed(0, "confirm", "statements", index) for index in range(2)]
ALL = (INFORMATIVE, SHUFFLED, ONE_STAGE, ONE_STAGE_SHUFFLED, THREE_STAGES, THREE_STAGES_SHUFFLED)
CELL = ["alias", "question", "tag"]


def learned(condition: str, twin: bool = False) -> pl.DataFrame:
    stages = episodes_of(SMALL, Statements(), SEEDS[0], ALL)[condition].stages
    frames = [stage.twin if twin and stage.twin is not None else stage.rows for stage in stages]
    return pl.concat(frames)


@pytest.mark.parametrize("twin", [False, True])
@pytest.mark.parametrize("ending", ["", "_shuffled"])
def test_what_is_learned_in_all_is_the_same(ending: str, twin: bool) -> None:
    two = learned(ending.removeprefix("_") or "informative", twin).sort(CELL)
    for number in ("one_stage", "three_stages"):
        assert learned(f"{number}{ending}", twin).sort(CELL).equals(two)


def test_one_stage_mixes_old_and_new_in_one_order_whatever_the_tags() -> None:
    rows, shuffled = learned("one_stage"), learned("one_stage_shuffled")
    assert rows.drop("tag").equals(shuffled.drop("tag"))
    assert not rows["tag"].equals(shuffled["tag"])
    is_new = rows["group"].cast(pl.String()).str.starts_with("new")
    assert is_new.rle_id().n_unique() > 100


def test_three_stages_tell_first_and_ask_then() -> None:
    told, asked, new = episodes_of(SMALL, Statements(), SEEDS[0], ALL)["three_stages"].stages
    assert [told.name, asked.name, new.name] == ["statements", "stage1", "stage2"]
    assert set(told.rows["kind"]) == {"statement"}
    assert set(asked.rows["kind"]) == {"question"}


def test_one_stage_has_a_twin_of_its_own_and_other_first_stages_have_none() -> None:
    learner = ExtraTrees(n_estimators=10, rule="refit")
    rows = measure(learner, Setting(Statements(), SMALL), SEEDS, (*ALL, NO_STAGE1)).frame()
    moments = {condition: set(part["moment"]) for (condition,), part in rows.group_by("condition")}
    assert moments["one_stage"] == {"stage2", "stage2_twin"}
    assert moments["no_stage1"] == {"stage2"}
    assert moments["three_stages"] == {"statements", "stage1", "stage2", "stage2_twin"}


def test_a_memory_without_an_order_answers_alike_in_one_stage_two_and_three() -> None:
    rows = measure(NearestNeighbors(), Setting(Statements(), SMALL), SEEDS, ALL).frame()
    found = rows.filter(pl.col("moment").str.starts_with("stage2")).filter(measure="brier")
    two, *others = (
        found.filter(condition=name).drop("condition").sort("seed", "moment", "group", "probe")["value"]
        for name in ("informative", "one_stage", "three_stages")
    )
    for other in others:
        assert other.to_list() == pytest.approx(two.to_list(), abs=1e-6)
