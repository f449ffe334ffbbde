"""A check: one claim about a plugin."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


def _always(of: Any) -> str:
    del of
    return ""


@dataclass(frozen=True)
class Check:
    """One claim about a learner or a world.

    Attributes:
        claim: The claim in a few words.
        function: Takes a `Subject` or a `WorldSubject` and raises if the claim does not hold of it; may
            return what was found, in words.
        per_rule: Whether the claim is made of every update rule but ``retrain``, or once.
        not_due: From a learner's class, or from a world, to the reason why the claim is not made of it.
    """

    claim: str
    function: Callable[[Any], str | None]
    per_rule: bool = False
    not_due: Callable[[Any], str] = _always


def again_for(cls: type[Any]) -> str:
    """Say how to run one check of a class again.

    Args:
        cls: A learner or world class.

    Returns:
        A command or, for a class that has no name of its own, a call, with ``{only}`` for the check's name.
    """
    module = sys.modules.get(cls.__module__)
    if getattr(module, cls.__qualname__, None) is not cls:
        return f"iml_general.checks.run_checks({cls.__name__}, only={{only}})"
    is_file = cls.__module__.startswith("iml_plugin_") or cls.__module__ == "__main__"
    where = inspect.getfile(cls) if is_file else cls.__module__
    return f"iml check {where}:{cls.__qualname__} --only {{only}}"
