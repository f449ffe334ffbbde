"""The networks as ordinary torch modules, for `networks_speed.py` to compare with."""

from __future__ import annotations

import torch
from torch import nn
from torch.nn.functional import gelu, layer_norm, scaled_dot_product_attention

from iml_general.learner import Batch
from learners.neural.gradients import Parameters
from learners.neural.mlp import MLP
from learners.neural.transformer import Transformer


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
