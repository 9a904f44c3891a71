"""What rules may ask: each question through a rule of its own, on the command line."""

from __future__ import annotations

import textwrap

import pytest

from leakscan import questions
from leakscan.facts.reading import read_facts
from leakscan.interpreter.project import Project
from leakscan.knowledge import Effect, Kind, Row, knowledge
from leakscan.modules import ModuleIndex


@pytest.fixture
def project():
    def make(*extra, **modules):
        paths = [f"/p/{name}.py" for name in modules]
        facts = [
            read_facts(textwrap.dedent(text), path)
            for text, path in zip(modules.values(), paths, strict=True)
        ]
        return Project(facts, ModuleIndex(paths, "/p"), knowledge(extra))

    return make


def text_of(project, call):
    return project.modules[call.place.module].path.rpartition("/")[2]


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
    constant = [questions.is_constant(asked, arg, call.loop) for arg in call.call.args]
    assert constant == [True, False, True, False, False, False]
    assert call.argument(0, "generation") is call.call.args[0]
    assert call.argument(9, "generation") is None


@pytest.mark.parametrize(
    ("names", "method", "message"),
    [
        (["tf.function"], (), "name the package, tensorflow.function"),
        (["K.clear_session"], (), "name the package, keras.backend.clear_session"),
        (["a b"], (), "'a b' is no name"),
        ([], "pre dict", "'pre dict' is no name"),
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
