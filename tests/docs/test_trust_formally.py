"""The page on trust and its checks say the same: every statement is checked, every number is the report's."""

import ast
import importlib.util
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "trust-formally.md").read_text()
KIND = r"(?:Definition|Proposition|Corollary|Counterexample) \d+"
TABLE = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in PAGE.split("## All statements")[1].splitlines()
    if re.match(rf"\| {KIND} \|", line)
]
EFFECTS = r"([a-z-]+ [a-z]+(?: chosen)?): trust (\S+), weight ([^;\s]+)"


def stated() -> dict[str, set[str]]:
    """Parts of every statement of the page, empty if it has none."""
    blocks = re.split(rf"^\*\*({KIND})", PAGE, flags=re.MULTILINE)
    texts = zip(blocks[1::2], blocks[2::2], strict=True)
    return {name: set(re.findall(r"^- (\([a-z]\))", text, re.MULTILINE)) for name, text in texts}


def checks() -> dict[str, str]:
    """Docstring of every test in tests/formal by its name."""
    return {
        node.name: ast.get_docstring(node) or ""
        for path in (ROOT / "tests" / "formal").glob("test_*.py")
        for node in ast.parse(path.read_text()).body
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    }


def named_by(docstring: str) -> set[str]:
    """Statements that a test says it checks: "Corollary 3 (a)", "Proposition 14 (b)"."""
    return {name + part for name, part in re.findall(rf"({KIND})( \([a-z]\))?", docstring)}


def test_every_part_of_every_statement_is_named_by_a_check_and_no_check_names_another() -> None:
    wanted = {f"{name} {part}".strip() for name, parts in stated().items() for part in parts or {""}}
    found = set().union(*map(named_by, checks().values()))
    assert wanted <= found
    assert found <= wanted | set(stated())
    assert all(map(named_by, checks().values())), "every test of tests/formal names a statement"


def test_statements_are_numbered_in_order_and_all_stand_in_the_table() -> None:
    names = list(stated())
    for kind in ("Definition", "Proposition", "Corollary", "Counterexample"):
        numbers = [int(name.split()[1]) for name in names if name.startswith(kind)]
        assert numbers == list(range(1, len(numbers) + 1))
    assert [row[0] for row in TABLE] == names
    assert len(names) > 20


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row[0])
def test_each_word_of_the_table_selects_checks_of_its_statement_alone(row: list[str]) -> None:
    for word in row[2].strip("`").split(" or "):
        selected = {name: text for name, text in checks().items() if word in name}
        assert selected, word
        for name, text in selected.items():
            assert any(one.split(" (")[0] == row[0] for one in named_by(text)), name


def test_every_check_is_selected_by_some_word_of_the_table() -> None:
    words = [word for row in TABLE for word in row[2].strip("`").split(" or ")]
    assert [name for name in checks() if not any(word in name for word in words)] == []


def test_measured_values_are_those_of_the_report_of_quick() -> None:
    spec = importlib.util.spec_from_file_location("write_gallery", ROOT / "scripts" / "write_gallery.py")
    assert spec is not None
    assert spec.loader is not None
    gallery = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(gallery)
    report = gallery.Gallery(ROOT / "docs" / "results")
    rows = [*report.lines("quick"), *report.rows("quick", gallery.CONTROLS)]
    known = {gallery.plain(row["learner, rule"]).split(" (")[0]: row for row in rows}
    cells = [(row[3], effects) for row in TABLE for effects in re.findall(EFFECTS, row[3])]
    assert len(cells) > 10
    for _, (pair, trust, weight) in cells:
        row = known[pair]
        assert (trust, weight) == (gallery.effect(row["trust"]), gallery.effect(row["statement weight"])), (
            pair
        )


def test_no_other_measured_value_stands_on_the_page() -> None:
    """Numbers with decimals: they would have to be compared with something."""
    prose = PAGE.split("## All statements")[0]
    assert re.findall(r"\d\.\d+", prose) == []
    left = [re.sub(EFFECTS, "", row[3]).strip("; ") for row in TABLE]
    assert left == [""] * len(TABLE)
