"""Plugins are found by name, module or file; broken ones are kept with their reason."""

import os
import signal
import sys
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from iml_general.errors import UsageError
from iml_general.judging.effects import EFFECTS
from iml_general.plugins import loading, registry
from iml_general.protocol import BUILT_IN
from iml_general.protocol.conditions import ATTACKED, ATTACKED_SHUFFLED
from iml_general.protocol.facts_first import FACTS_FIRST, FACTS_FIRST_SHUFFLED
from iml_general.protocol.staging import (
    ONE_STAGE,
    ONE_STAGE_SHUFFLED,
    THREE_STAGES,
    THREE_STAGES_SHUFFLED,
)

TOYS = Path(__file__).parent / "toys.py"

MORE = """
from dataclasses import replace
from iml_general.judging.effect import Effect, score
from iml_general.protocol import INFORMATIVE

backwards = replace(INFORMATIVE, name="backwards")
early = Effect("early", "early gap", "A gap.", score("em", "new_reliable", "stage1"))
almost = Effect("almost", "almost a gap", "A gap.", score("em", "new_neutral"))
"""

STAGED = (ONE_STAGE, ONE_STAGE_SHUFFLED, THREE_STAGES, THREE_STAGES_SHUFFLED)
FACTS = (FACTS_FIRST, FACTS_FIRST_SHUFFLED)


@pytest.fixture
def points(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> dict[str, list[EntryPoint]]:
    """Entry points of the test's own, beside a file that the test may import from."""
    monkeypatch.syspath_prepend(str(tmp_path))
    (tmp_path / "toy_plugin.py").write_text(TOYS.read_text())
    (tmp_path / "needs_library.py").write_text("import no_such_library\n")
    for name, statement in {
        "breaks": "raise RuntimeError('two\\nlines')",
        "leaves": "import sys; sys.exit()",
        "interrupts": "raise KeyboardInterrupt('not you')",
    }.items():
        (tmp_path / f"{name}.py").write_text(f"{statement}\n")
    (tmp_path / "more.py").write_text(MORE)
    found: dict[str, list[EntryPoint]] = {}
    monkeypatch.setattr(loading, "points", lambda kind: found)
    yield found
    for name in ("toy_plugin", "needs_library", "breaks", "leaves", "interrupts", "more"):
        sys.modules.pop(name, None)


def register(points: dict[str, list[EntryPoint]], name: str, *targets: str) -> None:
    points[name] = [EntryPoint(name, target, "iml_general.learners") for target in targets]


def test_every_built_in_is_registered_and_can_be_used() -> None:
    kinds = (
        registry.learners(),
        registry.worlds(),
        registry.conditions(),
        registry.effects(),
        registry.presets(),
    )
    for found in kinds:
        assert found
        assert {name: one.reason for name, one in found.items() if one.reason} == {}
    assert set(registry.registered("worlds")) >= {"statements", "table"}
    assert {name: registry.condition(name) for name in registry.registered("conditions")} == {
        one.name: one for one in (*BUILT_IN, ATTACKED, ATTACKED_SHUFFLED, *STAGED, *FACTS)
    }
    assert registry.all_effects() == EFFECTS


@pytest.mark.parametrize(
    ("target", "reason"),
    [
        ("needs_library:X", "the library 'no_such_library' is not installed"),
        ("no_such_module:X", "the library 'no_such_module' is not installed"),
        ("breaks:X", "RuntimeError: two"),
        ("leaves:X", "SystemExit"),
        ("interrupts:X", "KeyboardInterrupt: not you"),
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


def test_ctrl_c_while_a_plugin_is_loaded_is_not_taken_for_its_fault(
    points: dict[str, list[EntryPoint]], tmp_path: Path
) -> None:
    pressed = "import os, signal\nos.kill(os.getpid(), signal.SIGINT)\n"
    (tmp_path / "pressed.py").write_text(pressed)
    register(points, "pressed", "pressed:X")
    before = signal.getsignal(signal.SIGINT)
    with pytest.raises(KeyboardInterrupt):
        registry.learners()
    assert signal.getsignal(signal.SIGINT) is before


def test_effects_of_plugins_follow_the_built_in_ones_and_broken_ones_are_left_out(
    points: dict[str, list[EntryPoint]],
) -> None:
    register(points, "iml_gap", "iml_general.judging.effects:IML_GAP")
    register(points, "early", "more:early")
    register(points, "almost", "more:almost")
    register(points, "trust", "iml_general.judging.effects:TRUST")
    register(points, "late", "more:early")
    register(points, "gone", "leaves:X")
    assert [effect.name for effect in registry.all_effects()] == ["trust", "iml_gap", "almost", "early"]
    reasons = {name: found.reason for name, found in registry.effects().items() if found.reason}
    assert set(reasons) == {"late", "gone"}
    assert "registered as 'late' but the effect is named 'early'" in reasons["late"]


def test_a_condition_is_found_by_its_name_or_by_module_and_name(
    points: dict[str, list[EntryPoint]],
) -> None:
    register(points, "backwards", "more:backwards")
    register(points, "forwards", "more:backwards")
    register(points, "early", "more:early")
    assert registry.condition("backwards") is registry.condition("more:backwards")
    with pytest.raises(UsageError, match="registered as 'forwards' but the condition is named 'backwards'"):
        registry.condition("forwards")
    with pytest.raises(UsageError, match=r"'early' is not an iml_general.protocol.condition.Condition"):
        registry.condition("early")
    with pytest.raises(UsageError, match="unknown condition 'bakwards'; did you mean 'backwards'"):
        registry.condition("bakwards")
    with pytest.raises(UsageError, match=r"unknown name in more 'bakwards'; did you mean 'backwards'"):
        registry.condition("more:bakwards")


def test_two_plugins_of_one_name_are_refused_and_both_named(points: dict[str, list[EntryPoint]]) -> None:
    register(points, "memory", "toy_plugin:Memory", "other_plugin:Memory")
    with pytest.raises(UsageError, match=r"toy_plugin:Memory .* and other_plugin:Memory"):
        registry.learner("memory")


def test_a_class_can_be_named_by_module_or_by_file(points: dict[str, list[EntryPoint]]) -> None:
    assert registry.learner("toy_plugin:Memory").info.name == "memory"
    assert registry.learner(f"{TOYS}:Memory").info.name == "memory"
    assert registry.learner(f"{TOYS}:Memory") is registry.learner(f"{TOYS}:Memory")


def test_a_file_that_was_edited_twice_within_a_second_is_the_one_that_lies_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    file = tmp_path / "mine.py"
    for value in (1, 2):  # of one length and date, by which Python tells old bytecode from new
        file.write_text(f"VALUE = {value}\n")
        os.utime(file, (1e9, 1e9))
        assert loading.import_named(f"{file}:VALUE") == value


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
        ("leaves:X", "'leaves:X' can't be loaded: SystemExit"),
        ("interrupts:X", "can't be loaded: KeyboardInterrupt: not you"),
    ],
)
def test_names_that_lead_nowhere_say_so(name: str, message: str, points: dict[str, list[EntryPoint]]) -> None:
    register(points, "xgboost", "learners.trees.boosted_xgb:XGBoost")
    with pytest.raises(UsageError) as caught:
        registry.learner(name)
    assert message in str(caught.value)
