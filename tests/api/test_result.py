"""What was found, as frames, figures, text and markup."""

import io
import struct
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal
from pypdf import PdfReader

import iml_general as iml
from iml_general.errors import RunError, UsageError
from iml_general.judging.findings import FINDING_SCHEMA
from iml_general.judging.verdicts import VERDICT_SCHEMA
from iml_general.rows import SCORE_SCHEMA
from iml_general.study.storage.record import COST_SCHEMA, FAILURE_SCHEMA, SEARCH_SCHEMA

LEARNERS = {"ideal-observer", "naive-bayes", "nearest-neighbors", "sklearn-decision-tree", "tag-blind"}
NASTY = "<script>alert(1)</script>"


def test_every_frame_has_its_documented_columns(result: iml.Result) -> None:
    assert result.findings.schema == pl.Schema(FINDING_SCHEMA)
    assert result.verdicts.schema == pl.Schema(VERDICT_SCHEMA)
    assert result.scores.schema == pl.Schema(SCORE_SCHEMA)
    assert result.costs.schema == pl.Schema(COST_SCHEMA)
    assert result.failures.schema == pl.Schema(FAILURE_SCHEMA)
    assert result.searches.schema == pl.Schema(SEARCH_SCHEMA)
    assert {"effect", "value", "control", "controlled"} <= set(result.effects.columns)
    for frame in (result.findings, result.verdicts, result.scores, result.costs, result.effects):
        assert set(frame["learner"]) == LEARNERS


def test_the_answer_and_the_printed_table_are_those_of_the_command_line(result: iml.Result) -> None:
    assert result.answer in " ".join(str(result).split())
    assert "controlled effects with 95% intervals" in str(result)
    assert "nearest-neighbors append" in " ".join(str(result).split())
    assert repr(result).startswith("<Result of quick: ")
    assert "\n" not in repr(result)


def test_it_is_valid_if_no_control_is_at_fault(result: iml.Result) -> None:
    assert result.valid == (not result.faults)
    expected = {"positive control": "trusts", "negative control": "no trust"}
    found = result.findings.filter(pl.col("role").is_in(list(expected)))
    as_they_must = all(expected[row["role"]] == row["finding"] for row in found.iter_rows(named=True))
    assert result.valid == as_they_must


def test_markup_has_every_finding_and_escapes_every_text(
    result: iml.Result, small: dict[str, object]
) -> None:
    page = result._repr_html_()
    assert page.count("<tr>") == 1 + result.findings.height
    for word in result.findings["finding"]:
        assert word in page
    nasty = iml.measure("chance", seeds=2, settings={**small, "name": NASTY})
    assert NASTY in nasty.findings["study"]
    assert NASTY not in nasty._repr_html_()
    assert "&lt;script&gt;" in nasty._repr_html_()
    for text in (nasty.figure().svg, nasty.figure()._repr_mimebundle_()["image/svg+xml"]):
        assert NASTY not in text


def test_markup_says_what_is_wrong(small: dict[str, object]) -> None:
    two_seeds = iml.measure("chance", seeds=2, settings={**small, "verdict.alpha": 1e-9})
    assert not two_seeds.valid
    assert "INVALID: The positive control" in two_seeds._repr_html_()


def test_a_figure_is_drawn_for_every_effect_and_shows_itself(result: iml.Result) -> None:
    assert set(result.effects["effect"].str.replace_all("_", "-")) <= set(result.figures)
    picture = result.figure("trust")
    bundle = picture._repr_mimebundle_()
    assert bundle["image/svg+xml"].startswith("<svg ")
    assert "nearest-neighbors" in bundle["image/svg+xml"]
    assert bundle["text/plain"] == picture.alt
    assert "nearest-neighbors" in picture.alt
    for name in result.figures:
        assert result.figure(name).svg.startswith("<svg ")
    assert result.figure("iml_gap").svg == result.figure("controlled-iml-gap").svg
    with pytest.raises(UsageError, match="unknown figure 'trst'; did you mean 'trust'"):
        result.figure("trst")


def test_a_figure_is_saved_in_the_format_of_the_files_end(result: iml.Result, tmp_path: Path) -> None:
    picture = result.figure()
    assert picture.save(tmp_path / "a.svg").read_text() == picture.svg
    png = picture.save(str(tmp_path / "a.PNG")).read_bytes()
    width, height = struct.unpack(">II", png[16:24])
    assert png.startswith(b"\x89PNG")
    assert width > 500 < height
    reader = PdfReader(io.BytesIO(picture.save(tmp_path / "a.pdf").read_bytes()))
    assert "nearest-neighbors" in reader.pages[0].extract_text()
    with pytest.raises(UsageError, match=r"unknown format of a figure 'jpg'.*allowed: pdf, png, svg"):
        picture.save(tmp_path / "a.jpg")
    with pytest.raises(UsageError, match="can't be written: No such file or directory"):
        picture.save(tmp_path / "nowhere" / "a.svg")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.PNG", "a.pdf", "a.svg"]


def test_a_report_is_written_in_the_formats_that_are_asked_for(result: iml.Result, tmp_path: Path) -> None:
    written = result.report(tmp_path / "all")
    assert {path.suffix for path in written} >= {".html", ".md", ".json", ".tex", ".csv", ".parquet", ".svg"}
    assert_frame_equal(pl.read_parquet(tmp_path / "all" / "findings.parquet"), result.findings)
    assert [path.name for path in result.report(tmp_path / "one", "md")] == ["report.md"]
    two = result.report(str(tmp_path / "two"), ["html", "json"])
    assert [path.name for path in two] == ["report.html", "report.json"]
    with pytest.raises(UsageError, match="unknown format 'htm'; did you mean 'html'"):
        result.report(tmp_path / "none", "htm")
    assert not (tmp_path / "none").exists()


def test_a_run_that_is_not_there_can_not_be_opened(run_folder: Path) -> None:
    with pytest.raises(RunError, match="no run in 'nowhere'"):
        iml.open_run("nowhere")
    with pytest.raises(UsageError, match="a report needs at least one run"):
        iml.open_run()
    with pytest.raises(UsageError, match="by the same plan: leave one out"):
        iml.open_run(run_folder, run_folder)
