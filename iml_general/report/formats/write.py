"""All files of a report, each written whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path

from iml_general.errors import UsageError, unknown
from iml_general.report.findings.comparison import ComparisonReport
from iml_general.report.formats.figure_files import figure_files
from iml_general.report.formats.html import render_html
from iml_general.report.formats.json_export import render_json
from iml_general.report.formats.latex import render_latex
from iml_general.report.formats.markdown import render_markdown
from iml_general.report.formats.tables import csv_bytes, parquet_bytes

FILES: dict[str, Callable[[ComparisonReport], bytes]] = {
    "report.html": lambda report: render_html(report).encode("utf-8", "replace"),
    "report.md": lambda report: render_markdown(report).encode("utf-8", "replace"),
    "report.json": lambda report: render_json(report).encode("utf-8", "replace"),
    "report.tex": lambda report: render_latex(report).encode("ascii"),
    "scores.csv": lambda report: csv_bytes(report.scores),
    "scores.parquet": lambda report: parquet_bytes(report.scores),
    "verdicts.csv": lambda report: csv_bytes(report.verdicts),
    "verdicts.parquet": lambda report: parquet_bytes(report.verdicts),
}


FORMATS = ("html", "md", "json", "tex", "csv", "parquet", "figures")


def check_formats(formats: Sequence[str]) -> None:
    """Refuse a format that reports don't come in.

    Args:
        formats: Some of `FORMATS`.

    Raises:
        UsageError: Names the first that is not one of them.
    """
    for name in formats:
        if name not in FORMATS:
            raise UsageError(unknown("format", name, FORMATS))


def write_report(report: ComparisonReport, folder: Path, formats: Sequence[str] = FORMATS) -> list[Path]:
    """Write a report into a folder, replacing an earlier one there.

    Every file is made before the first is written, so a fault leaves an earlier report whole.

    Args:
        report: The report.
        folder: Where; made if it does not exist.
        formats: Which of `FORMATS`; files of others are left as they are.

    Returns:
        The files written.

    Raises:
        UsageError: If the folder can't be written to, or there is no such format.
    """
    check_formats(formats)
    contents = {name: make(report) for name, make in FILES.items() if name.rsplit(".")[-1] in formats}
    if "figures" in formats:
        contents |= figure_files(report)
    try:
        for name in contents:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
        return [_replace(folder / name, content) for name, content in contents.items()]
    except OSError as error:
        reason = error.strerror or str(error)
        raise UsageError(
            f"the report can't be written to {str(folder)!r} ({reason}): choose a folder that can be"
        ) from None


def _replace(path: Path, content: bytes) -> Path:
    """Write beside the file and rename: whoever opens it finds the old content or the new."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        temporary.write_bytes(content)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
    return path
