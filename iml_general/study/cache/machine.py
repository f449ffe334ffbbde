"""The kind of machine: what rounding may depend on beside the code."""

from __future__ import annotations

import os
import platform
from functools import lru_cache
from pathlib import Path
from typing import Any

VARIABLES = (
    "CUBLAS_WORKSPACE_CONFIG",
    "CUDA_VISIBLE_DEVICES",
    "MKL_CBWR",
    "MKL_ENABLE_INSTRUCTIONS",
    "NPY_DISABLE_CPU_FEATURES",
    "NVIDIA_TF32_OVERRIDE",
    "ONEDNN_MAX_CPU_ISA",
    "OPENBLAS_CORETYPE",
)
"""Variables of the environment by which libraries choose among ways to compute the same."""


def kind_of_machine() -> dict[str, Any]:
    """Say what kind of machine this is.

    Returns:
        System, C library, Python, processor with the instructions that numpy uses on it, graphics
        processors, and `VARIABLES` that are set: nested JSON values. Two machines of which they are equal
        round alike, as far as is known.
    """
    return {**_hardware(), "variables": {name: os.environ[name] for name in VARIABLES if name in os.environ}}


@lru_cache(maxsize=1)
def _hardware() -> dict[str, Any]:
    return {
        "system": [platform.system(), platform.machine(), *platform.libc_ver()],
        "python": [platform.python_implementation(), platform.python_version()],
        "processor": [_processor(), *_instructions()],
        "graphics": _graphics(),
    }


def _processor() -> str:
    text = _text(Path("/proc/cpuinfo"))
    named = [line.partition(":")[2].strip() for line in text.splitlines() if line.startswith("model name")]
    return named[0] if named else platform.processor()


def _instructions() -> list[str]:
    import numpy as np

    facts: Any = np.show_config(mode="dicts")
    return sorted(facts.get("SIMD Extensions", {}).get("found", []))


def _graphics() -> list[str]:
    """Which graphics processors there are, and their driver; nothing of a library's is loaded for it."""
    found = {
        line.partition(":")[2].strip()
        for path in sorted(Path("/proc/driver/nvidia/gpus").glob("*/information"))
        for line in _text(path).splitlines()
        if line.startswith("Model")
    }
    driver = _text(Path("/proc/driver/nvidia/version")).splitlines()[:1]
    devices = {
        path.name.rstrip("0123456789")
        for pattern in ("nvidia[0-9]*", "kfd")
        for path in Path("/dev").glob(pattern)
    }
    return [*sorted(found), *driver, *sorted(devices)]


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
