"""Score rows beside their Optuna trials, in the same database, which may hold several runs.

A trial's rows count only once Optuna has the trial as complete: whoever is killed between writing
rows and completing the trial leaves rows that nobody reads.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl
import sqlalchemy as sa

from iml_general.errors import RunError
from iml_general.rows import SCHEMA_VERSION, SCORE_SCHEMA
from iml_general.study.storage.place import Place
from iml_general.study.storage.record import COST_SCHEMA

_metadata = sa.MetaData()
_run = sa.Table(
    "iml_run",
    _metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("schema_version", sa.Integer, nullable=False),
    sa.Column("plan", sa.Text, nullable=False),
    sa.Column("provenance", sa.Text, nullable=False),
    sa.Column("absent", sa.Text, nullable=False),
)
_workers = sa.Table(
    "iml_workers",
    _metadata,
    sa.Column("run", sa.Text, primary_key=True),
    sa.Column("worker", sa.Text, primary_key=True),
    sa.Column("host", sa.Text, nullable=False),
    sa.Column("processes", sa.Integer, nullable=False),
    sa.Column("seen", sa.Float, nullable=False),  # seconds since 1970, by the worker's clock
)


def _column(name: str, dtype: pl.DataType) -> sa.Column[Any]:
    if dtype.is_float():
        return sa.Column(name, sa.Double)
    return sa.Column(name, sa.Integer if dtype.is_integer() else sa.Text)


def _table(name: str, schema: Mapping[str, pl.DataType]) -> sa.Table:
    columns = [_column(column, dtype) for column, dtype in schema.items()]
    run = sa.Column("run", sa.Text, nullable=False)
    trial = sa.Column("trial", sa.Integer, nullable=False)
    return sa.Table(name, _metadata, run, trial, *columns, sa.Index(f"{name}_of_trial", "run", "trial"))


_scores = _table("iml_scores", SCORE_SCHEMA)
_costs = _table("iml_costs", COST_SCHEMA)


class RunStore:
    """Our own tables of one run."""

    def __init__(self, place: Place, engine: sa.Engine) -> None:
        """Look at a run's tables.

        Args:
            place: Where the run lives.
            engine: Connects to its database.
        """
        self._place, self._engine = place, engine

    def make_tables(self) -> None:
        """Make the tables that are not there; to be called under the run's lock.

        Raises:
            RunError: If the file there is not a database.
        """
        try:
            _metadata.create_all(self._engine)
        except sa.exc.OperationalError:
            raise
        except sa.exc.DatabaseError as error:
            reason = str(error.orig).splitlines()[0]
            raise RunError(f"the database of {self._place} can't be used for a run: {reason}") from None

    def begin(
        self, plan: Mapping[str, Any], provenance: Mapping[str, str], absent: Mapping[str, str]
    ) -> None:
        """Write down what the run is; done once, when it is created."""
        values = {"plan": plan, "provenance": provenance, "absent": absent}
        texts = {key: json.dumps(value) for key, value in values.items()}
        with self._engine.begin() as connection:
            connection.execute(
                _run.insert().values(name=self._place.name, schema_version=SCHEMA_VERSION, **texts)
            )

    def description(self) -> dict[str, dict[str, Any]] | None:
        """Read plan, provenance and absent learners as `begin` wrote them.

        Returns:
            Each by its name; None if the run was not begun.

        Raises:
            RunError: If the run is of a newer version, or the file is not a database.
        """
        try:
            with self._engine.connect() as connection:
                if not sa.inspect(connection).has_table(_run.name):
                    return None
                row = connection.execute(_run.select().where(_run.c.name == self._place.name)).first()
        except sa.exc.OperationalError:
            raise
        except sa.exc.DatabaseError as error:
            reason = str(error.orig).splitlines()[0]
            raise RunError(f"the database of {self._place} can't be used for a run: {reason}") from None
        if row is None:
            return None
        if row.schema_version > SCHEMA_VERSION:
            raise RunError(
                f"the run in {self._place} has schema version {row.schema_version}, this program knows"
                f" up to {SCHEMA_VERSION}: use a newer iml_general"
            )
        return {key: json.loads(row._mapping[key]) for key in ("plan", "provenance", "absent")}

    def names(self) -> list[str]:
        """Names of all runs in the database."""
        with self._engine.connect() as connection:
            if not sa.inspect(connection).has_table(_run.name):
                return []
            return sorted(connection.execute(sa.select(_run.c.name)).scalars())

    def foreign_tables(self) -> list[str]:
        """Names of the tables in a database that has none of ours."""
        with self._engine.connect() as connection:
            tables = sa.inspect(connection).get_table_names()
        return [] if _run.name in tables else sorted(tables)

    def add(
        self, trial: int, scores: Sequence[Mapping[str, Any]], costs: Sequence[Mapping[str, Any]]
    ) -> None:
        """Write the rows of one trial, all or none; written again they replace what was there.

        Args:
            trial: The Optuna trial's number.
            scores: Rows of `SCORE_SCHEMA`.
            costs: Rows of `COST_SCHEMA`.
        """
        owner = {"run": self._place.name, "trial": trial}
        with self._engine.begin() as connection:
            for table, rows in ((_scores, scores), (_costs, costs)):
                connection.execute(table.delete().where(self._of(trial, table)))
                if rows:  # of none, SQLAlchemy would make one of defaults
                    connection.execute(table.insert(), [{**owner, **row} for row in rows])

    def rows_of(self, trial: int) -> list[dict[str, Any]]:
        """Score rows of one trial."""
        query = _scores.select().where(self._of(trial, _scores))
        with self._engine.connect() as connection:
            return [dict(row._mapping) for row in connection.execute(query)]

    def _of(self, trial: int, table: sa.Table) -> sa.ColumnElement[bool]:
        return (table.c.run == self._place.name) & (table.c.trial == trial)

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
        wanted = [table.c.trial, *(table.c[name] for name in schema)]
        query = sa.select(*wanted).where(table.c.run == self._place.name)
        overrides = {"trial": pl.Int64(), **schema}
        with self._engine.connect() as connection:
            rows = pl.read_database(query, connection, schema_overrides=overrides)
        return rows.filter(pl.col("trial").is_in(list(trials))).drop("trial")

    def see_worker(self, worker: str, host: str, processes: int) -> None:
        """Note that a worker is alive now; with no processes, that it has gone."""
        values = {"run": self._place.name, "worker": worker}
        with self._engine.begin() as connection:
            connection.execute(
                _workers.delete().where(_workers.c.run == values["run"], _workers.c.worker == worker)
            )
            if processes:
                facts = {**values, "host": host, "processes": processes, "seen": time.time()}
                connection.execute(_workers.insert().values(**facts))

    def workers(self) -> list[dict[str, Any]]:
        """All workers that have not gone in an orderly way: host, processes, when last seen."""
        with self._engine.connect() as connection:
            rows = connection.execute(_workers.select().where(_workers.c.run == self._place.name))
            return [dict(row._mapping) for row in rows]
