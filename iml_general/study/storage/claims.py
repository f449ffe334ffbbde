"""An Optuna study whose next trial may be one that this process has claimed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import optuna
from optuna.trial import TrialState, create_trial


class Claims(optuna.Study):
    """An Optuna study in which a process may make sure of the trial that it carries out next.

    A trial that waits can be taken by anybody; a claimed one runs from the beginning, in these hands.
    """

    claimed: int | None = None

    def claim(self, parameters: Mapping[str, Any], attributes: Mapping[str, Any]) -> int:
        """Make a trial that is carried out next.

        Args:
            parameters: What the trial's parameters are going to be.
            attributes: Its user attributes.

        Returns:
            Its number in the storage.
        """
        running = create_trial(
            state=TrialState.RUNNING,
            user_attrs=dict(attributes),
            system_attrs={"fixed_params": dict(parameters)},  # as those have it that are enqueued
        )
        self.claimed = self._storage.create_new_trial(self._study_id, running)
        return self.claimed

    def ask(self, *given: Any, **named: Any) -> optuna.Trial:
        """Give the trial that was claimed, else do what Optuna does."""
        claimed, self.claimed = self.claimed, None
        return super().ask(*given, **named) if claimed is None else optuna.Trial(self, claimed)

    def let_go(self) -> None:
        """End the trial that was claimed, if it was not asked for."""
        claimed, self.claimed = self.claimed, None
        if claimed is not None:
            self.tell(optuna.Trial(self, claimed), state=TrialState.FAIL)
