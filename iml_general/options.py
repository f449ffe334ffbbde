"""Options of learners, worlds and encodings: fields of frozen dataclasses, checked by their types.

A field's annotation is its whole check: ``Annotated[int, Ge(1)]`` or a ``Literal``. Values arrive
from TOML files and the command line and are checked as strictly as JSON: no text becomes a number.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import fields
from types import UnionType
from typing import Annotated, Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

from annotated_types import Ge, Gt, Interval, Le, Lt

from iml_general.errors import UsageError, unknown

T = TypeVar("T")

PositiveInt = Annotated[int, Ge(1)]
Count = Annotated[int, Ge(0)]
Share = Annotated[float, Interval(ge=0, le=1)]
PositiveShare = Annotated[float, Interval(gt=0, le=1)]
OpenShare = Annotated[float, Interval(gt=0, lt=1)]
PositiveFloat = Annotated[float, Interval(gt=0, lt=float("inf"))]
NotNegative = Annotated[float, Interval(ge=0, lt=float("inf"))]

UNSAID = {"unsaid": True}
"""Metadata of a field whose default goes without saying: what is told apart by its options, such as a run
that was begun before there was that field, stays what it was."""


def configure(cls: type[T], options: Mapping[str, Any], where: str) -> T:
    """Make an instance of a dataclass from options that a user wrote.

    Args:
        cls: A frozen dataclass, every field of which has a default.
        options: Values by field name, as TOML or JSON gives them.
        where: What the options belong to, for messages, such as ``"learner 'xgboost'"``.

    Returns:
        The instance.

    Raises:
        UsageError: For a name that is no field, or a value that its annotation does not allow.
    """
    from pydantic import TypeAdapter, ValidationError

    allowed = [field.name for field in fields(cls)]  # type: ignore[arg-type]
    for name in options:
        if name not in allowed:
            raise UsageError(f"{where}: {unknown('option', name, allowed)}")
    hints = get_type_hints(cls, include_extras=True)
    checked = {}
    for name, value in options.items():
        try:
            checked[name] = TypeAdapter(hints[name]).validate_json(json.dumps(value), strict=True)
        except ValidationError as error:
            first = error.errors()[0]
            raise UsageError(f"{where}: {name} = {value!r}: {first['msg']}") from None
        except TypeError:
            raise UsageError(f"{where}: {name} = {value!r} is not a value that a plan can hold") from None
    try:
        return cls(**checked)
    except ValueError as error:
        raise UsageError(f"{where}: {error}") from None


def options_of(instance: object) -> dict[str, Any]:
    """Read all options back, ready for JSON.

    Args:
        instance: An instance of a frozen dataclass.

    Returns:
        Values by field name, tuples as lists; `configure` makes an equal instance from them. A default
        that is `UNSAID` is left out.
    """
    values = {
        field.name: getattr(instance, field.name)
        for field in fields(instance)  # type: ignore[arg-type]
        if not ("unsaid" in field.metadata and getattr(instance, field.name) == field.default)
    }
    restored: dict[str, Any] = json.loads(json.dumps(values))
    return restored


def explained(cls: type[Any]) -> list[tuple[str, Any, str]]:
    """Explain the options of a dataclass.

    Args:
        cls: A frozen dataclass, every field of which has a default.

    Returns:
        Name, default and what is allowed, in words, of every field in its order.
    """
    hints, instance = get_type_hints(cls, include_extras=True), cls()
    return [(one.name, getattr(instance, one.name), _in_words(hints[one.name])) for one in fields(cls)]


def _in_words(annotation: Any) -> str:
    """What an annotation allows, such as ``"whole number from 1"``."""
    if get_origin(annotation) is Annotated:
        bounds = {type(bound): bound for one in annotation.__metadata__ for bound in _single(one)}
        words = [_in_words(annotation.__origin__)]
        for kind, between, field in (
            (Ge, "from", "ge"),
            (Gt, "above", "gt"),
            (Le, "to", "le"),
            (Lt, "below", "lt"),
        ):
            value = getattr(bounds.get(kind), field, None)
            if value is not None and value != float("inf"):
                words.append(f"{between} {value}")
        return " ".join(words)
    if get_origin(annotation) is Literal:
        return " or ".join(map(str, get_args(annotation)))
    if get_origin(annotation) is tuple:
        return f"list of {_in_words(get_args(annotation)[0])}"
    if get_origin(annotation) in (Union, UnionType):
        return " or ".join(map(_in_words, get_args(annotation)))
    words_of = {int: "whole number", float: "number", str: "text", bool: "true or false", type(None): "none"}
    return words_of.get(annotation, str(annotation))


def _single(bound: Any) -> tuple[Any, ...]:
    return tuple(bound) if isinstance(bound, Interval) else (bound,)
