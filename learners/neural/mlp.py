"""Multi-layer perceptrons, which answer with classes or with numbers."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np
import torch
from numpy.typing import NDArray

from iml_general.learner import Inputs, LearnerInfo, Schema
from iml_general.plugins.threads import one_thread
from iml_general.regressor import CohortRegressor, NumberBatch, Values
from learners.neural.descent import stack
from learners.neural.device import resolve
from learners.neural.gradient_cosine import cosine
from learners.neural.gradients import Parameters, loss_gradient_at
from learners.neural.networks import NetworkLearner
from learners.neural.perceptron import Factors, Perceptron
from learners.neural.training import Network


@dataclass(frozen=True)
class MLP(Perceptron, NetworkLearner):
    """A perceptron that answers with classes."""

    info: ClassVar = LearnerInfo(
        name="mlp",
        family="neural networks",
        summary="multi-layer perceptron (torch and JAX), all seeds trained together",
        form="vectors",
        rules=("continue", "retrain"),
        update_fields=("update_epochs",),
        libraries=("torch", "jax"),
    )
    loss_name = "cross_entropy"

    def start(self, schema: Schema, n_answers: int, generator: torch.Generator) -> Parameters:
        """Draw the hidden layers and the head; see `NetworkLearner.start`."""
        return self.drawn(len(schema.columns), n_answers, generator)

    def loss_gradient(self, outputs: torch.Tensor, answers: torch.Tensor) -> torch.Tensor:
        """Give that of cross-entropy; see `Perceptron.loss_gradient`."""
        return loss_gradient_at(outputs, answers)

    @one_thread()
    def affinity(
        self, state: Network, statements: Inputs, questions: Inputs, answers: NDArray[np.int64]
    ) -> NDArray[np.float64]:
        """Give the cosine of the two loss gradients; see `AffinityLearner.affinity`.

        A row's gradient in a layer is the outer product of the layer's input a (and 1, for the
        bias) and the loss gradient d at its output, so that the inner product of two rows'
        gradients is the sum over layers of (a . a' + 1) (d . d'): no gradient is ever formed.
        """
        # In double precision, since the gradient of a well-known answer is almost 0.
        parameters = {name: tensor.double() for name, tensor in state.parameters.items()}
        device = resolve(self.device)
        parameters = stack([parameters], device)
        y = torch.tensor(answers, device=device)
        u, v = (
            self.factors(parameters, torch.tensor(rows, dtype=torch.float64, device=device)[None], y)
            for rows in (statements, questions)
        )
        return cosine(_inner(u, v), _inner(u, u), _inner(v, v)).cpu().numpy()


@dataclass(frozen=True)
class MLPRegressor(Perceptron, CohortRegressor[Network]):
    """A perceptron that answers with numbers; its loss is the mean squared error."""

    info: ClassVar[LearnerInfo] = replace(MLP.info, name="mlp-regressor")
    loss_name = "squared_error"

    def begun(self, batch: NumberBatch, generator: torch.Generator) -> Parameters:
        """Draw the hidden layers and the head; see `TrainedNetwork.begun`."""
        return self.drawn(len(batch.schema.columns), 1, generator)

    def loss_gradient(self, outputs: torch.Tensor, answers: torch.Tensor) -> torch.Tensor:
        """Give that of the squared error; see `Perceptron.loss_gradient`."""
        errors = outputs - answers.to(outputs.dtype).view_as(outputs)
        return 2 * errors / outputs.shape[1]

    @one_thread()
    def predict(self, state: Network, inputs: Inputs) -> Values:
        """Give the head's only output, float64."""
        return self.read(state, inputs, lambda p, x: self.outputs(p, x)[..., 0].double())


def _inner(first: Factors, second: Factors) -> torch.Tensor:
    """Inner products of the gradients that two lists of factors stand for, shape (n_rows,)."""
    pairs = zip(first, second, strict=True)
    return torch.stack([((a * b).sum(-1) + 1) * (d * e).sum(-1) for (a, d), (b, e) in pairs]).sum(0)[0]
