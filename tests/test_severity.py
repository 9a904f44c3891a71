"""What a finding may cost: by how often it comes and by what an iteration creates or keeps."""

from __future__ import annotations

import pytest

MODEL = """\
import tensorflow as tf
from tensorflow import keras
from data import folds, x, y

net = keras.Sequential([keras.Input((4,)), keras.layers.Dense(1)])
batches = tf.data.Dataset.from_tensor_slices(x).batch(8)
kept = []
"""
GRADIENTS = """\
for batch in batches:
    with tf.GradientTape() as tape:
        loss = net(batch)
    kept.append(tape.gradient(loss, net.trainable_variables))
"""
REBUILD = "    model = keras.Sequential([keras.layers.Dense(1)])\n    model.compile('sgd', 'mse')\n"


def ranked(leakscan, text):
    """The severity of the one finding of a program, and its grounds."""
    leakscan.write("a.py", MODEL + text)
    (finding,) = leakscan.json("--select", "IMR001,UTR", "a.py").json["findings"]
    return finding["severity"], finding["estimate"]["grounds"]


@pytest.mark.parametrize(
    ("loop", "fit", "severity"),
    [
        ("for fold in range(5):", "x, y", "low"),
        ("for fold in range(40):", "x, y", "medium"),
        ("for fold in range(400):", "x, y", "high"),
        ("for fold in range(400):", "x, y, epochs=200", "medium"),
        ("for fold in folds:", "x, y", "medium"),
        # how many there are is not known, and each takes a second beside a fit of minutes
        ("for fold in folds:", "x, y, epochs=200", "low"),
        ("for fold in folds:\n  for rounds in (50, 100):", "x, y, epochs=rounds", "low"),
        ("for fold in folds:\n  for rounds in (1, 2):", "x, y, epochs=rounds", "medium"),
        ("while True:", "x, y, epochs=200", "high"),
    ],
)
def test_rebuilds_cost_what_all_of_them_take_beside_their_fits(leakscan, loop, fit, severity):
    assert ranked(leakscan, f"{loop}\n{REBUILD}    model.fit({fit})\n")[0] == severity


@pytest.mark.parametrize(
    ("text", "severity", "grounds"),
    [
        ("for batch in batches:\n    kept.append(tf.reduce_mean(net(batch)))\n", "low", "a scalar takes"),
        (
            "while True:\n    net.train_on_batch(x, y)\n    kept.append(tf.reduce_mean(net(x)))\n",
            "medium",
            "repeated by a loop without end",
        ),
        ("for batch in batches:\n    kept.append(net(batch))\n", "medium", "how often is not known"),
        (
            "while True:\n    net.train_on_batch(x, y)\n    kept.append(net(x))\n",
            "high",
            "a loop without end",
        ),
        (
            "for epoch in folds:\n    net.fit(x, y)\n    kept.append(net(x))\n",
            "low",
            "kept once in each epoch; how often is not known",
        ),
        # what it is cannot be told, and it is gone with the list
        (
            "for batch in batches:\n    kept.append(tf.gather(batch, folds))\n",
            "low",
            "held no longer than its list; how often is not known",
        ),
        # an array of the same size is made of it
        (
            "import numpy as np\nfor _ in range(100):\n    kept.append(net(x))\nprint(np.stack(kept))\n",
            "low",
            "held no longer than its list; 100 outputs in all",
        ),
        (
            (
                "import numpy as np\nfor _ in range(100):\n    net.train_on_batch(x, y)\n"
                "    kept.append(net(x))\nprint(np.stack(kept))\n"
            ),
            "medium",
            "100 outputs in all",
        ),
        (
            GRADIENTS,
            "high",
            "a gradient takes about 1 MB to 100 MB",
        ),
    ],
    ids=[
        "scalars",
        "scalars without end",
        "outputs",
        "outputs without end",
        "once an epoch",
        "anything in a list of a loop",
        "outputs of which an array is made",
        "the same beside a training",
        "gradients",
    ],
)
def test_tensors_cost_what_they_hold_and_more_where_nothing_ends_it(leakscan, text, severity, grounds):
    found = ranked(leakscan, text)
    assert found[0] == severity
    assert grounds in found[1]


STEPS = """\
    for epoch in range({epochs}):
        for batch in batches:
            train(model, batch)
"""
TRAIN = """\
def train(model, batch):
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean(model(batch))
    optimizer = keras.optimizers.SGD()
    optimizer.apply_gradients(zip(tape.gradient(loss, model.trainable_variables), model.trainable_variables))
"""
SEARCH = """\
import scipy.optimize

def objective(point):
    for fold in range(2, 6):
{rebuild}{fit}
    return model.count_params()

scipy.optimize.minimize(objective, [1.0])
"""


@pytest.mark.parametrize(("epochs", "severity"), [(2, "high"), (100, "medium")])
def test_epochs_written_out_as_loops_are_long_fits(leakscan, epochs, severity):
    text = f"{TRAIN}\nfor fold in range(400):\n{REBUILD}{STEPS.format(epochs=epochs)}"
    assert ranked(leakscan, text)[0] == severity


@pytest.mark.parametrize(("fit", "severity"), [("x, y", "high"), ("x, y, epochs=200", "medium")])
def test_a_search_around_long_fits_is_not_high(leakscan, fit, severity):
    text = SEARCH.format(rebuild=REBUILD.replace("    ", " " * 8), fit=f"        model.fit({fit})")
    assert ranked(leakscan, text)[0] == severity


TRACED = """\
optimizer = keras.optimizers.SGD()

@tf.function
def step(batch, number):
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean(net(batch)) / (1.0 + number)
    return tape.gradient(loss, net.trainable_variables)

for epoch in range(30):
    for number, batch in enumerate(batches):
        optimizer.apply_gradients(zip(step(batch, {number}), net.trainable_variables))
"""


@pytest.mark.parametrize(
    ("number", "severity", "grounds"),
    [("number", "high", "the steps of a training"), ("epoch", "medium", "30 traces in all")],
)
def test_a_number_is_traced_as_often_as_it_changes(leakscan, number, severity, grounds):
    leakscan.write("a.py", MODEL + TRACED.format(number=number))
    (finding,) = leakscan.json("--select", "IMR004", "a.py").json["findings"]
    assert finding["severity"] == severity
    assert grounds in finding["estimate"]["grounds"]


STEP = """\
import somewhere

@tf.function
def step(batch):
    with tf.GradientTape() as tape:
        loss = somewhere.loss(net(batch))
    somewhere.apply(tape.gradient(loss, net.trainable_variables))
    return {"loss": loss}

"""


@pytest.mark.parametrize(
    ("text", "severity"),
    [
        # What a tape differentiates is a loss: a number, or one for each example.
        (f"{STEP}for batch in batches:\n    kept.append(step(batch)['loss'])\n", "low"),
        (
            (
                "for batch in batches:\n    with tf.GradientTape() as tape:\n"
                "        loss = tf.abs(net(batch))\n"
                "    tape.gradient(sources=net.trainable_variables, target=loss)\n    kept.append(loss)\n"
            ),
            "low",
        ),
        # def act(): the method of a class whose loss is whatever its user gives
        (
            (
                "class Agent:\n    def __init__(self, loss):\n        self.loss, self.kept = loss, []\n"
                "    def learn(self, batch):\n        with tf.GradientTape() as tape:\n"
                "            loss = self.loss(net(batch))\n"
                "        grads = tape.gradient(loss, net.trainable_variables)\n"
                "        self.kept.append(loss)\n"
                "agent = Agent(tf.square)\nfor batch in batches:\n    agent.learn(batch)\n"
            ),
            "low",
        ),
        # saliency: what is differentiated is the model's own output
        (
            (
                "for batch in batches:\n    with tf.GradientTape() as tape:\n        out = net(batch)\n"
                "    tape.gradient(out, batch)\n    kept.append(out)\n"
            ),
            "medium",
        ),
    ],
)
def test_what_a_tape_differentiates_is_small_unless_it_is_an_output(leakscan, text, severity):
    assert ranked(leakscan, text)[0] == severity


PICTURES = """\
import matplotlib.pyplot as plt

for number, image in enumerate(folds):
    {draw}
    {shown}
"""


@pytest.mark.parametrize(
    ("draw", "severity"), [("plt.subplot(3, 3, number + 1)", "low"), ("plt.figure()", "medium")]
)
@pytest.mark.parametrize(
    "shown",
    [
        "plt.title(net.predict(image[None]))",
        "plt.imshow(keras.Model(net.inputs, net.layers[0].output)(image))",
    ],
)
def test_what_one_figure_shows_is_little(leakscan, shown, draw, severity):
    leakscan.write("a.py", MODEL + PICTURES.format(draw=draw, shown=shown))
    (finding,) = leakscan.json("--select", "IMR", "a.py").json["findings"]
    assert finding["severity"] == severity


@pytest.mark.parametrize(
    ("layer", "severity"),
    [("net.get_layer(fold)", "low"), ("net.layers[fold]", "low"), ("net.layers[3]", "medium")],
)
def test_views_of_one_layer_after_the_other_are_few(leakscan, layer, severity):
    loop = f"for fold in folds:\n    print(keras.Model(net.inputs, {layer}.output)(x).numpy())\n"
    assert ranked(leakscan, loop)[0] == severity


@pytest.mark.parametrize(("epochs", "severity"), [(3, "medium"), (50, "low")])
def test_the_same_weights_for_each_of_a_few_long_fits_are_little(leakscan, epochs, severity):
    text = f"""\
for fold in range(5):
    tuned = keras.applications.ResNet50(weights="imagenet")
    tuned.compile("sgd", "mse")
    tuned.fit(x, y, epochs={epochs})
"""
    leakscan.write("a.py", MODEL + text)
    (finding,) = leakscan.json("--select", "IMR", "a.py").json["findings"]
    assert (finding["code"], finding["severity"]) == ("IMR003", severity)


SEARCHES = """\
from sklearn.model_selection import GridSearchCV, RandomizedSearchCV
from scikeras.wrappers import KerasRegressor

def build(units=8):
    made = keras.Sequential([keras.layers.Dense(units)])
    made.compile("sgd", "mse")
    return made

SPACE = {{"units": [8, 16, 32], "batch_size": [16, 32]}}
search = {search}
search.fit(x, y{passed})
"""


@pytest.mark.parametrize(
    ("search", "passed", "count", "severity"),
    [
        ("RandomizedSearchCV(KerasRegressor(build), SPACE, n_iter=50, cv=5)", "", 251, "high"),
        ("RandomizedSearchCV(KerasRegressor(build), SPACE)", "", 51, "medium"),
        ("GridSearchCV(estimator=KerasRegressor(build), param_grid=SPACE, cv=3)", "", 19, "medium"),
        ("GridSearchCV(KerasRegressor(build), SPACE, cv=3)", ", epochs=100", 19, "low"),
        ("RandomizedSearchCV(KerasRegressor(build), SPACE, n_iter=tries)", "", None, "medium"),
    ],
)
def test_searches_train_candidates_times_folds(leakscan, search, passed, count, severity):
    leakscan.write("a.py", MODEL + SEARCHES.format(search=search, passed=passed))
    (finding,) = leakscan.json("--select", "IMR007", "a.py").json["findings"]
    assert (finding["estimate"]["iterations"], finding["severity"]) == (count, severity)
