"""The directive ``gallery``: a card for every report that is stored under ``results/``.

A report's Markdown is a page of this site already. Where its HTML page is stored beside it, as
``report.html``, that page is put into the site too, and the card opens it.
"""

from __future__ import annotations

import re
import shutil
from html import escape, unescape
from pathlib import Path
from typing import ClassVar

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

STORED, SHOWN = "report.html", "page.html"
"""What the page is called where it is stored, and in the site: ``report.html`` is the Markdown's there."""
FIGURE = "figure.svg"
LONGEST = 320  # letters of an answer that a card has room for


class Gallery(SphinxDirective):
    """Puts the cards where the directive stands."""

    has_content: ClassVar[bool] = False

    def run(self) -> list[nodes.Node]:
        """Make one card per report, those whose page can be opened first."""
        folders = sorted(reports(Path(self.env.srcdir)), key=lambda one: (not _has_page(one), one.name))
        for folder in folders:
            self.env.note_dependency(str(folder / "report.md"))
        cards = "\n".join(_card(folder) for folder in folders)
        return [nodes.raw("", f'<div class="gallery">\n{cards}\n</div>', format="html")]


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the directive, and what copies the pages."""
    app.add_directive("gallery", Gallery)
    app.connect("build-finished", _copy_pages)
    return {"parallel_read_safe": True}


def reports(docs: Path) -> list[Path]:
    """Folders of all stored reports."""
    return [path.parent for path in sorted(docs.glob("results/*/report.md"))]


def _copy_pages(app: Sphinx, fault: Exception | None) -> None:
    """Put stored pages and first figures where the cards look for them."""
    if fault is not None:
        return
    for folder in reports(Path(app.srcdir)):
        there = Path(app.outdir) / "results" / folder.name
        there.mkdir(parents=True, exist_ok=True)
        if _has_page(folder):
            shutil.copyfile(folder / STORED, there / SHOWN)
        if figure := _figure(folder):
            shutil.copyfile(figure, there / FIGURE)


def _card(folder: Path) -> str:
    text, place = (folder / "report.md").read_text(encoding="utf-8"), f"results/{folder.name}"
    first, more = f"{place}/{SHOWN}", f"{place}/report.html"
    links = [f'<a href="{first}">Open the report</a>'] if _has_page(folder) else []
    links += [f'<a href="{more}">Text and tables</a>']
    command = re.search(r"^\| command \| (.*) \|$", text, re.MULTILINE)
    return "\n".join(
        (
            f'<section class="card" aria-labelledby="report-{escape(folder.name)}">',
            _drawn(folder, place),
            f'<div><h2 id="report-{escape(folder.name)}">{escape(folder.name)}</h2>',
            f"<p>{escape(_answer(text))}</p>",
            f"<p><code>{escape(_unmarked(command[1]))}</code></p>" if command else "",
            f'<p class="links">{" ".join(links)}</p></div>',
            "</section>",
        )
    )


def _drawn(folder: Path, place: str) -> str:
    figure = _figure(folder)
    if figure is None:
        return ""
    described = re.search("<desc>(.*?)</desc>", figure.read_text(encoding="utf-8"), re.DOTALL)
    return f'<img src="{place}/{FIGURE}" alt="{described[1] if described else ""}">'


def _figure(folder: Path) -> Path | None:
    """The figure of trust, else the first that there is."""
    figures = sorted(folder.glob("figures/*.svg"))
    trust = [one for one in figures if one.name == "controlled-trust.svg"]
    return next(iter(trust + figures), None)


def _has_page(folder: Path) -> bool:
    return (folder / STORED).is_file()


def _answer(text: str) -> str:
    """The sentence that a report begins with, or as much of it as fits on a card."""
    answer = _unmarked(text.split("**")[1])
    return answer if len(answer) <= LONGEST else f"{answer[:LONGEST].rpartition(' ')[0]} ..."


def _unmarked(text: str) -> str:
    """Text without Markdown's backslashes and entities."""
    return unescape(re.sub(r"\\(.)", r"\1", text))
