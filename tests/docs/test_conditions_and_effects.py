"""The page on conditions and effects is followed word for word, with a package that is really installed."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

PAGE = (Path(__file__).parents[2] / "docs" / "conditions-and-effects.md").read_text()
CODE = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
ENTRY_POINTS = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)[0]
CONDITIONS = '["informative", "shuffled", "no_stage1", "reversal"]'
SMALL = (
    "protocol.sources.reliable.stage1=10",
    "protocol.sources.unreliable.stage1=10",
    "protocol.undefined=2",
    "protocol.new_conflict=10",
)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the page's two files as an installed package."""
    folder = tmp_path_factory.mktemp("site")
    package = folder / "my_package"
    package.mkdir()
    (package / "__init__.py").touch()
    for code in CODE:
        name = re.match(r'"""(\w+\.py):', code)
        assert name is not None
        (package / name[1]).write_text(code)
    facts = folder / "my_package-1.0.dist-info"
    facts.mkdir()
    (facts / "METADATA").write_text("Metadata-Version: 2.1\nName: my-package\nVersion: 1.0\n")
    points = ENTRY_POINTS.replace("project.entry-points.", "").replace('"', "")
    (facts / "entry_points.txt").write_text(points)
    return folder


@pytest.fixture(scope="module")
def report(site: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The report of a run that goes through the new condition."""
    out = tmp_path_factory.mktemp("run") / "run"
    sets = [part for one in (*SMALL, f"conditions={CONDITIONS}") for part in ("--set", one)]
    command = ["run", "quick", "--learner", "nearest-neighbors", "--seeds", "2", "--workers", "1", *sets]
    iml(site, *command, "--out", str(out))
    return out / "report"


def iml(site: Path, *arguments: str) -> str:
    paths = os.pathsep.join([str(site), *filter(None, [os.environ.get("PYTHONPATH")])])
    done = subprocess.run(
        [sys.executable, "-m", "iml_general.cli", *arguments],
        env={**os.environ, "PYTHONPATH": paths, "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_condition_of_ones_own_is_measured_judged_and_shown_everywhere(report: Path) -> None:
    scores = pl.read_parquet(report / "scores.parquet").filter(condition="reversal")
    assert set(scores["moment"]) == {"stage1", "reversal", "stage2", "stage2_twin"}
    for name in ("report.html", "report.md", "report.tex"):
        assert "reversal" in (report / name).read_text(), name
    findings = pl.read_parquet(report / "findings.parquet")
    assert set(findings["condition"]) == {"informative", "reversal"}
    assert any("reversal" in path.read_text() for path in (report / "figures").glob("*.svg"))


def test_an_effect_of_ones_own_is_shown_everywhere(report: Path) -> None:
    for name in ("report.html", "report.md", "report.tex"):
        assert "bonus of the reliable tag" in (report / name).read_text(), name
    content = json.loads((report / "report.json").read_text())
    assert "reliable_bonus" in json.dumps(content)
    assert "reliable_bonus" in (report / "effects.csv").read_text()
