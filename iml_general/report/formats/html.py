"""The report as one HTML page that needs nothing else: no server, no network, no script to be read."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Sequence
from importlib.resources import files

import jinja2
from markupsafe import Markup

from iml_general.report.findings.comparison import ComparisonReport
from iml_general.report.formats.page_lines import tables_of
from iml_general.report.shown import glossary
from iml_general.report.shown.answer import answer, second_answer
from iml_general.report.shown.costs import cost_sheet
from iml_general.report.shown.figure import Figure
from iml_general.report.shown.figures import figures
from iml_general.report.shown.methods import methods
from iml_general.report.shown.plans import plan_differences, plan_toml
from iml_general.report.shown.preregistration import adherence_sheet, adherences, claims_in_words
from iml_general.report.shown.searches import EXPLANATION, search_sheet
from iml_general.report.shown.sheets import evidence_sheet, matrix_sheets
from iml_general.report.text.wording import plain

TEMPLATES = "templates"
ABOUT = (
    "Implicit meta-learning (IML): once taught which source is right, a learner believes that source more"
    " from then on, although nothing rewards it. It matters because trust that was earned can be abused, to"
    " poison data or to steer a model when it is updated."
)


def render_html(report: ComparisonReport) -> str:
    """Write the page.

    Args:
        report: The report.

    Returns:
        HTML text; the same report always gives the same text.
    """
    drawn = figures(report)
    style, script = _asset("report.css"), _asset("report.js")
    something_failed = report.n_failed > 0 or any(run.absent for run in report.records)
    return _environment().get_template("report.html.j2").render(
        report=report,
        about=ABOUT,
        answer=answer(report),
        second_answer=second_answer(report),
        figures=drawn,
        tables=tables_of(report),
        side_by_side=matrix_sheets(report),
        evidence=evidence_sheet(report),
        differences=plan_differences([(name, run.plan) for name, run in report.runs]),
        searching=EXPLANATION,
        adherences=adherences(report),
        something_failed=something_failed,
        contents=_contents(report, drawn, something_failed),
        methods=methods(report),
        terms=glossary.terms(report),
        finding_terms=glossary.finding_terms(report),
        verdict_terms=glossary.verdict_terms(report),
        notation=glossary.notation(report),
        paper=glossary.PAPER,
        style=style,
        script=script,
        policy=f"default-src 'none'; style-src {_hash(style)}; script-src {_hash(script)};"
        " img-src data:; base-uri 'none'",  # an image of the page's own is made where a chart is saved
    )  # fmt: skip


def _contents(report: ComparisonReport, drawn: Sequence[Figure], something_failed: bool) -> dict[str, str]:
    """Titles of the page's sections by what links to them, in their order: what is folded comes last."""
    first, *others = drawn
    failed = {"failed": "What failed or is absent"}
    return {
        first.name: first.title,
        "findings": "Findings",
        **{figure.name: figure.title for figure in others if not figure.is_detail},
        **(failed if something_failed else {}),
        **({"preregistration": "Preregistration"} if adherences(report) else {}),
        **({"differences": "What differs between the runs' plans"} if len(report.runs) > 1 else {}),
        **({"searches": "What was searched for"} if report.searched else {}),
        **{figure.name: figure.title for figure in others if figure.is_detail},
        "cost": "What it cost",
        "methods": "How it was measured",
        "words": "What the words mean",
        **failed,
        "provenance": "Provenance",
    }


def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("iml_general.report.formats", TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "plain": plain,
        "minus": _minus,
        "slug": _slug,
        "capitalised": _capitalised,
        "sort_key": _sort_key,
        "drawing": _drawing,
        "adherence_sheet": adherence_sheet,
        "claims_in_words": claims_in_words,
        "cost_sheet": cost_sheet,
        "plan_toml": plan_toml,
        "search_sheet": search_sheet,
    }
    return environment


def _asset(name: str) -> Markup:
    return Markup(files("iml_general.report.formats").joinpath(TEMPLATES, name).read_text(encoding="utf-8"))


def _hash(text: str) -> str:
    """The source by which a content security policy allows exactly this text."""
    digest = hashlib.sha256(text.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"


def _minus(text: str) -> str:
    """Numbers with a true minus sign, as wide as the plus sign above or below it."""
    return re.sub(r"(?<![\w.])-(?=\d)", "\N{MINUS SIGN}", text)


def _sort_key(value: float | None) -> str:
    """A number for the page's script to order by; empty sorts last."""
    return "" if value is None else f"{value:.6f}"


def _slug(text: str) -> str:
    """A finding's or a verdict's word as the name of a style class."""
    return text.replace(" ", "-")


def _capitalised(text: str) -> str:
    """The same with a capital letter at its beginning; others stay as they are."""
    return f"{text[:1].upper()}{text[1:]}"


def _drawing(svg: str) -> Markup:
    """An SVG of ours, whose texts the renderer has escaped, without its fixed size."""
    return Markup(re.sub(r'^<svg ([^>]*?) width="[\d.]+" height="[\d.]+"', r"<svg \1", svg, count=1))
