"""How far the fixes of kept tensors go, a program for each limit; long, as it is one table."""

# ruff: noqa: E501 -- reasons stand as they are given

from __future__ import annotations

#: A program, and what is offered or refused for its findings.
SHAPES = {
    "a display in the place of a list": (
        """
def f():
    kept = []
    for row in rows:
        kept = [*kept, step(row)]
    return len(kept)
def g():
    kept = []
    for row in rows:
        kept += tuple(step(part) for part in row)
    return len(kept)
def h(values):
    kept = []
    for row in rows:
        losses = [step(part) for part in row]
        kept.extend(losses)
    return len(kept)
def i(values):
    kept = []
    for row in rows:
        kept.extend(step(part) for part in row)
    return len(kept)
""",
        {
            "UTR001 bound",
            "UTR001 reduce: several tensors are stored at once, from somewhere else",
            "UTR001 reduce: the store is not of a kind that can be changed",
            "UTR001 reduce: the tensors in `kept` are not read where they are stored",
            "UTR001 to-host",
            "UTR001 to-host: several tensors are stored at once, from somewhere else",
            "UTR001 to-host: the store is not of a kind that can be changed",
        },
    ),
    "stored in records": (
        """
NAME = "name"
def f():
    kept = []
    for row in rows:
        kept.append({NAME: row, "loss": step(row)})
    return len(kept)
def g():
    kept = []
    for row in rows:
        kept.append(dict(name=row, loss=step(row)))
    return len(kept)
def h():
    kept = []
    for row in rows:
        kept.append({"a": 1, **{"loss": step(row)}})
    return len(kept)
def i():
    kept = []
    for row in rows:
        record = {"loss": step(row), "row": row}
        kept.append(record)
    return len(kept)
def j():
    kept = []
    for row in rows:
        kept.append(dict({"loss": step(row)}, name=row))
    return len(kept)
""",
        {
            "UTR001 bound",
            "UTR001 reduce: what is stored is not always one tensor",
            "UTR001 to-host",
            "UTR001 to-host: cannot determine where the tensor is in what is stored",
            "UTR001 to-host: several values are stored at once, and the code does not show which of them are tensors",
        },
    ),
    "gradients of several": (
        """
w = tf.Variable(1.0)
def f(net, a, b):
    kept = []
    for row in rows:
        with tf.GradientTape() as tape:
            loss = step(row)
        kept.append(tape.gradient(loss, [*a, b])[0])
    return len(kept)
def g(net, weight):
    kept = []
    for row in rows:
        with tf.GradientTape() as tape:
            loss = step(row)
        kept.append(tape.gradient(loss, weight))
    return len(kept)
def h(net):
    kept = []
    for weight in net.pairs:
        with tf.GradientTape() as tape:
            loss = step(weight)
        kept.append(tape.gradient(loss, weight))
    return len(kept)
def i(net):
    kept = []
    for row in rows:
        v = w
        with tf.GradientTape() as tape:
            loss = step(row)
        kept.append((tape.gradient(loss, v)))
    return len(kept)
""",
        {
            "UTR001 bound",
            "UTR001 reduce: the tensors in `kept` are not read where they are stored",
            "UTR001 to-host: cannot determine whether this is one gradient or a list of them",
        },
    ),
    "losses that are differentiated": (
        """
class Train:
    def __init__(self):
        self.loss = None
        self.kept = []
        self.net = build()
    def run(self):
        kept = []
        for row in rows:
            with tf.GradientTape() as tape:
                self.loss = tf.square(self.net(row) - 1.0)
            tape.gradient(self.loss, self.net.trainable_variables)
            kept.append(self.loss)
        print(len(kept))
    def other(self):
        kept = []
        for row in rows:
            with tf.GradientTape() as tape:
                loss = tf.square(self.net(row) - 1.0)
            print(loss)
            kept.append((loss))
        print(len(kept))
""",
        {
            "UTR001 bound",
            "UTR001 reduce: the tensors in `kept` are not read where they are stored",
            "UTR001 to-host",
        },
    ),
    "attributes that another class reads": (
        """
class Train:
    def __init__(self):
        self.kept = []
    def run(self):
        for row in rows:
            self.kept.append(image(row))
class Show:
    def __init__(self, train):
        self.train = train
    def show(self):
        print(self.train.kept)
""",
        {
            "UTR003 bound",
            "UTR003 to-host: another class reads `self.kept`, and may need the tensors",
        },
    ),
    "an attribute that a tf.function fills too": (
        """
class Train:
    def __init__(self):
        self.kept = []
    def run(self):
        for row in rows:
            self.kept.append(step(row))
        print([item.numpy() for item in self.kept])
    @tf.function
    def traced(self):
        for row in rows:
            self.kept.append(step(row))
    def more(self, item):
        self.kept.append(step(item))
""",
        {
            "UTR003 bound",
            "UTR003 to-host: `self.kept` also gets tensors elsewhere, where they cannot be changed",
            "UTR005 return-it",
        },
    ),
    "outputs under Keras": (
        """\
import keras
net = keras.Sequential([keras.layers.Dense(1)])
def f(rows):
    kept = []
    for row in rows:
        kept.append(net(row, training=False))
    return len(kept)
""",
        {
            "UTR001 bound",
            "UTR001 reduce: the tensors in `kept` are not read where they are stored",
            "UTR001 to-host",
        },
    ),
    "outputs under the ops of Keras": (
        """\
from keras import layers, ops, Sequential
net = Sequential([layers.Dense(1)])
def f(rows):
    kept = []
    for row in rows:
        kept.append(net(row, training=False))
    return len(kept)
""",
        {
            "UTR001 bound",
            "UTR001 reduce: the tensors in `kept` are not read where they are stored",
            "UTR001 to-host",
        },
    ),
    "outputs under parts of Keras": (
        """\
from keras import layers, Sequential
net = Sequential([layers.Dense(1)])
def f(rows):
    kept = []
    for row in rows:
        kept.append(net(row, training=False))
    return len(kept)
""",
        {
            "UTR001 bound",
            "UTR001 reduce: the tensors in `kept` are not read where they are stored",
            "UTR001 to-host",
        },
    ),
    "arrays that will not do": (
        """
def f():
    kept = []
    for row in rows:
        kept.append(image(row))
    for item in kept:
        print(item.shape.as_list(), item.dtype)
def g():
    kept = []
    for row in rows:
        kept.append(image(row))
    print(kept[0].shape[0], kept[1].mean())
def h():
    kept = []
    for row in rows:
        kept.append(image(row))
    print(tf.is_tensor(kept[0]), kept[0].get_shape())
""",
        {
            "UTR001 bound",
            "UTR001 reduce: `item.dtype` may give something else when it is computed earlier",
            "UTR001 reduce: `print(kept[0].shape[0], kept[1].mean())` uses only some of the tensors",
            "UTR001 reduce: `print(tf.is_tensor(kept[0]), kept[0].get_shape())` uses only some of the tensors",
            "UTR001 to-host: `.dtype` of what is stored is used in a way that only TensorFlow's own allows",
            "UTR001 to-host: `.shape` of what is stored is used in a way that only TensorFlow's own allows",
            "UTR001 to-host: what is stored is passed to `is_tensor`, which tells tensors from values",
        },
    ),
    "what is done with a list": (
        """
def a():
    kept = []
    for row in rows:
        kept.append(step(row))
    kept[0] = 1
    for item in kept:
        print(item + 1)
def b():
    kept = []
    for row in rows:
        kept.append(step(row))
    for n, item in enumerate(sorted(kept)):
        print(-item, f"{item}")
    grow = kept.append
    grow(1)
def c():
    kept = {}
    for row in rows:
        kept[row] = step(row)
    for item in kept.values():
        print(max(item, 3))
    print(max(kept.values(), key=lambda item: item))
    return max(kept.items())
def d():
    kept = []
    for row in rows:
        kept.append(step(row))
    return [item * 2 for item in reversed(list(kept))], [float(max(kept))]
def e():
    kept = []
    for row in rows:
        kept.append(step(row))
    total = 0
    for item in kept:
        total = total + (item if item > 1 else -item)
    del kept[0]
    print(min(kept) * 2, max(kept[1:]), kept.copy(), [item for item in kept], {item: 1 for item in kept})
""",
        {
            "UTR001 bound",
            "UTR001 reduce: `kept[0] = 1` uses only some of the tensors",
            "UTR001 reduce: `kept` is used as a whole in `for n, item in enumerate(sorted(kept))`",
            "UTR001 reduce: `kept` is used as a whole in `return [item * 2 for item in reversed(list(kept))], [float(max(kept))]`",
            "UTR001 to-host",
        },
    ),
    "tapes kept": (
        """
kept = []
class Train:
    def __init__(self):
        self.tapes = []
    def a(self):
        for row in rows:
            with tf.GradientTape(persistent=True) as tape:
                loss = step(row)
            self.tapes.append(tape); print(loss)
    def b(self):
        for row in rows:
            with tf.GradientTape(persistent=True) as tape:
                loss = step(row)
            if loss > 1:
                kept.append(tape)
""",
        {
            "UTR004 release: the store is all that its block does",
            "UTR004 release: the store shares its statement with other code",
        },
    ),
    "functions that hold tensors": (
        """
shows = []
def a():
    def look(row, picture=None):
        print(picture.get_shape())
    for row in rows:
        picture = image(row)
        shows.append(lambda picture=picture: picture.numpy() + picture.get_shape())
    for row in rows:
        picture = image(row)
        shows.append(lambda picture=picture: print(picture.shape.as_list()))
    for row in rows:
        picture = image(row)
        shows.append(lambda picture=picture: tf.is_tensor(picture))
    for row in rows:
        picture = image(row)
        shows.append(lambda picture=picture: print(picture.shape[0], picture))
    for row in rows:
        picture = image(row)
        shows.append(lambda picture=picture: picture.assign(1))
    for row in rows:
        picture = image(row)
        shows.append(lambda picture=picture: [picture for picture in rows])
    for row in rows:
        picture = image(row)
        def show(other=picture):
            other = other + 1
            return other
        shows.append(show)
    for row in rows:
        picture = image(row)
        shows.append(functools.partial(look, row, picture=picture))
    for row in rows:
        shows.append(functools.partial(print, step(row)))
def b(row):
    picture = image(row)
    if row:
        def show():
            return picture.numpy()
    else:
        def show():
            return picture
    shows.append(show)
for row in rows:
    b(row)
def twice(picture):
    return picture.numpy()
class Twice:
    def twice(self, picture):
        return picture
def c():
    for row in rows:
        shows.append(functools.partial(twice, image(row)))
    for row in rows:
        shows.append(functools.partial(pick()[0], image(row)))
    for row in rows:
        picture = image(row)
        shows.append(functools.partial(functools.partial, picture))
    for row in rows:
        picture = image(row)
        shows += [functools.partial(twice, picture), functools.partial(print, picture)]
""",
        {
            "UTR002 to-host",
            "UTR002 to-host: `other` is bound again in the function",
            "UTR002 to-host: `picture.assign` is used, which only a tensor has",
            "UTR002 to-host: `picture.get_shape` is used, which only a tensor has",
            "UTR002 to-host: `picture` is bound again in the function",
            "UTR002 to-host: `picture` is passed to `is_tensor`, which needs the tensor",
            "UTR002 to-host: `picture` is used in a way that only TensorFlow's shapes and types allow",
            "UTR002 to-host: several functions are stored at once",
            "UTR002 to-host: the code does not show which argument is the tensor",
            "UTR002 to-host: the code does not show which function `show` is",
            "UTR002 to-host: the code does not show which function `twice` is",
        },
    ),
    "a function that is named by another": (
        """
shows = []
def make(row):
    picture = image(row)
    def show():
        return picture.numpy()
    return show
def run():
    for row in rows:
        show = make(row)
        shows.append(show)
    for row in rows:
        shows.append(make(row))
    for row in rows:
        shows.append(make(row) if row else make(x))
    for row in rows:
        shows.append((row, make(row)))
""",
        {
            "UTR002 to-host: the code does not show which argument is the tensor",
            "UTR002 to-host: the code does not show which function `show` is",
            "UTR002 to-host: what is stored is not a function that the code shows",
        },
    ),
    "a tensor bound by a loop": (
        """
shows = []
def run(row):
    for picture in [image(row), image(x)]:
        shows.append(functools.partial(print, picture))
def run2(row):
    for picture in map(image, rows):
        def show(value=picture):
            return value.numpy()
        shows.append(show)
def run3(row):
    with tf.GradientTape() as tape:
        loss = step(row)
    grad = tape.gradient(loss, x)
    shows.append(lambda: grad.numpy())
for row in rows:
    run(row)
    run2(row)
    run3(row)
""",
        {
            "UTR002 to-host",
            "UTR002 to-host: cannot determine whether this is one gradient or a list of them",
        },
    ),
    "a tensor list under a lambda": (
        """
class Holder:
    kept = []
    for row in rows:
        kept.append(step(row))
    print([float(item) for item in kept])
def a():
    kept = []
    def add(row):
        kept.append(step(row))
    for row in rows:
        add(row)
    print([float(item) for item in kept])
def b():
    kept = []
    list(map(lambda row: kept.append(step(row)), rows))
    print([float(item) for item in kept])
def c():
    (kept, other) = make()
    for row in rows:
        kept.append(step(row))
    print([float(item) for item in kept])
def d():
    kept, other = [], []
    for row in rows:
        kept.append(step(row))
    print([float(item) for item in kept])
    def show():
        kept = 3
        return kept
def e():
    kept = []
    for row in rows:
        kept.append(step(row))
    class Show(list(kept)[0]):
        pass
    class Show2(kept):
        pass
    for item in [1]:
        print([float(item) for item in kept])
def e2():
    kept = []
    for row in rows:
        kept.append(step(row))
    class Show2(kept):
        pass
def g():
    kept = []
    for row in rows:
        kept.append(step(row))
    async for item in kept:
        print(float(item))
async def h():
    kept = []
    for row in rows:
        kept.append(step(row))
    async for item in kept:
        print(float(item))
def i():
    kept = []
    for row in rows:
        kept.append(step(row))
    for item in kept:
        for item in [item]:
            print(float(item))
def j():
    kept = []
    for row in rows:
        kept.append(step(row))
    for item in kept:
        if item > 3: print(float(item))
def k():
    kept = []
    for row in rows:
        kept.append(step(row))
    item = [float(kept) for kept in kept]
    for kept in rows:
        print(kept)
""",
        {
            "UTR001 bound",
            "UTR001 reduce",
            "UTR001 reduce: `item` is bound again in `for item in [item]`",
            "UTR001 reduce: `kept` is not a list of a function",
            "UTR001 reduce: `kept` is not created empty, once, by the function that fills it",
            "UTR001 reduce: `kept` is used as a whole in `async for item in kept`",
            "UTR001 reduce: `kept` is used as a whole in `class Show(list(kept)[0])`",
            "UTR001 reduce: `kept` is used as a whole in `class Show2(kept)`",
            "UTR001 reduce: `kept` is used as a whole in `item = [float(kept) for kept in kept]`",
            "UTR001 reduce: the whole tensor is read later, and nothing smaller computed from it",
            "UTR001 to-host",
        },
    ),
    "what is computed of tensors later": (
        """
def a():
    kept = []
    for row in rows:
        with tf.GradientTape() as tape:
            kept.append(step(row))
    print([float(tf.reduce_mean(item)) for item in kept])
def b():
    kept = []
    for row in rows:
        kept.append(image(row))
    print({float(tf.reduce_mean(item)) for item in kept})
    sum({float(tf.reduce_mean(item)) for item in kept})
def c():
    kept = []
    for row in rows:
        kept.append(image(row))
    means = [float(tf.reduce_mean(item)) for item in kept]
    print(means)
    np.random.shuffle([float(tf.reduce_mean(item)) for item in kept])
def d():
    kept = []
    for row in rows:
        kept.append(image(
            row))
    print([float(tf.reduce_mean(item - tf.reduce_max(item))) for item in kept])
def e(strategy):
    kept = []
    with strategy.scope():
        for row in rows:
            kept.append(image(row))
        print([float(tf.reduce_mean(item)) for item in kept])
def g():
    kept = []
    for row in rows:
        kept.append(image(row)); print(row)
    print([float(tf.reduce_mean(item - tf.reduce_max(item))) for item in kept])
def h():
    kept = []
    for row in rows:
        kept.append(image(row))
    print([(float(tf.reduce_mean(item)), True, None, tf.reduce_mean(*item)) for item in kept])
def i():
    kept = []
    for row in rows:
        kept.append(image(row))
    print([(tf.reduce_mean(item), 1) for item in kept])
def j():
    kept = []
    for row in rows:
        kept.append(image(row))
    print([() for item in kept], [item.ravel() for item in kept])
def k():
    kept = []
    for row in rows:
        kept.append(image(row))
    print([float(tf.reduce_mean(item, keepdims=True)) for item in kept])
    return (float(item.numpy().mean()) for item in kept)
""",
        {
            "UTR001 bound",
            "UTR001 reduce",
            "UTR001 reduce: `(tf.reduce_mean(item), 1)` may give something else when it is computed earlier",
            "UTR001 reduce: `item.ravel` may give something else when it is called earlier",
            "UTR001 reduce: cannot determine the arguments of `tf.reduce_mean`",
            "UTR001 reduce: different things are read of the tensors: `float(tf.reduce_mean(item, keepdims=True))` and `float(item.numpy().mean())`",
            "UTR001 reduce: the expression needs the tensor twice, and what is stored has no name",
            "UTR001 to-host",
            "UTR001 to-host: `.ravel()` is called on what is stored, which only a tensor has",
        },
    ),
    "reductions with list": (
        """
def list(values):
    return values
def a():
    kept = []
    for row in rows:
        kept.append(image(row))
    means = [float(tf.reduce_mean(item)) for item in kept]
    print(means)
mean = tf.reduce_mean
total = tf.reduce_sum
total = np.sum
def b():
    kept = []
    for row in rows:
        kept.append(image(row))
    print([float(mean(item)) for item in kept])
def c():
    kept = []
    for row in rows:
        kept.append(image(row))
    print([float(total(item)) for item in kept])
""",
        {
            "UTR001 bound",
            "UTR001 reduce: `total` may give something else when it is called earlier",
            "UTR001 reduce: the module has a `list` of its own",
            "UTR001 to-host",
        },
    ),
    "under a function of TensorFlow": (
        """
class Train:
    def run(self):
        kept = []
        for row in rows:
            kept.append(image(row))
        self.inner(kept)
        print([float(tf.reduce_mean(item)) for item in kept])
    @tf.function
    def inner(self, kept):
        kept.append(image(x))
@tf.function
def traced():
    kept = []
    for row in rows:
        kept.append(image(row))
    print([float(tf.reduce_mean(item)) for item in kept])
traced()
""",
        {
            "UTR001 bound",
            "UTR001 reduce: `kept` is also filled inside a tf.function",
            "UTR001 to-host",
            "UTR005 return-it",
        },
    ),
    "stored by a counter": (
        """
def f():
    kept = {}
    n = 0
    for row in rows:
        n += 1
        kept[n], last = step(row), 1
    return len(kept)
def g():
    kept = {}
    n = 0
    for row in rows:
        n += 1
        kept[n]: tf.Tensor = step(row)
    return len(kept)
def h():
    kept = {}
    n = 0
    for row in rows:
        n += 1
        kept[n] = step(row)
    return len(kept)
class A:
    def __init__(self):
        self.kept = {}
        self.n = 0
    def step(self, row):
        self.n += 1
        self.kept[self.n], last = step(row), 1
    def run(self):
        for row in rows:
            self.step(row)
""",
        {
            "UTR001 bound",
            "UTR001 reduce: `kept[n] = step(row)` uses only some of the tensors",
            "UTR001 reduce: the store is not of a kind that can be changed",
            "UTR001 to-host",
            "UTR001 to-host: the store is not of a kind that can be changed",
        },
    ),
    "a tape under a condition": (
        """
optimizer = keras.optimizers.Adam()
class Pinn:
    def __init__(self):
        self.net = build()
    def step(self, data):
        if data:
            with tf.GradientTape(persistent=True) as self.tape:
                loss = self.net(data)
            optimizer.apply_gradients(self.tape.gradient(loss, data))
        print(1)
    def run(self):
        for row in rows:
            self.step(row)
""",
        {
            "UTR004 release",
        },
    ),
    "a tape before a return": (
        """
optimizer = keras.optimizers.Adam()
class Pinn:
    def __init__(self):
        self.net = build()
    def step(self, data):
        with tf.GradientTape(persistent=True) as self.tape:
            loss = self.net(data)
        optimizer.apply_gradients(self.tape.gradient(loss, data))
        return
    def run(self):
        for row in rows:
            self.step(row)
""",
        {
            "UTR004 release",
        },
    ),
    "a tape that a loop uses": (
        """
optimizer = keras.optimizers.Adam()
class Pinn:
    def __init__(self):
        self.net = build()
    def step(self, data):
        with tf.GradientTape(persistent=True) as self.tape:
            loss = self.net(data)
        while loss > 3:
            optimizer.apply_gradients(self.tape.gradient(loss, data))
    def run(self):
        for row in rows:
            self.step(row)
""",
        {
            "UTR004 release: cannot determine where the tape is last used",
        },
    ),
    "a tape that a value of a return uses": (
        """
optimizer = keras.optimizers.Adam()
class Pinn:
    def __init__(self):
        self.net = build()
    def step(self, data):
        with tf.GradientTape(persistent=True) as self.tape:
            loss = self.net(data)
        print(optimizer)
        return optimizer.apply_gradients(self.tape.gradient(loss, data))
    def run(self):
        for row in rows:
            self.step(row)
""",
        {
            "UTR004 release",
        },
    ),
    "a tape that a bare return follows": (
        """
optimizer = keras.optimizers.Adam()
class Pinn:
    def __init__(self):
        self.net = build()
    def step(self, data):
        with tf.GradientTape(persistent=True) as self.tape:
            loss = self.net(data)
        print(optimizer)
        return
    def run(self):
        for row in rows:
            self.step(row)
""",
        {
            "UTR004 release",
        },
    ),
    "tapes bound by with": (
        """
class Pinn:
    def __init__(self):
        self.net = build()
        self.optimizer = keras.optimizers.Adam()
    def a(self, data):
        with tf.GradientTape(persistent=True) as self.tape:
            self.tape.watch(data)
            loss = self.net(data)
        print(self.tape.gradient(loss, data))
    def run(self):
        for row in rows:
            self.a(row)
""",
        {
            "UTR004 release",
        },
    ),
    "tapes bound by with, twice": (
        """
class Pinn:
    def __init__(self):
        self.net = build()
        self.optimizer = keras.optimizers.Adam()
    def a(self, data):
        with tf.GradientTape(persistent=True) as self.tape:
            self.tape.watch(data)
            loss = self.net(data)
        if len(data) > 3:
            return self.tape.gradient(loss, data)
    def run(self):
        for row in rows:
            self.a(row)
""",
        {
            "UTR004 release: cannot determine where the tape is last used",
        },
    ),
    "tapes bound by with, three": (
        """
class Pinn:
    def __init__(self):
        self.net = build()
        self.optimizer = keras.optimizers.Adam()
    def a(self, data):
        for part in data:
            with tf.GradientTape(persistent=True) as self.tape:
                loss = self.net(part)
            grads = self.tape.gradient(loss, part)
            self.optimizer.apply_gradients(grads)
        return 3
""",
        {
            "UTR004 release",
        },
    ),
}


def test_fixes_of_kept_tensors_are_offered_or_refused(offers):
    found = offers({name: text for name, (text, _) in SHAPES.items()})
    assert found == {name: expected for name, (_, expected) in SHAPES.items()}
