"""Score rows beside their Optuna trials, in the same database.

A trial's rows count only once Optuna has the trial as complete: whoever is killed between writing
rows and completing the trial leaves rows that nobody reads.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl
import sqlalchemy as sa
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.pool import ConnectionPoolEntry

from iml_general.errors import RunError
from iml_general.scores import SCHEMA_VERSION, SCORE_SCHEMA
from iml_general.study.record import COST_SCHEMA

DATABASE = "run.sqlite3"

_metadata = sa.MetaData()
_run = sa.Table(
    "iml_run",
    _metadata,
    sa.Column("schema_version", sa.Integer, nullable=False),
    sa.Column("plan", sa.Text, nullable=False),
    sa.Column("provenance", sa.Text, nullable=False),
    sa.Column("absent", sa.Text, nullable=False),
)


def _column(name: str, dtype: pl.DataType) -> sa.Column[Any]:
    if dtype.is_float():
        return sa.Column(name, sa.Float)
    return sa.Column(name, sa.Integer if dtype.is_integer() else sa.Text)


def _table(name: str, schema: Mapping[str, pl.DataType]) -> sa.Table:
    columns = [_column(column, dtype) for column, dtype in schema.items()]
    return sa.Table(name, _metadata, sa.Column("trial", sa.Integer, index=True, nullable=False), *columns)


_scores = _table("iml_scores", SCORE_SCHEMA)
_costs = _table("iml_costs", COST_SCHEMA)


class RunStore:
    """The database of one run."""

    def __init__(self, folder: Path) -> None:
        """Open the database in a folder, creating it if need be.

        Args:
            folder: The run's folder, which exists.

        Raises:
            RunError: If the file there is not a database of ours, or of a newer version.
        """
        self.url = f"sqlite:///{folder / DATABASE}"
        self._engine = sa.create_engine(self.url)
        sa.event.listen(self._engine, "connect", prepare_sqlite)
        try:
            _metadata.create_all(self._engine)
            with self._engine.connect() as connection:
                version = connection.execute(sa.select(_run.c.schema_version)).scalar()
        except sa.exc.DatabaseError as error:
            raise RunError(f"{folder / DATABASE} can't be used as a run's database: {error.orig}") from None
        if version is not None and version > SCHEMA_VERSION:
            raise RunError(
                f"{folder / DATABASE} has schema version {version}, this program knows up to"
                f" {SCHEMA_VERSION}: use a newer iml_general"
            )

    def begin(
        self, plan: Mapping[str, Any], provenance: Mapping[str, str], absent: Mapping[str, str]
    ) -> None:
        """Write down what the run is; done once, when it is created."""
        values = {"plan": plan, "provenance": provenance, "absent": absent}
        with self._engine.begin() as connection:
            texts = {key: json.dumps(value) for key, value in values.items()}
            connection.execute(_run.insert().values(schema_version=SCHEMA_VERSION, **texts))

    def description(self) -> dict[str, dict[str, Any]] | None:
        """Plan, provenance and absent learners as `begin` wrote them; None for a new run."""
        with self._engine.connect() as connection:
            row = connection.execute(sa.select(_run.c.plan, _run.c.provenance, _run.c.absent)).first()
        return None if row is None else {key: json.loads(text) for key, text in row._mapping.items()}

    def add(
        self, trial: int, scores: Sequence[Mapping[str, Any]], costs: Sequence[Mapping[str, Any]]
    ) -> None:
        """Write the rows of one trial, all or none.

        Args:
            trial: The Optuna trial's number.
            scores: Rows of `SCORE_SCHEMA`.
            costs: Rows of `COST_SCHEMA`.
        """
        with self._engine.begin() as connection:
            connection.execute(_scores.insert(), [{"trial": trial, **row} for row in scores])
            connection.execute(_costs.insert(), [{"trial": trial, **row} for row in costs])

    def scores(self, trials: Sequence[int]) -> pl.DataFrame:
        """Score rows of the given trials, in an order that does not depend on the run's history."""
        rows = self._read(_scores, SCORE_SCHEMA, trials)
        return rows.sort([name for name, dtype in SCORE_SCHEMA.items() if not dtype.is_float()])

    def costs(self, trials: Sequence[int]) -> pl.DataFrame:
        """Cost rows of the given trials."""
        return self._read(_costs, COST_SCHEMA, trials)

    def _read(
        self, table: sa.Table, schema: Mapping[str, pl.DataType], trials: Sequence[int]
    ) -> pl.DataFrame:
        overrides = {"trial": pl.Int64(), **schema}
        with self._engine.connect() as connection:
            rows = pl.read_database(sa.select(table), connection, schema_overrides=overrides)
        return rows.filter(pl.col("trial").is_in(list(trials))).drop("trial")

    def close(self) -> None:
        """Let go of the file."""
        self._engine.dispose()


def prepare_sqlite(connection: DBAPIConnection, _record: ConnectionPoolEntry) -> None:
    """Let readers and a writer work side by side, and wait for a lock rather than fail.

    Args:
        connection: A new connection to a SQLite database.
        _record: Given by SQLAlchemy, not needed.
    """
    cursor = connection.cursor()
    for pragma in ("journal_mode = WAL", "synchronous = NORMAL", "busy_timeout = 60000"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()
