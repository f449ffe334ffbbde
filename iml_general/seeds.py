"""One root seed -> independent seeds per purpose, world, index and component.

Seeds are derived by name through a cryptographic hash, so they depend neither on the order in
which they are asked for, nor on the process, nor on ``PYTHONHASHSEED``. Search and confirmation
seeds differ in a hashed word and so can never coincide.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Literal

import numpy as np

Purpose = Literal["search", "confirm"]


@dataclass(frozen=True)
class Seed:
    """One independent replicate: a fresh world, a fresh split and the learner's randomness.

    Attributes:
        root: The study's root seed.
        purpose: ``"search"`` for seeds that a search may see, ``"confirm"`` for the others.
        world: The world's name: two worlds never share randomness.
        index: Number of the replicate, from 0. Its parity decides which tag symbol is reliable.
    """

    root: int
    purpose: Purpose
    world: str
    index: int

    def integer(self, component: str) -> int:
        """Derive a seed for a library that takes a small integer.

        Args:
            component: What the seed is for, such as ``"fit"``.

        Returns:
            An integer in [0, 2**31).
        """
        return int.from_bytes(self._digest(component)[:4], "little") >> 1

    def generator(self, component: str) -> np.random.Generator:
        """Derive a numpy generator that no other component shares.

        Args:
            component: What the generator is for, such as ``"split"``.

        Returns:
            A PCG64 generator seeded from 128 bits of the hash.
        """
        return np.random.default_rng(int.from_bytes(self._digest(component)[:16], "little"))

    def _digest(self, component: str) -> bytes:
        # repr() of a tuple quotes its strings, so no two tuples of fields share a text.
        text = repr((self.root, self.purpose, self.world, self.index, component))
        return hashlib.blake2b(text.encode(), digest_size=16).digest()
