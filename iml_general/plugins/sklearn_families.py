"""The family by which reports group a scikit-learn estimator's learner, told by its class."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

OTHER = "other"
"""The family of an estimator whose class tells nothing."""

INNER = ("estimator", "regressor")
"""What scikit-learn calls the parameter of an estimator around one other."""


def family_of(estimator: Any) -> str:
    """Find the family by which reports group an estimator's learner.

    Args:
        estimator: A classifier or regressor.

    Returns:
        That of the scikit-learn class that it derives from; of a pipeline or another estimator around one
        estimator, that of the inner one; `OTHER` if its class tells nothing.
    """
    if isinstance(getattr(estimator, "steps", None), list):
        return family_of(estimator.steps[-1][1])
    for family, kinds in _families():
        if isinstance(estimator, kinds):
            return family
    parameters = estimator.get_params(deep=False) if hasattr(estimator, "get_params") else {}
    inner = next((parameters[name] for name in INNER if parameters.get(name) is not None), None)
    return OTHER if inner is None else family_of(inner)


@lru_cache(maxsize=1)
def _families() -> tuple[tuple[str, tuple[type[Any], ...]], ...]:
    """Classes by family, under the names that the built-in learners' families have."""
    from sklearn import ensemble, neighbors, svm, tree
    from sklearn.gaussian_process import GaussianProcessClassifier, GaussianProcessRegressor
    from sklearn.kernel_ridge import KernelRidge
    from sklearn.neural_network import MLPClassifier, MLPRegressor

    return (
        (
            "forests",
            (
                ensemble.ExtraTreesClassifier,
                ensemble.ExtraTreesRegressor,
                ensemble.RandomForestClassifier,
                ensemble.RandomForestRegressor,
            ),
        ),
        (
            "boosting",
            (
                ensemble.AdaBoostClassifier,
                ensemble.AdaBoostRegressor,
                ensemble.GradientBoostingClassifier,
                ensemble.GradientBoostingRegressor,
                ensemble.HistGradientBoostingClassifier,
                ensemble.HistGradientBoostingRegressor,
            ),
        ),
        ("decision trees", (tree.DecisionTreeClassifier, tree.DecisionTreeRegressor)),
        (
            "nearest neighbours",
            (
                neighbors.KNeighborsClassifier,
                neighbors.KNeighborsRegressor,
                neighbors.NearestCentroid,
                neighbors.RadiusNeighborsClassifier,
                neighbors.RadiusNeighborsRegressor,
            ),
        ),
        (
            "kernel methods",
            (
                GaussianProcessClassifier,
                GaussianProcessRegressor,
                KernelRidge,
                svm.NuSVC,
                svm.NuSVR,
                svm.SVC,
                svm.SVR,
            ),
        ),
        ("linear", _linear()),
        ("naive Bayes", _naive_bayes()),
        ("neural networks", (MLPClassifier, MLPRegressor)),
    )


def _linear() -> tuple[type[Any], ...]:
    from sklearn import discriminant_analysis, linear_model, svm
    from sklearn.cross_decomposition import PLSRegression

    return (
        PLSRegression,
        discriminant_analysis.LinearDiscriminantAnalysis,
        linear_model.ARDRegression,
        linear_model.BayesianRidge,
        linear_model.ElasticNet,  # and those that derive from it, such as Lasso
        linear_model.ElasticNetCV,
        linear_model.GammaRegressor,
        linear_model.HuberRegressor,
        linear_model.Lars,
        linear_model.LassoCV,
        linear_model.LinearRegression,
        linear_model.LogisticRegression,
        linear_model.OrthogonalMatchingPursuit,
        linear_model.Perceptron,
        linear_model.PoissonRegressor,
        linear_model.QuantileRegressor,
        linear_model.Ridge,
        linear_model.RidgeCV,
        linear_model.RidgeClassifier,
        linear_model.RidgeClassifierCV,
        linear_model.SGDClassifier,
        linear_model.SGDRegressor,
        linear_model.TheilSenRegressor,
        linear_model.TweedieRegressor,
        svm.LinearSVC,
        svm.LinearSVR,
    )


def _naive_bayes() -> tuple[type[Any], ...]:
    from sklearn import naive_bayes

    return (
        naive_bayes.BernoulliNB,
        naive_bayes.CategoricalNB,
        naive_bayes.ComplementNB,
        naive_bayes.GaussianNB,
        naive_bayes.MultinomialNB,
    )
