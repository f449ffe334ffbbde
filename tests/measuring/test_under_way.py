"""Lengths that share one fit of stage 1 have the rows of lengths that are fitted by themselves."""

from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from iml_general.errors import LearnerError, UsageError
from iml_general.measuring.measure import Measurement, Setting, measure
from iml_general.measuring.under_way import FitUnderWay
from iml_general.plugins import registry
from iml_general.protocol import INFORMATIVE, SHUFFLED, Protocol, Source
from iml_general.seeds import Seed
from iml_general.study.plan.chains import chains_of
from iml_general.study.plan.keys import check_plan
from iml_general.study.plan.overrides import Overrides, find_plan
from iml_general.study.plan.resolve import resolve
from iml_general.worlds.statements import Statements

WALKER = registry.learner(f"{Path(__file__).parents[1] / 'study' / 'walkers.py'}:Walker")
SOURCES = (Source("reliable", 1.0, 8, 8), Source("unreliable", 0.0, 8, 8), Source("neutral", 0.5, 0, 8))
SETTING = Setting(Statements(), Protocol(sources=SOURCES, undefined=8, new_conflict=8, unseen=8))
SEEDS = [Seed(0, "confirm", "statements", index) for index in range(2)]
BOTH = (INFORMATIVE, SHUFFLED)
FITS = len(SEEDS) * len(BOTH)
FEW = {
    **dict.fromkeys(("undefined", "new_conflict", "unseen"), 6),
    "sources": {
        "reliable": {"stage1": 10, "stage2": 6},
        "unreliable": {"stage1": 10, "stage2": 6},
        "neutral": {"stage2": 6},
    },
}


def measured(length: int, under_way: FitUnderWay | None = None, **options: Any) -> Measurement:
    return measure(WALKER(steps=length, **options), SETTING, SEEDS, BOTH, (), under_way)


def noted(folder: Path) -> Counter[str]:
    return Counter((folder / "steps").read_text().split())


def test_emergence_has_the_same_rows_with_one_fit_for_all_lengths_and_with_one_for_each() -> None:
    plan = find_plan("emergence", Overrides()).model_dump()
    plan["sweep"][0]["values"] = [1, 2, 5]
    study = resolve(check_plan({**plan, "protocol": FEW, "seeds": 2}, "test"))
    of = chains_of(study.units)
    names = {study.units[number].who.name for number in of}  # type: ignore[union-attr]
    assert names >= {"lightgbm", "extra-trees"}
    assert {chain.lengths for chain in of.values()} == {(1, 2, 5)}
    for chain in {chain.units: chain for chain in of.values()}.values():
        under_way = FitUnderWay(chain.lengths)
        for number in chain.units:
            unit = study.units[number]
            given = unit.who.variants, unit.who.setting, unit.seeds  # type: ignore[union-attr]
            one, other = (
                measure(*given, study.conditions, study.plan["readings"], fit) for fit in (under_way, None)
            )
            assert one.scores == other.scores
            assert one.competence == other.competence
            assert one.costs.keys() == other.costs.keys()


def test_lengths_that_are_left_out_are_passed_through(tmp_path: Path) -> None:
    under_way = FitUnderWay([9, 2, 5])
    for length in (2, 9):
        found = measured(length, under_way, notes=str(tmp_path))
        assert found.scores == measured(length).scores
    assert noted(tmp_path) == {"begins": FITS, "step": FITS * 9}


def test_a_length_out_of_order_or_that_was_not_announced_is_fitted_alone(tmp_path: Path) -> None:
    under_way = FitUnderWay([2, 5])
    for length in (5, 2, 7):
        assert measured(length, under_way, notes=str(tmp_path)).scores == measured(length).scores
    assert noted(tmp_path) == {"begins": 3 * FITS, "step": FITS * (5 + 2 + 7)}


def test_after_a_fault_lengths_are_fitted_alone() -> None:
    under_way = FitUnderWay([2, 5, 9])
    assert measured(2, under_way, stumbles_at=4).scores == measured(2).scores
    for length in (5, 9):
        with pytest.raises(LearnerError, match="raised in fit: RuntimeError: stumbles at 4"):
            measured(length, under_way, stumbles_at=4)


def test_other_seeds_than_it_began_with_are_refused() -> None:
    under_way = FitUnderWay([2, 5])
    measured(2, under_way)
    with pytest.raises(UsageError, match="goes on with the seeds that it began with"):
        measure(WALKER(steps=5), SETTING, SEEDS[:1], BOTH, (), under_way)
