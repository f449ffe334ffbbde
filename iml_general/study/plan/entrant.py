"""Who takes part in a study: one learner configuration, under all its update rules."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from iml_general.learner import AnyLearner
from iml_general.measuring.measure import Setting
from iml_general.options import configure, options_of
from iml_general.protocol import protocol_options


@dataclass(frozen=True)
class Entrant:
    """One learner configuration that takes part, under all its update rules.

    Attributes:
        name: The learner's name as the plan gives it.
        level: ``"default"`` for the learner's own defaults, ``"chosen"`` for options that the
            plan's author chose, ``"tuned"`` and ``"sought"`` for what a search found.
        variants: The learner once per update rule, alike in everything else.
        setting: World, protocol and encoding.
        role: What it is in the study, if not what the learner is declared to be.
        point: At a point of a sweep its named values, as a JSON object; else empty.
    """

    name: str
    level: str
    variants: tuple[AnyLearner[Any], ...]
    setting: Setting
    role: str = ""
    point: str = ""

    @property
    def learner(self) -> type[AnyLearner[Any]]:
        """The learner's class."""
        return type(self.variants[0])

    @property
    def title(self) -> str:
        """The learner's name, and at a point of a sweep the values there."""
        if not self.point:
            return self.name
        values = json.loads(self.point)
        return f"{self.name} at " + ", ".join(f"{name} = {value}" for name, value in values.items())

    def configuration(self, variant: AnyLearner[Any]) -> str:
        """Identify all that a variant's rows depend on but the seed, as 12 hexadecimal digits."""
        parts = {
            "learner": [variant.info.name, options_of(variant)],
            "world": [self.setting.source.name, options_of(self.setting.source)],
            "protocol": protocol_options(self.setting.protocol),
            "encoding": options_of(self.setting.encoding),
        }
        return digest(parts)


def with_options(learner: AnyLearner[Any], options: Mapping[str, Any]) -> AnyLearner[Any]:
    """The same learner with some options changed.

    Raises:
        UsageError: For a name that is no option, or a value that it can't have.
    """
    return configure(type(learner), {**options_of(learner), **options}, f"learner {learner.info.name!r}")


def digest(parts: Any) -> str:
    """Identify a nested JSON value, as 12 hexadecimal digits."""
    text = json.dumps(parts, sort_keys=True)
    return hashlib.blake2b(text.encode(), digest_size=6).hexdigest()
