"""``iml run`` and ``iml report``."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from iml_general.errors import RunError
from iml_general.report.findings.comparison import ComparisonReport
from iml_general.report.formats.terminal import print_verdicts
from iml_general.report.formats.write import FORMATS, check_formats, write_report
from iml_general.rows import SUBJECT
from iml_general.study import engine
from iml_general.study.plan.overrides import Overrides, find_plan
from iml_general.study.plan.resolve import resolve
from iml_general.study.storage.place import Place, without_credentials
from iml_general.study.storage.record import RunRecord


def run_study(
    preset: str,
    overrides: Overrides,
    out: Path | None,
    storage: str | None,
    n_workers: int,
    command: str,
) -> None:
    """Run or go on with a study, print its verdict table and write its report.

    Args:
        preset: A preset's name or a plan file.
        overrides: What the command line changes in the plan.
        out: The run's folder; ``runs/NAME-WORLD`` if None.
        storage: URL of a PostgreSQL database; None for SQLite in the folder.
        n_workers: Worker processes.
        command: The command line, for the record.

    Raises:
        UsageError: If the request can't be carried out.
        RunError: If the run failed, or no learner but the controls has a finished unit.
    """
    study = resolve(find_plan(preset, overrides))
    folder = out if out is not None else Path("runs") / _folder_name(study.plan)
    place = Place.of(folder, storage)
    with _progress_bar() as progress:
        record = engine.run(study, place, without_credentials(command), progress, n_workers)
    _present([record], folder / "report", FORMATS)


def help_run(folder: Path, storage: str | None, n_workers: int) -> None:
    """Work on a run that was begun elsewhere, until it is finished.

    Args:
        folder: The run's folder, or its name in a shared database.
        storage: URL of a PostgreSQL database; None for SQLite in the folder.
        n_workers: Worker processes.

    Raises:
        UsageError: If the run needs something that is not here.
        RunError: If there is no such run, or it failed.
    """
    with _progress_bar() as progress:
        engine.help_with(Place.of(folder, storage), progress, n_workers)


def report_runs(
    folders: Sequence[Path], storage: str | None, out: Path | None, formats: Sequence[str]
) -> None:
    """Print the verdict table of one run or several, and write their report.

    Args:
        folders: The runs' folders, or their names in a shared database.
        storage: URL of a PostgreSQL database; None for SQLite in the folders.
        out: Where the report goes; the run's own folder, or for several runs
            ``runs/report-NAME-NAME``, if None.
        formats: Some of `iml_general.report.formats.write.FORMATS`.

    Raises:
        UsageError: If there is no such format, or the runs can't stand side by side.
        RunError: If there is no run, or nothing of it is finished.
    """
    check_formats(formats)
    records = [engine.load_run(Place.of(folder, storage)) for folder in folders]
    if out is None and len(folders) == 1:
        out = folders[0] / "report"
    elif out is None:
        out = Path("runs") / "-".join(["report", *(folder.resolve().name for folder in folders)])[:200]
    _present(records, out, formats)


def _present(records: Sequence[RunRecord], out: Path, formats: Sequence[str]) -> None:
    for record in records:
        if record.scores.is_empty():
            reasons = "; ".join(record.failures["reason"].unique(maintain_order=True)[:3])
            why = reasons or "nothing is finished yet"
            raise RunError(f"the run {record.name!r} has no scores to report: {why}")
    report = ComparisonReport.from_runs(records)
    written = write_report(report, out, formats)
    print_verdicts(report, Console())
    shown = next((path for path in written if path.suffix == ".html"), out)
    Console().print(f"Report: {shown}", highlight=False, soft_wrap=True, markup=False)
    if not report.scores["role"].is_in([SUBJECT]).any():
        raise RunError("no learner was measured, only controls; the report says why")


def _folder_name(plan: dict[str, object]) -> str:
    world = plan["world"]
    assert isinstance(world, dict)
    return re.sub(r"[^\w.-]+", "-", f"{plan['name']}-{world['name']}")[:100]


@contextmanager
def _progress_bar() -> Iterator[engine.Progress]:
    """A bar on stderr, with nothing shown where that is not a terminal."""
    console = Console(file=sys.stderr)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal, transient=True) as bar:
        task = bar.add_task("measuring")
        yield lambda done, total: bar.update(task, completed=done, total=total)
