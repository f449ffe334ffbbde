"""A table -> entities: which column names them, which columns are asked about, which rows count.

Where the user leaves the choice open, these rules decide, and `Entities.skipped` tells the outcome:

1. Entities are named by the first text column without gaps whose values are all distinct; if
   there is none, rows are numbered.
2. Every other column is asked about, unless `as_question` can't use it, more than half of it is
   missing, it only numbers the rows, or an earlier column already divides the rows as it does.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from iml_general.errors import UsageError, unknown
from iml_general.worlds.columns import Question, UnusableColumnError, as_question, comparable

if TYPE_CHECKING:
    import polars as pl

Missing = Literal["refuse", "drop"]


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
            f"{where}: {gaps}; fill the gaps, choose columns without any, or leave those rows out"
            ' by missing = "drop"'
        )
        self.gaps = gaps


@dataclass(frozen=True, eq=False)
class Entities:
    """The entities of a table, ready to be sampled.

    Attributes:
        name_column: The column that names them; None if rows are numbered.
        names: A name per entity.
        answers: int16 of shape (n_entities, n_questions), read-only.
        questions: The columns asked about.
        skipped: Columns left out by the rules, each with the reason.
        n_dropped: Number of rows left out for missing values.
    """

    name_column: str | None
    names: tuple[str, ...]
    answers: NDArray[np.int16]
    questions: tuple[Question, ...]
    skipped: tuple[tuple[str, str], ...]
    n_dropped: int


def choose_entities(
    frame: pl.DataFrame,
    where: str,
    asked: tuple[str, ...],
    name_column: str,
    bins: int,
    max_answers: int,
    missing: Missing,
) -> Entities:
    """Make entities of a table's rows and questions of its columns.

    Args:
        frame: A table of at least one row.
        where: What the table is, for messages, such as ``"table 'animals.csv'"``.
        asked: Columns to ask about; empty to leave the choice to the rules.
        name_column: Column that names the entities; empty to leave the choice to the rules.
        bins: Number of equal-count bins of a continuous column.
        max_answers: Largest number of classes of a question.
        missing: ``"refuse"``: a gap in a column in use is an error; ``"drop"``: its row is left out.

    Returns:
        The entities, in the order of the rows. Bins are those of all rows that are not left out.

    Raises:
        UsageError: Names the column that is not as it must be, and what to do about it.
    """
    _check_columns(frame, where, asked, name_column)
    namer = name_column or _distinct_text_column(frame)
    by_rule = not asked
    wanted = asked or tuple(name for name in frame.columns if name != namer)
    columns = [frame[name] for name in wanted]
    questions, skipped = _sort_out(columns, bins, max_answers, by_rule)
    _refuse_unusable(questions, skipped, where, by_rule)
    used = {question.column for question in questions}
    keep = _complete_rows([column for column in frame if column.name in used | {namer}], where, missing)
    if not keep.all():
        columns = [column.filter(keep) for column in columns if column.name in used]
        questions, thinned = _sort_out(columns, bins, max_answers, by_rule)
        skipped += thinned
        _refuse_unusable(questions, skipped, where, by_rule)
    answers = np.stack([question.answers for question in questions], axis=1)
    answers.flags.writeable = False
    return Entities(
        name_column=namer,
        names=_entity_names(frame, namer, keep, where),
        answers=answers,
        questions=tuple(questions),
        skipped=tuple(skipped),
        n_dropped=int(np.sum(~keep)),
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
        try:
            comparable(frame[name_column])
        except UnusableColumnError as error:
            raise UsageError(f"{where}: column {name_column!r} {error}; choose another name_column") from None


def _refuse_unusable(
    questions: list[Question], skipped: list[tuple[str, str]], where: str, by_rule: bool
) -> None:
    """Refuse a column that the user named but that can't be a question, or a table without any."""
    if skipped and not by_rule:
        column, reason = skipped[0]
        raise UsageError(f"{where}: column {column!r} {reason}; choose another question")
    if not questions:
        reasons = "; ".join(f"{column!r} {reason}" for column, reason in skipped[:3])
        more = f"; and {len(skipped) - 3} more" if len(skipped) > 3 else ""
        raise UsageError(
            f"{where}: no column can be asked about ({reasons or 'there is only the name column'}{more}); "
            "add a column of a few classes, of numbers or of dates"
        )


def _distinct_text_column(frame: pl.DataFrame) -> str | None:
    """Find the first text column without gaps whose values are all distinct."""
    import polars as pl

    for column in frame.iter_columns():
        if column.dtype == pl.String and comparable(column).null_count() == 0 and column.is_unique().all():
            return column.name
    return None


def _sort_out(
    columns: Iterable[pl.Series], bins: int, max_answers: int, by_rule: bool
) -> tuple[list[Question], list[tuple[str, str]]]:
    """Tell the columns that can be questions from those that can't.

    Args:
        columns: Columns, each of shape (n_rows,); gaps are left out of account.
        bins: As in `choose_entities`.
        max_answers: As in `choose_entities`.
        by_rule: Whether the user left the choice open, so that the second rule applies.

    Returns:
        The questions, and the other columns with the reasons.
    """
    questions = []
    skipped = []
    twins: dict[bytes, str] = {}
    for column in columns:
        try:
            clean = comparable(column)
            if by_rule:
                _refuse_uninformative(clean)
            question = as_question(clean.drop_nulls(), bins, max_answers)
            if by_rule:
                _refuse_twin(question, clean, twins)
            questions.append(question)
        except UnusableColumnError as error:
            skipped.append((column.name, str(error)))
    return questions, skipped


def _refuse_uninformative(column: pl.Series) -> None:
    """Refuse a column that is mostly missing, or only numbers the rows."""
    if column.null_count() > len(column) / 2:
        raise UnusableColumnError(f"is missing in {column.null_count()} of {len(column)} rows")
    if column.dtype.is_integer() and column.null_count() == 0 and (column.diff().drop_nulls() == 1).all():
        raise UnusableColumnError("only numbers the rows")


def _refuse_twin(question: Question, column: pl.Series, twins: dict[bytes, str]) -> None:
    """Refuse a question that divides the rows as an earlier one does; remember it otherwise."""
    twin = twins.setdefault(_partition(question, column), question.column)
    if twin != question.column:
        raise UnusableColumnError(f"divides the rows exactly as {twin!r} does")


def _partition(question: Question, column: pl.Series) -> bytes:
    """Fingerprint how a question divides the rows, whatever the answers are called."""
    answers = np.full(len(column), -1, dtype=np.int16)
    answers[column.is_not_null().to_numpy()] = question.answers
    _, first, inverse = np.unique(answers, return_index=True, return_inverse=True)
    return first[inverse].tobytes()


def _complete_rows(columns: list[pl.Series], where: str, missing: Missing) -> NDArray[np.bool_]:
    """Find the rows without gaps.

    Args:
        columns: The columns in use, at least one, each of shape (n_rows,).
        where: As in `choose_entities`.
        missing: As in `choose_entities`.

    Returns:
        Whether each row is complete, bool of shape (n_rows,).

    Raises:
        GapsError: If there are gaps, and they are to be refused.
        UsageError: If no row is complete.
    """
    gaps = {column.name: comparable(column).is_null().to_numpy() for column in columns}
    found = [
        f"column {name!r} is missing in {gap.sum()} of {len(gap)} rows"
        for name, gap in gaps.items()
        if gap.any()
    ]
    if missing == "refuse" and found:
        raise GapsError(where, ", ".join(found))
    keep = ~np.any(list(gaps.values()), axis=0)
    if not keep.all() and not keep.any():
        raise UsageError(
            f"{where}: no row has values in all of {list(gaps)}; choose questions with fewer gaps"
        )
    return np.asarray(keep, dtype=np.bool_)


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
