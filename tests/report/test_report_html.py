from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from html.parser import HTMLParser

from iml_general.report.findings.comparison import ComparisonReport
from iml_general.report.formats.html import render_html
from iml_general.report.shown.plans import plan_toml

VOID = {"meta", "br", "img", "link", "input", "hr"}


class Outline(HTMLParser):
    """Elements of a page, and whether each is closed where it should be."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.misplaced: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.misplaced.append(tag)

    def named(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]


def test_every_element_is_closed_where_it_was_opened(page: str, hostile_page: str) -> None:
    for text in (page, hostile_page):
        outline = Outline(text)
        assert outline.misplaced == []
        assert outline.open == []


def test_nothing_is_loaded_from_anywhere(page: str, hostile_page: str) -> None:
    for text in (page, hostile_page):
        outline = Outline(text)
        attributes = [(k, v or "") for _, found in outline.elements for k, v in found.items()]
        loading = [v for k, v in attributes if k in {"src", "href", "xlink:href", "action", "data", "srcset"}]
        assert all(value.startswith("#") for value in loading)
        assert not [k for k, _ in attributes if k.startswith("on") or k == "style"]
        assert "url(" not in re.sub(r"<text.*?</text>", "", text)


def test_the_policy_forbids_all_but_the_own_style_and_script(page: str) -> None:
    meta = [m for m in Outline(page).named("meta") if m.get("http-equiv") == "Content-Security-Policy"]
    policy = meta[0]["content"] or ""
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert policy.count("'sha256-") == 2


def test_hostile_texts_become_no_element(page: str, hostile_page: str) -> None:
    for text in (page, hostile_page):
        bare = Outline(re.sub(r"<rect [^>]*><title>[^<>]*</title></rect>", "", text))
        assert [len(bare.named(tag)) for tag in ("script", "style", "title")] == [1, 1, 1]
    assert "&lt;script&gt;alert(1)" in hostile_page
    assert "49" not in re.findall(r"<title>(.*?)</title>", hostile_page)[0]


def test_the_same_run_gives_the_same_bytes(report: ComparisonReport, page: str) -> None:
    assert render_html(ComparisonReport.from_run(report.records[0])) == page


def test_the_order_of_score_rows_does_not_matter(report: ComparisonReport, page: str) -> None:
    shuffled = replace(
        report.records[0], scores=report.records[0].scores.sample(fraction=1.0, shuffle=True, seed=1)
    )
    assert render_html(ComparisonReport.from_run(shuffled)) == page


def test_every_figure_has_a_caption_with_the_number_of_seeds_and_described_drawings(
    page: str, report: ComparisonReport
) -> None:
    captions = re.findall(r"<figcaption>(.*?)</figcaption>", page, flags=re.DOTALL)
    assert len(captions) == len(Outline(page).named("figure")) == 5
    assert sum("8 seeds" in caption for caption in captions) == 4  # what it cost rests on no seeds of its own
    images = [found for found in Outline(page).named("div") if found.get("role") == "img"]
    endpoints, others = len(report.endpoints), len(report.effects_table) - len(report.endpoints)
    assert len(images) == endpoints + 1 + others + endpoints + len(report.groups)
    assert all(len(image["aria-label"] or "") > 40 for image in images)


def test_every_finding_and_verdict_of_the_run_is_in_the_table_as_a_word(
    page: str, report: ComparisonReport
) -> None:
    table = re.findall(r'<table class="findings".*?</table>', page, flags=re.DOTALL)[0]
    words = Counter([*report.verdicts["verdict"], *report.findings["finding"]])
    assert {"trusts", "gap only", "saturated", "present", "not internalised"} <= words.keys()
    for word, times in words.items():
        assert len(re.findall(rf'<span class="word [\w-]+">.*? {word}</span>', table)) == times


def test_the_table_is_sorted_by_the_primary_effect_and_controls_stand_apart(page: str) -> None:
    subjects, controls = re.findall(r"<tbody.*?</tbody>", page, flags=re.DOTALL)[:2]
    means = [float(value) for value in re.findall(r'data-label="Trust" data-value="([^"]+)"', subjects)]
    assert len(means) == 5
    assert means == sorted(means, reverse=True)
    assert controls.count("<tr") == 3
    assert 'data-line="6"' in controls


def test_what_the_page_is_about_comes_first_then_the_chart_of_trust_then_the_table(page: str) -> None:
    places = [page.index(text) for text in ("Implicit meta-learning (IML)", "<h1", "<figure>", "<table")]
    assert places == sorted(places)
    assert 'data-name="controlled-trust"' in page[places[2] : places[3]]


def test_what_is_detail_is_folded_and_what_was_found_is_not(page: str) -> None:
    shown = re.sub(r"<details.*?</details>", "", page, flags=re.DOTALL)
    assert re.findall(r'<h2 id="(\w+)-title"', shown) == ["effects", "findings"]


def test_what_failed_is_unfolded_and_stands_before_the_details(hostile_page: str) -> None:
    before, _, after = hostile_page.partition('<section id="failed"')
    assert "<details class=" not in before
    assert after.lstrip().startswith('aria-labelledby="failed-title">\n<h2')


def test_the_plan_and_the_provenance_are_all_there(page: str, report: ComparisonReport) -> None:
    import html

    text = html.unescape(page)
    assert plan_toml(report.records[0].plan) in text
    assert all(fact in text for pair in report.records[0].provenance.items() for fact in pair)


def test_an_unfinished_run_an_invalid_study_and_failures_are_banners(hostile_page: str, page: str) -> None:
    assert "UNFINISHED: 3 of 40 units of work done." in hostile_page
    assert "Findings may still change." in hostile_page
    assert "1 unit of work failed." in hostile_page
    assert 'class="banner' not in page
    assert "No unit of work failed." in page


def test_faults_are_listed_loudly(report: ComparisonReport) -> None:
    text = render_html(replace(report, faults=("The negative control came out present.",)))
    assert '<h1 class="alarm">INVALID: this study supports no claim' in text
    assert "<li>The negative control came out present.</li>" in text


def test_the_page_stays_small(hostile_page: str, page: str) -> None:
    assert max(len(page), len(hostile_page)) < 1_500_000


def test_contents_link_to_every_section_and_sections_are_named_by_their_headings(page: str) -> None:
    outline = Outline(page)
    links = [(one["href"] or "").lstrip("#") for one in outline.named("a")]
    sections = [one["id"] for one in outline.named("section")]
    assert links[: len(sections)] == sections
    headings = {one["id"] for one in outline.named("h2")}
    assert [one["aria-labelledby"] for one in outline.named("section")] == [f"{id}-title" for id in sections]
    assert headings == {f"{id}-title" for id in sections}


def test_tables_have_headers_with_a_scope_and_scrolling_parts_can_be_reached_by_keyboard(page: str) -> None:
    outline = Outline(page)
    assert all(one.get("scope") in {"col", "row", "rowgroup"} for one in outline.named("th"))
    scrolling = [one for one in outline.named("div") if one.get("class") == "scroll"]
    assert len(scrolling) == page.count('<table class="sheet') == 6
    assert all(one["tabindex"] == "0" and one["aria-label"] for one in scrolling)
    assert all(one["tabindex"] == "0" for one in outline.named("pre"))
