"""Which code makes the rows of a run: while it is the same, whatever else was edited, the run may go on."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping

from iml_general.errors import UsageError
from iml_general.study.cache.files import CantTellError
from iml_general.study.cache.key import Keys
from iml_general.study.plan.code import code_of
from iml_general.study.plan.origin import CODE_OF
from iml_general.study.plan.resolve import Study

MADE_BY = "rows are made by"
"""A fact of a run that is for this module, and not for a reader: JSON, a digest for each learner."""


def code_of_rows(study: Study) -> dict[str, str]:
    """Identify, learner by learner, the code that makes a study's rows.

    Args:
        study: The study.

    Returns:
        SHA-256 by the learner's name: of the modules that its rows depend on, or, where they can't be
        followed, of all files of its package and of ours.
    """
    keys, found = Keys(study, since=math.inf), {}
    for entrant in (*study.entrants, *(search.start for search in study.searches)):
        if entrant.name not in found:
            try:
                found[entrant.name] = keys.code(entrant, study.conditions)
            except CantTellError:
                found[entrant.name] = hashlib.sha256(json.dumps(code_of(study)).encode()).hexdigest()
    return found


def refuse_other_code(
    stored: Mapping[str, str], given: Mapping[str, str], study: Study, place: object
) -> None:
    """Refuse to mix rows that different code has made.

    Args:
        stored: Provenance that the run was begun with.
        given: Provenance of this process.
        study: The study.
        place: Where the run lives, for the message.

    Raises:
        UsageError: If the code that makes some learner's rows is another; says whose.
    """
    edited = [name for name, text in given.items() if name.startswith(CODE_OF) and stored.get(name) != text]
    if not edited or MADE_BY not in stored:
        return
    then, now = json.loads(stored[MADE_BY]), code_of_rows(study)
    others = sorted(name for name, digest in now.items() if then.get(name) != digest)
    if others:
        raise UsageError(
            f"the run in {place} was begun with other code: what makes the rows of {', '.join(others)} was"
            f" edited in {', '.join(name.removeprefix(CODE_OF) for name in edited)}; give another --out (in"
            " Python, folder), or go on with the code as it was"
        )
