"""What each strategy makes of small programs, or why it refuses; long, as it is one table."""

# ruff: noqa: E501 -- reasons stand as they are given

from __future__ import annotations

#: A program, and what is offered or refused for its findings.
SHAPES = {
    "history in a pair": (
        """
kept = []
for row in rows:
    kept.append((row, build().fit(row, y)))
for row, history in kept:
    print(history.history)
""",
        {
            "IMR001 clear-session",
            "IMR001 hoist: what is built is not bound to a name",
            "IMR001 isolate",
            "IMR001 reuse: what is built is not directly bound to a name",
            "UTR006 history: the History is a part of what is stored",
        },
    ),
    "history in comprehensions": (
        """
lists = [build().fit(row, y) for row in rows]
named = {row: build().fit(row, y) for row in rows}
for history in lists:
    print(history.history)
for name, history in named.items():
    print(name, history.history)
print(len(lists), [history.history for history in named.values()], lists[0].history)
for (number, other), history in zip(enumerate(rows), lists):
    print(history.history)
""",
        {
            "IMR001 clear-session: the loop has no block of statements",
            "IMR001 hoist: it is built within a comprehension, which has no room for statements",
            "IMR001 isolate",
            "IMR001 reuse: it is built within a comprehension, which has no room for statements",
            "UTR006 history: `history` is also used outside the loop",
        },
    ),
    "histories by their pairs": (
        """
kept = []
for row in rows:
    kept.append(build().fit(row, y))
for pair in enumerate(kept):
    print(pair)
for history in kept:
    print(history.history)
""",
        {
            "IMR001 clear-session",
            "IMR001 hoist: what is built is not bound to a name",
            "IMR001 isolate",
            "IMR001 reuse: what is built is not directly bound to a name",
            "UTR006 history: the elements of the loop are not named",
        },
    ),
    "histories in a pattern": (
        """
kept = []
for row in rows:
    kept.append(build().fit(row, y))
for history.last in kept:
    print(1)
print(kept[0].history)
""",
        {
            "IMR001 clear-session",
            "IMR001 hoist: what is built is not bound to a name",
            "IMR001 isolate",
            "IMR001 reuse: what is built is not directly bound to a name",
            "UTR006 history: the elements of the loop are not named",
        },
    ),
    "histories read after their loop": (
        """
kept = []
for row in rows:
    kept.append(build().fit(row, y))
for history in kept:
    print(history.history)
print(history.epoch)
""",
        {
            "IMR001 clear-session",
            "IMR001 hoist: what is built is not bound to a name",
            "IMR001 isolate",
            "IMR001 reuse: what is built is not directly bound to a name",
            "UTR006 history: `history` is also used outside the loop",
        },
    ),
    "histories sorted": (
        """
kept = []
for row in rows:
    kept.append(build().fit(row, y))
print([history.history for history in list(enumerate(kept))], kept[0].history)
""",
        {
            "IMR001 clear-session",
            "IMR001 hoist: what is built is not bound to a name",
            "IMR001 isolate",
            "IMR001 reuse: what is built is not directly bound to a name",
            "UTR006 history: the History objects themselves are used",
        },
    ),
    "histories shown by index": (
        """
kept = {}
for row in rows:
    kept[row] = build().fit(row, y)
for history in kept.values():
    print(history.history, history)
print(kept[0].epoch)
""",
        {
            "IMR001 clear-session",
            "IMR001 hoist: what is built is not bound to a name",
            "IMR001 isolate",
            "IMR001 reuse",
        },
    ),
    "histories of an object": (
        """
class Log:
    def __init__(self):
        self.kept = []
    def run(self):
        for row in rows:
            self.kept.append(build().fit(row, y))
        for history in self.kept:
            print(history.history)
Log().run()
""",
        {
            "IMR001 clear-session",
            "IMR001 hoist: what is built is not bound to a name",
            "IMR001 isolate",
            "IMR001 reuse: what is built is not directly bound to a name",
            "UTR006 history: `self.kept` may be read from elsewhere",
        },
    ),
    "two functions at once": (
        """
kept = []
for row in rows:
    value = step(row)
    kept.extend([lambda value=value: value, lambda value=value: 2 * value])
""",
        {
            "UTR002 to-host: several functions are stored at once",
        },
    ),
    "partial of several": (
        """
kept = []
def show(number, value):
    print(number, value.numpy())
def other(number, value, *, last=None):
    print(number, value, last)
for number, row in enumerate(rows):
    value = step(row)
    kept.append(functools.partial(show, number, value))
    kept.append(functools.partial(other, number, value=value))
    kept.append(functools.partial(other, number, 1, last=value))
    kept.append(functools.partial(print, *[number, value]))
    kept.append(functools.partial(other, number, step(row)))
show(1, step(x))
""",
        {
            "UTR002 to-host",
            "UTR002 to-host: the function calls `value.numpy()`, and others may call it too",
        },
    ),
    "partial of a method": (
        """
class Log:
    def show(self, number, value):
        print(number, value)
log = Log()
kept = []
for number, row in enumerate(rows):
    value = image(row)
    kept.append(functools.partial(log.show, number, value))
    kept.append(functools.partial(Log.show, log, number, value))
""",
        {
            "UTR002 to-host",
            "UTR002 to-host: the code does not show which parameter receives the tensor",
        },
    ),
    "closures of a factory": (
        """
def make(value):
    def show():
        print(value.numpy())
    return show
def choose(value):
    if value is None:
        return lambda: 1
    def show():
        value = 2
        return value
    return lambda: value
kept = []
for row in rows:
    kept.append(make(image(row)))
    kept.append(choose(image(row)))
""",
        {
            "UTR002 to-host: the code does not show which argument is the tensor",
        },
    ),
    "closures bound again": (
        """
def run(row):
    value = image(row)
    def show():
        return [value for value in rows], value
    kept.append(show)
    value = 3
kept = []
for row in rows:
    run(row)
""",
        {
            "UTR002 to-host: `value` is bound again after the function",
        },
    ),
    "closures of parts": (
        """
def run(row):
    value = image(row)
    def show():
        def inner(value):
            return value
        return inner(value)
    kept.append(show)
    first, second = image(row), 2
    kept.append(lambda: first)
    if row:
        other = image(row)
    kept.append(lambda: other)
kept = []
for row in rows:
    run(row)
""",
        {
            "UTR002 to-host",
            "UTR002 to-host: `value` means something else in a part of the function",
        },
    ),
    "a default and an index": (
        """
kept = {}
calls = []
for row in rows:
    value = image(row)
    def show(row, value=value):
        return row, value
    kept[row] = show
    calls.append(calls[0] if calls else show)
""",
        {
            "UTR002 to-host",
            "UTR002 to-host: what is stored is not a function that the code shows",
        },
    ),
    "stores of every kind": (
        """
kept = []
pairs = []
named = {}
late = []
for number, row in enumerate(rows):
    value = image(row)
    kept += [value]
    pairs.append({"n": number, "v": value})
    named.setdefault(number, []).append(value)
    late.insert(0, (number, [value, step(row)]))
print(np.mean(kept), [pair["v"].numpy() for pair in pairs])
print({key: [item.numpy() for item in items] for key, items in named.items()})
for number, (value, loss) in late:
    print(number, value.shape, float(loss))
""",
        {
            "UTR001 bound",
            'UTR001 reduce: `kept` is used as a whole in `print(np.mean(kept), [pair["v"].numpy() for pair in pairs])`',
            "UTR001 reduce: `named[...]` is not a list of the function that fills it",
            "UTR001 reduce: what is stored is not always one tensor",
            "UTR001 to-host",
            "UTR001 to-host: several values are stored at once, and the code does not show which of them are tensors",
        },
    ),
    "stored and used as tensors": (
        """
kept = []
for row in rows:
    kept.append(image(row))
print(kept[0] + 1.0, kept[-1][0], kept[0].shape, tf.shape(kept[0]))
for item in kept:
    print(item[..., 0].numpy(), item.numpy().tolist())
""",
        {
            "UTR001 bound",
            "UTR001 reduce: `print(kept[0] + 1.0, kept[-1][0], kept[0].shape, tf.shape(kept[0]))` uses only some of the tensors",
            "UTR001 to-host",
        },
    ),
    "stored and means of each": (
        """
kept = []
other = []
for row in rows:
    kept.append(image(row))
    other.append(image(row))
print([tf.reduce_mean(item).numpy() for item in kept])
for item in other:
    print(float(tf.reduce_max(item)), item.shape)
print([np.mean(item) for item in other])
""",
        {
            "UTR001 bound",
            "UTR001 reduce: `item` is imported after the tensors are stored",
            "UTR001 reduce: different things are read of the tensors: `float(tf.reduce_max(item))` and `item.shape`",
            "UTR001 to-host",
        },
    ),
    "stored in one function and read in another": (
        """
def fill(row_list):
    kept = []
    for row in row_list:
        kept.append(image(row))
    return kept
def means(kept):
    return [float(tf.reduce_mean(item)) for item in kept]
def norms(kept):
    result = []
    for item in kept:
        total = tf.norm(item)
        result.append(total.numpy())
    return result
print(means(fill(rows)), norms(fill(rows)))
""",
        {
            "UTR001 bound",
            "UTR001 reduce: `kept` is used as a whole in `return kept`",
            "UTR001 to-host",
        },
    ),
    "losses with other values": (
        """
losses = []
best = None
for row in rows:
    loss = step(row)
    losses.append(loss if row else 0.0)
    if best is None or loss < best:
        best = loss
    losses.append(loss)
print(sum(losses) / len(losses), min(losses), losses[-1].numpy(), best)
losses.sort()
""",
        {
            "UTR001 bound",
            "UTR001 reduce: `losses` is used as a whole in `print(sum(losses) / len(losses), min(losses), losses[-1].numpy(), best)`",
            "UTR001 to-host",
        },
    ),
    "losses given away": (
        """
def run(show):
    losses = []
    for row in rows:
        loss = step(row)
        losses.append(loss)
        loss = loss * 2
    show(losses)
    return losses
print(run(print))
""",
        {
            "UTR001 bound",
            "UTR001 reduce: `losses` is used as a whole in `show(losses)`",
            "UTR001 to-host",
        },
    ),
    "outputs of a model": (
        """
net = build()
outputs = []
alls = []
for row in rows:
    out = net(row, training=False)
    outputs.append(out)
    alls.extend([out, net(row)])
answer = np.concatenate([out.numpy() for out in outputs])
print(answer, np.concatenate(alls).mean(), tf.argmax(outputs[0], -1))
""",
        {
            "UTR001 bound",
            "UTR001 reduce: `alls` is used as a whole in `print(answer, np.concatenate(alls).mean(), tf.argmax(outputs[0], -1))`",
            "UTR001 reduce: `print(answer, np.concatenate(alls).mean(), tf.argmax(outputs[0], -1))` uses only some of the tensors",
            "UTR001 to-host",
        },
    ),
    "persistent tapes": (
        """
net = build()
tapes = []
class Keep:
    def run(self, row):
        with tf.GradientTape(persistent=True) as tape:
            loss = net(row)
        grads = tape.gradient(loss, net.trainable_variables)
        self.tape = tape
        print(grads)
keeper = Keep()
for row in rows:
    keeper.run(row)
    with tf.GradientTape(persistent=True) as tape:
        loss = net(row)
    first = tape.gradient(loss, net.trainable_variables)
    second = tape.gradient(loss, net.trainable_variables)
    tapes.append(tape)
print(tapes[0].watched_variables())
""",
        {
            "UTR004 release: `tape` is read elsewhere",
            "UTR004 release: `tapes` is read elsewhere",
        },
    ),
    "builds of many kinds": (
        """
for rate in (0.1, 0.01, 0.001):
    net = keras.Sequential([keras.layers.Dense(8), keras.layers.Dense(1)])
    net.compile(keras.optimizers.Adam(rate), "mse")
    net.fit(x, y)
    print(net.evaluate(x, y))
for units in (8, 16):
    net = build(units)
    net.fit(x, y)
    print(net.evaluate(x, y))
""",
        {
            "IMR001 clear-session",
            "IMR001 hoist: the models may differ: `rate` changes in each iteration",
            "IMR001 isolate",
            "IMR001 reuse",
        },
    ),
    "builds that are returned, stored and passed": (
        """
def train(row):
    net = build()
    net.fit(row, y)
    return net
best = None
for row in rows:
    net = train(row)
    if best is None or net.evaluate(x, y) < best.evaluate(x, y):
        best = net
for row in rows:
    net = build()
    net.fit(row, y)
    show(net)
for row in rows:
    net = build()
    other = net
    other.fit(row, y)
    net.layers[0].trainable = False
    del net
for row in rows:
    first, second = build(), build()
    first.fit(row, y)
    second.fit(row, y)
""",
        {
            "IMR001 clear-session",
            "IMR001 clear-session: `best` keeps the model of an iteration, invalid after the next clear",
            "IMR001 clear-session: `other` keeps the model of an iteration, invalid after the next clear",
            "IMR001 hoist: `other` keeps the model of an iteration",
            "IMR001 hoist: the model has no weights before its first use, and what it is used on is not plain",
            "IMR001 hoist: the model is built together with other things, in a tuple",
            "IMR001 hoist: the models may differ: `row` changes in each iteration",
            "IMR001 isolate",
            "IMR001 reuse",
            "IMR001 reuse: `best` keeps the model of an iteration",
            "IMR001 reuse: `other` keeps the model of an iteration",
            "IMR001 reuse: the model is built together with other things, in a tuple",
        },
    ),
    "builds in conditions and tries": (
        """
for row in rows:
    if row > 3:
        net = build()
        net.fit(row, y)
for row in rows:
    try:
        net = build()
        net.fit(row, y)
    except ValueError:
        continue
    print(net.predict(x))
while rows:
    net = build()
    net.fit(rows.pop(), y)
nets = [build().fit(row, y).history for row in rows]
""",
        {
            "IMR001 clear-session",
            "IMR001 clear-session: `net`, made before the loop, would be invalid after the first clear",
            "IMR001 clear-session: the loop has no block of statements",
            "IMR001 hoist: it is built within a comprehension, which has no room for statements",
            "IMR001 hoist: the model has no weights before its first use, and what it is used on is not plain",
            "IMR001 hoist: the model is built under a condition or within a `with` of the loop",
            "IMR001 isolate",
            "IMR001 reuse",
            "IMR001 reuse: it is built within a comprehension, which has no room for statements",
        },
    ),
    "builds with callbacks and checkpoints": (
        """
for fold in range(20):
    net = build()
    stop = keras.callbacks.EarlyStopping(patience=3)
    net.fit(x[fold], y[fold], callbacks=[stop, keras.callbacks.ModelCheckpoint(f"{fold}.keras")])
    net.load_weights(f"{fold}.keras")
    net.save(f"net{fold}.keras")
    weights = net.get_weights()
""",
        {
            "IMR001 clear-session",
            "IMR001 hoist",
            "IMR001 isolate",
            "IMR001 reuse",
        },
    ),
    "builds of a class": (
        """
class Net(keras.Model):
    def __init__(self, units):
        super().__init__()
        self.drop = keras.layers.Dropout(0.5)
        self.out = keras.layers.Dense(units)
    def call(self, inputs, training=None):
        return self.out(self.drop(inputs, training=training))
for row in rows:
    net = Net(1)
    net.compile("adam", "mse")
    net.fit(row, y)
for row in rows:
    net = Net(1)
    optimizer = keras.optimizers.Adam()
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean(net(row, training=True))
    optimizer.apply_gradients(zip(tape.gradient(loss, net.trainable_variables), net.trainable_variables))
""",
        {
            "IMR001 clear-session",
            "IMR001 hoist: the iteration trains with an optimizer of its own, `optimizer`",
            "IMR001 hoist: the model has no weights before its first use, and what it is used on is not plain",
            "IMR001 isolate",
            "IMR001 reuse",
            "IMR001 reuse: the iteration trains with an optimizer of its own, `optimizer`",
        },
    ),
    "views and heads": (
        """
base = keras.applications.VGG16()
for row in rows:
    part = keras.Model(base.input, base.get_layer("block5_conv3").output)
    print(part(row))
for name in ("block1_conv1", "block2_conv1"):
    part = keras.Model(base.inputs, [base.get_layer(name).output])
    print(part.predict(x))
""",
        {
            "IMR001 clear-session: `base`, made before the loop, would be invalid after the first clear",
            "IMR001 hoist",
            "IMR001 isolate",
            "IMR001 reuse: nothing of the model differs between iterations: hoist builds it once, as it is",
        },
    ),
    "loads of many kinds": (
        """
for row in rows:
    net = keras.models.load_model("a.keras")
    print(net.predict(row))
    del net
for row in rows:
    net = keras.models.load_model("a.keras")
    net.fit(row, y)
for row in rows:
    print(keras.models.load_model("a.keras").predict(row))
for row in rows:
    if row:
        net, other = keras.models.load_model("a.keras"), 2
""",
        {
            "IMR003 cache: fit() may change the model: the next use would go on from there",
            "IMR003 cache: the iteration trains the model, and starts from the file each time",
            "IMR003 hoist",
            "IMR003 hoist: the iteration trains the model, and starts from the file each time",
            "IMR003 hoist: what is made is not directly bound to a name",
            "IMR003 keep: a loop in this project repeats the load",
        },
    ),
    "loads in functions": (
        """
from transformers import TFAutoModel

def answer(row, path="a.keras"):
    return keras.models.load_model(path).predict(row)

class Service:
    def __init__(self):
        self.path, self.parts = "b.keras", {}

    def answer(self, row, kind):
        return keras.models.load_model(self.path, custom_objects=self.parts)(row)

    def tune(self, row):
        net = keras.models.load_model("c.keras")
        net.fit(row, y)
        return net(row)

    def clear(self, row):
        net = TFAutoModel.from_pretrained("d")
        keras.backend.clear_session()
        return net(row)

    def late(self, row):
        from keras.models import load_model as read
        return read("e.keras")(row)

service = Service()
for row in rows:
    answer(row)
    service.answer(row, str)
    service.tune(row)
    service.late(row)
for row in rows:
    service.clear(row)
""",
        {
            "IMR003 cache",
            "IMR003 cache: clear_session() ends the life of the model",
            "IMR003 cache: fit() may change the model: the next use would go on from there",
            "IMR003 cache: it needs `read`, which a function binds",
            "IMR003 hoist: it needs `row`, which the loop binds",
            "IMR003 keep: a loop in this project repeats the load",
        },
    ),
    "traces of many kinds": (
        """
for row in rows:
    f = tf.function(lambda v: v * 2)
    print(f(row))
for row in rows:
    @tf.function
    def g(v):
        return v * row
    print(g(x))
net = build()
for row in rows:
    net.compile("adam", "mse")
    net.fit(row, y)
for row in rows:
    net.compile(keras.optimizers.Adam(row), "mse")
    net.fit(x, y)
for epoch in range(9):
    step(epoch)
    image(row=epoch)
""",
        {
            "IMR004 hoist",
            "IMR004 hoist: it is an argument that is traced, not the function that is made",
            "IMR004 tensor",
            "IMR004 tensor: it is not a Python number that changes",
        },
    ),
    "restarts of many kinds": (
        """
net = build()
for epoch in range(9):
    data = tf.data.Dataset.from_tensor_slices((x, y)).batch(8)
    net.fit(data, epochs=1)
for epoch in range(9):
    for batch in tf.data.Dataset.from_tensor_slices((x, y)).shuffle(9).batch(8):
        net.train_on_batch(batch)
for epoch in range(9):
    data = tf.data.Dataset.from_tensor_slices((x, y))
    data = data.batch(8)
    iterator = iter(data)
    net.fit(iterator)
for epoch in range(9):
    net.fit(x, y, epochs=1, verbose=0)
""",
        {
            "IMR005 hoist",
            "IMR005 hoist: the data set has no name of its own",
            "IMR005 hoist: the data set is not made here",
            "IMR005 hoist: the loop binds `data` more than once",
            "IMR005 one-fit",
        },
    ),
    "predictions of many kinds": (
        """
net = build()
def default(item=x[:1]):
    return net.predict(item)
for row in rows:
    print(net.predict(np.atleast_2d(row)))
    print(net.predict(np.random.rand(1, 4)), net.predict(np.zeros((1, 4))), net.predict(np.zeros(shape=(1, 4))))
    print(net.predict({"a": row[None], "b": row[None]}), net.predict(row[None] if row else x[:1]))
    print(net.predict(tf.constant([[1.0]])), net.predict([[row]]), default())
    print(np.argmax(net.predict(row[np.newaxis, ...])[0]), net.evaluate(row[None], y[:1]))
    values = net.predict(row.reshape(1, -1)).tolist()
    answer = net.predict(x[row : row + 1], verbose=0)
    print(answer.shape, answer[0][0], float(answer), values)
for start in range(0, 100, 10):
    part = x[start : start + 10]
    net.predict(part)
def parts():
    for start in range(0, 100, 10):
        yield x[start : start + 10]
for part in parts():
    net.predict(part)
""",
        {
            "IMR006 call",
            "IMR006 call: evaluate() gives losses and metrics, which other calls do not",
            "IMR006 on-batch",
            "IMR006 on-batch: evaluate() gives losses and metrics, which other calls do not",
        },
    ),
    "an agent": (
        """
class Agent:
    def __init__(self):
        self.model = build()
    def act(self, state):
        return np.argmax(self.model.predict(state))
    def replay(self, batch):
        for state, action, reward, following, done in batch:
            target = reward + np.amax(self.model.predict(following)[0])
            values = self.model.predict(state)
            values[0][action] = target
            self.model.fit(state, values, epochs=1, verbose=0)
agent = Agent()
def run(env):
    state = env.reset()
    done = False
    while not done:
        action = agent.act(state)
        state, reward, done, info = env.step(action)
        state = np.reshape(state, [1, 4])
""",
        {
            "IMR006 call",
            "IMR006 on-batch",
        },
    ),
    "graphs of many kinds": (
        """
import tensorflow.compat.v1 as tf1
tf1.disable_eager_execution()
a = tf1.placeholder(tf1.float32)
with tf1.Session() as session:
    for row in rows:
        session.run(a * row, feed_dict={a: row})
        session.run(tf1.assign(b, row))
        tf1.summary.merge_all()
    for mode in ("train", "test"):
        if mode == "train":
            c = tf1.tanh(a)
    def add(kind, value):
        if kind == "add":
            return tf1.add(a, value)
        return value
    for row in rows:
        session.run(add("add", row))
        add("none", row)
        add(*row)
def of_each(row):
    session = tf1.Session()
    return session.run(tf1.constant(row))
for row in rows:
    of_each(row)
for row in rows:
    print(tf1.tanh(row).eval(session=session))
""",
        {
            "RES002 finalize",
        },
    ),
    "files of many kinds": (
        """
for row in rows:
    writer = tf.io.TFRecordWriter("a")
    writer.write(row)
    file = tf.io.gfile.GFile("a")
    print(file.read())
big = np.zeros((1000, 1000))
for row in rows:
    constant = tf.constant(big)
    print(constant * row, tf.convert_to_tensor(big) * row)
""",
        {
            "RES001 with",
            "RES003 hoist",
            "RES003 hoist: what is made is not directly bound to a name",
        },
    ),
    "stores by other means": (
        """
def joined():
    kept = []
    for row in rows:
        kept = kept + [image(row)]
    return np.mean(kept)
def starred():
    kept = []
    for row in rows:
        kept.append(*[image(row)])
    return np.mean(kept)
def several():
    kept = []
    for batch in rows:
        kept.extend(image(row) for row in batch)
        kept += [image(row) for row in batch]
    return np.mean(kept)
def in_dicts():
    kept = []
    for row in rows:
        kept.append(dict(value=image(row), number=1))
    return [item["value"].numpy() for item in kept]
def in_lists():
    kept = []
    for batch in rows:
        kept.append([image(row) for row in batch])
    return [[item.numpy() for item in items] for items in kept]
def in_nested():
    kept = []
    for row in rows:
        kept.append((1, [image(row)], {"a": image(row)}))
    return [values[0].numpy() for number, values, named in kept]
def from_graphs():
    kept = []
    for row in rows:
        tf.py_function(kept.append, [image(row)], [])
        tf.py_function(func=kept.append, inp=[image(row)], Tout=[])
        tf.py_function(Tout=[], func=kept.append, inp=[image(row)])
        tf.py_function(kept.append, [image(row), image(row)], [])
    return kept
""",
        {
            "UTR001 bound",
            "UTR001 reduce: `kept` is used as a whole in `kept = kept + [image(row)]`",
            "UTR001 reduce: `kept` is used as a whole in `return np.mean(kept)`",
            "UTR001 reduce: the tensor is stored by another function",
            "UTR001 reduce: what is stored is not always one tensor",
            "UTR001 reduce: what is stored is passed in a way that cannot be changed",
            "UTR001 to-host",
            "UTR001 to-host: what TensorFlow passes to the function cannot be converted",
        },
    ),
    "gradients": (
        """
net = build()
def by_kind():
    kept, first, several, named, starred, indexed, none = [], [], [], [], [], [], []
    for number, row in enumerate(rows):
        with tf.GradientTape(persistent=True) as tape:
            loss = step(row)
        kept.append(tape.gradient(loss, net.trainable_variables))
        first.append(tape.gradient(loss, net.trainable_variables[0]))
        several.append(tape.gradient(loss, [net.weights[0], net.weights[1]]))
        named.append(tape.gradient(loss, sources=net.trainable_variables))
        starred.append(tape.gradient(*[loss, net.trainable_variables]))
        grads = tape.gradient(loss, [net.weights[0]])
        indexed.append(grads[0])
        indexed.append(grads[number])
        none.append(tape.jacobian(loss, net.weights[0]))
        del tape
    print([item[0].numpy() for item in kept], np.mean(first), several[0][1].numpy(), named[0][0].numpy())
    return [item.numpy() for item in indexed], np.mean(starred), np.mean(none)
def losses():
    kept = []
    for row in rows:
        with tf.GradientTape() as tape:
            loss = step(row)
            kept.append(loss)
        print(tape.gradient(loss, net.trainable_variables))
    return np.mean(kept)
""",
        {
            "UTR001 bound",
            "UTR001 reduce: `first` is used as a whole in `print([item[0].numpy() for item in kept], np.mean(first), several[0][1].numpy(), named[0][0].numpy())`",
            "UTR001 reduce: `kept` is used as a whole in `return np.mean(kept)`",
            "UTR001 reduce: `none` is used as a whole in `return [item.numpy() for item in indexed], np.mean(starred), np.mean(none)`",
            "UTR001 reduce: `print([item[0].numpy() for item in kept], np.mean(first), several[0][1].numpy(), named[0][0].numpy())` uses only some of the tensors",
            "UTR001 reduce: `starred` is used as a whole in `return [item.numpy() for item in indexed], np.mean(starred), np.mean(none)`",
            "UTR001 reduce: the whole tensor is read later, and nothing smaller computed from it",
            "UTR001 to-host",
            "UTR001 to-host: cannot determine whether this is one gradient or a list of them",
        },
    ),
    "reads of what is kept": (
        """
def reads(other):
    kept = []
    for row in rows:
        kept.append(image(row))
    ask = kept[0].numpy
    return ask(), kept[0].get_shape(), kept[0].numpy().tolist()
def passed(other):
    kept = []
    for row in rows:
        kept.append(image(row))
    other.first = kept[0]
    return other(kept[0]), sorted(kept, key=lambda item: item.numpy().sum())
def compared():
    kept = []
    for row in rows:
        kept.append(step(row))
    if kept[0] == 1 or 1 < kept[-1] or 3 in kept:
        return -kept[0] * 2
    return kept[0] if kept[1] else f"{kept[2]} {max(kept)} {min(kept):.2f}"
def copied():
    kept = []
    for row in rows:
        kept.append(image(row))
    for item in list(kept):
        print(item.numpy())
    for item in kept.copy():
        print(item.numpy())
    for item in reversed(kept):
        print(item.shape[0])
    del kept[0]
    kept[1] = 2
    copy = kept.copy
    return copy
def by_tensorflow():
    kept = []
    for row in rows:
        kept.append(image(row))
    return [tf.nn.softmax(item) for item in kept], tf.debugging.assert_equal(kept[0], 1)
def by_keys():
    kept = {}
    for number, row in enumerate(rows):
        kept[number] = image(row)
    print([item.numpy() for item in kept.values()], 3 in kept, kept.get(0), kept.pop(1).numpy())
    for key, item in kept.items():
        print(key, item.numpy().mean())
    return {key: float(tf.reduce_sum(item)) for key, item in kept.items()}
def methods():
    kept = []
    for row in rows:
        kept.append(step(row))
    kept.sort()
    return [item.numpy() + item.dtype.size for item in kept], [item.name for item in kept]
""",
        {
            "UTR001 bound",
            "UTR001 reduce: `ask = kept[0].numpy` uses only some of the tensors",
            "UTR001 reduce: `if kept[0] == 1 or 1 < kept[-1] or 3 in kept` uses only some of the tensors",
            "UTR001 reduce: `kept` is used as a whole in `kept.sort()`",
            "UTR001 reduce: `other.first = kept[0]` uses only some of the tensors",
            "UTR001 reduce: `return [tf.nn.softmax(item) for item in kept], tf.debugging.assert_equal(kept[0], 1)` uses only some of the tensors",
            "UTR001 to-host",
            "UTR001 to-host: `.dtype` of what is stored is used in a way that only TensorFlow's own allows",
            "UTR001 to-host: `.numpy()` is called on the stored tensors in a way that cannot be rewritten",
        },
    ),
    "means of what is kept": (
        """
def f0(*extra):
    kept = []
    for row in rows:
        kept.append(image(row))
    return [tf.reduce_mean(item).numpy() for item in kept]
def f1(*extra):
    kept = []
    for row in rows:
        kept.append(image(row))
    for item in kept:
        print(float(tf.reduce_max(item)))
def f2(*extra):
    kept = []
    for row in rows:
        kept.append(image(row))
    for number, item in enumerate(kept):
        print(number, tf.reduce_sum(item).numpy())
def f3(*extra):
    kept = []
    for row in rows:
        kept.append(image(row))
    for item, other in zip(kept, rows):
        print(other, tf.reduce_sum(item).numpy())
def f4(*extra):
    kept = []
    for row in rows:
        kept.append(image(row))
    for item in reversed(kept):
        print(tf.norm(item).numpy())
def f5(*extra):
    kept = []
    for row in rows:
        kept.append(image(row))
    if not kept:
        return 0
    return [item.numpy().mean() for item in kept]
def f6(*extra):
    kept = []
    for row in rows:
        kept.append(image(row))
    return [np.max(item) for item in kept], len(kept)
def f7(*extra):
    kept = []
    for row in rows:
        kept.append(image(row))
    return [item.numpy().sum().item() for item in kept]
def f8(*extra):
    kept = []
    for row in rows:
        kept.append(image(row))
    return [item.numpy().shape[0] for item in kept]
def f9(*extra):
    kept = []
    for row in rows:
        kept.append(image(row))
    return [item.numpy().T.tolist() for item in kept]
def f10(*extra):
    kept = []
    for row in rows:
        kept.append(image(row))
    return [len(item) for item in kept]
def f11(*extra):
    kept = []
    for row in rows:
        kept.append(image(row))
    return [tf.reduce_mean(item).numpy() > 0.5 for item in kept]
def f12(*extra):
    kept = []
    for row in rows:
        kept.append(image(row))
    return [float(tf.reduce_mean(item)) if item is not None else None for item in kept]
def f13(*extra):
    kept = []
    for row in rows:
        kept.append(image(row))
    return [abs(tf.reduce_mean(item).numpy()) - 1 for item in kept]
def f14(*extra):
    kept = []
    for row in rows:
        kept.append(image(row))
    return [tf.reduce_mean(*[item]).numpy() for item in kept]
def f15(*extra):
    kept = []
    for row in rows:
        kept.append(image(row))
    return [np.linalg.norm(item[0]) for item in kept]
def f16(*extra):
    kept = []
    for row in rows:
        kept.append(image(row))
    return [tf.reduce_mean(item, axis=0).numpy() for item in kept]
def f17(*extra):
    kept = []
    for row in rows:
        kept.append(image(row))
    total = 0
    for item in kept:
        value = tf.reduce_mean(item)
        total += value.numpy()
    return total
def f18(*extra):
    kept = []
    for row in rows:
        kept.append(image(row))
    for item in kept:
        item = item + 1
        print(tf.reduce_mean(item).numpy())
def f19(*extra):
    kept = []
    for row in rows:
        kept.append(image(row))
    for item in kept:
        pass
    print(tf.reduce_mean(item).numpy())
def f20(*extra):
    kept = []
    for row in rows:
        kept.append(image(row))
    kept, other = [], []
    return other
def f21(*extra):
    kept = []
    for row in rows:
        kept.append(image(row))
    return [tf.reduce_mean(part).numpy() for item in kept for part in item]
def f22(*extra):
    kept = []
    for row in rows:
        kept.append(image(row))
    return [(lambda: tf.reduce_mean(item).numpy())() for item in kept]
def f23(*extra):
    kept = []
    for row in rows:
        kept.append(image(row))
    while kept:
        print(tf.reduce_mean(kept.pop()).numpy())
def f24(*extra):
    kept = []
    for row in rows:
        kept.append(image(row))
    match kept:
        case [first, *rest]:
            print(rest)
        case {'a': 1, **more}:
            print(more)
    return [tf.reduce_mean(item).numpy() for item in kept]
def f25(*extra):
    kept = []
    for row in rows:
        kept.append(image(row))
    def inner():
        nonlocal kept
        kept = [1]
    inner()
    return [tf.reduce_mean(item).numpy() for item in kept]
def f26(*extra):
    kept = []
    for row in rows:
        kept.append(image(row))
    def inner(kept):
        return kept
    return inner([tf.reduce_mean(item).numpy() for item in kept])
def f27(*extra):
    kept = []
    for row in rows:
        kept.append(image(row))
    kept.append(2)
    return [tf.reduce_mean(item).numpy() for item in kept]
def f28(*extra):
    kept = []
    for row in rows:
        kept.append(image(row))
    return [tf.reduce_mean(item).numpy() for item in kept if item is not None], kept.count(1)
def f29(*extra):
    kept = []
    for row in rows:
        kept.append(image(row))
    for item[0] in kept:
        print(1)
def f30(*extra):
    kept = []
    for row in rows:
        kept.append(image(row))
    for (first, second) in kept:
        print(tf.reduce_mean(first).numpy())
""",
        {
            "UTR001 bound",
            "UTR001 reduce",
            "UTR001 reduce: `[item]` may give something else when it is computed earlier",
            "UTR001 reduce: `item is not None` may give something else when it is computed earlier",
            "UTR001 reduce: `item` is also used outside `for item in kept`",
            "UTR001 reduce: `item` is bound again in `item = item + 1`",
            "UTR001 reduce: `kept.append(2)` puts something else into `kept`, which may be no tensor",
            "UTR001 reduce: `kept` is not created empty, once, by the function that fills it",
            "UTR001 reduce: `kept` is used as a whole in `for (first, second) in kept`",
            "UTR001 reduce: `kept` is used as a whole in `for item[0] in kept`",
            "UTR001 reduce: `kept` is used as a whole in `match kept`",
            "UTR001 reduce: `kept` is used as a whole in `nonlocal kept`",
            "UTR001 reduce: `return [(lambda: tf.reduce_mean(item).numpy())() for item in kept]` is not computed for each of the tensors",
            "UTR001 reduce: `return [tf.reduce_mean(item).numpy() for item in kept if item is not None], kept.count(1)` visits only some of the tensors",
            "UTR001 reduce: `return [tf.reduce_mean(part).numpy() for item in kept for part in item]` visits only some of the tensors",
            "UTR001 reduce: the whole tensor is read later, and nothing smaller computed from it",
            "UTR001 to-host",
        },
    ),
    "annotated and global": (
        """
KEPT = []
def typed():
    kept: list[tf.Tensor] = []
    for row in rows:
        kept.append(image(row))
    return [tf.reduce_mean(item).numpy() for item in kept]
def anything():
    kept: list = []
    for row in rows:
        kept.append(image(row))
    return [tf.reduce_mean(item).numpy() for item in kept]
def shared():
    global KEPT
    KEPT = []
    for row in rows:
        KEPT.append(image(row))
    return [tf.reduce_mean(item).numpy() for item in KEPT]
def two():
    kept, others = [], []
    for row in rows:
        kept.append(image(row))
        others.append(1)
    return [tf.reduce_mean(item).numpy() for item in kept], others
def by_others():
    kept = []
    def add(row):
        kept.append(image(row))
    for row in rows:
        kept.append(image(row))
        add(row)
    return [tf.reduce_mean(item).numpy() for item in kept]
""",
        {
            "UTR001 bound",
            "UTR001 reduce",
            "UTR001 reduce: `KEPT` is used as a whole in `global KEPT`",
            "UTR001 reduce: `kept` is also used in another function than the one that fills it",
            "UTR001 reduce: `kept` is annotated with the type of what it holds",
            "UTR001 reduce: `kept` is not created empty, once, by the function that fills it",
            "UTR001 to-host",
        },
    ),
    "builders that take and give": (
        """
def make(*units, rate=0.1):
    net = keras.Sequential([keras.layers.Dense(units[0]), keras.layers.Dense(1)])
    net.compile(keras.optimizers.Adam(rate), "mse")
    return net
def pair():
    return build(), 3
def train(row, rate):
    net = build()
    net.compile(keras.optimizers.SGD(rate), "mse")
    net.fit(row, y)
    return net.evaluate(x, y)
class Trainer:
    def train(self, row):
        def inner():
            net = build()
            net.fit(row, y)
            return net
        return inner().evaluate(x, y)
trainer = Trainer()
for row in rows:
    net = make(*[8])
    net.fit(row, y)
for row in rows:
    net, number = pair()
    net.fit(row, y)
for rate in (0.1, 0.01, 0.001):
    print(train(x, rate))
for row in rows:
    trainer.train(row)
for row in rows:
    build().fit(row, y)
for row in rows:
    show(build().fit(row, y).history)
for row in rows:
    nets = [build(), *pair()]
    nets[0].fit(row, y)
for row in rows:
    (
        build()
        .fit(row, y)
    )
for row in rows:
    keeper.net = build()
    keeper.net.fit(row, y)
for row in rows:
    net = build() if row else build(16)
    net.fit(row, y)
for row in rows:
    first, *rest = pair()
    first.fit(row, y)
""",
        {
            "IMR001 clear-session",
            "IMR001 clear-session: `net`, made before the loop, would be invalid after the first clear",
            "IMR001 hoist: the call in the loop builds and trains in one; there is no model to keep",
            "IMR001 hoist: the model has no weights before its first use, and what it is used on is not plain",
            "IMR001 hoist: what is built is not bound to a name",
            "IMR001 hoist: what is built is not directly bound to a name",
            "IMR001 isolate",
            "IMR001 reuse",
            "IMR001 reuse: train() is called from several places",
            "IMR001 reuse: what is built is not bound to a name",
            "IMR001 reuse: what is built is not directly bound to a name",
        },
    ),
    "reads in many places": (
        """
def looped():
    kept = []
    for row in rows:
        kept.append(image(row))
    for item in kept:
        print(item.numpy() * 2, f"{item.numpy().mean()}")
    for item in enumerate(kept):
        print(item[1].numpy())
    for number, item in enumerate(list(kept)):
        print(number, item.numpy(), item.shape, item[0], -item, item if item else 1, item == 3)
    for item in sorted(kept, key=lambda part: part.numpy().sum()):
        print(item.numpy())
    print([item for item in kept], (item for item in kept), {number: item for number, item in zip(rows, kept)})
    values = kept.copy()
    values[0] = values[1]
    del values[2]
    print(max(kept, key=np.sum).numpy(), kept[0].numpy().astype(int), kept[1].numpy().shape)
def shown():
    kept = []
    for row in rows:
        kept.append(image(row))
    tf.print(kept)
    net = build()
    print(net.predict(kept[0]), net(kept[0]), tf.io.write_file("a", kept[0]), kept[0].numpy(), tf.stack([kept[0]]))
def gone_through():
    kept = []
    for row in rows:
        kept.append(image(row))
    while kept:
        print(kept.pop().numpy())
def set_values():
    kept = set()
    for row in rows:
        kept.add(image(row).ref())
    return kept
def tuples():
    kept = []
    for row in rows:
        value = image(row)
        first, second = value, value
        kept.append((first, *[second]))
        kept.append((value, {**{"a": value}}))
        kept.append([*[value], 1])
    return [item[0].numpy() for item in kept], [item[-1] for item in kept]
def by_slice():
    kept = [None, None]
    for number, row in enumerate(rows):
        kept[number:] = [image(row)]
    return np.mean(kept)
def pairs_of_dicts():
    kept = []
    for row in rows:
        kept.append(dict(first=1, **{"value": image(row)}))
        kept.append(dict([("value", image(row))]))
    return [item["value"].numpy() for item in kept]
net = build()
def gradients_of(weights):
    kept, more, last = [], [], []
    for row in rows:
        with tf.GradientTape() as tape:
            loss = step(row)
        kept.append(tape.gradient(loss, [*weights, net.weights[0]]))
        with tf.GradientTape() as tape:
            loss = step(row)
        more.append(tape.gradient(loss))
        with tf.GradientTape() as tape:
            other = net(row)
        last.append((other, tape.jacobian(other, net.weights)))
    return [item[0].numpy() for item in kept], np.mean(more), [item[0].numpy() for item in last]
""",
        {
            "UTR001 bound",
            "UTR001 reduce: `kept` is used as a whole in `for item in enumerate(kept)`",
            "UTR001 reduce: `kept` is used as a whole in `return kept`",
            "UTR001 reduce: `kept` is used as a whole in `tf.print(kept)`",
            "UTR001 reduce: `more` is used as a whole in `return [item[0].numpy() for item in kept], np.mean(more), [item[0].numpy() for item in last]`",
            "UTR001 reduce: the whole tensor is read later, and nothing smaller computed from it",
            "UTR001 reduce: what is stored is not always one tensor",
            "UTR001 to-host: `.numpy()` is called on the stored tensors and on others by the same code",
            "UTR001 to-host: `.numpy()` may be called on the stored tensors in a way that cannot be followed",
            "UTR001 to-host: cannot determine whether this is one gradient or a list of them",
        },
    ),
    "means that need more": (
        """
def float(value):
    return value
def own():
    kept = []
    for row in rows:
        kept.append(image(row))
    return [float(tf.reduce_mean(item)) for item in kept]
def drawn():
    kept = []
    for row in rows:
        kept.append(image(row))
    return [tf.reduce_mean(item * tf.random.uniform([])).numpy() for item in kept]
def in_sets():
    kept = []
    for row in rows:
        kept.append(image(row))
    return {tf.reduce_mean(item).numpy() for item in kept}
def twice():
    kept = []
    for row in rows:
        kept.append(image(row))
        kept.append(image(row) + 1)
    return [(tf.reduce_max(item) - tf.reduce_min(item)).numpy() for item in kept]
def under():
    kept = []
    with tf.device("cpu"):
        for row in rows:
            kept.append(image(row))
    with tf.device("gpu"):
        return [tf.reduce_mean(item).numpy() for item in kept]
def opened(path):
    kept = []
    for row in rows:
        kept.append(image(row))
    with open(path, "w") as file:
        for item in kept:
            print(tf.reduce_mean(item).numpy(), file=file)
make = lambda: [image(row) for row in rows]
def with_default(limit=3):
    kept = list()
    for row in rows:
        kept.append(image(row))
    limit = 5
    return [tf.reduce_mean(item).numpy() > limit for item in kept]
def lined():
    kept = []
    for row in rows:
        kept.append(image(
            row
        ))
    return [
        tf.reduce_mean(
            item
        ).numpy()
        for item in kept
    ]
class Holder:
    def run(self):
        kept = []
        for row in rows:
            kept.append(image(row))
        self.kept = kept
        return [tf.reduce_mean(item).numpy() for item in kept]
""",
        {
            "UTR001 bound",
            "UTR001 reduce",
            "UTR001 reduce: `[]` may give something else when it is computed earlier",
            "UTR001 reduce: `float` may give something else when it is called earlier",
            "UTR001 reduce: `kept` is used as a whole in `self.kept = kept`",
            'UTR001 reduce: part of it runs outside `with tf.device("cpu")`, which may matter',
            "UTR001 to-host",
        },
    ),
    "models in ways that need care": (
        """
def given():
    net = build()
    return net
def varying(units):
    if units > 3:
        return keras.Sequential([keras.layers.Dense(units)])
    return keras.Sequential([keras.layers.Dense(units), keras.layers.Dense(1)])
for row in rows:
    net: keras.Model = build()
    net.fit(row, y)
for row in rows:
    net = given()
    net.stop_training = False
    net.layers.pop()
    net.fit(row, y)
for row in rows:
    net = build()
    net.loss = "mae"
    net.fit(row, y)
for row in rows:
    net = build()
    inner = keras.Sequential([net, keras.layers.Dense(1)])
    inner.compile("adam", "mse")
    inner.fit(row, y)
for units in range(9):
    net = varying(units)
    net.compile("adam", "mse")
    net.fit(x, y)
for row in rows:
    net = build()
    net.fit(row, y)
    table = {"net": net}
    print(table["net"].evaluate(x, y))
for row in rows:
    net = build()
    net.fit(row, y)
    if row:
        net = build(4)
    print(net.evaluate(x, y))
for row in rows:
    net = build(); net.fit(row, y)
for row in rows:
    with tf.device("cpu"):
        net = build()
    net.fit(row, y)
def outer(count):
    size = 8
    for number in range(count):
        size = size + 1
        net = build(size)
        net.fit(x, y)
    for number in range(count):
        units = len(np.unique(y))
        net = build(units)
        net.fit(x, y)
    for number in range(count):
        net = build(y.nunique())
        net.fit(x, y)
outer(9)
def run(row, *more):
    net = build()
    net.fit(row, y)
    return net.evaluate(x, y), net
for row in rows:
    score, net = run(row)
for row in rows:
    score = run(row, *rows)[0]
for row in rows:
    print(run(row)[0])
for row in rows:
    (score, *rest) = run(row)
if rows:
    for row in rows:
        return_value = run(row=row)
""",
        {
            "IMR001 clear-session",
            "IMR001 hoist: `net` is bound in several places",
            "IMR001 hoist: the call in the loop builds and trains in one; there is no model to keep",
            "IMR001 hoist: the iteration sets `net.loss`, which a kept model would remember",
            "IMR001 hoist: the model has no weights before its first use, and what it is used on is not plain",
            "IMR001 hoist: the model is built under a condition or within a `with` of the loop",
            "IMR001 hoist: the model is not built by a statement of its own",
            "IMR001 hoist: the model is stored with other things",
            "IMR001 hoist: the models may differ: `units` changes in each iteration",
            "IMR001 isolate",
            "IMR001 reuse",
            "IMR001 reuse: `net` is bound in several places",
            "IMR001 reuse: run() is called from several places",
            "IMR001 reuse: the iteration sets `net.loss`, which a kept model would remember",
            "IMR001 reuse: the model is not built by a statement of its own",
            "IMR001 reuse: the model is stored with other things",
            "IMR001 reuse: the models may differ: `units` changes in each iteration",
        },
    ),
    "persistent tapes of many kinds": (
        """
net = build()
def run():
    kept = []
    for row in rows:
        with tf.GradientTape(persistent=True) as tape:
            loss = step(row)
        kept.append(tape)
        print(tape.gradient(loss, net.weights))
    return len(kept)
class Step:
    def __init__(self):
        self.tape = None
    def one(self, row):
        with tf.GradientTape(persistent=True) as self.tape:
            loss = step(row)
        return self.tape.gradient(loss, net.weights)
    def two(self, row):
        self.tape = tf.GradientTape(persistent=True)
        with self.tape as tape:
            loss = step(row)
        for weight in net.weights:
            print(tape.gradient(loss, weight))
        if row:
            print(self.tape.gradient(loss, net.weights))
step_of = Step()
for row in rows:
    step_of.one(row)
    step_of.two(row)
run()
""",
        {
            "UTR004 release: `kept` is read elsewhere",
            "UTR004 release: `self.tape` is used by other functions",
            "UTR004 release: `tape` is read elsewhere",
        },
    ),
    "histories in more ways": (
        """
def starred():
    kept = []
    for row in rows:
        kept.append(*[build().fit(row, y)])
    return [history.history for history in kept]
def by_items():
    kept = {}
    for number, row in enumerate(rows):
        kept[number] = build().fit(row, y)
    for number, history in kept.items():
        print(history.history["loss"])
    for history in kept.values():
        print(history.history)
    for number in kept:
        print(kept[number].history)
def by_pairs():
    kept = []
    for row in rows:
        history = build().fit(row, y)
        kept.append(history)
    for number, history in enumerate(kept):
        print(number, history.history)
    for row, history in zip(rows, kept):
        print(row, history.history, len(kept))
    return kept[0].history, kept[-1].history["loss"]
def passed(show):
    kept = []
    for row in rows:
        kept.append(build().fit(row, y))
    show(kept)
    return [history.history for history in kept]
def by_sets():
    return {build().fit(row, y) for row in rows}
def by_pattern():
    kept = []
    for row in rows:
        kept.append(build().fit(row, y))
    for pair in zip(kept, rows):
        print(pair)
    for number, history.last in enumerate(kept):
        print(number)
    return [history.history for history in kept]
""",
        {
            "IMR001 clear-session",
            "IMR001 clear-session: the loop has no block of statements",
            "IMR001 hoist: it is built within a comprehension, which has no room for statements",
            "IMR001 hoist: what is built is not bound to a name",
            "IMR001 hoist: what is built is not directly bound to a name",
            "IMR001 isolate",
            "IMR001 reuse",
            "IMR001 reuse: it is built within a comprehension, which has no room for statements",
            "IMR001 reuse: what is built is not directly bound to a name",
            "UTR006 history: `history` is also used outside the loop",
            "UTR006 history: `show(kept)` uses the History objects themselves",
            "UTR006 history: the elements of the loop are not named",
        },
    ),
    "what is hoisted": (
        """
def loads():
    for row in rows:
        path = "a" + "b"
        net = keras.models.load_model(path)
        print(net(row))
    for row in rows:
        net = keras.models.load_model("a.keras")
        net = net.layers[0]
        print(net(row))
    for row in rows:
        if row:
            net = keras.models.load_model("a.keras")
            print(net(row))
    for row in rows:
        first = second = keras.models.load_model("a.keras")
        print(first(row), second(row))
    for row in rows: net = keras.models.load_model("a.keras"); print(net(row))
    for row in rows:
        net = keras.models.load_model("a.keras")
        print([net(part) for part in row])
        del net, row
    else:
        print(net)
    net = None
    for row in rows:
        print(net)
        net = keras.models.load_model("a.keras")
        print(net(row))
    for row in rows:
        print(tf.constant(np.zeros((1000, 1000))) * row)
        large = tf.constant(np.zeros((1000, 1000)))
        large += row
""",
        {
            "IMR003 cache",
            "IMR003 hoist",
            "IMR003 hoist: it needs `path`, which the loop binds",
            "IMR003 hoist: it is under a condition, or in another block of the loop",
            "IMR003 hoist: the loop also binds `net` in another place",
            "IMR003 hoist: the statement is on the same line as the header of its block",
            "IMR003 hoist: what is made is not directly bound to a name",
            "IMR003 keep: a loop in this project repeats the load",
        },
    ),
}


def test_fixes_are_offered_or_refused_with_the_reason(offers):
    found = offers({name: text for name, (text, _) in SHAPES.items()})
    assert found == {name: expected for name, (_, expected) in SHAPES.items()}
