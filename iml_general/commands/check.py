"""``iml check``: does a learner or a world conform to the contract?"""

from __future__ import annotations

from collections import Counter

from rich.console import Console
from rich.status import Status
from rich.table import Table as RichTable
from rich.text import Text

from iml_general.checks import Case, CheckResult, conforms, run_checks

STYLES = {"pass": "green", "fail": "bold red", "skip": "dim", "expected failure": "yellow"}


def check_plugin(name: str, only: str) -> bool:
    """Check a learner or a world and print a table of the results, the failures in full, and one last line.

    Args:
        name: A registered name, ``module:Class`` or ``./file.py:Class``.
        only: Run only checks with this text in their id; all of them if empty.

    Returns:
        Whether it conforms.

    Raises:
        UsageError: If it can't be found or breaks its contract, or a text fits no check.
    """
    errors = Console(stderr=True)
    with errors.status("") as status:
        results = run_checks(name, only=only, watch=lambda case: _show(status, case))
    console = Console()
    if not console.is_terminal:
        console.width = 1000  # in a pipe a line stays a line, whatever searches it
    console.print(_table(results))
    for message in _failures(results):
        console.print(Text(f"\n{message}"), soft_wrap=True)
    console.print(Text(f"\n{_verdict(name, results)}"), soft_wrap=True)
    return conforms(results)


def _show(status: Status, case: Case) -> None:
    status.update(Text(case.id))


def _table(results: list[CheckResult]) -> RichTable:
    table = RichTable("check", "result", "why", box=None, pad_edge=False)
    for result in results:
        why = result.reason or result.seen
        table.add_row(Text(result.id), Text(result.outcome, STYLES[result.outcome]), Text(why))
    return table


def _failures(results: list[CheckResult]) -> list[str]:
    """The failures in full; those that one fault brought about are told once."""
    alike: dict[str, list[CheckResult]] = {}
    for result in results:
        if result.outcome == "fail":
            alike.setdefault(result.seen, []).append(result)
    return [
        first.message + (f"\n  {len(others)} more checks saw the same" if others else "")
        for first, *others in alike.values()
    ]


def _verdict(name: str, results: list[CheckResult]) -> str:
    counts = Counter(result.outcome for result in results)
    if counts["pass"] == counts["fail"] == counts["expected failure"] == 0:
        return f"{name} was not checked: all checks were skipped."
    told = f"{counts['pass']} passed, {counts['fail']} failed, {counts['skip']} skipped"
    return f"{name} {'conforms' if conforms(results) else 'does not conform'}: {told}."
