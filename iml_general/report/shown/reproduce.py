"""The command that measures one line of a report again."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence

from iml_general.report.findings.pairs import KEY, Pair
from iml_general.report.text.wording import plain
from iml_general.study.storage.record import RunRecord

LEFT_OUT = ("--learner", "--out", "--storage", "--workers", "--preregistration", "--time-budget", "--cache")
"""Options that say who else takes part, or where and how a run is carried out: they change no row."""


def command_for(pair: Pair, run: RunRecord) -> str:
    """Say how to measure a learner alone, on the same seeds.

    Args:
        pair: A line of the run's.
        run: The run.

    Returns:
        A command whose rows of that learner equal the run's to the last digit. Empty for controls, which take
        part in every run, and where the plan has the learner by another name, or no command began the run.
    """
    words = _words(str(run.provenance.get("command", "")))
    names = {one["name"] for one in run.plan["learners"]}
    learner = pair.key[KEY.index("learner")]
    shown = plain(learner) == learner  # or else it is not what it looks like
    if words[:2] != ["iml", "run"] or learner not in names or not shown or not pair.is_subject:
        return ""
    return shlex.join([*_kept(words), "--learner", learner, "--out", f"runs/{learner}", "--cache", "off"])


def _words(command: str) -> list[str]:
    """Words of a shell's line; none if it is not one, whoever wrote it into the record."""
    try:
        return shlex.split(command)
    except ValueError:
        return []


def _kept(words: Sequence[str]) -> Iterator[str]:
    """The command's words without the options that are left out, each written as one word or as two."""
    skip = False
    for word in words:
        if skip or word.partition("=")[0] in LEFT_OUT:
            skip = word in LEFT_OUT
            continue
        yield word
