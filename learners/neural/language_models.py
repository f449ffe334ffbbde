"""Causal language models of the library transformers: made from scratch, or read from a local folder."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

os.environ.setdefault("HF_HUB_OFFLINE", "1")  # read when the library is imported: nothing is ever downloaded

import torch
from tokenizers import Tokenizer
from transformers import (
    AutoConfig,
    AutoModelForCausalLM,
    PretrainedConfig,
    PreTrainedModel,
)
from transformers.utils import logging

from iml_general.errors import UsageError
from learners.neural.gradients import Parameters

Architecture = Literal["gpt2", "llama", "gpt-neox"]

WIDE = {"gpt2": "n_inner", "llama": "intermediate_size", "gpt-neox": "intermediate_size"}
"""What the library calls the units of the wide layers, by architecture."""

WIDENING = 4  # their number over the features of a token's state

FILES = ("config.json", "tokenizer.json", "*.safetensors")
"""What a checkpoint consists of."""

_CONFIGS: Any = AutoConfig
_MODELS: Any = AutoModelForCausalLM
_LOGGING: Any = logging


def small_config(
    architecture: Architecture, n_tokens: int, n_positions: int, n_layers: int, d_model: int, n_heads: int
) -> PretrainedConfig:
    """Configure a model that is to be trained from scratch, without dropout.

    Args:
        architecture: Which one.
        n_tokens: Size of the vocabulary.
        n_positions: Tokens of a sequence at most.
        n_layers: Number of layers.
        d_model: Features of a token's state.
        n_heads: Attention heads.

    Returns:
        The configuration. Weights are drawn with a standard deviation of 1 / sqrt(d_model) in place of the
        library's 0.02, which is what that comes to for 2,500 features.
    """
    options: dict[str, Any] = {"vocab_size": n_tokens, "initializer_range": d_model**-0.5, "use_cache": False}
    options |= {"max_position_embeddings": n_positions, "num_hidden_layers": n_layers, "hidden_size": d_model}
    options |= {"num_attention_heads": n_heads, WIDE[architecture]: WIDENING * d_model}
    options |= dict.fromkeys(("bos_token_id", "eos_token_id", "pad_token_id"))
    if architecture == "gpt2":
        options |= dict.fromkeys(("resid_pdrop", "embd_pdrop", "attn_pdrop"), 0.0)
        options["activation_function"] = "gelu_pytorch_tanh"  # the function of its default, in one kernel
    config: PretrainedConfig = _CONFIGS.for_model(architecture.replace("-", "_"), **options)
    return config


def drawn_parameters(config: PretrainedConfig, seed: int) -> Parameters:
    """Draw the parameters of an untrained model.

    Args:
        config: The model's configuration.
        seed: The only source of randomness.

    Returns:
        Parameters by name, float32; those that are tied occur once.
    """
    with torch.random.fork_rng(devices=[]):  # the library draws from torch's common generator
        torch.manual_seed(seed)
        return parameters_of(_MODELS.from_config(config, dtype=torch.float32))


def refuse_no_checkpoint(folder: str) -> None:
    """Refuse a folder that lacks what a checkpoint consists of; nothing is read yet.

    Args:
        folder: As for `read_checkpoint`.

    Raises:
        UsageError: Names the file that is missing.
    """
    for pattern in FILES:
        if not any(Path(folder).expanduser().glob(pattern)):
            raise UsageError(
                f"checkpoint = {folder!r} has no {pattern}; give a local folder with {', '.join(FILES)}"
                " (pickled weights are never loaded)"
            )


def read_checkpoint(folder: str) -> tuple[PretrainedConfig, Parameters, Tokenizer]:
    """Read a model from a local folder.

    Weights are read from safetensors alone, never from a pickle, and no code that lies beside them is run.

    Args:
        folder: Has all of `FILES`.

    Returns:
        Its configuration, its parameters as float32, and its tokenizer.

    Raises:
        UsageError: If the folder lacks one of them, or holds no causal language model; in one line.
    """
    refuse_no_checkpoint(folder)
    where, path = f"checkpoint = {folder!r}", Path(folder).expanduser()
    try:
        with _silent():
            model, found = _MODELS.from_pretrained(
                path,
                local_files_only=True,
                trust_remote_code=False,
                use_safetensors=True,
                dtype=torch.float32,
                output_loading_info=True,
            )
        tokenizer = Tokenizer.from_file(str(path / "tokenizer.json"))
    except Exception as error:  # whatever a library makes of files that somebody handed over
        told = f"{type(error).__name__}: {error}".splitlines()[0]
        raise UsageError(f"{where} can't be read as a causal language model: {told}") from error
    if found["missing_keys"]:
        raise UsageError(f"{where} has no weights for {sorted(found['missing_keys'])[0]}; it is not complete")
    if tokenizer.get_vocab_size() > model.config.vocab_size:
        raise UsageError(
            f"{where}: its tokenizer has {tokenizer.get_vocab_size()} tokens and its model"
            f" {model.config.vocab_size}; they are not of one checkpoint"
        )
    return model.config, parameters_of(model), tokenizer


def files_of(folder: str) -> tuple[Path, ...]:
    """The files of a checkpoint that what it answers depends on."""
    path = Path(folder).expanduser()
    return tuple(sorted(file for pattern in FILES for file in path.glob(pattern)))


def parameters_of(model: PreTrainedModel) -> Parameters:
    """Read a model's parameters, as tensors that no training changes."""
    return {name: tensor.detach().clone() for name, tensor in model.named_parameters()}


def module_of(config: PretrainedConfig, device: torch.device) -> PreTrainedModel:
    """Give the module that computes with parameters of this configuration, whatever its own are.

    Args:
        config: The configuration.
        device: Where it computes.

    Returns:
        The module without dropout. Remembered, so call it by `torch.func.functional_call` alone.
    """
    return _module(json.dumps(config.to_dict(), sort_keys=True), str(device))


@lru_cache(maxsize=4)
def _module(config: str, device: str) -> PreTrainedModel:
    options: dict[str, Any] = json.loads(config)
    with torch.random.fork_rng(devices=[]), _silent():
        made = _CONFIGS.for_model(**options)
        model: PreTrainedModel = _MODELS.from_config(made, dtype=torch.float32).to(device)
    model.train(False)
    return model


@contextmanager
def _silent() -> Iterator[None]:
    """Keep the library from printing, and let others hear it as before."""
    level, bars = _LOGGING.get_verbosity(), _LOGGING.is_progress_bar_enabled()
    _LOGGING.set_verbosity(_LOGGING.CRITICAL)
    _LOGGING.disable_progress_bar()
    try:
        yield
    finally:
        _LOGGING.set_verbosity(level)
        if bars:
            _LOGGING.enable_progress_bar()
