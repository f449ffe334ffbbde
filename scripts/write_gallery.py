"""Writes the pages of docs/results: prose from their templates, every number from the reports beside them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import jinja2

from iml_general.report.formats.figure_files import standalone
from iml_general.report.shown.effect_figures import legend
from iml_general.report.shown.palette import GREY, colours_of, finding_shape
from iml_general.report.shown.tiles import Tile, TileRow
from iml_general.report.shown.world_figure import of_tiles

RESULTS = Path(__file__).parents[1] / "docs" / "results"
CONTROLS = "controls and references"
WORLDS = {
    "quick": "statements",
    "table": "table",
    "voters": "voters",
    "characters": "characters",
    "kinds": "kinds",
    "digits": "digits",
    "digits-fresh": "digits, fresh",
    "sets": "sets",
    "biographies": "biographies",
}
"""The reports that stand side by side, one a world, and what their columns are called."""
FIGURE = "worlds.svg"
TEMPLATE = ".jinja"
"""What a template's name ends in, behind its page's."""
PAGES = tuple(sorted(path.name.removesuffix(TEMPLATE) for path in RESULTS.glob(f"*{TEMPLATE}")))

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
        """What the report says of the other endpoint, in one sentence."""
        return self.text(report).split("**")[2].strip().split("\n")[0]

    def rows(self, report: str, heading: str) -> list[Row]:
        """All rows of the table below a heading."""
        if report not in self._tables:
            self._tables[report] = read_tables(self.text(report))
        return self._tables[report][heading]

    def table(
        self,
        report: str,
        heading: str,
        columns: Sequence[str] = (),
        where: Mapping[str, Sequence[str]] | None = None,
    ) -> str:
        """The table below a heading, in Markdown.

        Args:
            report: The report.
            heading: The heading; empty for the lines of all learners, as `lines` gives them.
            columns: Only these; all of them by default.
            where: By column, the cells of which a row must have one; all rows by default.

        Returns:
            The lines of the table, the last with its line break.
        """
        rows = self.rows(report, heading) if heading else self.lines(report)
        shown = list(columns or rows[0])
        kept = [row for row in rows if all(plain(row[key]) in cells for key, cells in (where or {}).items())]
        lines = [shown, ["---"] * len(shown), *([row[column] for column in shown] for row in kept)]
        return "".join(f"| {' | '.join(cells)} |\n" for cells in lines)

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

    def lines(self, report: str) -> list[Row]:
        """The lines of all learners in the tables of findings, family by family."""
        self.rows(report, CONTROLS)
        tables = self._tables[report].items()
        return [
            row
            for heading, rows in tables
            if heading != CONTROLS and {"finding", "flags"} <= rows[0].keys()
            for row in rows
        ]

    def line(self, report: str, pair: str, column: str) -> str:
        """What a column says of one learner and rule.

        Raises:
            LookupError: If there are several such lines, or none.
        """
        found = [row for row in self.lines(report) if plain(row["learner, rule"]) == pair]
        if len(found) != 1:
            raise LookupError(f"{report}: {len(found)} lines are called {pair!r}")
        return found[0][column]

    def beside(self, report: str, other: str, columns: Sequence[str]) -> str:
        """What two reports say of the same lines, in Markdown: all lines of the second, in its order.

        Args:
            report: The one; what it lacks is a dash.
            other: The other one, which says how long the table is.
            columns: Columns of both, such as ``("finding", "trust")``.

        Returns:
            The lines of the table, the last with its line break.
        """
        known = {row["learner, rule"]: row for row in self.lines(report)}
        headings = [f"{column}, {name}" for column in columns for name in (report, other)]
        lines = [["learner, rule", *headings], ["---"] * (len(headings) + 1)]
        for row in self.lines(other):
            before = known.get(row["learner, rule"], {})
            cells = [cell for column in columns for cell in (before.get(column, "-"), row[column])]
            lines.append([row["learner, rule"], *cells])
        return "".join(f"| {' | '.join(cells)} |\n" for cells in lines)

    def word(self, report: str, pair: str) -> str:
        """The finding of a learner and rule, without its symbol."""
        return self.line(report, pair, "finding").partition(" ")[2]

    def control(self, report: str, pair: str, endpoint: str) -> str:
        """Verdict, controlled effect and interval of a control."""
        rows = self.rows(report, CONTROLS)
        (row,) = (row for row in rows if next(iter(row.values())).startswith(f"{pair} ("))
        return row[endpoint]

    def worlds(self) -> dict[tuple[str, str, str], dict[str, Row]]:
        """What was found in each of `WORLDS`.

        Returns:
            By family, learner and rule, controls last, the line of every report that has one.
        """
        found: dict[tuple[str, str, str], dict[str, Row]] = {}
        for report in WORLDS:
            self.rows(report, CONTROLS)
            for heading, rows in self._tables[report].items():
                for row in rows if {"finding", "flags"} <= rows[0].keys() else ():
                    learner, rule = plain(row["learner, rule"]).split()[:2]
                    found.setdefault((heading, learner, rule), {})[report] = row
        # Families by name, as in a report.
        return dict(sorted(found.items(), key=lambda item: (item[0][0] == CONTROLS, item[0])))

    def trusting(self, learner: str, rule: str) -> str:
        """In how many of the worlds in which it was measured a learner trusts, as ``"3 of 5"``."""
        lines = [
            row
            for (_, *who), by_report in self.worlds().items()
            if who == [learner, rule]
            for row in by_report.values()
        ]
        return f"{sum(row['finding'].endswith(' trusts') for row in lines)} of {len(lines)}"

    def n_seeds(self, report: str) -> str:
        """Confirmation seeds of every line, if all have the same."""
        (n,) = {row["seeds"] for row in self.lines(report)}
        return n


def effect(cell: str) -> str:
    """The mean of a verdict's cell, without word and interval: ``"+0.07"`` of ``"present +0.07 [...]"``."""
    found = re.search(r"[-+]?\d+\.\d+", cell)
    if found is None:
        raise LookupError(f"no effect in {cell!r}")
    return found[0]


def side(cell: str, below: str, around: str, above: str) -> str:
    """Say on which side of 0 the interval of a cell lies."""
    found = re.search(r"\[([-+]?\d+\.\d+), ([-+]?\d+\.\d+)\\?\]", cell)
    if found is None:
        raise LookupError(f"no interval in {cell!r}")
    low, high = map(float, found.groups())
    return below if high < 0 else above if low > 0 else around


def draw_worlds(gallery: Gallery) -> str:
    """Draw the figure of the worlds from stored reports, as a report of all runs together has it.

    Args:
        gallery: The reports.

    Returns:
        SVG text.
    """
    found = gallery.worlds()
    colours = {**colours_of(heading for heading, _, _ in found if heading != CONTROLS), CONTROLS: GREY}
    rows = [
        TileRow(
            heading, learner, f" {rule}", tuple(_tile(by_report.get(one), colours[heading]) for one in WORLDS)
        )
        for (heading, learner, rule), by_report in found.items()
    ]
    words = {row["finding"].partition(" ")[2] for by_report in found.values() for row in by_report.values()}
    figure = of_tiles(tuple(WORLDS.values()), rows, legend(words, colours), "trust")
    return standalone(figure, figure.panels[0])


def _tile(row: Row | None, colour: str) -> Tile | None:
    if row is None:
        return None
    shape = finding_shape(row["finding"].partition(" ")[2], colour)
    note = plain(f"{row['learner, rule']}: {row['finding']}; {row['trust']}")
    return Tile(float(effect(row["trust"])), shape, note)


def render(page: str, folder: Path = RESULTS) -> str:
    """Make a page.

    Args:
        page: Its name, one of `PAGES`.
        folder: Holds the templates and the reports.

    Returns:
        The page as Markdown.
    """
    loader = jinja2.FileSystemLoader(folder)
    # Markdown, from our own reports, whose texts are escaped already.
    environment = jinja2.Environment(
        loader=loader, undefined=jinja2.StrictUndefined, trim_blocks=True, keep_trailing_newline=True
    )
    environment.filters |= {"effect": effect, "plain": plain, "side": side}
    return environment.get_template(page + TEMPLATE).render(gallery=Gallery(folder), worlds=WORLDS)


if __name__ == "__main__":
    for name in PAGES:
        (RESULTS / name).write_text(render(name), encoding="utf-8")
    (RESULTS / FIGURE).write_text(draw_worlds(Gallery(RESULTS)), encoding="utf-8")
