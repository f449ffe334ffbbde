"""Measure implicit meta-learning in any learner.

>>> import iml_general as iml
>>> iml.Study("quick", learners=["extra-trees"], seeds=8).run().findings

What stands here loads when it is first used, so that ``import iml_general`` is quick.
"""

from __future__ import annotations

import sys
import warnings
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from iml_general.api.listing import (
        list_conditions,
        list_effects,
        list_learners,
        list_studies,
        list_worlds,
    )
    from iml_general.api.measure import measure
    from iml_general.api.peek import peek
    from iml_general.api.peek_pictures import peek_pictures
    from iml_general.api.result import Result, open_run
    from iml_general.api.study import Study
    from iml_general.plugins.from_sklearn import from_sklearn

__all__ = [
    "Result",
    "Study",
    "from_sklearn",
    "list_conditions",
    "list_effects",
    "list_learners",
    "list_studies",
    "list_worlds",
    "measure",
    "open_run",
    "peek",
    "peek_pictures",
]

_MODULES = {
    "Result": "api.result",
    "Study": "api.study",
    "from_sklearn": "plugins.from_sklearn",
    **dict.fromkeys(
        ("list_conditions", "list_effects", "list_learners", "list_studies", "list_worlds"), "api.listing"
    ),
    "measure": "api.measure",
    "open_run": "api.result",
    "peek": "api.peek",
    "peek_pictures": "api.peek_pictures",
}


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        here = sys.modules[__name__]  # by which Python finds the name that was probably meant
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}", name=name, obj=here)
    # Of a library of ours, which asks a notebook for widgets; our own bar needs none.
    warnings.filterwarnings("ignore", message="IProgress not found")
    value = getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
