"""Small programs on the paths that no example takes, and what is found in each; long, as it is one table."""

from __future__ import annotations

from expectations import PROGRAM_HEAD

#: What a program is, the program, and the codes that are found in it.
SHAPES = {
    "loaded by a hook": (
        """
class Look(keras.callbacks.Callback):
    def on_epoch_end(self, epoch, logs=None):
        print(keras.models.load_model("a.keras")(x))
""",
        None,
    ),
    "structure and weights for each request": (
        """
from flask import Flask
app = Flask(__name__)
@app.route("/")
def index():
    net = keras.models.model_from_json(open("a.json").read())
    net.load_weights("a.h5")
    return str(net(x))
""",
        "IMR003",
    ),
    "loaded with arguments in a list": (
        """
def show(*names):
    for row in rows:
        print(keras.models.load_model(*names)(row))
""",
        None,
    ),
    "copies appended as they are loaded": (
        """
nets = []
for row in rows:
    nets.append(keras.models.load_model("a.keras"))
print(sum(net(x) for net in nets))
""",
        None,
    ),
    "copies yielded as they are loaded": (
        """
def copies():
    for row in rows:
        yield keras.models.load_model("a.keras")
""",
        None,
    ),
    "copies in pairs and dicts": (
        """
pairs = [(row, keras.models.load_model("a.keras")) for row in rows]
named = [{"row": row, "net": keras.models.load_model("a.keras")} for row in rows]
print([net(row) for row, net in pairs], [item["net"](x) for item in named])
""",
        None,
    ),
    "copies put under a key": (
        """
nets = {}
for row in rows:
    net = keras.models.load_model("a.keras")
    nets[row] = net
print([nets[row](x) for row in rows])
""",
        None,
    ),
    "copies yielded later": (
        """
def copies():
    for row in rows:
        net = keras.models.load_model("a.keras")
        print(row)
        yield net
""",
        None,
    ),
    "objects that cannot be called": (
        """
import threading
from scipy.optimize import minimize
class Thing:
    pass
list(map(Thing(), rows))
minimize(Thing(), x)
Thing()(x)
""",
        None,
    ),
    "objects that can be called": (
        """
import threading
class Train:
    def __call__(self, row):
        build().fit(row, y)
for row in rows:
    thread = threading.Thread(target=Train(), args=(row,))
    thread.start()
    thread.join()
""",
        "IMR001",
    ),
    "cleared once, and where it is asked for": (
        """
def once():
    net = build()
    net.fit(x, y)
    keras.backend.clear_session()
    return net
first = once()
best = None
for row in rows:
    if best is None:
        best = once()
with tf.Graph().as_default():
    once()
""",
        None,
    ),
    "a list of the iteration": (
        """
for row in rows:
    parts = []
    parts.append(build())
    parts[0].fit(x, y)
""",
        "IMR001",
    ),
    "what may be no list": (
        """
kept = None if rows else []
for row in rows:
    kept += [step(row)]
""",
        "UTR001",
    ),
    "lists that are made empty": (
        """
losses = {}
for row in rows:
    losses[row] = []
    losses[row].append(step(row))
""",
        None,
    ),
    "measured once": (
        """
class Sizes:
    def __init__(self):
        self.sizes = []
    def measure(self, row):
        self.sizes.append(step(row))
    def run(self):
        for row in rows:
            if not self.sizes:
                self.measure(row)
""",
        None,
    ),
    "a chain of calls that is too long": (
        """
def f0(kept, row): kept.append(step(row))
def f1(kept, row): f0(kept, row)
def f2(kept, row): f1(kept, row)
def f3(kept, row): f2(kept, row)
def f4(kept, row): f3(kept, row)
def f5(kept, row): f4(kept, row)
def f6(kept, row): f5(kept, row)
def f7(kept, row): f6(kept, row)
def f8(kept, row): f7(kept, row)
def f9(kept, row): f8(kept, row)
def f10(kept, row): f9(kept, row)
def f11(kept, row): f10(kept, row)
kept = []
for row in rows: f11(kept, row)
""",
        None,
    ),
    "blocks of something unknown": (
        """
def forward(blocks, values):
    for block in blocks:
        values = block(values, training=True)
    return values
def structure(net):
    inputs = keras.Input((4,))
    return keras.Model(inputs, net(inputs, training=False))
class Net(keras.Model):
    def call(self, inputs):
        return self.body(inputs, training=True)
""",
        None,
    ),
    "a model that clears before it is made": (
        """
class Net(keras.Model):
    def __init__(self):
        keras.backend.clear_session()
        super().__init__()
        self.layer = keras.layers.Dense(1)
for row in rows:
    Net().fit(row, y)
""",
        None,
    ),
    "a search that is asked": (
        """
from scikeras.wrappers import KerasRegressor
from sklearn.model_selection import GridSearchCV
grid = GridSearchCV(KerasRegressor(build), {"epochs": [1, 2]})
print(grid.predict(x))
""",
        None,
    ),
    "a search of what nobody knows": (
        """
import optuna
from sklearn.model_selection import GridSearchCV, cross_val_score
from joblib import Parallel
import threading
def search(estimator, objective, tasks):
    GridSearchCV(estimator, {}).fit(x, y)
    cross_val_score(estimator, x, y)
    optuna.create_study().optimize(objective)
    Parallel(n_jobs=1)(tasks)
    threading.Thread(target=objective).start()
    return build()
""",
        None,
    ),
    "an object of the project that takes models": (
        """
class Shelf:
    pass
shelf = Shelf()
for row in rows:
    shelf.append(build())
""",
        "UTR006",
    ),
    "what no tape differentiates": (
        """
with tf.GradientTape() as tape:
    loss = [step(x)]
print(tape.gradient(loss, []))
""",
        None,
    ),
    "replicas of what nobody knows": (
        """
def run(strategy, function):
    kept = []
    for row in rows:
        kept.append(strategy.run(function, args=(row,)))
    return kept
""",
        None,
    ),
    "a decorator that is traced": (
        """
kept = []
for row in rows:
    @tf.function
    def inner(value):
        return value * row
    print(inner(x))
""",
        None,
    ),
    "histories in a dict by number": (
        """
histories = {}
for number, row in enumerate(rows):
    histories[number] = build().fit(row, y)
for number, history in enumerate(histories):
    print(number)
print(histories[0].history)
""",
        "IMR001",
    ),
    "histories that a comprehension gives away": (
        """
print([build().fit(row, y) for row in rows])
def all_of():
    return [build().fit(row, y) for row in rows]
""",
        "IMR001",
    ),
    "a training in a condition": (
        """
for epoch in range(9):
    net = build()
    data = tf.data.Dataset.from_tensor_slices((x, y))
    if epoch > 3:
        data = tf.data.Dataset.from_tensor_slices((x, y)).shuffle(9)
    net.fit(data)
""",
        "IMR001",
    ),
    "data sets for a driver": (
        """
from scipy.optimize import minimize
net = build()
def loss(value):
    return net.fit(tf.data.Dataset.from_tensor_slices((x, y)))
minimize(loss, x)
""",
        None,
    ),
    "epochs with work between them": (
        """
net = build()
for epoch in range(9):
    net.fit(x, y)
    print("{} {}".format(epoch, round(3.5)))
for epoch in range(9):
    net.fit(x, y)
    save(net)
for epoch in range(9):
    net.train_on_batch(x, y)
""",
        None,
    ),
    "numbers for a traced function": (
        """
@tf.function
def train(value, number):
    return value * number
number = 0
while number < 99:
    train(x, number)
    number += 1
for number in list(range(99)):
    train(x, number + 1)
for number, row in enumerate(rows):
    train(x, number * 2)
def outer():
    def inner(number):
        return train(x, number)
    for number in range(99):
        inner(number)
from tqdm import tqdm
for number in tqdm(range(99)):
    train(x, number)
""",
        "IMR004",
    ),
    "numbers for what a star gives": (
        """
@tf.function
def train(*values):
    return values[0]
for number in range(99):
    train(*[number])
    train(number, **{})
""",
        "IMR004",
    ),
    "numbers by a driver": (
        """
from scipy.optimize import minimize
@tf.function
def train(value):
    return value * 2.0
def loss(value):
    return train(3)
minimize(loss, x)
""",
        None,
    ),
    "instances and types": (
        """
def show(value, classes):
    if isinstance(value, classes):
        return value
    if isinstance(value):
        return 1
    return sorted(rows, key=classes)
kept = []
for row in rows:
    kept.append(step(row))
    show(kept, (tf.Tensor, list))
""",
        "UTR001",
    ),
    "what map gives of a data set": (
        """
kept = list(map(step, tf.data.Dataset.range(9)))
settings = {}
for row in rows:
    settings.update(loss=step(row))
empty = list()
for row in rows:
    empty.append(step(row))
""",
        "UTR001",
    ),
    "private names of Keras": (
        """
from tensorflow.python.keras.backend import clear_session
from tensorflow.python.keras.losses import MeanSquaredError
from tensorflow.python.keras import Sequential
from tensorflow.keras.backend import *
for row in rows:
    clear_session()
    Sequential().fit(x, y)
for row in rows:
    net = Sequential()
    net.compile("adam", MeanSquaredError())
    net.fit(x, y)
""",
        "IMR001",
    ),
    "state that is copied on one way": (
        """
def take(kept, net):
    if kept is None:
        return net
    kept.set_weights(net.get_weights())
    return kept
def look(kept, net):
    print(net)
    kept.set_weights(net.get_weights())
    return kept
kept = None
for row in rows:
    kept = take(kept, build())
    kept.fit(row, y)
other = None
for row in rows:
    other = look(other, build())
    other.fit(row, y)
""",
        None,
    ),
    "joined, of which a part is read": (
        """
outputs = []
net = build()
for row in rows:
    outputs.append(net(row))
print(tf.concat(outputs, 0)[0].numpy())
more = []
for row in rows:
    more.append(net(row))
if tf.stack(more) is not None:
    print(1)
""",
        "UTR001",
    ),
    "properties with setters": (
        """
class Store:
    def __init__(self):
        self._items = []
    @property
    def items(self):
        return self._items
    @items.setter
    def items(self, value):
        self._items = value
    def add(self, row):
        self.items.append(step(row))
store = Store()
for row in rows:
    store.add(row)
""",
        None,
    ),
    "a class within a function": (
        """
def run():
    class Log:
        def __init__(self, **options):
            self.kept = []
        def add(self, loss):
            self.kept.append(loss)
    log = Log(name="a")
    for row in rows:
        log.add(step(row))
""",
        "UTR003",
    ),
    "a global that another function empties": (
        """
KEPT = []
def clear():
    global KEPT
    KEPT = []
def add(row):
    KEPT.append(step(row))
for row in rows:
    add(row)
""",
        None,
    ),
    "a list of the class, and of another object": (
        """
class Log:
    kept = []
    def add(self, row):
        self.kept.append(step(row))
    def reset(self, other):
        other.kept = []
log = Log()
for row in rows:
    log.add(row)
""",
        None,
    ),
    "lists in lists": (
        """
def run():
    groups = [[[[]]]]
    for row in rows:
        groups[0][0][0].append(step(row))
    flat = [item for group in groups for item in group]
    for a in flat:
        for b in a:
            print(b)
    return flat
""",
        "UTR001",
    ),
    "kept numbers or none": (
        """
kept = []
for row in rows:
    kept.append(None if row else step(row))
    kept.append(float(row))
""",
        "UTR001",
    ),
    "retraced in ways that are none": (
        """
net = build()
for row in rows:
    f = tf.function()
    net.compile()
    print(f, net)
traced = [tf.function(lambda v: v) for row in rows]
def made():
    for row in rows:
        yield tf.function(lambda v: v)
for row in rows:
    print(tf.function(step)(row))
kinds = {}
for row in rows:
    kinds[row] = tf.function(lambda v: v * 2)
class Trainer:
    def __init__(self):
        self.model = build()
    def run(self):
        for row in rows:
            self.model.compile("adam", "mse")
            self.model.fit(row, y)
    def other(self, rate):
        self.compile("adam", "mse")
    def both(self):
        for row in rows:
            self.other(row)
            self.model.trainable = False
            self.model.compile("sgd", "mse")
def of_each(row):
    g = tf.function(lambda v: v + 1)
    return g(row)
for row in rows:
    of_each(row)
""",
        "IMR004",
    ),
    "frozen between compilations": (
        """
net = build()
for layer in net.layers:
    layer.trainable = True
    net.compile("adam", "mse")
    net.fit(x, y)
def stage(number):
    net.layers[number].trainable = False
    net.compile("adam", "mse")
    net.fit(x, y)
for number in range(9):
    stage(number)
from keras import backend as K
for row in rows:
    K.function([net.input], [net.output])
    f = K.function([net.layers[0].input], [net.layers[row].output])
    f([row])
""",
        "IMR004",
    ),
    "ways to leave a loop": (
        """
def first(items):
    for item in items:
        if item:
            break
    else:
        return build()
    for item in items:
        build().fit(item, y)
        return item
    while items:
        raise ValueError
    for item in items:
        pass
    else:
        print(1)
        raise KeyError
    try:
        return 1
    finally:
        print(2)
for row in rows:
    first([row])
""",
        "IMR001",
    ),
    "managers of the project": (
        """
class Quiet:
    def __exit__(self, *error):
        return False
class Clearing:
    def __enter__(self):
        return self
    def __exit__(self, *error):
        keras.backend.clear_session()
class Entering:
    def __enter__(self):
        return build()
for row in rows:
    with Quiet():
        print(row)
    with Clearing() as clearing:
        build().fit(row, y)
    with Entering() as net:
        net.fit(row, y)
""",
        None,
    ),
    "lists that are taken from others": (
        """
def run(others, kept=None):
    for row in rows:
        others[0] += [step(row)]
        others.kept = others.kept + [step(row)]
        kept = (kept or []) + [step(row)]
        kept.extend(unknown(row))
        for row in others:
            unknown.append(step(row))
    return kept
run([], [])
class Empty:
    pass
box = Empty()
for row in rows:
    box.append(step(row))
    row.items.append(build())
""",
        None,
    ),
    "logs that are emptied elsewhere": (
        """
class Base:
    def __init__(self):
        self.kept = []
        self.other = []
        self.third = []
    def add(self, row):
        self.kept.append(step(row))
        self.other.append(step(row))
        self.third.append(step(row))
    def reset(self):
        self.kept.clear()
class Second(Base):
    def reset(self):
        super().reset()
        self.other = []
def forget(log):
    log.third = []
log = Second()
for row in rows:
    log.add(row)
""",
        "UTR003",
    ),
    "globals and their copies": (
        """
KEPT = []
OTHER = []
def add(row):
    KEPT.append(step(row))
    OTHER.append(step(row))
def show():
    copy = KEPT
    copy.clear()
    OTHER.pop()
for row in rows:
    add(row)
show()
""",
        "UTR003",
    ),
    "tensors in deep things": (
        """
def run():
    deep = []
    for row in rows:
        deep.append((((((step(row),),),),),))
        deep.append([[[[[step(row)]]]]])
        deep.append(lambda row=row, a=[(step(row),)]: (row, a))
    return deep
kept = run()
for item in kept:
    print(item)
def make(value):
    def one():
        def two():
            def three():
                def four():
                    return value
                return four
            return three
        return two
    return one
functions = []
for row in rows:
    functions.append(make(step(row)))
""",
        None,
    ),
    "dicts that a traced function returns": (
        """
@tf.function
def losses(row):
    return {"a": row, "b": [row * 2, (row, None)], "c": {"d": row}}
kept = []
for row in rows:
    found = losses(row)
    kept.append(found["a"])
    kept.append(found["b"])
print(np.mean(kept[0]))
""",
        "UTR001",
    ),
    "steps of an environment of many kinds": (
        """
import gym
net = build()
env = gym.make("CartPole-v1")
state = env.reset()
done = False
while not done:
    values = [net.predict(item) for item in state]
    scaled = state / 2
    more = scaled[None]
    action = np.argmax(net.predict(more))
    state, reward, done, info = env.step(action)
for row in rows:
    net.predict(row)
def act(state):
    return np.argmax(net.predict(state))
def play(env):
    state = env.reset()
    for _ in range(99):
        state, reward, done, truncated, info = env.step(act(state))
play(env)
""",
        "IMR006",
    ),
    "sessions of many kinds": (
        """
import tensorflow.compat.v1 as tf1
tf1.disable_v2_behavior()
import unittest
class Case(unittest.TestCase):
    def test_all(self):
        for row in rows:
            with tf1.Session() as session:
                session.run(tf1.constant(row))
a = tf1.placeholder(tf1.float32)
b = a * 2
session = tf1.Session()
for row in rows:
    print(b.eval(session=session, feed_dict={a: row}))
    print(session.run(b + 1, {a: row}), session.run(b + 2, {a: row}))
    print(tf1.get_collection("losses"))
def graph(mode, other):
    if mode == "train":
        return tf1.nn.relu(a)
    if mode in ("b", "c"):
        return tf1.nn.elu(a)
    if mode != "test":
        return tf1.nn.tanh(a)
    return a
for row in rows:
    session.run(graph("train", row))
    session.run(graph("test", row))
    session.run(graph(*row))
from scipy.optimize import minimize
def loss(value):
    return session.run(tf1.square(value))
minimize(loss, 1.0)
""",
        "RES002",
    ),
    "stars and private modules": (
        """
from tensorflow.python.keras.losses import *
from tensorflow.keras.layers import *
from tensorflow.keras.backend import *
from keras.applications import *
from tensorflow import *
from tensorflow.keras import *
for row in rows:
    clear_session()
    net = Sequential([Dense(1)])
    net.fit(row, y)
for row in rows:
    base = ResNet50()
    net = Model(base.input, Dense(1)(base.output))
    net.compile("adam", MeanSquaredError())
    net.fit(row, y)
""",
        "IMR001",
    ),
    "records that are used in part": (
        """
def run(names):
    kept = {}
    other = []
    pairs = []
    for name in names:
        net = build()
        net.fit(x, y)
        kept[name] = (1, net)
    for name in names:
        net = build()
        net.fit(x, y)
        other.append({**kept, "net": net})
    for name in names:
        net = build()
        net.fit(x, y)
        pairs.append((1, net))
    if pairs:
        print(len(pairs), pairs[0][0], pairs[0:2])
    for pair in pairs:
        print(pair[0], pair)
    for (a, b), c in zip(pairs, names):
        print(a)
    return other[0]["net"], kept[names[0]]
""",
        None,
    ),
    "growth in hooks and traces": (
        """
class Keep(keras.callbacks.Callback):
    def on_train_begin(self, logs=None):
        self.kept = []
    def on_batch_end(self, batch, logs=None):
        self.kept.append(self.model(x))
        self.parts = build()
class Net(keras.Model):
    def train_step(self, data):
        self.seen.append(data)
        return {"loss": step(data)}
    @classmethod
    def make(cls):
        return cls.from_config({})
@tf.function
def traced(row):
    kept = []
    kept.append(row)
    OUTER.append(row * 2)
    return kept
OUTER = []
for row in rows:
    traced(row)
    Net.make().fit(row, y)
""",
        "IMR001",
    ),
    "predicted for each frame that a window shows": (
        """
import cv2, tkinter
root, camera, net = tkinter.Tk(), cv2.VideoCapture(0), keras.models.load_model("a.keras")
def show():
    print(net.predict(camera.read()[1][None]))
    root.after(15, show)
show()
""",
        "IMR006",
    ),
    "predicted every five seconds": (
        """
import cv2, tkinter
root, camera, net = tkinter.Tk(), cv2.VideoCapture(0), keras.models.load_model("a.keras")
def show():
    print(net.predict(camera.read()[1][None]))
    root.after(5000, show)
show()
""",
        None,
    ),
    "predicted by a timer of Qt": (
        """
import cv2
from PyQt6 import QtCore, QtWidgets
class Camera(QtWidgets.QWidget):
    def __init__(self):
        super().__init__()
        self.net, self.camera = keras.models.load_model("a.keras"), cv2.VideoCapture(0)
        self.timer = QtCore.QTimer(self)
        self.timer.timeout.connect(self.next_frame)
    def next_frame(self):
        frame = np.expand_dims(self.camera.read()[1], 0)
        print(self.net.predict(frame))
Camera()
""",
        "IMR006",
    ),
    "predicted for a click": (
        """
from PyQt6 import QtWidgets
class Window(QtWidgets.QWidget):
    def __init__(self):
        super().__init__()
        self.net, self.go = keras.models.load_model("a.keras"), QtWidgets.QPushButton()
        self.go.clicked.connect(self.ask)
    def ask(self):
        print(self.net.predict(np.zeros((1, 8))))
Window()
""",
        None,
    ),
    "a graph read from its files for each image": (
        """
def look(image):
    with tf.Graph().as_default(), tf.compat.v1.Session() as session:
        tf.compat.v1.train.import_meta_graph("a.meta").restore(session, "a")
        return session.run("y:0", {"x:0": image})
for row in rows:
    print(look(row))
""",
        "IMR003",
    ),
    "graphs read with the weights of each": (
        """
def look(path):
    with tf.Graph().as_default(), tf.compat.v1.Session() as session:
        saver = tf.compat.v1.train.import_meta_graph("a.meta")
        saver.restore(session, path)
        return session.run("y:0")
for path in rows:
    print(look(path))
""",
        None,
    ),
    "a list of numbers in each call": (
        """
for row in rows:
    values = row.tolist()
    print(step(values))
for row in rows:
    print(step(np.sort(row).tolist()))
""",
        "IMR004",
    ),
    "the same list, and arrays": (
        """
same = x.tolist()
for row in rows:
    print(step(same), step(row), step(tf.constant(row.tolist())))
""",
        None,
    ),
    "an epoch in a helper": (
        """
def one_epoch(net):
    \"\"\"Train once.\"\"\"
    history = net.fit(x, y, verbose=0)
    return history.history["loss"][0]
def main():
    net = build()
    for epoch in range(90):
        loss = one_epoch(net)
        print(epoch, loss)
main()
""",
        "IMR005",
    ),
    "an epoch in a helper that does more": (
        """
def one_epoch(net):
    net.fit(x, y, verbose=0)
    net.save("latest.keras")
def main():
    net = build()
    for epoch in range(90):
        one_epoch(net)
main()
""",
        None,
    ),
    "epochs of a generator of images": (
        """
images = keras.preprocessing.image.ImageDataGenerator(rotation_range=20)
net = build()
for epoch in range(90):
    print(epoch)
    net.fit(images.flow(x, y, batch_size=8), epochs=1)
""",
        "IMR005",
    ),
    "epochs of generators of other images": (
        """
images = keras.preprocessing.image.ImageDataGenerator()
net = build()
for row in rows:
    net.fit(images.flow(row, y, batch_size=8), epochs=1)
""",
        None,
    ),
    "functions of each layer for each image": (
        """
def shown(net, image):
    outputs = []
    for layer in net.layers:
        give = keras.backend.function([net.input], [layer.output])
        outputs.append(give([image])[0])
    return outputs
for row in rows:
    print(shown(keras.models.Model, row))
print(np.stack([keras.backend.function([x], [y])([row])[0] for row in rows]))
""",
        "IMR004",
    ),
    "functions of each layer, once": (
        """
def shown(net):
    outputs = []
    for layer in net.layers:
        give = keras.backend.function([net.input], [layer.output])
        outputs.append(give([x])[0])
    return outputs
print(shown(build()))
for row in rows:
    print(shown(keras.models.load_model(row)))
""",
        None,
    ),
    "a concrete function for each request": (
        """
from fastapi import FastAPI
api, net = FastAPI(), build()
@api.get("/")
def ask(value: float):
    traced = tf.function(net).get_concrete_function(tf.TensorSpec([1, 1]))
    return float(traced(tf.constant([[value]])))
""",
        "IMR004",
    ),
    "a decoder that is asked for each word": (
        """
decoder = keras.models.load_model("decoder.keras")
def decode(states):
    words = []
    while len(words) < 50:
        word = np.zeros((1, 1, 30))
        answers, h, c = decoder.predict([word] + states)
        words.append(answers[0, -1].argmax())
        states = [h, c]
    return words
for row in rows:
    print(decode([row, row]))
""",
        "IMR006",
    ),
    "trained on one state and asked about it": (
        """
net = build()
def learn(game):
    state = game.state().reshape(1, -1)
    target = net.predict(state)
    target[0][0] = game.reward()
    net.fit(state, target, verbose=0)
def play(game):
    while not game.over:
        learn(game)
""",
        "IMR006",
    ),
    "a page that asks about one picture": (
        """
import streamlit as st
@st.cache_resource
def load():
    return keras.models.load_model("a.keras")
if st.button("what is it?"):
    st.write(load().predict(np.zeros((1, 8))))
""",
        None,
    ),
    "a page that loads below its button": (
        """
import streamlit as st
def forecast(row):
    return keras.models.load_model("a.keras")(row)
if st.button("forecast"):
    st.line_chart(forecast(x))
""",
        "IMR003",
    ),
    "a search of a pipeline": (
        """
from scikeras.wrappers import KerasRegressor
from sklearn.model_selection import RandomizedSearchCV
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler
RandomizedSearchCV(make_pipeline(StandardScaler(), KerasRegressor(build)), {}, n_iter=9).fit(x, y)
steps = Pipeline([("scale", StandardScaler()), ("net", KerasRegressor(model=build))])
RandomizedSearchCV(steps, {}, n_iter=9).fit(x, y)
""",
        "IMR007",
    ),
    "a search of a pipeline without a network": (
        """
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.svm import SVC
GridSearchCV(make_pipeline(StandardScaler(), SVC()), {}).fit(x, y)
""",
        None,
    ),
    "data sets gone through where they are made": (
        """
class Data:
    def rows(self):
        return tf.data.Dataset.from_tensor_slices((x, y)).shuffle(99).batch(8)
data, net = Data(), build()
def train():
    for epoch in range(90):
        for a, b in data.rows():
            net.train_on_batch(a, b)
train()
""",
        "IMR005",
    ),
}


def test_shapes_are_found_and_spared(codes):
    programs = {name.replace(" ", "_"): PROGRAM_HEAD + text for name, (text, _) in SHAPES.items()}
    found = codes(programs)
    assert {name: found[name.replace(" ", "_")] for name in SHAPES} == {
        name: expected for name, (_, expected) in SHAPES.items()
    }
