"""All files of a report, each written whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path

import polars as pl

from iml_general.errors import UsageError, unknown
from iml_general.report.findings.comparison import ComparisonReport
from iml_general.report.formats.figure_files import figure_files
from iml_general.report.formats.html import render_html
from iml_general.report.formats.json_export import render_json
from iml_general.report.formats.latex import render_latex
from iml_general.report.formats.markdown import render_markdown
from iml_general.report.formats.paper import bibliography, paper_latex, paper_markdown

TEXTS: dict[str, Callable[[ComparisonReport], str]] = {
    "report.html": render_html,
    "report.md": render_markdown,
    "report.json": render_json,
    "report.tex": render_latex,
}
PAPER: dict[str, Callable[[ComparisonReport], str]] = {
    "paper.tex": paper_latex,
    "paper.md": paper_markdown,
    "paper.bib": bibliography,
}
"""What is pasted into a paper."""
TABLES: dict[str, Callable[[ComparisonReport], pl.DataFrame]] = {
    "scores": lambda report: report.scores,
    "effects": lambda report: report.effects,
    "verdicts": lambda report: report.verdicts,
    "findings": lambda report: report.findings,
}
"""Data frames that are written as they are, every digit: as CSV and as Parquet."""

FORMATS = ("html", "md", "json", "tex", "csv", "parquet", "figures", "paper")


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

    Every file is made before the first replaces another, so a fault leaves an earlier report whole.

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
    texts = {name: make for name, make in TEXTS.items() if name.rpartition(".")[-1] in formats}
    texts |= PAPER if "paper" in formats else {}
    contents = {name: make(report).encode("utf-8", "replace") for name, make in texts.items()}
    if "figures" in formats:
        contents |= figure_files(report)
    parts: dict[Path, Path] = {}  # a file's name until all are there, by its name afterwards

    def part(name: str) -> Path:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        return parts.setdefault(path, path.with_name(f".{path.name}.{os.getpid()}.part"))

    try:
        for name, frame_of in TABLES.items():
            if "csv" in formats:
                frame_of(report).write_csv(part(f"{name}.csv"))
            if "parquet" in formats:
                frame_of(report).write_parquet(part(f"{name}.parquet"))
        for name, content in contents.items():
            part(name).write_bytes(content)
        # Whoever opens a file finds the old content or the new.
        return [temporary.replace(path) for path, temporary in parts.items()]
    except OSError as error:
        reason = error.strerror or str(error)
        raise UsageError(
            f"the report can't be written to {str(folder)!r} ({reason}): choose a folder that can be"
        ) from None
    finally:
        for temporary in parts.values():
            temporary.unlink(missing_ok=True)
