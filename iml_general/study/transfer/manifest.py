"""The parts of an exported run, and the manifest that vouches for them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from annotated_types import Ge
from pydantic import BaseModel, ConfigDict, StringConstraints

from iml_general.rows import SCHEMA_VERSION
from iml_general.study.storage.tables import COSTS, IDENTITIES, OF_TRIALS, SCORES

FORMAT, FORMAT_VERSION = "iml-general run", 1
MANIFEST, RUN, TRIALS = "manifest.json", "run.json", "trials.json"
FRAMES = {"identities.parquet": IDENTITIES, "scores.parquet": SCORES, "costs.parquet": COSTS}
PARTS = (RUN, TRIALS, *FRAMES)
assert set(FRAMES.values()) == set(OF_TRIALS)


class _Checked(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class PartFacts(_Checked):
    """What a part must be, byte for byte.

    Attributes:
        sha256: Of its content.
        n_bytes: Length of its content.
    """

    sha256: Annotated[str, StringConstraints(pattern="^[0-9a-f]{64}$")]
    n_bytes: Annotated[int, Ge(0)]


class Manifest(_Checked):
    """What an exported run is.

    Attributes:
        format: Says that it is one.
        format_version: Of the parts and of this manifest.
        schema_version: Of the score rows.
        name: The study's name.
        world: The world's name.
        made_by: Versions of this program and of Python.
        units_done: Finished units of work.
        units_total: Units that the plan has.
        parts: Facts about every part but this one, by name.
    """

    format: Literal["iml-general run"]
    format_version: int
    schema_version: int
    name: str
    world: str
    made_by: dict[str, str]
    units_done: Annotated[int, Ge(0)]
    units_total: Annotated[int, Ge(0)]
    parts: dict[str, PartFacts]


class RunPart(_Checked):
    """What a run was begun as: `iml_general.study.storage.store.RunStore.begin` takes it."""

    plan: dict[str, Any]
    provenance: dict[str, str]
    absent: dict[str, str]


class TrialPart(_Checked):
    """One Optuna trial.

    Attributes:
        state: The name of its state.
        value: What it gave.
        started: ISO 8601, as its database has it; None if it waits.
        ended: Likewise.
        params: Values of its parameters.
        distributions: What they were drawn from, as Optuna writes it down.
        user_attrs: Ours.
        system_attrs: Optuna's.
        intermediate: Pairs of a step and a value.
    """

    state: Literal["WAITING", "COMPLETE", "PRUNED", "FAIL"]
    value: float | None
    started: str | None
    ended: str | None
    params: dict[str, Any]
    distributions: dict[str, str]
    user_attrs: dict[str, Any]
    system_attrs: dict[str, Any]
    intermediate: list[list[float]]


class QueuePart(_Checked):
    """All trials of one queue, in the order of their numbers."""

    name: str
    trials: list[TrialPart]


def facts_of(parts: Mapping[str, bytes]) -> dict[str, dict[str, Any]]:
    """Say what parts are, byte for byte."""
    return {
        name: {"sha256": hashlib.sha256(content).hexdigest(), "n_bytes": len(content)}
        for name, content in parts.items()
    }


def head() -> dict[str, Any]:
    """What the manifest of every export of this version says."""
    return {"format": FORMAT, "format_version": FORMAT_VERSION, "schema_version": SCHEMA_VERSION}
