import pytest
import torch

from iml_general.errors import UsageError
from learners.neural.training import resolve


def test_auto_is_cuda_where_there_is_any_and_the_cpu_elsewhere(monkeypatch):
    for available, expected in ((True, "cuda"), (False, "cpu")):
        monkeypatch.setattr(torch.cuda, "is_available", lambda answer=available: answer)
        assert resolve("auto").type == expected
        assert resolve("cpu").type == "cpu"


def test_cuda_is_refused_where_there_is_none(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(UsageError, match="device = 'cuda', but torch finds no CUDA device here"):
        resolve("cuda")
