"""The pages on what was found say what the reports beside them say, to the digit."""

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


PAGES = sorted(path.name for path in RESULTS.glob("*.md"))
FULL = (
    *("attack", "batch-size", "batch-size-steps", "decoding", "decoding-order"),
    *("emergence", "graded", "in-context", "phase-disbelief", "stages", "width"),
)
COMMANDS = {
    "quick": "iml run quick",
    "standard-statements": "iml run standard",
    "standard-table": "iml run standard --world table",
    "attack": "iml run attack",
    "decoding": "iml run decoding",
    "emergence": "iml run emergence",
    "graded": "iml run graded",
    "stages": "iml run stages",
    "in-context": "iml run in-context",
    **{
        preset: f"iml run {preset}"
        for preset in (
            *("batch-size", "batch-size-steps", "decoding-order"),
            *("sweep-aliases", "sweep-symmetric", "width"),
        )
    },
    "first-look": "iml run quick --set name=first-look --learner extra-trees --learner naive-bayes"
    " --learner nearest-neighbors --seeds 6",
    "mechanism": "iml run mechanism",
    "mechanism-full": "iml run mechanism-full --workers 2",
    "disbelief": "iml run phase-disbelief",
    "numbers": "iml run numbers --workers 2",
    "text": "iml run text --workers 2",
    **{
        world: f"iml run worlds-small --world {world} --set root_seed=1 --workers 2"
        for world in ("table", "voters", "characters", "kinds")
    },
    **{
        preset: f"iml run {preset} --set root_seed=1 --workers 2"
        for preset in ("biographies", "digits", "digits-fresh", "sets")
    },
    **{f"{preset}-full": f"iml run {preset}-full --workers 2" for preset in FULL},
}


def test_every_page_is_written_from_a_template(gallery: ModuleType) -> None:
    assert list(gallery.PAGES) == PAGES
    assert {path.parent.name for path in RESULTS.glob("*/report.md")} == set(COMMANDS)


@pytest.mark.parametrize("name", PAGES)
def test_every_number_is_that_of_the_reports_beside_it(gallery: ModuleType, name: str) -> None:
    page = (RESULTS / name).read_text()
    assert gallery.render(name) == page, "write the page anew: python scripts/write_gallery.py"
    assert len(re.findall(r"[+-]\d\.\d+", page)) > 50


@pytest.mark.parametrize("name", PAGES)
def test_no_number_is_written_by_hand(gallery: ModuleType, name: str) -> None:
    text = (RESULTS / (name + gallery.TEMPLATE)).read_text()
    by_hand = re.sub(r"```.*?```|`[^`]*`|\{\{.*?\}\}|\{%.*?%\}|stage[ -][12]", "", text, flags=re.DOTALL)
    assert re.findall(r".*\d.*", by_hand) == []


@pytest.mark.parametrize(("report", "command"), COMMANDS.items())
def test_reports_are_of_finished_and_valid_runs(gallery: ModuleType, report: str, command: str) -> None:
    found = gallery.Gallery(RESULTS)
    text = found.text(report)
    assert "UNFINISHED" not in text
    assert "INVALID" not in text
    assert gallery.plain(found.cell(report, "Provenance", "value", "command")) == command
    assert "Nothing failed" in text


def test_every_effect_in_the_readme_is_one_of_the_report_of_quick(gallery: ModuleType) -> None:
    """Of the line that is named there, too: numbers stand behind the learner's name and its rule."""
    text = (ROOT / "README.md").read_text().split("<!-- quick -->")[1]
    found = gallery.Gallery(RESULTS)
    numbers = re.findall(r"([+-]\d\.\d+)", text)
    known = [row["trust"] for row in (*found.lines("quick"), *found.rows("quick", gallery.CONTROLS))]
    assert numbers
    assert set(numbers) <= {gallery.effect(cell) for cell in known}
    assert found.answer("quick").split(" (")[0] in " ".join(text.split())


def test_the_figure_over_all_worlds_is_drawn_from_the_reports(gallery: ModuleType) -> None:
    drawn = gallery.draw_worlds(gallery.Gallery(RESULTS))
    assert drawn == (RESULTS / gallery.FIGURE).read_text(), "python scripts/write_gallery.py"
    lines = sum(map(len, gallery.Gallery(RESULTS).worlds().values()))
    assert drawn.count("<title>") == lines + 1  # that of the whole


@pytest.mark.parametrize(("page", "report"), [("sets", "sets"), ("biographies", "biographies")])
def test_every_effect_on_a_page_about_a_world_is_one_of_its_report(
    gallery: ModuleType, page: str, report: str
) -> None:
    """Of the lines that a table names by learner and rule."""
    text = (ROOT / "docs" / f"{page}.md").read_text().split(f"<!-- {report} -->")[1]
    found = gallery.Gallery(RESULTS)
    rows = [*found.lines(report), *found.rows(report, gallery.CONTROLS)]
    trust = {" ".join(gallery.plain(row["learner, rule"]).split()[:2]): row["trust"] for row in rows}
    shown = re.findall(r"^\| ([\w-]+ [\w-]+) \| \S+ ([\w ]+) \| ([-+]?\d\.\d+) ", text, re.MULTILINE)
    assert len(shown) > 5
    for pair, _, value in shown:
        assert gallery.effect(trust[pair]) == value, pair


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
