"""Which columns of a table are asked about: those that the user names, or those that rules leave.

Where the user leaves the choice open, a column is left out if `as_question` can't use it, more than half of
it is missing, it only numbers the rows, or an earlier column already divides the rows as it does.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np

from iml_general.errors import UsageError
from iml_general.worlds.cells import UnusableColumnError, comparable
from iml_general.worlds.choice import Choice
from iml_general.worlds.columns import Question, as_question

if TYPE_CHECKING:
    import polars as pl


def questions_of(
    columns: Iterable[pl.Series], choice: Choice, where: str
) -> tuple[list[Question], list[tuple[str, str]]]:
    """Tell the columns that can be questions from those that can't.

    Args:
        columns: Columns, each of shape (n_rows,); gaps are left out of account.
        choice: What the user has chosen.
        where: What the table is, for messages.

    Returns:
        The questions, each over the rows in which its column has a value, and the other columns with the
        reasons.

    Raises:
        UsageError: If a column that the user named can't be a question, or there is no question.
    """
    questions = []
    skipped = []
    twins: dict[bytes, str] = {}
    for column in columns:
        try:
            clean = comparable(column)
            if not choice.asked:
                _refuse_uninformative(clean)
            question = as_question(clean.drop_nulls(), choice.bins, choice.max_answers, choice.rare)
            if not choice.asked:
                _refuse_twin(question, clean, twins, choice)
            questions.append(question)
        except UnusableColumnError as error:
            skipped.append((column.name, str(error)))
    _refuse_unusable(questions, skipped, where, by_rule=not choice.asked)
    return questions, skipped


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


def _refuse_uninformative(column: pl.Series) -> None:
    """Refuse a column that is mostly missing, or only numbers the rows."""
    if column.null_count() > len(column) / 2:
        raise UnusableColumnError(f"is missing in {column.null_count()} of {len(column)} rows")
    if column.dtype.is_integer() and column.null_count() == 0 and (column.diff().drop_nulls() == 1).all():
        raise UnusableColumnError("only numbers the rows")


def _refuse_twin(question: Question, column: pl.Series, twins: dict[bytes, str], choice: Choice) -> None:
    """Refuse a question that divides the rows as an earlier one does; remember it otherwise.

    Where a question is not asked of those in its gaps, they are no class of their own.
    """
    partition = _partition(question, column)
    if choice.missing == "skip":
        partition += column.is_not_null().to_numpy().tobytes()
    twin = twins.setdefault(partition, question.column)
    if twin != question.column:
        raise UnusableColumnError(f"divides the rows exactly as {twin!r} does")


def _partition(question: Question, column: pl.Series) -> bytes:
    """Fingerprint how a question divides the rows, whatever the answers are called."""
    cells = np.full(len(column), -1, dtype=np.int64)
    has_answer = column.is_not_null().to_numpy()
    if question.right is None:
        cells[has_answer] = question.answers
    else:
        cells[has_answer] = np.unique(question.right, axis=0, return_inverse=True)[1].ravel()
    _, first, inverse = np.unique(cells, return_index=True, return_inverse=True)
    return first[inverse].tobytes()
