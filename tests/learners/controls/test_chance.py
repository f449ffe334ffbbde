"""The reference knows nothing, whatever it was told."""

import numpy as np

from learners.controls.chance import Chance


def test_it_spreads_probability_evenly_whatever_it_was_told(codes):
    learner = Chance()
    state = learner.update(learner.fit(codes([(0, 1, 0, 1), (1, 1, 0, 1)]), 0), codes([(1, 6, 0, 1)]), 0)
    assert learner.predict(state, np.array([[0, 6, 0], [1, 6, 0]])).tolist() == [[0.5, 0.5]] * 2
