"""A table -> entities: which column names them, which rows count, and the answers of each.

Where the user leaves the choice open, entities are named by the first text column without gaps whose values
are all distinct; if there is none, rows are numbered. Every other column is asked about, but for those that
`iml_general.worlds.asking` leaves out; `Entities.skipped` tells which.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from iml_general.errors import UsageError, unknown
from iml_general.worlds.asking import questions_of
from iml_general.worlds.cells import UnusableColumnError, comparable, split
from iml_general.worlds.choice import Choice
from iml_general.worlds.columns import Question
from iml_general.worlds.world import UNKNOWN

if TYPE_CHECKING:
    import polars as pl

FEWEST_KNOWN = 2
"""Answers that an entity must have: stage 1 holds one question back, and teaches the others."""


class GapsError(UsageError):
    """Columns in use have missing values.

    Attributes:
        gaps: Which ones and how many, in words.
    """

    def __init__(self, where: str, gaps: str) -> None:
        """Say so.

        Args:
            where: What the table is, for the message.
            gaps: Which columns, in words.
        """
        super().__init__(
            f"{where}: {gaps}; fill the gaps, choose columns without any, leave those rows out"
            ' by missing = "drop", or only those questions by missing = "skip"'
        )
        self.gaps = gaps


@dataclass(frozen=True, eq=False)
class Entities:
    """The entities of a table, ready to be sampled.

    Attributes:
        name_column: The column that names them; None if rows are numbered.
        names: A name per entity.
        answers: int16 of shape (n_entities, n_questions), read-only; `UNKNOWN` in gaps.
        questions: The columns asked about.
        skipped: Columns left out by the rules, each with the reason.
        n_dropped: Number of rows left out for missing values.
        right: As `iml_general.worlds.world.World` has it, read-only; None if no cell has several.
    """

    name_column: str | None
    names: tuple[str, ...]
    answers: NDArray[np.int16]
    questions: tuple[Question, ...]
    skipped: tuple[tuple[str, str], ...]
    n_dropped: int
    right: NDArray[np.bool_] | None = None


def choose_entities(frame: pl.DataFrame, where: str, choice: Choice) -> Entities:
    """Make entities of a table's rows and questions of its columns.

    Args:
        frame: A table of at least one row.
        where: What the table is, for messages, such as ``"table 'animals.csv'"``.
        choice: What the user has chosen.

    Returns:
        The entities, in the order of the rows. Bins are those of all rows that are not left out.

    Raises:
        UsageError: Names the column that is not as it must be, and what to do about it.
    """
    _check_columns(frame, where, choice.asked, choice.name_column)
    namer = choice.name_column or _distinct_text_column(frame)
    wanted = choice.asked or tuple(name for name in frame.columns if name != namer)
    columns = [split(frame[name], choice.several) for name in wanted]
    questions, skipped = questions_of(columns, choice, where)
    used = {question.column for question in questions}
    columns = [column for column in columns if column.name in used]
    named = [frame[namer]] if namer else []
    keep = _rows_that_count(columns, named, where, choice)
    if not keep.all():
        columns = [column.filter(keep) for column in columns]
        questions, thinned = questions_of(columns, choice, where)
        skipped += thinned
    answers, right = _cells(questions, {column.name: comparable(column) for column in columns})
    return Entities(
        name_column=namer,
        names=_entity_names(frame, namer, keep, where),
        answers=answers,
        questions=tuple(questions),
        skipped=tuple(skipped),
        n_dropped=int(np.sum(~keep)),
        right=right,
    )


def _check_columns(frame: pl.DataFrame, where: str, asked: tuple[str, ...], name_column: str) -> None:
    """Refuse columns that don't exist, are asked about twice, or can't name anything."""
    for name in [*asked, *([name_column] if name_column else [])]:
        if name not in frame.columns:
            raise UsageError(f"{where}: {unknown('column', name, frame.columns)}")
    for name in asked:
        if asked.count(name) > 1:
            raise UsageError(f"{where}: column {name!r} is asked about twice; name it once in questions")
    if name_column:
        _refuse_namer(frame[name_column], where)


def _refuse_namer(column: pl.Series, where: str) -> None:
    import polars as pl

    try:
        if isinstance(comparable(column).dtype, pl.List):
            raise UnusableColumnError(f"holds values of type {column.dtype}, not one name a row")  # noqa: TRY301
    except UnusableColumnError as error:
        raise UsageError(f"{where}: column {column.name!r} {error}; choose another name_column") from None


def _distinct_text_column(frame: pl.DataFrame) -> str | None:
    """Find the first text column without gaps whose values are all distinct."""
    import polars as pl

    for column in frame.iter_columns():
        if column.dtype == pl.String and comparable(column).null_count() == 0 and column.is_unique().all():
            return column.name
    return None


def _rows_that_count(
    asked: list[pl.Series], named: list[pl.Series], where: str, choice: Choice
) -> NDArray[np.bool_]:
    """Find the rows that are not left out.

    Args:
        asked: The columns asked about, at least one, each of shape (n_rows,).
        named: The column that names the entities, if there is one.
        where: As in `choose_entities`.
        choice: As in `choose_entities`.

    Returns:
        Whether each row is an entity, bool of shape (n_rows,): one without gaps or, where gaps are
        skipped, one that has a name and enough answers.

    Raises:
        GapsError: If there are gaps, and they are to be refused.
        UsageError: If no row is an entity.
    """
    gaps = {column.name: comparable(column).is_null().to_numpy() for column in [*named, *asked]}
    found = [
        f"column {name!r} is missing in {gap.sum()} of {len(gap)} rows"
        for name, gap in gaps.items()
        if gap.any()
    ]
    if choice.missing == "refuse" and found:
        raise GapsError(where, ", ".join(found))
    if choice.missing == "skip" and found:
        known = np.sum([~gaps[column.name] for column in asked], axis=0)
        keep = (known >= FEWEST_KNOWN) & ~np.any([gaps[column.name] for column in named], axis=0)
        fault = f"no row has values in {FEWEST_KNOWN} of {list(gaps)}"
    else:
        keep = ~np.any(list(gaps.values()), axis=0)
        fault = f"no row has values in all of {list(gaps)}"
    if not keep.any():
        raise UsageError(f"{where}: {fault}; choose questions with fewer gaps")
    return np.asarray(keep, dtype=np.bool_)


def _cells(
    questions: list[Question], columns: dict[str, pl.Series]
) -> tuple[NDArray[np.int16], NDArray[np.bool_] | None]:
    """Put the answers to all questions side by side, gaps among them, and what else is right."""
    n_rows, n_answers = len(next(iter(columns.values()))), max(len(one.answer_names) for one in questions)
    answers = np.full((n_rows, len(questions)), UNKNOWN, dtype=np.int16)
    right = np.zeros((n_rows, len(questions), n_answers), dtype=bool)
    for place, question in enumerate(questions):
        has_answer = columns[question.column].is_not_null().to_numpy()
        answers[has_answer, place] = question.answers
        of_each = np.arange(len(question.answer_names)) == question.answers[:, None]
        right[has_answer, place, : of_each.shape[1]] = of_each if question.right is None else question.right
    several = any(question.right is not None for question in questions)
    answers.flags.writeable = right.flags.writeable = False
    return answers, right if several else None


def _entity_names(
    frame: pl.DataFrame, namer: str | None, keep: NDArray[np.bool_], where: str
) -> tuple[str, ...]:
    """Name the entities by a column, or by the numbers of their rows in the file, from 1."""
    import polars as pl

    if namer is None:
        return tuple(f"row {row + 1}" for row in np.flatnonzero(keep))
    names = frame[namer].filter(keep).cast(pl.String)
    repeated = names.filter(names.is_duplicated())
    if len(repeated):
        raise UsageError(
            f"{where}: column {namer!r} names {repeated[0]!r} in {(names == repeated[0]).sum()} rows; "
            "give every entity one row, or choose another name_column"
        )
    return tuple(names)
