"""The directive ``claims``: a table of every check of learners or of worlds, read off its catalogue."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any, ClassVar

from docutils import nodes
from docutils.statemachine import StringList
from sphinx.application import Sphinx
from sphinx.ext.autodoc.mock import mock
from sphinx.util.docutils import SphinxDirective

from iml_general.learner import Learner, LearnerInfo
from iml_general.regressor import Regressor
from iml_general.rows import REFERENCE

if TYPE_CHECKING:
    from iml_general.checks.check import Check


class Bare(Learner[None]):
    """A learner that no conditional claim is made of."""

    info: ClassVar[LearnerInfo] = LearnerInfo(
        "bare", family="none", summary="Offers nothing.", form="vectors", rules=("grow",), role=REFERENCE
    )


class BareRegressor(Regressor[None]):
    """The same, but that it answers with numbers."""

    info: ClassVar[LearnerInfo] = Bare.info


class Claims(SphinxDirective):
    """Puts the table where the directive stands."""

    has_content: ClassVar[bool] = False
    required_arguments: ClassVar[int] = 1

    def run(self) -> list[nodes.Node]:
        """Write the table as reStructuredText and let Sphinx read it."""
        with mock(self.config.autodoc_mock_imports):
            from iml_general.checks.catalogue import CHECKS
            from iml_general.checks.worlds.catalogue import WORLD_CHECKS
        lines = [".. list-table::", "   :header-rows: 1", ""]
        if self.arguments == ["worlds"]:
            lines += _row("Claim", "What is looked at")
            lines += [line for check in WORLD_CHECKS for line in _row(check.claim, _told(check))]
        else:
            lines += _row("Claim", "What is looked at", "Made of")
            lines += [line for check in CHECKS for line in _row(check.claim, _told(check), _due(check))]
        container: Any = nodes.Element()
        self.state.nested_parse(StringList(lines, source="claims"), self.content_offset, container)
        return list(container.children)


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the directive with Sphinx."""
    app.add_directive("claims", Claims)
    return {"parallel_read_safe": True}


def _row(*cells: str) -> list[str]:
    first, *others = cells
    return [f"   * - {first}", *(f"     - {cell}" for cell in others)]


def _told(check: Check) -> str:
    """The docstring, without the details that follow its first paragraph."""
    return " ".join((inspect.getdoc(check.function) or "").split("\n\n", maxsplit=1)[0].split())


def _due(check: Check) -> str:
    everyone = "every update rule but ``retrain``" if check.per_rule else "every learner"
    reason = check.not_due(Bare) or check.not_due(BareRegressor)
    return f"{everyone}; not where {reason}" if reason else everyone
