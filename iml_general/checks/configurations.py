"""Claims about options and the search space."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from typing import Any

from iml_general.checks.result import CheckFailedError, require
from iml_general.checks.subject import Subject, rows_of
from iml_general.errors import UsageError
from iml_general.learner import AnyLearner
from iml_general.options import configure, options_of
from iml_general.study.plan.unlogged import unlogged_study

N_CONFIGURATIONS = 100
N_FITTED = 2


def options_survive_json(subject: Subject) -> None:
    """Options written to a plan or a result row and read back make an equal learner."""
    _require_round_trip(subject.learner)


def search_space_is_valid(subject: Subject) -> None:
    """What `suggest` draws is a valid configuration, under parameters named as the fields."""
    cls = type(subject.learner)
    for parameters, learner in _drawn(cls, N_CONFIGURATIONS):
        require(type(learner) is cls, f"suggest gave a {type(learner).__name__}", f"a {cls.__name__}")
        _require_round_trip(learner)
        strangers = sorted(set(parameters) - set(options_of(learner)))
        require(not strangers, f"parameters {strangers}", "parameters named as the fields they set")
        rule, default = learner.active_rule, cls().active_rule
        require(rule == default, f"the rule {rule}", f"the default rule {default}: the study varies it")


def search_space_holds_defaults(subject: Subject) -> None:
    """A search can come back to the defaults, so what it finds is no worse than they are."""
    from optuna.trial import FixedTrial

    cls = type(subject.learner)
    default = cls()
    expected = "suggest can give every field its default, or leaves it there"
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            found = cls.suggest(FixedTrial(options_of(default)))  # type: ignore[arg-type]
        except (ValueError, UserWarning) as error:
            raise CheckFailedError(str(error).splitlines()[0], expected) from error
    require(found == default, f"{found}", f"{default}: {expected}")


def suggestions_work(subject: Subject) -> None:
    """Some of what `suggest` draws, fitted to a few rows, gives answers as a study takes them."""
    for learner in suggested(type(subject.learner), N_FITTED):
        other = Subject(learner, subject.again)
        state = other.fitted(rows_of(other.stage1, slice(0, 24)))
        if learner.active_rule != "retrain":
            state = other.updated(state, rows_of(other.stage2, slice(0, 12)))
        other.answers(state)


def suggested(cls: type[AnyLearner[Any]], n: int) -> Iterator[AnyLearner[Any]]:
    """Draw configurations from a learner's search space, always the same ones.

    Args:
        cls: The learner.
        n: How many.

    Yields:
        Configurations.
    """
    return (learner for _, learner in _drawn(cls, n))


def _drawn(cls: type[AnyLearner[Any]], n: int) -> Iterator[tuple[dict[str, Any], AnyLearner[Any]]]:
    """Parameters that were suggested, and the configuration that they made."""
    from optuna.samplers import RandomSampler

    study = unlogged_study(RandomSampler(seed=0))
    for _ in range(n):
        trial = study.ask()
        learner = cls.suggest(trial)
        yield trial.params, learner


def _require_round_trip(learner: AnyLearner[Any]) -> None:
    expected = "configure(type(learner), options_of(learner)) equals the learner"
    try:
        options = options_of(learner)
        again = configure(type(learner), options, f"learner {learner.info.name!r}")
    except (UsageError, TypeError) as error:
        raise CheckFailedError(f"{error} for {learner}", expected) from error
    require(again == learner, f"{again} from {options}", expected)
