"""A learner that fails, and says how many pages its process asked for."""

import resource
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from iml_general.learner import LearnerInfo
from learners.classical.bayes import NaiveBayes


@dataclass(frozen=True)
class Frees(NaiveBayes):
    info: ClassVar = LearnerInfo(
        "frees", "toys", "Takes memory and frees it.", "vectors", ("continue", "retrain")
    )

    def fit(self, batch, seed):
        begun = [self._pages() for _ in range(2)]
        raise RuntimeError(f"pages: {begun[1] - begun[0]}.")

    def _pages(self):
        """Take and free 24 MB, less than the C library leaves to the system once it is told to keep it."""
        kept = np.ones(3 * 2**20)
        del kept
        return resource.getrusage(resource.RUSAGE_SELF).ru_minflt
