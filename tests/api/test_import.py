"""What `import iml_general` offers: all of it, typed, and none of it loaded before it is used."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import iml_general as iml

INIT = ast.parse(Path(str(iml.__file__)).read_text())


def test_every_name_that_is_offered_is_there_and_listed() -> None:
    for name in iml.__all__:
        assert getattr(iml, name).__name__ == name
        assert getattr(iml, name).__doc__
        assert name in dir(iml)


def test_type_checkers_see_what_is_loaded_when_it_is_used() -> None:
    block = next(node for node in INIT.body if isinstance(node, ast.If))
    seen = {
        alias.name: node.module
        for node in block.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    assert seen == {name: f"iml_general.{module}" for name, module in iml._MODULES.items()}
    assert sorted(seen) == iml.__all__


def test_a_misspelt_name_is_an_attribute_error_that_names_the_right_one() -> None:
    code = "import iml_general as iml\niml.Studdy"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert "has no attribute 'Studdy'. Did you mean: 'Study'?" in done.stderr
    with pytest.raises(AttributeError):
        iml.no_such_name  # noqa: B018
    assert not hasattr(iml, "__path_hook__")
