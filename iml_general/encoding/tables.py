"""Tables of codes: one distinct row per thing, in an order that carries nothing."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from iml_general.errors import UsageError


def code_table(kind: str, n: int, width: int, generator: np.random.Generator) -> NDArray[np.float32]:
    """Draw the codes of n things.

    Orders carry nothing: columns of the one-hot code and ranks of the ordinal code are permuted.

    Args:
        kind: ``"bits"``, ``"dense"``, ``"one-hot"`` or ``"ordinal"``.
        n: Number of things to tell apart.
        width: Columns of the bits and dense codes; the other two have n and 1.
        generator: The only source of randomness.

    Returns:
        One distinct code per row, float32 of shape (n, n_columns).

    Raises:
        UsageError: If `width` bits can't tell n things apart.
    """
    if kind == "one-hot":
        return np.eye(n, dtype=np.float32)[generator.permutation(n)]
    if kind == "ordinal":
        return (1 + generator.permutation(n)).astype(np.float32)[:, None]
    if kind == "dense":
        return generator.standard_normal((n, width)).astype(np.float32)
    bits = distinct_digits(n, width, 2, generator, f"alias_width = {width} bits")
    return bits.astype(np.float32)


def distinct_digits(
    n: int, width: int, base: int, generator: np.random.Generator, option: str
) -> NDArray[np.int64]:
    """Draw n distinct strings of digits, uniformly.

    Args:
        n: Number of strings.
        width: Digits of a string.
        base: Number of different digits.
        generator: The only source of randomness.
        option: How the user asked for that many, for the message.

    Returns:
        Digits in 0 .. base - 1, int64 of shape (n, width), all rows distinct.

    Raises:
        UsageError: If there are fewer than n different strings.
    """
    if base**width < n:
        raise UsageError(
            f"encoding: {option} gives {base**width} different codes, but there are {n} aliases: widen it"
        )
    if base**width <= 4 * n:  # so few that drawing again could take long: draw without replacement
        values = generator.choice(base**width, size=n, replace=False)
        return (values[:, None] // base ** np.arange(width)) % base
    digits = generator.integers(base, size=(n, width))
    while True:
        _, first = np.unique(digits, axis=0, return_index=True)
        repeated = np.setdiff1d(np.arange(n), first)
        if not len(repeated):
            return digits
        digits[repeated] = generator.integers(base, size=(len(repeated), width))
