"""Options in words: their defaults and what is allowed."""

from dataclasses import dataclass
from typing import Annotated, Literal

from annotated_types import Ge, Lt

from iml_general.options import Count, PositiveFloat, Share, explained


@dataclass(frozen=True)
class Options:
    number: Annotated[int, Ge(2), Lt(9)] = 3
    count: Count = 0
    share: Share = 0.5
    rate: PositiveFloat = 1.0
    kind: Literal["a", "b"] = "a"
    names: tuple[str, ...] = ("x",)
    most: int | None = None
    sure: bool = False


def test_every_kind_of_annotation_has_words() -> None:
    assert explained(Options) == [
        ("number", 3, "whole number from 2 below 9"),
        ("count", 0, "whole number from 0"),
        ("share", 0.5, "number from 0 to 1"),
        ("rate", 1.0, "number above 0"),
        ("kind", "a", "a or b"),
        ("names", ("x",), "list of text"),
        ("most", None, "whole number or none"),
        ("sure", False, "true or false"),
    ]
