"""The page on faults says what the stored results of the campaign say, and no promise was broken."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def written() -> Iterator[ModuleType]:
    sys.path.insert(0, str(ROOT))
    from benchmarks.faults import page

    yield page
    sys.path.remove(str(ROOT))


def test_the_page_is_made_of_the_stored_results(written: ModuleType) -> None:
    again = "write the page anew: python -m benchmarks.faults.page"
    assert written.PAGE.read_text("utf-8") == written.page(), again


def test_every_fault_that_is_kept_was_survived(written: ModuleType) -> None:
    outcomes = json.loads(written.RESULT.read_text("utf-8"))
    assert outcomes
    for one in outcomes:
        assert one["survived"], one
        assert one["fault"] in written.FAULTS
        assert all(line.startswith("iml: ") for line in one["said"])
