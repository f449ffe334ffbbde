"""Returns and attributes are described in prose here: types stand in the annotations.

napoleon takes what precedes the first colon of such a description for a type. An empty type before it
leaves the sentence whole.
"""

from __future__ import annotations

from sphinx.application import Sphinx


def setup(app: Sphinx) -> dict[str, bool]:
    """Register with Sphinx, ahead of napoleon."""
    app.connect("autodoc-process-docstring", _keep_whole, priority=400)
    return {"parallel_read_safe": True}


def _keep_whole(app: Sphinx, what: str, name: str, obj: object, options: object, lines: list[str]) -> None:
    del app, name, obj, options
    if what in ("attribute", "data", "property") and lines:
        lines[0] = f": {lines[0]}"
    for i, line in enumerate(lines[:-1]):
        if line.strip() in ("Returns:", "Yields:"):
            text = lines[i + 1].lstrip()
            lines[i + 1] = " " * (len(lines[i + 1]) - len(text)) + f": {text}"
