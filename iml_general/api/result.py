"""What was found, for whoever reads it in Python or in a notebook."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path

import polars as pl
from rich.console import Console

from iml_general.api.markup import markup
from iml_general.api.picture import Picture
from iml_general.errors import RunError, UsageError, unknown
from iml_general.report.findings.comparison import ComparisonReport
from iml_general.report.formats.terminal import print_verdicts
from iml_general.report.formats.write import FORMATS, write_report
from iml_general.report.shown.answer import answer, second_answer
from iml_general.report.shown.figures import figures
from iml_general.study import engine
from iml_general.study.registration.adherence import with_adherence
from iml_general.study.registration.registration import read_registration
from iml_general.study.storage.place import find_run

COLUMNS = 110
"""Width of the printed table: as wide as a notebook's cell."""
EFFECT = "controlled-"
"""What names of figures of effects begin with in a report's folder."""


class Result:
    """Everything that was found: as data frames, figures, sentences and reports.

    All frames have their columns explained among the formats of a report. In a notebook a result shows
    itself as a table of findings; ``print(result)`` prints it as ``iml report`` does.
    """

    def __init__(self, report: ComparisonReport) -> None:
        """Show what a report has.

        Args:
            report: The report, of one run or several.
        """
        self._report = report

    @property
    def findings(self) -> pl.DataFrame:
        """What it comes to: one row per configuration and condition that has a control."""
        return self._report.findings

    @property
    def verdicts(self) -> pl.DataFrame:
        """What findings rest on: one row per configuration, such a condition and endpoint."""
        return self._report.verdicts

    @property
    def effects(self) -> pl.DataFrame:
        """One row per configuration, condition, seed and effect."""
        return self._report.effects

    @property
    def scores(self) -> pl.DataFrame:
        """What everything else is computed from: one row per measure of every group."""
        return self._report.scores

    @property
    def costs(self) -> pl.DataFrame:
        """Seconds: one row per unit of work, update rule and phase."""
        return pl.concat([run.costs for run in self._report.records])

    @property
    def failures(self) -> pl.DataFrame:
        """Units of work that a learner's fault ended, each with its reason and traceback."""
        return pl.concat([run.failures for run in self._report.records])

    @property
    def searches(self) -> pl.DataFrame:
        """What was tried on search seeds: one row per trial."""
        return pl.concat([run.searches for run in self._report.records])

    @property
    def answer(self) -> str:
        """What was found, in a sentence or two."""
        return " ".join(part for part in (answer(self._report), second_answer(self._report)) if part)

    @property
    def valid(self) -> bool:
        """Whether all controls came out as they must; if not, the findings support no claim."""
        return not self._report.faults

    @property
    def unfinished(self) -> str:
        """How far it is, in words, such as after a time budget; empty if everything is measured."""
        return self._report.unfinished

    @property
    def faults(self) -> tuple[str, ...]:
        """Why it is invalid, one sentence each; empty if it is valid."""
        return self._report.faults

    @property
    def figures(self) -> tuple[str, ...]:
        """Names of all figures, the one that shows most at a glance first."""
        return tuple(self._pictures())

    def figure(self, name: str = "trust") -> Picture:
        """Draw a figure as reports have it.

        Args:
            name: One of `figures`, such as the name of an effect.

        Returns:
            What shows itself in a notebook, and can be saved.

        Raises:
            UsageError: If there is no such figure.
        """
        pictures = self._pictures()
        wanted = name.replace("_", "-").removeprefix(EFFECT)
        if wanted not in pictures:
            raise UsageError(unknown("figure", name, pictures))
        return pictures[wanted]

    def report(self, out: str | Path, formats: str | Sequence[str] = FORMATS) -> list[Path]:
        """Write a report into a folder, replacing an earlier one there.

        Args:
            out: The folder; made if it does not exist.
            formats: Some of ``html``, ``md``, ``json``, ``tex``, ``csv``, ``parquet``, ``figures``,
                ``paper``; all if not given.

        Returns:
            The files written.

        Raises:
            UsageError: If the folder can't be written to, or there is no such format.
        """
        chosen = formats.split(",") if isinstance(formats, str) else formats
        return write_report(self._report, Path(out), chosen)

    def _pictures(self) -> dict[str, Picture]:
        return {
            panel.name.removeprefix(EFFECT): Picture(figure, panel)
            for figure in figures(self._report)
            for panel in figure.panels
        }

    def __repr__(self) -> str:
        return f"<Result of {self._report.title}: {answer(self._report)}>"

    def __str__(self) -> str:
        text = io.StringIO()
        print_verdicts(self._report, Console(file=text, width=COLUMNS, color_system=None))
        return text.getvalue()

    def _repr_html_(self) -> str:
        return markup(self._report)


def open_run(
    *folders: str | Path, storage: str | None = None, preregistration: str | Path | None = None
) -> Result:
    """Read one run or several side by side, finished or not, whoever made them.

    Args:
        *folders: The runs' folders, or names of some in ``runs``; or their names in a shared database.
        storage: URL of that PostgreSQL database; None for SQLite in the folders.
        preregistration: What was written down before the runs; reports then say whether they kept to it.

    Returns:
        What was found so far.

    Raises:
        UsageError: If the runs can't stand side by side, or need a learner that is not here.
        RunError: If there is no such run, or nothing of it is finished.
    """
    registration = None if preregistration is None else read_registration(Path(preregistration))
    records = [engine.load_run(find_run(Path(folder), storage)) for folder in folders]
    for record in records:
        if record.scores.is_empty():
            raise RunError(f"the run {record.name!r} has no scores yet: nothing of it is finished")
    return Result(ComparisonReport.from_runs(with_adherence(records, registration)))
