"""Where a network is trained."""

from __future__ import annotations

from typing import Literal

import torch

from iml_general.errors import UsageError

Device = Literal["auto", "cpu", "cuda"]


def resolve(device: Device) -> torch.device:
    """Find the device that an option asks for.

    Args:
        device: ``"auto"`` takes CUDA where there is any. Results are exactly reproducible on the
            CPU alone, which is why it is every learner's default.

    Returns:
        The device.

    Raises:
        UsageError: If CUDA is asked for and torch finds none.
    """
    if device == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    if device == "cuda" and not torch.cuda.is_available():
        raise UsageError("device = 'cuda', but torch finds no CUDA device here; use 'cpu' or 'auto'")
    return torch.device(device)
