"""The built site in a real browser: pages fit and are accessible, a word is found, reports open.

The site is what `make docs` builds; `make pytest` sees to that first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

SITE = Path(__file__).parents[2] / "docs" / "_build" / "html"
PAGES = ("index", "gallery", "glossary", "results/quick", "tutorial")
PATIENCE_MS = 120_000  # of a machine that has much else to do
Axe = Callable[[Page], set[str]]


@contextmanager
def opened(chromium: Browser, name: str, width: int = 1280, scheme: Any = "light") -> Iterator[Page]:
    if not (SITE / "index.html").is_file():
        pytest.fail("the site is not built: make docs")
    context = chromium.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
    page = context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    page.goto(f"{SITE.as_uri()}/{name}")
    yield page
    context.close()


@pytest.mark.parametrize(("width", "scheme"), [(390, "light"), (1280, "dark")])
def test_pages_fit_their_width_and_axe_finds_no_serious_fault(
    chromium: Browser, axe: Axe, width: int, scheme: str
) -> None:
    for name in PAGES:
        with opened(chromium, f"{name}.html", width, scheme) as page:
            scroll = page.evaluate("document.documentElement.scrollWidth")
            assert (name, scroll, axe(page)) == (name, width, set())


def test_the_front_page_shows_its_figure_on_the_first_screen_and_three_ways_in(chromium: Browser) -> None:
    with opened(chromium, "index.html") as page:
        figure = page.locator(".first-figure img")
        box = figure.bounding_box()
        assert box is not None
        assert box["y"] < 450
        assert figure.evaluate("(image) => image.naturalWidth") > 0
        assert page.locator(".way a").count() == 3
        captions = page.locator(".sidebar-tree .caption").all_inner_texts()
        assert [one.capitalize() for one in captions] == [
            *("Tutorial", "Results", "How to", "Concepts", "Reference")
        ]


def test_a_word_is_found(chromium: Browser) -> None:
    with opened(chromium, "index.html") as page:
        page.get_by_role("textbox").fill("twin")
        page.keyboard.press("Enter")
        found = page.locator("#search-results")
        for title in ("The method", "Glossary"):
            found.get_by_role("link", name=title, exact=True).first.wait_for()


def test_a_report_of_the_gallery_opens_as_a_page_that_works(chromium: Browser) -> None:
    with opened(chromium, "gallery.html") as page:
        for image in page.locator(".card img").all():
            assert image.evaluate("(image) => image.naturalWidth") > 0
            assert image.get_attribute("alt")
        page.get_by_role("link", name="Open the report").first.click()
        page.get_by_role("combobox", name="finding").select_option("trusts")
        lines = page.locator(".findings tbody tr:visible")
        assert 0 < lines.count() < page.locator(".findings tbody tr").count()
