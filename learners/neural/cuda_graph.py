"""Many small kernels, launched as one."""

from __future__ import annotations

from collections.abc import Callable

import torch


class Graphed:
    """A function of one CUDA tensor, carried out as one CUDA graph for each shape of it.

    The function works in place on tensors that stay where they are, and doesn't wait for the device.
    With a shape's first tensor it is called as it is, in which the libraries behind it get ready; with
    the second its kernels are recorded; from then on they are launched together.
    """

    def __init__(self, function: Callable[[torch.Tensor], None]) -> None:
        """Nothing is recorded yet.

        Args:
            function: The function.
        """
        self._function = function
        self._seen: set[torch.Size] = set()
        self._recorded: dict[torch.Size, tuple[torch.cuda.CUDAGraph, torch.Tensor]] = {}
        self._pool = torch.cuda.graph_pool_handle()  # one memory, since only one graph runs at a time

    def __call__(self, argument: torch.Tensor) -> None:
        """Do what the function does, without waiting for it.

        Args:
            argument: The function's argument; it may be changed afterwards.
        """
        if argument.shape not in self._seen:
            self._seen.add(argument.shape)
            self._function(argument)
            return
        if argument.shape not in self._recorded:
            self._recorded[argument.shape] = self._record(argument)
        graph, place = self._recorded[argument.shape]
        place.copy_(argument)
        graph.replay()

    def _record(self, like: torch.Tensor) -> tuple[torch.cuda.CUDAGraph, torch.Tensor]:
        """The graph, and the place from which it takes its argument."""
        place = torch.empty_like(like, memory_format=torch.contiguous_format)
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(graph, pool=self._pool):
            self._function(place)
        return graph, place
