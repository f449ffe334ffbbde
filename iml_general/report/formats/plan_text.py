"""The resolved plan as TOML: what a reader saves to a file to run the same study again."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any


def plan_toml(plan: Mapping[str, Any]) -> str:
    """Write a plan as TOML.

    Args:
        plan: Nested JSON values. TOML has no null: keys without a value are left out.

    Returns:
        Lines of TOML that `tomllib` reads back as an equal plan.
    """
    return "\n".join(_table(plan, ())).strip() + "\n"


def _table(values: Mapping[str, Any], path: tuple[str, ...]) -> list[str]:
    """A table's own keys, then its sub-tables, as TOML's order demands."""
    kept = {key: value for key, value in values.items() if value is not None}
    tables = {key: value for key, value in kept.items() if isinstance(value, dict)}
    arrays = {key: value for key, value in kept.items() if _is_array_of_tables(value)}
    lines = [f"{_key(k)} = {_value(v)}" for k, v in kept.items() if k not in tables and k not in arrays]
    for key, value in tables.items():
        inner = (*path, _key(key))
        lines += ["", f"[{'.'.join(inner)}]", *_table(value, inner)]
    for key, items in arrays.items():
        inner = (*path, _key(key))
        for item in items:
            lines += ["", f"[[{'.'.join(inner)}]]", *_table(item, inner)]
    return lines


def _is_array_of_tables(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(item, dict) for item in value)


def _key(name: str) -> str:
    return name if re.fullmatch(r"[A-Za-z0-9_-]+", name) else _string(name)


def _value(value: Any) -> str:
    if isinstance(value, dict):
        pairs = (f"{_key(k)} = {_value(v)}" for k, v in value.items() if v is not None)
        return "{" + ", ".join(pairs) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_value(item) for item in value) + "]"
    if isinstance(value, str):
        return _string(value)
    if isinstance(value, float):
        return {"NaN": "nan", "Infinity": "inf", "-Infinity": "-inf"}.get(json.dumps(value), repr(value))
    return json.dumps(value)


def _string(text: str) -> str:
    # A JSON string is a TOML string, but for DEL, which TOML wants escaped.
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
