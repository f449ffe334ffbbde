"""What aliases look like, in a world where they are pictures."""

from __future__ import annotations

from abc import ABC, abstractmethod

import numpy as np
from numpy.typing import NDArray


class Pictures(ABC):
    """Pictures of the aliases of one world.

    Attributes:
        height: Rows of pixels.
        width: Columns of pixels.
        per_row: Pictures of each row that is learned: a stage comes so many times over, each time with
            other pictures.
    """

    height: int
    width: int
    per_row: int = 1

    @abstractmethod
    def show(self, aliases: NDArray[np.int64], stage: str | None) -> NDArray[np.float32]:
        """Give the picture of each row.

        It depends on nothing else than the alias, the stage and the row's place in it, so conditions
        and twins whose rows differ in tags or answers see the same pictures.

        Args:
            aliases: The alias of each row, shape (n_rows,).
            stage: Name of the stage whose rows these are, in their order; None for the rows that are asked.

        Returns:
            Ink from 0 to 1, float32 of shape (n_rows, height, width).
        """
