"""The lines of the page's table: what each is shown with, and what it can be chosen by."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from iml_general.report.findings.comparison import ComparisonReport
from iml_general.report.findings.estimates import Estimate
from iml_general.report.findings.pairs import KEY, Pair
from iml_general.report.shown.effect_figures import family_colours
from iml_general.report.shown.frame import Frame, ranked
from iml_general.report.shown.reproduce import command_for
from iml_general.report.text.wording import plain

CHOSEN_BY = ("study", "world", "condition", "level")
"""Columns that lines can be chosen by, besides what was found and the family."""


@dataclass(frozen=True)
class Line:
    """One line of the table.

    Attributes:
        pair: What was found.
        colour: That of its family.
        place: Its place in the charts; empty if they don't show it.
        facets: What it can be chosen by, and its value of that.
        beside: Words and estimate of every effect that stands beside the endpoints.
        command: What measures its learner again; may be empty.
    """

    pair: Pair
    colour: str
    place: str
    facets: Mapping[str, str]
    beside: tuple[tuple[str, Estimate | None], ...]
    command: str


def tables_of(report: ComparisonReport) -> list[list[Line]]:
    """Lay the table out as the first chart is: the largest primary effect on top, controls apart.

    Args:
        report: The report.

    Returns:
        Lines of subjects, then lines of controls; neither is empty.
    """
    subjects = ranked(pair for pair in report.pairs if pair.is_subject)
    controls = [pair for pair in report.pairs if not pair.is_subject]
    lines = {line.pair.key: line for line in _lines(report)}
    return [[lines[pair.key] for pair in some] for some in (subjects, controls) if some]


def _lines(report: ComparisonReport) -> Iterator[Line]:
    colours = family_colours(report)
    places = Frame.of(report.pairs).places
    runs = {run.name: run for run in report.records}
    for pair in report.pairs:
        place = places.get(pair.key)
        run = runs.get(pair.key[KEY.index("study")])  # none if its rows are of another study than its plan
        beside = tuple(
            (plain(effect.words), report.estimated.controlled(pair.key, effect.name))
            for effect in report.beside
        )
        yield Line(
            pair=pair,
            colour=colours[pair.heading],
            place="" if place is None else str(place),
            facets={
                "finding": pair.finding,
                "family": pair.heading,
                **{name: plain(pair.key[KEY.index(name)]) for name in CHOSEN_BY},
            },
            beside=beside,
            command=command_for(pair, run) if run and len(runs) == 1 else "",
        )
