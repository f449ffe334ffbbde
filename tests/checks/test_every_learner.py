"""Every registered learner conforms to the contract."""

from iml_general.checks import parametrize
from iml_general.plugins import registry

# Shorter than their defaults where that takes long; `iml check` looks at the defaults.
SHORTER = {
    "adaboost": {"n_estimators": 20},
    "hist-boosting": {"max_iter": 30},
    "adaptive-random-forest": {"n_models": 4},
    "mondrian-forest": {"n_estimators": 4},
    "catboost": {"n_estimators": 10, "max_depth": 3, "learning_rate": 0.5},
    "random-forest": {"n_estimators": 30},
    "extra-trees": {"n_estimators": 30},
    "causal-lm": {"epochs": 12, "update_epochs": 8, "n_layers": 1, "d_model": 32, "learning_rate": 5e-3},
    "convnet": {"epochs": 40, "update_epochs": 20, "channels": 8},
    "mlp": {"epochs": 40, "update_epochs": 20, "width": 128},
    "mlp-regressor": {"epochs": 40, "update_epochs": 20, "width": 128},
    "random-forest-regressor": {"n_estimators": 30},
    "extra-trees-regressor": {"n_estimators": 30},
    "transformer": {"epochs": 20, "update_epochs": 10},
}


@parametrize([registry.learner(name)(**SHORTER.get(name, {})) for name in registry.registered("learners")])
def test_conforms(check) -> None:
    check()
