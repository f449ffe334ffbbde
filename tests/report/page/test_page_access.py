"""The page for everybody: without its script, by keyboard, and as axe-core sees it."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest
from playwright.sync_api import Page

PLANTED = (
    '<img width="9" height="9">',  # an image that is not described
    "<button></button>",  # a button without a name
    '<p><font color="#cccccc">pale on pale</font></p>',
)

Open = Callable[..., AbstractContextManager[Page]]
Browse = Callable[[str, int, str], tuple[Any, list[str]]]
Axe = Callable[[Page], set[str]]


def test_the_page_can_be_read_without_its_script(browse: Browse, page: str) -> None:
    bare = re.sub(r"<script>.*?</script>", "", page, flags=re.DOTALL)
    script = """
      return [page.querySelector(".choices").offsetHeight, page.body.innerText.includes("mlp continue"),
        [...page.querySelectorAll("details")].every((one) => one.querySelector("summary").offsetHeight > 0
          || one.parentElement.closest("details"))];
    """
    assert browse(bare, 1280, script)[0] == [0, True, True]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_axe_finds_no_serious_fault(
    axe: Axe, opened: Open, all_pages: dict[str, str], width: int, scheme: str
) -> None:
    found = {}
    is_usual = (width, scheme) in {(390, "light"), (1280, "dark")}
    for name in all_pages if is_usual else ["levels"]:
        with opened(all_pages[name], width, scheme) as page:
            found[name] = axe(page)
    assert found == {name: set() for name in found}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_would_have_found_a_planted_fault(axe: Axe, opened: Open, page: str, scheme: str) -> None:
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
            head = shown.locator("th[data-sort]", has_text="IML gap")
            assert head.get_attribute("aria-sort") == "descending"
            shown.keyboard.press("Space")
            assert head.get_attribute("aria-sort") == "ascending"
            shown.get_by_role("searchbox").focus()
            shown.keyboard.type("forest")
            assert shown.locator(".findings tbody tr:visible").count() == 2
            shown.keyboard.press("Tab")
            shown.keyboard.press("ArrowDown")
            assert shown.get_by_role("combobox", name="finding").input_value() != ""
            shown.locator("#methods summary").focus()
            shown.keyboard.press("Enter")
            assert shown.locator("#methods p").first.is_visible()
