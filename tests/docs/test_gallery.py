"""The page on what `standard` found says what its reports say, to the digit."""

import importlib.util
import re
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[2]
RESULTS = ROOT / "docs" / "results"


@pytest.fixture(scope="module")
def gallery() -> ModuleType:
    spec = importlib.util.spec_from_file_location("write_gallery", ROOT / "scripts" / "write_gallery.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_every_number_is_that_of_the_reports_beside_it(gallery: ModuleType) -> None:
    page = (RESULTS / gallery.PAGE).read_text()
    assert gallery.render() == page, "write the page anew: python scripts/write_gallery.py"
    assert len(re.findall(r"[+-]\d\.\d+", page)) > 100


def test_no_number_is_written_by_hand(gallery: ModuleType) -> None:
    text = (RESULTS / gallery.TEMPLATE).read_text()
    by_hand = re.sub(r"```.*?```|`[^`]*`|\{\{.*?\}\}|\{%.*?%\}|stage[ -][12]", "", text, flags=re.DOTALL)
    assert re.findall(r".*\d.*", by_hand) == []


def test_reports_are_of_finished_and_valid_runs_of_all_three_levels(gallery: ModuleType) -> None:
    found = gallery.Gallery(RESULTS)
    for report, world in (("standard-statements", ""), ("standard-table", " --world table")):
        text = found.text(report)
        assert "UNFINISHED" not in text
        assert "INVALID" not in text
        assert found.cell(report, "Provenance", "value", "command") == f"iml run standard{world}"
        assert {"tuned", "sought"} <= found.rows(report, "Side by side: IML gap")[0].keys()
        assert "No unit of work failed" in text or "Nothing failed" in text


def test_tables_are_read_by_heading_row_and_column(gallery: ModuleType, tmp_path: Path) -> None:
    (tmp_path / "one").mkdir()
    table = (
        "| pair | IML\\_gap |\n| --- | --- |\n| a\\_b | ▲ present -0.25 \\[-0.5, 0.0\\] |\n| c | absent |\n"
    )
    (tmp_path / "one" / "report.md").write_text(
        f"# one\n\n**So.**\n\nAnd so.\n\n## Verdicts\n\n{table}\n| x |\n"
    )
    found = gallery.Gallery(tmp_path)
    assert gallery.effect(found.cell("one", "Verdicts", "IML_gap", "a_b")) == "-0.25"
    assert (found.answer("one"), found.second_answer("one")) == ("So.", "And so.")
    with pytest.raises(LookupError, match="0 rows begin with"):
        found.cell("one", "Verdicts", "IML_gap", "d")
    with pytest.raises(LookupError, match="no effect in"):
        gallery.effect("not measured")
