"""What is installed is pinned, licensed and alive by local rules, and a bill of materials lists all of it."""

import json
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def scripts() -> Iterator[SimpleNamespace]:
    sys.path.insert(0, str(ROOT))
    from scripts.dependencies import audit, installed, sbom

    yield SimpleNamespace(audit=audit, installed=installed, sbom=sbom, found=installed.everything())
    sys.path.remove(str(ROOT))


def test_everything_that_is_installed_keeps_the_rules(scripts: SimpleNamespace) -> None:
    assert len(scripts.found) > 80
    pins = scripts.audit.read_pins((ROOT / "constraints-py311.txt").read_text())
    assert list(scripts.audit.faults(scripts.found, pins)) == []
    assert scripts.audit.read_pins((ROOT / "docs" / "constraints.txt").read_text())


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"version": "0.0.1"}, "numpy is 0.0.1, and pinned to 2"),
        ({"licence": "MIT OR GPL-3.0-only"}, "numpy is under MIT OR GPL-3.0-only: GPL-3.0-only is not among"),
        ({"licence": ""}, "numpy tells no licence"),
        ({"status": "Inactive"}, "numpy says of itself that it is inactive"),
    ],
)
def test_a_distribution_that_breaks_a_rule_is_named(
    scripts: SimpleNamespace, change: dict[str, str], fault: str
) -> None:
    one = replace(scripts.found["numpy"], **change)
    (told,) = scripts.audit.faults({"numpy": one}, {"numpy": scripts.found["numpy"].version})
    assert told.startswith(fault)


def test_what_is_not_pinned_or_abandoned_is_named(scripts: SimpleNamespace) -> None:
    one = replace(scripts.found["numpy"], name="toml", version="0.10.2")
    told = list(scripts.audit.faults({"toml": one}, {}))
    assert [line.split(";")[0] for line in told] == [
        "toml 0.10.2 is not pinned in constraints-py311.txt",
        "toml is abandoned",
    ]
    with pytest.raises(ValueError, match="not pinned: 'numpy>=2'"):
        scripts.audit.read_pins("numpy>=2")


def test_the_bill_of_materials_lists_all_of_it_and_who_needs_whom(scripts: SimpleNamespace) -> None:
    bill = json.loads(scripts.sbom.bill_of(scripts.found))
    assert (bill["bomFormat"], bill["specVersion"]) == ("CycloneDX", "1.6")
    assert bill["metadata"]["component"]["name"] == "iml-general"
    listed = {one["name"]: one for one in bill["components"]}
    assert set(listed) == set(scripts.found) - {"iml-general"}
    assert all(one["version"] and one["licenses"] and one["purl"] for one in listed.values())
    needs = {one["ref"]: one.get("dependsOn", []) for one in bill["dependencies"]}
    assert listed["numpy"]["purl"] in needs[listed["scipy"]["purl"]]
    again = json.loads(scripts.sbom.bill_of(scripts.found))
    assert again["serialNumber"] == bill["serialNumber"]
