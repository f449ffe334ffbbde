"""The key of a unit of work: a digest of everything that its rows depend on, and of nothing else."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from iml_general.learner import AnyLearner
from iml_general.options import options_of
from iml_general.plugins import registry
from iml_general.plugins.loading import file_of
from iml_general.plugins.sklearn_learner import SklearnLearner
from iml_general.protocol import Condition, protocol_options
from iml_general.rows import SCHEMA_VERSION
from iml_general.seeds import Seed
from iml_general.study.cache.closure import Closure, Root, closure_of
from iml_general.study.cache.files import StillFiles
from iml_general.study.cache.libraries import versions_of
from iml_general.study.cache.machine import kind_of_machine
from iml_general.study.plan.entrant import Entrant
from iml_general.study.plan.resolve import Study
from iml_general.worlds.world import WorldSource

FORMAT = 1
"""Of keys: another one where what stands in them changes its meaning."""
MEASURING = "iml_general.measuring.measure"
"""The module that makes all rows; whatever else does is imported by it."""

Kind = Literal["scores", "competence"]
"""Score rows of whole episodes, or how well stage 1 alone was learned."""


@dataclass(frozen=True, eq=False)
class Key:
    """What a measurement is of.

    Attributes:
        parts: Everything that it depends on, as nested JSON values.
        files: The files among that.
    """

    parts: Mapping[str, Any]
    files: tuple[Path, ...]

    @property
    def digest(self) -> str:
        """SHA-256 of the parts and of their order (sources get their tags in it), 64 hexadecimal digits."""
        return hashlib.sha256(json.dumps(self.parts).encode()).hexdigest()


class Keys:
    """Makes the keys of one study's measurements."""

    def __init__(self, study: Study, since: float) -> None:
        """Look up where the plan's names point to.

        Args:
            study: The study.
            since: Seconds since 1970, before this process loaded any code of the study's.
        """
        self._files = StillFiles(since)
        self._world = registry.target("worlds", study.plan["world"]["name"])
        self._conditions = {
            registry.condition(name).name: registry.target("conditions", name)
            for name in study.plan["conditions"]
        }

    def of(
        self,
        kind: Kind,
        entrant: Entrant,
        seeds: Sequence[Seed],
        conditions: Sequence[Condition],
        readings: Sequence[str],
    ) -> Key:
        """Say what a measurement depends on.

        Args:
            kind: What is measured.
            entrant: The configuration.
            seeds: The replicates that are measured together.
            conditions: What it goes through.
            readings: What is read off states.

        Returns:
            The key.

        Raises:
            CantTellError: If it can't be told; says why.
        """
        at, info = entrant.setting, entrant.learner.info
        target = registry.target("learners", entrant.name)
        closure = self._closure(entrant, conditions)
        own = entrant.variants[0].files()
        tables = [path.expanduser().absolute() for path in (*at.source.files(), *own)]
        parts = {
            "format": [FORMAT, SCHEMA_VERSION],
            "kind": kind,
            "code": self._code(closure),
            "libraries": versions_of(closure.libraries | set(info.libraries)),
            "machine": kind_of_machine(),
            "learner": [info.name, info.form, entrant.learner.__qualname__, _name_in(target)],
            "variants": [options_of(variant) for variant in entrant.variants],
            "world": [at.source.name, type(at.source).__qualname__, options_of(at.source)],
            "tables": [self._files.sha256(path) for path in tables],
            "protocol": protocol_options(at.protocol),
            "encoding": options_of(at.encoding),
            "conditions": [
                [one.name, one.control, _name_in(self._conditions[one.name])] for one in conditions
            ],
            "readings": list(readings),
            "seeds": [[seed.root, seed.purpose, seed.world, seed.index] for seed in seeds],
        }
        return Key(parts, (*(path for _, path in closure.files), *tables))

    def code(self, entrant: Entrant, conditions: Sequence[Condition]) -> str:
        """SHA-256 of all code that makes an entrant's rows, as far as it is no library.

        Raises:
            CantTellError: If it can't be told; says why.
        """
        return self._code(self._closure(entrant, conditions))

    def still_holds(self, key: Key) -> bool:
        """Whether none of a key's files has changed since it was made."""
        return self._files.are_still(key.files)

    def _closure(self, entrant: Entrant, conditions: Sequence[Condition]) -> Closure:
        target = registry.target("learners", entrant.name)
        return closure_of(tuple(self._roots(entrant, conditions, target)))

    def _roots(self, entrant: Entrant, conditions: Sequence[Condition], target: str) -> Iterator[Root]:
        """Where code that makes rows begins: what the plan names, and the classes that stand there."""
        cls = entrant.learner
        yield Root(MEASURING)
        for kind in (*cls.__mro__, *type(entrant.setting.source).__mro__):
            # A learner may be made of a library's estimator: then that library's version stands for it.
            is_source = issubclass(kind, AnyLearner | WorldSource)
            yield from _place(
                kind.__module__, is_source, tells_files=issubclass(kind, AnyLearner) and "files" in vars(kind)
            )
        for condition in conditions:
            yield from _place(getattr(condition.stages, "__module__", None))
            yield Root(_place_in(self._conditions[condition.name]))
        yield Root(_place_in(self._world))
        is_adapted = issubclass(cls, SklearnLearner)
        yield Root(_place_in(target), is_source=not is_adapted)
        if issubclass(cls, SklearnLearner):
            for module in _modules_in(cls):
                yield from _place(module, is_source=False)

    def _code(self, closure: Closure) -> str:
        lines = [f"{name} {self._files.sha256(path)}" for name, path in closure.files]
        return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def _place(module: str | None, is_source: bool = True, tells_files: bool = False) -> Iterator[Root]:
    if module and module != "builtins":
        yield Root(file_of(module) or module, is_source, tells_files)


def _modules_in(learner: type[SklearnLearner]) -> list[str]:
    """Modules of an estimator and of everything that it is made of."""
    parts = [learner.prototype, *learner.prototype.get_params().values()]
    kinds = [one if hasattr(one, "__qualname__") else type(one) for one in parts]
    return sorted({str(getattr(kind, "__module__", None) or "builtins") for kind in kinds})


def _place_in(target: str) -> str:
    """A target's module or file."""
    return target.rpartition(":")[0]


def _name_in(target: str) -> str:
    """A target's name in its module."""
    return target.rpartition(":")[2]
