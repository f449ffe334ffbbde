"""A search: the factors of a learner and its encoding, and the configurations that are tried first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from iml_general.encoding import FORMS
from iml_general.errors import ImlError, LearnerError, UsageError, unknown
from iml_general.learner import AnyLearner
from iml_general.options import options_of
from iml_general.plugins.contract import has_search_space
from iml_general.seeds import Seed
from iml_general.study.plan.entrant import Entrant, digest, with_options
from iml_general.study.plan.unlogged import unlogged_study

if TYPE_CHECKING:
    import optuna
    from optuna.distributions import BaseDistribution

COMPETENCE = "competence"
"""What level ``tuned`` maximises: EM on the corroborated held-out questions after stage 1."""


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
        objectives: What is maximised: the competence, an effect, or both in this order.

    Raises:
        UsageError: If the learner has no search space.
    """

    level: str
    start: Entrant
    fixed: tuple[str, ...]
    fixed_encoding: tuple[str, ...] | None
    n_trials: int
    seeds: tuple[Seed, ...]
    objectives: tuple[str, ...]

    def __post_init__(self) -> None:
        if not has_search_space(self.learner):
            raise UsageError(
                f"learner {self.name!r} has no search space, and level {self.level!r} needs one: write its"
                " `suggest` (of a scikit-learn estimator: from_sklearn(..., space=...)), or give it"
                ' levels = ["default"] in the plan'
            )

    @property
    def name(self) -> str:
        """The learner's name as the plan gives it."""
        return self.start.name

    @property
    def learner(self) -> type[AnyLearner[Any]]:
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

        Raises:
            LearnerError: If the learner's own `suggest` raises.
        """
        start = self.start.variants[0]
        drawn = self._drawn(trial)
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
            form = FORMS[start.info.form]
            encoding = form.suggest(trial, setting.encoding, self.fixed_encoding)  # type: ignore[arg-type]
            setting = replace(setting, encoding=encoding)
        return Entrant(self.name, self.level, variants, setting)

    def _drawn(self, trial: optuna.Trial | optuna.trial.FixedTrial) -> AnyLearner[Any]:
        """What the learner's author suggests, whose faults are told as the learner's."""
        try:
            return self.learner.suggest(trial)  # type: ignore[arg-type]  # a fixed trial will do
        except ImlError:
            raise
        except Exception as error:
            raise LearnerError(
                f"learner {self.name!r} raised in suggest: {type(error).__name__}: {error}"
            ) from error

    def entrant(self, factors: Mapping[str, Any]) -> Entrant:
        """The configuration that has these factors."""
        import optuna

        return self.suggest(optuna.trial.FixedTrial(dict(factors)))

    def space(self) -> dict[str, BaseDistribution]:
        """All factors and their ranges."""
        import optuna

        study = unlogged_study(optuna.samplers.RandomSampler(seed=0))
        found: dict[str, BaseDistribution] = {}
        for _ in range(20):  # conditional factors show only in some draws
            trial = study.ask()
            self.suggest(trial)
            found |= trial.distributions
        return found

    def identity(self) -> str:
        """Identify the search space, as 12 hexadecimal digits."""
        from optuna.distributions import distribution_to_json

        return digest({name: distribution_to_json(one) for name, one in self.space().items()})

    def starts(self, tuned: Mapping[str, Any] | None) -> list[dict[str, Any]]:
        """The configurations that are tried before any is drawn.

        Args:
            tuned: Factors of what level ``tuned`` found for the same learner; None if it found nothing
                or takes no part.

        Returns:
            Factors of the one that takes part at level ``default``, as far as they can vary, and of the
            tuned one, if it is another: under the first rule, with what only `update` reads as it was.
        """
        defaults = self.defaults()
        if tuned is None:
            return [defaults]
        not_tuned = ("rule", *self.start.variants[0].info.update_fields)
        found = {name: value for name, value in tuned.items() if name not in not_tuned}
        found |= {name: defaults[name] for name in not_tuned if name in defaults}
        is_default = all(defaults.get(name) == value for name, value in found.items())
        return [defaults] if is_default else [defaults, found]

    def defaults(self) -> dict[str, Any]:
        """The factors of the configuration that takes part at level ``default``, as far as they can vary."""
        start = self.start
        here = {
            **options_of(start.variants[0]),
            "rule": start.variants[0].active_rule,
            **{f"encoding.{name}": value for name, value in options_of(start.setting.encoding).items()},
        }
        return {name: here[name] for name, range_ in self.space().items() if _holds(range_, here.get(name))}


def objectives(maximise: str | Sequence[str], effects: Sequence[str]) -> tuple[str, ...]:
    """Check what a plan wants level ``sought`` to maximise.

    Args:
        maximise: As `maximise` of `iml_general.study.plan.keys.SearchPlan`.
        effects: Names of all effects.

    Returns:
        An effect's name, or the competence and an effect's name.

    Raises:
        UsageError: If it is anything else.
    """
    *others, effect = [maximise] if isinstance(maximise, str) else maximise or [""]
    if others not in ([], [COMPETENCE]):
        raise UsageError(
            f'search.maximise = {maximise!r}: write the name of an effect, such as "trust",'
            f' or ["{COMPETENCE}", "trust"] for both at once'
        )
    if effect not in effects:
        raise UsageError(f"search.maximise: {unknown('effect', effect, effects)}")
    return (*others, effect)


def _holds(range_: BaseDistribution, value: Any) -> bool:
    from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution

    if isinstance(range_, CategoricalDistribution):
        return value in range_.choices
    if isinstance(range_, FloatDistribution | IntDistribution):
        return isinstance(value, int | float) and range_.low <= value <= range_.high
    return False
