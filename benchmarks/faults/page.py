"""Writes docs/standing-up.md from its template and the stored results of the campaign."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jinja2

from benchmarks.faults.catalogue import FAULTS

DOCS = Path(__file__).parents[2] / "docs"
RESULT, TEMPLATE, PAGE = (DOCS / f"standing-up.{end}" for end in ("json", "md.jinja", "md"))


def page() -> str:
    """The page as Markdown: prose from the template, every number of the campaign from its results."""
    environment = jinja2.Environment(
        undefined=jinja2.StrictUndefined, trim_blocks=True, keep_trailing_newline=True
    )
    outcomes = json.loads(RESULT.read_text("utf-8"))
    kept = {(one["fault"], one["database"]) for one in outcomes}
    every = [(name, database) for name, fault in FAULTS.items() for database in fault.databases]
    untried = [f"{name} on {database}" for name, database in every if (name, database) not in kept]
    lines = sorted({line for one in outcomes if one["survived"] for line in one["said"]})
    return environment.from_string(TEMPLATE.read_text("utf-8")).render(
        rows=_rows(outcomes), lines=lines, untried=untried
    )


def _rows(outcomes: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """One row for every fault and database, over all seeds."""
    kinds: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for one in outcomes:
        kinds.setdefault((one["fault"], one["database"]), []).append(one)
    return [
        {
            **some[0],
            "times": sum(one["times"] for one in some),
            "broken": [why for one in some if not one["survived"] for why in one["said"]],
            "seeds": ", ".join(str(one["seed"]) for one in some),
        }
        for some in kinds.values()
    ]


def write_page() -> None:
    """Write it."""
    PAGE.write_text(page(), "utf-8")


if __name__ == "__main__":
    write_page()
