"""Optuna studies in memory that nobody is told of: they only draw, remember and rank."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import optuna


def unlogged_study(sampler: optuna.samplers.BaseSampler, n_objectives: int = 1) -> optuna.Study:
    """Make a study in memory, all objectives of which are maximised.

    Optuna writes a line to stderr for each study that is made; how much it says otherwise stays as it is.

    Args:
        sampler: What draws its trials.
        n_objectives: Number of objectives.

    Returns:
        The study.
    """
    import optuna

    before = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    try:
        return optuna.create_study(directions=["maximize"] * n_objectives, sampler=sampler)
    finally:
        optuna.logging.set_verbosity(before)
