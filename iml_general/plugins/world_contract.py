"""Whether a world class is what the contract asks for: all faults at once."""

from __future__ import annotations

import inspect
import re
from dataclasses import MISSING, fields
from typing import Any

from iml_general.encoding.forms import FORMS
from iml_general.errors import UsageError
from iml_general.worlds.world import WorldSource

WORDS = r"[a-z][a-z0-9]*(-[a-z0-9]+)*"


def check_world_contract(cls: type[WorldSource]) -> None:
    """Check that a world class keeps the contract.

    Args:
        cls: A world class.

    Raises:
        UsageError: Lists every way in which it does not.
    """
    name = getattr(cls, "name", None)
    faults = []
    if not (isinstance(name, str) and re.fullmatch(WORDS, name)):
        faults.append(f"its name {name!r} is not lower-case words joined by hyphens")
    summary = getattr(cls, "summary", None)
    if not (isinstance(summary, str) and summary.strip() and "\n" not in summary):
        faults.append(f"its summary {summary!r} is not a line that says what it is")
    faults += _form_faults(cls) + _field_faults(cls)
    lacking = sorted(getattr(cls, "__abstractmethods__", ()))
    if lacking:
        faults.append(f"lacks the methods {', '.join(lacking)}")
    if faults:
        raise UsageError(f"world {name!r} ({cls.__module__}:{cls.__qualname__}): " + "; ".join(faults))


def _form_faults(cls: type[WorldSource]) -> list[str]:
    forms: Any = cls.forms
    if not isinstance(forms, tuple) or not forms:
        return [f"its forms {forms!r} are not a tuple of names such as ('vectors',)"]
    return [
        f"offers the form {form!r}, which is not one of {', '.join(FORMS)}"
        for form in forms
        if form not in FORMS
    ]


def _field_faults(cls: type[WorldSource]) -> list[str]:
    if "__dataclass_fields__" not in cls.__dict__ or not cls.__dict__["__dataclass_params__"].frozen:
        return ["is not decorated with @dataclass(frozen=True)"]
    if inspect.isabstract(cls):
        return []
    return [
        f"has the option {field.name!r} without a default"
        for field in fields(cls)  # type: ignore[arg-type]
        if field.default is MISSING and field.default_factory is MISSING
    ]
