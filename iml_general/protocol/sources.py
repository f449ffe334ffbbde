"""Sources: who speaks, how reliably, and of how many aliases in each stage; groups follow from them."""

from __future__ import annotations

import re
from dataclasses import dataclass

from iml_general.errors import UsageError
from iml_general.options import Count, Share

RELIABLE, UNRELIABLE = "reliable", "unreliable"
"""The two sources that effects compare, and that disagree about the aliases of new_conflict."""

TAUGHT_GROUPS = {RELIABLE: "corroborated", UNRELIABLE: "contradicted"}
"""METHOD section 2's names of the groups of which these two speak in stage 1."""

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


@dataclass(frozen=True)
class Source:
    """One source, which speaks under a tag of its own.

    Attributes:
        name: Lower-case words joined by underscores, such as ``"reliable"``.
        reliability: Probability that its statements about an alias of stage 1 are true.
        stage1: Aliases that it speaks of in stage 1; none for a source first heard in stage 2.
        stage2: New aliases of which it alone speaks, truly, in stage 2.
    """

    name: str
    reliability: Share = 1.0
    stage1: Count = 0
    stage2: Count = 0

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[a-z][a-z0-9]*(_[a-z0-9]+)*", self.name):
            raise UsageError(
                f"protocol: source {self.name!r} is not named by lower-case words joined by underscores"
            )
        if self.stage1 == 1:
            raise UsageError(
                f"protocol: source {self.name!r}: stage1 = 1; statements that are not true are true of"
                " another alias of the group, so give it 2 aliases or more, or none"
            )

    @property
    def taught_group(self) -> str:
        """The group of aliases that it speaks of in stage 1."""
        return TAUGHT_GROUPS.get(self.name, f"told_by_{self.name}")

    @property
    def new_group(self) -> str:
        """The group of new aliases of which it speaks in stage 2."""
        return f"new_{self.name}"


def symbols_of(n_sources: int) -> tuple[str, ...]:
    """Tag symbols: that of a row without a tag, then one for each source: A .. Z, then A1 and on.

    Args:
        n_sources: Number of sources.

    Returns:
        ``"none"`` and `n_sources` distinct symbols.
    """
    letters = [LETTERS[i % 26] + (str(i // 26) if i >= 26 else "") for i in range(n_sources)]
    return ("none", *letters)
