"""A run reuses what another one has measured, and its rows are those that it would have measured itself."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from iml_general.study import engine
from iml_general.study.cache.folder import CacheFolder
from iml_general.study.plan.keys import check_plan
from iml_general.study.plan.resolve import Study, resolve
from iml_general.study.storage.place import Place
from iml_general.study.storage.record import REUSED_SINCE, REUSED_UNITS, RunRecord
from iml_general.study.work.in_process import carry_out

FEW = f"{Path(__file__).parents[1] / 'few.py'}:Few"
SMALL = {
    **dict.fromkeys(("undefined", "new_conflict", "unseen"), 8),
    "sources": {
        "reliable": {"stage1": 8, "stage2": 8},
        "unreliable": {"stage1": 8, "stage2": 8},
        "neutral": {"stage2": 8},
    },
}
OWN = """
from dataclasses import dataclass
from typing import ClassVar
from iml_general.learner import LearnerInfo
from learners.controls.chance import Chance
{more}
@dataclass(frozen=True)
class Own(Chance):
    info: ClassVar = LearnerInfo("own", "toys", "A toy.", "codes", ("append",))
    def predict(self, state, inputs):
        return super().predict(state, inputs) * [[{shares}]]
"""


def planned(*learners: str, **values: Any) -> Study:
    names = [{"name": name} for name in learners]
    return resolve(
        check_plan({"name": "x", "seeds": 2, "protocol": SMALL, "learners": names, **values}, "test")
    )


def run(study: Study, place: Place, cache: Path | None, workers: int = 1) -> RunRecord:
    folder = CacheFolder(cache) if cache else None
    return engine.run(study, place, "test", lambda *_: None, workers, cache=folder)


def local(tmp_path: Path, name: str) -> Place:
    return Place.of(tmp_path / name, None)


def test_one_learner_more_is_one_learner_run(tmp_path: Path, storage: str | None) -> None:
    cache = tmp_path / "cache"
    places = [Place.of(tmp_path / name, storage) for name in ("a", "b")]
    first = run(planned("naive-bayes"), places[0], cache)
    both = planned("naive-bayes", "nearest-neighbors", name="y", seeds=3)
    second, alone = run(both, places[1], cache, 2), carry_out(both, "test", lambda *_: None)

    assert REUSED_UNITS not in first.provenance
    assert second.provenance[REUSED_UNITS] == "6 of 12 units of work"
    assert second.provenance[REUSED_SINCE] >= first.provenance["begun"]
    assert_frame_equal(second.scores, alone.scores, check_exact=True)
    shared = second.costs.filter("reused").group_by("learner").agg(pl.col("n_seeds").sum() > 0)
    assert set(shared["learner"]) == {"naive-bayes", "ideal-observer", "tag-blind"}
    assert not second.costs.filter(learner="nearest-neighbors")["reused"].any()
    assert not first.costs["reused"].any()
    assert_frame_equal(
        second.costs.filter("reused").drop("reused").sort(pl.all()),
        first.costs.drop("reused").sort(pl.all()),
    )
    assert engine.load_run(places[1]).provenance == second.provenance


def test_a_search_reuses_blocks_of_seeds_and_decides_anew(tmp_path: Path) -> None:
    search = {"trials": 2, "seeds": 6, "wave": 1, "encodings": False}
    study = planned(FEW, levels=["tuned", "sought"], search=search)
    cache = tmp_path / "cache"
    first, second = (run(study, local(tmp_path, name), cache) for name in ("a", "b"))
    assert second.provenance[REUSED_UNITS] == "8 of 8 units of work, 4 of 4 trials of searches"
    assert_frame_equal(second.searches, first.searches, check_exact=True)
    assert_frame_equal(second.scores, first.scores, check_exact=True)
    # Another limit on hopeless ones, another effect: the same rows, other decisions and values.
    other = {**search, "hopeless": 0, "maximise": "iml_gap"}
    third = run(planned(FEW, levels=["sought"], search=other), local(tmp_path, "c"), cache)
    assert "2 of 2 trials of searches" in third.provenance[REUSED_UNITS]
    assert set(third.searches["maximised"]) == {"iml_gap"}


def test_a_plugin_that_was_edited_between_two_runs_is_measured_anew(tmp_path: Path) -> None:
    plugin, cache = tmp_path / "own.py", tmp_path / "cache"
    plugin.write_text(OWN.format(more="", shares="1, 1, 1, 1"))
    first = run(planned(f"{plugin}:Own"), local(tmp_path, "a"), cache)
    plugin.write_text(OWN.format(more="", shares="2, 2, 0, 0"))
    second = run(planned(f"{plugin}:Own"), local(tmp_path, "b"), cache)
    assert second.provenance[REUSED_UNITS] == "4 of 6 units of work"
    own = [one.scores.filter(learner="own")["value"].to_list() for one in (first, second)]
    assert own[0] != own[1]


def test_a_plugin_that_can_not_be_followed_is_said_once(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    plugin, cache = tmp_path / "own.py", tmp_path / "cache"
    plugin.write_text(OWN.format(more="import os\nHOME = os.environ\n", shares="1, 1, 1, 1"))
    record = run(planned(f"{plugin}:Own"), local(tmp_path, "a"), cache, 2)
    assert record.complete
    told = capfd.readouterr().err.splitlines()
    assert len(told) == 1  # though two workers met with it
    assert told[0].endswith("own.py may read what can't be followed (line 7: uses 'environ')")


def test_a_plugin_that_is_edited_during_a_run_is_not_kept(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    plugin, cache = tmp_path / "own.py", tmp_path / "cache"
    plugin.write_text(OWN.format(more="", shares="1, 1, 1, 1"))
    study = planned(f"{plugin}:Own", seeds=6)
    edited = []

    def edit(done: int, total: int) -> None:
        if done and not edited:
            edited.append(done)
            plugin.write_text(OWN.format(more="", shares="2, 2, 0, 0"))

    engine.run(study, local(tmp_path, "a"), "test", edit, cache=CacheFolder(cache))
    again = run(planned(f"{plugin}:Own", seeds=6), local(tmp_path, "b"), cache)
    with closing(sqlite3.connect(tmp_path / "b" / "run.sqlite3")) as connection:
        query = (
            "SELECT COUNT(*) FROM iml_identities i JOIN trial_user_attributes u ON u.trial_id = i.trial + 1"
        )
        reused = f"{query} WHERE i.learner = 'own' AND u.key = 'reused'"
        assert connection.execute(reused).fetchone() == (0,)
    assert again.complete
    assert "changed" in capfd.readouterr().err
