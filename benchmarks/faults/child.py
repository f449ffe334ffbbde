"""A run that faults happen to, as a process of its own: what `iml run` does, with a quicker heartbeat.

python -m benchmarks.faults.child FOLDER SEEDS SECONDS WORKERS   (IML_STORAGE names the database, if any)
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from iml_general.errors import ImlError
from iml_general.study import engine
from iml_general.study.plan.keys import check_plan
from iml_general.study.plan.resolve import Study, resolve
from iml_general.study.storage.place import Place
from iml_general.study.storage.queue import Heartbeat

HEARTBEAT = Heartbeat(interval_s=1, grace_s=3)
TOYS = Path(__file__).parents[2] / "tests" / "plugins" / "toys.py"
SMALL = {
    **dict.fromkeys(("undefined", "new_conflict", "unseen"), 8),
    "sources": {
        "reliable": {"stage1": 8, "stage2": 8},
        "unreliable": {"stage1": 8, "stage2": 8},
        "neutral": {"stage2": 8},
    },
}


def study(seeds: int, seconds: float) -> Study:
    """A small study of two learners, one of which takes its time in every fit."""
    slow = {"name": f"{TOYS}:Slow", "options": {"seconds": seconds}}
    plan = {
        "name": "x",
        "seeds": seeds,
        "protocol": SMALL,
        "learners": [slow, {"name": "naive-bayes"}],
        "limits": {"deaths": 1000, "memory_mb": 4096},
    }
    return resolve(check_plan(plan, "of the campaign"))


def main() -> None:
    """Carry it out; a fault is told as the command line tells it."""
    folder, seeds, seconds, n_workers = sys.argv[1:]
    try:
        place = Place.of(Path(folder), os.environ.get("IML_STORAGE"))
        planned = study(int(seeds), float(seconds))
        engine.run(planned, place, "faults", lambda *_: None, int(n_workers), HEARTBEAT)
    except ImlError as error:
        sys.stderr.write(f"iml: {' '.join(str(error).split())}\n")
        sys.exit(error.exit_code)


if __name__ == "__main__":
    main()
