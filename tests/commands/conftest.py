"""The command line in a process of its own, as a user has it."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

Iml = Callable[..., subprocess.CompletedProcess[str]]
WIDTH = 160


@pytest.fixture(scope="session")
def iml() -> Iml:
    """Runs `iml` with arguments in a folder, on a terminal's width, with whatever is set beside it."""

    def run(*arguments: str, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "iml_general.cli", *arguments],
            cwd=cwd,
            capture_output=True,
            text=True,
            check=False,
            env={**os.environ, "COLUMNS": str(WIDTH), **environment},
        )

    return run
