"""What leakscan knows of libraries: rows, how they are looked up, and that the names exist."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from leakscan.knowledge import LIBRARIES, Effect, Kind, Knowledge, Library, MethodRow, Row, Words, knowledge
from leakscan.knowledge.model import is_pattern, pattern
from leakscan.knowledge.python import GROWERS

KNOWN = knowledge()


@pytest.mark.parametrize(
    ("name", "effect", "kind"),
    [
        ("keras.Sequential", Effect.CREATES, Kind.MODEL),
        ("keras.engine.training.Model", Effect.CREATES, Kind.MODEL),
        ("keras.Sequential.from_config", Effect.CREATES, Kind.MODEL),
        ("keras.applications.resnet.ResNet50", Effect.CREATES, Kind.MODEL),
        ("keras.applications.resnet.preprocess_input", Effect.UNKNOWN, Kind.OTHER),
        ("efficientnet.tfkeras.EfficientNetB3", Effect.CREATES, Kind.MODEL),
        ("keras.models.load_model", Effect.LOADS_MODEL, Kind.OTHER),
        ("keras.backend.clear_session", Effect.RELEASES_MODELS, Kind.OTHER),
        ("tensorflow.reset_default_graph", Effect.RELEASES_MODELS, Kind.OTHER),
        ("keras.losses.MeanSquaredError", Effect.CREATES, Kind.LOSS),
        ("keras.losses.MSE", Effect.GIVES_TENSOR, Kind.OTHER),
        ("keras.layers.Dense", Effect.CREATES, Kind.LAYER),
        ("keras.layers.concatenate", Effect.GIVES_SYMBOLIC, Kind.LAYER),
        ("keras.optimizers.legacy.Adam", Effect.CREATES, Kind.OPTIMIZER),
        ("keras.ops.mean", Effect.GIVES_SCALAR_TENSOR, Kind.OTHER),
        ("keras.backend.get_value", Effect.GIVES_PLAIN_DATA, Kind.OTHER),
        ("tensorflow.train.AdamOptimizer", Effect.CREATES, Kind.OPTIMIZER),
        ("tensorflow.train.Checkpoint", Effect.GIVES_PLAIN_DATA, Kind.OTHER),
        ("tensorflow.GradientTape", Effect.CREATES, Kind.TAPE),
        ("tensorflow.data.Dataset.from_tensor_slices", Effect.CREATES, Kind.DATASET),
        ("tensorflow.reduce_mean", Effect.GIVES_SCALAR_TENSOR, Kind.OTHER),
        ("tensorflow.nn.softmax", Effect.GIVES_TENSOR, Kind.OTHER),
        ("tensorflow.contrib.layers.fully_connected", Effect.UNKNOWN, Kind.OTHER),
        ("scipy.optimize.minimize", Effect.REPEATS_ARGUMENT, Kind.OTHER),
        ("numpy.linalg.norm", Effect.GIVES_PLAIN_DATA, Kind.OTHER),
        ("tqdm.auto.tqdm", Effect.GIVES_ARGUMENT, Kind.OTHER),
        ("functools.lru_cache", Effect.MEMOISES, Kind.OTHER),
        ("torch.nn.Module", Effect.UNKNOWN, Kind.OTHER),
    ],
)
def test_names_mean(name, effect, kind):
    row = KNOWN.call(name)
    assert (row.effect, row.kind) == (effect, kind)


@pytest.mark.parametrize(
    ("text", "yes", "no"),
    [
        ("a.**.b", ("a.b", "a.x.b", "a.x.y.b"), ("a.bb", "ab", "a.x", "x.a.b")),
        ("a.**", ("a", "a.b", "a.b.c"), ("ab", "b.a")),
        ("a.*", ("a.b", "a.B1"), ("a", "a.b.c")),
        ("a.get_*", ("a.get_x", "a.get_"), ("a.get", "a.xget_x")),
        ("a.{Class}", ("a.Mean", "a.KLDivergence"), ("a.MSE", "a.mean")),
        ("a.{Capital}", ("a.Mean", "a.MSE"), ("a.mean",)),
    ],
)
def test_patterns(text, yes, no):
    assert is_pattern(text)
    assert [name for name in yes if not pattern(text).fullmatch(name)] == []
    assert [name for name in no if pattern(text).fullmatch(name)] == []


def test_plain_names_stand_before_patterns_and_added_rows_before_both():
    row = Row("keras.layers.**.*", Effect.GIVES_PLAIN_DATA)
    assert knowledge([row]).call("keras.layers.Dense") == row
    assert knowledge([row]).is_own(row)
    library = Library(rows=(Row("a.*", Effect.GIVES_TENSOR), Row("a.b", Effect.LOADS_MODEL)))
    assert Knowledge([library]).call("a.b").effect is Effect.LOADS_MODEL
    assert Knowledge([library]).call("a.c").effect is Effect.GIVES_TENSOR


def test_rows_of_a_project_hold_for_its_functions_by_the_end_of_their_name():
    row = Row("zoo.build", Effect.CREATES, Kind.MODEL)
    known = knowledge([row])  # kept from call to call: made of an equal row, if other tests asked before
    assert known.own_row("src.acme.zoo.build") == row
    assert known.own_row("zoo.build") == row
    assert known.own_row("src.notzoo.build") is None
    assert known.own_row("zoo.rebuild") is None


def test_methods_are_known_by_the_kind_of_the_object():
    assert KNOWN.method(Kind.MODEL, "predict") is Effect.TRAINS_OR_RUNS
    assert KNOWN.method(Kind.DATASET, "map") is Effect.GIVES_ITSELF
    assert KNOWN.method(Kind.VARIABLE, "assign_sub") is Effect.GIVES_ITSELF
    assert KNOWN.method(Kind.VARIABLE, "read_value") is Effect.GIVES_TENSOR
    assert KNOWN.method(Kind.TENSOR, "numpy") is Effect.GIVES_PLAIN_DATA
    assert KNOWN.method(Kind.MODEL, "no_such_method") is Effect.UNKNOWN
    assert knowledge([MethodRow(Kind.MODEL, "explain", Effect.GIVES_PLAIN_DATA)]).method(
        Kind.MODEL, "explain"
    ) is (Effect.GIVES_PLAIN_DATA)
    assert KNOWN.attribute(Kind.MODEL, "output") is Effect.GIVES_SYMBOLIC


def test_classes_have_the_traits_of_what_they_derive_from():
    assert KNOWN.traits("keras.Model") == {"model"}
    assert KNOWN.traits("keras.callbacks.EarlyStopping") == {"callback"}
    assert KNOWN.traits("keras.layers.Layer") == {"layer"}
    assert KNOWN.traits("keras_tuner.HyperModel") == {"tuner"}
    assert KNOWN.traits("torch.nn.Module") == set()


def test_every_driver_stands_once():
    drivers = [
        row.name for library in LIBRARIES for row in library.rows if row.effect is Effect.REPEATS_ARGUMENT
    ]
    assert len(drivers) == len(set(drivers))
    assert {"minimize", "map", "py_function"} <= KNOWN.driver_names


def test_every_table_of_words_is_filled():
    assert all(KNOWN.says(table) for table in Words)


# Names exist

#: What only old versions have, and old code still says.
_GONE = set(
    """keras.LinearModel keras.WideDeepModel keras.Functional
    keras.reset_default_graph tensorflow.clear_session tensorflow.contrib.opt.ScipyOptimizerInterface
    tensorflow.contrib.eager.defun tensorflow.framework.ops.Graph keras.wrappers.scikit_learn.KerasClassifier
    keras.wrappers.scikit_learn.KerasRegressor keras.backend.get_session""".split()
)
_PROBE = """
import importlib, json, sys
import keras, tf_keras, tensorflow

def has(name):
    root, *parts = name.split(".")
    here = importlib.import_module(root)
    for index, part in enumerate(parts):
        if hasattr(here, part):
            here = getattr(here, part)
            continue
        try:
            here = importlib.import_module(".".join([root, *parts[: index + 1]]))
        except ImportError:
            return False
    return True

v1 = tensorflow.compat.v1
places = {
    "keras": [
        getattr(package, name)
        for package in (keras, tf_keras, v1.keras)
        for name in ("models", "layers", "backend", "utils", "ops", "losses", "metrics", "random")
        if hasattr(package, name)
    ] + [keras, tf_keras],
    "tensorflow": [tensorflow, v1, keras.models],
}
asked = json.load(sys.stdin)
missing = []
for name in asked["full"]:
    others = (name.replace("tensorflow.", "tensorflow.compat.v1."), name.replace("keras.", "tf_keras."))
    if not any(has(item) for item in (name, *others)):
        missing.append(name)
for root, word in asked["anywhere"]:
    if not any(hasattr(place, word) for place in places[root]):
        missing.append(f"{root}.{word}")
for owner, word in asked["members"]:
    owners = {
        "model": [keras.Model, tf_keras.Model, keras.layers.Layer, keras.Sequential, v1.keras.Model],
        "callback": [keras.callbacks.Callback],
        "metric": [keras.metrics],
        "tape": [tensorflow.GradientTape],
    }[owner]
    if not any(hasattr(place, word) for place in owners):
        missing.append(f"{owner}.{word}")
print(json.dumps(missing))
"""


def _asked():
    """Every name that a row says, of packages that are installed for the tests."""
    rows = [row for library in LIBRARIES for row in library.rows if row.effect is not Effect.UNKNOWN]
    installed = {"keras", "tensorflow", "scipy", "functools", "atexit", "copy"}
    full = {row.name for row in rows if not is_pattern(row.name) and row.name.partition(".")[0] in installed}
    anywhere = {
        (root, row.name.rpartition(".")[2])
        for row in rows
        for root in ("keras", "tensorflow")
        if row.name.startswith(f"{root}.**.") and row.name.removeprefix(f"{root}.**.").isidentifier()
    }
    steps = [
        (row.name, row.effect)
        for library in LIBRARIES
        for row in library.methods
        if row.kind is Kind.MODEL
        and row.effect in {Effect.TRAINS_OR_RUNS, Effect.RUNS_STEP, Effect.GIVES_PART}
    ]
    members = {("model", name) for name, _ in steps}
    members |= {("callback", name) for name in KNOWN.says(Words.CALLBACK_HOOKS)}
    members |= {("metric", name) for name in KNOWN.says(Words.NUMBER_METRICS)}
    members |= {("tape", name) for name in ("gradient", "jacobian", "batch_jacobian")}
    return {"full": sorted(full), "anywhere": sorted(anywhere), "members": sorted(members)}


@pytest.mark.tensorflow
def test_each_name_exists_in_the_installed_libraries():
    asked = _asked()
    assert len(asked["full"]) > 100
    assert len(asked["anywhere"]) > 10
    done = subprocess.run(
        [sys.executable, "-c", _PROBE],
        input=json.dumps(asked),
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"},
    )
    assert done.returncode == 0, done.stderr
    missing = set(json.loads(done.stdout.splitlines()[-1]))
    assert missing == _GONE


def test_growers_name_the_argument_that_is_kept():
    kept = {name: position for name, position in GROWERS.items() if hasattr(list, name) or hasattr(set, name)}
    assert kept == {"append": 0, "add": 0, "extend": 0, "insert": 1, "update": 0}
