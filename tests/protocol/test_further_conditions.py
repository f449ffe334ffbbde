"""Three stages, reversal half-way and betrayal are conditions of a few lines."""

import numpy as np
import polars as pl

from iml_general.measuring.measure import Setting, measure
from iml_general.protocol import INFORMATIVE, SHUFFLED, Condition, Draw, Protocol, Source, Stage
from iml_general.seeds import Seed
from iml_general.worlds.statements import Statements
from learners.trees.forest import ExtraTrees

SMALL = Protocol(
    sources=(Source("reliable", 1.0, 40, 15), Source("unreliable", 0.0, 40, 15)),
    undefined=10,
    new_conflict=15,
    unseen=10,
)
SEEDS = [Seed(0, "confirm", "statements", index) for index in range(2)]


def _three_stages(draw: Draw) -> tuple[Stage, ...]:
    rows = draw.stage1.rows
    first, second = (rows.filter(kind=kind) for kind in ("statement", "question"))
    return Stage("statements", first), Stage("stage1", second), draw.stage2


def _reversal(draw: Draw) -> tuple[Stage, ...]:
    one, other = draw.tag_of["reliable"], draw.tag_of["unreliable"]
    swapped = np.select([draw.tags == one, draw.tags == other], [other, one], draw.tags)
    return draw.stage1, draw.taught_under(swapped, "reversal"), draw.stage2


def _betrayal(draw: Draw) -> tuple[Stage, ...]:
    n_answers = draw.world.n_answers
    lies = pl.when(pl.col("group") == "new_reliable").then((pl.col("answer") + 1) % n_answers)
    betrayed = draw.stage2.rows.with_columns(lies.otherwise("answer").cast(pl.UInt16).alias("answer"))
    return draw.stage1, draw.stage2, Stage("betrayal", betrayed)


THREE = Condition("three_stages", "three stages", "Statements, then questions.", "shuffled", _three_stages)
REVERSAL = Condition("reversal", "reversal", "The tags change roles.", "shuffled", _reversal)
BETRAYAL = Condition("betrayal", "betrayal", "The reliable source lies in the end.", "shuffled", _betrayal)


def rows_of(*conditions: Condition, learner: ExtraTrees | None = None) -> pl.DataFrame:
    learner = learner or ExtraTrees(n_estimators=20, rule="refit")
    return measure(learner, Setting(Statements(), SMALL), SEEDS, conditions).frame()


def moments(rows: pl.DataFrame, condition: str) -> set[str]:
    return set(rows.filter(condition=condition)["moment"])


def test_every_stage_is_scored_and_twins_wherever_new_conflict_was_spoken_of() -> None:
    rows = rows_of(INFORMATIVE, SHUFFLED, THREE, REVERSAL, BETRAYAL)
    assert moments(rows, "three_stages") == {"statements", "stage1", "stage2", "stage2_twin"}
    assert moments(rows, "reversal") == {"stage1", "reversal", "stage2", "stage2_twin"}
    assert moments(rows, "betrayal") == {"stage1", "stage2", "stage2_twin", "betrayal", "betrayal_twin"}


def test_what_a_condition_shows_does_not_depend_on_the_others_measured_beside_it() -> None:
    together = rows_of(INFORMATIVE, REVERSAL, BETRAYAL)
    for condition in (INFORMATIVE, REVERSAL, BETRAYAL):
        alone = rows_of(condition)
        assert together.filter(condition=condition.name).sort(alone.columns).equals(alone.sort(alone.columns))


def test_a_condition_with_a_stage_2_of_its_own_is_taught_that_one() -> None:
    """Each episode is encoded from its own rows: betrayed answers are learned, and no one else's."""

    def lied_to(draw: Draw) -> tuple[Stage, ...]:
        return draw.stage1, Stage("stage2", _betrayal(draw)[-1].rows)

    lied = Condition("lied_to", "lied to", "Stage 2 itself lies.", "shuffled", lied_to)
    rows = rows_of(INFORMATIVE, lied, learner=ExtraTrees(n_estimators=20, rule="retrain"))
    wanted = {"moment": "stage2", "group": "new_reliable", "probe": "statement", "measure": "em"}
    remembered = dict(rows.filter(**wanted, seed=0).select("condition", "value").iter_rows())
    assert remembered["informative"] > 0.9
    assert remembered["lied_to"] < 0.1


def test_common_beginnings_are_learned_once() -> None:
    fits: list[int] = []
    updates: list[int] = []

    class Counting(ExtraTrees):
        def fit(self, batch, seed):  # type: ignore[no-untyped-def]
            fits.append(len(batch))
            return super().fit(batch, seed)

        def update(self, state, batch, seed):  # type: ignore[no-untyped-def]
            updates.append(len(batch))
            return super().update(state, batch, seed)

    measure(
        Counting(n_estimators=2, rule="refit"),
        Setting(Statements(), SMALL),
        SEEDS[:1],
        (INFORMATIVE, REVERSAL, BETRAYAL),
    )
    assert len(fits) == 1  # all three begin with the same stage 1
    # stage2 and its twin; reversal, then stage2 and its twin; betrayal after stage2 and after its twin
    assert len(updates) == 2 + 3 + 2
