"""The report as JSON for other programs: every digit, in the shape that a JSON Schema describes.

The schema is part of the package (`schema`), and its number rises when a reader would have to change.
Numbers that are not finite are null.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from importlib.resources import files
from typing import Any

import polars as pl

from iml_general.judging.law import Law
from iml_general.report.findings.comparison import ComparisonReport
from iml_general.report.findings.pairs import Key
from iml_general.report.shown.answer import answer, second_answer
from iml_general.rows import KEYS, SAMPLED
from iml_general.study.storage.adherence import Adherence
from iml_general.study.storage.record import RunRecord

SCHEMA_VERSION = 2


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
    head = _json(
        {
            "schema_version": SCHEMA_VERSION,
            "title": report.title,
            "answer": answer(report),
            "second_answer": second_answer(report),
            "valid": not report.faults,
            "faults": list(report.faults),
            "unfinished": report.unfinished,
            "settings": asdict(report.settings),
            "effects": [
                _named(one, ("definition", "endpoint", "sesoi", "unit")) for one in report.effects_table
            ],
            "conditions": [_named(one, ("summary", "control")) for one in report.conditions],
            "runs": [_run(name, run) for name, run in report.runs],
            "laws": [_law(one) for one in report.laws],
        }
    )
    return f'{head[:-1]},"configurations":[{",".join(_configurations(report))}]}}\n'


def _named(thing: object, fields: tuple[str, ...]) -> dict[str, Any]:
    return {name: getattr(thing, name) for name in ("name", "words", *fields)}


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
        "preregistration": _adherence(run.adherence),
        "configurations": _decoded(run.configurations, "point", "options", "encoding", "protocol"),
    }


def _law(law: Law) -> dict[str, Any]:
    assert law.pooled is not None
    by_rule = {"own": law.slopes, "drawn_together": law.shrunk}
    return {
        "predictor": law.predictor,
        "outcome": law.outcome,
        "configurations": len(law.spots),
        "held_out": sum(spot.is_held_out for spot in law.spots),
        "rank_correlation": _finite(law.rank_correlation),
        "common_slope": asdict(law.pooled.slope),
        "spread": law.pooled.spread,
        "slopes": [
            {"learner_rule": who, "written_down": law.written_down.get(who)}
            | {kind: asdict(slopes[who]) for kind, slopes in by_rule.items()}
            for who in law.slopes
        ],
        "explained": {kind: _finite(law.explained(slopes)) for kind, slopes in law.tried.items()},
    }


def _adherence(adherence: Adherence | None) -> dict[str, Any] | None:
    return None if adherence is None else {**asdict(adherence), "kept": adherence.kept}


def _configurations(report: ComparisonReport) -> Iterator[str]:
    """One object per configuration, in the order of the verdict table, with all that was found about it."""
    frames = {
        "findings": report.findings,
        "verdicts": report.verdicts,
        "estimates": _with_seeds(report),
        "means": report.means,
    }
    parts = {name: _objects(frame) for name, frame in frames.items()}
    shown = [pair.key[: len(KEYS)] for pair in report.pairs]
    sampled = report.verdicts.filter(role=SAMPLED).select(KEYS).iter_rows()
    for key in dict.fromkeys([*shown, *sampled]):
        named: dict[str, Any] = dict(zip(KEYS, key, strict=True))
        head = _json(named | {"point": json.loads(named["point"] or "null")})
        lists = (f'"{name}":[{objects[key]}]' for name, objects in parts.items())
        yield f"{head[:-1]},{','.join(lists)}}}"


def _with_seeds(report: ComparisonReport) -> pl.DataFrame:
    """The estimates, each with the values of single seeds behind it."""
    cell = [*KEYS, "condition", "effect"]
    seeds = report.effects.group_by(cell, maintain_order=True).agg(
        pl.col("seed").alias("seeds"), pl.col("value").alias("values"), pl.col("controlled")
    )
    return report.estimates.join(seeds, on=cell, how="left", maintain_order="left")


def _objects(frame: pl.DataFrame) -> dict[Key, str]:
    """Rows of each configuration as JSON objects, without the columns that say which it is."""
    others = pl.struct(pl.exclude(KEYS)).struct.json_encode()  # to the last digit; null if not finite
    texts = frame.select(*KEYS, others.alias("text")).group_by(KEYS).agg(pl.col("text").str.join(","))
    return {tuple(row[:-1]): row[-1] for row in texts.iter_rows()}


def _json(value: Mapping[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def _decoded(frame: pl.DataFrame, *columns: str) -> list[dict[str, Any]]:
    """Rows in which columns of JSON text are read."""
    rows = _without_nan(frame).to_dicts()
    return [row | {name: _finite(json.loads(row[name] or "null")) for name in columns} for row in rows]


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
