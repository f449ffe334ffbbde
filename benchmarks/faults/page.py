"""Writes docs/standing-up.md from its template and the stored results of the campaign."""

from __future__ import annotations

import json
from pathlib import Path

import jinja2

DOCS = Path(__file__).parents[2] / "docs"
RESULT, TEMPLATE, PAGE = (DOCS / f"standing-up.{end}" for end in ("json", "md.jinja", "md"))


def page() -> str:
    """The page as Markdown: prose from the template, every number of the campaign from its results."""
    environment = jinja2.Environment(
        undefined=jinja2.StrictUndefined, trim_blocks=True, keep_trailing_newline=True
    )
    outcomes = json.loads(RESULT.read_text("utf-8"))
    return environment.from_string(TEMPLATE.read_text("utf-8")).render(outcomes=outcomes)


def write_page() -> None:
    """Write it."""
    PAGE.write_text(page(), "utf-8")


if __name__ == "__main__":
    write_page()
