"""The checks of worlds: worlds that conform pass all, one that breaks a claim fails its check."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

import numpy as np
import pytest

from iml_general.checks import cases_of, conforms, parametrize, run_checks
from iml_general.checks.worlds import studies
from iml_general.checks.worlds.catalogue import WORLD_CHECKS
from iml_general.checks.worlds.subject import world_subject
from iml_general.encoding import FORMS
from iml_general.errors import UsageError
from iml_general.plugins import registry

if TYPE_CHECKING:
    from tests.conftest import Iml

FILE = Path(__file__).parent / "broken_worlds.py"
OF_A_STUDY = {"groups are alike", "tags take turns over seeds", "every form it offers can be read"}
SLOW = {
    *OF_A_STUDY,
    "the controls come out right",
    "same world in another process",
    "importing it loads nothing heavy",
    "nothing is printed",
    "no file is written",
}
"""Claims that take a second or more: only looked into where a world breaks them, or conforms."""

BREAKS = {
    "OptionsDoNotSurvive": "options survive JSON",
    "SaysNothing": "it says what it asks",
    "OwnRandomness": "same seed, same world",
    "SameForAllSeeds": "another seed, another world",
    "OneTooMany": "as many aliases as asked for",
    "RunsOutUnsaid": "1,000 aliases, or room says how many",
    "RoomIsTooLarge": "1,000 aliases, or room says how many",
    "RoomIsTooSmall": "1,000 aliases, or room says how many",
    "AsksOtherQuestions": "every draw asks the same questions",
    "HandsOutWhatItKeeps": "what is drawn is drawn anew",
    "UsesSharedRandomness": "global random numbers are left alone",
    "ClassTooHigh": "answers are classes of their questions",
    "WrongType": "answers are classes of their questions",
    "AliasesOfWhomOneAnswerIsKnown": "answers are classes of their questions",
    "StatesWhatIsNotRight": "answers are classes of their questions",
    "SaysWhatDoesNotFollow": "answers are classes of their questions",
    "ImpliesTheSameTwice": "answers are classes of their questions",
    "ImpliesTooLittle": "answers are classes of their questions",
    "EntitiesOfWhomNothingIsKnown": "answers are classes of their questions",
    "EntitiesCalledAsAliases": "names are distinct",
    "AClassNeverOccurs": "every class occurs",
    "NearlyAlwaysTheSame": "every question can be missed",
    "NamesAreShared": "names are distinct",
    "Sorted": "the order of aliases tells nothing",
    "NeighboursAreAlike": "the order of aliases tells nothing",
    "AllOfADrawAreAlike": "lies can be told",
    "ControlsCannotReadIt": "the controls come out right",
    "DependsOnTheHashSeed": "same world in another process",
    "Prints": "nothing is printed",
    "WritesFiles": "no file is written",
    "FilesAreGone": "its files are there",
}
FURTHER = {
    "OwnRandomness": {"what is drawn is drawn anew"},
    "SameForAllSeeds": {"the order of aliases tells nothing"},
    "OptionsDoNotSurvive": {"lies can be told"},
    "ClassTooHigh": {"lies can be told"},
    "ImpliesTooLittle": {"lies can be told"},
}
"""What else does not hold of some of them."""


@pytest.fixture(autouse=True)
def own_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Some of these worlds write files."""
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize("name", ["Good", "GappyWithSeveral", "Implying", "Limited"])
def test_a_world_that_conforms_passes_every_check(name: str) -> None:
    results = run_checks(f"{FILE}:{name}")
    assert [result.message for result in results if result.outcome != "pass"] == []
    assert [result.id for result in results] == [f"toy: {check.claim}" for check in WORLD_CHECKS]
    assert conforms(results)


@pytest.mark.parametrize("name", BREAKS)
def test_a_broken_world_fails_the_check_of_what_it_breaks(name: str) -> None:
    broken = f"{FILE}:{name}"
    cases = [
        case for case in cases_of(broken) if case.check.claim not in SLOW or case.check.claim == BREAKS[name]
    ]
    failed = {case.check.claim: result for case in cases if (result := case.run()).outcome == "fail"}
    result = failed[BREAKS[name]]
    assert result.seen
    assert result.expected
    assert result.again == f"iml check {broken} --only {BREAKS[name]!r}"
    if name != "RoomIsTooLarge":  # nothing can be drawn of it
        assert set(failed) == {BREAKS[name], *FURTHER.get(name, ())}


def test_a_world_that_is_heavy_to_import_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "jax", ModuleType("jax"))  # so that what the file does is undone
    loads = "import sys, types\nsys.modules.setdefault('jax', types.ModuleType('jax'))"
    (tmp_path / "heavy.py").write_text(f"{loads}\n{FILE.read_text()}")
    (result,) = run_checks(f"{tmp_path}/heavy.py:Good", only="heavy")
    assert (result.outcome, result.seen) == ("fail", "importing it loads jax")


def test_a_split_that_answers_decide_and_tags_that_stay_are_found() -> None:
    subject = world_subject(f"{FILE}:Good")
    studies.groups_are_alike(subject)
    studies.tags_take_turns(subject)
    by_answer = [
        replace(one, group=np.sort(one.group)[np.argsort(np.argsort(one.world.answers[:, 2]))])
        for one in subject.drawn
    ]
    subject.__dict__["drawn"] = tuple(by_answer)
    with pytest.raises(Exception, match="groups differ in their answers to 'question 2'"):
        studies.groups_are_alike(subject)
    subject.__dict__["drawn"] = (by_answer[0],) * 10
    with pytest.raises(Exception, match="two symbols that change places with every seed"):
        studies.tags_take_turns(subject)


def test_a_form_that_gives_what_is_no_number_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    form = type(FORMS["vectors"])
    drawn = form.draw

    def infinite(self, encoding, sizes, generator):
        coder = drawn(self, encoding, sizes, generator)
        return replace(coder, encode=lambda *row: coder.encode(*row) / np.float32(0))

    monkeypatch.setattr(form, "draw", infinite)
    with (
        np.errstate(all="ignore"),
        pytest.raises(Exception, match="not finite in the form vectors"),
    ):
        studies.every_form_can_be_read(world_subject(registry.world(f"{FILE}:Good")(n_questions=5)))


def test_every_claim_has_a_world_or_a_test_that_breaks_it() -> None:
    broken = {*BREAKS.values(), *OF_A_STUDY, "importing it loads nothing heavy"}
    assert broken == {check.claim for check in WORLD_CHECKS}


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("class Mine(Good):\n    pass", "is not decorated with @dataclass(frozen=True)"),
        ("@dataclass\nclass Mine(Good.__base__):\n    pass", "is not decorated with @dataclass(frozen=True)"),
        (
            "@dataclass(frozen=True)\nclass Mine(Good):\n    name = 'My World'",
            "is not lower-case words joined",
        ),
        (
            "@dataclass(frozen=True)\nclass Mine(Good):\n    summary = ''",
            "is not a line that says what it is",
        ),
        ("@dataclass(frozen=True)\nclass Mine(Good):\n    forms = ('smell',)", "offers the form 'smell'"),
        ("@dataclass(frozen=True)\nclass Mine(Good):\n    forms = ()", "are not a tuple of names"),
        (
            "@dataclass(frozen=True, kw_only=True)\nclass Mine(Good):\n    size: int",
            "has the option 'size' without a default",
        ),
        (
            "@dataclass(frozen=True)\nclass Mine(Good.__base__):\n    name = 'mine'\n    summary = 'mine'",
            "lacks the methods describe, draw",
        ),
    ],
)
def test_a_world_that_breaks_the_contract_is_refused_in_one_line(
    tmp_path: Path, body: str, message: str
) -> None:
    (tmp_path / "mine.py").write_text(f"{FILE.read_text()}\n\n{body}\n")
    for ask in (registry.world, cases_of):
        with pytest.raises(UsageError) as caught:
            ask(f"{tmp_path}/mine.py:Mine")
        assert message in str(caught.value)
        assert "\n" not in str(caught.value)


def test_configurations_and_shipped_worlds_are_cases_of_a_pytest_suite() -> None:
    good = registry.world(f"{FILE}:Good")
    mark = parametrize([good(n_questions=7), "statements"], {"toy: names are distinct": "they are"})
    ids = [case.id for case in mark.args[1]]
    assert len(ids) == 2 * len(WORLD_CHECKS)
    assert {case.subject.source.n_questions for case in cases_of(good(n_questions=7))} == {7}
    (result,) = run_checks(good(n_questions=7), {"toy: names are distinct": "they are"}, only="names")
    assert "expected to fail (they are)" in result.seen


def test_the_command_tells_what_it_found_of_a_world(iml: Iml, tmp_path: Path) -> None:
    done = iml("check", "statements", "--only", "missed", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert "guessing the commonest answer is right in 25%" in done.stdout
    assert done.stdout.splitlines()[-1] == "statements conforms: 1 passed, 0 failed, 0 skipped."
    done = iml("check", f"{FILE}:NamesAreShared", "--only", "names", cwd=tmp_path)
    assert done.returncode == 1
    assert "seen: 1 names that several aliases share, such as ['alias 1']" in done.stdout
    done = iml("check", "statments", cwd=tmp_path)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert "unknown learner or world 'statments'; did you mean 'statements'" in done.stderr
