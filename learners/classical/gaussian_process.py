"""Gaussian-process regression, of numbers or of one-hot answers: exact, one factorisation for all answers."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar, Self

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import LinAlgError, cho_factor, cho_solve
from sklearn.metrics.pairwise import rbf_kernel

from iml_general.learner import AffinityLearner, AnyLearner, Batch, Inputs, LearnerInfo, Probabilities
from iml_general.options import PositiveFloat
from iml_general.plugins.threads import one_thread
from iml_general.regressor import NumberBatch, Regressor, Values
from learners.classical.indicator_scores import clipped, indicators

if TYPE_CHECKING:
    import optuna

MAX_ROWS = 10_000
"""Where one fit takes 11 s and 1.8 GB (measured): time grows as their cube, memory as their square."""

ROUNDING = 1e-9  # a posterior variance as small as this is rounding: nothing is left to be learned

KERNELS_AT_ONCE = 2**22
"""32 MB, whatever the number of rows asked for."""


@dataclass(frozen=True, eq=False)
class GaussianProcessState:
    """The posterior mean.

    Attributes:
        rows: Inputs of the rows that were learned, float64 of shape (n_learned, n_columns).
        weights: Of each of these rows for each answer, float64 of shape (n_learned, n_answers); of numbers
            there is one.
        shares: Share of each answer among these rows, or their mean: the prior mean, shape (n_answers,).
    """

    rows: NDArray[np.float64]
    weights: NDArray[np.float64]
    shares: NDArray[np.float64]


@dataclass(frozen=True)
class Process(AnyLearner[GaussianProcessState]):
    """The posterior mean of a Gaussian process with a fixed kernel.

    Attributes:
        length_scale: Of the kernel exp(-squared distance / (2 length_scale^2)).
        noise: Variance of the noise. Where it is too small to factorise the kernel's matrix, it is
            raised tenfold until it is not.
    """

    length_scale: PositiveFloat = 1.0
    noise: PositiveFloat = 1e-10

    @classmethod
    def suggest(cls, trial: optuna.Trial) -> Self:
        """Draw the kernel's length and the noise."""
        return cls(
            length_scale=trial.suggest_float("length_scale", 0.3, 30.0, log=True),
            noise=trial.suggest_float("noise", 1e-10, 1.0, log=True),
        )

    def solved(self, rows: NDArray[np.float64], targets: NDArray[np.float64]) -> GaussianProcessState:
        """Solve for the posterior mean; nothing is random.

        Args:
            rows: Inputs, shape (n_rows, n_columns), at least one.
            targets: What is regressed on, shape (n_rows, n_answers).

        Returns:
            A state whose prior mean is that of the targets.
        """
        means = targets.mean(axis=0)
        weights = _solved(self.kernel(rows, rows), targets - means, self.noise)
        return GaussianProcessState(rows, weights, means)

    def means(self, state: GaussianProcessState, inputs: Inputs) -> NDArray[np.float64]:
        """Give the posterior means, shape (n_rows, n_answers); the prior means if there were no rows."""
        means = np.tile(state.shares, (len(inputs), 1))
        if len(state.rows) == 0:
            return means
        n_at_once = max(1, KERNELS_AT_ONCE // len(state.rows))
        for start in range(0, len(inputs), n_at_once):
            part = slice(start, start + n_at_once)
            means[part] += self.kernel(inputs[part].astype(np.float64), state.rows) @ state.weights
        return means

    def kernel(self, rows: NDArray[np.float64], others: NDArray[np.float64]) -> NDArray[np.float64]:
        """Give the kernel of every pair of rows, shape (n_rows, n_others)."""
        kernel: NDArray[np.float64] = rbf_kernel(rows, others, gamma=0.5 / self.length_scale**2)
        return kernel


@dataclass(frozen=True)
class GaussianProcess(Process, AffinityLearner[GaussianProcessState]):
    """Least-squares classification (Rasmussen and Williams, 2006, section 6.5) with a Gaussian process.

    This is no Gaussian-process classifier in the full sense: answers are regressed on as if they were
    numbers with Gaussian noise. That is exact and one Cholesky factorisation serves all answers, while
    scikit-learn's classifier approximates one posterior per answer by iteration. The prior mean is the
    share of each answer; probabilities are the posterior mean, clipped (see
    `learners.classical.indicator_scores`); the kernel is fixed, as in the defaults of scikit-learn's
    `GaussianProcessRegressor`, which these are.
    """

    info: ClassVar[LearnerInfo] = LearnerInfo(
        name="gaussian-process",
        family="kernel methods",
        summary="least-squares classification by exact Gaussian-process regression, kernel fixed",
        form="vectors",
        rules=("retrain",),
        libraries=("scikit-learn", "scipy"),
        max_rows=MAX_ROWS,
    )

    @one_thread()
    def fit(self, batch: Batch, seed: int) -> GaussianProcessState:
        """Solve for the posterior mean; nothing is random."""
        del seed
        rows, targets = batch.inputs.astype(np.float64), indicators(batch)
        if len(batch) == 0:
            return GaussianProcessState(rows, targets, np.full(batch.n_answers, 1 / batch.n_answers))
        return self.solved(rows, targets)

    @one_thread()
    def predict(self, state: GaussianProcessState, inputs: Inputs) -> Probabilities:
        """Give the posterior mean; 0 for an answer that was never seen, uniform if there were no rows."""
        means = self.means(state, inputs)
        return clipped(means) if len(state.rows) else means

    @one_thread()
    def affinity(
        self, state: GaussianProcessState, statements: Inputs, questions: Inputs, answers: NDArray[np.int64]
    ) -> NDArray[np.float64]:
        """Give the posterior correlation of both predictions; see `AffinityLearner.affinity`."""
        del answers
        both = np.concatenate([statements, questions]).astype(np.float64)
        covariance = self.kernel(both, both)
        if len(state.rows):
            known = self.kernel(state.rows, both)
            covariance -= known.T @ _solved(self.kernel(state.rows, state.rows), known, self.noise)
        n, variances = len(statements), np.diag(covariance).clip(0)
        scale = np.sqrt(variances[:n] * variances[n:])
        found = np.diagonal(covariance, offset=n) / np.where(scale > ROUNDING, scale, np.inf)
        return np.asarray(found.clip(-1.0, 1.0))

    def step_size(self, n_rows: int) -> float:
        """Give 1: it is only ever fitted anew; see `AffinityLearner.step_size`."""
        del n_rows
        return 1.0


@dataclass(frozen=True)
class GaussianProcessRegressor(Process, Regressor[GaussianProcessState]):
    """Gaussian-process regression of numbers; defaults are scikit-learn's, but for the prior mean.

    The prior mean is that of the answers; scikit-learn's is 0.
    """

    info: ClassVar[LearnerInfo] = replace(
        GaussianProcess.info,
        name="gaussian-process-regressor",
        summary="exact Gaussian-process regression, kernel fixed",
    )

    @one_thread()
    def fit(self, batch: NumberBatch, seed: int) -> GaussianProcessState:
        """Solve for the posterior mean; nothing is random."""
        del seed
        rows, targets = batch.inputs.astype(np.float64), batch.answers[:, None]
        return self.solved(rows, targets) if len(batch) else GaussianProcessState(rows, targets, np.zeros(1))

    @one_thread()
    def predict(self, state: GaussianProcessState, inputs: Inputs) -> Values:
        """Give the posterior mean; 0 if there were no rows."""
        return self.means(state, inputs)[:, 0]


def _solved(kernel: NDArray[np.float64], targets: NDArray[np.float64], noise: float) -> NDArray[np.float64]:
    """Solve (kernel + noise I) weights = targets, raising the noise where rounding makes that impossible.

    Args:
        kernel: Shape (n_rows, n_rows); it is changed.
        targets: Shape (n_rows, n_answers).
        noise: > 0.

    Returns:
        Weights, shape (n_rows, n_answers).
    """
    diagonal = np.diag_indices_from(kernel)
    kernel[diagonal] += noise
    try:
        weights: NDArray[np.float64] = cho_solve(cho_factor(kernel, lower=True), targets)
    except LinAlgError:
        return _solved(kernel, targets, 9 * noise)  # in all, ten times as much
    return weights
