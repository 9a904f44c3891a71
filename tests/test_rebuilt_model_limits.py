"""How far the fixes of rebuilt models go, a program for each limit; long, as it is one table."""

# ruff: noqa: E501 -- reasons stand as they are given

from __future__ import annotations

#: A program, and what is offered or refused for its findings.
SHAPES = {
    "built and trained within an expression": (
        """
def a(units):
    for row in rows:
        keras.Sequential([keras.layers.Dense(
            units)]).fit(row, y)
def b():
    for row in rows:
        print(build(len(row)).name)
def c(train):
    for row in rows:
        if train(row, build(len(row)), y):
            break
def d(train, make):
    for row in rows:
        score = train(np.random.normal(size=3), build(len(row)), y)
def e(train):
    for row in rows:
        score = train(build(len(x)), row, y)
def e2(train):
    for row in rows:
        score = train(row, y, build(len(x)))
def g():
    for row in rows:
        score = build(len(x)).fit(row, y).history["loss"][0]
def h():
    for row in rows:
        score = build(len(x)).fit
def i(train):
    for row in rows:
        score = [build(len(x)), row]
        train(score)
def j(train):
    for row in rows:
        train(model=build(len(x)), data=row)
""",
        {
            "IMR001 clear-session",
            "IMR001 hoist: the model is not built by a statement of its own",
            "IMR001 hoist: what is built is not bound to a name",
            "IMR001 hoist: what is built is not directly bound to a name",
            "IMR001 isolate",
            "IMR001 reuse",
            "IMR001 reuse: what is built is not directly bound to a name",
        },
    ),
    "a function that builds and trains": (
        """
def train(row, units):
    net = build(units)
    net.fit(row, y)
    return net.evaluate(row, y)
def main(units):
    for row in rows:
        print(train(row, units))
""",
        {
            "IMR001 clear-session",
            "IMR001 hoist: the call in the loop builds and trains in one; there is no model to keep",
            "IMR001 isolate",
            "IMR001 reuse",
        },
    ),
    "a function with arguments in a list": (
        """
def train(row, units):
    net = build(units)
    net.fit(row, y)
    return net.evaluate(row, y)
def main(*options):
    for row in rows:
        print(train(row, *options))
""",
        {
            "IMR001 clear-session",
            "IMR001 hoist: the call in the loop builds and trains in one; there is no model to keep",
            "IMR001 isolate",
            "IMR001 reuse: cannot tell the arguments of the call apart",
        },
    ),
    "a function that returns its model": (
        """
def train(row):
    net = build(len(x))
    net.fit(row, y)
    return net
def main():
    for row in rows:
        train(row)
""",
        {
            "IMR001 clear-session",
            "IMR001 hoist: what is built is not bound to a name",
            "IMR001 isolate",
            "IMR001 reuse",
        },
    ),
    "a function that returns its model in a pair": (
        """
def train(row):
    net = build(len(x))
    net.fit(row, y)
    return 1, net
def main():
    for row in rows:
        score, net = train(row)
        print(net.evaluate(row, y))
""",
        {
            "IMR001 clear-session",
            "IMR001 hoist: the call in the loop builds and trains in one; there is no model to keep",
            "IMR001 isolate",
            "IMR001 reuse",
        },
    ),
    "a function that returns its model after others": (
        """
def train(row):
    net = build(len(x))
    net.fit(row, y)
    return 1, net
def main():
    for row in rows:
        *score, net = train(row)
        print(net.evaluate(row, y))
""",
        {
            "IMR001 clear-session",
            "IMR001 hoist: the call in the loop builds and trains in one; there is no model to keep",
            "IMR001 isolate",
            "IMR001 reuse: train() returns the model, to a caller that may keep it",
        },
    ),
    "a function that returns its model to an attribute": (
        """
def train(row):
    net = build(len(x))
    net.fit(row, y)
    return net
class Main:
    def main(self):
        for row in rows:
            self.net = train(row)
            print(self.net.evaluate(row, y))
""",
        {
            "IMR001 clear-session",
            "IMR001 hoist: the models may differ: `row` changes in each iteration",
            "IMR001 isolate",
            "IMR001 reuse: train() returns the model, to a caller that may keep it",
        },
    ),
    "a function that returns its model to a call": (
        """
def train(row):
    net = build(len(x))
    net.fit(row, y)
    return net
def main():
    for row in rows:
        print(train(row).evaluate(row, y))
""",
        {
            "IMR001 clear-session",
            "IMR001 hoist: what is built is not bound to a name",
            "IMR001 isolate",
            "IMR001 reuse: train() returns the model, to a caller that may keep it",
        },
    ),
    "a function that returns its model twice": (
        """
def train(row):
    net = build(len(x))
    net.fit(row, y)
    if row:
        return net, 1
    return 2, net
def main():
    for row in rows:
        net, score = train(row)
""",
        {
            "IMR001 clear-session",
            "IMR001 hoist: the call in the loop builds and trains in one; there is no model to keep",
            "IMR001 isolate",
            "IMR001 reuse: train() returns the model, to a caller that may keep it",
        },
    ),
    "a function within a function": (
        """
def main():
    def train(row):
        net = build(len(x))
        net.fit(row, y)
        return net.evaluate(row, y)
    for row in rows:
        print(train(row))
""",
        {
            "IMR001 clear-session",
            "IMR001 hoist: the call in the loop builds and trains in one; there is no model to keep",
            "IMR001 isolate",
            "IMR001 reuse: the model is built in a nested function",
        },
    ),
    "a function called in comprehension": (
        """
def train(row):
    size = len(row)
    net = build(size)
    net.fit(row, y)
    return net.evaluate(row, y)
def main():
    return [train(row) for row in rows]
""",
        {
            "IMR001 clear-session: the loop has no block of statements",
            "IMR001 hoist: the call in the loop builds and trains in one; there is no model to keep",
            "IMR001 isolate",
            "IMR001 reuse: the models may differ: `row` changes in each iteration",
        },
    ),
    "a function that counts": (
        """
def train(row):
    for size in (1, 2, 3):
        net = build(size)
        net.fit(row, y)
        print(net.evaluate(row, y))
def main():
    while True:
        train(x)
""",
        {
            "IMR001 clear-session",
            "IMR001 hoist: the models may differ: `size` changes in each iteration",
            "IMR001 isolate",
            "IMR001 reuse: the models may differ: `size` changes in each iteration",
        },
    ),
    "a model that is deleted": (
        """
def a():
    for row in rows:
        net = build()
        net.set_weights(x)
        print(net.predict(row))
        if row:
            del net
def b():
    for row in rows:
        net = build()
        net.set_weights(x)
        print(net.predict(row))
        del net, row
def c():
    for row in rows:
        net = build()
        net.set_weights(x)
        print(net.predict(row))
        del net
def d():
    for row in rows:
        net = build()
        net.set_weights(x)
        print(len(net))
        print(net.predict(row))
def e(show):
    for row in rows:
        net = build()
        net.set_weights(x)
        show(net)
        print(net.predict(row))
def g(show):
    for row in rows:
        net = build()
        net.set_weights(x)
        other = net
        print(other.predict(row))
def h():
    for row in rows:
        net = build()
        print(row)
def look(net):
    print(net.name)
def i():
    for row in rows:
        net = build()
        net.set_weights(x)
        look(net)
        print(net(row))
""",
        {
            "IMR001 clear-session",
            "IMR001 clear-session: `other` keeps the model of an iteration, invalid after the next clear",
            "IMR001 hoist",
            "IMR001 hoist: `other` keeps the model of an iteration",
            "IMR001 hoist: the iteration deletes `net`",
            "IMR001 hoist: the model has no weights before its first use, and what it is used on is not plain",
            "IMR001 hoist: the model is stored with other things",
            "IMR001 isolate",
            "IMR001 reuse",
            "IMR001 reuse: `other` keeps the model of an iteration",
            "IMR001 reuse: nothing of the model differs between iterations: hoist builds it once, as it is",
            "IMR001 reuse: the model is stored with other things",
        },
    ),
    "a model that its builder seeds": (
        """
def make():
    tf.random.set_seed(1)
    net = keras.Sequential([keras.Input((3,)), keras.layers.Dense(8)])
    net.compile("adam", "mse")
    return net
for row in rows:
    net = make()
    net.fit(row, y)
    print(net.evaluate(row, y))
for row in rows:
    net = keras.Sequential([keras.layers.Dense(8)])
    net.build((None, 3))
    net.compile("adam", "mse")
    net.fit(row, y)
    print(net.evaluate(row, y))
for row in rows:
    net = keras.Sequential([keras.layers.Dense(8)])
    net.compile("adam", "mse")
    print(1)
    net.run_eagerly = True
for row in rows:
    base = keras.Sequential([keras.Input((3,)), keras.layers.Dense(8)])
    print(row)
    base.load_weights("a.h5")
    net = keras.Sequential([base, keras.layers.Dense(8)])
    net.compile("adam", "mse")
    net.fit(row, y)
""",
        {
            "IMR001 clear-session",
            "IMR001 hoist",
            "IMR001 hoist: a part of the model, `base`, is used by itself",
            "IMR001 hoist: the iteration sets `net.run_eagerly`, which a kept model would remember",
            "IMR001 isolate",
            "IMR001 reuse",
            "IMR001 reuse: the iteration sets `net.run_eagerly`, which a kept model would remember",
        },
    ),
    "names that the loop binds in parts": (
        """
config = {"units": [1, 2]}
for row in rows:
    first, *units = row
    net = build(units)
    net.fit(row, y)
for row in rows:
    config["units"][0] = row
    net = build(config["units"][0])
    net.fit(row, y)
for row in rows:
    config.units[0].size = row
    net = build(config.units[0])
    net.fit(row, y)
for row in rows:
    config.units[0] = row
    make(row)[0] = 3
    net = build(config.units[0])
    net.fit(row, y)
for row in rows:
    units = 3
    if row:
        units = 4
    inputs = keras.Input((3,))
    net = keras.Model(inputs, keras.layers.Dense(units)(inputs))
    net.compile("sgd", "mse")
    net.fit(row, y)
""",
        {
            "IMR001 clear-session",
            "IMR001 hoist: the model depends on `units`, which the loop makes",
            "IMR001 hoist: the models may differ: `config` changes in each iteration",
            "IMR001 hoist: the models may differ: `units` changes in each iteration",
            "IMR001 isolate",
            "IMR001 reuse",
            "IMR001 reuse: the models may differ: `config` changes in each iteration",
            "IMR001 reuse: the models may differ: `units` changes in each iteration",
        },
    ),
    "a model that is a part only": (
        """
for row in rows:
    base = build()
    net = keras.Sequential([base, keras.layers.Dense(1)])
    net.compile("adam", "mse")
    net.fit(row, y)
for row in rows:
    net = keras.Sequential()
    net.add(keras.layers.Dense(1))
    net.compile("adam", "mse")
    net.fit(row, y)
    net.pop()
class Trainer:
    def __init__(self, net):
        self.net = net
    def run(self, row):
        self.net.fit(row, y)
class Main:
    def main(self):
        for row in rows:
            net = build()
            net.fit(row, y)
            self.trainer = Trainer(net)
            self.trainer.run(row)
def main():
    trainers = []
    for row in rows:
        net = build()
        net.fit(row, y)
        trainer = Trainer(net)
        trainers.append(trainer)
        trainer.run(row)
def other():
    for row in rows:
        net = build()
        net.fit(row, y)
        trainer = Trainer(net)
        trainer.run(row)
        print(trainer)
""",
        {
            "IMR001 clear-session",
            "IMR001 hoist: `net` is changed after it has been used",
            "IMR001 hoist: `self.trainer` holds the model of an iteration",
            "IMR001 hoist: the model has no weights before its first use, and what it is used on is not plain",
            "IMR001 isolate",
            "IMR001 reuse",
            "IMR001 reuse: `net` is changed after it has been used",
            "IMR001 reuse: `self.trainer` holds the model of an iteration",
        },
    ),
    "learning rates": (
        """
for rate in (0.1, 0.2, 0.3):
    net = keras.Sequential([keras.layers.Dense(8)])
    net.compile(keras.optimizers.Adam(rate), "mse")
    net.fit(x, y)
for rate in (0.1, 0.2, 0.3):
    net = keras.Sequential([keras.layers.Dense(8)])
    net.compile(make(lambda: keras.optimizers.Adam(rate)), "mse")
    net.fit(x, y)
def train(rate):
    net = keras.Sequential([keras.layers.Dense(8)])
    net.compile(make(lambda: keras.optimizers.Adam(rate)), "mse")
    net.fit(x, y)
for rate in (0.1, 0.2, 0.3):
    train(rate)
def train2(rate):
    net = keras.Sequential([keras.layers.Dense(8)])
    net.compile(keras.optimizers.Adam(rate), "mse")
    net.fit(x, y)
    if rate:
        print(1)
for rate in (0.1, 0.2, 0.3):
    train2(rate)
for rate in (0.1, 0.2, 0.3):
    net = keras.Sequential([keras.layers.Dense(8)])
    if rate:
        net.compile(keras.optimizers.Adam(rate), "mse")
    net.fit(x, y)
""",
        {
            "IMR001 clear-session",
            "IMR001 clear-session: `net`, made before the loop, would be invalid after the first clear",
            "IMR001 hoist: `net` is changed or compiled again after it has been used",
            "IMR001 hoist: the call in the loop builds and trains in one; there is no model to keep",
            "IMR001 hoist: the models may differ: `rate` changes in each iteration",
            "IMR001 isolate",
            "IMR001 reuse",
            "IMR001 reuse: `net` is changed or compiled again after it has been used",
            "IMR001 reuse: the models may differ: `rate` changes in each iteration",
        },
    ),
    "views of a model": (
        """
net = build()
for row in rows:
    view = keras.Model({"a": net.input}, {"b": net.layers[0].output})
    print(view.predict(row))
for row in rows:
    view = keras.Model(net.inputs[0], net.outputs[0])
    print(view.predict(row))
for row in rows:
    view = keras.Model(net.inputs, net.find(3).output)
    print(view.predict(row))
def show():
    while True:
        view = keras.Model(net.inputs, net.layers[2].output)
        print(view.predict(x))
""",
        {
            "IMR001 clear-session",
            "IMR001 clear-session: `net`, made before the loop, would be invalid after the first clear",
            "IMR001 hoist",
            "IMR001 isolate",
            "IMR001 reuse: nothing of the model differs between iterations: hoist builds it once, as it is",
        },
    ),
    "clear that is not called": (
        """
for row in rows:
    keras.backend.clear_session
    net = build()
    net.fit(row, y)
""",
        {
            "IMR001 clear-session",
            "IMR001 hoist: the model has no weights before its first use, and what it is used on is not plain",
            "IMR001 isolate",
            "IMR001 reuse",
        },
    ),
    "random builders": (
        """
def make():
    net = keras.Sequential([keras.layers.Dense(np.random.randint(3))])
    net.compile("adam", "mse")
    return net
for row in rows:
    net = make()
    net.fit(row, y)
""",
        {
            "IMR001 clear-session",
            "IMR001 hoist: make() draws random numbers: randint()",
            "IMR001 isolate",
            "IMR001 reuse: make() draws random numbers: randint()",
        },
    ),
    "histories in many hands": (
        """
def a(put):
    kept = []
    for row in rows:
        kept.insert(index=0, object=build().fit(row, y))
    print(kept[0].history)
def b():
    kept = [None] * 3
    for n, row in enumerate(rows):
        kept[n], other = build().fit(row, y), 1
    print(kept[0].history)
def c():
    kept = {}
    for row in rows:
        kept[row] = build().fit(row, y)
    print(kept[0].history, kept["a"].epoch)
    kept["b"] = None
    print(kept.keys())
def d():
    kept = {}
    for row in rows:
        kept[row] = build().fit(row, y)
    print(kept["a"].history["loss"])
    kept["b"] = None
def e():
    kept = []
    for row in rows:
        kept.append(build().fit(row, y))
    for history in kept:
        print(history)
def f():
    kept = []
    for row in rows:
        kept.append(build().fit(row, y))
    return kept
def g():
    kept = []
    for row in rows:
        kept.append(build().fit(row, y))
    kept.sort(key=len)
    print(kept[0].history)
def h():
    kept = []
    for row in rows:
        for one in [build().fit(row, y)]:
            kept.append(one)
    print(kept + [1])
def i():
    kept = []
    fit = build().fit
    for row in rows:
        kept.append(fit(row, y))
    print(kept[0].history)
def j():
    kept = []
    for row in rows:
        print(kept.index(build().fit(row, y), 3))
        names = tuple(build().fit(part, y) for part in row)
""",
        {
            "IMR001 clear-session",
            "IMR001 clear-session: the loop has no block of statements",
            "IMR001 hoist: it is built within a comprehension, which has no room for statements",
            "IMR001 hoist: the model is built together with other things, in a tuple",
            "IMR001 hoist: the model is not built by a statement of its own",
            "IMR001 hoist: what is built is not bound to a name",
            "IMR001 isolate",
            "IMR001 reuse",
            "IMR001 reuse: it is built within a comprehension, which has no room for statements",
            "IMR001 reuse: what is built is not directly bound to a name",
            "UTR006 history: `history` itself is used",
            "UTR006 history: `kept.sort(key=len)` uses the History objects themselves",
            "UTR006 history: `return kept` uses the History objects themselves",
        },
    ),
    "loads stored": (
        """
def one(row):
    nets = {}
    net = keras.models.load_model("a.keras")
    nets[row] = row
    nets["a"] = net
    return nets
for row in rows:
    one(row)
def two(row):
    net = keras.models.load_model("a.keras")
    other = build()
    other.fit(row, y)
    return net, other
for row in rows:
    base = keras.models.load_model("a.keras")
    other = build()
    net = keras.Sequential([base, keras.layers.Dense(3)])
    net.compile("sgd")
    net.fit(row, y)
for row in rows:
    base = keras.models.load_model("a.keras")
    other = build()
    other.fit(base(row))
for row in rows:
    net = keras.models.load_model("a.keras")
    net.layers[0].trainable = False
    net.weights.extend([3])
    print(net.pop())
for row in rows:
    with open(row) as handle:
        keras.models.load_model("a.keras")
""",
        {
            "IMR001 clear-session",
            "IMR001 clear-session: `net`, made before the loop, would be invalid after the first clear",
            "IMR001 hoist: the model has no weights before its first use, and what it is used on is not plain",
            "IMR001 isolate",
            "IMR001 reuse",
            "IMR003 cache",
            "IMR003 cache: fit() may change the model: the next use would go on from there",
            "IMR003 cache: the iteration trains the model, and starts from the file each time",
            "IMR003 hoist: it is under a condition, or in another block of the loop",
            "IMR003 hoist: it needs `row`, which the loop binds",
            "IMR003 hoist: the iteration trains the model, and starts from the file each time",
            "IMR003 hoist: the loop also binds `net` in another place",
            "IMR003 keep: a loop in this project repeats the load",
        },
    ),
    "records of models": (
        """
records = []
for row in rows:
    net = build()
    records.append({"net": net, "score": net.evaluate(row, y), **row})
for record in records:
    print(record["score"])
print(records[0]["score"], max(records, key=lambda record: record["score"]))
pairs = []
for row in rows:
    net = build()
    pairs.append((net.evaluate(row, y), net))
for score, _ in pairs:
    print(score)
for pair in pairs:
    print(pair[0])
thirds = []
for row in rows:
    net = build()
    thirds.append((row, [net], 3))
for a, *b in thirds:
    print(a)
for a in range(3):
    print(thirds[a][0])
fourths = []
for row in rows:
    net = build()
    fourths.append(dict(net=net))
    fourths[0] = {"net": net}
for a, b in fourths:
    print(a)
fifths = []
for row in rows:
    net = build()
    fifths.append({row: net})
    fifths.append({"a": 3})
    fifths.append((3, 4))
with fifths[0] as record:
    print(record)
""",
        {
            "IMR001 clear-session",
            "IMR001 hoist: the model is stored with other things",
            "IMR001 isolate",
            "IMR001 reuse: the model is stored with other things",
        },
    ),
    "sessions beside models": (
        """
for row in rows:
    net = build(row)
    net.fit(row, y)
    with tf.compat.v1.Session() as sess:
        sess.run(tf.square(row))
for row in rows:
    with tf.compat.v1.Session() as sess:
        print(sess.run(tf.square(row)))
import time
while True:
    with tf.compat.v1.Session() as sess:
        print(sess.run("a:0"))
    time.sleep(60)
def each(row):
    with tf.compat.v1.Session() as sess:
        print(sess.run("a:0"))
list(map(each, rows))
""",
        {
            "IMR001 clear-session",
            "IMR001 hoist: the models may differ: `row` changes in each iteration",
            "IMR001 isolate",
            "IMR001 reuse: the models may differ: `row` changes in each iteration",
            "RES002 finalize",
        },
    ),
    "histories put away by others": (
        """
def put(kept, row):
    kept.append(build().fit(row, y))
def a():
    kept = {}
    for row in rows:
        kept[row] = build().fit(row, y)
    print(kept["a"].history["loss"], kept["b"].epoch)
def b():
    kept = {}
    for row in rows:
        kept[row] = build().fit(row, y)
    print(kept["a"].history["loss"])
    kept["b"] = 3
def c():
    kept = []
    for row in rows:
        kept.append(build().fit(row, y))
    print(kept[0].history["loss"], kept[-1].history)
    kept[0] = kept[1]
def d():
    kept = []
    for row in rows:
        kept.extend(build().fit(row, y) for part in row)
    print(kept[0].history["loss"])
def e():
    kept = []
    for row in rows:
        kept += [build().fit(row, y)]
    print(kept[0].history["loss"])
def f():
    kept = []
    for row in rows:
        put(kept, row)
    print(kept[0].history["loss"])
def g():
    kept = {build().fit(row, y) for row in rows}
    kept2 = {row: build().fit(row, y) for row in rows}
    print(len(kept), kept2[0].history)
    kept3 = {row: [build().fit(row, y)] for row in rows}
    for a in kept:
        print(a.history)
""",
        {
            "IMR001 clear-session",
            "IMR001 clear-session: the loop has no block of statements",
            "IMR001 hoist: it is built within a comprehension, which has no room for statements",
            "IMR001 hoist: the call in the loop builds and trains in one; there is no model to keep",
            "IMR001 hoist: what is built is not bound to a name",
            "IMR001 isolate",
            "IMR001 reuse",
            "IMR001 reuse: it is built within a comprehension, which has no room for statements",
            "IMR001 reuse: what is built is not bound to a name",
            "IMR001 reuse: what is built is not directly bound to a name",
            "UTR006 history",
            "UTR006 history: `kept[0] = kept[1]` uses the History objects themselves",
            "UTR006 history: the History is a part of what is stored",
        },
    ),
    "a class that the loop imports": (
        """
for row in rows:
    from keras import Sequential
    from keras.layers import Dense
    net = Sequential([keras.Input((3,)), Dense(1)])
    net.compile("sgd", "mse")
    net.fit(row, y)
""",
        {
            "IMR001 clear-session",
            "IMR001 hoist: the loop imports `Sequential`",
            "IMR001 isolate",
            "IMR001 reuse",
        },
    ),
    "settings that the loop changes": (
        """
def a(config):
    for row in rows:
        config.layers[0].units = row
        net = build(config.layers[0].units)
        net.fit(row, y)
        print(net.evaluate(row, y))
def b(config):
    for row in rows:
        config.model.activation = row
        net = build(config.model)
        net.fit(row, y)
        print(net.evaluate(row, y))
class C:
    def b(self):
        for row in rows:
            self.config.activation = row
            net = build(self.config)
            net.fit(row, y)
            print(net.evaluate(row, y))
    def c(self):
        for row in rows:
            self.net = build()
            self.net.stop_training = False
            self.net.fit(row, y)
            print(self.net.evaluate(row, y))
    def d(self):
        for row in rows:
            self.net = build(self.units)
            self.state.last = row
            self.net.fit(row, y)
            print(self.net.evaluate(row, y))
""",
        {
            "IMR001 clear-session",
            "IMR001 hoist: the model has no weights before its first use, and what it is used on is not plain",
            "IMR001 hoist: the models may differ: `config` changes in each iteration",
            "IMR001 isolate",
            "IMR001 reuse",
            "IMR001 reuse: the models may differ: `config` changes in each iteration",
        },
    ),
}


def test_fixes_of_rebuilt_models_are_offered_or_refused(offers):
    found = offers({name: text for name, (text, _) in SHAPES.items()})
    assert found == {name: expected for name, (_, expected) in SHAPES.items()}
