"""All checks: the claim of each, and which learners it is about."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from iml_general.checks import (
    answers,
    capabilities,
    conduct,
    configurations,
    learning,
    lengths,
    rules,
    states,
)
from iml_general.checks.check import Check
from iml_general.learner import CLASSES, NUMBERS, AnyLearner
from iml_general.plugins.contract import capabilities_of, has_search_space
from iml_general.rows import REFERENCE


def _answers_with(kind: str) -> Callable[[type[AnyLearner[Any]]], str]:
    return lambda cls: "" if cls.answer_kind == kind else f"it answers with {cls.answer_kind}"


def _offers(capability: str) -> Callable[[type[AnyLearner[Any]]], str]:
    return lambda cls: "" if capability in capabilities_of(cls) else f"it offers no {capability}"


def _learns(cls: type[AnyLearner[Any]]) -> str:
    return "a reference need not learn" if cls.info.role == REFERENCE else ""


def _retrains(cls: type[AnyLearner[Any]]) -> str:
    return "" if "retrain" in cls.info.rules else "retrain is not among its rules"


def _several_rules(cls: type[AnyLearner[Any]]) -> str:
    return "" if len(cls.info.rules) > 1 else "it has a single rule"


def _searched(cls: type[AnyLearner[Any]]) -> str:
    return "" if has_search_space(cls) else "it has no search space: only a search needs `suggest`"


def _update_fields(cls: type[AnyLearner[Any]]) -> str:
    """Other values of the fields come from the search space."""
    return _searched(cls) if cls.info.update_fields else "it declares no update fields"


CHECKS = (
    Check("methods come with their class", capabilities.methods_come_with_their_class),
    Check("options survive JSON", configurations.options_survive_json),
    Check(
        "search space holds valid configurations only",
        configurations.search_space_is_valid,
        not_due=_searched,
    ),
    Check("search space holds the defaults", configurations.search_space_holds_defaults, not_due=_searched),
    Check("suggested configurations work", configurations.suggestions_work, not_due=_searched),
    Check("answers are probabilities", answers.are_valid, not_due=_answers_with(CLASSES)),
    Check("answers are numbers", answers.are_valid, not_due=_answers_with(NUMBERS)),
    Check("no rows are answered with no rows", answers.to_no_rows),
    Check("order of the rows asked is irrelevant", answers.in_any_order),
    Check("a row alone is answered as among others", answers.to_one_row_alone),
    Check(
        "classes never seen have a place in the answer",
        answers.with_unseen_classes,
        not_due=_answers_with(CLASSES),
    ),
    Check("one class is enough", answers.after_one_answer, not_due=_answers_with(CLASSES)),
    Check("one number is enough", answers.after_one_answer, not_due=_answers_with(NUMBERS)),
    Check("one row is enough", answers.after_one_row),
    Check("no rows at all are enough", answers.after_no_rows),
    Check(
        "updated answers are probabilities",
        answers.after_update_are_valid,
        per_rule=True,
        not_due=_answers_with(CLASSES),
    ),
    Check(
        "updated answers are numbers",
        answers.after_update_are_valid,
        per_rule=True,
        not_due=_answers_with(NUMBERS),
    ),
    Check(
        "classes that first occur in stage 2 are taken",
        answers.after_new_classes,
        per_rule=True,
        not_due=_answers_with(CLASSES),
    ),
    Check("state is not mutated by predict", states.not_mutated_by_predict),
    Check("state is not mutated by update", states.not_mutated_by_update, per_rule=True),
    Check("updates can follow one another", states.updated_again, per_rule=True),
    Check("update without rows changes nothing", states.kept_by_empty_update, per_rule=True),
    Check("same seed, same answers", states.same_for_same_seed),
    Check("same seed, same answers after update", states.same_for_same_update_seed, per_rule=True),
    Check("input arrays are not changed", states.inputs_not_changed),
    Check("input arrays are not changed by update", states.inputs_not_changed_by_update, per_rule=True),
    Check("global random numbers are left alone", states.global_randomness_left_alone),
    Check("rules start from the same state", rules.same_start, not_due=_several_rules),
    Check("update fields matter to update alone", rules.update_fields, not_due=_update_fields),
    Check("retrain equals a fresh fit", rules.retrain_is_fresh_fit, not_due=_retrains),
    Check("an easy world is memorised", learning.memorises, not_due=_learns),
    Check("statements of stage 2 are learned", learning.learns_stage2, per_rule=True, not_due=_learns),
    Check("no effect where the tag says nothing", learning.no_effect_in_shuffled),
    Check("cohort equals the loop", capabilities.cohort_equals_loop, not_due=_offers("cohort")),
    Check("affinities are numbers in -1 .. 1", capabilities.affinity_in_range, not_due=_offers("affinity")),
    Check("a step is a size", capabilities.step_is_a_size, per_rule=True, not_due=_offers("affinity")),
    Check(
        "representations are rows of numbers",
        capabilities.representation_is_rows,
        not_due=_offers("representation"),
    ),
    Check("fit_path gives what fit gives", lengths.path_is_what_fit_gives, not_due=_offers("checkpoints")),
    Check("it travels to another process and back", conduct.travels),
    Check("same answers in another process", conduct.same_answers_elsewhere),
    Check("nothing is printed", conduct.prints_nothing),
    Check("no file is written", conduct.writes_no_files),
    Check("no thread is left behind", conduct.leaves_no_threads),
)
