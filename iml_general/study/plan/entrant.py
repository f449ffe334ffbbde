"""Who takes part in a study: learner configurations, as they are or still to be found."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from iml_general.encoding.space import suggest_encoding
from iml_general.learner import Learner
from iml_general.measuring.measure import Setting
from iml_general.options import configure, options_of
from iml_general.seeds import Seed

if TYPE_CHECKING:
    import optuna
    from optuna.distributions import BaseDistribution


@dataclass(frozen=True)
class Entrant:
    """One learner configuration that takes part, under all its update rules.

    Attributes:
        name: The learner's name as the plan gives it.
        level: ``"default"`` for the learner's own defaults, ``"chosen"`` for options that the
            plan's author chose, ``"tuned"`` and ``"sought"`` for what a search found,
            and factor and value, as in ``"alpha_reliable=0.5"``, for a point of a sweep.
        variants: The learner once per update rule, alike in everything else.
        setting: World, protocol and encoding.
        role: What it is in the study, if not what the learner is declared to be.
    """

    name: str
    level: str
    variants: tuple[Learner[Any], ...]
    setting: Setting
    role: str = ""

    @property
    def learner(self) -> type[Learner[Any]]:
        """The learner's class."""
        return type(self.variants[0])

    def configuration(self, variant: Learner[Any]) -> str:
        """Identify all that a variant's rows depend on but the seed, as 12 hexadecimal digits."""
        parts = {
            "learner": [variant.info.name, options_of(variant)],
            "world": [self.setting.source.name, options_of(self.setting.source)],
            "protocol": options_of(self.setting.protocol),
            "encoding": options_of(self.setting.encoding),
        }
        return _digest(parts)


@dataclass(frozen=True)
class Search:
    """A configuration to be found on search seeds, then confirmed on others.

    Attributes:
        level: ``"tuned"`` or ``"sought"``.
        start: The learner as it takes part at level ``default``; what the plan fixed is in it.
        fixed: Options of the learner that the plan gives: the search leaves them alone.
        fixed_encoding: Options of the encoding that it leaves alone; None if it leaves all.
        n_trials: Configurations to be tried.
        seeds: Search seeds.
    """

    level: str
    start: Entrant
    fixed: tuple[str, ...]
    fixed_encoding: tuple[str, ...] | None
    n_trials: int
    seeds: tuple[Seed, ...]

    @property
    def name(self) -> str:
        """The learner's name as the plan gives it."""
        return self.start.name

    @property
    def learner(self) -> type[Learner[Any]]:
        """The learner's class."""
        return self.start.learner

    def suggest(self, trial: optuna.Trial | optuna.trial.FixedTrial) -> Entrant:
        """Draw a configuration.

        Args:
            trial: Gives values.

        Returns:
            At level ``sought`` the learner under one rule, which is a factor like any other. At
            level ``tuned`` under all its rules: stage 1 knows none of them, and the fields that
            only `update` reads stay at their defaults.
        """
        start = self.start.variants[0]
        drawn = self.learner.suggest(trial)  # type: ignore[arg-type]  # a fixed trial will do
        keep = {*self.fixed, *(start.info.update_fields if self.level == "tuned" else ())}
        kept = {name: value for name, value in options_of(start).items() if name in keep}
        drawn = with_options(drawn, kept)
        rules = [variant.active_rule for variant in self.start.variants]
        if self.level == "sought" and len(rules) > 1:
            rules = [str(trial.suggest_categorical("rule", rules))]
        has_rule = len(start.info.rules) > 1
        variants = tuple(with_options(drawn, {"rule": rule}) if has_rule else drawn for rule in rules)
        setting = self.start.setting
        if self.fixed_encoding is not None:
            encoding = suggest_encoding(
                trial,  # type: ignore[arg-type]
                setting.encoding,
                start.info.form,
                self.fixed_encoding,
            )
            setting = replace(setting, encoding=encoding)
        return Entrant(self.name, self.level, variants, setting)

    def entrant(self, factors: Mapping[str, Any]) -> Entrant:
        """The configuration that has these factors."""
        import optuna

        return self.suggest(optuna.trial.FixedTrial(dict(factors)))

    def space(self) -> dict[str, BaseDistribution]:
        """All factors and their ranges."""
        import optuna

        study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0))
        found: dict[str, BaseDistribution] = {}
        for _ in range(20):  # conditional factors show only in some draws
            trial = study.ask()
            self.suggest(trial)
            found |= trial.distributions
        return found

    def identity(self) -> str:
        """Identify the search space, as 12 hexadecimal digits."""
        from optuna.distributions import distribution_to_json

        return _digest({name: distribution_to_json(one) for name, one in self.space().items()})

    def defaults(self) -> dict[str, Any]:
        """The factors of the configuration that takes part at level ``default``, as far as they can vary."""
        start = self.start
        here = {
            **options_of(start.variants[0]),
            "rule": start.variants[0].active_rule,
            **{f"encoding.{name}": value for name, value in options_of(start.setting.encoding).items()},
        }
        return {name: here[name] for name, range_ in self.space().items() if _holds(range_, here.get(name))}


@dataclass(frozen=True)
class Unit:
    """One unit of work: a configuration over a block of fresh seeds.

    Attributes:
        who: The configuration, or the search that finds it.
        seeds: The replicates.
    """

    who: Entrant | Search
    seeds: tuple[Seed, ...]


def with_options(learner: Learner[Any], options: Mapping[str, Any]) -> Learner[Any]:
    """The same learner with some options changed.

    Raises:
        UsageError: For a name that is no option, or a value that it can't have.
    """
    return configure(type(learner), {**options_of(learner), **options}, f"learner {learner.info.name!r}")


def _holds(range_: BaseDistribution, value: Any) -> bool:
    from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution

    if isinstance(range_, CategoricalDistribution):
        return value in range_.choices
    if isinstance(range_, FloatDistribution | IntDistribution):
        return isinstance(value, int | float) and range_.low <= value <= range_.high
    return False


def _digest(parts: Any) -> str:
    text = json.dumps(parts, sort_keys=True)
    return hashlib.blake2b(text.encode(), digest_size=6).hexdigest()
