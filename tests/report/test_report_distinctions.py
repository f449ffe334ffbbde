"""Lines of one learner and rule are told apart by what differs, in words."""

from __future__ import annotations

import json

import polars as pl

from iml_general.report.findings.distinctions import distinctions, options_by_configuration
from iml_general.rows import KEYS
from iml_general.study.storage.record import CONFIGURATION_SCHEMA


def key(configuration: str, level: str = "chosen", learner: str = "a") -> tuple[str, ...]:
    values = {"study": "s", "world": "w", "learner": learner, "rule": "refit", "level": level}
    return tuple({**values, "configuration": configuration}.get(name, "") for name in KEYS)


def options(**by_configuration: dict[str, object]) -> dict[str, dict[str, object]]:
    rows = [
        {
            **dict.fromkeys(CONFIGURATION_SCHEMA, ""),
            "configuration": name,
            "options": json.dumps({k: v for k, v in given.items() if k != "alias"}),
            "encoding": json.dumps({k: v for k, v in given.items() if k == "alias"}),
        }
        for name, given in by_configuration.items()
    ]
    return dict(options_by_configuration([pl.DataFrame(rows, schema=CONFIGURATION_SCHEMA)]))  # type: ignore[arg-type]


def test_what_differs_is_named_and_nothing_else() -> None:
    known = options(x={"decay": 0.5, "trees": 100}, y={"decay": 0.8, "trees": 100})
    told = distinctions([key("x"), key("y")], known)
    assert list(told.values()) == ["decay=0.5", "decay=0.8"]


def test_an_option_of_the_encoding_is_named_as_such() -> None:
    known = options(x={"decay": 0.5, "alias": "bits"}, y={"decay": 0.5, "alias": "dense"})
    assert list(distinctions([key("x"), key("y")], known).values()) == [
        "encoding.alias=bits",
        "encoding.alias=dense",
    ]


def test_another_level_is_enough_where_its_options_were_searched_for() -> None:
    known = options(x={"decay": 0.5}, y={"decay": 0.8})
    assert list(distinctions([key("x", "default"), key("y", "tuned")], known).values()) == ["", "tuned"]
    assert list(distinctions([key("x"), key("y", learner="b", level="default")], known).values()) == [
        "chosen",
        "",
    ]


def test_chosen_options_are_named_beside_the_defaults_that_they_differ_from() -> None:
    known = options(x={"decay": 0.5, "trees": 9}, y={"decay": 0.8, "trees": 9}, z={"decay": 0.5, "trees": 7})
    lines = [key("x", "default"), key("y")]
    assert list(distinctions(lines, known).values()) == ["", "chosen decay=0.8"]
    lines = [key("x", "default"), key("y"), key("z")]
    assert list(distinctions(lines, known).values()) == [
        "",
        "chosen decay=0.8 trees=9",
        "chosen decay=0.5 trees=7",
    ]
    assert list(distinctions([key("x", "default"), key("y")], {}).values()) == ["", "chosen"]


def test_what_is_not_known_or_does_not_differ_is_told_apart_by_its_hash() -> None:
    assert list(distinctions([key("x"), key("y")], {}).values()) == ["x", "y"]
    known = options(x={"decay": 0.5}, y={"decay": 0.5})
    assert list(distinctions([key("x"), key("y")], known).values()) == ["x", "y"]


def test_a_learner_of_its_own_needs_no_distinction() -> None:
    assert list(distinctions([key("x"), key("y", learner="b")], {}).values()) == ["", ""]
