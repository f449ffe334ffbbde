"""A small transformer that reads a row as a short sequence of tokens."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Self

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn.functional import embedding, gelu, layer_norm

from iml_general.learner import Inputs, LearnerInfo, Schema
from iml_general.options import PositiveInt
from iml_general.plugins.threads import one_thread
from learners.neural.descent import stack
from learners.neural.device import resolve
from learners.neural.gradient_cosine import gradient_cosine
from learners.neural.gradients import Parameters, loss_gradients
from learners.neural.networks import NetworkLearner, linear, linear_start
from learners.neural.training import Network

if TYPE_CHECKING:
    import optuna

    from learners.neural.transformer_losses import TransformerLosses

PACKED = 4
"""Rows that share one attention matrix, which a mask keeps apart.

Six tokens make matrices so small that the calls cost more than the arithmetic: with 4 rows packed,
attention took 0.34 ms a step and member, alone 0.52 ms.
"""


@dataclass(frozen=True)
class Transformer(NetworkLearner):
    """A pre-norm transformer over the token form; the last position's state is classified.

    Positions are learned, every token sees every other one, and GELU follows the wide layers. Norms
    have no gain or bias of their own: the linear maps that follow them hold the gain.

    Attributes:
        n_layers: Number of layers.
        d_model: Features of a token's state.
        n_heads: Attention heads; divides `d_model`.
        mlp_ratio: Units of the wide layers over `d_model`.
    """

    info: ClassVar = LearnerInfo(
        name="transformer",
        family="neural networks",
        summary="small transformer over name tokens (torch and JAX), all seeds trained together",
        form="tokens",
        rules=("continue", "retrain"),
        update_fields=("update_epochs",),
        libraries=("torch", "jax"),
    )

    epochs: PositiveInt = 60
    update_epochs: PositiveInt = 30
    n_layers: PositiveInt = 2
    d_model: PositiveInt = 64
    n_heads: PositiveInt = 4
    mlp_ratio: PositiveInt = 4

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.d_model % self.n_heads:
            raise ValueError(
                f"d_model = {self.d_model} is not divisible by n_heads = {self.n_heads}; change either"
            )

    @classmethod
    def suggest(cls, trial: optuna.Trial) -> Self:
        """Draw the network's size, both stages' epochs and the optimiser's settings."""
        return cls(
            n_layers=trial.suggest_int("n_layers", 1, 3),
            d_model=trial.suggest_categorical("d_model", [32, 64, 96]),
            n_heads=trial.suggest_categorical("n_heads", [1, 2, 4, 8]),
            mlp_ratio=trial.suggest_int("mlp_ratio", 1, 4),
            epochs=trial.suggest_int("epochs", 15, 80, log=True),
            update_epochs=trial.suggest_int("update_epochs", 5, 60, log=True),
            batch_size=trial.suggest_categorical("batch_size", [32, 64, 128, 256]),
            learning_rate=trial.suggest_float("learning_rate", 2e-4, 5e-3, log=True),
            weight_decay=trial.suggest_float("weight_decay", 1e-4, 1.0, log=True),
        )

    def start(self, schema: Schema, n_answers: int, generator: torch.Generator) -> Parameters:
        """Draw embeddings, layers and head; see `NetworkLearner.start`."""
        d, wide = self.d_model, self.d_model * self.mlp_ratio
        parameters = {
            "token": torch.randn(schema.n_values[0], d, generator=generator, dtype=torch.float32),
            "position": torch.randn(len(schema.columns), d, generator=generator, dtype=torch.float32),
        }
        for layer in range(self.n_layers):
            for part in ("query", "key", "value", "mix"):
                parameters |= linear_start(f"{part}{layer}", d, d, generator, bias=False)
            parameters |= linear_start(f"up{layer}", d, wide, generator)
            parameters |= linear_start(f"down{layer}", wide, d, generator)
        return parameters | linear_start("head", d, n_answers, generator)

    def hidden(self, parameters: Parameters, inputs: torch.Tensor) -> torch.Tensor:
        """Compute the last position's normed state; see `NetworkLearner.hidden`.

        In the last layer nothing else than the last position is computed: nothing else is read.
        """
        return _norm(self._last_positions(parameters, inputs)[-1])

    @property
    def n_hidden(self) -> int:
        """Every layer is read."""
        return self.n_layers

    def hidden_states(self, parameters: Parameters, inputs: torch.Tensor) -> list[torch.Tensor]:
        """Compute the last position's normed state after every layer; see `NetworkLearner.hidden_states`."""
        return [_norm(x) for x in self._last_positions(parameters, inputs)]

    def _last_positions(self, parameters: Parameters, inputs: torch.Tensor) -> list[torch.Tensor]:
        """The last position's state after every layer, each (n_members, n_rows, d_model)."""
        x, found = self._embedded(parameters, inputs), []
        for layer in range(self.n_layers - 1):
            attended = self._attend(parameters, layer, _norm(x), inputs.shape[-1])
            x = self._transformed(parameters, layer, x, attended)
            found.append(x.view(*inputs.shape, self.d_model)[:, :, -1])
        layer = self.n_layers - 1
        x = x.view(*inputs.shape, self.d_model)
        attended = self._attend_from_last(parameters, layer, _norm(x))
        return [*found, self._transformed(parameters, layer, x[:, :, -1], attended)]

    def gradients(self, parameters: Parameters, inputs: torch.Tensor, answers: torch.Tensor) -> Parameters:
        """Let autograd find them; see `NetworkLearner.gradients`."""
        return loss_gradients(self.logits, parameters, inputs, answers)

    @property
    def row_losses(self) -> TransformerLosses:
        """The loss for XLA; see `TrainedNetwork.row_losses`."""
        from learners.neural.transformer_losses import TransformerLosses  # JAX takes a while to load

        return TransformerLosses(self.n_layers, self.n_heads)

    @one_thread()
    def affinity(
        self, state: Network, statements: Inputs, questions: Inputs, answers: NDArray[np.int64]
    ) -> NDArray[np.float64]:
        """Give the cosine of the two loss gradients; see `AffinityLearner.affinity`."""
        # In double precision, since the gradient of a well-known answer is almost 0.
        parameters = {name: tensor.double() for name, tensor in state.parameters.items()}
        device = resolve(self.device)
        first, second, y = (torch.tensor(rows, device=device) for rows in (statements, questions, answers))
        return gradient_cosine(stack([parameters], device), self.logits, first, second, y).cpu().numpy()

    def _embedded(self, parameters: Parameters, inputs: torch.Tensor) -> torch.Tensor:
        """The tokens' first states, shape (n_members, n_rows * n_positions, d_model)."""
        tokens = parameters["token"]
        n_members, n_values, _ = tokens.shape
        # All members' vocabularies below each other make a single table.
        offsets = torch.arange(n_members, device=inputs.device)[:, None, None] * n_values
        states = embedding(inputs + offsets, tokens.flatten(0, 1)) + parameters["position"][:, None]
        return states.flatten(1, 2)

    def _transformed(
        self, parameters: Parameters, layer: int, x: torch.Tensor, attended: torch.Tensor
    ) -> torch.Tensor:
        """Add a layer's two branches to the states, shapes (n_members, n_states, d_model)."""
        x = torch.baddbmm(x, attended, parameters[f"mix{layer}.weight"])
        return x + linear(parameters, f"down{layer}", gelu(linear(parameters, f"up{layer}", _norm(x))))

    def _attend(self, parameters: Parameters, layer: int, x: torch.Tensor, n_positions: int) -> torch.Tensor:
        """Let each position attend to all of its row, shapes (n_members, n_rows * n_positions, d_model)."""
        n_tokens = n_positions * (PACKED if x.shape[1] % (n_positions * PACKED) == 0 else 1)
        packs = (x.shape[0] * x.shape[1] // n_tokens, n_tokens, self.d_model)
        q, k, v = (
            self._heads(torch.bmm(x, parameters[f"{part}{layer}.weight"]).view(packs))
            for part in ("query", "key", "value")
        )
        row = torch.arange(n_tokens, device=x.device) // n_positions
        apart = torch.where(row[:, None] == row, 0.0, -math.inf).to(x.dtype)
        scores = torch.baddbmm(apart, q, k.transpose(1, 2), alpha=self._scale)
        return self._rejoined(torch.bmm(scores.softmax(-1), v)).view(x.shape)

    def _attend_from_last(self, parameters: Parameters, layer: int, x: torch.Tensor) -> torch.Tensor:
        """Let the last position alone attend, shapes (n_members, n_rows, n_positions, d_model).

        With one query a row it is cheaper to bring the query to the states (q . K x = K' q . x) and
        the values' map to their mean than to form a key and a value for every position.
        """
        query = self._heads(torch.bmm(x[:, :, -1], parameters[f"query{layer}.weight"]))
        key = self._heads(parameters[f"key{layer}.weight"])
        value = self._heads(parameters[f"value{layer}.weight"])
        # By member and head while parameters are applied, by row while states are weighted.
        by_head = (x.shape[0], self.n_heads, x.shape[1], self.d_model)
        by_row = (x.shape[0], x.shape[1], self.n_heads, self.d_model)
        states = x.flatten(0, 1)
        asked = torch.bmm(query, key.transpose(1, 2)).view(by_head).transpose(1, 2).flatten(0, 1)
        weights = (torch.bmm(asked, states.transpose(1, 2)) * self._scale).softmax(-1)
        means = torch.bmm(weights, states).view(by_row).transpose(1, 2).flatten(0, 1)
        return self._rejoined(torch.bmm(means, value))

    @property
    def _scale(self) -> float:
        return 1 / math.sqrt(self.d_model // self.n_heads)

    def _heads(self, x: torch.Tensor) -> torch.Tensor:
        """From (n, n_tokens, d_model) to (n * n_heads, n_tokens, d_model / n_heads)."""
        heads = (self.n_heads, self.d_model // self.n_heads)
        return x.view(*x.shape[:2], *heads).transpose(1, 2).flatten(0, 1)

    def _rejoined(self, x: torch.Tensor) -> torch.Tensor:
        """The reverse of `_heads`."""
        n = x.shape[0] // self.n_heads
        return x.view(n, self.n_heads, *x.shape[1:]).transpose(1, 2).flatten(2)


def _norm(x: torch.Tensor) -> torch.Tensor:
    return layer_norm(x, x.shape[-1:])
