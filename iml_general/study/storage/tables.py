"""Our own tables beside Optuna's, and whether those of a database are the ones that this program knows.

Score rows are long and many, so what all rows of a trial and rule share stands in a table of its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import polars as pl
import sqlalchemy as sa

from iml_general.errors import RunError
from iml_general.rows import KEYS, MEASURED, SCHEMA_VERSION, SCORE_SCHEMA
from iml_general.study.storage.place import Place
from iml_general.study.storage.record import COST_SCHEMA

METADATA = sa.MetaData()
RUN = sa.Table(
    "iml_run",
    METADATA,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("schema_version", sa.Integer, nullable=False),
    sa.Column("plan", sa.Text, nullable=False),
    sa.Column("provenance", sa.Text, nullable=False),
    sa.Column("absent", sa.Text, nullable=False),
)
WORKERS = sa.Table(
    "iml_workers",
    METADATA,
    sa.Column("run", sa.Text, primary_key=True),
    sa.Column("worker", sa.Text, primary_key=True),
    sa.Column("host", sa.Text, nullable=False),
    sa.Column("processes", sa.Integer, nullable=False),
    sa.Column("seen", sa.Float, nullable=False),  # seconds since 1970, by the worker's clock
    sa.Column("longest", sa.Text, nullable=False),  # the task that has been running longest, in words
    sa.Column("longest_s", sa.Float, nullable=False),  # for how many seconds, when last seen
)


def _column(name: str, dtype: pl.DataType) -> sa.Column[Any]:
    if dtype.is_float():
        return sa.Column(name, sa.Double)
    return sa.Column(name, sa.Integer if dtype.is_integer() else sa.Text)


def _of_trials(name: str, schema: Mapping[str, pl.DataType]) -> sa.Table:
    columns = [_column(column, dtype) for column, dtype in schema.items()]
    run = sa.Column("run", sa.Text, nullable=False)
    trial = sa.Column("trial", sa.Integer, nullable=False)
    return sa.Table(name, METADATA, run, trial, *columns, sa.Index(f"{name}_of_trial", "run", "trial"))


IDENTITY_SCHEMA = {name: SCORE_SCHEMA[name] for name in KEYS}
MEASURED_SCHEMA = {name: SCORE_SCHEMA[name] for name in MEASURED}

IDENTITIES = _of_trials("iml_identities", IDENTITY_SCHEMA)
SCORES = _of_trials("iml_scores", MEASURED_SCHEMA)
# Whether a unit was reused stands with its trial.
STORED_COSTS = {name: dtype for name, dtype in COST_SCHEMA.items() if name != "reused"}
COSTS = _of_trials("iml_costs", STORED_COSTS)
OF_TRIALS = {IDENTITIES: IDENTITY_SCHEMA, SCORES: MEASURED_SCHEMA, COSTS: STORED_COSTS}
"""The tables whose rows belong to trials, and their columns besides run and trial."""


def refuse_other_schema(place: Place, connection: sa.Connection) -> None:
    """Refuse to read or write tables that are not those of this program.

    Args:
        place: Where the run lives.
        connection: To its database, which may be empty.

    Raises:
        RunError: If the run there, or any of our tables, has another schema; says how it differs.
    """
    there = {name for name in sa.inspect(connection).get_table_names() if name in METADATA.tables}
    if not there:
        return
    found = list(_differences(connection, there & {RUN.name}))
    row = None
    if RUN.name in there and not found:
        row = connection.execute(RUN.select().where(RUN.c.name == place.name)).first()
    if row is not None and row.schema_version != SCHEMA_VERSION:
        found = [f"its schema version is {row.schema_version}"]
    elif row is not None:
        found = [f"it has no table {name!r}" for name in METADATA.tables if name not in there]
    found = found or list(_differences(connection, there))
    if found:
        raise RunError(
            f"the run in {place} can't be used: {found[0]}, and this program knows schema version"
            f" {SCHEMA_VERSION} only; use the iml_general that made it, or begin another run"
        )


def _differences(connection: sa.Connection, names: set[str]) -> Iterator[str]:
    inspector = sa.inspect(connection)
    for name in sorted(names):
        columns = {column["name"] for column in inspector.get_columns(name)}
        ours = set(METADATA.tables[name].columns.keys())
        for column in sorted(ours - columns):
            yield f"its table {name!r} lacks the column {column!r}"
        for column in sorted(columns - ours):
            yield f"its table {name!r} has a column {column!r} more"
