"""The strategies of the UTR rules: what they make of stores of tensors, and that the results run alike."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
import textwrap

import pytest
from conftest import ROOT

FIXTURES = ROOT / "fixtures" / "utr"
needs_tensorflow = pytest.mark.skipif(
    importlib.util.find_spec("tensorflow") is None or importlib.util.find_spec("sklearn") is None,
    reason="tensorflow and scikit-learn are not installed",
)

TRAIN = """\
import numpy as np
import tensorflow as tf


def train(optimizer, dataset):
    model = tf.keras.Sequential([tf.keras.layers.Dense(1)])
    kept = []
    for step, (x, y) in enumerate(dataset):
        with tf.GradientTape() as tape:
            out = model(x)
            loss = tf.reduce_mean(tf.square(out - y))
        grads = tape.gradient(loss, model.trainable_variables)
        optimizer.apply_gradients(zip(grads, model.trainable_variables))
        {store}
    {use}
"""


def program(store, use):
    return TRAIN.replace("{store}", store).replace("{use}", textwrap.indent(use, "    ").lstrip())


def to_host(leakscan, code, *options):
    path = leakscan.write("a.py", code)
    result = leakscan("check", "--isolated", "--fix", *options, "a.py")
    return path.read_text(), result


@pytest.mark.parametrize(
    ("store", "use", "fixed_store", "fixed_use"),
    [
        ("kept.append(loss)", "print(np.mean(kept))", "kept.append(float(loss))", "print(np.mean(kept))"),
        (
            "kept.append((step, loss))",
            "print(kept)",
            "kept.append((step, float(loss)))",
            "print(kept)",
        ),
        (
            "kept += [loss]",
            "print(sum(kept), kept[-1].numpy())",
            "kept += [float(loss)]",
            "print(sum(kept), kept[-1])",
        ),
        (
            "kept.append(loss * 2 + 1)",
            "print([x.numpy() for x in kept])",
            "kept.append(float(loss * 2 + 1))",
            "print([x for x in kept])",
        ),
    ],
)
def test_a_scalar_that_stays_in_its_function_is_fixed_safely(leakscan, store, use, fixed_store, fixed_use):
    text, result = to_host(leakscan, program(store, use))
    assert text == program(fixed_store, fixed_use)
    assert "(1 fixed, 0 remaining)" in result.out
    assert result.code == 0


@pytest.mark.parametrize(
    ("store", "use", "fixed_store", "fixed_use"),
    [
        ("kept.append(out)", "return kept", "kept.append(out.numpy())", "return kept"),
        ("kept.append(loss)", "return kept", "kept.append(float(loss))", "return kept"),
        (
            "kept.append(out - y)",
            "return [e.numpy().max() for e in kept]",
            "kept.append((out - y).numpy())",
            "return [e.max() for e in kept]",
        ),
        (
            "kept.append(grads)",
            "return kept",
            "kept.append([grad.numpy() for grad in grads])",
            "return kept",
        ),
        (
            'kept.append({"step": step, "out": out})',
            "return kept",
            'kept.append({"step": step, "out": out.numpy()})',
            "return kept",
        ),
        ("kept.append(loss)", "return kept[0].shape", "kept.append(loss.numpy())", "return kept[0].shape"),
    ],
)
def test_other_tensors_need_unsafe_fixes(leakscan, store, use, fixed_store, fixed_use):
    text, result = to_host(leakscan, program(store, use))
    assert text == program(store, use)
    assert result.code == 1
    text, result = to_host(leakscan, program(store, use), "--unsafe-fixes")
    assert text == program(fixed_store, fixed_use)
    assert result.code == 0


@pytest.mark.parametrize(
    ("store", "use", "reason"),
    [
        ("kept.append(loss)", "return kept[0].ref()", "`.ref()` is asked of what is stored"),
        ("kept.append(loss)", "return kept[0].device", "`.device` is asked of what is stored"),
        ("kept.append(out if step else 0)", "return kept", "what is stored is not always a tensor"),
        (
            "kept.append(loss)",
            "first = kept[0] if kept else loss\nreturn first.numpy()",
            "by the same code",
        ),
    ],
)
def test_what_would_break_later_is_refused(leakscan, store, use, reason):
    leakscan.write("a.py", program(store, use))
    [finding] = leakscan.json("--min-severity", "low", "a.py").json["findings"]
    assert [item["strategy"] for item in finding["fixes"]] == ["bound"]
    assert reason in finding["refusals"][0]["reason"]


def test_reads_in_another_file_are_refused(leakscan):
    leakscan.write("a.py", program("kept.append(out)", "return kept"))
    leakscan.write(
        "b.py",
        "import a\n\n\ndef show(optimizer, dataset):\n"
        "    for item in a.train(optimizer, dataset):\n        print(item.numpy())\n",
    )
    finding = next(item for item in leakscan.json(".").json["findings"] if item["path"] == "a.py")
    assert finding["refusals"][0]["reason"] == "the change belongs into another file, b.py"


def test_a_file_of_keras_alone_uses_the_conversion_of_every_backend(leakscan):
    code = (
        "import keras\n\n\ndef collect(data):\n    model = keras.Sequential([keras.layers.Dense(1)])\n"
        "    model.compile('sgd', 'mse')\n    kept = []\n    for x, y in data:\n"
        "        model.train_on_batch(x, y)\n        kept.append(model(x))\n    return kept\n"
    )
    text, result = to_host(leakscan, code, "--unsafe-fixes")
    assert "kept.append(keras.ops.convert_to_numpy(model(x)))" in text
    assert result.code == 0


def test_a_tape_that_nobody_reads_is_not_stored(leakscan):
    code = """\
import tensorflow as tf


def train(model, dataset):
    tapes = []
    for x, y in dataset:
        with tf.GradientTape(persistent=True) as tape:
            loss = tf.reduce_mean(tf.square(model(x) - y))
        # for later
        tapes.append(tape)  # all of them
        print(tape.gradient(loss, model.trainable_variables))
"""
    text, result = to_host(leakscan, code)
    assert result.code == 0
    assert "tapes.append" not in text
    assert "        # for later\n        # all of them\n        print(" in text


@pytest.mark.parametrize(
    ("function", "before", "after"),
    [
        (
            "lambda: print(tf.reduce_max(hidden).numpy(), hidden.numpy())",
            "        hidden_value = hidden.numpy()\n",
            "lambda: print(tf.reduce_max(hidden_value).numpy(), hidden_value)",
        ),
        (
            "lambda kept=hidden: print(kept.numpy())",
            "",
            "lambda kept=hidden.numpy(): print(kept)",
        ),
        ("functools.partial(print, hidden)", "", "functools.partial(print, hidden.numpy())"),
    ],
)
def test_a_captured_tensor_becomes_its_value(leakscan, function, before, after):
    code = (
        "import functools\nimport tensorflow as tf\n\n\nclass Trainer:\n    def __init__(self):\n"
        "        self.hooks = []\n        self.model = tf.keras.Sequential([tf.keras.layers.Dense(1)])\n\n"
        "    def step(self, optimizer, x):\n"
        "        with tf.GradientTape() as tape:\n            hidden = self.model(x)\n"
        "            loss = tf.reduce_mean(hidden)\n"
        "        weights = self.model.weights\n"
        "        optimizer.apply_gradients(zip(tape.gradient(loss, weights), weights))\n"
        "{before}        self.hooks.append({function})\n\n\n"
        "def train(optimizer, data):\n    trainer = Trainer()\n    for x in data:\n"
        "        trainer.step(optimizer, x)\n"
    )
    original = code.replace("{before}", "").replace("{function}", function)
    text, result = to_host(leakscan, original, "--unsafe-fixes")
    assert text == code.replace("{before}", before).replace("{function}", after)
    assert result.code == 0


def run(path, keras):
    environment = {**os.environ, "CUDA_VISIBLE_DEVICES": "-1", "TF_CPP_MIN_LOG_LEVEL": "3"}
    if keras == "tf_keras":
        environment["TF_USE_LEGACY_KERAS"] = "1"
    done = subprocess.run(
        [sys.executable, str(path), "--steps", "4"],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
        env=environment,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout


@needs_tensorflow
@pytest.mark.tensorflow
@pytest.mark.parametrize(
    ("name", "keras"),
    [
        ("activations_custom_loop", "keras"),
        ("activations_custom_loop", "tf_keras"),
        ("attribute_history", "keras"),
        ("closure_callbacks", "keras"),
    ],
)
def test_a_fixed_program_prints_what_the_original_prints(leakscan, name, keras):
    pytest.importorskip(keras)
    path = leakscan.directory / f"{name}.py"
    shutil.copy(FIXTURES / path.name, path)
    result = leakscan("check", "--isolated", "--min-severity", "low", "--fix", "--unsafe-fixes", path.name)
    assert result.code == 0, result.out
    assert path.read_text() != (FIXTURES / path.name).read_text()
    assert run(path, keras) == run(FIXTURES / path.name, keras)
