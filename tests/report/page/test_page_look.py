"""What the page looks like in a real browser, on screens and on paper."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest
from playwright.sync_api import Page

OVERFLOW = """
  const wide = [...page.querySelectorAll("body *")].filter((one) => !one.closest(".scroll, pre, svg, thead")
    && one.getBoundingClientRect().right > page.documentElement.clientWidth + 0.5);
  const {scrollWidth, clientWidth} = page.documentElement;
  return [scrollWidth, clientWidth, wide.map((one) => one.outerHTML)];
"""
UNFOLDED = 'page.querySelectorAll("details").forEach((one) => { one.open = true; });'

WIDE = """
  [...document.querySelectorAll("body *")].filter((one) => one.getBoundingClientRect().right > innerWidth)
    .map((one) => one.outerHTML.slice(0, 80)).slice(0, 5)
"""
A4 = 703  # pixels between margins of 12 mm

Open = Callable[..., AbstractContextManager[Page]]
Browse = Callable[[str, int, str], tuple[Any, list[str]]]


@pytest.mark.parametrize("width", [390, 1280])
def test_nothing_overflows_and_the_console_stays_silent(browse: Browse, page: str, width: int) -> None:
    (scroll, client, wide), console = browse(page, width, OVERFLOW)
    assert client == width
    assert scroll <= width
    assert wide == []
    assert console == []


@pytest.mark.parametrize("width", [390, 1280])
def test_hostile_texts_neither_run_nor_overflow(browse: Browse, hostile_page: str, width: int) -> None:
    (scroll, _, wide), console = browse(hostile_page, width, OVERFLOW)
    assert scroll <= width
    assert wide == []
    assert console == []


def test_the_browser_would_have_told_of_a_fault(browse: Browse, page: str) -> None:
    broken = page.replace("</body>", '<img src="http://evil.example/x.png"><script>alert(1)</script></body>')
    _, console = browse(broken, 390, "return 0;")
    assert len(console) >= 2


def test_the_page_shows_answer_table_and_legible_charts(browse: Browse, page: str) -> None:
    script = (
        UNFOLDED
        + """
      const size = (text) => text.getBoundingClientRect().height;
      return {
        answer: page.querySelector("h1").textContent,
        rows: page.querySelectorAll(".findings tbody tr").length,
        charts: [...page.querySelectorAll(".chart svg")].map((svg) => svg.getBoundingClientRect().width),
        texts: Math.min(...[...page.querySelectorAll(".chart text")].map(size)),
        headings: [...page.querySelectorAll("h2")].map((one) => one.textContent),
      };
    """
    )
    found, _ = browse(page, 390, script)
    assert found["answer"].startswith("Trust is learned in 2 of 5")
    assert found["rows"] == 8
    assert len(found["charts"]) == 14
    assert all(300 < width <= 390 for width in found["charts"])
    assert found["texts"] >= 10
    assert found["headings"] == [
        "Controlled trust, learner by learner",
        "Findings",
        "What was searched for",
        "Cost against trust",
        "Other effects, controlled",
        "Every condition beside its control",
        "Exact match of each group",
        "What it cost",
        "How it was measured",
        "What the words mean",
        "What failed or is absent",
        "Provenance",
    ]


def test_at_a_glance_the_chart_of_trust_is_on_the_first_screen_and_the_page_is_short(
    browse: Browse, page: str
) -> None:
    script = """
      const chart = page.querySelector('[data-name="controlled-trust"]').getBoundingClientRect();
      const {top} = page.querySelector("table").getBoundingClientRect();
      return [chart.top, chart.bottom, top, page.documentElement.scrollHeight];
    """
    (begins, ends, table, height), _ = browse(page, 1280, script)
    assert begins < 450
    assert ends < 900
    assert ends < table
    assert height < 2500


def test_names_in_charts_do_not_run_into_the_marks_or_each_other(browse: Browse, hostile_page: str) -> None:
    script = (
        UNFOLDED
        + """
      return [...page.querySelectorAll(".chart:not([data-name=price]) svg")].map((svg) => {
        const left = svg.getBoundingClientRect().left, scale = svg.getBoundingClientRect().width / 412;
        const names = [...svg.querySelectorAll("text[text-anchor=start]:not([font-weight=bold])")]
          .map((text) => text.getBoundingClientRect()).filter((box) => box.left - left < 20 * scale);
        const tops = names.map((box) => box.top).sort((a, b) => a - b);
        return [Math.max(...names.map((box) => (box.right - left) / scale)),
                Math.min(...tops.slice(1).map((top, i) => (top - tops[i]) / scale)), names.length];
      });
    """
    )
    found, _ = browse(hostile_page, 1280, script)
    assert len(found) > 10
    for right, distance, n_names in found:
        assert n_names == 6
        assert right < 186  # marks begin further right, also in a font wider than Arial
        assert distance > 12


def test_on_paper_it_is_a_table_with_everything_unfolded_and_nothing_to_press(
    opened: Open, all_pages: dict[str, str]
) -> None:
    for text in all_pages.values():
        with opened(text, A4) as shown:
            shown.emulate_media(media="print")
            assert shown.evaluate("getComputedStyle(document.querySelector('.findings')).display") == "table"
            assert shown.locator(".choices *:visible, .save button:visible").count() == 0
            inner = shown.locator("details > :not(summary)")
            assert shown.locator("details > :not(summary):visible").count() == inner.count() > 8
            scroll, client = shown.evaluate(
                "[document.documentElement.scrollWidth, document.documentElement.clientWidth]"
            )
            assert scroll <= client, shown.evaluate(WIDE)
            assert shown.pdf(format="A4").startswith(b"%PDF")
