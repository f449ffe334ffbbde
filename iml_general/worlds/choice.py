"""What a user can choose about a table: columns, classes, and what becomes of gaps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from annotated_types import Interval

from iml_general.worlds.columns import Rare

Missing = Literal["refuse", "drop", "skip"]
Classes = Annotated[int, Interval(ge=2, le=32_767)]
"""A number of answer classes: at least two to tell apart, and what int16 can count."""


@dataclass(frozen=True)
class Choice:
    """How a table is to be read.

    Attributes:
        asked: Columns to ask about; empty to leave the choice to the rules.
        name_column: Column that names the entities; empty to leave the choice to the rules.
        bins: Number of equal-count bins of a continuous column.
        max_answers: Largest number of classes of a question.
        missing: ``"refuse"``: a gap in a column in use is an error; ``"drop"``: its row is left out;
            ``"skip"``: its question is not asked.
        rare: ``"refuse"``: text of more classes can't be used; ``"group"``: its rare ones become one.
        several: What separates several right answers in a cell of text; empty if nothing does.
    """

    asked: tuple[str, ...] = ()
    name_column: str = ""
    bins: int = 4
    max_answers: int = 12
    missing: Missing = "refuse"
    rare: Rare = "refuse"
    several: str = ""
