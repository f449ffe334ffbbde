"""Results, exemptions, the pytest cases and the command: what an author of a learner meets."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from iml_general.checks import CheckResult, cases_of, conforms, parametrize, run_checks
from iml_general.errors import UsageError
from iml_general.plugins import registry

if TYPE_CHECKING:
    from tests.conftest import Iml

FILE = Path(__file__).parent / "broken.py"
SAME = "toy: same seed, same answers"


def broken(name: str) -> type:
    return registry.learner(f"{FILE}:{name}")


def test_nothing_failed_is_not_enough_if_everything_was_skipped() -> None:
    passed, skipped, failed = (CheckResult("x", outcome) for outcome in ("pass", "skip", "fail"))
    expected = CheckResult("x", "expected failure")
    assert conforms([passed, skipped])
    assert conforms([expected, skipped])
    assert not conforms([passed, failed])
    assert not conforms([skipped, skipped])
    assert not conforms([])


def test_an_expected_failure_with_a_reason_is_none() -> None:
    (result,) = run_checks(broken("FitCountsItsCalls"), {SAME: "it counts"}, only=SAME)
    assert (result.outcome, result.reason) == ("expected failure", "it counts")
    assert conforms([result])


def test_an_expected_failure_that_passes_is_a_failure() -> None:
    (result,) = run_checks(broken("Good"), {SAME: "it counts"}, only=SAME)
    assert result.outcome == "fail"
    assert "expected to fail (it counts)" in result.seen


@pytest.mark.parametrize(
    ("exemption", "message"),
    [
        ({"toy: same sed, same answers": "why"}, "did you mean 'toy: same seed, same answers'"),
        ({SAME: ""}, "has no reason"),
    ],
)
def test_an_exemption_names_a_check_and_a_reason(exemption: dict[str, str], message: str) -> None:
    for ask in (
        lambda: cases_of(broken("Good"), exemption),
        lambda: parametrize([broken("Good")], exemption),
    ):
        with pytest.raises(UsageError, match=message):
            ask()


def test_a_text_that_is_in_no_check_is_refused() -> None:
    with pytest.raises(UsageError, match=r"no check has 'sead' in its name; there are \d+, such as '.*seed"):
        run_checks(broken("Good"), only="sead")
    with pytest.raises(UsageError, match="no check has 'zzz' in its name") as refused:
        run_checks(broken("Good"), only="zzz")
    assert len(str(refused.value)) < 240, "a line, not a screen"


def test_checks_are_chosen_by_what_a_learner_is_and_declares() -> None:
    reasons = {case.id: case.skipped for case in cases_of("logistic-regression") if case.skipped}
    assert reasons["logistic-regression: cohort equals the loop"] == "it offers no cohort"
    assert reasons["logistic-regression: state is not mutated by update"] == "its only rule is retrain"
    ids = [case.id for case in cases_of("lightgbm")]
    assert {f"lightgbm-{rule}: state is not mutated by update" for rule in ("refit", "grow")} <= set(ids)
    assert len(set(ids)) == len(ids)


def test_a_configuration_can_be_checked_and_a_class_without_defaults_can_not(tmp_path: Path) -> None:
    heavy = broken("Good")(weight=3)
    assert {case.subject.learner.weight for case in cases_of(heavy)} == {3}
    (result,) = run_checks(broken("NeedsTwoRows")(weight=3), only="one row")
    assert "run_checks(NeedsTwoRows(rule='append', weight=3" in result.again
    assert result.again.endswith(", only='one row is enough')")
    source = FILE.read_text().replace(
        'rule: Literal["append", "continue", "retrain"] = "append"', "rule: str"
    )
    source = source.replace("] = 1\n", "]\n").replace("Lt(2)] = 0.1", "Lt(2)]")
    (tmp_path / "bare.py").write_text(source)
    with pytest.raises(UsageError, match="give every field of a learner a default"):
        cases_of(f"{tmp_path}/bare.py:MethodsWithoutTheirClass")


AUTHOR = f"""
from iml_general.plugins import registry
from iml_general.checks import parametrize

@parametrize(
    [registry.learner({str(FILE)!r} + ":" + name) for name in NAMES],
    expected_failures=EXPECTED,
)
def test_conforms(check):
    check()
"""


def author_runs(
    folder: Path, suites: dict[str, tuple[str, dict[str, str]]]
) -> tuple[int, dict[str, list[str]]]:
    """Run suites of authors, each of a learner and what is expected to fail; say what came of them."""
    for suite, (name, expected) in suites.items():
        (folder / f"test_{suite}.py").write_text(f"NAMES = [{name!r}]\nEXPECTED = {expected!r}\n{AUTHOR}")
    command = [sys.executable, "-m", "pytest", "-q", "-rA", "-p", "no:cacheprovider", "-k", "same"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=folder)
    told = re.findall(r"^([A-Z]+) test_(\w+)\.py::test_conforms\[(.*?)\]", done.stdout, re.MULTILINE)
    assert SAME in {check for _, _, check in told}, done.stdout
    return done.returncode, {
        suite: sorted(outcome for outcome, of, _ in told if of == suite and outcome != "PASSED")
        for suite in suites
    }


def test_an_authors_suite_tells_each_check_apart(tmp_path: Path) -> None:
    broken, good = ("FitCountsItsCalls", {}), ("Good", {SAME: "it counts"})
    code, outcomes = author_runs(tmp_path, {"broken": broken, "good": good})
    assert (code, outcomes) == (1, {"broken": ["FAILED"] * 2, "good": ["FAILED"]})


def test_an_authors_suite_of_failures_that_are_all_expected_passes(tmp_path: Path) -> None:
    expected = {SAME: "it counts", "toy: same answers in another process": "it counts"}
    code, outcomes = author_runs(tmp_path, {"broken": ("FitCountsItsCalls", expected)})
    assert (code, outcomes) == (0, {"broken": ["XFAIL"] * 2})


def test_the_command_says_in_its_last_line_whether_a_learner_conforms(
    iml: Iml, iml_process: Iml, tmp_path: Path
) -> None:
    done = iml_process("check", f"{FILE}:Good", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[-1].startswith(f"{FILE}:Good conforms: ")
    done = iml("check", f"{FILE}:NeedsTwoClasses", "--only", "class", cwd=tmp_path)
    assert done.returncode == 1
    assert done.stdout.splitlines()[-1].startswith(f"{FILE}:NeedsTwoClasses does not conform: ")
    assert (
        "seen: raised ValueError: This solver needs samples of at least 2 classes (broken.py" in done.stdout
    )
    again = f"again: iml check {FILE}:NeedsTwoClasses --only 'one class is enough'"
    assert again in done.stdout


def test_one_fault_behind_many_failures_is_told_once(iml: Iml, tmp_path: Path) -> None:
    done = iml("check", f"{FILE}:ReturnsNan", "--only", "rob", cwd=tmp_path)
    assert done.stdout.count("seen: ") <= 2
    skipped = iml("check", f"{FILE}:Good", "--only", "same seed", cwd=tmp_path)
    assert skipped.stdout.splitlines()[-1].endswith("conforms: 3 passed, 0 failed, 0 skipped.")


def test_a_check_that_looked_at_nothing_has_failed(iml: Iml, tmp_path: Path) -> None:
    done = iml("check", "chance", "--only", "cohort", cwd=tmp_path)
    assert done.returncode == 1
    assert done.stdout.splitlines()[-1] == "chance was not checked: all checks were skipped."


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["check"], "Missing argument"),
        (["check", "xgbost"], "did you mean 'xgboost'"),
        (["check", f"{FILE}:Nobody"], "unknown name"),
        (["check", "chance", "--only", "sead"], "no check has 'sead' in its name"),
    ],
)
def test_wrong_usage_of_check_is_one_line_and_exit_code_2(
    iml: Iml, tmp_path: Path, arguments: list[str], message: str
) -> None:
    done = iml(*arguments, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert message in done.stderr
    assert done.stderr.count("\n") == 1
