"""The wrappers on the page of other libraries' learners are files; where they can be imported, learners."""

import ast
import importlib.util
import re
from pathlib import Path

import pytest

from iml_general.learner import LearnerInfo
from iml_general.plugins import registry

PAGE = (Path(__file__).parents[2] / "docs" / "third-party-learners.md").read_text()
BLOCKS = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)


def imported(code: str) -> set[str]:
    """The packages that a file imports from."""
    found = [node for node in ast.parse(code).body if isinstance(node, ast.Import | ast.ImportFrom)]
    names = [one.module if isinstance(one, ast.ImportFrom) else one.names[0].name for one in found]
    return {str(name).split(".")[0] for name in names}


def test_there_is_a_wrapper_for_every_library_that_needs_one() -> None:
    packages = set().union(*map(imported, BLOCKS))
    assert {"ydf", "ngboost", "pytorch_tabnet", "perpetual", "tabpfn"} <= packages


@pytest.mark.parametrize("code", BLOCKS, ids=lambda code: ", ".join(sorted(imported(code) - {"iml_general"})))
def test_a_wrapper_is_a_learner_where_its_library_is_installed(code: str, tmp_path: Path) -> None:
    absent = [name for name in imported(code) if importlib.util.find_spec(name) is None]
    if absent:
        pytest.skip(f"{', '.join(absent)} is not installed")
    (tmp_path / "wrapped.py").write_text(code)
    assert isinstance(registry.learner(f"{tmp_path}/wrapped.py:Mine").info, LearnerInfo)
