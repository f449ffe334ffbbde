"""The networks and their training as anyone would write them, for `networks_speed.py` to compare with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import nn
from torch.nn.functional import gelu, layer_norm, scaled_dot_product_attention

from iml_general.learner import Batch, Inputs, Probabilities
from learners.neural.gradients import Parameters
from learners.neural.mlp import MLP
from learners.neural.networks import NetworkLearner
from learners.neural.transformer import Transformer

Module = Callable[[NetworkLearner, Batch], nn.Module]
"""Makes a plain network as large as a learner's, for batches like one."""


class PlainMLP(nn.Module):
    """Hidden layers with ReLU."""

    def __init__(self, like: MLP, batch: Batch) -> None:
        super().__init__()
        sizes = [batch.inputs.shape[1], *[like.width] * like.depth]
        self.hidden = nn.ModuleList(map(nn.Linear, sizes, sizes[1:]))
        self.head = nn.Linear(like.width, batch.n_answers)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Give the logits of rows."""
        for layer in self.hidden:
            x = layer(x).relu()
        return self.head(x)


class Layer(nn.Module):
    """One layer of a transformer whose norms come first and have no gain."""

    def __init__(self, like: Transformer) -> None:
        super().__init__()
        d, self.n_heads = like.d_model, like.n_heads
        self.query, self.key, self.value, self.mix = (nn.Linear(d, d, bias=False) for _ in range(4))
        self.up, self.down = nn.Linear(d, d * like.mlp_ratio), nn.Linear(d * like.mlp_ratio, d)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Let states see each other, then transform each."""
        normed = layer_norm(x, x.shape[-1:])
        q, k, v = (
            part(normed).unflatten(-1, (self.n_heads, -1)).transpose(1, 2)
            for part in (self.query, self.key, self.value)
        )
        x = x + self.mix(scaled_dot_product_attention(q, k, v).transpose(1, 2).flatten(2))
        return x + self.down(gelu(self.up(layer_norm(x, x.shape[-1:]))))


class PlainTransformer(nn.Module):
    """Tokens and positions, layers, and a head that reads the last position."""

    def __init__(self, like: Transformer, batch: Batch) -> None:
        super().__init__()
        self.token = nn.Embedding(batch.schema.n_values[0], like.d_model)
        self.position = nn.Parameter(torch.empty(batch.inputs.shape[1], like.d_model))
        self.layers = nn.ModuleList(Layer(like) for _ in range(like.n_layers))
        self.head = nn.Linear(like.d_model, batch.n_answers)

    def forward(self, tokens: torch.Tensor) -> torch.Tensor:
        """Give the logits of rows."""
        x = self.token(tokens) + self.position
        for layer in self.layers:
            x = layer(x)
        return self.head(layer_norm(x, x.shape[-1:])[:, -1])


@torch.no_grad()
def load(network: nn.Module, parameters: Parameters) -> None:
    """Start a module from the parameters that a learner draws.

    Args:
        network: A `PlainMLP` or `PlainTransformer`.
        parameters: Of `NetworkLearner.start`.
    """
    for name, tensor in network.named_parameters():
        match name.split("."):
            case ["hidden" | "layers" as group, number, *rest]:
                *part, kind = rest
                source = f"{group}{number}.{kind}" if group == "hidden" else f"{part[0]}{number}.{kind}"
            case ["token", _]:
                source = "token"
            case _:
                source = name
        given = parameters[source]
        tensor.copy_(given.T if source.endswith("weight") else given.view(tensor.shape))


@dataclass(frozen=True)
class Plain:
    """A network learner's training and prediction as a plain loop, on one device."""

    like: NetworkLearner
    module: Module
    device: str

    def fit(self, batch: Batch, seed: int) -> nn.Module:
        """Train a new network."""
        generator = torch.Generator().manual_seed(seed)
        network = self.module(self.like, batch)
        load(network, self.like.start(batch.schema, batch.n_answers, generator))
        return self._trained(network, batch, self.like.epochs, generator)

    def update(self, state: nn.Module, batch: Batch, seed: int) -> nn.Module:
        """Go on training a copy."""
        network = self.module(self.like, batch)
        network.load_state_dict(state.state_dict())
        return self._trained(network, batch, self.like.update_epochs, torch.Generator().manual_seed(seed))

    def predict(self, state: nn.Module, inputs: Inputs) -> Probabilities:
        """Give the probability of every answer."""
        with torch.no_grad():
            return state(torch.tensor(inputs, device=self.device)).double().softmax(-1).cpu().numpy()

    def fit_cohort(self, batches: list[Batch], seeds: list[int]) -> list[nn.Module]:
        """Train one after the other."""
        return [self.fit(*pair) for pair in zip(batches, seeds, strict=True)]

    def update_cohort(
        self, states: list[nn.Module], batches: list[Batch], seeds: list[int]
    ) -> list[nn.Module]:
        """Go on training one after the other."""
        return [self.update(*triple) for triple in zip(states, batches, seeds, strict=True)]

    def _trained(
        self, network: nn.Module, batch: Batch, epochs: int, generator: torch.Generator
    ) -> nn.Module:
        network.to(self.device)
        optimizer = torch.optim.AdamW(
            network.parameters(), lr=self.like.learning_rate, weight_decay=self.like.weight_decay
        )
        x, y = (torch.tensor(array, device=self.device) for array in (batch.inputs, batch.answers))
        for _ in range(epochs):
            order = torch.randperm(len(y), generator=generator).to(self.device)
            for rows in torch.split(order, self.like.batch_size):
                optimizer.zero_grad()
                torch.nn.functional.cross_entropy(network(x[rows]), y[rows]).backward()
                optimizer.step()
        return network
