"""What tries a function of the user's with other arguments, trial after trial, in this process.

Searches that run trials in other processes (ray.tune, scikit-learn with `n_jobs`) leak nothing in this one.
"""

from __future__ import annotations

from leakscan.knowledge.model import Effect, Kind, Library, Row, When, methods, rows

_SEARCHES = (
    ("hyperopt", "fmin", (0, "fn")),
    ("hyperopt.fmin", "fmin", (0, "fn")),
    ("hyperas.optim", "minimize", (0, "model")),
    *(("skopt", f"{name}_minimize", (0, "func")) for name in ("gp", "forest", "gbrt", "dummy")),
    *(("skopt.optimizer", f"{name}_minimize", (0, "func")) for name in ("gp", "forest", "gbrt", "dummy")),
    ("ax", "optimize", (1, "evaluation_function")),
    ("ax.service.managed_loop", "optimize", (1, "evaluation_function")),
    ("cma", "fmin", (0, "objective_function")),
    ("cma", "fmin2", (0, "objective_function")),
    ("pyswarm", "pso", (0, "func")),
    ("wandb", "agent", (1, "function")),
    ("wandb.sdk.wandb_sweep", "agent", (1, "function")),
    ("dlib", "find_min_global", (0, "f")),
    ("dlib", "find_max_global", (0, "f")),
)
#: Searches that are given an estimator, or a function, and try it when a method is called.
_HOLDERS = (
    *(("sklearn.model_selection", name, (0, "estimator")) for name in (
        "GridSearchCV", "RandomizedSearchCV", "HalvingGridSearchCV", "HalvingRandomSearchCV",
    )),
    *(("sklearn.grid_search", name, (0, "estimator")) for name in ("GridSearchCV", "RandomizedSearchCV")),
    ("skopt", "BayesSearchCV", (0, "estimator")),
    ("bayes_opt", "BayesianOptimization", (0, "f")),
    ("pygad", "GA", (0, "fitness_func")),
    ("sko.GA", "GA", (0, "func")),
    ("sko.PSO", "PSO", (0, "func")),
)  # fmt: skip
_TESTED = """cross_val_score cross_validate cross_val_predict learning_curve validation_curve
    permutation_test_score"""
_WRAPPERS = "KerasClassifier KerasRegressor"
#: GridSearchCV(estimator, grid, n_jobs=-1)  # joblib runs trials in processes: nothing is kept here
_IN_PROCESS = (When(None, "n_jobs", frozenset({None, 1})),)
#: Searches that have such an argument.
_WITH_JOBS = ("sklearn.", "skopt.BayesSearchCV")

#: The number of parts that splitters of scikit-learn make when they are told nothing.
SPLITTERS = {
    "KFold": 5,
    "StratifiedKFold": 5,
    "GroupKFold": 5,
    "StratifiedGroupKFold": 5,
    "TimeSeriesSplit": 5,
    "RepeatedKFold": 5,
    "RepeatedStratifiedKFold": 5,
    "ShuffleSplit": 10,
    "StratifiedShuffleSplit": 10,
    "GroupShuffleSplit": 5,
}

LIBRARY = Library(
    rows=(
        *(
            Row(f"{package}.{name}", Effect.REPEATS_ARGUMENT, Kind.SEARCH, argument)
            for package, name, argument in _SEARCHES
        ),
        *(
            Row(
                f"sklearn.model_selection.{name}",
                Effect.REPEATS_ARGUMENT,
                Kind.SEARCH,
                (0, "estimator"),
                only=_IN_PROCESS,
            )
            for name in _TESTED.split()
        ),
        *(
            Row(
                f"{package}.{name}",
                Effect.CREATES,
                Kind.SEARCH,
                argument,
                only=_IN_PROCESS if f"{package}.{name}".startswith(_WITH_JOBS) else (),
            )
            for package, name, argument in _HOLDERS
        ),
        *rows(
            Effect.CREATES,
            "",
            "optuna.create_study optuna.load_study optuna.study.create_study optuna.study.load_study",
            Kind.SEARCH,
        ),
        Row("nevergrad.optimizers.**.{Capital}", Effect.CREATES, Kind.SEARCH),
        Row("deap.base.Toolbox", Effect.CREATES, Kind.SEARCH),
        # An estimator stands for the function that builds its model: its fit() calls it.
        *(
            Row(f"{package}.{name}", Effect.GIVES_ARGUMENT, argument=(0, "model"))
            for package in ("scikeras.wrappers", "keras.wrappers.scikit_learn")
            for name in _WRAPPERS.split()
        ),
        *(
            Row(f"keras.wrappers.{name}", Effect.GIVES_ARGUMENT, argument=(0, "model"))
            for name in ("SKLearnClassifier", "SKLearnRegressor")
        ),
        # for train, test in folds: clone(estimator).fit(x[train], y[train])
        Row("sklearn.base.clone", Effect.GIVES_ARGUMENT, argument=(0, "estimator")),
        # make_pipeline(StandardScaler(), KerasRegressor(build))
        *(
            Row(f"{package}.pipeline.{name}", Effect.GIVES_ARGUMENT, argument=(0, "steps"))
            for package in ("sklearn", "imblearn")
            for name in ("Pipeline", "make_pipeline")
        ),
    ),
    methods=(
        # study.optimize(objective); optimizer.minimize(loss); toolbox.register("evaluate", fitness)
        *methods((Kind.SEARCH,), Effect.REPEATS_ARGUMENT, "optimize minimize register"),
        # what holds its function: grid.fit(x, y), optimizer.maximize(), ga.run()
        *methods((Kind.SEARCH,), Effect.REPEATS_ARGUMENT, "fit maximize run"),
    ),
    packages=("optuna", "hyperopt", "skopt", "sklearn", "scikeras"),
)
