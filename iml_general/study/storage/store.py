"""Score rows beside their Optuna trials, in the same database, which may hold several runs.

A trial's rows count only once Optuna has the trial as complete: whoever is killed between writing
rows and completing the trial leaves rows that nobody reads.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from typing import Any

import polars as pl
import sqlalchemy as sa

from iml_general.errors import RunError
from iml_general.rows import KEYS, MEASURED, SCHEMA_VERSION, SCORE_SCHEMA
from iml_general.study.storage.foreign import as_we_wrote_it, harmless, harmless_rows
from iml_general.study.storage.place import Place
from iml_general.study.storage.tables import (
    COSTS,
    IDENTITIES,
    IDENTITY_SCHEMA,
    MEASURED_SCHEMA,
    METADATA,
    OF_TRIALS,
    RUN,
    SCORES,
    STORED_COSTS,
    WORKERS,
    refuse_other_schema,
)

READ_AT_ONCE = 50_000
"""Rows that are taken out of the database at a time: more of them only take more memory."""

FEW_TEXTS, _STRING = pl.Categorical(), pl.String()
"""How columns that repeat a few texts are held until all rows are in order: a quarter of the size."""


class RunStore:
    """Our own tables of one run."""

    def __init__(self, place: Place, engine: sa.Engine) -> None:
        """Look at a run's tables.

        Args:
            place: Where the run lives.
            engine: Connects to its database.
        """
        self._place, self._engine = place, engine

    def begin(
        self, plan: Mapping[str, Any], provenance: Mapping[str, str], absent: Mapping[str, str]
    ) -> None:
        """Make the tables that are not there, and write down what the run is; under the run's lock.

        Raises:
            RunError: If the file there is not a database.
        """
        values = {"plan": plan, "provenance": provenance, "absent": absent}
        texts = {key: json.dumps(value) for key, value in values.items()}
        with self._ours():
            METADATA.create_all(self._engine)
        with self._engine.begin() as connection:
            connection.execute(
                RUN.insert().values(name=self._place.name, schema_version=SCHEMA_VERSION, **texts)
            )

    def description(self) -> dict[str, dict[str, Any]] | None:
        """Read plan, provenance and absent learners as `begin` wrote them.

        Returns:
            Each by its name; None if the run was not begun.

        Raises:
            RunError: If the run has another schema than this program knows, or the file is not a database.
        """
        with self._ours(), self._engine.connect() as connection:
            refuse_other_schema(self._place, connection)
            if not sa.inspect(connection).has_table(RUN.name):
                return None
            row = connection.execute(RUN.select().where(RUN.c.name == self._place.name)).first()
        if row is None:
            return None
        with as_we_wrote_it(self._place):
            values = {key: json.loads(row._mapping[key]) for key in ("plan", "provenance", "absent")}
            _refuse_other_kinds(values)
            return {key: harmless(value) for key, value in values.items()}

    def provenance(self) -> dict[str, str]:
        """Read the run's facts as they are now."""
        with self._engine.connect() as connection:
            query = sa.select(RUN.c.provenance).where(RUN.c.name == self._place.name)
            facts: dict[str, str] = harmless(json.loads(connection.execute(query).scalar_one()))
            return facts

    def keep(self, provenance: Mapping[str, str]) -> None:
        """Write the run's facts down anew, if they are others; under the run's lock."""
        if provenance != self.provenance():
            with self._engine.begin() as connection:
                mine = RUN.update().where(RUN.c.name == self._place.name)
                connection.execute(mine.values(provenance=json.dumps(provenance)))

    def names(self) -> list[str]:
        """Names of all runs in the database."""
        with self._engine.connect() as connection:
            if not sa.inspect(connection).has_table(RUN.name):
                return []
            return sorted(connection.execute(sa.select(RUN.c.name)).scalars())

    def foreign_tables(self) -> list[str]:
        """Names of the tables in a database that has none of ours."""
        with self._engine.connect() as connection:
            tables = sa.inspect(connection).get_table_names()
        return [] if RUN.name in tables else sorted(tables)

    def add(
        self,
        trial: int,
        identities: Sequence[Mapping[str, Any]],
        scores: Sequence[Mapping[str, Any]],
        costs: Sequence[Mapping[str, Any]],
    ) -> None:
        """Write the rows of one trial, all or none; written again they replace what was there.

        Args:
            trial: The Optuna trial's number.
            identities: One row of `KEYS` for each rule in `scores`.
            scores: Rows of `MEASURED`.
            costs: Rows of `COST_SCHEMA`, but whether they were reused.
        """
        owner = {"run": self._place.name, "trial": trial}
        with self._engine.begin() as connection:
            for table, rows in ((IDENTITIES, identities), (SCORES, scores), (COSTS, costs)):
                connection.execute(table.delete().where(self._of(trial, table)))
                if rows:
                    # Straight to the driver: what SQLAlchemy does for each row takes longer than writing it.
                    statement = str(table.insert().compile(dialect=connection.dialect))
                    connection.exec_driver_sql(statement, [{**owner, **row} for row in rows])

    def rows_of(self, trial: int) -> list[dict[str, Any]]:
        """Rows of `MEASURED` of one trial, each with its configuration."""
        shared = (IDENTITIES.c[name] == SCORES.c[name] for name in ("run", "trial", "rule"))
        wanted = (IDENTITIES.c.configuration, *(SCORES.c[name] for name in MEASURED))
        query = sa.select(*wanted).join(IDENTITIES, sa.and_(*shared)).where(self._of(trial, SCORES))
        with self._engine.connect() as connection:
            return [dict(row._mapping) for row in connection.execute(query)]

    def _of(self, trial: int, table: sa.Table) -> sa.ColumnElement[bool]:
        return (table.c.run == self._place.name) & (table.c.trial == trial)

    def scores(self, trials: Sequence[int]) -> pl.DataFrame:
        """Score rows of the given trials, in an order that does not depend on the run's history.

        Args:
            trials: Numbers of Optuna trials.

        Returns:
            Rows of `SCORE_SCHEMA`.
        """
        identities = self._read(IDENTITIES, IDENTITY_SCHEMA, trials).sort(KEYS)
        ranked = identities.with_columns(place=pl.struct(KEYS).rle_id())
        order = [name for name, dtype in MEASURED_SCHEMA.items() if name != "rule" and not dtype.is_float()]
        places = ranked.select("trial", pl.col("rule").cast(FEW_TEXTS), "place")
        keys = harmless_rows(ranked.unique("place").sort("place").select(KEYS))
        rows = self._read(SCORES, MEASURED_SCHEMA, trials, FEW_TEXTS)
        ordered = rows.join(places, on=["trial", "rule"]).drop("trial", "rule").sort("place", *order)
        del rows  # what follows makes texts of it, which are several times as large
        columns = [*ordered.drop("place"), *keys[ordered["place"]]]
        version = pl.repeat(SCHEMA_VERSION, ordered.height, dtype=SCORE_SCHEMA["schema_version"], eager=True)
        found = {column.name: column for column in (version.alias("schema_version"), *map(_written, columns))}
        return pl.DataFrame([found[name] for name in SCORE_SCHEMA])

    def costs(self, trials: Sequence[int], reused: Sequence[int] = ()) -> pl.DataFrame:
        """Cost rows of the given trials, in their order; those of reused ones are marked so."""
        rows = self._read(COSTS, STORED_COSTS, trials).sort("trial", maintain_order=True)
        known = pl.Series(reused, dtype=pl.Int64())
        return rows.with_columns(reused=pl.col("trial").is_in(known.implode())).drop("trial")

    def all_rows(self, table: sa.Table) -> pl.DataFrame:
        """All rows that the run has in a table, whether or not their trials count.

        Args:
            table: One of ``iml_general.study.storage.tables.OF_TRIALS``.

        Returns:
            The trials' numbers, ascending, and the columns that the table has by ``OF_TRIALS``.
        """
        return pl.concat(self._parts(table, OF_TRIALS[table])).sort("trial", maintain_order=True)

    def _read(
        self,
        table: sa.Table,
        schema: Mapping[str, pl.DataType],
        trials: Sequence[int],
        texts: pl.DataType = _STRING,
    ) -> pl.DataFrame:
        """Rows of some trials, their texts as the type given."""
        wanted = pl.Series(trials, dtype=pl.Int64())
        parts = self._parts(table, schema)
        return pl.concat(
            part.filter(pl.col("trial").is_in(wanted.implode())).with_columns(pl.col(pl.String).cast(texts))
            for part in parts
        )

    def _parts(self, table: sa.Table, schema: Mapping[str, pl.DataType]) -> Iterator[pl.DataFrame]:
        """A run's rows, straight from the driver: no object of SQLAlchemy's for each row."""
        columns = {"trial": pl.Int64(), **schema}
        query = sa.select(*(table.c[name] for name in columns)).where(table.c.run == self._place.name)
        statement = query.compile(dialect=self._engine.dialect)
        yield pl.DataFrame(schema=columns)
        with self._engine.connect() as connection, closing(connection.connection.cursor()) as cursor:
            cursor.execute(str(statement), statement.params)
            while rows := cursor.fetchmany(READ_AT_ONCE):
                yield pl.DataFrame(rows, columns, orient="row")

    def see_worker(
        self, worker: str, host: str, processes: int, longest: str = "", longest_s: float = 0.0
    ) -> None:
        """Note that a worker is alive now; with no processes, that it has gone.

        Args:
            worker: Who it is; anything that no other is.
            host: Where it runs, in words.
            processes: How many processes carry out tasks there.
            longest: The task that has been running longest there, in words; empty if there is none.
            longest_s: For how many seconds.
        """
        mine = {"run": self._place.name, "worker": worker}
        facts = {"host": host, "processes": processes, "longest": longest, "longest_s": longest_s}
        with self._engine.begin() as connection:
            connection.execute(
                WORKERS.delete().where(WORKERS.c.run == mine["run"], WORKERS.c.worker == worker)
            )
            if processes:
                connection.execute(WORKERS.insert().values(**mine, **facts, seen=time.time()))

    def workers(self) -> list[dict[str, Any]]:
        """All workers that have not gone in an orderly way: by column of their table."""
        with self._engine.connect() as connection:
            rows = connection.execute(WORKERS.select().where(WORKERS.c.run == self._place.name))
            return [dict(row._mapping) for row in rows]

    @contextmanager
    def _ours(self) -> Iterator[None]:
        """Say in one line what a file is that is no database."""
        try:
            yield
        except sa.exc.OperationalError:
            raise
        except sa.exc.DatabaseError as error:
            reason = str(error.orig).splitlines()[0]
            raise RunError(f"the database of {self._place} can't be used for a run: {reason}") from None


def _written(column: pl.Series) -> pl.Series:
    """A column as rows have it; of a few texts each is made harmless once, not once a row."""
    if column.dtype != FEW_TEXTS:
        return column
    few = column.unique().cast(pl.String()).to_frame()
    texts = column.cast(pl.String())
    return texts if few.equals(harmless_rows(few)) else harmless_rows(texts.to_frame()).to_series()


def _refuse_other_kinds(values: Mapping[str, Any]) -> None:
    """A plan is a table, and facts and reasons are texts by name."""
    for key, value in values.items():
        if not isinstance(value, dict):
            raise TypeError(f"{key} is no table")
        if key != "plan" and not all(isinstance(text, str) for text in value.values()):
            raise TypeError(f"{key} holds more than texts")
