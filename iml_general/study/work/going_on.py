"""What a worker has under way: stage 1 of a chain of units, each of which goes on from the one before."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from iml_general.errors import ImlError
from iml_general.measuring.under_way import FitUnderWay
from iml_general.study.plan.chains import Chain
from iml_general.study.work.tasks import Work


class GoingOn:
    """Sees to it that who has fitted a unit of a chain carries out the next one too.

    A chain that was left, because its worker died or its time was over, is begun anew by another worker where
    it was left: that takes longer, and gives the same rows.
    """

    def __init__(self, work: Work) -> None:
        """Nothing is under way yet.

        Args:
            work: The run's work.
        """
        self._work = work
        self._chain: Chain | None = None
        self._fit: FitUnderWay | None = None

    def fit(self, number: int) -> FitUnderWay | None:
        """Give the fit that a unit goes on with, and let go of any other.

        Args:
            number: The unit's.

        Returns:
            The fit, which has begun if an earlier unit of the chain was carried out here; None if it is in no
            chain.
        """
        chain = self._work.chains.get(number)
        if chain is not self._chain:
            self._chain = chain
            self._fit = FitUnderWay(chain.lengths) if chain else None
        return self._fit

    @contextmanager
    def to_next(self, number: int) -> Iterator[None]:
        """Carry out a unit and claim the one that goes on from it, also if a learner was at fault."""
        try:
            yield
        except ImlError:
            self._work.claim_next(number)
            raise
        self._work.claim_next(number)
