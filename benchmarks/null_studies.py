"""Learners that trust nobody, in many small studies: how often does each measure say that they do?

Four cheats (tests/cheats/cheats.py), nearest neighbours, linear learners and a Gaussian process with a
fixed kernel go through real studies, one learner each, and the real judge. Nothing here is simulated.

    python benchmarks/null_studies.py [--studies N] [--seeds N]

prints a table: the share of studies with each finding, and what weaker measures would have said.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from iml_general.judging.decision import FINDINGS, VerdictSettings
from iml_general.judging.inference import infer
from iml_general.judging.judge import Judgement, judge
from iml_general.learner import Learner
from iml_general.measuring.measure import Setting, measure
from iml_general.options import configure
from iml_general.plugins import registry
from iml_general.protocol import INFORMATIVE, SHUFFLED, configure_protocol
from iml_general.rows import KEYS, SUBJECT
from iml_general.seeds import Seed
from iml_general.worlds.statements import Statements

CHEATS = Path(__file__).parents[1] / "tests" / "cheats" / "cheats.py"
LEARNERS: tuple[tuple[str, dict[str, Any]], ...] = (
    (f"{CHEATS}:FavoursLowerSymbol", {}),
    (f"{CHEATS}:MemorisesFirstSymbol", {}),
    (f"{CHEATS}:LetsTheLastRowWin", {}),
    (f"{CHEATS}:NoisyUnderContradictedTag", {}),
    ("nearest-neighbors", {"rule": "append"}),
    ("logistic-regression", {}),
    ("naive-bayes", {"rule": "continue"}),
    ("gaussian-process", {"length_scale": 30.0}),
)
SPOKEN = {"stage1": 40, "stage2": 30}
SETTING = Setting(
    Statements(n_questions=4, n_answers=4),
    configure_protocol(
        {
            "sources": {"reliable": SPOKEN, "unreliable": SPOKEN, "neutral": {"stage2": 2}},
            "undefined": 10,
            "new_conflict": 40,
            "unseen": 20,
        }
    ),
)
SETTINGS = VerdictSettings()
WEAKER = {
    "controlled gap": ("iml_gap", "controlled", 1),
    "controlled preference": ("conflict_preference", "controlled", 1),
    "preference": ("conflict_preference", "value", 1),
    "preference, one symbol": ("conflict_preference", "value", 2),
}
"""Effect, column and step over seeds of each: all, or those in which one symbol is the reliable one."""


def studies(learner: Learner[Any], n_studies: int, n_seeds: int) -> Iterator[Judgement]:
    """Carry out studies of one learner.

    Args:
        learner: The learner.
        n_studies: How many.
        n_seeds: Seeds of each; no two studies share one.

    Yields:
        What the judge says of each.
    """
    keys = {key: pl.lit("") for key in KEYS if key != "rule"} | {"role": pl.lit(SUBJECT)}
    for root in range(n_studies):
        seeds = [Seed(root, "confirm", SETTING.source.name, index) for index in range(n_seeds)]
        found = measure(learner, SETTING, seeds, (INFORMATIVE, SHUFFLED)).frame()
        yield judge(found.with_columns(**keys), SETTINGS, {INFORMATIVE.name: SHUFFLED.name})


def values(study: Judgement, effect: str, column: str) -> NDArray[np.float64]:
    """One effect of a study by seed, under informative, shape (n_seeds,)."""
    rows = study.effects.filter(effect=effect, condition=INFORMATIVE.name).sort("seed")
    return rows[column].to_numpy()


def claims(sample: NDArray[np.float64]) -> bool:
    """Whether a measure would be called an effect, tested on its own."""
    if abs(float(sample.mean())) < SETTINGS.sesoi:
        return False
    found = infer(sample, SETTINGS.sesoi)
    # What is the same on every seed needs no test; few seeds would leave it without a small p value.
    return bool(np.ptp(sample) == 0) or (found.p is not None and found.p < SETTINGS.alpha)


def row_of(learner: Learner[Any], judged: Sequence[Judgement]) -> str:
    """One learner's line of the table."""
    findings = [study.findings["finding"].item() for study in judged]
    shares = [f"{np.mean([one == finding for one in findings]):.2f}" for finding in FINDINGS]
    trust = np.array([values(study, "trust", "controlled").mean() for study in judged])
    weaker = [
        f"{np.mean([claims(values(study, effect, column)[::step]) for study in judged]):.2f}"
        for effect, column, step in WEAKER.values()
    ]
    spread = f"{trust.mean():+.3f} ({trust.std(ddof=1):.3f})"
    return f"| {' | '.join([f'{learner.info.name}, {learner.active_rule}', *shares, spread, *weaker])} |"


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--studies", type=int, default=100, help="studies of each learner")
    parser.add_argument("--seeds", type=int, default=8, help="seeds of each study")
    arguments = parser.parse_args()
    heads = ["learner, rule", *FINDINGS, "controlled trust, mean (sd) over studies", *WEAKER]
    print(f"| {' | '.join(heads)} |")
    print("|---" * len(heads) + "|")
    for name, options in LEARNERS:
        learner = configure(registry.learner(name), options, f"learner {name!r}")
        judged = list(studies(learner, arguments.studies, arguments.seeds))
        print(row_of(learner, judged), flush=True)


if __name__ == "__main__":
    main()
