"""What each learner asks of its library, as anyone would call it, for `learner_overhead.py` to compare with.

Where a learner hands its library float64 so does this, since that decides digits. Where a rule is no call of
the library's but our own computation, this is the least of the library that it can't do without: to refit the
leaves of a forest, and to answer from them, `apply` has to say which leaf each row is in. The controls that
compute by themselves alone have no calls to be compared with.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import lightgbm as lgb
import numpy as np
import xgboost as xgb
from sklearn import ensemble
from sklearn.tree import DecisionTreeClassifier

from iml_general.learner import Inputs, Rows

Update = Callable[[Any, Rows, int], Any]


@dataclass(frozen=True)
class Calls:
    """Calls of one library.

    Attributes:
        fit: From rows and a seed to a model.
        predict: From a model and inputs to whatever the library answers; class after class if to be compared.
        updates: From a model, rows and a seed to another model, by rule; ``retrain`` is `fit` on all rows.
        read: What `predict` is of a model that was refitted.
    """

    fit: Callable[[Rows, int], Any]
    predict: Callable[[Any, Inputs], Any]
    updates: Mapping[str, Update] = field(default_factory=dict)
    read: Callable[[Any, Inputs], Any] | None = None


def estimator(kind: Callable[..., Any], ask: str = "predict_proba", **options: Any) -> Calls:
    """A scikit-learn estimator that takes the rows as they are."""
    return Calls(
        lambda rows, seed: kind(random_state=seed, **options).fit(rows.inputs, rows.answers),
        lambda model, inputs: getattr(model, ask)(inputs),
    )


def _forest(kind: Callable[..., Any], ask: str = "predict_proba", seen: Any = None, **options: Any) -> Calls:
    """A forest, or what was grown one after the other; `seen` picks the columns that it is shown."""

    def shown(inputs: Inputs) -> Inputs:
        return inputs if seen is None else inputs[:, seen]

    def fit(rows: Rows, seed: int) -> list[Any]:
        return grown([], rows, seed)

    def grown(models: list[Any], rows: Rows, seed: int) -> list[Any]:
        # A warm start's randomness: one draw for each tree that is there already.
        random_state = np.random.RandomState(seed)
        random_state.randint(np.iinfo(np.int32).max, size=sum(len(model.estimators_) for model in models))
        return [*models, kind(random_state=random_state, **options).fit(shown(rows.inputs), rows.answers)]

    def refit(models: list[Any], rows: Rows, seed: int) -> list[Any]:
        del seed
        for model in models:
            model.apply(shown(rows.inputs))
        return models

    return Calls(
        fit,
        lambda models, inputs: sum(getattr(model, ask)(shown(inputs)) for model in models) / len(models),
        {"refit": refit, "grow": grown},
        lambda models, inputs: [model.apply(shown(inputs)) for model in models],
    )


def _xgboost(**objective: Any) -> Calls:
    fixed = {"tree_method": "hist", "nthread": 1, "verbosity": 0, **objective}
    refresh = {"process_type": "update", "updater": "refresh", "refresh_leaf": True}

    def train(rows: Rows, seed: int, model: Any = None, **more: Any) -> xgb.Booster:
        matrix = xgb.DMatrix(rows.inputs, rows.answers, nthread=1)
        return xgb.train({**fixed, "seed": seed, **more}, matrix, 100, xgb_model=model)

    return Calls(
        train,
        lambda model, inputs: model.inplace_predict(inputs),
        {
            "refit": lambda model, rows, seed: train(rows, seed, model, **refresh),
            "grow": lambda model, rows, seed: train(rows, seed, model),
        },
    )


def _lightgbm(**objective: Any) -> Calls:
    fixed = {"deterministic": True, "force_row_wise": True, "num_threads": 1, "verbosity": -1, **objective}

    def train(rows: Rows, seed: int, model: Any = None) -> lgb.Booster:
        matrix = lgb.Dataset(rows.inputs, rows.answers, params={**fixed, "seed": seed})
        return lgb.train({**fixed, "seed": seed}, matrix, 100, init_model=model, keep_training_booster=True)

    def refit(model: lgb.Booster, rows: Rows, seed: int) -> lgb.Booster:
        del seed
        return model.refit(rows.inputs, rows.answers, decay_rate=0.9, num_threads=1, verbosity=-1)

    return Calls(
        train,
        lambda model, inputs: model.predict(inputs, num_threads=1, verbosity=-1),
        {"refit": refit, "grow": lambda model, rows, seed: train(rows, seed, model)},
    )


def _catboost() -> Calls:
    from catboost import CatBoostClassifier, Pool

    def train(rows: Rows, seed: int, model: Any = None) -> Any:
        fresh = CatBoostClassifier(
            n_estimators=100,
            max_depth=6,
            loss_function="MultiClass",
            bootstrap_type="Bayesian",
            random_strength=1.0,
            bagging_temperature=1.0,
            colsample_bylevel=1.0,
            random_seed=seed,
            thread_count=1,
            logging_level="Silent",
            allow_writing_files=False,
        )
        return fresh.fit(Pool(rows.inputs, rows.answers, thread_count=1), init_model=model)

    return Calls(
        train,
        lambda model, inputs: model.predict_proba(inputs, thread_count=1),
        {"grow": lambda model, rows, seed: train(rows, seed, model)},
    )


def _stream(kind: str, **options: Any) -> Calls:
    from river import forest

    def read(model: Any, rows: Rows, seed: int) -> Any:
        for row in np.random.default_rng(seed).permutation(len(rows)):
            model.learn_one(dict(enumerate(rows.inputs[row].tolist())), int(rows.answers[row]))
        return model

    def predict(model: Any, inputs: Inputs) -> None:
        for row in inputs:
            model.predict_proba_one(dict(enumerate(row.tolist())))

    return Calls(
        lambda rows, seed: read(getattr(forest, kind)(seed=seed, **options), rows, seed),
        predict,
        {"continue": lambda model, rows, seed: read(copy.deepcopy(model), rows, seed)},
    )


def _blind(kind: Callable[..., Any], ask: str) -> Calls:
    """A forest that is not shown the tag: in the default encoding the columns after the alias's 32 bits."""
    return _forest(kind, ask, np.r_[0:32, 35:41], n_estimators=50, **FOREST)


FOREST = {"n_jobs": 1}
N_ANSWERS = 4

OF_TREES: dict[str, Callable[[], Calls]] = {
    "adaboost": lambda: estimator(ensemble.AdaBoostClassifier),
    "adaptive-random-forest": lambda: _stream("ARFClassifier", max_features="sqrt", delta=0.01, tau=1.0),
    "catboost": _catboost,
    "decision-tree": lambda: _forest(DecisionTreeClassifier),
    "extra-trees": lambda: _forest(ensemble.ExtraTreesClassifier, **FOREST),
    "extra-trees-regressor": lambda: _forest(ensemble.ExtraTreesRegressor, "predict", **FOREST),
    "hist-boosting": lambda: estimator(ensemble.HistGradientBoostingClassifier),
    "lightgbm": lambda: _lightgbm(objective="multiclass", num_class=N_ANSWERS),
    "lightgbm-regressor": lambda: _lightgbm(objective="regression"),
    "mondrian-forest": lambda: _stream("AMFClassifier"),
    "random-forest": lambda: _forest(ensemble.RandomForestClassifier, **FOREST),
    "random-forest-regressor": lambda: _forest(ensemble.RandomForestRegressor, "predict", **FOREST),
    "tag-blind": lambda: _blind(ensemble.ExtraTreesClassifier, "predict_proba"),
    "tag-blind-regressor": lambda: _blind(ensemble.ExtraTreesRegressor, "predict"),
    "xgboost": lambda: _xgboost(objective="multi:softprob", num_class=N_ANSWERS),
    "xgboost-regressor": lambda: _xgboost(objective="reg:squarederror"),
}
"""Makes the calls of each learner of trees, with the learner's defaults."""
