"""The strategies of the UTR rules, and that results run alike; long, as programs stand before and after."""

from __future__ import annotations

import json
import shutil
import textwrap

import pytest
from conftest import ROOT

FIXTURES = ROOT / "fixtures" / "utr"

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
    result = leakscan("check", "--isolated", "--fix", "--strategy", "UTR001=to-host", *options, "a.py")
    return path.read_text(), result


def reduce(leakscan, code):
    path = leakscan.write("a.py", code)
    options = ("--min-severity", "low", "--fix", "--unsafe-fixes", "--strategy", "UTR001=reduce")
    result = leakscan("check", "--isolated", *options, "a.py")
    return path.read_text(), result


def refusals(finding):
    return {item["strategy"]: item["reason"] for item in finding["refusals"]}


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
    # A scalar is advice.
    assert result.code == (0 if "append(loss" in store else 1)
    text, result = to_host(leakscan, program(store, use), "--unsafe-fixes")
    assert text == program(fixed_store, fixed_use)
    assert result.code == 0


@pytest.mark.parametrize(
    ("store", "use", "reason"),
    [
        ("kept.append(loss)", "return kept[0].ref()", "`.ref()` is called on what is stored"),
        ("kept.append(loss)", "return kept[0].device", "`.device` of what is stored is used"),
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
    assert reason in refusals(finding)["to-host"]


POLICY = """\
import tensorflow as tf
from tensorflow import keras
from data import batches


class Net(keras.Model):
    def __init__(self):
        super().__init__()
        self.head = keras.layers.Dense(4)
        self.answers = []

    def call(self, x):
        answer = self.head(x)
        self.answers.append(answer)
        return answer


class {reader}:
    def __init__(self, net):
        self.net = net

    def loss(self, labels):
        return sum(tf.reduce_mean(tf.square(answer - labels)) for answer in self.net.{read})


net = Net()
optimizer = keras.optimizers.SGD()
policy = {reader}(net)
for x, y in batches:
    with tf.GradientTape() as tape:
        net(x)
        loss = policy.loss(y)
    optimizer.apply_gradients(zip(tape.gradient(loss, net.trainable_variables), net.trainable_variables))
"""


@pytest.mark.parametrize(("read", "refused"), [("answers", True), ("others", False)])
def test_what_another_class_reads_may_be_differentiated_there(leakscan, read, refused):
    leakscan.write("a.py", POLICY.format(reader="Policy", read=read))
    found = leakscan.json("--select", "UTR003", "--show-fixes", "a.py").json["findings"]
    reasons = [refusals(finding).get("to-host", "") for finding in found]
    assert found
    assert [("another class reads `self.answers`" in reason) for reason in reasons] == [refused] * len(found)


def test_reads_in_another_file_are_refused(leakscan):
    leakscan.write("a.py", program("kept.append(out)", "return kept"))
    leakscan.write(
        "b.py",
        "import a\n\n\ndef show(optimizer, dataset):\n"
        "    for item in a.train(optimizer, dataset):\n        print(item.numpy())\n",
    )
    finding = next(item for item in leakscan.json(".").json["findings"] if item["path"] == "a.py")
    assert refusals(finding)["to-host"] == "the change belongs in another file, b.py"


READ = "return [float(tf.norm(t)) for t in kept]"
REDUCED = [
    (
        "kept.append(out)  # all of it",
        "return [float(tf.reduce_mean(t)) for t in kept]",
        "kept.append(float(tf.reduce_mean(out)))  # all of it",
        "return kept",
    ),
    (
        "kept.append(model(x, training=False))",
        "means = [tf.reduce_mean(t).numpy() for t in kept]\nreturn means, len(kept)",
        "kept.append(tf.reduce_mean(model(x, training=False)).numpy())",
        "means = list(kept)\nreturn means, len(kept)",
    ),
    (
        "kept.append(out - y)",
        "return np.mean([float(tf.reduce_mean(t)) for t in kept])",
        "kept.append(float(tf.reduce_mean(out - y)))",
        "return np.mean(kept)",
    ),
    (
        "kept.append(out - y)",
        "return sum(np.abs(t.numpy()).max() for t in kept)",
        "kept.append(np.abs((out - y).numpy()).max())",
        "return sum(kept)",
    ),
    (
        "kept.append(out)",
        "return (float(tf.reduce_mean(t)) for t in kept)",
        "kept.append(float(tf.reduce_mean(out)))",
        "return iter(kept)",
    ),
    (
        "kept.append(out)",
        "return {float(tf.reduce_mean(t)) for t in kept}",
        "kept.append(float(tf.reduce_mean(out)))",
        "return set(kept)",
    ),
    (
        "kept.append(out)",
        "total = 0.0\nfor t in kept:\n    total += float(tf.reduce_sum(t))  # in order\nreturn total",
        "kept.append(float(tf.reduce_sum(out)))",
        "total = 0.0\nfor t in kept:\n    total += t  # in order\nreturn total",
    ),
    (
        "kept.append(out)",
        "for i, t in enumerate(kept):\n    print(i, f'{float(tf.norm(t)):.3f}')",
        "kept.append(float(tf.norm(out)))",
        "for i, t in enumerate(kept):\n    print(i, f'{t:.3f}')",
    ),
    (
        "kept.append(out)",
        "return {float(tf.norm(t)): i for i, t in zip(range(9), kept)}",
        "kept.append(float(tf.norm(out)))",
        "return {t: i for i, t in zip(range(9), kept)}",
    ),
    (
        "kept += [out, model(y)]",
        "if kept:\n    print(max(float(tf.reduce_max(t)) for t in kept))",
        "kept += [float(tf.reduce_max(out)), float(tf.reduce_max(model(y)))]",
        "if kept:\n    print(max(kept))",
    ),
    (
        "kept.append(out)",
        "print([float(tf.norm(a)) for a in kept])\nreturn [float(\n    tf.norm(b),\n) for b in kept]",
        "kept.append(float(tf.norm(out)))",
        "print(list(kept))\nreturn kept",
    ),
    # The larger part that both reads share.
    (
        "kept.append(out)",
        "return [float(tf.norm(t)) * 2 for t in kept], [1 - float(tf.norm(t)) for t in kept]",
        "kept.append(float(tf.norm(out)))",
        "return [t * 2 for t in kept], [1 - t for t in kept]",
    ),
    (
        "kept.append(out)",
        "return [(float(tf.reduce_min(t)), float(tf.reduce_max(t))) for t in kept]",
        "kept.append((float(tf.reduce_min(out)), float(tf.reduce_max(out))))",
        "return kept",
    ),
    (
        "kept.append(out - y)  # errors",
        "return [float(tf.reduce_sum(t * t)) for t in kept]",
        "value = out - y\n        kept.append(float(tf.reduce_sum(value * value)))  # errors",
        "return kept",
    ),
    (
        "kept.append(\n            out  # hidden\n        )",
        "return [float(tf.reduce_mean(t, axis=[0, 1])) for t in kept]",
        "kept.append(\n            float(tf.reduce_mean(out, axis=[0, 1]))  # hidden\n        )",
        "return kept",
    ),
    # An array, read once.
    (
        "kept.append(out)",
        "return [tf.reduce_mean(t, axis=0).numpy() for t in kept]",
        "kept.append(tf.reduce_mean(out, axis=0).numpy())",
        "return kept",
    ),
    # Words that touch brackets.
    (
        "kept.append(out)",
        "return[float(tf.norm(t))for t in kept]",
        "kept.append(float(tf.norm(out)))",
        "return(kept)",
    ),
    (
        "kept.append(out)",
        "return 1 if(not[float(tf.norm(t)) for t in kept])else[float(tf.norm(t))for i, t in enumerate(kept)]",
        "kept.append(float(tf.norm(out)))",
        "return 1 if(not(list(kept)))else[(t)for i, t in enumerate(kept)]",
    ),
    (
        "kept.append(h := out - y)",
        "return [float(tf.reduce_sum(t * t)) for t in kept]",
        "value = (h := out - y)\n        kept.append(float(tf.reduce_sum(value * value)))",
        "return kept",
    ),
    (
        "if step: kept.append((out - y))",
        "print(*[np.float32(tf.norm(-t)) for t in kept])",
        "if step: kept.append(np.float32(tf.norm(-(out - y))))",
        "print(*kept)",
    ),
    (
        "kept.extend(out[i] for i in range(2))",
        "return ', '.join(f'{float(tf.norm(t)):.2f}' for t in kept)",
        "kept.extend(float(tf.norm(out[i])) for i in range(2))",
        "return ', '.join(f'{t:.2f}' for t in kept)",
    ),
    # A try with a finally may still use the list, and a generator goes on.
    (
        "kept.append(out)",
        "try:\n    return [float(tf.norm(t)) for t in kept]\nfinally:\n    print(len(kept))",
        "kept.append(float(tf.norm(out)))",
        "try:\n    return list(kept)\nfinally:\n    print(len(kept))",
    ),
    (
        "kept.append(out)",
        "yield len(kept)\nreturn [float(tf.norm(t)) for t in kept]",
        "kept.append(float(tf.norm(out)))",
        "yield len(kept)\nreturn list(kept)",
    ),
]


@pytest.mark.parametrize(("store", "use", "fixed_store", "fixed_use"), REDUCED)
def test_what_is_read_of_the_tensors_is_computed_where_they_are_stored(
    leakscan, store, use, fixed_store, fixed_use
):
    text, result = reduce(leakscan, program(store, use))
    assert text == program(fixed_store, fixed_use)
    assert "(1 fixed, 0 remaining)" in result.out
    assert result.code == 0
    again, result = reduce(leakscan, text)
    assert again == text


def test_reduce_comes_first_and_the_others_stay(leakscan):
    code = program("kept.append(out)", READ)
    path = leakscan.write("a.py", code)
    [finding] = leakscan.json("--select", "UTR001", "a.py").json["findings"]
    assert [(item["strategy"], item["applicability"]) for item in finding["fixes"]] == [
        ("reduce", "unsafe"),
        ("to-host", "unsafe"),
        ("bound", "display"),
    ]
    assert finding["fixes"][0]["message"] == (
        "store `float(tf.norm(t))`, all that is read of it, in `kept` in the place of the tensor"
    )
    leakscan("check", "--isolated", "--fix", "a.py")
    assert path.read_text() == code
    leakscan("check", "--isolated", "--fix", "--unsafe-fixes", "a.py")
    assert path.read_text() == program("kept.append(float(tf.norm(out)))", "return kept")


def test_a_script_is_fixed_unless_others_import_it_or_it_imports_later(leakscan):
    script = (
        "import tensorflow as tf\n\nmodel = tf.keras.Sequential([tf.keras.layers.Dense(1)])\n"
        "model.compile('sgd', 'mse')\nkept: list = []\nfor x, y in tf.data.Dataset.range(3):\n"
        "    model.train_on_batch(x, y)\n    kept.append(model(x))\n{late}\n\n"
        "def show(kept):\n    print(kept[0])\n\n\n{read}\n"
    )
    read = "print([float(tf.norm(t)) for t in kept])"
    text, result = reduce(leakscan, script.format(late="", read=read))
    assert "kept.append(float(tf.norm(model(x))))" in text
    assert text.endswith("print(list(kept))\n")
    assert result.code == 0

    late = script.format(late="import math", read="print([math.sqrt(float(tf.norm(t))) for t in kept])")
    leakscan.write("a.py", late)
    [finding] = leakscan.json("--select", "UTR001", "a.py").json["findings"]
    assert refusals(finding)["reduce"] == "`math` is imported after the tensors are stored"

    leakscan.write("a.py", script.format(late="", read=read))
    leakscan.write("b.py", "def use():\n    from a import kept\n\n    return kept\n")
    [finding] = leakscan.json("--select", "UTR001", ".").json["findings"]
    assert refusals(finding)["reduce"] == "other modules import this one, and may read `kept`"


RUN = """\
import collections.abc, contextlib, io, json, sys
import numpy as np
import tensorflow as tf

for text in json.load(open(sys.argv[1])):
    tf.keras.utils.set_random_seed(7)
    dataset = [(tf.random.normal((4, 1)), tf.random.normal((4, 1))) for _ in range(5)]
    names, printed = {}, io.StringIO()
    exec(text, names)
    with contextlib.redirect_stdout(printed):
        result = names["train"](tf.keras.optimizers.SGD(0.1), dataset)
        if isinstance(result, collections.abc.Iterator):
            result = list(result)
    print(repr((result, printed.getvalue())))
"""


@pytest.mark.tensorflow
def test_reduced_programs_compute_the_same_numbers(trainer, tmp_path):
    def results(name, programs):
        (tmp_path / f"{name}.json").write_text(json.dumps(programs))
        (tmp_path / "run.py").write_text(RUN)
        return trainer.run(tmp_path / "run.py", tmp_path / f"{name}.json").splitlines()

    originals = results("originals", [program(store, use) for store, use, _, _ in REDUCED])
    assert len(originals) == len(REDUCED)
    assert results("reduced", [program(store, use) for _, _, store, use in REDUCED]) == originals


@pytest.mark.parametrize(
    ("store", "use", "reason"),
    [
        ("kept.append(out)", "return kept", "`kept` is used as a whole in `return kept`"),
        ("kept.append(out)", "show(kept)\n" + READ, "`kept` is used as a whole in `show(kept)`"),
        ("kept.append(out)", "other = kept\n" + READ, "`kept` is used as a whole in `other = kept`"),
        ("kept.append(out)", "print(kept[-1].shape)\n" + READ, "uses only some of the tensors"),
        ("kept.append(out)", "return kept or [float(tf.norm(t)) for t in kept]", "is used as a whole in"),
        (
            "kept.append(out)",
            "return [float(tf.norm(t)) for t in kept if len(kept) > 3]",
            "visits only some of the tensors",
        ),
        (
            "kept.append(out)",
            "for t in kept:\n    if optimizer:\n        break\n    print(float(tf.norm(t)))",
            "the loop `for t in kept` may visit only some of the tensors",
        ),
        (
            "kept.append(out)",
            "for i, t in enumerate(kept):\n    if i % 10 == 0:\n        print(float(tf.norm(t)))",
            "`print(float(tf.norm(t)))` is not computed for each of the tensors",
        ),
        (
            "kept.append(out)",
            "return [float(tf.norm(t)) if optimizer else 0.0 for t in kept]",
            "is not computed for each of the tensors",
        ),
        (
            "kept.append(out)",
            "return [lambda: float(tf.norm(t)) for t in kept]",
            "is not computed for each of the tensors",
        ),
        (
            "kept.append(out)",
            "return [float(tf.norm(t)) for t in kept], [float(tf.reduce_mean(t)) for t in kept]",
            "different things are read of the tensors: `float(tf.norm(t))` and `float(tf.reduce_mean(t))`",
        ),
        (
            "kept.append(out)",
            "return [float(tf.reduce_mean(model(t))) for t in kept]",
            "`model` may give something else when it is called earlier",
        ),
        (
            "kept.append(out)",
            "return [float(tf.reduce_mean(t * step)) for t in kept]",
            "`step` may be something else where the tensor is stored",
        ),
        (
            "kept.append(out)",
            "return [float(tf.reduce_mean(tf.random.normal(t.shape) * t)) for t in kept]",
            "may give something else when it is called earlier",
        ),
        (
            "kept.append(out)",
            "return [float(tf.reduce_mean(tf.nn.dropout(t, 0.5))) for t in kept]",
            "`tf.nn.dropout` may give something else when it is called earlier",
        ),
        (
            "kept.append(out)",
            "return [t.numpy() for t in kept]",
            "the whole tensor is read later, and nothing smaller computed from it",
        ),
        (
            "kept.append(out)",
            "return [t.numpy()[0] for t in kept]",
            "the whole tensor is read later, and nothing smaller computed from it",
        ),
        (
            "kept.append(out)",
            "return [tf.reduce_mean(t) for t in kept]",
            "the whole tensor is read later, and nothing smaller computed from it",
        ),
        (
            "kept.append(out)\n        kept.append(step)",
            READ,
            "`kept.append(step)` puts something else into `kept`, which may be no tensor",
        ),
        (
            "kept.append((step, out))",
            "return [float(tf.norm(t)) for _, t in kept]",
            "what is stored is not always one tensor",
        ),
        ("kept.append(out if step else 0)", READ, "what is stored is not always one tensor"),
        (
            "kept.append(out)",
            "kept = list(kept)\n" + READ,
            "`kept` is used as a whole in `kept = list(kept)`",
        ),
        (
            "kept.append(out)",
            "def show():\n    print(len(kept))\nshow()\n" + READ,
            "`kept` is also used in another function than the one that fills it",
        ),
        (
            "kept.append(out)",
            "with tf.device('/CPU:0'):\n    " + READ,
            "part of it runs outside `with tf.device('/CPU:0')`, which may matter",
        ),
        (
            "kept.append(out)",
            "return [[tf.reduce_mean(t, 0).numpy() for t in kept] for _ in range(2)]",
            "an array is computed each time, and a change to one would show in the others",
        ),
        (
            "kept.append(out)",
            "for t in kept:\n    print(float(tf.norm(t)))\nreturn t",
            "`t` is also used outside `for t in kept`",
        ),
        (
            "kept.append(out)",
            "return [\n    float(tf.norm(t))  # of the weights\n    for t in kept\n]",
            "a comment would be lost",
        ),
        (
            "kept.append(out)",
            "float = str\n" + READ,
            "`float` may give something else when it is called earlier",
        ),
        (
            "kept.append(out)",
            "tf = model\n" + READ,
            "`tf` may be something else where the tensor is stored",
        ),
        (
            "kept.append(grads)\n        grads[0] = x",
            "return [float(tf.linalg.global_norm(t)) for t in kept]",
            "`grads`, which is stored, is changed in place",
        ),
        (
            "kept.append(out)",
            "zip = map\nreturn [float(tf.norm(t)) for _, t in zip(dataset, kept)]",
            "the module has a `zip` of its own",
        ),
        (
            "from helpers import tf\n        kept.append(out)",
            READ,
            "`tf` may be something else where the tensor is stored",
        ),
        (
            "with tf.device('/CPU:0'):\n            kept.append(model(x))",
            READ,
            "part of it runs outside `with tf.device('/CPU:0')`, which may matter",
        ),
    ],
)
def test_what_may_be_another_thing_earlier_is_not_computed_there(leakscan, store, use, reason):
    leakscan.write("a.py", program(store, use))
    findings = leakscan.json("--min-severity", "low", "--select", "UTR001", "a.py").json["findings"]
    assert findings
    for finding in findings:
        assert "reduce" not in {item["strategy"] for item in finding["fixes"]}
        assert reason in refusals(finding)["reduce"]


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


@pytest.mark.tensorflow
@pytest.mark.parametrize(
    ("name", "keras"),
    [
        ("activation_samples", "keras"),
        ("activations_custom_loop", "keras"),
        ("activations_custom_loop", "tf_keras"),
        ("attribute_history", "keras"),
        ("closure_callbacks", "keras"),
    ],
)
def test_a_fixed_program_prints_what_the_original_prints(leakscan, trainer, name, keras):
    pytest.importorskip(keras)
    path = leakscan.directory / f"{name}.py"
    shutil.copy(FIXTURES / path.name, path)
    result = leakscan("check", "--isolated", "--min-severity", "low", "--fix", "--unsafe-fixes", path.name)
    assert result.code == 0, result.out
    assert path.read_text() != (FIXTURES / path.name).read_text()
    environment = {"TF_USE_LEGACY_KERAS": "1"} if keras == "tf_keras" else {}
    original = trainer.run(FIXTURES / path.name, "--steps", 4, environment=environment)
    assert trainer.run(path, "--steps", 4, environment=environment) == original
