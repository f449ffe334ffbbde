"""The page in a real browser: Chromium, headless and without a network."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from playwright.sync_api import Browser, Page

from iml_general.report.findings.comparison import ComparisonReport
from iml_general.report.formats.html import render_html

Open = Callable[..., AbstractContextManager[Page]]
Browse = Callable[[str, int, str], tuple[Any, list[str]]]


@pytest.fixture
def opened(chromium: Browser, tmp_path: Path) -> Open:
    """Opens a page from a file."""

    @contextmanager
    def open_page(text: str, width: int = 1280, scheme: Any = "light") -> Iterator[Page]:
        path = tmp_path / "page.html"
        path.write_text(text, encoding="utf-8")
        context = chromium.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
        page = context.new_page()
        page.goto(path.as_uri())
        yield page
        context.close()

    return open_page


@pytest.fixture
def browse(chromium: Browser, tmp_path: Path) -> Browse:
    """Opens a page at a width, runs a script on it; gives what that returns, and the console's lines."""

    def look(text: str, width: int, script: str) -> tuple[Any, list[str]]:
        path = tmp_path / "page.html"
        path.write_text(text, encoding="utf-8")
        context = chromium.new_context(viewport={"width": width, "height": 900})
        page = context.new_page()
        lines: list[str] = []
        page.on("console", lambda message: lines.append(message.text))
        page.on("pageerror", lambda error: lines.append(str(error)))
        page.goto(path.as_uri())
        found = page.evaluate(f"() => {{ const page = document; {script} }}")
        context.close()
        return found, lines

    return look


@pytest.fixture(scope="module")
def all_pages(
    record: Any, synthetic: Any, sweep_report: ComparisonReport, hostile_page: str
) -> dict[str, str]:
    """Pages of every kind of run, among them one with levels side by side and a search drawn."""
    subjects = [
        synthetic("mlp", "continue", "forests", 0.6, 0.3, 0.6, default=level, configuration=level)
        for level in ("default", "sought")
    ]
    run = record([*subjects, synthetic("stump", "grow", "trees")])
    sought = run.searches.with_columns(level=pl.lit("sought"), maximised=pl.lit("competence,trust"))
    searched = ComparisonReport.from_run(replace(run, searches=sought))
    return {"levels": render_html(searched), "sweep": render_html(sweep_report), "hostile": hostile_page}
