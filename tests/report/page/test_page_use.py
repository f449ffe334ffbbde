"""What can be done with the page: choosing, ordering, pointing, copying, saving."""

from __future__ import annotations

import re
import struct
import xml.etree.ElementTree as ET
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from iml_general.report.findings.comparison import ComparisonReport

Open = Callable[..., AbstractContextManager[Page]]
Browse = Callable[[str, int, str], tuple[Any, list[str]]]


def test_lines_are_chosen_by_finding_family_and_words_and_fade_in_the_charts(opened: Open, page: str) -> None:
    with opened(page) as shown:
        lines = shown.locator(".findings tbody tr:visible")
        faded = shown.locator('[data-name="controlled-trust"] rect.dim')
        assert (lines.count(), faded.count()) == (8, 0)
        shown.get_by_role("combobox", name="finding").select_option("trusts")
        assert lines.count() == 3
        assert faded.count() == 5
        shown.get_by_role("combobox", name="family").select_option("forests")
        assert [text.split()[0] for text in lines.all_inner_texts()] == ["random-forest"]
        assert shown.locator("output").inner_text() == "1 of 8 lines"
        shown.get_by_role("combobox", name="finding").select_option("any")
        assert lines.count() == 2
        shown.get_by_role("searchbox").fill("saturated GROW")
        assert lines.count() == 1
        shown.get_by_role("searchbox").fill("nothing of that name")
        assert lines.count() == 0
        assert faded.count() == 8
        shown.get_by_role("searchbox").fill("")
        shown.get_by_role("combobox", name="family").select_option("any")
        assert (lines.count(), faded.count()) == (8, 0)


def test_on_a_phone_lines_are_brief_until_all_is_asked_for_and_copied_whole(opened: Open, page: str) -> None:
    with opened(page, 390) as shown:
        shown.context.grant_permissions(["clipboard-read", "clipboard-write"])
        line = shown.locator(".findings tbody tr").first
        cells, height = line.locator("th:visible, td:visible"), "document.documentElement.scrollHeight"
        assert cells.count() == 3
        assert all(word in line.inner_text() for word in ("mlp", "trusts", "["))
        brief = shown.evaluate(height)
        shown.get_by_role("button", name="copy as Markdown").click()
        shown.get_by_text("copied", exact=True).wait_for()
        head, _, first, *_ = shown.evaluate("navigator.clipboard.readText()").splitlines()
        assert first.count("|") == head.count("|") == 9
        assert first.count("[") == 3
        shown.get_by_role("button", name="all numbers", pressed=False).click()
        assert cells.count() > 6
        assert shown.evaluate(height) > brief + 8 * 70
        shown.get_by_role("button", name="all numbers", pressed=True).click()
        assert shown.evaluate(height) == brief
    with opened(page, 1280) as shown:
        assert shown.locator(".findings tbody tr").first.locator("td:visible").count() > 6
        assert not shown.get_by_role("button", name="all numbers").is_visible()


def test_lines_are_ordered_and_controls_stay_below(browse: Browse, page: str) -> None:
    script = """
      const names = () => [...page.querySelectorAll(".findings tbody th")]
        .map((head) => head.firstChild.textContent.trim() + " " + head.querySelector(".rule").innerText);
      const [, gap, weight] = page.querySelectorAll("th[data-sort] button");
      gap.click(); const down = names(); gap.click(); const up = names(); weight.click();
      return [down, up, [...page.querySelectorAll("th[aria-sort]")].map((head) => head.textContent)];
    """
    (down, up, sorted_by), console = browse(page, 1280, script)
    assert down[:2] == ["mlp continue", "gaussian-process retrain"]
    assert up[4] == "mlp continue"
    assert up[:5] == down[:5][::-1]
    assert {name.split()[0] for name in down[5:]} == {"ideal-observer", "tag-blind", "chance"}
    assert sorted_by == ["Statement weight"]
    assert console == []


def test_a_line_under_the_pointer_is_lit_up_in_the_table_and_in_every_chart(opened: Open, page: str) -> None:
    with opened(page) as shown:
        shown.locator(".findings tbody tr").first.hover()
        lit = shown.locator(".lit")
        assert lit.count() == 1 + 2 + 7 + 2 + 2
        titles = shown.locator("rect.lit > title").all_text_contents()
        assert all(title.startswith("mlp continue: ") for title in titles)
        shown.locator("h1").hover()
        assert lit.count() == 0


def test_what_is_folded_opens_when_it_is_linked_to(opened: Open, page: str) -> None:
    with opened(page) as shown:
        folded = shown.locator("#words dl").first
        assert not folded.is_visible()
        shown.get_by_role("navigation").get_by_role("link", name="What the words mean").click()
        folded.wait_for(state="visible", timeout=2000)


def test_the_lines_that_are_shown_are_copied_as_markdown(opened: Open, page: str) -> None:
    with opened(page) as shown:
        shown.context.grant_permissions(["clipboard-read", "clipboard-write"])
        shown.get_by_role("combobox", name="finding").select_option("gap only")
        shown.get_by_role("button", name="copy as Markdown").click()
        shown.get_by_text("copied", exact=True).wait_for()
        head, rule, line = shown.evaluate("navigator.clipboard.readText()").splitlines()
    assert head.startswith("| Learner, rule | Finding | Trust")
    assert rule.count("---") == head.count("|") - 1
    assert line.startswith("| gaussian-process retrain kernels | \u25b3 gap only | ")


def test_the_lines_that_are_shown_are_copied_as_latex(opened: Open, page: str) -> None:
    with opened(page) as shown:
        shown.context.grant_permissions(["clipboard-read", "clipboard-write"])
        shown.get_by_role("combobox", name="finding").select_option("gap only")
        shown.get_by_role("button", name="copy as LaTeX").click()
        shown.get_by_text("copied", exact=True).wait_for()
        begin, top, head, middle, line, bottom, end = shown.evaluate(
            "navigator.clipboard.readText()"
        ).splitlines()
    assert re.fullmatch(r"\\begin\{tabular\}\{@\{\}l+@\{\}\}", begin)
    assert (top, middle, bottom, end) == ("\\toprule", "\\midrule", "\\bottomrule", "\\end{tabular}")
    assert head.startswith("Learner, rule & Finding & Trust")
    assert line.startswith("gaussian-process retrain kernels & gap only & ")
    assert line.endswith(" \\\\")
    assert line.count(" & ") == head.count(" & ") == begin.count("l") - 2
    assert "\\%" in line
    assert line.isascii()


def test_what_latex_reads_as_commands_is_copied_as_text(opened: Open, hostile_page: str) -> None:
    with opened(hostile_page) as shown:
        shown.context.grant_permissions(["clipboard-read", "clipboard-write"])
        shown.get_by_role("button", name="copy as LaTeX").click()
        shown.get_by_text("copied", exact=True).wait_for()
        text = shown.evaluate("navigator.clipboard.readText()")
    body = text.split("\\midrule")[1].split("\\bottomrule")[0].replace("\\\\\n", "\n")
    for sign in "$&#_%{}":
        told = re.sub(r"\\text\w+\{\}|\$[-<>|]\$|\$\\pm\$| & ", "", body)
        assert re.findall(rf"(?<!\\){re.escape(sign)}", told) == []


def test_every_line_has_the_command_that_measures_its_learner_again(opened: Open, page: str) -> None:
    with opened(page) as shown:
        shown.context.grant_permissions(["clipboard-read", "clipboard-write"])
        line = shown.get_by_role("row").filter(has_text="gaussian-process")
        line.get_by_role("button", name="copy its command").click()
        shown.get_by_text("copied", exact=True).wait_for()
        command = shown.evaluate("navigator.clipboard.readText()")
        assert shown.locator("tbody.controls .again").count() == 0
    assert (
        command
        == "iml run quick --seeds 8 --learner gaussian-process --out runs/gaussian-process --cache off"
    )


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
    assert {"trusts", "present"} & {one.text for one in texts}
    assert root.find("{http://www.w3.org/2000/svg}rect").get("fill") == "#ffffff"  # type: ignore[union-attr]
    content = picture.read_bytes()
    assert content.startswith(b"\x89PNG")
    width, height = struct.unpack(">II", content[16:24])
    assert width == pytest.approx(3 * float(root.get("width") or 0), abs=1)
    assert height == pytest.approx(3 * float(root.get("height") or 0), abs=1)


def test_a_pointer_on_a_mark_is_told_its_numbers(browse: Browse, page: str, report: ComparisonReport) -> None:
    script = "return [...page.querySelectorAll('.chart rect > title')].map((one) => one.textContent);"
    notes, _ = browse(page, 1280, script)
    assert len(notes) == 13 * 8 + 5
    for pair in report.pairs:
        for end in pair.ends:
            start = f"{pair.name}: {pair.symbol} {pair.finding}; {end.words} {end.estimate}; seeds: "
            (note,) = [note for note in notes if note.startswith(start)]
            assert note.count(",") >= 7
