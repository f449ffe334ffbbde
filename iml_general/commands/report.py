"""``iml report``, and what ``iml run`` shows in the end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from rich.console import Console

from iml_general.errors import RunError
from iml_general.report.findings.comparison import ComparisonReport
from iml_general.report.formats.terminal import print_verdicts
from iml_general.report.formats.write import check_formats, write_report
from iml_general.rows import SAMPLED, SUBJECT
from iml_general.study import engine
from iml_general.study.registration.adherence import with_adherence
from iml_general.study.registration.registration import read_registration
from iml_general.study.storage.place import RUNS, find_run
from iml_general.study.storage.record import REUSED_SINCE, REUSED_UNITS, RunRecord


def report_runs(
    folders: Sequence[Path],
    storage: str | None,
    out: Path | None,
    formats: Sequence[str],
    preregistration: Path | None = None,
) -> None:
    """Print the verdict table of one run or several, and write their report.

    Args:
        folders: The runs' folders, or their names in a shared database.
        storage: URL of a PostgreSQL database; None for SQLite in the folders.
        out: Where the report goes; the run's own folder, or for several runs
            ``runs/report-NAME-NAME``, if None.
        formats: Some of `iml_general.report.formats.write.FORMATS`.
        preregistration: What was written down before the runs; None if nothing was.

    Raises:
        UsageError: If there is no such format, or the runs can't stand side by side.
        RunError: If there is no run, or nothing of it is finished.
    """
    check_formats(formats)
    registration = read_registration(preregistration) if preregistration else None
    places = [find_run(folder, storage) for folder in folders]
    records = [engine.load_run(place) for place in places]
    if out is None and len(places) == 1:
        out = places[0].folder / "report"
    elif out is None:
        out = RUNS / "-".join(["report", *(place.folder.resolve().name for place in places)])[:200]
    present(with_adherence(records, registration), out, formats)


def present(records: Sequence[RunRecord], out: Path, formats: Sequence[str]) -> None:
    """Judge runs, print what was found and write the report.

    Args:
        records: The runs.
        out: Where the report goes.
        formats: Some of `iml_general.report.formats.write.FORMATS`.

    Raises:
        RunError: If a run has nothing to be reported, or in the end nobody but controls was measured.
    """
    for record in records:
        if record.scores.is_empty():
            reasons = "; ".join(record.failures["reason"].unique(maintain_order=True)[:3])
            why = reasons or "nothing is finished yet"
            raise RunError(f"the run {record.name!r} has no scores to report: {why}")
    report = ComparisonReport.from_runs(records)
    written = write_report(report, out, formats)
    print_verdicts(report, Console())
    for record in records:
        if REUSED_UNITS in record.provenance:
            _print(_reused(record.name, record.provenance))
    shown = next((path for path in written if path.suffix == ".html"), out)
    _print(f"Report: {shown}")
    if not report.unfinished and not report.scores["role"].is_in([SUBJECT, SAMPLED]).any():
        raise RunError("no learner was measured, only controls; the report says why")


def _reused(name: str, facts: Mapping[str, str]) -> str:
    return (
        f"{name}: {facts[REUSED_UNITS]} were reused from a cache, the first measured {facts[REUSED_SINCE]}."
    )


def _print(text: str) -> None:
    Console().print(text, highlight=False, soft_wrap=True, markup=False)
