"""The encoding as factors of a search."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

from iml_general.encoding.codes import Encoding
from iml_general.learner import Form

if TYPE_CHECKING:
    import optuna


def suggest_encoding(trial: optuna.Trial, base: Encoding, form: Form, fixed: Container[str]) -> Encoding:
    """Draw the codes of aliases and tags.

    Args:
        trial: Gives values; parameters are named ``encoding.alias`` and so on.
        base: All that is not drawn.
        form: The form of input; codes that it does not use are left alone.
        fixed: Fields that stay as they are.

    Returns:
        The encoding.
    """
    drawn: dict[str, Any] = {}

    def choose(name: str, choices: list[Any]) -> None:
        if name not in fixed:
            drawn[name] = trial.suggest_categorical(f"encoding.{name}", choices)

    if form == "vectors":
        choose("alias", ["bits", "dense", "one-hot", "ordinal"])
        choose("tag", ["one-hot", "ordinal", "dense"])
        if cast(str, drawn.get("alias", base.alias)) in ("bits", "dense"):
            choose("alias_width", [16, 32, 64])
    elif form == "tokens":
        choose("name_tokens", [3, 4, 6])
        choose("name_vocabulary", [16, 32])
    return replace(base, **drawn)
