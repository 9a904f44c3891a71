"""How far the fixes of repetitions go, a program for each limit; long, as it is one table."""

# ruff: noqa: E501 -- reasons stand as they are given

from __future__ import annotations

#: A program, and what is offered or refused for its findings.
SHAPES = {
    "files opened": (
        """
def a():
    for row in rows:
        writer = tf.io.TFRecordWriter("a"); writer.write(row)
def b():
    for row in rows:
        pair, n = tf.io.TFRecordWriter("a"), 1
        pair.write(row)
def b2():
    for row in rows:
        tf.io.TFRecordWriter("a").write(row)
def c():
    for row in rows:
        writer = tf.io.TFRecordWriter("a")
        print(row)
def d():
    for row in rows:
        writer = tf.io.TFRecordWriter("a")
        writer.write(row)
        writer = None
        print(writer)
def e():
    for row in rows:
        print(writer)
        writer = tf.io.TFRecordWriter("a")
        writer.write(row)
def g(show):
    for row in rows:
        writer = tf.io.TFRecordWriter("a")
        show(lambda: writer.write(row))
def h():
    for row in rows:
        writer = tf.summary.create_file_writer("a")
        with writer.as_default():
            if row:
                break
def i():
    for row in rows:
        writer = tf.io.TFRecordWriter("a")
        for part in row:
            writer.write(part)
            if part:
                continue
def j():
    for row in rows:
        if row: writer = tf.io.TFRecordWriter("a"); writer.write(row)
def k():
    for row in rows: writer = tf.io.TFRecordWriter("a")
def l(holder):
    for row in rows:
        holder.writer = tf.io.TFRecordWriter("a")
        holder.writer.write(row)
def m():
    for row in rows:
        writer = tf.io.TFRecordWriter("a")
        writer.write(row)
        def show(): pass
        show(writer)
        print(row.writer, dict(writer=1))
def n():
    for row in rows:
        writer = tf.io.TFRecordWriter("a")
        writer.write(row)
        return {"writer": writer}
""",
        {
            "RES001 with",
            "RES001 with: a lambda uses the file, perhaps later",
            "RES001 with: nothing is done with the file",
            "RES001 with: the block is left before its end",
            "RES001 with: the file is opened on a line with other code",
            "RES001 with: the statement is on the same line as the header of its block",
        },
    ),
    "one item at a time": (
        """
net = build()
def a():
    for row in rows:
        print(net.predict([row] + [1]))
    for row in rows:
        print(net.predict(row[[0]]))
    for row in rows:
        print(net.predict(row.reshape(shape=(1, 3))))
    for row in rows:
        print(net.predict(np.reshape(row, newshape=(1, -1))))
    for row in rows:
        print(net.predict(x[3:4].values))
def b(part=x[:1]):
    for row in rows:
        print(net.predict(part))
one = x[:1]
def c():
    for row in rows:
        print(net.predict(one), net.predict([x, x] + [1]))
def look(data):
    return net.predict(data)[0]
def d():
    for row in rows:
        print(look(row[None]))
    return [net.predict(row[None]) for row in rows]
def e():
    while True:
        print(net.predict(x[None]), net.predict(x[None], 1, 0, 3), net.predict(*x[:1]))
""",
        {
            "IMR006 call",
            "IMR006 on-batch",
            "IMR006 call: `3` is an argument that only predict() takes",
            "IMR006 on-batch: `3` is an argument that only predict() takes",
        },
    ),
    "what predict is called by": (
        """
net = build()
predict = net.predict
for row in rows:
    print(predict(row[None]))
for row in rows:
    print(net.predict(row[None], True, 1, callbacks=[]))
for row in rows:
    answer = net.predict(row[None])
    print(float(answer), int(answer))
for row in rows:
    answer = net.predict(row[None])
    for part in answer:
        print(part)
""",
        {
            "IMR006 call: `callbacks=[]` is an argument that only predict() takes",
            "IMR006 call: the model gives several answers, each of which would be a tensor",
            "IMR006 on-batch",
            "IMR006 on-batch: `callbacks=[]` is an argument that only predict() takes",
        },
    ),
    "sessions with feeds": (
        """
import tensorflow.compat.v1 as tf1
tf1.disable_eager_execution()
def score(sess, loss, inputs):
    for row in rows:
        print(sess.run(tf1.square(loss), feed_dict={inputs: row}))
        loss.eval(feed_dict={inputs: row})
    for row in rows:
        z = tf1.square(loss)
        z = tf1.abs(z)
        sess.run(z)
def norm(x, kind):
    if kind >= "tf":
        return tf1.norm(x)
    return np.linalg.norm(x)
def other(x, kind):
    if kind == "tf":
        return tf1.norm(x)
    return np.linalg.norm(x)
class Runs:
    def pick(self, x, kind):
        if kind == "tf":
            return tf1.norm(x)
        return np.linalg.norm(x)
    def run(self):
        with tf1.Session() as sess:
            for row in rows:
                print(sess.run(self.pick(row, "np")))
            for row in rows:
                print(sess.run(self.pick(*row)))
with tf1.Session() as sess:
    for row in rows:
        print(sess.run(norm(row, "np")))
    for row in rows:
        print(sess.run(other(row, kind="np")))
    for row in rows:
        print(sess.run(other(*row)))
def main():
    with tf1.Session() as sess:
        names = list(map(lambda row: sess.run(tf1.square(row)), rows))
        hits = []
        for row in rows:
            hits.append(tf1.square(row))
            hits.append(sess.run(tf1.square(row)))
        print(sess.run(hits))
        many = tf1.zeros(3)
        for row in rows:
            many = tf1.abs(tf1.square(tf1.abs(tf1.square(tf1.abs(tf1.square(tf1.abs(tf1.square(tf1.abs(many)))))))))
            sess.run(many)
def graphs():
    for row in rows:
        graph = tf1.Graph()
        with graph.as_default():
            z = tf1.square(row)
            with tf1.Session(graph=graph) as sess:
                sess.run(z)
    graph = tf1.Graph()
    for row in rows:
        with graph.as_default():
            z = tf1.square(row)
            with tf1.Session(graph=graph) as sess:
                sess.run(z)
def make():
    return tf1.Graph()
def graphs2():
    for row in rows:
        graph = make()
        with graph.as_default():
            z = tf1.square(row)
            with tf1.Session(graph=graph) as sess:
                sess.run(z)
def each(row):
    graph = make()
    with graph.as_default():
        z = tf1.square(row)
        with tf1.Session(graph=graph) as sess:
            return sess.run(z)
print(list(map(each, rows)))
def each2(row, graph=tf1.Graph()):
    with graph.as_default():
        z = tf1.square(row)
        with tf1.Session(graph=graph) as sess:
            return sess.run(z)
print(list(map(each2, rows)))
""",
        {
            "RES002 finalize",
        },
    ),
    "functions traced again": (
        """
def log(value, number):
    tf.summary.scalar("loss", value, number)
def deep(value, number):
    log(value, number)
def deeper(value, number):
    deep(value, number)
def deepest(value, number):
    deeper(value, number)
@tf.function
def train(row, number):
    tf.summary.scalar("loss", row, number)
    return row
@tf.function
def train2(row, number):
    deepest(row, number)
    return row
@tf.function
def train3(row, number, *more):
    log(row, 3)
    return row
@tf.function(**options)
def train4(row, number):
    return row
def main():
    for number in range(10000):
        train(x, number)
    for number in range(10000):
        train2(x, number)
    for number in range(10000):
        train3(x, 1, 2, number)
    for number in range(10000):
        train4(x, number)
    for number in range(10000):
        train3(x, float(number))
    for number in range(10000):
        train3(x, number + len(x))
    for number in range(10000):
        train3(x, int(number) + 1)
    for number in range(10000):
        train3(x, float(x))
""",
        {
            "IMR004 hoist: it is an argument that is traced, not the function that is made",
            "IMR004 tensor",
        },
    ),
    "pipelines made again": (
        """
net = build()
for epoch in range(10): net.fit(tf.data.Dataset.from_tensor_slices(x).batch(3), epochs=1)
for epoch in range(10):
    data = tf.data.Dataset.from_tensor_slices(x).batch(3); net.fit(data, epochs=1)
for epoch in range(10):
    net.data = tf.data.Dataset.from_tensor_slices(x).batch(3)
    net.fit(net.data, epochs=1)
for epoch in range(10):
    "one epoch"
    net.fit(x, y, epochs=1)
for epoch in range(10):
    if epoch:
        net.fit(x, y, epochs=1)
for epoch in range(10):
    with strategy.scope():
        net.fit(x, y, epochs=1)
for epoch in range(10):
    net.fit(tf.data.Dataset.zip((tf.data.Dataset.from_tensor_slices(x), tf.data.Dataset.from_tensor_slices(y))).batch(3), epochs=1)
[net.fit(tf.data.Dataset.from_tensor_slices(x).batch(3), epochs=1) for epoch in range(10)]
for epoch in range(10):
    data, n = tf.data.Dataset.from_tensor_slices(x).batch(3), 3
    net.fit(data, epochs=1)
for epoch in range(10):
    data = tf.data.Dataset.from_tensor_slices(x).batch(3)
    for part in data:
        net.train_on_batch(part)
""",
        {
            "IMR005 hoist",
            "IMR005 hoist: the data set has no name of its own",
            "IMR005 hoist: the data set is not made here",
            "IMR005 hoist: the data set shares its line with other code",
            "IMR005 hoist: the loop is a comprehension, or is written on one line",
            "IMR005 hoist: the statement is on the same line as the header of its block",
            "IMR005 one-fit",
        },
    ),
    "functions made in loops": (
        """
for row in rows:
    if row:
        @tf.function
        def run(a): return a
        run(row)
for row in rows:
    holder.run = tf.function(lambda a: a)
    holder.run(row)
for row in rows:
    run = tf.function(lambda a: a)
for row in rows:
    run = tf.function(lambda a: a)
    def more(): pass
    class Other: pass
    other = lambda b: b
    run(row, run=3)
    row.run(3)
for row in rows:
    for run in [tf.function(lambda a: a)]:
        run(row)
for row in rows:
    run, other = tf.function(lambda a: a), 1
    run(row)
""",
        {
            "IMR004 hoist",
            "IMR004 hoist: it is not made by a statement of its own",
            "IMR004 hoist: it is under a condition, or in another block of the loop",
            "IMR004 hoist: the loop does nothing else",
            "IMR004 hoist: what is made is not directly bound to a name",
            "IMR004 tensor: it is not a Python number that changes",
        },
    ),
    "loads that are kept": (
        """
import functools as functions
def a(path):
    for row in rows:
        net = keras.models.load_model(*path)
        print(net(row))
def b(path):
    for row in rows:
        net = keras.models.load_model([path][0])
        print(net(row))
def one(path, row):
    net = keras.models.load_model(filepath=path, custom_objects={"a": row})
    return net(row)
def two(filepath, row):
    net = keras.models.load_model(filepath=filepath + "a")
    return net(row)
def three(row):
    path = "a"
    net = keras.models.load_model(path + path_)
    return net(row)
path_ = "b"
def four(row):
    tf.compat.v1.reset_default_graph()
    tf.compat.v1.train.import_meta_graph("a.meta")
    with tf.compat.v1.Session() as sess:
        return sess.run("a:0", {"b:0": row})
def five(row):
    saver = tf.compat.v1.train.import_meta_graph("a.meta")
    with tf.compat.v1.Session() as sess:
        return sess.run("a:0", {"b:0": row})
def six(row):
    with tf.Graph().as_default():
        saver = tf.compat.v1.train.import_meta_graph("a.meta")
        with tf.compat.v1.Session() as sess:
            return sess.run("a:0", {"b:0": row})
for row in rows:
    one("a", row)
    two("a", row)
    three(row)
    four(row)
    five(row)
    six(row)
""",
        {
            "IMR003 cache",
            "IMR003 cache: it needs `path`, which a function binds",
            "IMR003 cache: it needs `row`, which a function binds",
            "IMR003 cache: reset_default_graph() ends the life of the model",
            "IMR003 cache: the model belongs to a session or graph that ends",
            "IMR003 hoist",
            "IMR003 hoist: it needs `row`, which the loop binds",
            "IMR003 keep: a loop in this project repeats the load",
        },
    ),
    "loads without imports": (
        """\
def one(row):
    import keras
    net = keras.models.load_model("a.keras")
    return net(row)
def run(rows):
    for row in rows:
        one(row)
""",
        {
            "IMR003 cache: it needs `keras`, which a function binds",
            "IMR003 hoist: it needs `row`, which the loop binds",
            "IMR003 keep: a loop in this project repeats the load",
        },
    ),
    "loads after future imports": (
        """\
from __future__ import annotations
def one(row):
    import keras
    net = keras.models.load_model("a.keras")
    return net(row)
def run(rows):
    for row in rows:
        one(row)
""",
        {
            "IMR003 cache: it needs `keras`, which a function binds",
            "IMR003 hoist: it needs `row`, which the loop binds",
            "IMR003 keep: a loop in this project repeats the load",
        },
    ),
    "loads where functools is taken": (
        """\
import keras
functools = 3
def one(row):
    net = keras.models.load_model("a.keras")
    return net(row)
def run(rows):
    for row in rows:
        one(row)
""",
        {
            "IMR003 cache: `functools` is another name here",
            "IMR003 hoist: it needs `row`, which the loop binds",
            "IMR003 keep: a loop in this project repeats the load",
        },
    ),
    "lite for requests": (
        """\
import tensorflow as tf
from flask import Flask
app = Flask(__name__)
@app.route("/")
def index():
    net = tf.lite.Interpreter("a.tflite")
    net.allocate_tensors()
    return str(net)
""",
        {
            "IMR003 cache: an interpreter of TensorFlow Lite serves one thread at a time",
            "IMR003 hoist: no loop in this file repeats the load",
            "IMR003 keep",
        },
    ),
    "requests for one item": (
        """\
import keras
from flask import Flask, request
app = Flask(__name__)
net = keras.models.load_model("a.keras")
@app.route("/")
def index():
    return str(net.predict(request.data[None]))
@app.route("/b")
def other():
    return str([net.predict(part[None]) for part in request.data])
""",
        {
            "IMR006 call",
            "IMR006 on-batch",
        },
    ),
    "constants made tensors": (
        """
large = np.zeros((1000, 1000))
for row in rows:
    tf.constant(large)
    print(row)
for row in rows:
    print(tf.constant(large) * row)
    other = tf.constant(large)
    row += other
def f():
    return tf.constant(large)
for row in rows:
    print(f() * row)
""",
        {
            "RES003 hoist",
            "RES003 hoist: the tensor is not bound to a name",
            "RES003 hoist: the tensor is not made in the loop itself",
            "RES003 hoist: what is made is not directly bound to a name",
        },
    ),
    "rows of slices": (
        """
net = build()
for row in rows:
    frame = row.iloc[-1:].values
    print(net.predict(frame))
def b(part=x[:1]):
    return net.predict(part)
for row in rows:
    b()
one = x[:1]
def c():
    return net.predict(one)
for row in rows:
    c()
def chunks(data, size):
    for start in range(0, len(data), size):
        yield data[start : start + size]
def pairs(data, size):
    for start in range(0, len(data), size):
        yield start, data[start : start + size]
def none(data):
    return data
for part in chunks(x, 2):
    print(net.predict(part))
for part in pairs(x, 2):
    print(net.predict(part))
for part in none(x):
    print(net.predict(part))
def d(start, wide):
    for start in range(0, 10, 2):
        print(net.predict(x[start : start + len(x)]))
        print(net.predict(x[start : start + wide]))
def deep(a):
    b = a; c = b; d = c; e = d; f = e; g = f; h = g; i = h; j = i; k = j
    for row in rows:
        print(net.predict(k))
""",
        {
            "IMR006 call",
            "IMR006 on-batch",
        },
    ),
    "models that train and predict by turns": (
        """
net = build()
def guess(row):
    return net.predict(row[None])
for row in rows:
    net.fit(row[None], y)
    print(net.predict(row[None]))
for row in rows:
    state = np.reshape(row, (1, -1))
    other = state
    net.fit(other, y)
    print(net.predict(other))
for row in rows:
    net.fit(row[None], y)
    print(guess(row))
print([(net.fit(row[None], y), net.predict(row[None])) for row in rows])
while True:
    net.fit(x[None], y)
    print(net.predict(x[None]))
def pair(row):
    net.fit(row[None], y)
    return net.predict(row[None])
for row in rows:
    pair(row)
""",
        {
            "IMR006 call",
            "IMR006 on-batch",
        },
    ),
    "files by other names": (
        """
def c():
    for row in rows:
        writer = other = tf.io.TFRecordWriter("a")
        writer.write(row)
def d():
    for row in rows:
        writer: object = tf.io.TFRecordWriter("a")
        writer.write(row)
def e():
    for row in rows:
        writer = tf.io.TFRecordWriter("a")
        for writer in [writer]:
            writer.write(row)
def f():
    for row in rows:
        if row:
            writer = tf.io.TFRecordWriter("a")
            writer.write(row)
        writer.write(row)
def g():
    for row in rows:
        writer = tf.io.TFRecordWriter("a")
        writer.write(row)
        writer = tf.io.TFRecordWriter("b")
        writer.write(row)
def h():
    for row in rows:
        holder, writer = tf.io.TFRecordWriter("a"), 1
        holder.write(row)
def i():
    for row in rows:
        if (writer := tf.io.TFRecordWriter("a")):
            writer.write(row)
""",
        {
            "RES001 with: `writer` is also used elsewhere",
            "RES001 with: `writer` is bound to something else too",
            "RES001 with: the file is opened within a larger expression",
        },
    ),
    "methods that handle requests": (
        """\
import keras
from flask import Flask, request
app = Flask(__name__)
net = keras.models.load_model("a.keras")
@app.route("/")
def index():
    return str(net.predict(request.data[None]))
class Api:
    @app.route("/b")
    def other(self):
        return str(net.evaluate(request.data[None]))
""",
        {
            "IMR006 call",
            "IMR006 call: evaluate() gives losses and metrics, which other calls do not",
            "IMR006 on-batch",
            "IMR006 on-batch: evaluate() gives losses and metrics, which other calls do not",
        },
    ),
    "loads by names that the loop imports": (
        """
for row in rows:
    import tf_keras
    net = tf_keras.models.load_model("a.h5")
    print(net(row))
def run(row):
    import tf_keras.models as m, tf_keras
    net = m.load_model("a.h5")
    return net(row)
for row in rows:
    run(row)
for row in rows:
    from b import large
    print(tf.constant(large.reshape((1000, 1000))) * row)
""",
        {
            "IMR003 cache: it needs `m`, which a function binds",
            "IMR003 cache: the load is not inside a function",
            "IMR003 hoist: it needs `row`, which the loop binds",
            "IMR003 hoist: it needs `tf_keras`, which the loop binds",
            "IMR003 keep: a loop in this project repeats the load",
        },
    ),
    "loads in a function by names that the loop imports": (
        """
def run():
  for row in rows:
    from keras.models import load_model
    net = load_model("a.h5")
    print(net(row))
""",
        {
            "IMR003 cache: it needs `load_model`, which a function binds",
            "IMR003 hoist: it needs `load_model`, which the loop binds",
            "IMR003 keep: a loop in this project repeats the load",
        },
    ),
}


def test_fixes_of_repetitions_are_offered_or_refused(offers):
    found = offers({name: text for name, (text, _) in SHAPES.items()})
    assert found == {name: expected for name, (_, expected) in SHAPES.items()}
