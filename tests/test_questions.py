"""What rules may ask; long, as each question has a table of programs."""

from __future__ import annotations

import textwrap

import pytest

from leakscan import questions
from leakscan.facts.reading import read_facts
from leakscan.interpreter.project import Project
from leakscan.knowledge import Effect, Kind, MethodRow, Row, knowledge
from leakscan.modules import ModuleIndex


@pytest.fixture
def project():
    def make(*extra, **modules):
        paths = [f"/p/{name}.py" for name in modules]
        facts = [read_facts(textwrap.dedent(text)) for text in modules.values()]
        return Project(dict(zip(paths, facts, strict=True)), ModuleIndex(paths, "/p"), knowledge(extra))

    return make


def text_of(project, call):
    return project.paths[call.place.module].rpartition("/")[2]


PREDICTS = """
    import keras
    import numpy as np

    model = keras.Sequential([keras.layers.Dense(1)])

    def direct(items):
        for item in items:
            model.predict(item)

    def one(net, item):
        return net.predict(item)

    def helper(items):
        net = keras.models.load_model("a.keras")
        return [one(net, item) for item in items]

    class Net(keras.Model):
        def call(self, x):
            return x

    class Agent:
        def __init__(self):
            self.net = Net()
            self.other = Forecaster()

        def act(self, state):
            return self.net.predict(state)

        def play(self, states):
            for state in states:
                self.act(state)
                self.other.predict(state)

    class Forecaster:
        def predict(self, x):
            return x

    def unknown(thing, x):
        return thing.predict(x)

    def play(states):
        Agent().play(states)
"""


def test_methods_are_found_by_the_kind_of_their_receiver(project):
    asked = project(main=PREDICTS)
    found = list(questions.calls(asked, method="predict", receiver=Kind.MODEL))
    assert [asked.describe(*call.function) for call in found] == ["direct()", "one()", "Agent.act()"]
    assert {call.name for call in found} == {"predict"}
    every = list(questions.calls(asked, method="predict"))
    assert [asked.describe(*call.function) for call in every] == [
        "direct()", "one()", "Agent.act()", "Agent.play()", "unknown()",
    ]  # fmt: skip


SPELLINGS = """
    import tensorflow as tf
    from nets import layers, Dense as D

    def by_module(x):
        return layers.Dense(1)(x)

    def by_name(x):
        return D(1)(x)

    def in_full(x):
        return tf.keras.layers.Dense(1)(x)

    def imported_here(x):
        from keras.layers import Dense
        return Dense(1)(x)

    def imported_under_a_condition(x):
        try:
            from keras.layers import Dense
        except ImportError:
            from tf_keras.layers import Dense
        return Dense(1)(x)

    def bound_anew(D):
        return D(1)

    def bound_by_an_assignment(x):
        Dense = x.pop
        return Dense(1)

    def not_external(x):
        def Dense(n):
            return x
        return Dense(1)

    def decorated(x):
        @tf.keras.layers.Dense(1)
        def inner(y):
            return y
        return inner
"""


def test_names_are_found_by_whatever_they_are_spelt(project):
    asked = project(nets="from keras import layers\nfrom keras.layers import Dense", main=SPELLINGS)

    def holders(*names, **options):
        return [asked.describe(*call.function) for call in questions.calls(asked, names, **options)]

    found = ["by_module()", "by_name()", "in_full()", "imported_here()", "imported_under_a_condition()"]
    assert holders("keras.layers.Dense") == holders("keras.layers.**") == found
    assert holders(effect=Effect.CREATES) == found
    assert holders("keras.layers.Conv2D", "keras.models.**") == []
    first = next(call.function for call in questions.calls(asked, "keras.**"))
    assert holders("keras.layers.**", within={first}) == found[:1]


def test_what_a_function_may_run_is_found_however_far_away(project):
    asked = project(main=PREDICTS)
    number = {asked.describe(0, item.index): (0, item.index) for item in asked.modules[0].functions}
    below = questions.called_from(asked, [number["play()"]])
    assert {"play()", "Agent()", "Agent.act()", "Agent.play()", "Forecaster.predict()"} <= {
        asked.describe(*function) for function in below
    }
    assert number["direct()"] not in below
    assert questions.called_from(asked, [number["direct()"]]) == {number["direct()"]}


def test_loops_are_found_through_callers(project):
    asked = project(main=PREDICTS)
    found = list(questions.calls(asked, method="predict", receiver=Kind.MODEL))
    around = [questions.repetitions(asked, call.place) for call in found]
    assert [len(item) for item in around] == [1, 1, 1]
    assert [len(item[0].chain) for item in around] == [0, 1, 1]
    assert [call.loop is not None for call in found] == [True, False, False]


def test_drivers_and_hooks_repeat_too(project):
    asked = project(
        main="""
        import keras
        from scipy.optimize import minimize

        model = keras.Sequential([])

        def objective(p):
            return model.predict(p)

        minimize(objective, [1.0])

        class Watch(keras.callbacks.Callback):
            def on_epoch_end(self, epoch, logs=None):
                self.model.predict([epoch])
                check()

        def check():
            return model.predict([0])

        list(map(lambda x: model.predict(x), [1, 2]))
        """
    )
    drivers = {
        asked.describe(*call.function): [item.driver for item in questions.repetitions(asked, call.place)]
        for call in questions.calls(asked, method="predict")
    }
    assert drivers == {
        "objective()": ["scipy.optimize.minimize"],
        "Watch.on_epoch_end()": ["fit()"],
        "check()": ["fit()"],
        "lambda": ["map()"],
    }


def test_how_often_is_said_where_the_code_says_it(project):
    asked = project(
        main="""
        import gc
        for i in range(3):
            for x in i:
                gc.collect()
        """
    )
    (call,) = questions.calls(asked, "gc.collect")
    assert [item.count for item in questions.repetitions(asked, call.place)] == [None, 3]


def test_who_calls_whom(project):
    asked = project(
        main="""
        from parts import Builder, build
        def run(kind):
            model = build() if kind else Builder().make()
            again = build
            return again()
        """,
        parts="""
        class Builder:
            def __init__(self): self.x = 1
            def make(self): return build()
        def build(): return 1
        """,
    )
    build = next((1, f.index) for f in asked.modules[1].functions if f.name == "build")
    callers = questions.callers(asked, build)
    assert [asked.describe(*questions.function_of(asked, place)) for place in callers] == [
        "run()", "run()", "Builder.make()",
    ]  # fmt: skip
    assert {questions.callees(asked, place) for place in callers} == {(build,)}
    made = [
        asked.describe(*target)
        for module, facts in enumerate(asked.modules)
        for function in facts.functions
        for call, _ in questions.calls_in(function.body, facts)
        for target in questions.callees(asked, questions.Place(module, call.node))
    ]
    assert sorted(made) == ["Builder()", "Builder.make()", "build()", "build()", "build()"]


def test_values_and_what_is_constant(project):
    asked = project(
        main="""
        import keras, gc
        import tensorflow as tf
        size = 3
        def run(data):
            model = keras.Sequential([])
            for x in data:
                y = tf.reduce_mean(x)
                gc.collect(model, y, size, float(y), x + 1, len(data))
        """
    )
    (call,) = questions.calls(asked, {"gc.collect"})
    kinds = [questions.kinds(asked, questions.value(asked, call.function, arg)) for arg in call.call.args]
    assert kinds[:4] == [{Kind.MODEL}, {Kind.TENSOR}, set(), set()]
    assert [questions.kinds(asked, value) for value in call.values] == kinds
    assert questions.is_plain_data(asked, call.values[3])
    assert not questions.is_plain_data(asked, call.values[1])
    (around,) = questions.repetitions(asked, call.place)
    constant = [questions.is_constant(asked, arg, call.place, around) for arg in call.call.args]
    assert constant == [True, False, True, False, False, False]
    assert call.argument(0, "generation") is call.call.args[0]
    assert call.argument(9, "generation") is None


CONSTANT = {
    # what is passed in a loop of the same function
    "for r in rows:\n    net.predict(all_rows)": True,
    "for r in rows:\n    net.predict(r)": False,
    "for r in rows:\n    net.predict(g.x)": True,
    "for g in rows:\n    net.predict(g.x)": False,
    "for r in rows:\n    buf.append(r)\n    net.predict(buf)": False,
    "for r in rows:\n    buf[0] = r\n    net.predict(buf)": False,
    "for r in rows:\n    x = r + 1\n    net.predict(x)": False,
    "for r in rows:\n    g.x = r\n    net.predict(g.x)": False,
    "[net.predict(r) for r in rows]": False,
    "[net.predict(all_rows) for r in rows]": True,
    # below it
    "def f(m, x): return m.predict(x)\nfor i in rows:\n    f(net, all_rows)": True,
    "def f(m, x): return m.predict(x)\nfor i in rows:\n    f(net, all_rows[i])": False,
    "def f(m, x): return m.predict(x)\nfor i in rows:\n    r = all_rows[i]\n    f(net, r)": False,
    "def f(m, x): return m.predict(x)\nfor i in rows:\n    f(x=i, m=net)": False,
    "def f(m, x=3): return m.predict(x)\nfor i in rows:\n    f(net)": True,
    "def f(m, *x): return m.predict(x)\nfor i in rows:\n    f(net, i)": False,
    "def f(p):\n    x = load(p)\n    return net.predict(x)\nfor p in rows:\n    f(p)": False,
    "def f(p):\n    x = p\n    return net.predict(x)\nfor p in rows:\n    f(all_rows)": True,
    "def f(p):\n    x = p\n    x = q\n    return net.predict(x)\nfor q in rows:\n    f(all_rows)": False,
    "def f(p): return h(p)\ndef h(q): return net.predict(q)\nfor p in rows:\n    f(p)": False,
    "def f(p): return h(p)\ndef h(q): return net.predict(q)\nfor p in rows:\n    f(1)": True,
    "def f(p): return net.predict(LIMIT)\nLIMIT = 3\nfor p in rows:\n    f(p)": True,
    "def f(p):\n    global LIMIT\n    LIMIT = p\n    return net.predict(LIMIT)\nfor p in rows:\n    f(p)": False,
    # objects
    "class A:\n    def act(self): return net.predict(self.x)\na = A()\nfor r in rows:\n    a.act()": True,
    "class A:\n    def act(self): return net.predict(self.x)\na = A()\nfor r in rows:\n    a.x = r\n    a.act()": False,
    "class A:\n    def act(self): return net.predict(self.x)\nfor a in rows:\n    A.act(a)": False,
    "class A:\n    def act(self):\n        self.move()\n        return net.predict(self.x)\n"
    "    def move(self): self.x = 1\na = A()\nfor r in rows:\n    a.act()": False,
    "class A:\n    def run(self):\n        for r in rows:\n            self.x = r\n            net.predict(self.x)": False,
    "class A:\n    def run(self):\n        for r in rows:\n            net.predict(self.x)": True,
    # what calls and the loop itself give
    "import os\nfor r in rows: net.predict(os.path.join(g, 'x'))": True,
    "import os\nfor r in rows: net.predict(os.path.join(g, r))": False,
    "for r in rows: net.predict('{}.npy'.format(g))": True,
    "for r in rows: net.predict('{}.npy'.format(r))": False,
    "for r in rows:\n    x = 'a.npy'\n    net.predict(x)": True,
    "for r in rows:\n    x = 'a.npy'\n    x = r\n    net.predict(x)": False,
    "def where(): return g.path / 'x'\nfor r in rows: net.predict(where())": True,
    "def where(r): return g.path / r\nfor r in rows: net.predict(where(r))": False,
    "def where(r): return g.path / r\nfor r in rows: net.predict(where('x'))": True,
    "def where(): return load()\nfor r in rows: net.predict(where())": False,
    "def f(str): return str(g)\nfor r in rows: net.predict(f(r))": False,
    # drivers
    "from scipy.optimize import minimize\ndef f(p): return net.predict(p)\nminimize(f, 1)": False,
    "from scipy.optimize import minimize\ndef f(p): return net.predict(all_rows)\nminimize(f, 1)": True,
    "list(map(lambda r: net.predict(r), rows))": False,
    "sorted(rows, key=lambda r: net.predict(r))": False,
    "list(filter(lambda r: net.predict(r), rows))": False,
}


#: What runs whenever the loop comes to it, and what the code asks for first.
EACH_TIME = {
    "for r in rows: net.predict(r)": True,
    "for n, r in enumerate(rows):\n    if n % 100 == 0: net.predict(r)": False,
    "for n, r in enumerate(rows):\n    if n != 5: pass\n    else: net.predict(r)": False,
    "for n, r in enumerate(rows):\n    if n == 5: net.predict(r)": False,
    "for n, r in enumerate(rows):\n    if 1 < n < 5: net.predict(r)": True,
    "for n, r in enumerate(rows):\n    if n == len(rows): net.predict(r)": True,
    "for r in rows:\n    if r.size > 5: net.predict(r)": True,
    "for r in rows:\n    while r: net.predict(r)": True,
    "for r in rows:\n    try: load(r)\n    except KeyError: net.predict(r)": False,
    "for r in rows:\n    try: net.predict(r)\n    except KeyError: pass": True,
    "x = None\nfor r in rows: x = x or net.predict(r)": False,
    "x = None\nfor r in rows: x = net.predict(r) if x is None else x": False,
    "for r in rows: x = 1 if net.predict(r) else 2": True,
    "for r in rows: x = g and net.predict(r)": True,
    "for r in rows: load(g and net.predict(r))": True,
    "def f(r):\n    global x\n    if 'x' not in globals(): x = net.predict(r)\nfor r in rows: f(r)": False,
    "def f(r):\n    if 'x' not in g.store: g.store.x = net.predict(r)\nfor r in rows: f(r)": False,
    "def f(r):\n    if not hasattr(g, 'x'): g.x = net.predict(r)\nfor r in rows: f(r)": False,
    "def f(r):\n    if g.x is not None: return g.x\n    g.x = net.predict(r)\nfor r in rows: f(r)": False,
    "def f(r):\n    if r is None: return 1\n    x = net.predict(r)\nfor r in rows: f(r)": True,
    "def f(r):\n    x = None\n    if x is None: x = net.predict(r)\nfor r in rows: f(r)": True,
    "def f(r, x=None):\n    if x is None: x = net.predict(r)\nfor r in rows: f(r)": True,
    "def f(r, x=None):\n    if x is None: x = net.predict(r)\nfor r in rows: f(r, None)": True,
    "def f(r, x=None):\n    if x is None: x = net.predict(r)\nfor r in rows: f(r, x=g)": False,
    "def f(r, x=None):\n    if x is None: x = net.predict(r)\nfor r in rows: f(*r)": False,
    "def f(r):\n    x = None\n    def h():\n        nonlocal x\n        if x is None: x = net.predict(r)\n"
    "    for _ in rows: h()\nf(1)": False,
    "import functools\n@functools.lru_cache\ndef f(r): return net.predict(r)\nfor r in rows: f(r)": False,
    "@g.cached_once\ndef f(r): return net.predict(r)\nfor r in rows: f(r)": False,
    "class A:\n    def get(self):\n        if self.x is None: self.fill()\n"
    "    def fill(self): self.x = net.predict(1)\na = A()\nfor r in rows: a.get()": False,
}


@pytest.mark.parametrize("text", EACH_TIME)
def test_what_is_done_each_time(project, text):
    head = "import keras\nfrom data import rows, g, load\nnet = keras.Sequential([])\n"
    asked = project(main=head + text)
    (call,) = questions.calls(asked, method="predict")
    around = questions.repetitions(asked, call.place)[-1]
    assert questions.comes_each_time(asked, call.place, around) == EACH_TIME[text]


@pytest.mark.parametrize("text", CONSTANT)
def test_what_is_the_same_each_time(project, text):
    head = "import keras\nfrom data import rows, all_rows, buf, g, load\nnet = keras.Sequential([])\n"
    asked = project(main=head + text)
    (call,) = questions.calls(asked, method="predict", receiver=Kind.MODEL)
    nearest = questions.repetitions(asked, call.place)[0]
    assert questions.is_constant(asked, call.call.args[0], call.place, nearest) == CONSTANT[text]


LEFT = {
    "for r in rows:\n    if r: return net.predict(r)": 0,
    "for r in rows:\n    if r:\n        net.predict(r)\n        break": 0,
    "for r in rows:\n    net.predict(r)\n    raise E": 0,
    "for r in rows:\n    net.predict(r)\n    if r: break": 1,
    "for r in rows:\n    net.predict(r)\n    continue": 1,
    "for r in rows:\n    if r:\n        net.predict(r)\n        continue\n    break": 1,
    "for r in rows:\n    for s in r:\n        net.predict(s)\n        break": 1,
    "for r in rows:\n    for s in r:\n        net.predict(s)\n    break": 1,
    "while True:\n    with x:\n        try:\n            return net.predict(r)\n        except E:\n            pass": 0,
}


@pytest.mark.parametrize("text", LEFT)
def test_a_loop_that_is_left_right_away_repeats_nothing(project, text):
    body = "".join(f"    {line}\n" for line in text.splitlines())
    asked = project(main=f"import keras\nnet = keras.Sequential([])\ndef run(rows, x, r):\n{body}")
    (call,) = questions.calls(asked, method="predict")
    assert len(questions.repetitions(asked, call.place)) == LEFT[text]


def test_a_call_is_found_by_its_place(project):
    asked = project(main=PREDICTS)
    (call, *_) = questions.calls(asked, method="predict", receiver=Kind.MODEL)
    assert questions.call_at(asked, call.place) == call
    with pytest.raises(questions.QuestionError, match="no call at"):
        questions.call_at(asked, questions.Place(0, 0))


@pytest.mark.parametrize(
    ("text", "when", "trains"),
    [
        ("for row in rows: step(row)", "in every iteration of the loop at {0}", True),
        ("list(map(step, rows))", "on every call by map()", True),
        ("print([step(row) for row in rows])", "in every iteration of the loop at {0}", True),
        ("list(map(epoch, rows))", "on every call by map()", False),
        ("for row in rows: epoch(row)", "in every iteration of the loop at {0}", False),
        ("print([net.save('a') for row in rows])", "in every iteration of the loop at {0}", False),
    ],
)
def test_what_repeats_is_told_in_words_and_whether_it_trains(project, text, when, trains):
    functions = """
def step(row):
    net.train_on_batch(row)
    net.save("a")
def epoch(rows):
    for part in rows: net.train_on_batch(part)
    net.save("a")
"""
    head = "import keras\nfrom data import rows\nnet = keras.Sequential([])\n"
    asked = project(main=head + functions + text)
    found = [
        item
        for call in questions.calls(asked, method="save", receiver=Kind.MODEL)
        for item in questions.repetitions(asked, call.place)
    ]
    assert [item.when for item in found] == [when]
    assert found[0].refs == (() if "map" in when else (found[0].loop,))
    assert questions.trains(asked, found[0].loop) is trains


def test_drivers_may_be_methods(project):
    rows = [Row("acme.Frame", Effect.CREATES), MethodRow(Kind.OTHER, "apply", Effect.REPEATS_ARGUMENT)]
    asked = project(*rows, main="import acme, gc\nacme.Frame(1).apply(lambda row: gc.collect(row))\n")
    (call,) = questions.calls(asked, "gc.collect")
    assert [item.driver for item in questions.repetitions(asked, call.place)] == ["acme.Frame(...).apply()"]


@pytest.mark.parametrize("name", ["tf.foo", "a b", "a..b", "", "a."])
def test_a_row_of_a_name_that_cannot_exist_is_an_error(name):
    with pytest.raises(ValueError, match="name"):
        Row(name or " ", Effect.RELEASES_MODELS)


@pytest.mark.parametrize("asked", ["call", "loop", "repetition"])
def test_a_question_about_the_wrong_thing_is_an_error(project, asked):
    made = project(main=PREDICTS)
    (call, *_) = questions.calls(made, method="predict", receiver=Kind.MODEL)
    ask = {
        "call": lambda: questions.repetitions(made, call),
        "loop": lambda: questions.is_constant(made, call.call.args[0], call.place, call.loop),
        "repetition": lambda: questions.comes_each_time(made, call.place, call.loop),
    }
    with pytest.raises(questions.QuestionError):
        ask[asked]()


@pytest.mark.parametrize(
    ("names", "method", "message"),
    [
        (["tf.function"], (), "name the package, tensorflow.function"),
        (["K.clear_session"], (), "name the package, keras.backend.clear_session"),
        (["a b"], (), "'a b' is not a name"),
        ("predict", (), "has no package"),
        ([], "pre dict", "'pre dict' is not a name"),
        ([], (), "no name and no method"),
    ],
)
def test_what_cannot_exist_cannot_be_asked_for(project, names, method, message):
    with pytest.raises(questions.QuestionError, match=message.replace(".", r"\.")):
        questions.calls(project(main="x = 1"), names, method=method)
    with pytest.raises(questions.QuestionError, match=r"is not a leakscan\.knowledge\.Kind"):
        questions.calls(project(main="x = 1"), method="predict", receiver="model")


def test_the_order_of_questions_does_not_matter(project):
    first, second = project(main=PREDICTS), project(main=PREDICTS)
    places = [call.place for call in questions.calls(first, method="predict", receiver=Kind.MODEL)]
    assert questions.rebuilds(second) == questions.rebuilds(first)
    assert questions.retentions(second) == questions.retentions(first)
    assert [call.place for call in questions.calls(second, method="predict", receiver=Kind.MODEL)] == places


def test_rows_of_a_rule_hold_for_functions_of_the_project_and_of_others(project):
    text = """
    import acme
    import zoo
    def sweep(grid):
        for p in grid:
            acme.make(p).fit(p)
        for p in grid:
            zoo.build(p).fit(p)
    """
    zoo = "def build(p): return __import__('hidden').build(p)"
    rows = [Row("acme.make", Effect.CREATES, Kind.MODEL), Row("zoo.build", Effect.CREATES, Kind.MODEL)]
    assert len(questions.rebuilds(project(main=text, zoo=zoo))) == 0
    assert [found.label for found in questions.rebuilds(project(*rows, main=text, zoo=zoo))] == [
        "acme.make", "zoo.build",
    ]  # fmt: skip


def test_what_reads_a_property_is_no_call_of_it(project):
    found = project(
        main="""
        class Meter:
            @property
            def level(self):
                return load()

            def total(self):
                return [self.level for _ in range(3)]

        def load():
            return 1

        def use(meter: Meter):
            return Meter().level + load()
        """
    )
    names = {function.name: (0, function.index) for function in found.modules[0].functions}
    assert questions.callers(found, names["level"]) == ()
    places = questions.callers(found, names["load"])
    assert [found.describe(*questions.call_at(found, place).function) for place in places] == [
        "Meter.level()",
        "use()",
    ]
    for place in places:
        assert questions.repetitions(found, place) == ()
