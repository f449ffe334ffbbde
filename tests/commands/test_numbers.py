"""Regressors on the command line: a study, its report, and who is refused."""

import json
from pathlib import Path

import pytest

SMALL = ["--set", "protocol.undefined=5", "--set", "protocol.sources.reliable.stage1=40"]


def test_a_study_of_numbers_from_the_plan_to_the_report(iml, tmp_path: Path) -> None:
    arguments = ["run", "numbers", "--seeds", "3", "--learner", "nearest-neighbors-regressor", *SMALL]
    arguments += ["--learner", "extra-trees", "--out", "here"]  # a classifier, which can't take part
    done = iml(*arguments, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "extra-trees: answers with classes, and world 'numbers' is answered with numbers" in " ".join(
        done.stdout.split()
    )
    report = iml("report", "here", "--format", "json", "--format", "md", cwd=tmp_path)
    assert report.returncode == 0, report.stderr
    text = (tmp_path / "here" / "report" / "report.md").read_text()
    assert "INVALID" not in text
    assert "## R2 of each group" in text
    assert "statement weight" not in text.split("## What the words mean")[0]  # it is of classes
    page = (tmp_path / "here" / "report" / "report.html").read_text()
    assert "R2 after stage 2" in page
    assert "EM after stage 2" not in page
    shown = json.loads((tmp_path / "here" / "report" / "report.json").read_text())
    assert "slope_gap" in json.dumps(shown)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (
            ["run", "quick", "--world", "numbers"],
            "answers with classes, and world 'numbers' is answered with",
        ),
        (["run", "numbers", "--world", "statements"], "answers with numbers, and world 'statements' is"),
    ],
)
def test_whoever_answers_otherwise_is_refused_in_a_line(iml, tmp_path: Path, arguments, told) -> None:
    done = iml(*arguments, cwd=tmp_path)
    assert done.returncode == 2
    assert told in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert not list(tmp_path.iterdir())


def test_what_there_is_says_who_answers_with_numbers(iml, tmp_path: Path) -> None:
    lines = iml("learners", cwd=tmp_path).stdout.splitlines()
    of_numbers = {line.split()[0] for line in lines if "answers with numbers" in line}
    assert {"ridge", "xgboost-regressor", "ideal-observer-of-numbers"} <= of_numbers
    assert {"xgboost", "ideal-observer"}.isdisjoint(of_numbers)
