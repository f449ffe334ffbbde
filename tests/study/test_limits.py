"""What one learner does to itself, it does not do to the study."""

from pathlib import Path

import pytest

from iml_general.protocol import GROUPS
from iml_general.study import engine
from iml_general.study.plan.keys import check_plan
from iml_general.study.plan.resolve import resolve
from iml_general.study.storage.place import Place
from iml_general.study.storage.record import RunRecord

TOYS = str(Path(__file__).parents[1] / "plugins" / "toys.py")
SMALL = dict.fromkeys(GROUPS, 8)


def run(folder: Path, toy: str, seeds: int = 2, **limits: float) -> RunRecord:
    plan = {
        "name": "x",
        "seeds": seeds,
        "protocol": SMALL,
        "limits": limits,
        "learners": [{"name": f"{TOYS}:{toy}"}, {"name": f"{TOYS}:Memory"}],
    }
    return engine.run(resolve(check_plan(plan, "test")), Place.of(folder, None), "test", lambda *_: None, 2)


@pytest.mark.parametrize(
    ("toy", "limits", "reason"),
    [
        ("SleepsForever", {"seconds": 2.0}, "took longer than the limit of 2 s"),
        ("Hoards", {"memory_mb": 700}, "used more memory than the limit of 700 MB"),
        ("AlwaysDies", {"deaths": 2}, "its process died 2 times, at last because: the process ended with"),
    ],
)
def test_the_study_goes_on_without_a_learner_that_has_to_be_ended(
    tmp_path: Path, toy: str, limits: dict[str, float], reason: str
) -> None:
    record = run(tmp_path, toy, **limits)
    assert record.complete
    assert set(record.scores["learner"]) == {"memory", "ideal-observer", "tag-blind"}
    assert set(record.scores["seed"]) == {0, 1}
    assert record.failures["seeds"].sort().to_list() == ["0", "1"]
    assert all(reason in text for text in record.failures["reason"])


def test_a_learner_is_stopped_after_failures_in_a_row_and_one_line_says_so(tmp_path: Path) -> None:
    record = run(tmp_path, "Raises", seeds=6, failures=2)
    assert record.complete
    reasons = record.failures.sort("seeds").select("seeds", "reason").rows()
    assert [seeds for seeds, _ in reasons] == ["0", "1", "2, 3, 4, 5"]
    assert all("ZeroDivisionError: one two" in reason for _, reason in reasons[:2])
    assert "was stopped after 2 failures in a row" in reasons[2][1]
    assert set(record.scores.filter(learner="memory")["seed"]) == set(range(6))
