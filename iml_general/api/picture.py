"""One drawing of a report, for a notebook or a file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from iml_general.errors import UsageError, unknown
from iml_general.report.formats.figure_files import KINDS, drawn, standalone
from iml_general.report.shown.figure import Figure, Panel


class Picture:
    """A drawing that shows itself in a notebook: a mean with its interval on every line, told at a pointer.

    Attributes:
        title: What it is about.
        caption: What is seen, and over how many seeds.
        alt: What is seen, for those who can't see it.
    """

    def __init__(self, figure: Figure, panel: Panel) -> None:
        """Take a drawing out of its figure.

        Args:
            figure: The figure, with its legend.
            panel: The drawing.
        """
        self.title, self.caption, self.alt = figure.title, figure.caption, panel.alt
        self._svg = standalone(figure, panel)

    @property
    def svg(self) -> str:
        """The drawing with its legend on a white ground."""
        return self._svg

    def save(self, path: str | Path) -> Path:
        """Write it to a file.

        Args:
            path: Where; its end, ``.svg``, ``.pdf`` or ``.png``, says in which format.

        Returns:
            The file.

        Raises:
            UsageError: If the end says nothing, or the file can't be written.
        """
        file = Path(path)
        kind = file.suffix.removeprefix(".").lower()
        if kind not in KINDS:
            raise UsageError(f"{str(path)!r}: {unknown('format of a figure', kind, KINDS)}")
        try:
            file.write_bytes(drawn(self._svg, kind))
        except OSError as error:
            raise UsageError(f"{str(path)!r} can't be written: {error.strerror or error}") from None
        return file

    def __repr__(self) -> str:
        return f"<Picture: {self.alt}>"

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        """The drawing, and in words for whoever shows no drawings."""
        del include, exclude  # a frontend takes what it can show
        return {"image/svg+xml": self._svg, "text/plain": self.alt}
