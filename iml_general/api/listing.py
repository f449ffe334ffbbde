"""What there is: learners, worlds, conditions, effects and presets, as data frames."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl

from iml_general.judging.effect import Effect
from iml_general.learner import CLASSES, AnyLearner
from iml_general.options import explained
from iml_general.plugins import registry
from iml_general.plugins.contract import capabilities_of
from iml_general.plugins.interrupts import FAULTS, interruptible
from iml_general.plugins.loading import Found
from iml_general.protocol.condition import Condition
from iml_general.rows import SUBJECT
from iml_general.worlds.world import WorldSource


def list_learners() -> pl.DataFrame:
    """List every registered learner with its capabilities, broken ones with their reason.

    Returns:
        One row per learner: ``learner``, ``family``, ``rules``, ``form``, ``capabilities``, ``summary``.
    """
    columns = ("learner", "family", "rules", "form", "capabilities", "summary")
    return _frame(columns, registry.learners(), _learner)


def list_worlds() -> pl.DataFrame:
    """List every registered world with its options, broken ones with their reason.

    Returns:
        One row per world: ``world``, ``summary``, ``forms``, ``room`` for how many aliases its defaults have,
        ``options`` with defaults and what else is allowed.
    """
    return _frame(("world", "summary", "forms", "room", "options"), registry.worlds(), _world)


def list_conditions() -> pl.DataFrame:
    """List every registered condition and what it is compared with, broken ones with their reason.

    Returns:
        One row per condition: ``condition``, ``control``, ``summary``.
    """
    return _frame(("condition", "control", "summary"), registry.conditions(), _condition)


def list_effects() -> pl.DataFrame:
    """List every effect in the order in which reports show them, broken ones with their reason.

    Returns:
        One row per effect: ``effect``, ``words``, ``unit``, ``verdicts``, ``definition``.
    """
    found = registry.effects()
    order = [effect.name for effect in registry.all_effects()]
    sorted_ = {name: found[name] for name in [*order, *(name for name in found if name not in order)]}
    return _frame(("effect", "words", "unit", "verdicts", "definition"), sorted_, _effect)


def list_studies() -> pl.DataFrame:
    """List every registered preset with the first lines of its plan file.

    Returns:
        One row per preset: ``study``, ``summary``, ``plan``.
    """
    return _frame(("study", "summary", "plan"), registry.presets(), _preset)


def _learner(cls: type[AnyLearner[Any]]) -> Sequence[str]:
    info = cls.info
    role = "" if info.role == SUBJECT else f" [{info.role}]"
    limit = "" if info.max_rows is None else f" (at most {info.max_rows:,} rows)"
    can = ", ".join(capabilities_of(cls)) or "-"
    kind = "" if cls.answer_kind == CLASSES else f"; answers with {cls.answer_kind}"
    return info.family, ", ".join(info.rules), info.form, can, f"{info.summary}{kind}{limit}{role}"


def _world(cls: type[WorldSource]) -> Sequence[str]:
    options = (f"{name}={default!r} ({allowed})" for name, default, allowed in explained(cls))
    return cls.summary, ", ".join(cls.forms), _room(cls), ", ".join(options)


def _room(cls: type[WorldSource]) -> str:
    """Where the room of a world's defaults ends; a plugin may do anything when it is asked."""
    with interruptible():
        try:
            room = cls().room()
        except FAULTS as error:
            return f"can't be told: {' '.join(str(error).split())}"
    if room is None:
        return "any number of aliases"
    return f"{room.n_aliases:,} aliases" + (f" without gaps: {room.gaps}" if room.gaps else "")


def _condition(condition: Condition) -> Sequence[str]:
    return condition.control or "-", condition.summary


def _effect(effect: Effect) -> Sequence[str]:
    return effect.words, effect.unit, "yes" if effect.endpoint else "no", effect.definition


def _preset(path: Path) -> Sequence[str]:
    """The comment that a plan file begins with."""
    about = []
    for line in path.read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            break
        about.append(line.lstrip("# "))
    return " ".join(about), str(path)


def _frame(
    columns: Sequence[str], there: Mapping[str, Found], row: Callable[[Any], Sequence[str]]
) -> pl.DataFrame:
    """One row of text per name; what is broken has its reason in the last column."""
    rows = []
    for name, found in there.items():
        if found.reason:
            why = f"can't be used: {found.reason} ({found.target}, from {found.origin})"
            rows.append((name, *[""] * (len(columns) - 2), why))
        else:
            rows.append((name, *row(found.value)))
    return pl.DataFrame(rows, schema=dict.fromkeys(columns, pl.String()), orient="row")
