"""A run goes into a file and comes out as it was; a file that is not what it says is refused in one line."""

from __future__ import annotations

import io
import json
import pickle
import sqlite3
import zipfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from polars.testing import assert_frame_equal

from iml_general.errors import UsageError
from iml_general.report.findings.comparison import ComparisonReport
from iml_general.report.formats.write import write_report
from iml_general.study import engine
from iml_general.study.plan.keys import check_plan
from iml_general.study.plan.resolve import Study, resolve
from iml_general.study.storage.place import Place
from iml_general.study.transfer.exporting import export_run
from iml_general.study.transfer.importing import import_run
from iml_general.study.transfer.manifest import FRAMES, MANIFEST, PARTS, facts_of
from iml_general.study.transfer.reading import read_export

SMALL = {
    **dict.fromkeys(("undefined", "new_conflict", "unseen"), 8),
    "sources": {
        "reliable": {"stage1": 8, "stage2": 8},
        "unreliable": {"stage1": 8, "stage2": 8},
        "neutral": {"stage2": 8},
    },
}
TEXTS = ("html", "md", "json", "tex", "csv", "parquet")


def study(**values: Any) -> Study:
    """A learner at two levels of evidence, so that there is a search too."""
    searched = {"levels": ["default", "sought"], "search": {"trials": 3, "seeds": 2, "wave": 3}}
    plan = {"name": "x", "seeds": 2, "protocol": SMALL, "learners": [{"name": "naive-bayes"}], **searched}
    return resolve(check_plan({**plan, **values}, "test"))


def moved(place: Place, folder: Path) -> Place:
    export_run(place, folder / "run.iml")
    import_run(read_export(folder / "run.iml"), folder / "there")
    return Place.of(folder / "there", None)


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Place:
    """A finished run with a search."""
    place = Place.of(tmp_path_factory.mktemp("runs") / "run", None)
    engine.run(study(), place, "test", lambda *_: None)
    return place


@pytest.fixture(scope="module")
def exported(run: Place, tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("exported") / "run.iml"
    export_run(run, file)
    return file


def test_an_imported_run_gives_the_same_report_byte_for_byte(run: Place, tmp_path: Path) -> None:
    there = moved(run, tmp_path)
    for place, name in ((run, "a"), (there, "b")):
        write_report(ComparisonReport.from_run(engine.load_run(place)), tmp_path / name, TEXTS)
    assert contents(tmp_path / "a") == contents(tmp_path / "b")


def test_an_exported_import_is_the_same_file(run: Place, exported: Path, tmp_path: Path) -> None:
    export_run(moved(run, tmp_path), tmp_path / "again.iml")
    assert (tmp_path / "again.iml").read_bytes() == exported.read_bytes()


def test_a_run_in_a_shared_database_becomes_a_folder_with_the_same_rows(
    tmp_path: Path, storage: str | None
) -> None:
    place = Place.of(tmp_path / "here", storage)
    record = engine.run(study(), place, "test", lambda *_: None)
    found = engine.load_run(moved(place, tmp_path))
    assert found.complete
    for name in ("scores", "costs", "searches", "configurations", "failures", "importances"):
        assert_frame_equal(getattr(found, name), getattr(record, name), check_exact=True)
    assert (found.plan, found.provenance, found.absent) == (record.plan, record.provenance, record.absent)


def test_an_unfinished_run_goes_on_where_it_is_imported(run: Place, tmp_path: Path) -> None:
    def interrupt(done: int, total: int) -> None:
        if done >= 5:
            raise KeyboardInterrupt

    place = Place.of(tmp_path / "here", None)
    with pytest.raises(KeyboardInterrupt):
        engine.run(study(seeds=8), place, "test", interrupt)
    with sqlite3.connect(tmp_path / "here" / "run.sqlite3") as database:  # as if one was at work
        database.execute("UPDATE trials SET state = 'RUNNING' WHERE state = 'COMPLETE' AND number = 2")
    there = moved(place, tmp_path)
    assert not engine.load_run(there).complete
    finished = engine.run(study(seeds=8), there, "test", lambda *_: None)
    undisturbed = engine.run(study(seeds=8), Place.of(tmp_path / "other", None), "test", lambda *_: None)
    assert finished.complete
    assert_frame_equal(finished.scores, undisturbed.scores, check_exact=True)
    assert_frame_equal(finished.searches, undisturbed.searches, check_exact=True)


def test_nothing_that_is_there_is_written_over(run: Place, exported: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"run\.iml' exists: give another --out"):
        export_run(run, exported)
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "notes.txt").write_text("kept")
    with pytest.raises(UsageError, match="is there already: give another --out"):
        import_run(read_export(exported), tmp_path / "mine")
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]


def parts_of(file: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(file) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def written(parts: dict[str, bytes], file: Path, compression: int = zipfile.ZIP_STORED) -> Path:
    with zipfile.ZipFile(file, "w", compression) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return file


def vouched(parts: dict[str, bytes]) -> dict[str, bytes]:
    """The same with checksums that are right, as somebody would make them who wants to be believed."""
    manifest = json.loads(parts[MANIFEST])
    manifest["parts"] = facts_of({name: parts[name] for name in PARTS})
    return {**parts, MANIFEST: json.dumps(manifest).encode()}


def changed(parts: dict[str, bytes], name: str, change: Callable[[Any], Any]) -> dict[str, bytes]:
    value = json.loads(parts[name])
    return {**parts, name: json.dumps(change(value)).encode()}


def refused(file: Path, message: str) -> None:
    with pytest.raises(UsageError, match=message) as caught:
        import_run(read_export(file), file.parent / "made")
    assert "\n" not in str(caught.value)
    assert not (file.parent / "made").exists()
    assert not list(file.parent.glob(".*"))


@pytest.mark.parametrize("name", PARTS)
def test_a_part_with_one_other_byte_is_refused(exported: Path, tmp_path: Path, name: str) -> None:
    parts = parts_of(exported)
    content = bytearray(parts[name])
    content[len(content) // 2] ^= 1
    refused(written({**parts, name: bytes(content)}, tmp_path / "bad"), f"{name}' is damaged: the checksum")


def test_a_file_that_was_cut_short_or_flipped_anywhere_is_never_taken(exported: Path, tmp_path: Path) -> None:
    whole = exported.read_bytes()
    for end in (0, 10, len(whole) // 2, len(whole) - 5):
        (tmp_path / "bad").write_bytes(whole[:end])
        refused(tmp_path / "bad", "can't be imported")
    for place in range(50, len(whole), len(whole) // 15):
        content = bytearray(whole)
        content[place] ^= 0xFF
        (tmp_path / "bad").write_bytes(bytes(content))
        with suppress(UsageError):  # what is still taken differs in a byte that says nothing, such as a date
            assert read_export(tmp_path / "bad").manifest == read_export(exported).manifest


@pytest.mark.parametrize("name", ["../../outside.txt", "/tmp/outside.txt", "run.sqlite3", "a/run.json"])
def test_a_part_that_no_export_has_is_refused_wherever_it_would_go(
    exported: Path, tmp_path: Path, name: str
) -> None:
    refused(written({**parts_of(exported), name: b"x"}, tmp_path / "bad"), "that no export has")
    assert not (tmp_path.parents[1] / "outside.txt").exists()


@pytest.mark.parametrize("name", [MANIFEST, *PARTS])
def test_a_missing_part_is_refused(exported: Path, tmp_path: Path, name: str) -> None:
    parts = {other: content for other, content in parts_of(exported).items() if other != name}
    refused(written(parts, tmp_path / "bad"), f"has its part '{name}' 0 times")


def test_a_pickle_is_not_loaded_whatever_part_it_pretends_to_be(exported: Path, tmp_path: Path) -> None:
    class Writes:
        def __reduce__(self) -> tuple[Any, ...]:
            return (Path.touch, (tmp_path / "loaded",))

    for name in PARTS:
        parts = {**parts_of(exported), name: pickle.dumps(Writes())}
        refused(written(vouched(parts), tmp_path / "bad"), "can't be imported")
    assert not (tmp_path / "loaded").exists()


def test_a_compressed_part_could_be_any_size_and_is_refused(exported: Path, tmp_path: Path) -> None:
    refused(
        written(parts_of(exported), tmp_path / "bad", zipfile.ZIP_DEFLATED), "is compressed, as no export"
    )


@pytest.mark.parametrize(
    ("name", "change", "message"),
    [
        (MANIFEST, lambda it: {**it, "schema_version": 1}, "its schema version is 1, and this program knows"),
        (MANIFEST, lambda it: {**it, "format_version": 2}, "its format version is 2, and this program knows"),
        (MANIFEST, lambda it: {**it, "format": "other"}, "its manifest.json: format"),
        (MANIFEST, lambda _: [], "its manifest.json: "),
        (MANIFEST, lambda it: {**it, "parts": {}}, "its manifest.json says nothing of 'run.json'"),
    ],
)
def test_another_schema_or_format_is_refused(
    exported: Path, tmp_path: Path, name: str, change: Callable[[Any], Any], message: str
) -> None:
    refused(written(changed(parts_of(exported), name, change), tmp_path / "bad"), message)


def with_trial(change: dict[str, Any]) -> Callable[[Any], Any]:
    def changed_queues(queues: Any) -> Any:
        queues[0]["trials"][0] |= change
        return queues

    return changed_queues


@pytest.mark.parametrize(
    ("name", "change", "message"),
    [
        ("run.json", lambda it: {**it, "more": 1}, "more: Extra inputs"),
        ("run.json", lambda it: {**it, "provenance": {"a": 1}}, "provenance.a"),
        ("trials.json", lambda _: {}, "valid list"),
        ("trials.json", with_trial({"state": "RUNNING"}), "state"),
        ("trials.json", with_trial({"distributions": {"task": "os.system"}}), "a trial of the exported run"),
        ("trials.json", with_trial({"started": None}), "a trial of the exported run"),
        ("trials.json", with_trial({"params": {"other": 1}}), "a trial of the exported run"),
    ],
)
def test_parts_of_another_shape_are_refused_though_their_checksums_are_right(
    exported: Path, tmp_path: Path, name: str, change: Callable[[Any], Any], message: str
) -> None:
    refused(written(vouched(changed(parts_of(exported), name, change)), tmp_path / "bad"), message)


def test_rows_with_other_columns_are_refused(exported: Path, tmp_path: Path) -> None:
    read, parts = read_export(exported), parts_of(exported)
    for name in FRAMES:
        buffer = io.BytesIO()
        read.frames[name].drop("trial").write_parquet(buffer)
        file = written(vouched({**parts, name: buffer.getvalue()}), tmp_path / "bad")
        refused(file, f"{name}' has other columns")
