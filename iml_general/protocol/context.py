"""In context: a statement given beside its question, in one row, instead of being learned before it.

Whoever answers such a row by what stands beside the question, and the more so the more reliable its tag was,
knows whom to trust. Whether it *learns* more from whom it trusts is another matter: that takes an update.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from iml_general.protocol.episode import KINDS

IN_CONTEXT = "in_context"


def beside_their_questions(
    statements: Mapping[str, NDArray[np.int64]], answers: NDArray[np.int64]
) -> dict[str, NDArray[np.int64]]:
    """Turn statements into questions that each has a statement beside it.

    Args:
        statements: As `iml_general.protocol.episode.spelled_out` makes them.
        answers: What is right of each, int64 of shape (n_rows,).

    Returns:
        The same rows, whose answer has become part of what is asked: ``beside``. The tag is the statement's.
    """
    kind = np.full(len(answers), KINDS.index(IN_CONTEXT))
    return {**statements, "kind": kind, "beside": statements["answer"], "answer": answers}
