"""Extract the tables of voters and characters that `iml_general.worlds.shipped` ships.

Run by hand, with Python 3.11 or 3.12 for its Unicode version, and statsmodels 0.14 or later::

    python scripts/extract_tables.py [FOLDER]

The result is the same on every machine; columns are described in the LICENSE.md files beside it.
"""

from __future__ import annotations

import importlib.util
import sys
import unicodedata
from pathlib import Path

import polars as pl

TARGET = Path(__file__).parents[1] / "iml_general" / "worlds" / "data"

# Voters: American National Election Study of 1996, as statsmodels has it.

LEANINGS = (
    "extremely liberal",
    "liberal",
    "slightly liberal",
    "moderate",
    "slightly conservative",
    "conservative",
    "extremely conservative",
)
PARTIES = (
    "strong Democrat",
    "weak Democrat",
    "leaning Democrat",
    "independent",
    "leaning Republican",
    "weak Republican",
    "strong Republican",
)
INCOMES = (0, 3, 5, 7, 9, 10, 11, 12, 13, 14, 15, 17, 20, 22, 25, 30, 35, 40, 45, 50, 60, 75, 90, 105)
"""Least income of each of the 24 brackets, in thousands of dollars."""


def voters() -> pl.DataFrame:
    """One row per person who was asked and meant to vote for Clinton or Dole."""
    spec = importlib.util.find_spec("statsmodels")
    assert spec is not None
    assert spec.origin is not None
    raw = pl.read_csv(Path(spec.origin).parent / "datasets" / "anes96" / "anes96.csv", separator="\t")
    raw = raw.rename({name: name.strip("' ") for name in raw.columns}).cast(pl.Int64)

    def named(column: str, names: tuple[str, ...], first: int = 1) -> pl.Series:
        return pl.Series([names[code - first] for code in raw[column]])

    return pl.DataFrame(
        {
            "voter": [f"voter {number}" for number in range(1, raw.height + 1)],
            "party": named("PID", PARTIES, first=0),
            "leaning": named("selfLR", LEANINGS),
            "clinton_seen_as": named("ClinLR", LEANINGS),
            "dole_seen_as": named("DoleLR", LEANINGS),
            "vote": named("vote", ("Clinton", "Dole"), first=0),
            "days_of_tv_news": raw["TVnews"],
            "schooling": raw["educ"],
            "age": raw["age"],
            "income": pl.Series([INCOMES[code - 1] for code in raw["income"]]),
            "population": raw["popul"],
        }
    )


# Characters: Unicode 14.0, as Python 3.11 has it.

UNICODE = "14.0.0"
FIRST, LAST = 0x21, 0x2FFF  # before the scripts whose characters have no names of their own
KINDS = {"L": "letter", "M": "mark", "N": "number", "P": "punctuation", "S": "symbol"}
DIRECTIONS = {"L": "left to right", "R": "right to left", "AL": "right to left", "NSM": "as what it marks"}
WIDTHS = {"Na": "narrow", "H": "narrow", "W": "wide", "F": "wide", "A": "by context"}
CASES = {"Lu": "upper", "Ll": "lower"}
SCRIPTS = 11  # the commonest ones keep their names


def characters() -> pl.DataFrame:
    """One row per character that has a name, in the order of their numbers."""
    if unicodedata.unidata_version != UNICODE:
        raise SystemExit(f"needs Unicode {UNICODE}, found {unicodedata.unidata_version}")
    rows = [_character(chr(number)) for number in range(FIRST, LAST + 1) if unicodedata.name(chr(number), "")]
    frame = pl.DataFrame([row for row in rows if row["kind"]], infer_schema_length=None)
    commonest = frame["script"].drop_nulls().value_counts().sort("count", "script", descending=[True, False])
    kept = commonest["script"].head(SCRIPTS).to_list()
    script = pl.col("script")
    return frame.with_columns(
        pl.when(script.is_in(kept) | script.is_null())
        .then(script)
        .otherwise(pl.lit("another"))
        .alias("script")
    )


def _character(character: str) -> dict[str, object]:
    category = unicodedata.category(character)
    name = unicodedata.name(character)
    kind = KINDS.get(category[0])
    return {
        "character": name.lower(),
        "kind": kind,
        "script": name.split()[0].capitalize() if category[0] == "L" else None,
        "case": CASES.get(category),
        "direction": DIRECTIONS.get(unicodedata.bidirectional(character), "of its surroundings"),
        "width": WIDTHS.get(unicodedata.east_asian_width(character), "neutral"),
        "composed": bool(unicodedata.decomposition(character)),
        "words": len(name.split()),
        "bytes": len(character.encode()),
    }


if __name__ == "__main__":
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else TARGET
    for name, table in (("voters", voters()), ("characters", characters())):
        target = folder / f"{name}.parquet"
        table.write_parquet(target, compression="zstd", compression_level=19)
        sys.stdout.write(f"{target}: {table.height} rows, {target.stat().st_size:,} bytes\n")
