"""A world that is too small for the groups is refused with the very settings that would fit it."""

from pathlib import Path

import polars as pl
import pytest

from iml_general.errors import UsageError
from iml_general.protocol import Protocol, configure_protocol
from iml_general.protocol.drawing import draw
from iml_general.protocol.fitting import SMALLEST, fitted_protocol, size_settings
from iml_general.seeds import Seed
from iml_general.study.plan.fitting import fitting_settings
from iml_general.study.plan.overrides import Overrides, find_plan, read_settings
from iml_general.worlds.table import Table

SEED = Seed(0, "confirm", "table", 0)


def table(folder: Path, n: int, gaps: int = 0) -> Path:
    """Two columns of n rows, the first of them missing in some, in the end also the second in one."""
    frame = pl.DataFrame(
        {
            "size": [None if row < gaps else float(row * row % 101) for row in range(n)],
            "kind": [None if gaps and row == n - 1 else ("a", "b", "c")[row % 3] for row in range(n)],
        }
    )
    frame.write_csv(folder / "table.csv")
    return folder / "table.csv"


def refused(path: Path, protocol: Protocol = Protocol()) -> str:  # noqa: B008
    with pytest.raises(UsageError) as caught:
        draw(protocol, Table(path=str(path)), SEED)
    return str(caught.value)


def flags(message: str) -> list[str]:
    return [part.split()[0].rstrip(";:") for part in message.split("--set ")[1:]]


@pytest.mark.parametrize("n", [40, 41, 100, 178, 344, 469])
def test_all_groups_shrink_alike_and_no_more_than_they_must(n: int) -> None:
    before = Protocol()
    after = fitted_protocol(before, n)
    assert after is not None
    assert after.n_aliases <= n
    assert n - after.n_aliases < len(after.groups) + 1  # what rounding leaves over
    for was, now in zip(before.sizes, after.sizes, strict=True):
        assert now >= SMALLEST
        assert now == SMALLEST or now / was == pytest.approx(n / before.n_aliases, abs=2 / was + 0.05)
    assert after.group_sizes["corroborated"] == after.group_sizes["contradicted"]


def test_what_fits_stays_as_it_is() -> None:
    assert fitted_protocol(Protocol(), 470) == Protocol()
    assert size_settings(Protocol(), Protocol()) == {}


def test_groups_that_were_small_already_keep_their_size() -> None:
    protocol = configure_protocol({"undefined": 0, "unseen": 2})
    after = fitted_protocol(protocol, 100)
    assert after is not None
    assert (after.undefined, after.unseen) == (0, 2)


def test_a_table_of_a_handful_of_rows_is_refused_with_what_the_smallest_groups_need(tmp_path: Path) -> None:
    assert fitted_protocol(Protocol(), 39) is None
    assert "it has 39; groups of 5 need 40: give a longer table" in refused(table(tmp_path, 39))


def test_the_settings_that_a_refusal_names_are_accepted(tmp_path: Path) -> None:
    path = table(tmp_path, 178)
    message = refused(path)
    assert (
        "the groups need 470 aliases, but it has 178; --fit (in Python fit=True) makes the groups smaller"
        in message
    )
    assert "cost power: intervals get about 1.7 times as wide" in message
    settings = {**read_settings(flags(message)), "world.options.path": str(path)}
    plan = find_plan("quick", Overrides(world="table", settings=settings))
    protocol = configure_protocol(plan.protocol)
    assert draw(protocol, Table(path=str(path)), SEED).world.n_aliases == protocol.n_aliases <= 178


def test_gaps_and_size_are_told_in_one_go_and_settled_in_one_go(tmp_path: Path) -> None:
    path = table(tmp_path, 344, gaps=11)
    message = refused(path)
    assert "column 'size' is missing in 11 of 344 rows, column 'kind' is missing in 1 of 344 rows" in message
    assert "need 470 aliases, but it has 332 without those rows" in message
    assert flags(message)[0] == "world.options.missing=drop"
    settings = {**read_settings(flags(message)), "world.options.path": str(path)}
    plan = find_plan("quick", Overrides(world="table", settings=settings))
    source = Table(**plan.world.options)
    assert draw(configure_protocol(plan.protocol), source, SEED).world.n_aliases <= 332


def test_gaps_alone_are_not_a_reason_for_smaller_groups(tmp_path: Path) -> None:
    message = refused(table(tmp_path, 600, gaps=11))
    assert flags(message) == ["world.options.missing=drop"]
    assert "power" not in message


def test_fitting_a_plan_gives_the_settings_of_the_refusal_and_says_so(tmp_path: Path) -> None:
    path = table(tmp_path, 344, gaps=11)
    world = {"world.options.path": str(path)}
    settings, told = fitting_settings(find_plan("quick", Overrides(world="table", settings=world)))
    assert [f"{key}={value}" for key, value in settings.items()] == flags(refused(path))
    assert "has room for 332 aliases" in told
    fitted = find_plan("quick", Overrides(world="table", settings={**world, **settings}))
    assert fitting_settings(fitted) == ({}, "")


def test_a_plan_that_fits_is_left_alone() -> None:
    assert fitting_settings(find_plan("quick", Overrides())) == ({}, "")
    assert fitting_settings(find_plan("quick", Overrides(world="table"))) == ({}, "")


def test_a_limit_on_the_synthetic_world_is_met_too() -> None:
    plan = find_plan("quick", Overrides(settings={"world.options.n_aliases": 100}))
    settings, _ = fitting_settings(plan)
    assert settings["protocol.new_conflict"] == 10
