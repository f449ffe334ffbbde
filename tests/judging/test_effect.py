"""What an effect may be made of, and which scores its formula names."""

import polars as pl
import pytest

from iml_general.errors import UsageError
from iml_general.judging.effect import Effect, column_names, needed_scores, score
from iml_general.judging.effects import EFFECTS, IML_GAP, TRUST

GAP = score("em", "new_reliable") - score("em", "new_unreliable")


def test_the_scores_that_a_formula_reads_are_read_back_from_it() -> None:
    needed = needed_scores([score("brier", "unseen", "stage1_twin", "statement") - score("em", "undefined")])
    assert needed.drop("column").rows() == [
        ("stage1_twin", "unseen", "statement", "brier"),
        ("stage2", "undefined", "question", "em"),
    ]


def test_a_score_that_several_formulas_read_is_needed_once() -> None:
    assert len(column_names([GAP, GAP * GAP])) == 2
    assert needed_scores([]).height == 0


def test_a_smallest_effect_of_interest_that_is_none_is_refused_with_those_there_are() -> None:
    with pytest.raises(UsageError, match=r"'odd': unknown sesoi 'alpha' \(allowed: sesoi, sesoi_trust\)"):
        Effect("odd", "odd", "Odd.", GAP, sesoi="alpha")


@pytest.mark.parametrize("where", ["formula", "ceiling"])
def test_a_formula_that_reads_anything_but_scores_is_refused(where: str) -> None:
    fault = pl.col("seed") + 1
    formula, ceiling = (fault, ()) if where == "formula" else (GAP, (fault,))
    with pytest.raises(UsageError, match=r"'odd' reads 'seed', which is no score; write score\("):
        Effect("odd", "odd", "Odd.", formula, ceiling=ceiling)


def test_trust_is_the_primary_endpoint_and_the_gap_the_only_other() -> None:
    assert [effect.name for effect in EFFECTS if effect.endpoint] == ["trust", "iml_gap"]
    assert (TRUST.sesoi, IML_GAP.sesoi) == ("sesoi_trust", "sesoi")


def test_every_effect_has_a_name_of_its_own_and_explains_itself() -> None:
    assert (
        len({effect.name for effect in EFFECTS}) == len({effect.words for effect in EFFECTS}) == len(EFFECTS)
    )
    assert all(effect.definition.endswith(".") for effect in EFFECTS)
