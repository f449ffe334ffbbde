"""The report as JSON for other programs: every digit, in the shape that a JSON Schema describes.

The schema is part of the package (`schema`), and its number rises when a reader would have to change.
Numbers that are not finite are null.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import asdict
from importlib.resources import files
from typing import Any

import polars as pl

from iml_general.report.findings.comparison import ComparisonReport
from iml_general.report.findings.pairs import Key
from iml_general.rows import KEYS
from iml_general.study.storage.record import RunRecord

SCHEMA_VERSION = 1


def schema() -> dict[str, Any]:
    """Read the JSON Schema (draft 2020-12) that every `render_json` output fulfils.

    Returns:
        The schema; the meaning of every field stands in its description.
    """
    text = files("iml_general.report.formats").joinpath("schemas", f"report-{SCHEMA_VERSION}.schema.json")
    content: dict[str, Any] = json.loads(text.read_text(encoding="utf-8"))
    return content


def render_json(report: ComparisonReport) -> str:
    """Write the report as JSON.

    Args:
        report: The report.

    Returns:
        One line of JSON text; the same report always gives the same text.
    """
    content = {
        "schema_version": SCHEMA_VERSION,
        "title": report.title,
        "answer": report.answer,
        "second_answer": report.second_answer,
        "valid": not report.faults,
        "faults": list(report.faults),
        "unfinished": report.unfinished,
        "settings": asdict(report.settings),
        "runs": [_run(name, run) for name, run in report.runs],
        "configurations": _configurations(report),
    }
    return json.dumps(content, ensure_ascii=False, allow_nan=False, separators=(",", ":")) + "\n"


def _run(name: str, run: RunRecord) -> dict[str, Any]:
    return {
        "name": name,
        "units_done": run.units_done,
        "units_total": run.units_total,
        "plan": _finite(run.plan),
        "provenance": run.provenance,
        "absent": run.absent,
        "failures": run.failures.to_dicts(),
        "costs": _without_nan(run.costs).to_dicts(),
        "searches": _decoded(run.searches, "factors"),
        "importances": _without_nan(run.importances).to_dicts(),
        "configurations": _decoded(run.configurations, "options", "encoding", "protocol"),
    }


def _decoded(frame: pl.DataFrame, *columns: str) -> list[dict[str, Any]]:
    """Rows in which columns of JSON text are read."""
    rows = _without_nan(frame).to_dicts()
    return [row | {name: _finite(json.loads(row[name] or "null")) for name in columns} for row in rows]


def _configurations(report: ComparisonReport) -> list[dict[str, Any]]:
    """One object per line of the verdict table, with all that was found about it."""
    verdicts = _by_key(report.verdicts)
    effects = _by_key(report.effects)
    means = _by_key(report.means)
    return [
        {
            **dict(zip(KEYS, pair.key, strict=True)),
            "verdicts": verdicts[pair.key],
            "effects": effects[pair.key],
            "group_means": means[pair.key],
        }
        for pair in report.pairs
    ]


def _by_key(frame: pl.DataFrame) -> dict[Key, list[dict[str, Any]]]:
    """Rows of each configuration, without the columns that say which it is."""
    parts = _without_nan(frame).partition_by(KEYS, as_dict=True, include_key=False, maintain_order=True)
    return {key: part.to_dicts() for key, part in parts.items()}


def _without_nan(frame: pl.DataFrame) -> pl.DataFrame:
    numbers = pl.selectors.float()
    return frame.with_columns(pl.when(numbers.is_finite()).then(numbers))


def _finite(value: Any) -> Any:
    """A nested plan in which no number is infinite or not a number."""
    if isinstance(value, Mapping):
        return {str(key): _finite(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(inner) for inner in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
