"""Settings that all tests share, and the real browser that some look at pages with."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from importlib.resources import files
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

# Timings never decide a test, and the same examples are tried on every machine.
settings.register_profile("project", deadline=None, derandomize=True, max_examples=40)
settings.load_profile("project")

# What a test measures it measures itself; tests of the cache give one of their own.
os.environ["IML_CACHE"] = "off"


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """The machine's own browser, headless, which finds no host."""
    from playwright.sync_api import sync_playwright  # only for those who look at pages

    names = ("chromium", "chromium-browser", "google-chrome")
    path = next((found for name in names if (found := shutil.which(name))), None)
    if path is None:
        pytest.fail("these tests need Chromium: apt-get install --no-install-recommends chromium")
    options = ["--no-sandbox", "--host-resolver-rules=MAP * ~NOTFOUND"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=options)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def axe() -> Callable[[Page], set[str]]:
    """Says what axe-core finds to be a serious or a critical fault of a page, with everything unfolded."""
    script = files("axe_playwright_python").joinpath("axe.min.js").read_text("utf-8")

    def faults(page: Page) -> set[str]:
        page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
        page.evaluate(script)
        found = page.evaluate("axe.run({ resultTypes: ['violations'] })")
        assert len(found["passes"]) > 20
        return {one["id"] for one in found["violations"] if one["impact"] in {"serious", "critical"}}

    return faults
