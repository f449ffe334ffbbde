"""Plugins are found by name, module or file; broken ones are kept with their reason."""

import sys
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from iml_general.errors import UsageError
from iml_general.plugins import registry

TOYS = Path(__file__).parent / "plugins" / "toys.py"


@pytest.fixture
def points(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> dict[str, list[EntryPoint]]:
    """Entry points of the test's own, beside a file that the test may import from."""
    monkeypatch.syspath_prepend(str(tmp_path))
    (tmp_path / "toy_plugin.py").write_text(TOYS.read_text())
    (tmp_path / "needs_library.py").write_text("import no_such_library\n")
    (tmp_path / "breaks.py").write_text("raise RuntimeError('two\\nlines')\n")
    found: dict[str, list[EntryPoint]] = {}
    monkeypatch.setattr(registry, "_points", lambda kind: found)
    yield found
    for name in ("toy_plugin", "needs_library", "breaks"):
        sys.modules.pop(name, None)


def register(points: dict[str, list[EntryPoint]], name: str, *targets: str) -> None:
    points[name] = [EntryPoint(name, target, "iml_general.learners") for target in targets]


def test_every_built_in_is_registered_and_can_be_used() -> None:
    for found in (registry.learners(), registry.worlds(), registry.presets()):
        assert found
        assert {name: one.reason for name, one in found.items() if one.reason} == {}
    assert set(registry.registered("worlds")) >= {"statements", "table"}


@pytest.mark.parametrize(
    ("target", "reason"),
    [
        ("needs_library:X", "the library 'no_such_library' is not installed"),
        ("no_such_module:X", "the library 'no_such_module' is not installed"),
        ("breaks:X", "RuntimeError: two"),
        ("toy_plugin:Nowhere", "AttributeError: module 'toy_plugin' has no attribute 'Nowhere'"),
        ("toy_plugin:unrelated", "is not a subclass of iml_general.learner.Learner"),
        ("toy_plugin:NotADataclass", "is not decorated with @dataclass(frozen=True)"),
        ("toy_plugin:Memory", "registered as 'broken' but its info is named 'memory'"),
    ],
)
def test_a_broken_plugin_is_listed_with_its_reason_and_asking_for_it_raises_that(
    points: dict[str, list[EntryPoint]], target: str, reason: str
) -> None:
    register(points, "memory", "toy_plugin:Memory")
    register(points, "broken", target)
    listed = registry.learners()
    assert listed["memory"].reason == ""
    assert reason in listed["broken"].reason
    assert "\n" not in listed["broken"].reason
    with pytest.raises(UsageError) as caught:
        registry.learner("broken")
    assert reason in str(caught.value)
    assert target in str(caught.value)


def test_two_plugins_of_one_name_are_refused_and_both_named(points: dict[str, list[EntryPoint]]) -> None:
    register(points, "memory", "toy_plugin:Memory", "other_plugin:Memory")
    with pytest.raises(UsageError, match=r"toy_plugin:Memory .* and other_plugin:Memory"):
        registry.learner("memory")


def test_a_class_can_be_named_by_module_or_by_file(points: dict[str, list[EntryPoint]]) -> None:
    assert registry.learner("toy_plugin:Memory").info.name == "memory"
    assert registry.learner(f"{TOYS}:Memory").info.name == "memory"
    assert registry.learner(f"{TOYS}:Memory") is registry.learner(f"{TOYS}:Memory")


def test_two_files_of_one_name_are_two_modules(tmp_path: Path) -> None:
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "mine.py").write_text(TOYS.read_text())
    one, two = (registry.learner(f"{tmp_path}/{folder}/mine.py:Memory") for folder in ("one", "two"))
    assert one is not two


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("xgbost", "unknown learner 'xgbost'; did you mean 'xgboost'"),
        ("no.such.module:X", "can't be loaded: ModuleNotFoundError"),
        ("./nowhere.py:X", "is not a file; give path/to/file.py:Class"),
        (f"{TOYS}:Memry", "did you mean 'Memory'"),
        (":X", "can't be loaded"),
    ],
)
def test_names_that_lead_nowhere_say_so(name: str, message: str) -> None:
    with pytest.raises(UsageError) as caught:
        registry.learner(name)
    assert message in str(caught.value)
