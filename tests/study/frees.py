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
        """Take and free 16 MB, in blocks of 1 MB, 20 times."""
        for _ in range(20):
            kept = [np.ones(2**17) for _ in range(16)]
            del kept
        return resource.getrusage(resource.RUSAGE_SELF).ru_minflt
