"""What expressions stand for, and what comes again or stays, over the constructs of the language."""

from __future__ import annotations

import pytest

from leakscan import questions
from leakscan.facts.reading import read_facts
from leakscan.interpreter.project import Project
from leakscan.interpreter.values import (
    Api,
    Class,
    Const,
    Container,
    Func,
    Host,
    Instance,
    Method,
    Module,
    Tuple,
)
from leakscan.knowledge import knowledge
from leakscan.modules import ModuleIndex

HEAD = """
import functools, collections, copy, atexit
import gc
import keras
import numpy as np
import scipy.optimize
import tensorflow as tf
from keras.layers import *
from keras import backend as K
model = keras.Sequential([])
"""


def analysed(modules):
    paths = [f"/p/{name}.py" for name in modules]
    facts = map(read_facts, modules.values())
    return Project(dict(zip(paths, facts, strict=True)), ModuleIndex(paths, "/p"), knowledge())


def shown(project, value):
    """A value in words: kinds, and what else it may be."""
    words = {kind.value for kind in questions.kinds(project, value)} - {"tensor"}
    for atom in project.engine.force(value):
        if hasattr(atom, "size"):
            words.add(f"tensor of {atom.size.value}")
        elif isinstance(atom, Const):
            words.add(repr(atom.value))
        elif isinstance(atom, Host):
            words.add("number" if atom.number else "data")
        elif isinstance(atom, Container):
            words.add(atom.kind)
        elif isinstance(atom, Tuple):
            words.add(f"tuple of {len(atom.items)}")
        elif isinstance(atom, Api):
            words.add(atom.name)
        elif isinstance(atom, Func | Class | Module | Method):
            words.add(type(atom).__name__.lower())
        elif isinstance(atom, Instance):
            words.add(project.klass(atom.module, atom.index).name)
    return ", ".join(sorted(words))


VALUES = {
    # operators and displays
    "1 + 2": "3",
    "-2": "-2",
    "1 + 2.5": "number",
    "'a' + 'b'": "data",
    "not model": "data",
    "1 < 2 < 3": "data",
    "f'{model}'": "data",
    "(1, 2)[1]": "2",
    "(1, 2)[0:1]": "other",
    "(1, model)[x]": "1",
    "[model][0]": "model",
    "[model][0:1]": "list",
    "[*[model]]": "list",
    "{**{'a': model}}['a']": "model",
    "{'a': 1}['a']": "1",
    "{model}": "set",
    "{x: model for x in y}": "dict",
    "(x for x in [1])": "generator",
    "model if x else None": "None, model",
    "model if True else None": "model",
    "x and model": "model, other",
    "(lambda: model)": "func",
    "(z := 3)": "3",
    "[1] + [2]": "list",
    "tf.ones(3)[0]": "tensor of value",
    "tf.ones(3) * 2": "tensor of value",
    "tf.Variable(1.0) + 1": "tensor of value",
    "keras.Input((3,)) + 1": "symbolic",
    "keras.Input((3,))[0]": "symbolic",
    "model(keras.Input((3,)))": "symbolic",
    "3 .real": "data",
    # calls of builtins
    "len([1])": "number",
    "float('1')": "number",
    "round(1.5)": "data",
    "abs(tf.ones(3))": "tensor of value",
    "abs([tf.ones(3)])": "list",
    "pow(2, 3)": "number",
    "sum([tf.ones(3)])": "tensor of value",
    "sum([1], 2)": "number",
    "sum([tf.ones(3)], 0)": "tensor of value",
    "max([1, 2])": "data",
    "max([(1, model)])": "tuple of 2",
    "max(x)": "other",
    "next(iter([model]))": "model",
    "list((model,))": "list",
    "list('abc')": "data",
    "dict(a=model)['a']": "model",
    "sorted([model], key=lambda m: m.name)": "list",
    "dict(zip('ab', [1]))": "dict",
    "list(enumerate([1]))": "list",
    "list(map(lambda v: v, [model]))[0]": "model",
    "list(filter(None, [model]))[0]": "model",
    "getattr(model, 'output')": "symbolic",
    "getattr(model, name)": "other",
    "getattr(keras.applications, name)()": "model",
    "getattr(model)": "other",
    "setattr(model, 'a')": "other",
    "setattr(model, 'a', model)": "data",
    "isinstance(x, (tf.Tensor, int))": "data",
    "property(x)": "other",
    "exit()": "data",
    "super()": "other",
    # library calls
    "copy.deepcopy(model)": "model",
    "copy.copy()": "other",
    "collections.deque([1], 5)": "deque",
    "collections.deque(maxlen=None)": "deque",
    "collections.defaultdict(list)[x]": "list",
    "collections.defaultdict(int)": "dict",
    "collections.OrderedDict(a=1)['a']": "1",
    "collections.namedtuple('A', 'b')": "collections.namedtuple.record",
    "functools.partial(gc.collect, tf.ones(3))": "method",
    "functools.partial()": "other",
    "functools.partial(print, 1)": "builtins.print",
    "functools.partial(x, 1)": "other",
    "atexit.register(print)": "data",
    "tf.function(lambda v: v)": "func",
    "tf.function()": "tensorflow.function",
    "tf.function(print)": "builtins.print",
    "tf.cast(1, tf.float32)": "tensor of value",
    "tf.reduce_mean([1.0], axis=0)": "tensor of value",
    "tf.reduce_mean([1.0])": "tensor of scalar",
    "tf.split(x, 2)": "tensor of value",
    "tf.is_tensor(x)": "data",
    "tf.py_function(print, [1], [])": "tensor of value",
    "tf.data.Dataset.range(3)": "dataset",
    "tf.data.Dataset.range(3).batch(2)": "dataset",
    "tf.data.Dataset.range(3).as_numpy_iterator()": "data",
    "tf.data.Dataset.range(3).get_single_element()": "tensor of value",
    "[v for v in tf.data.Dataset.range(3)][0]": "tensor of value",
    "tf.GradientTape().gradient(x, y)": "tensor of gradient",
    "tf.GradientTape().stop_recording()": "other",
    "tf.Variable(1.0).numpy()": "data",
    "tf.Variable(1.0).assign_add(1.0)": "variable",
    "tf.Variable(1.0).read_value()": "tensor of value",
    "keras.losses.MeanSquaredError()(x, y)": "tensor of scalar",
    "keras.losses.MeanSquaredError().call(x, y)": "tensor of scalar",
    "keras.losses.MeanSquaredError().get()": "other",
    "keras.metrics.Mean().result()": "tensor of scalar",
    "keras.metrics.Mean().reset_state()": "other",
    "keras.metrics.Mean()(keras.Input((1,)))": "symbolic",
    "keras.optimizers.Adam().apply_gradients(x)": "other",
    "keras.optimizers.Adam()(x)": "other",
    "keras.Input((3,)).get_shape()": "data",
    "keras.Input((3,)).foo()": "symbolic",
    "keras.Input((3,)).shape": "data",
    "Dense(3)": "layer",
    "Dense(3)(tf.ones(3))": "tensor of activation",
    "model.predict(x)": "data",
    "model.train_step(x)": "dict",
    "model.get_layer('a')": "layer",
    "model.compute_loss(x)": "tensor of scalar",
    "model.loss(x)": "tensor of scalar",
    "model.add(x)": "data",
    "model.call(tf.ones(3))": "tensor of prediction",
    "model.from_config({})": "model",
    "model.get_weights()": "data",
    "model.unheard_of()": "other",
    "model.losses": "tensor of value",
    "model.trainable_variables": "variable",
    "model.output": "symbolic",
    "model(tf.ones(3)).numpy()": "data",
    "model(tf.ones(3)).shape": "data",
    "model(tf.ones(3)).cpu()": "tensor of value",
    "unknown.predict(x)": "data",
    "unknown(x, training=True)": "tensor of prediction",
    "unknown.reduce(0, tf.ones(3))": "tensor of scalar",
    "unknown.run(lambda v: model, args=(x,))": "model",
    "[1].index(1)": "data",
    "[model].copy()[0]": "model",
    "{'a': model}.get('a')": "model",
    "{'a': model}.get('b')": "other",
    "list({'a': model}.values())[0]": "model",
    "list({'a': model}.items())[0]": "tuple of 2",
    "{'a': model}.update(b=1)": "other",
    "{}.setdefault('a', model)": "model",
    "[model].pop()": "model",
    "[model].sort(key=lambda m: m.name)": "other",
    "tf.distribute.get_strategy()": "data",
    "Plain().value": "3",
    "Plain().twice": "3",
    "Plain.made(3)": "Plain, other",
    "Plain.plain(3)": "3",
    "Plain()(3)": "3",
    "Plain.shared": "list",
    "Plain.nothing": "method",
    "Plain().nothing": "method",
    "Net().predict(x)": "data",
    "Net()(tf.ones(3))": "symbolic",
    "Net.from_config({})": "Net, model",
    "Net.from_nothing({})": "other",
    "counter.count": "list",
    "parts.build()": "model",
    "parts.sub.deep": "4",
    "parts.nothing": "other",
    "make(kind='big')": "model",
    "make(*[1])": "None, model",
    "make(**{})": "None, model",
    "make(*(model,))": "model",
    "many(1, 2, 3)": "tuple of 2",
    "nested()()": "model",
    "generated()": "generator",
    "recursive(3)": "0, other",
    "default()": "dict",
    "named()": "3",
}
CLASSES = """
import parts
class Plain:
    shared = []
    def __init__(self): self.value = 3
    @property
    def twice(self): return self.value
    @classmethod
    def made(cls, x): return cls()
    @staticmethod
    def plain(x): return x
    def __call__(self, x): return x
class Net(keras.Model):
    def call(self, x): return x
def counter(): pass
def setup():
    counter.count = []
counter.count = []
def make(kind=None):
    if kind is None: return None
    return keras.Sequential([])
def many(first, *rest): return rest
def nested():
    def inner(): return keras.Sequential([])
    return inner
def generated():
    yield model
def recursive(n):
    if n == 0: return 0
    return recursive(n - 1)
def default(a={}): return a
LIMIT = 3
def named(a=LIMIT): return a
"""


@pytest.fixture(scope="module")
def values():
    lines = "\n".join(f"    gc.collect({expression})" for expression in VALUES)
    main = HEAD + CLASSES + "def probe(x, y, name, unknown):\n" + lines + "\n"
    project = analysed(
        {
            "main": main,
            "parts/__init__": "from .builders import *\n",
            "parts/builders": "import keras\ndef build(): return keras.Sequential([])\n",
            "parts/sub": "deep = 4\n",
        }
    )
    found = [call for call in questions.calls(project, "gc.collect") if call.call.args]
    return dict(zip(VALUES, (shown(project, call.values[0]) for call in found), strict=True))


@pytest.mark.parametrize("expression", VALUES)
def test_values(values, expression):
    assert values[expression] == VALUES[expression]


# Statements: how often a model is built again, and how many stores keep tensors

STATEMENTS = {
    "plain": ("for i in xs:\n    m = keras.Sequential([])\n", 1),
    "while": ("while x:\n    m = keras.Sequential([])\n", 1),
    "forever": ("while True:\n    m = keras.Sequential([])\n    if x: break\n", 1),
    "never": ("while False:\n    m = keras.Sequential([])\n", 0),
    "once": ("for i in range(1):\n    m = keras.Sequential([])\n", 0),
    "once by a display": ("for i in (x,):\n    m = keras.Sequential([])\n", 0),
    "by a step": ("for i in range(0, 3, 5):\n    m = keras.Sequential([])\n", 0),
    "by a bad step": ("for i in range(0, 3, 0):\n    m = keras.Sequential([])\n", 1),
    "zip with one": ("for i, j in zip(xs, [1]):\n    m = keras.Sequential([])\n", 0),
    "take one": ("for i in ds.take(1):\n    m = keras.Sequential([])\n", 0),
    "one key": ("for i in {'a': 1}.items():\n    m = keras.Sequential([])\n", 0),
    "break after": ("for i in xs:\n    m = keras.Sequential([])\n    break\n", 0),
    "continue after": ("for i in xs:\n    m = keras.Sequential([])\n    continue\n", 1),
    "return after": ("for i in xs:\n    m = keras.Sequential([])\n    return m\n", 0),
    "raise after": ("for i in xs:\n    m = keras.Sequential([])\n    raise ValueError\n", 0),
    "exit after": ("import sys\nfor i in xs:\n    m = keras.Sequential([])\n    sys.exit()\n", 0),
    "cleared": ("for i in xs:\n    K.clear_session()\n    m = keras.Sequential([])\n", 0),
    "cleared after": ("for i in xs:\n    m = keras.Sequential([])\n    K.clear_session()\n", 0),
    "cleared on a branch": (
        "for i in xs:\n    m = keras.Sequential([])\n    if i % 10 == 0: K.clear_session()\n",
        0,
    ),
    "cleared in except": (
        "for i in xs:\n    try:\n        m = keras.Sequential([])\n    except ValueError:\n        K.clear_session()\n",
        1,
    ),
    "cleared in finally": (
        "for i in xs:\n    try:\n        m = keras.Sequential([])\n    finally:\n        K.clear_session()\n",
        0,
    ),
    "cleared in finally before continue": (
        "for i in xs:\n    try:\n        m = keras.Sequential([])\n        continue\n    finally:\n        K.clear_session()\n",
        0,
    ),
    "skipped by continue": (
        "for i in xs:\n    m = keras.Sequential([])\n    if i: continue\n    K.clear_session()\n",
        1,
    ),
    "in try else": (
        "for i in xs:\n    try:\n        pass\n    except E:\n        raise\n    else:\n        m = keras.Sequential([])\n",
        1,
    ),
    "all handlers leave": (
        "for i in xs:\n    try:\n        raise E\n    except E:\n        break\n    m = keras.Sequential([])\n",
        0,
    ),
    "cleared by with": (
        "class Clean:\n    def __enter__(self): return 1\n    def __exit__(self, *a): K.clear_session()\n"
        "for i in xs:\n    with Clean() as c:\n        m = keras.Sequential([])\n",
        0,
    ),
    "cleared by a generator of a with": (
        "import contextlib\n@contextlib.contextmanager\ndef clean():\n    yield\n    K.clear_session()\n"
        "for i in xs:\n    with clean():\n        m = keras.Sequential([])\n",
        0,
    ),
    "fresh graph": ("for i in xs:\n    with tf.Graph().as_default():\n        m = keras.Sequential([])\n", 0),
    "one graph": (
        "g = tf.Graph()\nfor i in xs:\n    with g.as_default():\n        m = keras.Sequential([])\n",
        1,
    ),
    "match": (
        "for i in xs:\n    match i:\n        case 1:\n            m = keras.Sequential([])\n        case _:\n            pass\n",
        1,
    ),
    "match that leaves": (
        "for i in xs:\n    match i:\n        case 1:\n            break\n        case _:\n            break\n"
        "    m = keras.Sequential([])\n",
        0,
    ),
    "guarded": ("m = None\nfor i in xs:\n    if m is None:\n        m = keras.Sequential([])\n", 0),
    "guarded by an expression": (
        "m = None\nfor i in xs:\n    m = keras.Sequential([]) if m is None else m\n",
        0,
    ),
    "guarded by not": ("m = None\nfor i in xs:\n    if not m:\n        m = keras.Sequential([])\n", 0),
    "guarded by a key": (
        "c = {}\nfor i in xs:\n    if i not in c.keys():\n        c[i] = keras.Sequential([])\n",
        0,
    ),
    "guarded by first": ("for i in xs:\n    if i == 0:\n        m = keras.Sequential([])\n", 0),
    "guarded by not first": (
        "for i in xs:\n    if i > 0:\n        continue\n    m = keras.Sequential([])\n",
        0,
    ),
    "no guard": ("for i in xs:\n    m = None\n    if m is None:\n        m = keras.Sequential([])\n", 1),
    "a switch that is off": (
        "def f(on=False):\n    if on:\n        return keras.Sequential([])\nfor i in xs:\n    f()\n",
        0,
    ),
    "a switch that is on": (
        "def f(on=False):\n    if on:\n        return keras.Sequential([])\nfor i in xs:\n    f(True)\n",
        1,
    ),
    "memoised": (
        "import functools\n@functools.lru_cache\ndef f(): return keras.Sequential([])\nfor i in xs:\n    f()\n",
        0,
    ),
    "a decorator that clears": (
        "def clean(g):\n    def inner(*a):\n        K.clear_session()\n        return g(*a)\n    return inner\n"
        "@clean\ndef f(): return keras.Sequential([])\nfor i in xs:\n    f()\n",
        0,
    ),
    "in a comprehension": (
        "def f(i):\n    keras.Sequential([]).fit(i)\n    return 1\n[f(i) for i in xs if i]\n",
        1,
    ),
    "kept in a list": ("ms = []\nfor i in xs:\n    ms.append(keras.Sequential([]))\n", 0),
    "kept by +=": ("ms = []\nfor i in xs:\n    ms += [keras.Sequential([])]\n", 0),
    "kept by +": ("ms = []\nfor i in xs:\n    ms = ms + [keras.Sequential([])]\n", 0),
    "kept in a dict": ("ms = {}\nfor i in xs:\n    ms[i] = keras.Sequential([])\n", 0),
    "kept by setattr": ("for i in xs:\n    setattr(thing, i, keras.Sequential([]))\n", 0),
    "parts of one": (
        "h = keras.Input((3,))\nfor i in xs:\n    h = keras.Sequential([])(h)\nkeras.Model(h, h)\n",
        0,
    ),
    "a walrus": ("for i in xs:\n    if (m := keras.Sequential([])):\n        pass\n", 1),
    "deleted": ("for i in xs:\n    m = keras.Sequential([])\n    del m\n", 1),
    "for else": ("for i in xs:\n    pass\nelse:\n    m = keras.Sequential([])\n", 0),
    "while else": ("while x:\n    break\nelse:\n    m = keras.Sequential([])\n", 0),
    "a global that is set elsewhere": (
        "M = None\ndef get():\n    global M\n    if M is None:\n        M = keras.Sequential([])\n    return M\n"
        "for i in xs:\n    get()\n",
        0,
    ),
    "a lambda": ("make = lambda: keras.Sequential([])\nfor i in xs:\n    make()\n", 1),
    "a registry": ("R = {'a': keras.Sequential}\nfor i in xs:\n    R['a']([])\n", 1),
    "alternatives": (
        "import keras as k\nbuild = keras.Sequential if x else print\nfor i in xs:\n    build([])\n",
        1,
    ),
    "a generator": (
        "def g():\n    for i in xs:\n        yield keras.Sequential([])\nfor m in g():\n    m.fit(1)\n",
        1,
    ),
    "a subclass": ("class N(keras.Model): pass\nfor i in xs:\n    N().fit(i)\n", 1),
    "a copy": ("a = keras.Sequential([])\nfor i in xs:\n    keras.models.clone_model(a)\n", 1),
    "the same file": ("for i in xs:\n    keras.models.load_model('a.keras')\n", 1),
    "another file": ("for i in xs:\n    keras.models.load_model(i)\n", 0),
}


@pytest.mark.parametrize("name", STATEMENTS)
def test_statements(name):
    code, expected = STATEMENTS[name]
    body = "".join(f"    {line}\n" for line in code.splitlines())
    # The same at the top level and in a function: `return` belongs in one, a global at the top.
    texts = [HEAD + f"from data import xs, x, ds, thing\n{code}"] if "return m\n" not in code else []
    if "global" not in code:
        texts.append(HEAD + f"def run(xs, x, ds, thing):\n{body}")
    for text in texts or [HEAD + code]:
        found = questions.rebuilds(analysed({"main": text}))
        assert len([item for item in found if not item.kept and not item.absorbed]) == expected, text
