"""A causal language model: it reads a row as a sentence, and answers with the words that end it."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Literal, Self, get_args

import numpy as np
import torch
from numpy.typing import NDArray
from torch.func import functional_call
from torch.nn.functional import cross_entropy
from transformers import PretrainedConfig, PreTrainedModel

from iml_general.learner import (
    LAST_LAYER,
    Batch,
    Inputs,
    LearnerInfo,
    Probabilities,
    RepresentationLearner,
)
from iml_general.options import NotNegative, PositiveFloat, PositiveInt
from iml_general.plugins.threads import one_thread
from learners.neural.device import Device, resolve
from learners.neural.gradients import Parameters
from learners.neural.language_models import (
    Architecture,
    drawn_parameters,
    files_of,
    module_of,
    read_checkpoint,
    refuse_no_checkpoint,
    small_config,
)
from learners.neural.sentences import NO_TOKEN, Reader, joined

if TYPE_CHECKING:
    import optuna

ROWS_AT_ONCE = 512  # when predicting: bounds the memory that logits take


@dataclass(frozen=True, eq=False)
class LanguageModel:
    """The state of a language model. Never changed; its tensors lie on the CPU.

    Attributes:
        config: The model's configuration.
        parameters: Its parameters by name, float32.
        reader: How it reads rows.
        n_answers: Number of answer classes.
    """

    config: PretrainedConfig
    parameters: Parameters
    reader: Reader
    n_answers: int


@dataclass(frozen=True)
class CausalLM(RepresentationLearner[LanguageModel]):
    """A decoder of the library transformers, trained by AdamW to end sentences with the right words.

    The loss is that of the answer's words alone. An answer's probability is that of its words, over the sum
    of those of all answers to the question; a class that the question has not has none. Sentences are padded
    on the right, where a causal model never looks.

    Attributes:
        rule: The update rule; ``continue`` goes on with gradient steps, with a fresh AdamW.
        architecture: Of a model that is trained from scratch, with the form's own tokenizer.
        n_layers: Its layers.
        d_model: Features of its tokens' states.
        n_heads: Its attention heads; divides `d_model`.
        checkpoint: A local folder to start from instead; with its own tokenizer and sizes.
        epochs: Passes over the rows in `fit`.
        update_epochs: Passes over the rows in `update`.
        batch_size: Rows in a minibatch.
        learning_rate: Of AdamW; pretrained models need a smaller one.
        weight_decay: Of AdamW.
        device: Where to train and predict. Exactly reproducible on ``"cpu"`` alone.
    """

    info: ClassVar = LearnerInfo(
        name="causal-lm",
        family="neural networks",
        summary="causal language model over sentences (transformers), from scratch or a local checkpoint",
        form="text",
        rules=("continue", "retrain"),
        update_fields=("update_epochs",),
        libraries=("torch", "transformers", "tokenizers"),
    )

    rule: Literal["continue", "retrain"] = "continue"
    architecture: Architecture = "llama"
    n_layers: PositiveInt = 2
    d_model: PositiveInt = 64
    n_heads: PositiveInt = 4
    checkpoint: str = ""
    epochs: PositiveInt = 30
    update_epochs: PositiveInt = 15
    batch_size: PositiveInt = 32
    learning_rate: PositiveFloat = 2e-3
    weight_decay: NotNegative = 0.01
    device: Device = "cpu"

    def __post_init__(self) -> None:
        resolve(self.device)
        if self.checkpoint:
            refuse_no_checkpoint(self.checkpoint)
        if self.d_model % (2 * self.n_heads):
            raise ValueError(
                f"d_model = {self.d_model} is not divisible by twice n_heads = {self.n_heads}; change either"
            )

    @classmethod
    def suggest(cls, trial: optuna.Trial) -> Self:
        """Draw the model's kind and size, both stages' epochs and the optimiser's settings."""
        architecture: Any = trial.suggest_categorical("architecture", list(get_args(Architecture)))
        return cls(
            architecture=architecture,
            n_layers=trial.suggest_int("n_layers", 1, 3),
            d_model=trial.suggest_categorical("d_model", [32, 64, 128]),
            n_heads=trial.suggest_categorical("n_heads", [1, 2, 4, 8]),
            epochs=trial.suggest_int("epochs", 10, 60, log=True),
            update_epochs=trial.suggest_int("update_epochs", 5, 40, log=True),
            batch_size=trial.suggest_categorical("batch_size", [32, 64, 128, 256]),
            learning_rate=trial.suggest_float("learning_rate", 2e-4, 5e-3, log=True),
            weight_decay=trial.suggest_float("weight_decay", 1e-4, 1.0, log=True),
        )

    def files(self) -> tuple[Path, ...]:
        """The checkpoint's files; see `Learner.files`."""
        return files_of(self.checkpoint) if self.checkpoint else ()

    @one_thread()
    def fit(self, batch: Batch, seed: int) -> LanguageModel:
        """Train a new model, or the checkpoint; see `Learner.fit`."""
        if self.checkpoint:
            config, parameters, tokenizer = read_checkpoint(self.checkpoint)
            reader = Reader(batch.schema, tokenizer)
        else:
            reader = Reader(batch.schema, None)
            sizes = (batch.schema.n_values[0], reader.longest(), self.n_layers, self.d_model, self.n_heads)
            config = small_config(self.architecture, *sizes)
            parameters = drawn_parameters(config, seed)
        start = LanguageModel(config, parameters, reader, batch.n_answers)
        return self._trained(start, batch, self.epochs, seed)

    @one_thread()
    def update(self, state: LanguageModel, batch: Batch, seed: int) -> LanguageModel:
        """Go on training; see `Learner.update`."""
        return self._trained(state, batch, self.update_epochs, seed)

    @one_thread()
    def predict(self, state: LanguageModel, inputs: Inputs) -> Probabilities:
        """Give the probability of every answer, float64; see `Learner.predict`."""
        if not len(inputs):
            return np.zeros((0, state.n_answers))
        sentences = state.reader.sentences(inputs)
        device = resolve(self.device)
        parameters, module = _moved(state.parameters, device), module_of(state.config, device)
        logs = np.full((len(inputs), state.n_answers), -math.inf)
        for answer in range(state.n_answers):
            endings = state.reader.endings(inputs, np.full(len(inputs), answer))
            rows = np.flatnonzero((endings != NO_TOKEN).any(axis=1))
            tokens, targets = joined(sentences[rows], endings[rows])
            with torch.inference_mode():
                for places, *some in _some_at_once(rows, tokens, targets, device=device):
                    found = -_losses(module, parameters, *some)
                    logs[places.cpu().numpy(), answer] = found.double().cpu().numpy()
        logs -= logs.max(axis=1, keepdims=True)
        odds = np.exp(logs)
        return np.asarray(odds / odds.sum(axis=1, keepdims=True))

    def represent(self, state: LanguageModel, inputs: Inputs) -> NDArray[np.floating[Any]]:
        """Give the state of the sentence's last token, float32 of shape (n_rows, d_model)."""
        return self.layers(state, inputs)[LAST_LAYER]

    @one_thread()
    def layers(self, state: LanguageModel, inputs: Inputs) -> dict[str, NDArray[np.floating[Any]]]:
        """Give the states of the sentence's last token after every layer; see `RepresentationLearner`."""
        device = resolve(self.device)
        parameters, module = _moved(state.parameters, device), module_of(state.config, device)
        sentences = state.reader.sentences(inputs)
        last = (sentences != NO_TOKEN).sum(axis=1) - 1
        found = []
        with torch.inference_mode():
            for x, places in _some_at_once(sentences, last, device=device):
                asked = {"input_ids": x.clamp(min=0), "output_hidden_states": True, "use_cache": False}
                states = functional_call(module, parameters, (), asked).hidden_states[1:]
                rows = torch.arange(len(x), device=device)
                found.append(torch.stack([one[rows, places] for one in states]))
        states = torch.cat(found, dim=1).cpu().numpy()
        names = [*(f"layer_{number}" for number in range(1, len(states))), LAST_LAYER]
        return dict(zip(names, states, strict=True))

    def _trained(self, state: LanguageModel, batch: Batch, epochs: int, seed: int) -> LanguageModel:
        """Take gradient steps from a state, which stays as it is."""
        if not len(batch):
            return state
        device = resolve(self.device)
        module = module_of(state.config, device)
        endings = state.reader.endings(batch.inputs, batch.answers)
        tokens, targets = (
            torch.from_numpy(rows).to(device)
            for rows in joined(state.reader.sentences(batch.inputs), endings)
        )
        leaves = {
            name: tensor.to(device, copy=True).requires_grad_() for name, tensor in state.parameters.items()
        }
        optimiser = torch.optim.AdamW(
            leaves.values(), lr=self.learning_rate, weight_decay=self.weight_decay, fused=True
        )
        generator = torch.Generator().manual_seed(seed)  # on the CPU: the same order whatever the device
        for _ in range(epochs):
            order = torch.randperm(len(batch), generator=generator).to(device)
            for rows in torch.split(order, self.batch_size):
                loss = _losses(module, leaves, tokens[rows], targets[rows]).mean()
                optimiser.zero_grad()
                loss.backward()  # type: ignore[no-untyped-call]
                optimiser.step()
        parameters = {name: leaf.detach().cpu() for name, leaf in leaves.items()}
        return LanguageModel(state.config, parameters, state.reader, state.n_answers)


def _losses(
    module: PreTrainedModel, parameters: Parameters, tokens: torch.Tensor, targets: torch.Tensor
) -> torch.Tensor:
    """Minus the log-probability of the words that are asked for.

    Args:
        module: The model.
        parameters: The parameters that it is to compute with.
        tokens: Shape (n_rows, n_tokens).
        targets: The same where a token is asked for, else `NO_TOKEN`.

    Returns:
        Sums over the words of each row, shape (n_rows,).
    """
    asked = (targets != NO_TOKEN).any(dim=0).nonzero()
    first = int(asked[0]) if len(asked) else tokens.shape[1] - 1
    # A position's logits are of the token after it; those before the first that is asked for aren't needed.
    options = {
        "input_ids": tokens.clamp(min=0),
        "use_cache": False,
        "logits_to_keep": tokens.shape[1] - first + 1,
    }
    logits = functional_call(module, parameters, (), options).logits[:, :-1]
    losses = cross_entropy(
        logits.flatten(0, 1), targets[:, first:].flatten(), ignore_index=NO_TOKEN, reduction="none"
    )
    return losses.view(len(tokens), -1).sum(dim=1)


def _moved(parameters: Parameters, device: torch.device) -> Parameters:
    return {name: tensor.to(device) for name, tensor in parameters.items()}


def _some_at_once(*arrays: NDArray[np.int64], device: torch.device) -> Iterator[list[torch.Tensor]]:
    """The same rows of several arrays, not too many at a time."""
    for start in range(0, len(arrays[0]), ROWS_AT_ONCE):
        yield [torch.from_numpy(rows[start : start + ROWS_AT_ONCE]).to(device) for rows in arrays]
