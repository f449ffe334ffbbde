from __future__ import annotations

import re
from dataclasses import replace

from markdown_it import MarkdownIt
from markdown_it.token import Token

from iml_general.report.findings.comparison import ComparisonReport
from iml_general.report.formats.markdown import escape, render_markdown
from iml_general.report.shown.answer import answer


def tokens(text: str) -> list[Token]:
    blocks = MarkdownIt("gfm-like", {"linkify": False}).parse(text)
    return [token for block in blocks for token in (block, *(block.children or []))]


def kinds(text: str) -> set[str]:
    return {token.type for token in tokens(text)}


def test_hostile_texts_become_no_markup(hostile: ComparisonReport, report: ComparisonReport) -> None:
    text = render_markdown(hostile)
    banners_and_lists = {
        f"{kind}_{end}" for kind in ("blockquote", "bullet_list", "list_item") for end in ("open", "close")
    }
    assert kinds(text) <= kinds(render_markdown(report)) | banners_and_lists
    assert not {"html_inline", "html_block", "link_open", "image", "em_open"} & kinds(text)


def test_every_table_row_has_as_many_cells_as_its_head(hostile: ComparisonReport) -> None:
    text = render_markdown(hostile)
    tables = re.findall(r"(?:^\|.*\n)+", text, flags=re.MULTILINE)
    assert len(tables) > 5
    for table in tables:
        cells = {len(re.findall(r"(?<!\\)\|", row)) for row in table.splitlines()}
        assert len(cells) == 1
    assert sum(token.type == "table_open" for token in tokens(text)) == len(tables)


def test_escaped_text_is_displayed_as_it_was() -> None:
    text = r"a_b *c* `d` [e](f) <g> & h|i ~j~ $k$ #1 @l \m http://n.o www.p.q -1"
    inline = MarkdownIt("gfm-like", {"linkify": False}).parseInline(escape(text))[0]
    shown = "".join(child.content for child in inline.children or [])
    assert shown == text
    assert {child.type for child in inline.children or []} <= {"text", "text_special"}


def test_nothing_in_it_would_be_linked_or_mentioned(hostile: ComparisonReport) -> None:
    text = render_markdown(hostile)
    before_plan = text[: text.rindex("## Provenance")]
    assert not re.search(r"https?://|www\.|@", before_plan)


def test_the_plan_can_not_end_its_own_block(hostile: ComparisonReport) -> None:
    plan = hostile.records[0].plan | {"name": "````\n# out"}
    text = render_markdown(replace(hostile, records=(replace(hostile.records[0], plan=plan),)))
    fences = [token for token in tokens(text) if token.type == "fence"]
    assert len(fences) == 1
    assert "learners" in fences[0].content


def test_the_page_begins_with_the_answer(report: ComparisonReport) -> None:
    assert render_markdown(report).splitlines()[2] == f"**{escape(answer(report))}**"


def test_warnings_stand_before_the_verdicts(report: ComparisonReport) -> None:
    record = replace(report.records[0], units_done=3)
    text = render_markdown(replace(report, records=(record,), faults=("A control failed.",)))
    start = text[: text.index("## Verdicts")]
    assert "> **INVALID.** A control failed." in start
    assert "> **UNFINISHED: 3 of 40 units of work done.**" in start
