"""The controls come out right where aliases are pictures, however they are written."""

import polars as pl
import pytest

from iml_general.measuring.measure import Setting, measure
from iml_general.protocol import INFORMATIVE, SHUFFLED, Protocol, Source
from iml_general.seeds import Seed
from iml_general.worlds.digits import Digits
from learners.controls.ideal_observer import IdealObserver
from learners.controls.tag_blind import TagBlind

SOURCES = (Source("reliable", 1.0, 25, 10), Source("unreliable", 0.0, 25, 10), Source("neutral", stage2=4))
PROTOCOL = Protocol(sources=SOURCES, undefined=4, new_conflict=10, unseen=10)
SEEDS = [Seed(0, "confirm", "digits", index) for index in range(2)]
WORLDS = [Digits(), Digits(handwriting="fresh", pictures_per_row=2)]


@pytest.fixture(params=WORLDS, ids=["fixed", "fresh"])
def setting(request: pytest.FixtureRequest) -> Setting:
    return Setting(request.param, PROTOCOL)


def test_the_ideal_observer_answers_what_the_reliable_source_said_in_both_twins(setting: Setting) -> None:
    rows = measure(IdealObserver(), setting, SEEDS, (INFORMATIVE, SHUFFLED)).frame()
    said = rows.filter(measure="said_reliable", probe="question").filter(pl.col("moment") != "stage1")
    assert said["moment"].unique().sort().to_list() == ["stage2", "stage2_twin"]
    assert (said.filter(condition="informative")["value"] > 0.99).all()
    assert (said.filter(condition="shuffled")["value"] < 0.9).all()


def test_who_never_sees_the_tag_answers_alike_under_every_condition(setting: Setting) -> None:
    rows = measure(TagBlind(n_estimators=10), setting, SEEDS, (INFORMATIVE, SHUFFLED)).frame()
    informative, shuffled = (
        rows.filter(condition=name).drop("condition") for name in ("informative", "shuffled")
    )
    assert informative.equals(shuffled)
    assert len(informative) > 50
