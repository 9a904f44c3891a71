"""The strategies of IMR001, and that the results train alike; long, as programs stand before and after."""

from __future__ import annotations

import re
import shutil
import textwrap
from collections.abc import Iterable
from pathlib import Path

import pytest
from conftest import ROOT

LOOPS = ROOT / "tests" / "training_loops"
PROGRAMS = sorted(path.stem for path in LOOPS.glob("*.py") if path.stem != "keras_in_use")

HEAD = "import keras\nimport numpy as np\n\n\n"
BUILDER = """def build(units=4):
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(units)])
    model.compile("sgd", "mse")
    return model


"""


def fix(leakscan, path, strategy):
    return leakscan(
        *("check", "--isolated", "--fix", "--unsafe-fixes"),
        *("--select", "IMR001", "--strategy", f"IMR001={strategy}"),
        path,
    )


def remedies(leakscan, code):
    """The fixes and refusals of the one finding in `code`, by strategy."""
    leakscan.write("a.py", HEAD + BUILDER + textwrap.dedent(code))
    [finding] = leakscan.json("--select", "IMR001", "a.py").json["findings"]
    fixes = {item["strategy"]: item for item in finding["fixes"]}
    return fixes, {item["strategy"]: item["reason"] for item in finding["refusals"]}


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        (
            """
            for units in (4, 8, 16):
                model = build(units)
                model.fit(x, y)
            """,
            "the models may differ: `units` changes in each iteration",
        ),
        (
            """
            config = {}
            for units in (4, 8, 16):
                config["units"] = units
                model = build(**config)
                model.fit(x, y)
            """,
            "the models may differ: `config` changes in each iteration",
        ),
        (
            """
            for fold in range(5):
                model = build(len(x[fold]))
                model.fit(x, y)
            """,
            "the models may differ: `fold` changes in each iteration",
        ),
        (
            """
            for fold in range(5):
                model = build(np.random.randint(2, 9))
                model.fit(x, y)
            """,
            "the models may differ: `randint()` changes in each iteration",
        ),
        (
            """
            best = None
            for fold in range(5):
                model = build()
                model.fit(x, y)
                if best is None or score(model) > score(best):
                    best = model
            """,
            "`best` keeps the model of an iteration",
        ),
        (
            """
            def each():
                for fold in range(5):
                    model = build()
                    model.fit(x, y)
                    yield model
            """,
            "the model is yielded, to a consumer that may keep it",
        ),
        (
            """
            for fold in range(5):
                model = build()
                model.fit(x, y)
                model.compile("adam", "mae")
                model.fit(x, y)
            """,
            "`model` is changed or compiled again after it has been used",
        ),
        (
            """
            for fold in range(5):
                model = build()
                for layer in model.layers:
                    layer.trainable = False
                model.fit(x, y)
            """,
            "the iteration freezes or unfreezes layers, which a kept model would remember",
        ),
        (
            """
            explainers = []
            for fold in range(5):
                model = build()
                model.fit(x, y)
                explainers.append(Explainer(model))
            """,
            "`model`, or something that holds it, is put into a container",
        ),
        (
            """
            for fold in range(5):
                model = build()
                callback = keras.callbacks.LambdaCallback(on_epoch_end=lambda *_: print(model.predict(x)))
                model.fit(x, y, callbacks=[callback])
            """,
            "a function that each iteration makes holds `model`",
        ),
        (
            """
            for fold in range(5):
                model = build()
                optimizer = keras.optimizers.Adam()
                optimizer.apply_gradients(gradients(model, x, y))
                model.evaluate(x, y)
            """,
            "the iteration trains with an optimizer of its own, `optimizer`",
        ),
        (
            """
            for fold in range(5):
                encoder = make_encoder()
                inputs = keras.Input((3,))
                model = keras.Model(inputs, keras.layers.Dense(1)(encoder(inputs)))
                model.compile("sgd", "mse")
                model.fit(x, y)
                codes = encoder.predict(x)
            """,
            "a part of the model, `encoder`, is used by itself",
        ),
        (
            """
            units = 4

            def make():
                return keras.Sequential([keras.layers.Dense(units)])

            for units in (4, 8, 16):
                model = make()
                model.compile("sgd", "mse")
                model.fit(x, y)
            """,
            "the models may differ: `units` changes in each iteration, and make() reads it",
        ),
        (
            """
            scores = [build().fit(x, y) for fold in range(5)]
            """,
            "it is built within a comprehension, which has no room for statements",
        ),
        (
            """
            for fold in range(5): model = build(); model.fit(x, y)
            """,
            "the statement is on the same line as the header of its block",
        ),
        (
            """
            best = None
            for fold in range(5):
                model = build()
                model.fit(x, y)
                if better(model.evaluate(x, y)):
                    best = model.weights
            """,
            "a part of `model` is kept",
        ),
        (
            """
            kernels = []
            for fold in range(5):
                model = build()
                model.fit(x, y)
                kernels.append(model.layers[0].kernel)
            """,
            "a part of `model` is kept",
        ),
        (
            """
            predict = None
            for fold in range(5):
                model = build()
                model.fit(x, y)
                if better(model.evaluate(x, y)):
                    predict = model.predict
            """,
            "a part of `model` is kept",
        ),
        (
            """
            trainers = []
            for fold in range(5):
                model = build()
                model.fit(x, y)
                trainer = Trainer(model)
                trainers.append(trainer)
            """,
            "`trainer`, which holds `model`, is kept",
        ),
        (
            """
            def train(model):
                model.compile("sgd", "mse")
                model.fit(x, y)

            for fold in range(5):
                model = build()
                train(model)
                model.evaluate(x, y)
            """,
            "train() compiles `model` in each iteration",
        ),
        (
            """
            def tune(model):
                model.layers[0].trainable = True
                model.fit(x, y)

            for fold in range(5):
                model = build()
                model.fit(x, y)
                tune(model)
            """,
            "tune() freezes or unfreezes layers of `model`",
        ),
        (
            """
            def score():
                model = build(units)
                model.fit(x, y)
                return model.evaluate(x, y)

            for units in (4, 8, 16):
                print(score())
            """,
            "the models may differ: `units` changes in each iteration",
        ),
        (
            """
            class Trainer:
                def __init__(self, units):
                    self.units = units

                def score(self):
                    model = build(self.units)
                    model.fit(x, y)
                    return model.evaluate(x, y)

            for units in (4, 8, 16):
                print(Trainer(units).score())
            """,
            "the models may differ: `units` changes in each iteration",
        ),
        (
            """
            class Trainer:
                def score(self):
                    model = build(self.units)
                    model.fit(x, y)
                    return model.evaluate(x, y)

                def search(self):
                    for units in (4, 8, 16):
                        self.units = units
                        print(self.score())
            """,
            "the models may differ: `units` changes in each iteration",
        ),
        (
            """
            class Config:
                units = 4

            def make():
                return build(Config.units)

            def search():
                for units in (4, 8, 16):
                    Config.units = units
                    model = make()
                    model.fit(x, y)
            """,
            "the models may differ: `Config` changes in each iteration, and make() reads it",
        ),
        (
            """
            def fitted(x):
                model = build()
                model.fit(x, x)
                return model

            best = None
            for fold in range(5):
                model = fitted(x[fold])
                if best is None or score(model) > score(best):
                    best = model
            """,
            "`best` keeps the model of an iteration",
        ),
        (
            """
            def fitted(x):
                model = build()
                history = model.fit(x, x)
                return model, history

            for fold in range(5):
                result = fitted(x[fold])
                print(result[0].evaluate(x, x))
            """,
            "fitted() returns the model, to a caller that may keep it",
        ),
        (
            """
            def score(x):
                model = build()
                model.fit(x, x)
                return model.evaluate(x, x)

            for fold in range(5):
                print(score(x[fold]))
            print(score(x))
            """,
            "score() is called from several places",
        ),
        (
            """
            for fold in range(5):
                model = build()
                model.compile(keras.optimizers.legacy.SGD(), "mse")
                model.fit(x, y)
            """,
            "optimizers of keras.optimizers.legacy cannot be reset",
        ),
        (
            """
            for fold in range(5):
                norm = keras.layers.Normalization()
                norm.adapt(x[fold])
                model = keras.Sequential([norm, keras.layers.Dense(1)])
                model.compile("sgd", "mse")
                model.fit(x[fold], y[fold])
            """,
            "the iteration adapts a layer to its data, which a kept model would not see",
        ),
        (
            """
            for fold in range(5):
                model = build()
                model.layers[0].adapt(x[fold])
                model.fit(x[fold], y[fold])
            """,
            "the iteration adapts a layer to its data, which a kept model would not see",
        ),
        (
            """
            def prepare(model, data):
                model.layers[0].adapt(data)

            for fold in range(5):
                model = build()
                prepare(model, x[fold])
                model.fit(x[fold], y[fold])
            """,
            "prepare() adapts `model` in each iteration",
        ),
        (
            """
            for fold in range(5):
                model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(4), keras.layers.Dense(1)])
                model.compile("sgd", "mse")
                model.fit(x[fold], y[fold])
                features = keras.Model(model.inputs, model.layers[0].output)
                print(features.predict(x[fold]))
            """,
            "a part of the model, `model`, is used by itself",
        ),
        (
            """
            scale = 1.0

            def scaled():
                model = keras.Sequential([keras.layers.Lambda(lambda x: x * scale), keras.layers.Dense(1)])
                model.compile("sgd", "mse")
                return model

            for fold in range(5):
                scale = float(fold)
                model = scaled()
                model.fit(x, y)
            """,
            "the models may differ: `scale` changes in each iteration, and scaled() reads it",
        ),
        (
            """
            scale = 1.0

            class Net(keras.Model):
                def __init__(self):
                    super().__init__()
                    self.dense = keras.layers.Dense(1)

                def call(self, x):
                    return self.dense(x) * scale

            for fold in range(5):
                scale = float(fold)
                model = Net()
                model.compile("sgd", "mse")
                model.fit(x, y)
            """,
            "the models may differ: `scale` changes in each iteration, and Net() reads it",
        ),
    ],
)
def test_reuse_is_refused_with_the_reason(leakscan, code, reason):
    fixes, refusals = remedies(leakscan, code)
    assert refusals["reuse"] == reason
    assert "reuse" not in fixes


@pytest.mark.parametrize(
    ("code", "strategy", "reason"),
    [
        (
            """
            for fold in range(5):
                model = build()
                model.fit(x[fold], y[fold])
                del model
            """,
            "hoist",
            "the iteration deletes `model`",
        ),
        (
            """
            for fold in range(5):
                keras.utils.set_random_seed(fold)
                model = build()
                model.fit(x[fold], y[fold])
            """,
            "hoist",
            "keras.utils.set_random_seed(fold) in the loop would no longer decide the initial weights",
        ),
        (
            """
            for fold in range(5):
                with strategy.scope():
                    model = build()
                model.fit(x[fold], y[fold])
            """,
            "hoist",
            "the model is built under a condition or within a `with` of the loop",
        ),
        (
            """
            for fold in range(5):
                base = keras.Sequential([keras.Input((3,)), keras.layers.Dense(4)])
                base.load_weights(f"pretrained_{fold}.weights.h5")
                model = keras.Sequential([base, keras.layers.Dense(1)])
                model.compile("sgd", "mse")
                model.fit(x, y)
            """,
            "hoist",
            "a part of the model, `base`, is used by itself",
        ),
        (
            """
            teacher = build()
            for fold in range(5):
                model = build()
                model.fit(x[fold], teacher.predict(x[fold]))
            """,
            "clear-session",
            "`teacher`, made before the loop, would be invalid after the first clear",
        ),
        (
            """
            class Meta:
                def train(self):
                    for task in range(5):
                        model = build()
                        model.set_weights(self.model.get_weights())
                        model.fit(x[task], y[task])
            """,
            "clear-session",
            "`self.model`, made before the loop, would be invalid after the first clear",
        ),
        (
            """
            class Meta:
                def __init__(self):
                    self.model = build()

                def train(self):
                    for task in range(5):
                        copy = Meta()
                        copy.model.set_weights(self.model.get_weights())
                        copy.model.fit(x[task], y[task])
            """,
            "clear-session",
            "`self.model`, made before the loop, would be invalid after the first clear",
        ),
        (
            """
            def train(optimizer, variables):
                for task in range(5):
                    model = build()
                    model.fit(x[task], y[task])
                    optimizer.apply_gradients(zip(model.get_weights(), variables))
            """,
            "clear-session",
            "`optimizer`, made before the loop, would be invalid after the first clear",
        ),
        (
            """
            class Wrapper:
                def create(self):
                    self.model = build()

            wrappers = []
            for fold in range(5):
                wrapper = Wrapper()
                wrapper.create()
                wrappers.append(wrapper)
            """,
            "clear-session",
            "`wrappers` keeps the model of an iteration, invalid after the next clear",
        ),
        (
            """
            best = None
            for fold in range(5):
                model = build()
                model.fit(x, y)
                if better(model.evaluate(x, y)):
                    best = model
            """,
            "clear-session",
            "`best` keeps the model of an iteration, invalid after the next clear",
        ),
        (
            """
            def trained():
                for fold in range(5):
                    model = build()
                    model.fit(x, y)
                    yield fold, model
            """,
            "clear-session",
            "the consumer of the generator keeps the model of an iteration, invalid after the next clear",
        ),
    ],
)
def test_other_strategies_are_refused_with_the_reason(leakscan, code, strategy, reason):
    fixes, refusals = remedies(leakscan, code)
    assert refusals[strategy] == reason
    assert strategy not in fixes


@pytest.mark.parametrize(
    ("imports", "expected"),
    [
        ("import keras", ["    keras.backend.clear_session()"]),
        ("from tensorflow import keras", ["    keras.backend.clear_session()"]),
        ("import tensorflow as tf", ["    tf.keras.backend.clear_session()"]),
        ("import tf_keras", ["    tf_keras.backend.clear_session()"]),
        ("import tensorflow.keras.backend as K\nimport keras", ["    K.clear_session()"]),
        ("from keras.backend import clear_session as clear\nimport keras", ["    clear()"]),
        (
            "from keras.models import Sequential",
            ["from keras import backend", "    backend.clear_session()"],
        ),
        (
            "from tensorflow.keras.models import Sequential",
            ["from tensorflow.keras import backend", "    backend.clear_session()"],
        ),
        (
            "from tf_keras.models import Sequential\nbackend = 'gpu'",
            ["from tf_keras import backend as backend_2", "    backend_2.clear_session()"],
        ),
    ],
)
def test_clear_session_is_spelled_as_the_file_would(leakscan, imports, expected):
    model = {
        "import keras": "keras.Sequential",
        "from tensorflow import keras": "keras.Sequential",
        "import tensorflow as tf": "tf.keras.Sequential",
        "import tf_keras": "tf_keras.Sequential",
    }.get(imports, "keras.Sequential" if "import keras" in imports else "Sequential")
    code = f"{imports}\nfor fold in range(5):\n    model = {model}()\n    model.fit(x[fold])\n"
    path = leakscan.write("a.py", code)
    result = fix(leakscan, "a.py", "clear-session")
    assert result.code == 0, result.out + result.err
    added = [line for line in path.read_text().splitlines() if line not in code.splitlines()]
    assert added == expected


def test_two_models_share_one_helper(leakscan):
    path = leakscan.write(
        "a.py",
        HEAD
        + BUILDER
        + textwrap.dedent(
            """\
            def main(x):
                for fold in range(5):
                    first = build()
                    first.fit(x[fold])
                    second = build(8)
                    second.fit(x[fold])
            """
        ),
    )
    assert fix(leakscan, "a.py", "reuse").code == 0
    text = path.read_text()
    assert text.count("def reuse_model(") == 1
    assert "first = kept_first = reuse_model(kept_first, build())" in text
    assert "second = kept_second = reuse_model(kept_second, build(8))" in text
    again = fix(leakscan, "a.py", "reuse")
    assert (again.code, path.read_text()) == (0, text)


def test_the_model_is_kept_across_the_outermost_loop_that_leaves_it_alone(leakscan):
    path = leakscan.write(
        "a.py",
        HEAD
        + BUILDER
        + textwrap.dedent(
            """\
            for units in (4, 8, 16):
                for repeat in range(3):
                    for fold in range(5):
                        model = build(units)
                        model.fit(x[fold])
            """
        ),
    )
    assert fix(leakscan, "a.py", "reuse").code == 0
    assert (
        "for units in (4, 8, 16):\n    kept_model = None\n    for repeat in range(3):\n" in path.read_text()
    )


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            """
            for fold in range(5):
                history = build().fit(x, y)
            """,
            """
            kept_model = None
            for fold in range(5):
                kept_model = reuse_model(kept_model, build())
                history = kept_model.fit(x, y)
            """,
        ),
        (
            """
            def train(model, x):
                model.fit(x, x)
                return model.evaluate(x, x)


            for fold in range(5):
                score = train(build(), x)
            """,
            """
            def train(model, x):
                model.fit(x, x)
                return model.evaluate(x, x)


            kept_model = None
            for fold in range(5):
                kept_model = reuse_model(kept_model, build())
                score = train(kept_model, x)
            """,
        ),
        (
            """
            def fitted(x):
                model = build()
                history = model.fit(x, x)
                return model, history


            for fold in range(5):
                model, history = fitted(x[fold])
                print(model.evaluate(x, x))
            """,
            """
            def fitted(x):
                global kept_model
                model = kept_model = reuse_model(kept_model, build())
                history = model.fit(x, x)
                return model, history


            kept_model = None
            for fold in range(5):
                model, history = fitted(x[fold])
                print(model.evaluate(x, x))
            """,
        ),
        (
            """
            def score(units):
                model = build(units)
                model.fit(x, y)
                return model.evaluate(x, y)


            for units in (4, 8, 16):
                for repeat in range(5):
                    print(score(units))
            """,
            """
            def score(units):
                global kept_model
                model = kept_model = reuse_model(kept_model, build(units))
                model.fit(x, y)
                return model.evaluate(x, y)


            for units in (4, 8, 16):
                kept_model = None
                for repeat in range(5):
                    print(score(units))
            """,
        ),
        (
            """
            for fold in range(5):
                with strategy.scope():
                    model = build()
                model.fit(x, y)
            """,
            """
            kept_model = None
            for fold in range(5):
                with strategy.scope():
                    model = kept_model = reuse_model(kept_model, build())
                model.fit(x, y)
            """,
        ),
        (
            """
            for fold in range(5):
                model = build(
                    units=4,  # as in the paper
                )
                model.fit(x, y)
            """,
            """
            kept_model = None
            for fold in range(5):
                model = build(
                    units=4,  # as in the paper
                )
                model = kept_model = reuse_model(kept_model, model)
                model.fit(x, y)
            """,
        ),
        (
            """
            for fold in range(5):
                base = keras.applications.VGG16(include_top=False)
                base.trainable = False
                model = keras.Sequential([base, keras.layers.Dense(1)])
                for layer in model.layers[1:]:
                    layer.trainable = True
                model.compile("sgd", "mse")
                model.fit(x, y)
            """,
            """
            kept_model = None
            for fold in range(5):
                base = keras.applications.VGG16(include_top=False)
                base.trainable = False
                model = keras.Sequential([base, keras.layers.Dense(1)])
                for layer in model.layers[1:]:
                    layer.trainable = True
                model.compile("sgd", "mse")
                model = kept_model = reuse_model(kept_model, model)
                model.fit(x, y)
            """,
        ),
    ],
)
def test_reuse_rewrites_the_loop(leakscan, before, after):
    path = leakscan.write("a.py", HEAD + BUILDER + textwrap.dedent(before).lstrip("\n"))
    result = fix(leakscan, "a.py", "reuse")
    assert result.code == 0, result.out + result.err
    assert path.read_text().endswith(BUILDER + textwrap.dedent(after).lstrip("\n"))


def test_a_function_that_is_called_with_other_values_starts_with_no_model(leakscan):
    code = """\
    def score(units):
        model = build(units)
        model.fit(x, y)
        return model.evaluate(x, y)


    def repeat(units):
        for fold in range(5):
            print(score(units))


    repeat(4)
    repeat(8)
    """
    path = leakscan.write("a.py", HEAD + BUILDER + textwrap.dedent(code))
    assert fix(leakscan, "a.py", "reuse").code == 0
    text = path.read_text()
    assert "import numpy as np\n\n\nkept_model = None\n\n\n" in text
    assert "    global kept_model\n    kept_model = None\n    for fold in range(5):\n" in text


def test_hoist_keeps_the_comments_and_the_gap_of_what_it_moves(leakscan):
    code = """\
    for fold in range(5):
        print(fold)

        # the model of one fold
        model = build()
        # train it
        model.fit(x[fold], y[fold])
    """
    path = leakscan.write("a.py", HEAD + BUILDER + textwrap.dedent(code))
    assert fix(leakscan, "a.py", "hoist").code == 0
    assert path.read_text().endswith(
        textwrap.dedent(
            """\
            # the model of one fold
            model = build()
            initial_state = None
            for fold in range(5):
                print(fold)

                initial_state = reset_model(model, initial_state)
                # train it
                model.fit(x[fold], y[fold])
            """
        )
    )


@pytest.mark.parametrize(
    "code",
    [
        """
        model = build()
        model.fit(x, y)
        for fold in range(5):
            model = build()
            model.fit(x[fold], y[fold])
        """,
        """
        class Trainer:
            def build(self):
                self.model = build()

            def folds(self, weights):
                for fold in range(5):
                    self.build()
                    self.model.set_weights(weights)
                    self.model.fit(x[fold], y[fold])
        """,
        """
        scores = []
        for fold in range(5):
            model = build()
            history = model.fit(x[fold], y[fold])
            weights = model.get_weights()
            scores.append(model.evaluate(x, y))
        """,
        """
        def trained(x):
            model = build()
            model.fit(x, x)
            return model.evaluate(x, x), model.predict(x)

        losses = []
        for fold in range(5):
            loss, predicted = trained(x[fold])
            losses.append(loss)
        """,
    ],
)
def test_what_the_loop_makes_anew_does_not_live_across_clear_session(leakscan, code):
    fixes, _ = remedies(leakscan, code)
    assert "clear-session" in fixes


@pytest.mark.parametrize(
    ("session", "refused"),
    [
        ("tf.compat.v1.Session(config=tf.compat.v1.ConfigProto())", False),
        ("tf.compat.v1.Session()\ntf.compat.v1.disable_eager_execution()", True),
        ("tf.Session()\ninit = tf.global_variables_initializer()", True),
    ],
)
def test_a_session_that_only_configures_the_device_makes_no_graph(leakscan, session, refused):
    loop = "for fold in range(5):\n    model = build()\n    model.fit(x, y)\n"
    leakscan.write("a.py", f"import tensorflow as tf\n{HEAD}session = {session}\n\n\n{BUILDER}{loop}")
    [finding] = leakscan.json("a.py").json["findings"]
    assert ("reuse" in {item["strategy"] for item in finding["refusals"]}) is refused


def fixed(leakscan, strategy: str, programs: Iterable[str]) -> list[Path]:
    """Copy the programs, apply a strategy to each; return those that it applies to."""
    done = []
    shutil.copy(LOOPS / "keras_in_use.py", leakscan.directory)
    for name in programs:
        path = leakscan.write(f"{name}.{strategy}.py", (LOOPS / f"{name}.py").read_text())
        if "(1 fixed, 0 remaining)" in fix(leakscan, path.name, strategy).out:
            done.append(path)
        else:
            assert path.read_text() == (LOOPS / f"{name}.py").read_text()
    return done


def outputs(leakscan, trainer, keras: str, programs: Iterable[str]) -> dict[str, list[str]]:
    """The lines that each program prints, original and fixed, under one Keras."""
    originals = [LOOPS / f"{name}.py" for name in programs]
    paths = [*originals, *fixed(leakscan, "reuse", programs)]
    paths += fixed(leakscan, "hoist", sorted(HOISTED.intersection(programs)))
    return {
        path.name: trainer.run(path, environment={"KERAS_IN_USE": keras}, path=[LOOPS]).splitlines()
        for path in paths
    }


def split(line: str) -> tuple[str, int]:
    numbers, _, traces = line.partition(" traces ")
    return numbers, int(traces)


HOISTED = {"functional_nested", "lazy_in_while", "subclassed_method"}


@pytest.mark.tensorflow
@pytest.mark.parametrize("keras", ["keras", "tf_keras"])
def test_models_that_are_kept_train_as_new_ones_and_trace_nothing_again(leakscan, trainer, keras):
    pytest.importorskip(keras)
    # All of them under both would take minutes.
    programs = PROGRAMS if keras == "keras" else ["functional_nested"]
    found = outputs(leakscan, trainer, keras, programs)
    for program in programs:
        reuse_gives_the_same_numbers_and_traces_nothing_again(found, program)
    hoisted = {name.split(".")[0] for name in found if name.endswith(".hoist.py")}
    assert hoisted == HOISTED.intersection(programs)
    for program in hoisted:
        lines = [split(line) for line in found[f"{program}.hoist.py"]]
        assert len(lines) == len(found[f"{program}.py"])
        assert lines[-1][1] <= lines[0][1] + 1, program
    first, second, *_ = (split(line) for line in found["functional_nested.hoist.py"])
    assert second[1] == first[1]


def reuse_gives_the_same_numbers_and_traces_nothing_again(found, program):
    original = [split(line) for line in found[f"{program}.py"]]
    reused = [split(line) for line in found[f"{program}.reuse.py"]]
    assert [numbers for numbers, _ in reused] == [numbers for numbers, _ in original], program
    assert original[-1][1] > original[0][1], f"{program}: the original traces in every iteration"
    sizes = {re.match(r"\((\d+), ", numbers) and numbers.split(",")[0] for numbers, _ in original}
    # A new batch size is a new shape, which TensorFlow traces for any model, once.
    assert reused[-1][1] - reused[0][1] <= len(sizes) - 1, program
