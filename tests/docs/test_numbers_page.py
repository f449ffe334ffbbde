"""The regressor on the page about numbers keeps its contract."""

import re
from pathlib import Path

from iml_general.checks import conforms, run_checks
from iml_general.plugins import registry

PAGE = (Path(__file__).parents[2] / "docs" / "numbers.md").read_text()


def test_the_regressor_of_the_page_conforms(tmp_path: Path) -> None:
    (block,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    file = tmp_path / "mine.py"
    file.write_text(block)
    results = run_checks(registry.learner(f"{file}:Mine"))
    assert conforms(results), [result.message for result in results if result.outcome == "fail"]
    assert sum(result.outcome == "pass" for result in results) > 20
