"""Made-up score rows with known effects, and one way to judge them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import polars as pl
import pytest

from iml_general.judging.decision import VerdictSettings
from iml_general.judging.effect import Effect
from iml_general.judging.effects import EFFECTS
from iml_general.judging.judge import Judgement, judge
from iml_general.rows import KEYS, NEGATIVE, POSITIVE, SCHEMA_VERSION, SCORE_SCHEMA, SUBJECT

CONTROLS = {"informative": "shuffled"}
ROLES = {"ideal": POSITIVE, "blind": NEGATIVE}
LIKE_A_LEARNER = {"base": 0.5, "unseen": 0.25, "statement": 0.9, "memory_gap": 0.0}

Row = dict[str, Any]
MakeRow = Callable[..., Row]
MakeLearner = Callable[..., list[Row]]
MakeFrame = Callable[..., pl.DataFrame]
JudgeAll = Callable[..., Judgement]
Around = Callable[..., list[float]]


def _row(measure: str, group: str, value: float, **changes: Any) -> Row:
    who = {key: f"some {key}" for key in KEYS}
    where = {"condition": "informative", "seed": 0, "moment": "stage2", "probe": "question"}
    what = {"schema_version": SCHEMA_VERSION, "n": 10, "group": group, "measure": measure, "value": value}
    return {**who, **where, **what, **changes}


def _seed(trust: float, gap: float, em: Mapping[str, float], **where: Any) -> list[Row]:
    """Rows of one seed under one condition, with the given trust and gap."""
    ems = {
        ("new_reliable", "question"): em["base"] + gap,
        ("new_unreliable", "question"): em["base"],
        ("new_reliable", "statement"): em["statement"] + em["memory_gap"],
        ("new_unreliable", "statement"): em["statement"],
        ("unseen", "question"): em["unseen"],
    }
    said = {"said_reliable": 0.5 + trust / 2, "said_unreliable": 0.5 - trust / 2}
    return [
        *(_row("em", group, value, probe=probe, **where) for (group, probe), value in ems.items()),
        *(
            _row(measure, "new_conflict", value, **{**where, "moment": moment})
            for moment in ("stage2", "stage2_twin")
            for measure, value in said.items()
        ),
    ]


def _learner(
    name: str,
    trust: Sequence[float],
    gap: Sequence[float] | None = None,
    condition: str = "informative",
    control: str = "shuffled",
    keys: Mapping[str, str] | None = None,
    **facts: float,
) -> list[Row]:
    """Rows of a learner whose controlled trust and IML gap are the given ones, seed by seed."""
    em = {**LIKE_A_LEARNER, **facts}
    who = {**dict.fromkeys(KEYS, "x"), "point": "", "learner": name, "role": ROLES.get(name, SUBJECT)}
    gap = trust if gap is None else gap
    return [
        row
        for seed, effects in enumerate(zip(trust, gap, strict=True))
        for where, shown in ((condition, effects), (control, (0.0, 0.0)))
        for row in _seed(*shown, em, **{**who, **(keys or {})}, seed=seed, condition=where)
    ]


def _frame(*rows: Row) -> pl.DataFrame:
    return pl.DataFrame(list(rows), schema=SCORE_SCHEMA)


def _judged(
    *learners: list[Row],
    settings: VerdictSettings | None = None,
    controls: Mapping[str, str] = CONTROLS,
    effects: Sequence[Effect] = EFFECTS,
) -> Judgement:
    scores = _frame(*(row for learner in learners for row in learner))
    return judge(scores, settings or VerdictSettings(), controls, effects)


def _around(mean: float, sd: float = 0.01, n: int = 8) -> list[float]:
    z = np.linspace(-1, 1, n)
    return list(mean + sd * z / z.std(ddof=1))


@pytest.fixture(scope="session")
def row() -> MakeRow:
    """Make one score row."""
    return _row


@pytest.fixture(scope="session")
def learner() -> MakeLearner:
    """Make all score rows of one learner."""
    return _learner


@pytest.fixture(scope="session")
def frame() -> MakeFrame:
    """Make a table of score rows."""
    return _frame


@pytest.fixture(scope="session")
def judged() -> JudgeAll:
    """Judge learners together."""
    return _judged


@pytest.fixture(scope="session")
def around() -> Around:
    """Make effects of seeds with exactly the given mean and standard deviation."""
    return _around
