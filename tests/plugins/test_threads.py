"""One thread inside, whatever library counts them, and the libraries' own numbers afterwards."""

import os
from collections.abc import Iterator

import pytest
import sklearn  # noqa: F401  (brings pools of threads)
import torch
from threadpoolctl import threadpool_info

from iml_general.plugins.threads import XLA_POOL, one_thread


@pytest.fixture(autouse=True)
def two_threads() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    yield
    torch.set_num_threads(before)


def numbers() -> dict[str, int]:
    return {library["filepath"]: library["num_threads"] for library in threadpool_info()}


@one_thread()
def inside() -> tuple[set[int], int]:
    return {count for path, count in numbers().items() if "openblas" in path}, torch.get_num_threads()


@one_thread()
def fails() -> None:
    raise ZeroDivisionError


def test_one_thread_holds_inside_and_ends_even_with_an_error() -> None:
    before = numbers()
    assert inside() == ({1}, 1)
    assert (numbers(), torch.get_num_threads()) == (before, 2)
    with pytest.raises(ZeroDivisionError):
        fails()
    assert (numbers(), torch.get_num_threads()) == (before, 2)


def test_it_can_be_entered_again_while_it_holds() -> None:
    with one_thread():
        assert inside() == ({1}, 1)
        assert torch.get_num_threads() == 1
    assert torch.get_num_threads() == 2


@pytest.mark.parametrize("before", [None, "1", "6"])
def test_xla_would_find_one_thread_inside_and_the_environment_is_what_it_was(
    monkeypatch: pytest.MonkeyPatch, before: str | None
) -> None:
    monkeypatch.delenv(XLA_POOL, raising=False)
    if before:
        monkeypatch.setenv(XLA_POOL, before)
    with one_thread(), one_thread():
        assert os.environ[XLA_POOL] == "1"
    assert os.environ.get(XLA_POOL) == before
    with pytest.raises(ZeroDivisionError):
        fails()
    assert os.environ.get(XLA_POOL) == before
