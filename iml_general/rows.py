"""Score rows: one measure of one group's answers at one moment, under one condition of one seed.

This schema is all that effects, findings and reports ever see of a run. Rows are long: a new measure,
group or moment is new rows, never a new column.
"""

from __future__ import annotations

import polars as pl

SCHEMA_VERSION = 2

KEYS = ("study", "world", "learner", "family", "role", "rule", "level", "point", "configuration")
"""The columns that identify what was measured; one finding per controlled condition belongs to each."""

SUBJECT, POSITIVE, NEGATIVE = "subject", "positive control", "negative control"
REFERENCE = "reference"  # shown beside the subjects; claims nothing
SAMPLED = (
    "sampled"  # a configuration drawn at random: a law is tried on all of them, nothing is claimed of one
)
ANCHOR = "upper anchor"  # the ideal observer at a point of a sweep; nothing is expected of it

READ = ("affinity", "step", "influence", "decoded", "decoded_permuted")
"""Measures that are read off a state before its update, where a plan asks for readings."""

OCCASIONAL = (
    "inverted",
    "lied",
    "honest_em",
    "followed",
    "belief",
    *READ,
    "log_odds_reliable",
    "towards_reliable",
    "fact",
    "attribution",
)
"""Measures, and last probes, that not every study has: effects made of them are shown where somebody measured
them."""

CORRECTNESS = ("em", "r2")
"""Measures of how right answers are: exact match of classes, R2 of numbers. A world has one of them."""

TWIN = "_twin"  # after a stage's name: the moment after its twin was learned in its place

SCORE_SCHEMA: dict[str, pl.DataType] = {
    "schema_version": pl.Int16(),
    "study": pl.String(),
    "world": pl.String(),
    "learner": pl.String(),
    "family": pl.String(),
    "role": pl.String(),  # one of the six above
    "rule": pl.String(),
    "level": pl.String(),  # of evidence: default, chosen, tuned, sought
    "point": pl.String(),  # of a sweep: its named values as JSON, in the plan's order; else empty
    "configuration": pl.String(),  # hash of every option of learner, encoding and rule
    "condition": pl.String(),  # informative, shuffled, no_stage1, or a plugin's
    "seed": pl.Int32(),
    "moment": pl.String(),  # name of the stage after which it was scored; with `TWIN`, after its twin
    "group": pl.String(),
    # question (no tag), statement (as in stage 2), in_context, fact, attribution; of readings, see below
    "probe": pl.String(),
    "measure": pl.String(),  # em and others, r2 and others; said_* and others on new_conflict
    "value": pl.Float64(),  # never null: what does not exist has no row
    "n": pl.Int32(),  # number of probes
}
"""The columns of score rows and their types.

What is read off a state before its update is a score too: ``probe`` says beside whose question a statement
of the group was read (own_question, other_alias, other_question), ``measure`` is affinity or influence,
``n`` the number of statements. Of what is decoded, ``group`` says what (told_by, told), ``probe`` the layer
and ``n`` the number of aliases. The size of the update's ``step`` stands under group stage2, probe update.
"""

MEASURED = ("rule", "condition", "seed", "moment", "group", "probe", "measure", "value", "n")
"""The columns that a measurement fills in; the others say what was measured, and where."""
