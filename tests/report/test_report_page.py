"""The page in a real browser: Chromium, headless and without a network."""

from __future__ import annotations

import re
import shutil
import struct
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from importlib.resources import files
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from iml_general.report.findings.comparison import ComparisonReport
from iml_general.report.formats.html import render_html

OVERFLOW = """
  const wide = [...page.querySelectorAll("body *")].filter((one) => !one.closest(".scroll, pre, svg, thead")
    && one.getBoundingClientRect().right > page.documentElement.clientWidth + 0.5);
  const {scrollWidth, clientWidth} = page.documentElement;
  return [scrollWidth, clientWidth, wide.map((one) => one.outerHTML)];
"""

WIDE = """
  [...document.querySelectorAll("body *")].filter((one) => one.getBoundingClientRect().right > innerWidth)
    .map((one) => one.outerHTML.slice(0, 80)).slice(0, 5)
"""
A4 = 703  # pixels between margins of 12 mm
PLANTED = (
    '<img width="9" height="9">',  # an image that is not described
    "<button></button>",  # a button without a name
    '<p><font color="#cccccc">pale on pale</font></p>',
)

Open = Callable[..., AbstractContextManager[Page]]
Browse = Callable[[str, int, str], tuple[Any, list[str]]]


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """The machine's own browser, which finds no host."""
    names = ("chromium", "chromium-browser", "google-chrome")
    path = next((found for name in names if (found := shutil.which(name))), None)
    if path is None:
        pytest.fail("these tests need Chromium: apt-get install --no-install-recommends chromium")
    options = ["--no-sandbox", "--host-resolver-rules=MAP * ~NOTFOUND"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=options)
        yield browser
        browser.close()


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
        synthetic("mlp", "continue", "forests", 0.6, 0.3, default=level, configuration=level)
        for level in ("default", "sought")
    ]
    run = record([*subjects, synthetic("stump", "grow", "trees")])
    searched = ComparisonReport.from_run(
        replace(run, searches=run.searches.with_columns(level=pl.lit("sought")))
    )
    return {"levels": render_html(searched), "sweep": render_html(sweep_report), "hostile": hostile_page}


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
    script = """
      const size = (text) => text.getBoundingClientRect().height;
      return {
        answer: page.querySelector("h1").textContent,
        rows: page.querySelectorAll(".verdicts tbody tr:not(.family)").length,
        charts: [...page.querySelectorAll(".chart svg")].map((svg) => svg.getBoundingClientRect().width),
        texts: Math.min(...[...page.querySelectorAll(".chart text")].map(size)),
        headings: [...page.querySelectorAll("h2")].map((one) => one.textContent),
      };
    """
    found, _ = browse(page, 390, script)
    assert found["answer"].startswith("IML appears in 1 of 4")
    assert found["rows"] == 7
    assert len(found["charts"]) == 6
    assert all(300 < width <= 390 for width in found["charts"])
    assert found["texts"] >= 10
    assert found["headings"] == [
        "Verdicts",
        "What was searched for",
        "Controlled effects",
        "Informative tag against shuffled tag",
        "Exact match of each group",
        "What failed or is absent",
        "What it cost",
        "How it was measured",
        "What the words mean",
        "Provenance",
    ]


def test_names_in_charts_do_not_run_into_the_marks_or_each_other(browse: Browse, hostile_page: str) -> None:
    script = """
      return [...page.querySelectorAll(".chart svg")].map((svg) => {
        const left = svg.getBoundingClientRect().left, scale = svg.getBoundingClientRect().width / 412;
        const names = [...svg.querySelectorAll("text[text-anchor=start]:not([font-weight=bold])")]
          .map((text) => text.getBoundingClientRect()).filter((box) => box.left - left < 20 * scale);
        const tops = names.map((box) => box.top).sort((a, b) => a - b);
        return [Math.max(...names.map((box) => (box.right - left) / scale)),
                Math.min(...tops.slice(1).map((top, i) => (top - tops[i]) / scale)), names.length];
      });
    """
    found, _ = browse(hostile_page, 1280, script)
    for right, distance, n_names in found:
        assert n_names == 6
        assert right < 186  # marks begin further right, also in a font wider than Arial
        assert distance > 12


def test_families_can_be_chosen_and_ordered(browse: Browse, page: str) -> None:
    script = """
      const shown = () => [...page.querySelectorAll(".verdicts tbody")].filter((one) => !one.hidden)
        .map((body) => body.rows[0].textContent.trim());
      const forests = () => [...page.querySelector(".verdicts tbody").rows].slice(1)
        .map((row) => row.querySelector(".rule").textContent.trim());
      const [all, first] = page.querySelectorAll(".choices button");
      const before = shown(); first.click(); const one = shown(); all.click();
      const order = page.querySelector("th[data-column=gap] button");
      order.click(); const down = forests(); order.click();
      return [before, one, shown(), down, forests()];
    """
    (before, one, after, down, up), console = browse(page, 1280, script)
    assert before == after == ["forests", "linear", "neural networks", "controls and references"]
    assert one == ["forests"]
    assert down == ["refit", "grow"]
    assert up == ["grow", "refit"]
    assert console == []


def test_the_page_can_be_read_without_its_script(browse: Browse, page: str) -> None:
    bare = re.sub(r"<script>.*?</script>", "", page, flags=re.DOTALL)
    script = (
        "return [page.querySelector('.choices').offsetHeight, page.body.innerText.includes('mlp continue')];"
    )
    assert browse(bare, 1280, script)[0] == [0, True]


def axe(page: Page) -> set[str]:
    """What axe-core finds to be a serious or a critical fault, with everything unfolded."""
    page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    page.evaluate(files("axe_playwright_python").joinpath("axe.min.js").read_text("utf-8"))
    found = page.evaluate("axe.run({ resultTypes: ['violations'] })")
    assert len(found["passes"]) > 20
    return {one["id"] for one in found["violations"] if one["impact"] in {"serious", "critical"}}


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_axe_finds_no_serious_fault(opened: Open, all_pages: dict[str, str], width: int, scheme: str) -> None:
    found = {}
    is_usual = (width, scheme) in {(390, "light"), (1280, "dark")}
    for name in all_pages if is_usual else ["levels"]:
        with opened(all_pages[name], width, scheme) as page:
            found[name] = axe(page)
    assert found == {name: set() for name in found}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_would_have_found_a_planted_fault(opened: Open, page: str, scheme: str) -> None:
    planted = PLANTED if scheme == "light" else (*PLANTED[:2], PLANTED[2].replace("#cccccc", "#333333"))
    with opened(page.replace("</main>", f"{''.join(planted)}</main>"), 390, scheme) as broken:
        assert axe(broken) == {"image-alt", "button-name", "color-contrast"}


def test_the_table_is_ordered_and_narrowed_by_keyboard_alone(opened: Open, page: str) -> None:
    for width in (390, 1280):
        with opened(page, width) as shown:
            sort = shown.get_by_role("button", name="IML gap")
            assert sort.bounding_box() is not None
            sort.focus()
            shown.keyboard.press("Enter")
            head = shown.locator("th[data-column=gap]")
            assert head.get_attribute("aria-sort") == "descending"
            shown.keyboard.press("Space")
            assert head.get_attribute("aria-sort") == "ascending"
            family = shown.get_by_role("button", name="forests")
            family.focus()
            shown.keyboard.press("Enter")
            assert family.get_attribute("aria-pressed") == "true"
            assert shown.locator(".verdicts tbody:visible").count() == 1


def test_every_chart_can_be_saved(opened: Open, all_pages: dict[str, str], tmp_path: Path) -> None:
    for text in all_pages.values():
        with opened(text, scheme="dark") as shown:
            charts = shown.locator(".chart")
            names = [charts.nth(i).get_attribute("data-name") or "" for i in range(charts.count())]
            buttons = shown.locator(".save button")
            assert buttons.count() == 2 * len(names) > 0
            assert [buttons.nth(2 * i).get_attribute("aria-label") for i in range(len(names))] == [
                f"SVG: save {name}.svg" for name in names
            ]
            for number in (0, 1):
                with shown.expect_download() as download:
                    buttons.nth(number).click()
                download.value.save_as(tmp_path / download.value.suggested_filename)
        check_saved(tmp_path / f"{names[0]}.svg", tmp_path / f"{names[0]}.png")


def check_saved(drawing: Path, picture: Path) -> None:
    """The SVG stands for itself, dark on white; the PNG is the same in pixels."""
    root = ET.fromstring(drawing.read_text("utf-8"))
    parts = {element.tag.rpartition("}")[2] for element in root.iter()}
    assert (
        {"title", "desc", "rect", "text"}
        <= parts
        <= {"svg", "g", "path", "line", "rect", "text", "title", "desc"}
    )
    texts = list(root.iter("{http://www.w3.org/2000/svg}text"))
    assert {"present", "tried"} & {one.text for one in texts}
    assert root.find("{http://www.w3.org/2000/svg}rect").get("fill") == "#ffffff"  # type: ignore[union-attr]
    content = picture.read_bytes()
    assert content.startswith(b"\x89PNG")
    width, height = struct.unpack(">II", content[16:24])
    assert width == pytest.approx(3 * float(root.get("width") or 0), abs=1)
    assert height == pytest.approx(3 * float(root.get("height") or 0), abs=1)


def test_a_pointer_on_a_mark_is_told_its_numbers(browse: Browse, page: str, report: ComparisonReport) -> None:
    script = "return [...page.querySelectorAll('.chart rect > title')].map((one) => one.textContent);"
    notes, _ = browse(page, 1280, script)
    assert len(notes) == 6 * 7
    for pair in report.pairs:
        assert f"{pair.name}: {pair.gap.in_words}" in notes
        assert f"{pair.name}: {pair.conflict.in_words}" in notes


def test_on_paper_it_is_a_table_with_everything_unfolded_and_nothing_to_press(
    opened: Open, all_pages: dict[str, str]
) -> None:
    for text in all_pages.values():
        with opened(text, A4) as shown:
            shown.emulate_media(media="print")
            assert shown.evaluate("getComputedStyle(document.querySelector('.verdicts')).display") == "table"
            assert shown.locator(".choices button:visible, .save button:visible").count() == 0
            assert (
                shown.locator("details > :not(summary):visible").count() == shown.locator("details").count()
            )
            scroll, client = shown.evaluate(
                "[document.documentElement.scrollWidth, document.documentElement.clientWidth]"
            )
            assert scroll <= client, shown.evaluate(WIDE)
            assert shown.pdf(format="A4").startswith(b"%PDF")
