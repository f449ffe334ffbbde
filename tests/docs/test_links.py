"""Relative links of the pages lead somewhere, where the repository is shown as in the built pages."""

import re
from itertools import chain
from pathlib import Path

import pytest
from markdown_it import MarkdownIt

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = sorted(
    page
    for page in chain(ROOT.glob("*.md"), DOCS.rglob("*.md"))
    if "_build" not in page.parts and not page.is_relative_to(ROOT / "runs")
)


def targets(text: str) -> list[str]:
    """Relative targets of links and images, also of those written as HTML."""
    tokens = MarkdownIt().parse(text)
    inline = [child for token in tokens for child in token.children or []]
    found = [str(token.attrs[key]) for token in inline for key in ("href", "src") if key in token.attrs]
    html = "".join(token.content for token in [*tokens, *inline] if token.type.startswith("html"))
    found += re.findall(r'(?:href|src)="([^"]*)"', html)
    return [target for target in found if not re.match(r"[a-z]+:", target)]


def anchors(text: str) -> set[str]:
    """What headings can be linked by, as forges and the built pages make it of their words."""
    headings = re.findall(r"^#{1,6} (.*)$", re.sub(r"```.*?```", "", text, flags=re.DOTALL), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_relative_links_lead_to_files_and_headings_that_exist(page: Path) -> None:
    for target in targets(page.read_text()):
        name, _, anchor = target.partition("#")
        there = (page.parent / name).resolve() if name else page
        assert there.exists(), f"{target}: no such file"
        assert there.is_relative_to(ROOT), f"{target}: outside the repository"
        if anchor:
            assert anchor in anchors(there.read_text()), f"{target}: no such heading"


@pytest.mark.parametrize("page", [p for p in PAGES if p.is_relative_to(DOCS)], ids=lambda page: page.name)
def test_pages_that_are_built_link_to_nothing_outside_their_folder(page: Path) -> None:
    outside = [
        target
        for target in targets(page.read_text())
        if not (page.parent / target.partition("#")[0]).resolve().is_relative_to(DOCS)
    ]
    assert not outside


def test_the_front_page_and_the_pages_of_the_docs_are_looked_at() -> None:
    assert {ROOT / "README.md", ROOT / "CONTRIBUTING.md", DOCS / "method.md"} <= set(PAGES)
    found = targets('[a](b.md#c) ![d](e.svg) <img src="f.svg"> [g](https://example.org) `[h](i.md)`')
    assert found == ["b.md#c", "e.svg", "f.svg"]
    assert anchors("# A scikit-learn classifier\n```\n# no heading\n```\n") == {"a-scikit-learn-classifier"}
