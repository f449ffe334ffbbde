"""How much there is to learn and to score on one seed: the sizes that costs grow with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from iml_general.encoding import Encoding
from iml_general.encoding.codes import Codes
from iml_general.measuring.branches import Branch, branches_of
from iml_general.measuring.encoded import encode_episodes, encoder_of
from iml_general.protocol import Condition, episodes_of
from iml_general.seeds import Seed
from iml_general.study.plan.entrant import Entrant


@dataclass(frozen=True)
class Size:
    """What one seed of a configuration amounts to.

    Attributes:
        first: Rows of all first stages: what states are fitted to before any update.
        later: Rows of all later stages, twins included: what every update rule learns.
        n_scores: Score rows of one update rule, without those of what is read off the learner's state.
    """

    first: int
    later: int
    n_scores: int

    @property
    def n_rows(self) -> int:
        """Rows that are learned in all."""
        return self.first + self.later


def size_of(entrant: Entrant, conditions: Sequence[Condition], first_stages_only: bool = False) -> Size:
    """Count rows on the first confirmation seed, which stands for all.

    Args:
        entrant: The configuration.
        conditions: What it goes through.
        first_stages_only: Whether nothing follows the first stages, as where competence is tuned.

    Returns:
        The sizes.

    Raises:
        UsageError: If the world or a code is too small for the protocol's groups.
    """
    at, form = entrant.setting, entrant.learner.info.form
    seed = Seed(0, "confirm", at.source.name, 0)
    # In the form that takes least room: another one's rows are as many, or each of them comes several times.
    episodes = encode_episodes(at.protocol, at.source, Encoding(), Codes.name, seed, tuple(conditions))
    drawn = next(iter(episodes_of(at.protocol, at.source, seed, tuple(conditions)).values()))
    per_row = encoder_of(at.protocol, at.encoding, form, drawn).per_row
    branches = [branch for name, episode in episodes.items() for branch in branches_of(seed, name, episode)]
    firsts = [branch for branch in branches if len(branch.batches) == 1]
    laters = [] if first_stages_only else [branch for branch in branches if len(branch.batches) > 1]
    n_scores = sum(map(_n_scores, firsts + laters))
    return Size(per_row * _rows(firsts), per_row * _rows(laters), n_scores)


def _rows(branches: Sequence[Branch]) -> int:
    """Rows of the last stage of every path; what several conditions share is learned once."""
    ends = {branch.path: branch.batches[-1] for branch in branches}
    return sum(map(len, ends.values()))


def _n_scores(branch: Branch) -> int:
    """Score rows of one branch: as many as for a learner that knows nothing."""
    return len(branch.probes.score(branch.probes.of_nobody))
