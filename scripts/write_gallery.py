"""Writes docs/results/standard.md: prose from its template, every number from the two reports beside it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import jinja2

RESULTS = Path(__file__).parents[1] / "docs" / "results"
TEMPLATE, PAGE = "standard.md.jinja", "standard.md"

Row = dict[str, str]


def read_tables(text: str) -> dict[str, list[Row]]:
    """Read the tables of a report in Markdown.

    Args:
        text: The report.

    Returns:
        By heading the rows of the first table below it, each by column, as they are written; the
        headings of rows and columns without Markdown's backslashes.
    """
    tables = {}
    for part in re.split(r"^#+ ", text, flags=re.MULTILINE)[1:]:
        heading, _, body = part.partition("\n")
        first = re.search(r"(^\|.*\n)+", body, flags=re.MULTILINE)
        if first is not None:
            lines = first[0].splitlines()
            cells = [line.removeprefix("| ").removesuffix(" |").split(" | ") for line in lines]
            columns, _, *rows = cells
            tables[plain(heading)] = [dict(zip(map(plain, columns), row, strict=True)) for row in rows]
    return tables


def plain(text: str) -> str:
    """Take Markdown's backslashes away."""
    return re.sub(r"\\(.)", r"\1", text)


class Gallery:
    """The reports of a folder, as the template sees them."""

    def __init__(self, folder: Path) -> None:
        """Read the reports.

        Args:
            folder: Holds one folder per report with its ``report.md``.
        """
        self._folder = folder
        self._tables: dict[str, dict[str, list[Row]]] = {}

    def text(self, report: str) -> str:
        """A report as Markdown."""
        return (self._folder / report / "report.md").read_text(encoding="utf-8")

    def answer(self, report: str) -> str:
        """The report's answer, in one sentence."""
        return self.text(report).split("**")[1]

    def second_answer(self, report: str) -> str:
        """What the report says of the conflict preference, in one sentence."""
        return self.text(report).split("**")[2].strip().split("\n")[0]

    def rows(self, report: str, heading: str) -> list[Row]:
        """All rows of the table below a heading."""
        if report not in self._tables:
            self._tables[report] = read_tables(self.text(report))
        return self._tables[report][heading]

    def cell(self, report: str, heading: str, column: str, *first: str) -> str:
        """One cell: that of the one row whose first cells are the given ones.

        Raises:
            LookupError: If there are several such rows, or none.
        """
        rows = self.rows(report, heading)
        found = [row for row in rows if tuple(map(plain, list(row.values())[: len(first)])) == first]
        if len(found) != 1:
            raise LookupError(f"{report}, {heading!r}: {len(found)} rows begin with {first}")
        return found[0][column]

    def gap(self, report: str, pair: str, level: str) -> str:
        """Verdict, controlled IML gap and interval of a learner and rule."""
        return self.cell(report, "Side by side: IML gap", level, pair)

    def preference(self, report: str, pair: str, level: str) -> str:
        """Verdict, controlled conflict preference and interval of a learner and rule."""
        return self.cell(report, "Side by side: conflict preference", level, pair)

    def control(self, report: str, pair: str, endpoint: str) -> str:
        """Verdict, controlled effect and interval of a control."""
        rows = self.rows(report, "controls and references")
        (row,) = (row for row in rows if next(iter(row.values())).startswith(f"{pair} ("))
        return row[endpoint]

    def largest(self, report: str, endpoint: str, learners: Sequence[str]) -> str:
        """The cell of the effect that is farthest from 0, of some learners at any level."""
        rows = self.rows(report, f"Side by side: {endpoint}")
        mine = [row for row in rows if row["learner, rule"].partition(" ")[0] in learners]
        cells = [cell for row in mine for cell in list(row.values())[1:] if re.search(r"\d", cell)]
        return max(cells, key=lambda cell: abs(float(effect(cell))))

    def searched(self, report: str, learner: str, level: str, column: str) -> str:
        """What is told of a search."""
        return self.cell(report, "What was searched for", column, learner, level)

    def found_rule(self, report: str, learner: str) -> str:
        """The update rule of the configuration that was found for the effect."""
        found = re.search(r"rule = ([a-z]+)", self.searched(report, learner, "sought", "found"))
        if found is None:
            raise LookupError(f"{report}: no rule was found for {learner}")
        return found[1]

    def em(self, report: str, pair: str, group: str) -> str:
        """Mean exact match on questions about a group after stage 2."""
        return self.cell(report, "Exact match of each group", f"{group} (stage 2)", pair)

    def n_seeds(self, report: str) -> str:
        """Confirmation seeds of every line, if all have the same."""
        (n,) = {row["seeds"] for row in self.rows(report, "boosting")}
        return n


def effect(cell: str) -> str:
    """The mean of a verdict's cell, without word and interval: ``"+0.07"`` of ``"present +0.07 [...]"``."""
    found = re.search(r"[-+]?\d+\.\d+", cell)
    if found is None:
        raise LookupError(f"no effect in {cell!r}")
    return found[0]


def render(folder: Path = RESULTS) -> str:
    """Make the page.

    Args:
        folder: Holds the template and the reports.

    Returns:
        The page as Markdown.
    """
    loader = jinja2.FileSystemLoader(folder)
    # Markdown, from our own reports, whose texts are escaped already.
    environment = jinja2.Environment(
        loader=loader, undefined=jinja2.StrictUndefined, trim_blocks=True, keep_trailing_newline=True
    )
    environment.filters["effect"] = effect
    return environment.get_template(TEMPLATE).render(gallery=Gallery(folder))


if __name__ == "__main__":
    (RESULTS / PAGE).write_text(render(), encoding="utf-8")
