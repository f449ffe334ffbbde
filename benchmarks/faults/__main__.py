"""A campaign of faults: each is done to real runs, which must end with equal rows or one clear line.

python -m benchmarks.faults [FAULT ...] [--times N] [--seed N] [--keep]     as root, in the repository

Every fault is tried on SQLite, or on PostgreSQL, or on both. What came is printed and, with --keep,
written to docs/standing-up.json, from which docs/standing-up.md is made.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import tempfile
import time
import traceback
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.faults import servers
from benchmarks.faults.catalogue import FAULTS, POSTGRESQL, SQLITE
from benchmarks.faults.page import RESULT, write_page
from benchmarks.faults.victim import ROOT, BrokenPromiseError, Victim


@dataclass(frozen=True)
class Outcome:
    """What came of a fault on one database.

    Attributes:
        fault: Its name.
        what: What was done, in words.
        database: Where.
        times: How often it was done.
        survived: Whether every promise was kept.
        said: The different lines that processes ended with; or why a promise was broken.
        seed: Of the random moments.
        seconds: What it took.
        date: When.
    """

    fault: str
    what: str
    database: str
    times: int
    survived: bool
    said: list[str]
    seed: int
    seconds: int
    date: str


def main() -> None:
    """Try what is asked for, and print and keep what came."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("faults", nargs="*", choices=[[], *FAULTS], default=[])
    parser.add_argument("--times", type=int)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--database", choices=[SQLITE, POSTGRESQL])
    parser.add_argument("--keep", action="store_true")
    given = parser.parse_args()
    outcomes = []
    for name in given.faults or FAULTS:
        fault = FAULTS[name]
        for database in fault.databases:
            if given.database in (None, database):
                outcome = attempt(name, database, given.times or fault.times, given.seed)
                outcomes.append(outcome)
                print(json.dumps(asdict(outcome), indent=1, ensure_ascii=False), flush=True)
                if given.keep:
                    keep(outcome)
    sys.exit(not all(outcome.survived for outcome in outcomes))


def attempt(name: str, database: str, times: int, seed: int) -> Outcome:
    """Do a fault to a run on a database."""
    fault, began, survived = FAULTS[name], time.monotonic(), True
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(ignore_cleanup_errors=True)))
        victim = Victim(folder / "run", None, fault.seeds, fault.seconds, random.Random(seed))
        if database == POSTGRESQL:
            victim.server = stack.enter_context(servers.server())
            victim.storage = victim.server.new_database()
        try:
            done = fault.do(victim, times)
            said = sorted({_without_places(line, folder) for line in victim.said})
        except BrokenPromiseError as error:
            done, survived, said = times, False, [_without_places(str(error), folder)]
        except Exception:
            done, survived, said = times, False, [traceback.format_exc()]
    what = " ".join((fault.do.__doc__ or "").split("\n\n")[0].split())
    seconds, date = round(time.monotonic() - began), datetime.now(UTC).strftime("%Y-%m-%d")
    return Outcome(name, what, database, done, survived, said, seed, seconds, date)


def _without_places(line: str, folder: Path) -> str:
    return line.replace(str(folder), "...").replace(f"{ROOT}/", "")


def keep(outcome: Outcome) -> None:
    """Write an outcome down in place of an earlier one of the same seed, and the page anew."""
    known = json.loads(RESULT.read_text("utf-8")) if RESULT.exists() else []
    mine = (outcome.fault, outcome.database, outcome.seed)
    others = [one for one in known if (one["fault"], one["database"], one["seed"]) != mine]
    order = list(FAULTS)
    everything = sorted(
        [*others, asdict(outcome)], key=lambda one: (order.index(one["fault"]), one["database"], one["seed"])
    )
    RESULT.write_text(json.dumps(everything, indent=1, ensure_ascii=False) + "\n", "utf-8")
    write_page()


if __name__ == "__main__":
    main()
