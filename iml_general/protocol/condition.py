"""A condition: which stages a learner goes through, and what that is compared with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from iml_general.protocol.draw import Draw
from iml_general.protocol.episode import Stage


@dataclass(frozen=True)
class Condition:
    """One way of going through the stages (METHOD section 3).

    Attributes:
        name: Name in plans and in every row: lower-case words joined by underscores.
        words: The same for people, such as ``"no stage 1"``.
        summary: What it is, in a sentence.
        control: Name of the condition that it is compared with; empty for one that is itself a control.
            An effect is controlled by subtracting what the control shows.
        stages: From a seed's draw to the stages. Conditions that begin alike hand out the same stages,
            as the same objects, and so share what is learned from them.
    """

    name: str
    words: str
    summary: str
    control: str
    stages: Callable[[Draw], tuple[Stage, ...]]
