"""A library that is missing is named together with the extra that brings it, as the package declares it."""

import re
import sys
import tomllib
from collections.abc import Mapping
from pathlib import Path

import pytest

from iml_general.errors import UsageError
from iml_general.extras import DEVELOPERS, not_installed
from iml_general.plugins import loading, registry
from iml_general.study.storage import place

DECLARED: Mapping[str, list[str]] = tomllib.loads(
    (Path(__file__).parents[1] / "pyproject.toml").read_text(encoding="utf-8")
)["project"]["optional-dependencies"]


@pytest.mark.parametrize(
    ("library", "how"),
    [
        ("catboost", ": pip install 'iml_general[catboost]'"),
        ("psycopg", ": pip install 'iml_general[postgresql]'"),
        ("river", ": pip install 'iml_general[river]'"),
        ("tokenizers", ": pip install 'iml_general[hf]'"),
        ("torch", ": pip install 'iml_general[torch]'"),  # not the one that brings transformers too
        ("transformers", ": pip install 'iml_general[hf]'"),
        ("xgboost", ": pip install 'iml_general[xgboost]' or pip install 'iml_general[xgboost-cpu]'"),
        ("perpetual", ""),  # only for whoever develops this
        ("no_such_library", ""),
    ],
)
def test_the_smallest_extra_that_brings_a_library_is_named(library: str, how: str) -> None:
    assert not_installed(library) == f"the library {library!r} is not installed{how}"


def test_every_extra_is_named_for_some_library() -> None:
    said = " ".join(
        not_installed(requirement.split(">")[0].split("[")[0])
        for requirements in DECLARED.values()
        for requirement in requirements
    )
    assert [extra for extra in DECLARED if f"iml_general[{extra}]" not in said] == [DEVELOPERS]


def test_a_file_that_needs_such_a_library_says_it_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "river", None)
    (tmp_path / "mine.py").write_text("import river\n")
    with pytest.raises(
        UsageError, match=r"the library 'river' is not installed: pip install 'iml_general\[river"
    ):
        loading.import_named(f"{tmp_path}/mine.py:Mine")
    with pytest.raises(UsageError, match="No module named 'no_such_module'"):
        loading.import_named("no_such_module:Mine")


def test_a_shared_database_without_its_driver_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(place, "find_spec", lambda name: None)
    with pytest.raises(
        UsageError, match=r"'psycopg' is not installed: pip install 'iml_general\[postgresql\]'"
    ):
        place.Place.of(tmp_path, "postgresql://user:secret@host/db")
    assert place.Place.of(tmp_path, None).is_local


def test_a_learner_that_loads_a_library_late_is_refused_without_it_all_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "jax", None)
    reason = "the library 'jax' is not installed: pip install 'iml_general[torch]'"
    assert registry.learners()["mlp"].reason == registry.why_not("transformer") == reason
    assert registry.learners()["convnet"].reason == ""
    with pytest.raises(UsageError, match=re.escape(f"'learners.neural.mlp:MLP' can't be used: {reason}")):
        registry.learner("learners.neural.mlp:MLP")
