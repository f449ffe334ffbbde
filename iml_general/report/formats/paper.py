"""Text and table for a paper, to be pasted: the same in LaTeX and Markdown, and what to cite as BibTeX."""

from __future__ import annotations

from iml_general.report.findings.comparison import ComparisonReport
from iml_general.report.findings.pairs import grouped
from iml_general.report.formats import latex, markdown
from iml_general.report.shown.glossary import PAPER
from iml_general.report.shown.methods import methods
from iml_general.report.shown.paper import again, results, results_sheet

CAPTION = "Findings, controlled effects with 95% intervals over seeds, and Holm-corrected p"
BIBLIOGRAPHY = """\
@software{iml-general,
  title = {iml\\_general: does a learner learn whom to trust?},
  author = {{The iml\\_general authors}},
  version = {VERSION},
}

@inproceedings{krasheninnikov-2024,
  title = {Implicit meta-learning may lead language models to trust more reliable sources},
  author = {Krasheninnikov, Dmitrii and Krasheninnikov, Egor and Mlodozeniec, Bruno Kacper and Maharaj, Tegan
    and Krueger, David},
  booktitle = {International Conference on Machine Learning (ICML)},
  year = {2024},
  note = {arXiv:2310.15047},
}
"""


def paper_latex(report: ComparisonReport) -> str:
    """Write paragraphs and tables that are pasted into, or read by, an article with booktabs.

    Args:
        report: The report.

    Returns:
        ASCII text, which is no document of its own.
    """
    return latex.environment().get_template("paper.tex.j2").render(
        report=report,
        methods=methods(report),
        results=results(report),
        again=again(report),
        caption=CAPTION,
        paper=PAPER,
        columns=results_sheet(report, ()).columns,
        tables=[
            [(heading, results_sheet(report, pairs).rows) for heading, pairs in groups]
            for groups in latex.tables_of_a_page(report)
        ],
    )  # fmt: skip


def paper_markdown(report: ComparisonReport) -> str:
    """Write the same paragraphs, and one table.

    Args:
        report: The report.

    Returns:
        Markdown text.
    """
    ordered = [pair for _, pairs in grouped(report.pairs) for pair in pairs]
    blocks = [
        *("## Methods", *map(markdown.escape, methods(report)), f"Design after {PAPER}."),
        *("## Results", *map(markdown.escape, results(report))),
        *(f"{CAPTION}.", markdown.table(results_sheet(report, ordered))),
        *("## To do it again", *map(markdown.escape, again(report))),
    ]
    return "\n\n".join(blocks) + "\n"


def bibliography(report: ComparisonReport) -> str:
    """Write what to cite, with the version that measured.

    Args:
        report: The report.

    Returns:
        Two entries of BibTeX.
    """
    found = dict.fromkeys(
        run.provenance.get("version of iml-general", "not recorded") for run in report.records
    )
    return BIBLIOGRAPHY.replace("VERSION", latex.escape(", ".join(found)))
