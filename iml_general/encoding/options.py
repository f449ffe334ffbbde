"""Options of the encoding: how aliases, tags and questions are coded."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, Literal

from annotated_types import Ge

from iml_general.options import UNSAID, Count, PositiveInt

TokenOrder = Literal[
    "tag-alias-question",
    "tag-question-alias",
    "alias-tag-question",
    "alias-question-tag",
    "question-tag-alias",
    "question-alias-tag",
]


@dataclass(frozen=True)
class Encoding:
    """Options of the encoding; each is a factor of a study like any hyperparameter.

    Vectors read all but the names and their order, tokens the names, the order and the seed, text the names
    and the seed, codes none; where aliases are pictures, all forms read the seed alone.

    Attributes:
        alias: Code of an alias: random bits, dense Gaussian, one-hot, or one ordinal number.
        alias_width: Columns of the bits and dense codes.
        tag: Code of a tag; a row without a tag is all zeros.
        tag_width: Columns of the dense tag code.
        question: Code of a question.
        question_width: Columns of the dense question code.
        name_tokens: Tokens of an alias's name in the token form; in the text form, syllables.
        name_vocabulary: Distinct tokens that names are made of; in the text form, syllables, up to 80.
        token_order: In which order the tag, the alias's name and the question stand in a sequence.
        seed: Draws other codes, markers and patterns for the same worlds.
    """

    alias: Literal["bits", "dense", "one-hot", "ordinal"] = "bits"
    alias_width: PositiveInt = 32
    tag: Literal["one-hot", "ordinal", "dense"] = "one-hot"
    tag_width: PositiveInt = 4
    question: Literal["one-hot", "ordinal", "dense"] = "one-hot"
    question_width: PositiveInt = 8
    name_tokens: PositiveInt = 4
    name_vocabulary: Annotated[int, Ge(2)] = 16
    token_order: TokenOrder = field(default="tag-alias-question", metadata=UNSAID)
    seed: Count = 0
