"""The rows that stages and probes are put together from: who says what of whom, and what is asked of whom."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from iml_general.errors import UsageError
from iml_general.protocol.context import beside_their_questions
from iml_general.protocol.drawn import NO_TAG, Drawn
from iml_general.protocol.episode import spelled_out
from iml_general.protocol.facts import who_is
from iml_general.protocol.lies import are_invertible, inverted
from iml_general.protocol.protocol import CONFLICT
from iml_general.protocol.sources import RELIABLE, UNRELIABLE, Source
from iml_general.worlds.world import UNKNOWN

Part = dict[str, NDArray[np.int64]]
"""Rows as `iml_general.protocol.episode.spelled_out` makes them."""

POLES = (RELIABLE, UNRELIABLE)


def asked_anew(drawn: Drawn, members: NDArray[np.int64]) -> list[Part]:
    """All questions: those that no attacker lies about, then the others, if there are any.

    Beside each stands what follows from a true statement for whoever takes it for a lie.

    Args:
        drawn: All that is drawn.
        members: Aliases that stage 1 does not name, shape (n,).

    Returns:
        One part or two.
    """
    answers, lied = drawn.world.answers[members], drawn.lied[members]
    honest = ~lied & (answers != UNKNOWN) & drawn.world.asked
    parts = []
    for asked in (honest, lied) if lied.any() else (honest,):
        part = spelled_out("question", drawn.group[members], NO_TAG, members, answers, asked)
        if are_invertible(drawn.protocol.lies):
            inverse = inverted(answers, drawn.world.classes_per_question)
            part["inverse"] = inverse[asked].astype(np.int64)
        parts.append(part)
    if lied.any():
        parts[1]["lie"] = drawn.attacked[members][lied].astype(np.int64)
    return parts


def disputed(drawn: Drawn, twin: bool) -> list[Part]:
    """Questions about which the two disagree; then those, if any, to which the same follows from both.

    Args:
        drawn: All that is drawn.
        twin: Whether the two have changed places.

    Returns:
        One part, with what each of the two says, or two.
    """
    members = drawn.members(CONFLICT)
    answers, said = drawn.world.answers[members], drawn.said_of_conflict(twin)[:, members]
    asked = (answers != UNKNOWN) & drawn.world.asked
    differs = said[0] != said[1]
    part = spelled_out("question", drawn.group[members], NO_TAG, members, answers, asked & differs)
    for name, by_one in zip(POLES, said, strict=True):
        part[f"said_{name}"] = by_one[asked & differs].astype(np.int64)
    if not (asked & ~differs).any():
        return [part]
    return [
        part,
        spelled_out("question", drawn.group[members], NO_TAG, members, answers, asked & ~differs),
    ]


def taught_in_context(drawn: Drawn, tags: NDArray[np.int64]) -> list[Part]:
    """Statements of stage 1 beside their questions, but for the question that is held out.

    Args:
        drawn: All that is drawn.
        tags: Tag of each alias's statements, index into the symbols, shape (n_aliases,).

    Returns:
        One part; none if the protocol has no statements in context.

    Raises:
        UsageError: If statements answer no question that is asked.
    """
    if not drawn.protocol.in_context:
        return []
    if not (drawn.world.stated & drawn.world.asked).any():
        raise UsageError(
            "protocol: in_context = true puts a statement beside the question that it answers, and in"
            " this world statements answer no question that is asked; choose another world"
        )
    told = drawn.told
    asked = np.arange(drawn.world.n_questions) != drawn.held_out[told][:, None]
    part = spelled_out("statement", drawn.group[told], tags[told], told, drawn.said[told], asked)
    true = drawn.world.answers[part["alias"], part["question"]].astype(np.int64)
    return [beside_their_questions(part, true)]


def who_is_disputed(drawn: Drawn, twin: bool) -> list[Part]:
    """Which entity an alias of new_conflict is, where the two name different ones.

    Args:
        drawn: All that is drawn.
        twin: Whether the two have changed places.

    Returns:
        One part, with what each of the two says; none where a world has no entities.
    """
    return who_is(drawn.world, drawn.group, drawn.members(CONFLICT), drawn.said_of_conflict(twin))


def new_statements(drawn: Drawn, twin: bool, told: NDArray[np.int16] | None = None) -> list[Part]:
    """Statements of stage 2; what sources say alone is the truth unless `told` is given.

    Args:
        drawn: All that is drawn.
        twin: Whether the two that speak of new_conflict have changed places.
        told: What sources say alone, int16 of shape (n_aliases, n_questions).

    Returns:
        One part for every source alone, then one for each of the two.
    """
    told = drawn.world.answers if told is None else told
    parts = [_said(drawn, source, drawn.members(source.new_group), told) for source in drawn.protocol.sources]
    members = drawn.members(CONFLICT)
    for name, said in zip(POLES, drawn.said_of_conflict(twin), strict=True):
        parts.append(_said(drawn, drawn.protocol.source(name), members, said))
    return parts


def lies(drawn: Drawn) -> list[Part]:
    """What sources say alone of new aliases that is a lie.

    Args:
        drawn: All that is drawn.

    Returns:
        One part for every source.
    """
    return [
        _said(drawn, source, drawn.members(source.new_group), drawn.attacked, drawn.lied)
        for source in drawn.protocol.sources
    ]


def _said(
    drawn: Drawn,
    source: Source,
    members: NDArray[np.int64],
    said: NDArray[np.int16],
    which: NDArray[np.bool_] | None = None,
) -> Part:
    tag = drawn.tag_of[source.name]
    chosen = drawn.world.stated if which is None else which[members] & drawn.world.stated
    return spelled_out("statement", drawn.group[members], tag, members, said[members], chosen)
