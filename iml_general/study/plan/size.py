"""Which learners a study is too large for, and why: what their reports say instead of verdicts."""

from __future__ import annotations

from collections.abc import Iterable

from iml_general.measuring.encoded import encode_episodes
from iml_general.seeds import Seed
from iml_general.study.plan.entrant import Entrant


def too_large(entrants: Iterable[Entrant], seed: Seed) -> dict[Entrant, str]:
    """Find who can't learn from as many rows as the study has.

    Args:
        entrants: Configurations that would take part.
        seed: One replicate, which stands for all.

    Returns:
        The reason, by the entrants that it keeps out. Controls stay: without them a study is invalid.

    Raises:
        UsageError: If a world or a code is too small for the protocol's groups.
    """
    reasons = {}
    for entrant in entrants:
        info, n_rows = entrant.learner.info, _n_rows(entrant, seed)
        if info.role == "subject" and info.max_rows is not None and n_rows > info.max_rows:
            reasons[entrant] = (
                f"it can learn from {info.max_rows:,} rows at most (its info.max_rows),"
                f" and the two stages have {n_rows:,}; have fewer aliases or questions"
            )
    return reasons


def _n_rows(entrant: Entrant, seed: Seed) -> int:
    """Rows of both stages together, in the condition that has most of them."""
    at, form = entrant.setting, entrant.learner.info.form
    episodes = encode_episodes(at.protocol, at.source, at.encoding, form, seed)
    return max(len(episode.stage1) + len(episode.stage2) for episode in episodes.values())
