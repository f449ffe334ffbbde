"""Score rows: how well one group is answered at one moment, under one condition of one seed.

This schema is all that effects, findings and reports ever see of a run.
"""

from __future__ import annotations

import polars as pl

SCHEMA_VERSION = 1

KEYS = ("study", "world", "learner", "family", "role", "rule", "level", "configuration")
"""The columns that identify what was measured; one verdict per endpoint belongs to each."""

SCORE_SCHEMA: dict[str, pl.DataType] = {
    "schema_version": pl.Int16(),
    "study": pl.String(),
    "world": pl.String(),
    "learner": pl.String(),
    "family": pl.String(),
    "role": pl.String(),  # subject, positive control, negative control, reference
    "rule": pl.String(),
    "level": pl.String(),  # default, tuned, sought
    "configuration": pl.String(),  # hash of every option of learner, encoding and rule
    "condition": pl.String(),  # informative, shuffled, no_stage1
    "seed": pl.Int32(),
    "moment": pl.String(),  # stage1, stage2: after which stage
    "group": pl.String(),
    "probe": pl.String(),  # question (no tag), statement (as trained on in stage 2)
    "n": pl.Int32(),  # number of probes
    "em": pl.Float64(),  # exact match: share of probes answered rightly
    "log_probability": pl.Float64(),  # mean natural logarithm of the true answer's probability
    "brier": pl.Float64(),  # mean squared distance to the true answer, in 0..2
    "said_reliable": pl.Float64(),  # new_conflict: share answering what the reliable tag said
    "said_unreliable": pl.Float64(),  # new_conflict: share answering what the unreliable tag said
}
"""The columns of score rows and their types."""

MEASURED = tuple(name for name in SCORE_SCHEMA if name == "rule" or name not in ("schema_version", *KEYS))
"""The columns that a measurement fills in; the others say what was measured, and where."""
