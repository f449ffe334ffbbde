"""Whether a run kept to its preregistration is read off the run's own record, and nothing is assumed."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import polars as pl
import pytest

from iml_general.errors import UsageError
from iml_general.study import engine
from iml_general.study.plan.code import code_of
from iml_general.study.plan.keys import check_plan
from iml_general.study.plan.resolve import Study, resolve
from iml_general.study.registration.adherence import adherence
from iml_general.study.registration.registration import Registration, read_registration, registration_text
from iml_general.study.storage.adherence import Point
from iml_general.study.storage.place import Place
from iml_general.study.storage.record import REUSED_SINCE, REUSED_UNITS, RunRecord

SMALL = {
    **dict.fromkeys(("undefined", "new_conflict", "unseen"), 8),
    "sources": {
        "reliable": {"stage1": 8, "stage2": 8},
        "unreliable": {"stage1": 8, "stage2": 8},
        "neutral": {"stage2": 8},
    },
}


def study(name: str = "x", **values: object) -> Study:
    plan = {"name": name, "seeds": 2, "protocol": SMALL, "learners": [{"name": "chance"}], **values}
    return resolve(check_plan(plan, "test"))


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> tuple[Registration, RunRecord]:
    """What was written down, and the run afterwards."""
    folder = tmp_path_factory.mktemp("registered")
    file = folder / "registration.toml"
    file.write_text(registration_text([study("other", seeds=5), study()], ["It does not trust."]))
    record = engine.run(study(), Place.of(folder / "run", None), "test", lambda *_: None)
    # The two came one right after the other; whatever the clock says, say that a minute was between them.
    before = read_registration(file)
    return replace(before, registered=before.registered - timedelta(minutes=1)), record


def points(record: RunRecord, registration: Registration) -> dict[str, Point]:
    return {point.what: point for point in adherence(record, registration).points}


def test_a_run_of_what_was_written_down_kept_to_it(both: tuple[Registration, RunRecord]) -> None:
    registration, record = both
    found = adherence(record, registration)
    assert [(point.what, point.kept) for point in found.points] == [
        (what, True) for what in ("plan", "code", "seeds", "begin")
    ]
    assert found.kept
    assert found.claims == ("It does not trust.",)
    assert "kept to what was preregistered" in found.in_words


def test_another_plan_is_told_with_the_difference(both: tuple[Registration, RunRecord]) -> None:
    registration, record = both
    changed = replace(record, plan={**record.plan, "seeds": 3})
    point = points(changed, registration)["plan"]
    assert point == Point("plan", False, "seeds: then 2, in the run 3")
    assert not adherence(changed, registration).kept
    assert "not kept to: plan" in adherence(changed, registration).in_words


def test_a_study_that_was_not_written_down_is_told(both: tuple[Registration, RunRecord]) -> None:
    registration, record = both
    found = points(replace(record, plan={**record.plan, "name": "y"}), registration)
    assert found["plan"].why == "no plan named 'y' was written down"
    assert found["plan"].kept is False
    assert found["code"].kept is None


@pytest.mark.parametrize("fact", ["code of learners", "version of numpy"])
def test_other_code_or_another_library_is_told(both: tuple[Registration, RunRecord], fact: str) -> None:
    registration, record = both
    changed = replace(record, provenance={**record.provenance, fact: "another"})
    point = points(changed, registration)["code"]
    assert point.kept is False
    assert fact in point.why


def test_code_that_worked_on_the_run_later_is_told_too(tmp_path: Path) -> None:
    """The digest of a later session stays with the run."""
    planned, place = study(), Place.of(tmp_path / "run", None)
    engine.run(planned, place, "test", lambda *_: None, budget_s=-1.0)
    facts = dict(engine.load_run(place).provenance)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("iml_general.study.plan.origin.code_of", lambda _: {"learners": "f" * 64})
        engine.run(planned, place, "test", lambda *_: None, budget_s=-1.0)
    now = engine.load_run(place).provenance["code of learners"]
    assert now == f"{facts['code of learners']}, later SHA-256 {'f' * 64}"


def test_rows_of_other_seeds_are_told(both: tuple[Registration, RunRecord]) -> None:
    registration, record = both
    more = record.scores.with_columns(seed=pl.lit(7, pl.Int32))
    point = points(replace(record, scores=pl.concat([record.scores, more])), registration)["seeds"]
    assert point == Point("seeds", False, "rows of other seeds: 7")


@pytest.mark.parametrize(
    ("begun", "kept"),
    [
        ("2026-03-01 12:00:01 UTC", True),
        ("2026-03-01 12:00:00 UTC", None),  # the same second
        ("2026-03-01 11:59:59 UTC", False),
        ("2026-03-01 12:01 UTC", True),
        ("2026-03-01 12:00 UTC", None),  # written down to the minute only
        ("2026-03-01 11:59 UTC", False),
        ("yesterday", None),
    ],
)
def test_only_a_run_that_began_afterwards_kept_to_the_order(
    both: tuple[Registration, RunRecord], begun: str, kept: bool | None
) -> None:
    registration, record = both
    at = replace(registration, registered=datetime(2026, 3, 1, 12, tzinfo=UTC))
    assert points(replace(record, provenance={**record.provenance, "begun": begun}), at)["begin"].kept is kept


def test_what_was_measured_before_the_registration_was_not_promised(
    both: tuple[Registration, RunRecord],
) -> None:
    registration, record = both
    for first, kept in (("2001-02-03 04:05:06 UTC", False), ("2101-02-03 04:05:06 UTC", True), ("?", False)):
        facts = {**record.provenance, REUSED_UNITS: "4 of 6 units of work", REUSED_SINCE: first}
        begin = points(replace(record, provenance=facts), registration)["begin"]
        assert begin.kept is kept
        assert kept or begin.why == f"4 of 6 units of work were reused, the first measured {first}"


def test_a_file_that_holds_an_estimator_is_among_the_code(tmp_path: Path) -> None:
    file = tmp_path / "estimators.py"
    file.write_text("from sklearn.naive_bayes import GaussianNB\nMINE = GaussianNB()\n")
    planned = study(learners=[{"name": f"{file}:MINE"}])
    assert code_of(planned)["estimators.py"] == sha256(file.read_bytes()).hexdigest()


def test_a_record_that_does_not_tell_its_code_is_not_believed(both: tuple[Registration, RunRecord]) -> None:
    registration, record = both
    facts = {name: text for name, text in record.provenance.items() if not name.startswith("code of")}
    found = adherence(replace(record, provenance=facts), registration)
    assert not found.kept
    assert "can't be told: code" in found.in_words


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        ("seeds = 2", "seeds = 3", "the plan of 'x' was changed after it was written down"),
        ("format = 1", "format = 2", "is none: format"),
        ("[[runs]]", "[[run]]", "is none: "),
        ("format = 1", "format = ", "is none: "),
        ("UTC", "CET", "is none: time data"),
    ],
)
def test_a_file_that_was_changed_or_is_none_is_refused(
    tmp_path: Path, before: str, after: str, message: str
) -> None:
    file = tmp_path / "registration.toml"
    text = registration_text([study()], [])
    assert before in text
    file.write_text(text.replace(before, after))
    with pytest.raises(UsageError, match=message):
        read_registration(file)
    with pytest.raises(UsageError, match="can't be read"):
        read_registration(tmp_path / "none.toml")
