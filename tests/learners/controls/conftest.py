"""A small world in which controls are measured."""

from collections.abc import Callable
from typing import Any

import numpy as np
import polars as pl
import pytest

from iml_general.judging.seed_effects import seed_effects
from iml_general.learner import Batch, Schema
from iml_general.measuring.measure import Setting, measure
from iml_general.protocol import INFORMATIVE, SHUFFLED, Protocol, configure_protocol
from iml_general.rows import KEYS
from iml_general.seeds import Seed
from iml_general.worlds.statements import Statements
from iml_general.worlds.table import Table

N_SEEDS = 4


@pytest.fixture(scope="session")
def small() -> Protocol:
    told = {"stage1": 40, "stage2": 30}
    return configure_protocol({"sources": {"reliable": told, "unreliable": told}, "undefined": 10})


@pytest.fixture(params=[Statements(), Table()], ids=["statements", "table"])
def source(request: pytest.FixtureRequest) -> Any:
    return request.param


@pytest.fixture
def effects(small: Protocol) -> Callable[..., Callable[[str], tuple[np.ndarray, np.ndarray]]]:
    """From a learner and a world to a function from an effect to its values by seed: under
    informative, and under shuffled."""

    def measured(learner: Any, source: Any, protocol: Protocol = small) -> Any:
        seeds = [Seed(0, "confirm", source.name, index) for index in range(N_SEEDS)]
        rows = measure(learner, Setting(source, protocol), seeds, (INFORMATIVE, SHUFFLED)).frame()
        keys = [pl.lit("").alias(key) for key in KEYS if key != "rule"]
        found = seed_effects(rows.with_columns(keys), {"informative": "shuffled"})

        def of(effect: str) -> tuple[np.ndarray, np.ndarray]:
            rows = found.filter(effect=effect, condition="informative")
            assert len(rows) == N_SEEDS
            return rows["value"].to_numpy(), rows["control"].to_numpy()

        return of

    return measured


@pytest.fixture(scope="session")
def codes() -> Callable[..., Batch]:
    """Rows of (tag, alias, question, answer) in a world of 8 aliases, 2 questions and 2 answers."""

    def batch(rows: list[tuple[int, int, int, int]], n_tags: int = 4) -> Batch:
        table = np.array(rows, dtype=np.int64).reshape(-1, 4)
        schema = Schema("codes", ("tag", "alias", "question"), (n_tags, 8, 2), (0,))
        return Batch(table[:, :3], table[:, 3], 2, schema)

    return batch
