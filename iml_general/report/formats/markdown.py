"""The report as Markdown: for repositories, issues and notes."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from iml_general.report.findings.comparison import ComparisonReport
from iml_general.report.findings.groups import group_title
from iml_general.report.findings.pairs import grouped
from iml_general.report.shown import glossary
from iml_general.report.shown.answer import answer, second_answer
from iml_general.report.shown.attack_figure import TITLE as ATTACK
from iml_general.report.shown.attack_figure import attack_sheet
from iml_general.report.shown.belief_figure import TITLE as BELIEFS
from iml_general.report.shown.belief_figure import belief_sheet
from iml_general.report.shown.costs import cost_sheet
from iml_general.report.shown.effect_sheet import ALL_EFFECTS, effect_sheet
from iml_general.report.shown.laws import ABOUT, SLOPES, TITLE, law_sheet, slope_sheet
from iml_general.report.shown.methods import methods
from iml_general.report.shown.plans import plan_differences, plan_toml
from iml_general.report.shown.preregistration import adherence_sheet, adherences, claims_in_words
from iml_general.report.shown.searches import EXPLANATION, search_sheet
from iml_general.report.shown.sheet import Sheet
from iml_general.report.shown.sheets import (
    evidence_sheet,
    group_sheet,
    matrix_sheets,
    sweep_sheet,
    verdict_sheet,
)
from iml_general.report.shown.source_figure import TITLE as WEIGHTS
from iml_general.report.shown.source_figure import source_sheet
from iml_general.report.shown.world_figure import TITLE as WORLDS
from iml_general.report.shown.world_figure import world_sheet
from iml_general.report.text.wording import plain

MARKUP = str.maketrans(
    {
        **{character: f"\\{character}" for character in "\\`*_{}[]#|~$"},
        **{"&": "&amp;", "<": "&lt;", ">": "&gt;", "@": "&#64;"},
    }
)


def render_markdown(report: ComparisonReport) -> str:
    """Write the report in GitHub's Markdown, without charts.

    Args:
        report: The report.

    Returns:
        Markdown text; the same report always gives the same text.
    """
    blocks = [f"# {escape(report.title)}", f"**{escape(answer(report))}**"]
    second = second_answer(report)
    blocks += [escape(second)] if second else []
    blocks += _laws(report) + _banners(report) + _verdicts(report) + _preregistration(report)
    for title, sheet in (
        (WORLDS, world_sheet(report)),
        (ATTACK, attack_sheet(report)),
        (WEIGHTS, source_sheet(report)),
        (BELIEFS, belief_sheet(report)),
    ):
        blocks += [f"## {escape(title)}", table(sheet)] if sheet else []
    blocks += _differences(report) + _searches(report)
    for sweep in report.sweeps:
        blocks += [f"## {escape(sweep.title)}", table(sweep_sheet(sweep))]
    blocks += [f"## {ALL_EFFECTS}", table(effect_sheet(report))]
    blocks += [f"## {group_title(report.means)}", table(group_sheet(report))]
    blocks += _failures(report)
    blocks += ["## Seconds per seed"]
    for label, run in report.runs:
        blocks += [*_of_run(report, label), table(cost_sheet(run.costs))]
    blocks += ["## How it was measured", *map(escape, methods(report))]
    blocks += _words(report) + _provenance(report)
    return "\n\n".join(blocks) + "\n"


@lru_cache(maxsize=4096)  # names and verdicts stand in many cells
def escape(text: object) -> str:
    """Make one line of text in which nothing is markup, a mention, a formula or a link.

    Args:
        text: Anything.

    Returns:
        Markdown that is displayed as the text, also inside a table.
    """
    line = plain(text).translate(MARKUP)
    # What looks like an address would be made a link of.
    return re.sub(r"(?i)\b(www)\.", r"\1&#46;", line).replace("://", "&#58;//")


def _banners(report: ComparisonReport) -> list[str]:
    banners = [f"> **INVALID.** {escape(fault)}" for fault in report.faults]
    if report.unfinished:
        banners.append(f"> **UNFINISHED: {report.unfinished}.** Verdicts may still change.")
    failed = report.n_failed
    if failed:
        units = "unit" if failed == 1 else "units"
        banners.append(f"> **{failed} {units} of work failed.** See below.")
    return banners


def _verdicts(report: ComparisonReport) -> list[str]:
    blocks = ["## Verdicts", "Controlled effects with 95% intervals over seeds."]
    for title, sheet in matrix_sheets(report):
        blocks += [f"### Side by side: {escape(title)}", table(sheet)]
    for heading, pairs in grouped(report.pairs):
        blocks += [f"### {escape(heading)}", table(verdict_sheet(report, pairs))]
    return [*blocks, "### The numbers behind the verdicts", table(evidence_sheet(report))]


def _laws(report: ComparisonReport) -> list[str]:
    if not report.laws:
        return []
    slopes = slope_sheet(report.laws[0])
    how_well = [f"## {escape(TITLE)}", escape(ABOUT), table(law_sheet(report))]
    return [*how_well, f"### {SLOPES}", table(slopes)]


def _failures(report: ComparisonReport) -> list[str]:
    failed = [
        f"- learner {escape(row['learner'])} ({escape(row['rules'])}), seeds {escape(row['seeds'])}:"
        f" {escape(row['reason'])}"
        for run in report.records
        for row in run.failures.iter_rows(named=True)
    ]
    absent = [
        f"- learner {escape(name)} did not take part: {escape(reason)}"
        for run in report.records
        for name, reason in run.absent.items()
    ]
    nothing = ["Nothing failed, and no learner that was meant to take part is absent."]
    return ["## What failed or is absent", "\n".join(failed + absent or nothing)]


def _words(report: ComparisonReport) -> list[str]:
    return [
        "## What the words mean",
        table(Sheet(("finding", "meaning"), glossary.finding_terms(report))),
        table(Sheet(("verdict or flag", "meaning"), glossary.verdict_terms(report))),
        table(Sheet(("word", "meaning"), glossary.terms(report))),
        table(Sheet(("here", "paper", "meaning"), glossary.notation(report))),
        f"Source paper: {glossary.PAPER}.",
    ]


def _provenance(report: ComparisonReport) -> list[str]:
    blocks = ["## Provenance"]
    for label, run in report.runs:
        blocks += [
            *_of_run(report, label),
            table(Sheet(("fact", "value"), tuple(run.provenance.items()))),
            "The resolved plan; saved as `plan.toml`, it is run again by `iml run plan.toml`.",
            _fenced(plan_toml(run.plan), "toml"),
        ]
    return blocks


def _of_run(report: ComparisonReport, label: str) -> list[str]:
    """The heading that says which run something belongs to, where there are several."""
    return [f"### {escape(label)}"] if len(report.runs) > 1 else []


def _searches(report: ComparisonReport) -> list[str]:
    if not report.searched:
        return []
    blocks = ["## What was searched for", escape(EXPLANATION)]
    for label, run in report.runs:
        if run.searches.height:
            blocks += [*_of_run(report, label), table(search_sheet(run))]
    return blocks


def _preregistration(report: ComparisonReport) -> list[str]:
    found = adherences(report)
    blocks = ["## Preregistration"] if found else []
    for label, adherence in found:
        texts = [adherence.in_words, *claims_in_words(adherence)]
        blocks += [*_of_run(report, label), *map(escape, texts), table(adherence_sheet(adherence))]
    return blocks


def _differences(report: ComparisonReport) -> list[str]:
    if len(report.runs) == 1:
        return []
    sheet = plan_differences([(name, run.plan) for name, run in report.runs])
    content = table(sheet) if sheet.rows else "The plans are equal."
    return ["## What differs between the runs' plans", content]


def table(sheet: Sheet) -> str:
    """Write a table in which nothing is markup."""
    rule = ["---"] * len(sheet.columns)
    return "\n".join(_row(cells) for cells in (map(escape, sheet.columns), rule, *_escaped(sheet)))


def _escaped(sheet: Sheet) -> Iterable[Iterable[str]]:
    return (map(escape, row) for row in sheet.rows)


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _fenced(text: str, language: str) -> str:
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{language}\n{text.rstrip()}\n{fence}"
