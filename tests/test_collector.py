"""Our own processes look seldom for objects that hold each other, and not at their end."""

import subprocess
import sys

import pytest

from iml_general.collector import collect_seldom

AT_THE_END = """
import atexit, gc
atexit.register(lambda: print(gc.get_threshold()[0], gc.get_freeze_count() > 0))
"""


def told(program: str) -> str:
    command = [sys.executable, "-c", AT_THE_END + program]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()[-1]


def test_a_program_that_does_not_ask_is_left_as_it_is() -> None:
    assert told("import iml_general.cli") == told("")
    assert told("").endswith("False")


@pytest.mark.parametrize(
    "program",
    [
        f"from {collect_seldom.__module__} import collect_seldom; collect_seldom()",
        "import sys; sys.argv = ['iml', '--version']; from iml_general.cli import main; main()",
    ],
)
def test_a_process_of_ours_collects_seldom_and_not_at_its_end(program: str) -> None:
    assert told(program) == "10000 True"
