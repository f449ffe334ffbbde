"""The page in a real browser: Chromium, headless and without a network."""

from __future__ import annotations

import html
import json
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

# Shows the page, untouched, in a frame of the wanted width, and writes down what a script finds.
FRAME = """<!doctype html><title>probe</title><pre id="found"></pre>
<iframe src="page.html" style="width:{width}px;height:900px;border:0"></iframe>
<script>
window.onload = () => {{
  const page = document.querySelector("iframe").contentDocument;
  document.querySelector("#found").textContent = JSON.stringify((() => {{ {script} }})());
}};
</script>"""

OPTIONS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--allow-file-access-from-files",
    "--host-resolver-rules=MAP * ~NOTFOUND",
    "--enable-logging=stderr",
    "--v=0",
    "--hide-scrollbars",
    "--window-size=1400,1000",
    "--dump-dom",
)
OVERFLOW = """
  const wide = [...page.querySelectorAll("body *")].filter((one) => !one.closest(".scroll, pre, svg, thead")
    && one.getBoundingClientRect().right > page.documentElement.clientWidth + 0.5);
  const {scrollWidth, clientWidth} = page.documentElement;
  return [scrollWidth, clientWidth, wide.map((one) => one.outerHTML)];
"""

Browse = Callable[[str, int, str], tuple[Any, list[str]]]


@pytest.fixture(scope="module")
def browse(tmp_path_factory: pytest.TempPathFactory) -> Browse:
    """Opens a page at a width, runs a script on it; gives what that returns, and the console's lines."""
    names = ("chromium", "chromium-browser", "google-chrome")
    chromium = next((found for name in names if (found := shutil.which(name))), None)
    if chromium is None:
        pytest.fail("these tests need Chromium: apt-get install --no-install-recommends chromium")

    def look(page: str, width: int, script: str) -> tuple[Any, list[str]]:
        folder: Path = tmp_path_factory.mktemp("browser")
        (folder / "page.html").write_text(page, encoding="utf-8")
        (folder / "frame.html").write_text(FRAME.format(width=width, script=script), encoding="utf-8")
        command = [chromium, *OPTIONS, f"--user-data-dir={folder}", (folder / "frame.html").as_uri()]
        done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
        found = re.search(r'<pre id="found">(.*?)</pre>', done.stdout, flags=re.DOTALL)
        assert found, done.stderr
        return json.loads(html.unescape(found[1])), re.findall(r".*CONSOLE.*", done.stderr)

    return look


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
