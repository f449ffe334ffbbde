"""Some rows of every group, as an episode has them and as learners get them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from iml_general.api.peek import episode_of
from iml_general.encoding import FORMS, Encoder, Encoding
from iml_general.learner import Inputs, Schema
from iml_general.options import configure
from iml_general.plugins import registry
from iml_general.protocol import Episode, configure_protocol
from iml_general.protocol.facts import ATTRIBUTION
from iml_general.study.plan.keys import Plan


@dataclass(frozen=True, eq=False)
class Part:
    """Rows that are learned in one stage, or asked.

    Attributes:
        stage: Name of the stage; None if they are asked.
        n_rows: Number of all that are.
        has_twin: Whether the stage has a twin.
        rows: Some of every group and kind, in this order.
        inputs: The same as learners get them, by form.
    """

    stage: str | None
    n_rows: int
    has_twin: bool
    rows: pl.DataFrame
    inputs: Mapping[str, Inputs]


@dataclass(frozen=True, eq=False)
class Seen:
    """What there is to see of one condition of one seed.

    Attributes:
        episode: What a learner goes through.
        schemas: What the columns mean, by form.
        parts: Stage by stage, then what is asked after each.
    """

    episode: Episode
    schemas: Mapping[str, Schema]
    parts: tuple[Part, ...]

    def pictures(self, part: Part) -> NDArray[np.float32] | None:
        """The pictures of a part's rows, shape (n_rows, height, width); None where no form shows any."""
        for form, schema in self.schemas.items():
            if schema.picture:
                return part.inputs[form].reshape(len(part.rows), *schema.picture)
        return None


def look(plan: Plan, seed: int, condition: str, n_rows: int) -> Seen:
    """Draw an episode and encode some of its rows in every form that the world offers.

    A form whose library is not installed is left out.

    Args:
        plan: A checked plan.
        seed: Number of the confirmation seed.
        condition: Name of the condition.
        n_rows: Questions per group and kind; where two sources answer one, both rows are seen.

    Returns:
        What there is to see.

    Raises:
        UsageError: If the plan's world, protocol or encoding is not allowed, or there is no such condition.
    """
    episode = episode_of(plan, seed, condition)
    encoding = configure(Encoding, plan.encoding, "encoding")
    protocol = configure_protocol(plan.protocol)
    encoders = {
        form: Encoder(encoding, form, len(protocol.symbols), episode.world, episode.seed, protocol.in_context)
        for form in registry.world(plan.world.name).forms
        if not FORMS[form].lacking()
    }
    asked = episode.probes.filter(pl.col("kind").is_in(["question", ATTRIBUTION]))
    parts = [
        _part(stage.name, stage.rows, stage.twin is not None, n_rows, encoders) for stage in episode.stages
    ]
    parts.append(_part(None, asked, False, n_rows, encoders))
    return Seen(episode, {form: encoder.schema for form, encoder in encoders.items()}, tuple(parts))


def _part(
    stage: str | None, rows: pl.DataFrame, has_twin: bool, n_rows: int, encoders: Mapping[str, Encoder]
) -> Part:
    chosen = rows.group_by("group", "kind", maintain_order=True).agg(
        pl.struct("alias", "question").unique(maintain_order=True).head(n_rows).alias("pair")
    )
    pairs = chosen.explode("pair").unnest("pair")
    placed = rows.with_row_index("place")
    some = pairs.join(placed, on=["group", "kind", "alias", "question"], maintain_order="left_right")
    some = some.sort("group", "kind", maintain_order=True)
    places = some["place"].to_numpy()  # how a row looks depends on its place
    inputs = {form: encoder.inputs(rows, stage)[places] for form, encoder in encoders.items()}
    return Part(stage, len(rows), has_twin, some, inputs)
