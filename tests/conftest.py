"""Settings that all tests share, the command line, and the real browser that some look at pages with."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import chdir, redirect_stderr, redirect_stdout
from importlib.resources import files
from io import BytesIO, TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

# Timings never decide a test, and the same examples are tried on every machine.
settings.register_profile("project", deadline=None, derandomize=True, max_examples=40)
settings.load_profile("project")

# What a test measures it measures itself; tests of the cache give one of their own.
os.environ["IML_CACHE"] = "off"

# Folders of tests that start processes and wait for them.
LONG = ("study", "docs", "commands")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Long tests go first: whoever runs out of tests then takes short ones, and all end together."""
    here = Path(__file__).parent
    items.sort(key=lambda item: item.path.relative_to(here).parts[0] not in LONG)


Iml = Callable[..., subprocess.CompletedProcess[str]]
WIDTH = "160"


@pytest.fixture(scope="session")
def iml() -> Iml:
    """Runs `iml` with arguments in a folder, through its entry and in this process: libraries load once.

    What only a process of its own can show takes `iml_process`.
    """
    from iml_general import cli  # not before a test needs it: its libraries take a while

    def run(*arguments: str, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
        out, err = (TextIOWrapper(BytesIO(), "utf-8") for _ in range(2))
        with pytest.MonkeyPatch.context() as patched, chdir(cwd), redirect_stdout(out), redirect_stderr(err):
            patched.setattr(sys, "argv", ["iml", *arguments])
            # Or else it is known as `python -m pytest.iml`, in its help and to the shell.
            patched.setattr(sys.modules["__main__"], "__package__", "", raising=False)
            for name, value in {"COLUMNS": WIDTH, **environment}.items():
                patched.setenv(name, value)
            try:
                cli.main()
                code = 0
            except SystemExit as ended:
                code = int(ended.code or 0)
            told = []
            for stream in (out, err):
                stream.flush()
                told.append(stream.buffer.getvalue().decode())
        return subprocess.CompletedProcess(["iml", *arguments], code, *told)

    return run


@pytest.fixture(scope="session")
def iml_process() -> Iml:
    """Runs `iml` with arguments in a folder, in a process of its own, as a user has it."""

    def run(*arguments: str, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "iml_general.cli", *arguments],
            cwd=cwd,
            capture_output=True,
            text=True,
            check=False,
            env={**os.environ, "COLUMNS": WIDTH, **environment},
        )

    return run


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """The machine's own browser, headless, which finds no host."""
    from playwright.sync_api import sync_playwright  # only for those who look at pages

    names = ("chromium", "chromium-browser", "google-chrome")
    path = next((found for name in names if (found := shutil.which(name))), None)
    if path is None:
        pytest.fail("these tests need Chromium: apt-get install --no-install-recommends chromium")
    options = ["--no-sandbox", "--host-resolver-rules=MAP * ~NOTFOUND"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=options)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def axe() -> Callable[[Page], set[str]]:
    """Says what axe-core finds to be a serious or a critical fault of a page, with everything unfolded."""
    script = files("axe_playwright_python").joinpath("axe.min.js").read_text("utf-8")

    def faults(page: Page) -> set[str]:
        page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
        page.evaluate(script)
        found = page.evaluate("axe.run({ resultTypes: ['violations'] })")
        assert len(found["passes"]) > 20
        return {one["id"] for one in found["violations"] if one["impact"] in {"serious", "critical"}}

    return faults
