"""What a machine of a cluster does for a run: a supervisor with one worker, as `iml worker` has it.

Under Dask nobody may start processes of his own, and nothing that runs can be interrupted. So the
supervisor there is a process of its own; it ends, as on Ctrl-C, when whoever asked for it is gone.
"""

from __future__ import annotations

import json
import math
import os
import signal
import subprocess
import sys
import tempfile
import threading
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from iml_general.errors import ImlError
from iml_general.study.cache.folder import CacheFolder
from iml_general.study.storage.database import FIRST_PATIENCE_S, patiently
from iml_general.study.storage.place import Place
from iml_general.study.storage.queue import Heartbeat
from iml_general.study.work.joining import join
from iml_general.study.work.supervisor import Supervisor

LOOK_S = 0.5
"""Pause between two looks at whether it is over."""


@dataclass(frozen=True)
class Helper:
    """What a worker on a cluster is told.

    Attributes:
        request: As `main` reads it: where the run lives, how much time there is, where the cache is.
            Never shown, since the database's password may be in it.
    """

    request: str = field(repr=False)

    @classmethod
    def of(cls, place: Place, budget_s: float, cache: CacheFolder | None) -> Self:
        """Say what is to be helped with.

        Args:
            place: Where the run lives.
            budget_s: Seconds after which nothing more is begun.
            cache: Where finished units are kept; None to measure all anew.

        Returns:
            What a worker needs.
        """
        local = place.is_local
        facts = {
            "folder": str(place.folder.resolve()) if local else place.name,
            "storage": None if local else place.url.render_as_string(hide_password=False),
            "budget_s": None if math.isinf(budget_s) else budget_s,
            "cache": str(cache.path) if cache is not None else None,
        }
        return cls(json.dumps(facts))


def help_there(helper: Helper, over: str) -> tuple[int, str]:
    """Help with a run until it is finished, or it is over; the body of a Dask task.

    Args:
        helper: What it is about.
        over: Name of the `distributed.Event` that is set when it is over.

    Returns:
        The exit code, and what was said last.
    """
    from distributed import Event

    is_over = Event(over)
    with tempfile.TemporaryFile("w+", encoding="utf-8") as said:
        command = [sys.executable, "-m", "iml_general.study.work.on_cluster"]
        with subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=said, text=True
        ) as process:
            assert process.stdin is not None
            process.stdin.write(f"{helper.request}\n")
            process.stdin.flush()
            while process.poll() is None and not is_over.wait(LOOK_S):
                pass
        # stdin is closed now, whatever happened, which ended it
        said.seek(0)
        *_, last = ["", *said.read().splitlines()]
        return process.returncode, last


def main() -> int:
    """Help with the run that the first line of stdin names, for as long as stdin is open.

    Returns:
        The exit code.
    """
    facts = json.loads(sys.stdin.readline())
    threading.Thread(target=_end_with_stdin, daemon=True).start()
    budget_s = math.inf if facts["budget_s"] is None else facts["budget_s"]
    cache = None if facts["cache"] is None else CacheFolder(Path(facts["cache"]))
    try:
        place, heartbeat = Place.of(Path(facts["folder"]), facts["storage"]), Heartbeat()
        with closing(patiently(lambda: join(place, heartbeat), FIRST_PATIENCE_S)) as work:
            Supervisor(work, heartbeat, 1, lambda *_: None, budget_s, cache).run()
    except ImlError as error:
        sys.stderr.write(f"iml: {' '.join(str(error).split())}\n")
        return error.exit_code
    except KeyboardInterrupt:
        return 130
    return 0


def _end_with_stdin() -> None:
    sys.stdin.read()
    os.kill(os.getpid(), signal.SIGINT)


if __name__ == "__main__":
    sys.exit(main())
