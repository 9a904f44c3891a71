"""Fixes that need no state to be set back by name: sweeps of rates and seeds, views, weights that are set."""

from __future__ import annotations

import pytest

HEAD = """\
from tensorflow import keras
from data import batches, rates, seeds, x, y

"""


def remedies(leakscan, text, code="IMR001"):
    """What each strategy does about the one finding of a program, or why it does nothing."""
    leakscan.write("a.py", text)
    (finding,) = (item for item in leakscan.json("--select", code).json["findings"])
    fixes = {item["strategy"]: "" for item in finding["fixes"]}
    return {**fixes, **{item["strategy"]: item["reason"] for item in finding["refusals"]}}


def swept(body, loop="for rate in rates:\n    net = build(rate)\n    net.fit(x, y)\n"):
    return f"{HEAD}def build(rate, units=4):\n{body}    return net\n\n\n{loop}"


NET = "    net = keras.Sequential([keras.Input((4,)), keras.layers.Dense(units)])\n"


@pytest.mark.parametrize(
    "body",
    [
        NET + '    net.compile(keras.optimizers.Adam(rate), "mse")\n',
        NET + '    net.compile(optimizer=keras.optimizers.SGD(learning_rate=10.0 ** -rate), loss="mse")\n',
        NET + '    net.compile(keras.optimizers.Adam(float(rate) / 2), "mse")\n',
        f"    keras.utils.set_random_seed(rate)\n{NET}" + '    net.compile("adam", "mse")\n',
        NET.replace("units)", "2, kernel_initializer=keras.initializers.GlorotUniform(seed=rate))")
        + '    net.compile("adam", "mse")\n',
    ],
    ids=["rate", "power of ten", "arithmetic", "seed", "seed of an initializer"],
)
def test_reuse_allows_what_goes_into_rates_and_seeds_only(leakscan, body):
    assert remedies(leakscan, swept(body))["reuse"] == ""


@pytest.mark.parametrize(
    "body",
    [
        NET.replace("units)", "rate)") + '    net.compile(keras.optimizers.Adam(rate), "mse")\n',
        NET + '    net.compile(keras.optimizers.Adam(0.1, rate), "mse")\n',
        NET + '    net.compile(keras.optimizers.Adam(weight_decay=rate), "mse")\n',
        "    decay = keras.optimizers.schedules.ExponentialDecay(rate, 10, 0.9)\n"
        + NET
        + '    net.compile(keras.optimizers.Adam(decay), "mse")\n',
        "    rate = max(rate, units)\n" + NET + '    net.compile(keras.optimizers.Adam(rate), "mse")\n',
        "    def each(step):\n        return rate * step\n"
        + NET
        + '    net.compile(keras.optimizers.Adam(rate), "mse", metrics=[each])\n',
    ],
    ids=["units", "momentum", "decay", "schedule", "rebound", "closure"],
)
def test_reuse_is_refused_where_it_goes_elsewhere_too(leakscan, body):
    assert remedies(leakscan, swept(body))["reuse"].startswith("the models may differ: `rate` changes")


def test_one_argument_for_two_parameters_is_judged_by_both(leakscan):
    loop = "for rate in rates:\n    net = build(rate, rate)\n    net.fit(x, y)\n"
    text = swept(NET + '    net.compile(keras.optimizers.Adam(rate), "mse")\n', loop)
    assert remedies(leakscan, text)["reuse"].startswith("the models may differ: `rate` changes")


VIEW = """\
net = keras.Sequential([keras.Input((4,)), keras.layers.Dense(8, name="code"), keras.layers.Dense(1)])
for batch in batches:
    {line}
    view = keras.Model(net.inputs, {output})
    print(float(view(batch)[0, 0]))
    {after}
"""


@pytest.mark.parametrize(
    ("line", "output", "after"),
    [
        ("pass", 'net.get_layer("code").output', "pass"),
        ("pass", "[net.layers[0].output, *net.outputs]", "del view"),
        ("pass", "[layer.output for layer in net.layers]", "pass"),
        ('last = net.get_layer("code").output', "last", "pass"),
        ("net.train_on_batch(batch, batch)", 'net.get_layer("code").output', "pass"),
    ],
    ids=["layer", "deleted", "every layer", "named first", "of a model in training"],
)
def test_a_view_is_made_once_without_a_helper(leakscan, line, output, after):
    text = HEAD + VIEW.format(line=line, output=output, after=after)
    found = remedies(leakscan, text)
    assert found["hoist"] == ""
    assert found["reuse"].startswith("nothing of the model differs")
    leakscan("check", "--fix", "--unsafe-fixes", "a.py")
    fixed = (leakscan.directory / "a.py").read_text()
    before, _, inside = fixed.partition("for batch in batches:\n")
    assert "view = keras.Model(" in before
    assert "keras.Model(" not in inside
    assert "def " not in fixed
    assert "del view" not in fixed


@pytest.mark.parametrize(
    ("line", "output", "after"),
    [
        ("net = keras.models.clone_model(net)", 'net.get_layer("code").output', "pass"),
        ("name = next(batch)", "net.get_layer(name).output", "pass"),
        ("pass", "keras.layers.Dense(2)(net.outputs[0])", "pass"),
        ("pass", 'net.get_layer("code").output', "view.compile('adam', 'mse'); view.fit(batch, batch)"),
    ],
    ids=["of another model each time", "of another layer each time", "with a layer of its own", "trained"],
)
def test_what_is_more_than_a_view_is_not_moved_as_it_is(leakscan, line, output, after):
    leakscan.write("a.py", HEAD + VIEW.format(line=line, output=output, after=after))
    findings = leakscan.json("--select", "IMR001").json["findings"]
    messages = [fix["message"] for item in findings for fix in item["fixes"]]
    assert not any("no weights of its own" in message for message in messages)


CLIENT = """\
def create():
    net = keras.Sequential([keras.Input((4,)), keras.layers.Dense(1)])
    net.compile({optimizer}, "mse")
    return net


center = create()
for batch in batches:
    client = create()
    {first}
    client.fit(batch, batch)
    center.set_weights(client.get_weights())
"""


@pytest.mark.parametrize(
    ("optimizer", "first", "plain"),
    [
        ("'sgd'", "client.set_weights(center.get_weights())", True),
        ("keras.optimizers.SGD(0.1)", "client.set_weights(center.get_weights())", True),
        ("keras.optimizers.SGD(0.1, momentum=0.9)", "client.set_weights(center.get_weights())", False),
        ("'adam'", "client.set_weights(center.get_weights())", False),
        ("'sgd'", "print(client.evaluate(batch, batch))", False),
    ],
)
def test_a_model_that_gets_its_weights_is_built_once_where_its_optimizer_keeps_nothing(
    leakscan, optimizer, first, plain
):
    leakscan.write("a.py", HEAD + CLIENT.format(optimizer=optimizer, first=first))
    leakscan("check", "--fix", "--unsafe-fixes", "--strategy", "IMR001=hoist", "a.py")
    fixed = (leakscan.directory / "a.py").read_text()
    assert ("client = create()\nfor batch" in fixed and "def reset_model" not in fixed) is plain
    assert first in fixed


TEACHER = """\
def make():
    net = keras.Sequential([keras.layers.Dense(4), keras.layers.Dense(1)])
    net.compile("adam", "mse")
    return net


{before}
{loop}
"""
STUDENTS = "for rate in rates:\n    student = make()\n    student.fit(x, y)\n"


@pytest.mark.parametrize(
    ("before", "loop"),
    [
        ("teacher = make()", STUDENTS + "print(teacher.evaluate(x, y))"),
        ("teacher = make()\ndef show():\n    print(teacher.evaluate(x, y))", STUDENTS + "show()"),
        (
            "teacher = make()",
            "for round in seeds:\n    teacher.fit(x, y)\n    " + STUDENTS.replace("\n", "\n    ").rstrip(),
        ),
    ],
    ids=["used later", "used by another function", "used in a loop around"],
)
def test_clear_session_is_refused_where_an_earlier_model_is_still_used(leakscan, before, loop):
    found = remedies(leakscan, HEAD + TEACHER.format(before=before, loop=loop))
    assert found["clear-session"].startswith("`teacher`, made before the loop, would be invalid")


def test_clear_session_is_offered_where_the_earlier_model_is_done_with(leakscan):
    text = HEAD + TEACHER.format(before="teacher = make()\nprint(teacher.evaluate(x, y))", loop=STUDENTS)
    assert remedies(leakscan, text)["clear-session"] == ""


GRADIENTS = """\
import tensorflow as tf
from data import batches, net, loss_of

kept = []
for x, y in batches:
    with tf.GradientTape() as tape:
        watched = tf.Variable(x)
        loss = loss_of(y, net(watched))
    {line}
    kept.append({value})
print(len(kept))
"""


@pytest.mark.parametrize(
    ("line", "value", "stored"),
    [
        (
            "ours, found = tape.gradient(loss, (net.trainable_variables, watched))",
            "found",
            "found.numpy()",
        ),
        (
            "ours, found = tape.gradient(loss, [net.trainable_variables, watched])",
            "ours",
            "[grad.numpy() for grad in ours]",
        ),
        ("found = tape.gradient(target=loss, sources=watched)", "found", "found.numpy()"),
        ("found = tape.gradient(loss, [watched, net.kernel])", "found[0]", "found[0].numpy()"),
        ("ours, found = tape.gradient(loss, sources)", "found", None),
        ("ours, *found = tape.gradient(loss, [net.kernel, watched, watched])", "found", None),
    ],
)
def test_one_gradient_of_several_is_told_from_a_list_of_them(leakscan, line, value, stored):
    leakscan.write("a.py", GRADIENTS.format(line=line, value=value))
    leakscan("check", "--fix", "--unsafe-fixes", "--strategy", "UTR001=to-host", "a.py")
    text = (leakscan.directory / "a.py").read_text()
    assert f"kept.append({stored or value})" in text
