"""Ridge regression on random Fourier features: kernel regression that can learn on, exactly."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar, Literal, Self, cast

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import solve

from iml_general.learner import (
    AffinityLearner,
    Batch,
    Inputs,
    LearnerInfo,
    Probabilities,
    RepresentationLearner,
)
from iml_general.options import PositiveFloat, PositiveInt, Share
from iml_general.plugins.threads import one_thread
from learners.classical.correlation import correlation
from learners.classical.indicator_scores import clipped, indicators

if TYPE_CHECKING:
    import optuna

Gamma = Literal["scale"] | PositiveFloat
GAMMAS = ("scale", 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0)


@dataclass(frozen=True, eq=False)
class Features:
    """Cosines whose products approximate the kernel exp(-gamma * squared distance).

    Attributes:
        frequencies: float64 of shape (n_columns, n_features).
        phases: In 0 .. 2 pi, float64 of shape (n_features,).
    """

    frequencies: NDArray[np.float64]
    phases: NDArray[np.float64]

    @classmethod
    def drawn(cls, inputs: Inputs, n_features: int, gamma: Gamma, seed: int) -> Features:
        """Draw frequencies from the kernel's Fourier transform, a Gaussian of variance 2 gamma.

        Args:
            inputs: The rows by which ``"scale"`` is measured, shape (n_rows, n_columns).
            n_features: How many.
            gamma: As in `RandomFeatures`.
            seed: The only source of randomness.

        Returns:
            Features that differ only in scale for another gamma or other rows.
        """
        generator = np.random.default_rng(seed)
        directions = generator.standard_normal((inputs.shape[1], n_features))
        phases = generator.uniform(0, 2 * np.pi, n_features)
        if gamma == "scale":
            variance = float(inputs.var(dtype=np.float64)) if len(inputs) else 0.0
            gamma = 1 / (inputs.shape[1] * (variance or 1.0))
        return cls(np.sqrt(2 * gamma) * directions, phases)

    def of(self, inputs: Inputs) -> NDArray[np.float64]:
        """Map rows of shape (n_rows, n_columns) to shape (n_rows, n_features)."""
        angles: NDArray[np.float64] = inputs.astype(np.float64) @ self.frequencies + self.phases
        np.cos(angles, out=angles)
        angles *= np.sqrt(2 / len(self.phases))
        return angles


@dataclass(frozen=True, eq=False)
class Sums:
    """All that ridge regression needs to know of rows: sums over them, so that more can be added.

    Attributes:
        n: Number of rows, each counting as much as it still does.
        z: Sum of the features z, shape (n_features,).
        y: Sum of the indicators y, shape (n_answers,).
        zz: Sum of z z', shape (n_features, n_features).
        zy: Sum of z y', shape (n_features, n_answers).
    """

    n: float
    z: NDArray[np.float64]
    y: NDArray[np.float64]
    zz: NDArray[np.float64]
    zy: NDArray[np.float64]

    @classmethod
    def over(cls, z: NDArray[np.float64], y: NDArray[np.float64]) -> Sums:
        """Sum over rows of features (n_rows, n_features) and indicators (n_rows, n_answers)."""
        return cls(float(len(z)), z.sum(axis=0), y.sum(axis=0), z.T @ z, z.T @ y)

    def plus(self, other: Sums, decay: float) -> Sums:
        """These sums, each row counting `decay` as much as before, and the others."""
        mine, others = vars(self), vars(other)
        return Sums(**{name: decay * mine[name] + others[name] for name in mine})

    def penalised(self, alpha: float) -> NDArray[np.float64]:
        """The matrix of the normal equations: products of centred features, and `alpha` on the diagonal."""
        gram: NDArray[np.float64] = self.zz - np.outer(self.z, self.z / self.n)
        gram[np.diag_indices_from(gram)] += alpha
        return gram

    def solved(self, alpha: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Solve for the ridge regression of y on z, the intercept without a penalty.

        Args:
            alpha: Strength of the L2 penalty.

        Returns:
            Weights of shape (n_features, n_answers) and intercepts of shape (n_answers,).
        """
        mean_z, mean_y = self.z / self.n, self.y / self.n
        products = self.zy - np.outer(self.z, mean_y)
        weights: NDArray[np.float64] = solve(self.penalised(alpha), products, assume_a="pos")
        return weights, mean_y - mean_z @ weights


@dataclass(frozen=True, eq=False)
class RandomFeaturesState:
    """Features, sums and the solution.

    Attributes:
        features: Drawn by `RandomFeatures.fit`; the same ever after.
        sums: None if there have been no rows to learn from.
        weights: Shape (n_features, n_answers).
        intercepts: Shape (n_answers,).
    """

    features: Features
    sums: Sums | None
    weights: NDArray[np.float64]
    intercepts: NDArray[np.float64]


@dataclass(frozen=True)
class RandomFeatures(AffinityLearner[RandomFeaturesState], RepresentationLearner[RandomFeaturesState]):
    """Random Fourier features (Rahimi and Recht, NIPS 2007) and ridge regression on one-hot answers.

    ``continue`` adds the sums over the new rows to the old ones and solves again, which is recursive
    least squares, a block at a time: without decay it gives what a fit to all rows gives with the same
    features, to rounding. Only a `gamma` measured on the rows of `fit` tells the two apart.
    Probabilities are predicted indicators, clipped; see `learners.classical.indicator_scores`.

    Attributes:
        rule: The update rule.
        n_features: Number of cosines. The kernel is off by about 1 / sqrt(n_features); scikit-learn's
            100 are too few to tell the rows of a study apart.
        gamma: The kernel is exp(-gamma * squared distance). ``"scale"`` is 1 / (columns * variance of
            all numbers in the rows of `fit`), scikit-learn's rule of thumb.
        alpha: Strength of the L2 penalty; the default is that of scikit-learn's ridge regression.
        decay: Under ``continue``, how much each old row still counts; below 1 is the forgetting factor
            of recursive least squares, applied once.
    """

    info: ClassVar[LearnerInfo] = LearnerInfo(
        name="random-features",
        family="kernel methods",
        summary="ridge regression on random Fourier features; stage 2 adds to its sums, exactly",
        form="vectors",
        rules=("continue", "retrain"),
        update_fields=("decay",),
        libraries=("numpy", "scipy"),
    )

    rule: Literal["continue", "retrain"] = "continue"
    n_features: PositiveInt = 1000
    gamma: Gamma = "scale"
    alpha: PositiveFloat = 1.0
    decay: Share = 1.0

    @classmethod
    def suggest(cls, trial: optuna.Trial) -> Self:
        """Draw the features, the penalty and the decay."""
        return cls(
            n_features=trial.suggest_int("n_features", 250, 3000, log=True),
            gamma=cast(Gamma, trial.suggest_categorical("gamma", GAMMAS)),
            alpha=trial.suggest_float("alpha", 1e-4, 1e2, log=True),
            decay=trial.suggest_float("decay", 0.0, 1.0),
        )

    @one_thread()
    def fit(self, batch: Batch, seed: int) -> RandomFeaturesState:
        """Draw the features and solve."""
        features = Features.drawn(batch.inputs, self.n_features, self.gamma, seed)
        uniform = np.full(batch.n_answers, 1 / batch.n_answers)
        weights = np.zeros((self.n_features, batch.n_answers))
        return self._learned(RandomFeaturesState(features, None, weights, uniform), batch)

    @one_thread()
    def update(self, state: RandomFeaturesState, batch: Batch, seed: int) -> RandomFeaturesState:
        """Add the sums over these rows and solve again."""
        if state.sums is None:
            return self.fit(batch, seed) if len(batch) else state
        return self._learned(state, batch)

    @one_thread()
    def predict(self, state: RandomFeaturesState, inputs: Inputs) -> Probabilities:
        """Predict the indicators; 0 for an answer that was never seen, uniform if there were no rows."""
        return clipped(state.features.of(inputs) @ state.weights + state.intercepts)

    @one_thread()
    def represent(self, state: RandomFeaturesState, inputs: Inputs) -> NDArray[np.float64]:
        """Give the features: what the prediction is a linear function of."""
        return state.features.of(inputs)

    @one_thread()
    def affinity(
        self, state: RandomFeaturesState, statements: Inputs, questions: Inputs, answers: NDArray[np.int64]
    ) -> NDArray[np.float64]:
        """Give how far the predictions of both rows move together; see `AffinityLearner.affinity`.

        Ridge regression is the posterior mean of a Gaussian prior on the weights: this is the posterior
        correlation, by which one more row moves the other's prediction, whatever the answer is.
        """
        del answers
        if state.sums is None:
            return np.zeros(len(statements))
        n, mean = state.sums.n, state.sums.z / state.sums.n
        centred = state.features.of(np.concatenate([statements, questions])) - mean
        moved = solve(state.sums.penalised(self.alpha), centred.T, assume_a="pos").T
        intercept = np.full(len(centred), n**-0.5)  # known as well as a mean of n rows
        both, moved = (np.column_stack([rows, intercept]) for rows in (centred, moved))
        return correlation(*np.split(both, 2), *np.split(moved, 2))

    def step_size(self, n_rows: int) -> float:
        """Give 1: new rows count as they are; see `AffinityLearner.step_size`."""
        del n_rows
        return 1.0

    def _learned(self, state: RandomFeaturesState, batch: Batch) -> RandomFeaturesState:
        if len(batch) == 0:
            return state
        sums = Sums.over(state.features.of(batch.inputs), indicators(batch))
        if state.sums is not None:
            sums = state.sums.plus(sums, self.decay)
        weights, intercepts = sums.solved(self.alpha)
        return replace(state, sums=sums, weights=weights, intercepts=intercepts)
