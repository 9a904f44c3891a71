"""How often a place runs: what literals, constants, options and splitters say, through loops and callers."""

from __future__ import annotations

import textwrap

import pytest

from leakscan.facts.reading import read_facts
from leakscan.interpreter.project import Project
from leakscan.knowledge import knowledge
from leakscan.modules import ModuleIndex
from leakscan.questions import Endless, calls, frequency, repetitions, work


def linked(**modules):
    paths = [f"/p/{name}.py" for name in modules]
    facts = [read_facts(textwrap.dedent(text)) for text in modules.values()]
    return Project(dict(zip(paths, facts, strict=True)), ModuleIndex(paths, "/p"), knowledge())


def asked(**modules):
    """The frequency of the one call of `gc.collect` in some modules."""
    project = linked(**modules)
    (found,) = calls(project, {"gc.collect"})
    return frequency(project, found.place)


def repeated(header, before=""):
    return asked(main=f"import gc\n{textwrap.dedent(before)}\n{header}\n    gc.collect()\n")


@pytest.mark.parametrize(
    ("header", "count"),
    [
        ("for fold in range(5):", 5),
        ("for fold in range(2, 12, 5):", 2),
        ("for rate in [0.1, 0.01, 0.001]:", 3),
        ("for name, size in {'a': 1, 'b': 2}.items():", 2),
        ("for number, rate in enumerate((0.1, 0.01)):", 2),
        ("for a, b in zip(files(), range(7)):", 7),
        ("for pair in itertools.product('ab', range(3), [1, 2]):", 12),
        ("for rate in np.linspace(0, 1, 9):", 9),
        ("for rate in [*range(3), 7]:", 4),
        ("for word in 'one two three'.split():", 3),
        ("for value in [x for x in range(6) if x % 2]:", 6),
        ("for value in range(10 * 3 - 2):", 28),
        ("for value in range(10 * 3):", 30),
        ("for value in range(10 - 3):", 7),
        ("for value in range(2 + 3):", 5),
        ("for value in range(9 // 2):", 4),
        ("for value in range(9 // 0):", None),
        ("for value in range(7 % 4):", 3),
        ("for value in range(2**3):", 8),
        ("for value in range(3 @ 2):", None),
        ("for value in range(3 * len(x)):", None),
        ("for value in range(5 if fast else 9):", 9),
        ("for value in range(slow and 9):", None),
        ("for value in range(not slow):", None),
        ("for value in range(len([1, 2])):", 2),
        ("for value in range(int(5.0)):", 5),
        ("for value in range(min(len(x), 4)):", 4),
        ("for value in range(max(2, 3)):", 3),
        ("for value in range(True):", None),
        ("for value in range(0, 9, 0):", None),
        ("for value in range(*span):", None),
        ("for rate in [0.1] + [0.2, 0.3]:", 3),
        ("for rate in [0.1] * 4:", 4),
        ("for rate in [0.1] - others:", None),
        ("for rate in (1, 2) if fast else (1, 2, 3):", 3),
        ("for letter in 'abc':", 3),
        ("for name in {**names, 'a': 1}:", None),
        ("for rate in -rates:", None),
        ("for rate in np.linspace(0, 1):", 50),
        ("for path in itertools.islice(paths, 5):", 5),
        ("for pair in itertools.product([1, 2], repeat=3):", 8),
        ("for path in random.choices(paths, k=4):", 4),
        ("for zero in repeat(0, 6):", 6),
        ("for size in map(abs, [1, 2]):", 2),
        ("for size in filter(None, [1, 2]):", 2),
        ("for batch in dataset.take(7):", 7),
        ("for values in ParameterGrid({'rate': [1, 2], 'units': [3, 4, 5]}):", 6),
        ("for values in ParameterGrid([{'rate': [1, 2]}]):", None),
        ("for values in ParameterGrid(grid):", None),
        ("for values in ParameterSampler(grid, n_iter=8):", 8),
        ("for part in text.split(','):", None),
        ("for path in paths:", None),
        ("for path in paths[:4]:", 4),
        ("for path in ['a', 'b', 'c'][:2]:", 2),
        ("for path in ['a', 'b', 'c'][1:]:", 3),
        ("for path in paths[:-1]:", None),
        ("for path in paths[4:]:", None),
        ("for path in paths[::4]:", None),
        ("for path in glob.glob('*'):", None),
        ("for row in np.random.randint(0, len(x), 2 * 5):", 10),
        ("for row in rng.integers(0, 9, size=6):", 6),
        ("for row in np.random.choice(range(len(x)), size=6):", 6),
        ("for row in np.random.choice(range(len(x)), p=weights):", None),
        ("for row in frame.sample(5).values:", None),
        ("for row in frame.sample(n=5):", 5),
        ("for number, path in enumerate(paths):\n    if number >= 5: break", 6),
        ("for number, path in enumerate(range(3)):\n    if number == 5: break", 3),
        ("shown = 0\nfor path in paths:\n    shown += 1\n    if shown > 9: break", 10),
        ("for path in paths:\n    if len(path) > 9: break", None),
    ],
)
def test_a_header_says_how_often_its_loop_runs(header, count):
    assert repeated(header, "import itertools, glob\nimport numpy as np").count == count


@pytest.mark.parametrize(
    ("before", "expression", "count"),
    [
        ("FOLDS = 5", "range(FOLDS)", 5),
        ("FOLDS = 5\nif slow:\n    FOLDS = 10", "range(FOLDS)", 10),
        ("FOLDS = int(input())", "range(FOLDS)", None),
        ("FOLDS = 5\nFOLDS += len(names)", "range(FOLDS)", None),
        ("rates = [1, 2]\nrates.append(3)", "rates", None),
        ("grid = {'rate': [1, 2], 'units': [3, 4, 5]}", "itertools.product(*grid.values())", None),
        ("settings = {'folds': 4}", "range(settings['folds'])", 4),
        ("settings = {'folds': 4}", "range(settings.get('folds', 5))", 4),
        ("settings = {'folds': 4}", "range(settings[name])", None),
        ("def count(): return 3", "range(count())", None),
        ("import typer\nfolds = typer.Option(7)", "range(folds)", 7),
        ("from absl import flags\nflags.DEFINE_integer('other', 5, '')", "range(flags.FLAGS.folds)", None),
        ("count = -1 * 3", "range(count)", 0),
        ("from absl import flags\nflags.DEFINE_integer('folds', 5, '')", "range(flags.FLAGS.folds)", 5),
        (
            "from absl import flags\nF = flags.FLAGS\nflags.DEFINE_list('x', [1, 2], '')",
            "F.x",
            2,
        ),
        (
            """
import argparse
p = argparse.ArgumentParser()
p.add_argument("-n", "--folds", default=4)
p.add_argument("--other")
p.add_argument("--seeds", dest="s", default=[1, 2])
a = vars(p.parse_args())
""",
            "itertools.product(range(a['folds']), a['s'])",
            8,
        ),
        (
            "import argparse\np = argparse.ArgumentParser()\np.add_argument('--folds')\na = p.parse_args()",
            "range(a.folds)",
            None,
        ),
        ("from sklearn.model_selection import KFold\nkf = KFold(int(input()))", "kf.split(x)", None),
        ("from sklearn.model_selection import LeaveOneOut as L\nkf = L()", "kf.split(x)", None),
        (
            "from sklearn.model_selection import RepeatedKFold as R\nr = R(n_splits=2, n_repeats=3)",
            "r.split(x)",
            6,
        ),
        ("class Config:\n    folds = 6", "range(Config.folds)", 6),
        ("class Config:\n    folds: int = 6\nconfig = Config()", "range(config.folds)", 6),
        ("from sklearn.model_selection import KFold\nkf = KFold(n_splits=3)", "kf.split(x)", 3),
        ("from sklearn.model_selection import StratifiedKFold as S", "enumerate(S().split(x, y))", 5),
        ("from sklearn.model_selection import RepeatedKFold as R\nr = R(n_splits=2)", "r.split(x)", 20),
        ("from tqdm import trange", "trange(8)", 8),
        ("from tqdm import tqdm\nbar = tqdm(range(8))", "bar", 8),
        ("def tqdm(items):\n    return forever(items)", "tqdm(range(8))", None),
        ("first = second.x\nsecond = first.y", "range(first)", None),
        ("\n".join(f"folds = {number}" for number in range(30)), "range(folds)", None),
        ("folds = other\nother = folds\nother = 4", "range(folds)", 4),
        ("FOLDS = 5\ndef main():\n    global FOLDS\n    FOLDS = int(input())", "range(FOLDS)", None),
        ("def names(*all):\n    return [n for n in all]", "names()", None),
        ("sizes = [4, 6]", "range(sizes[1])", 6),
        ("sizes = [4, 6]", "range(sizes[2])", None),
        ("sizes = read()", "range(sizes[0])", None),
        ("class Config:\n    pass", "range(Config.folds)", None),
        ("class Config:\n    def __init__(self):\n        self.folds = 3", "range(Config().folds)", 3),
        ("if (folds := 6) > few: pass", "range(folds)", 6),
        ("with open(path) as folds: pass", "range(folds)", None),
        ("folds = 5\nfolds += 1", "range(folds)", None),
    ],
)
def test_names_are_followed_to_what_they_stand_for(before, expression, count):
    assert repeated(f"for item in {expression}:", f"import itertools\n{before}").count == count


@pytest.mark.parametrize(
    "header",
    ["from config import FOLDS", "from config import *", "import config; FOLDS = config.FOLDS"],
)
def test_names_of_other_modules_are_followed(header):
    inside = f"import gc\n{header}\nfor _ in range(FOLDS):\n    gc.collect()\n"
    assert asked(config="FOLDS = 5", main=inside).count == 5
    if "*" not in header and ";" not in header:
        inside = f"import gc\ndef run():\n    {header}\n    for _ in range(FOLDS):\n        gc.collect()\n"
        assert asked(config="FOLDS = 5", main=inside).count == 5


def test_options_of_click_are_those_of_click():
    main = """
import gc
import click
import other
@other.option("--folds", default=9)
@click.option("--number", default=8)
@click.option("--seeds", default=4)
@click.command()
def run(seeds, folds, rest):
    for _ in range(seeds):
        {}
"""
    assert asked(main=main.format("gc.collect()")).count == 4
    assert asked(main=main.format("for _ in range(folds): gc.collect()")).count is None
    assert asked(main=main.format("for _ in range(rest): gc.collect()")).count is None


def test_what_is_passed_by_position_in_a_list_is_not_counted():
    main = "import gc\ndef run(*folds):\n    for _ in folds:\n        gc.collect()\nrun(1, 2)\n"
    assert asked(main=main).count is None


def test_a_page_of_streamlit_is_none_where_another_module_imports_it():
    page = (
        "import gc\nimport streamlit as st\ndef show():\n    st.write(1)\n    show()\nshow()\ngc.collect()\n"
    )
    assert asked(page=page).endless is Endless.HANDLER
    assert asked(page=page, main="import page\n").endless is None
    cached = "import gc\nimport streamlit as st\nst.cache_data.clear()\ngc.collect()\n"
    assert asked(page=cached).endless is None


def test_loops_within_each_other_multiply():
    found = asked(
        main="""
        import gc
        for seed in range(3):
            for fold in range(5):
                for batch in batches:
                    print(batch)
                gc.collect()
        """
    )
    assert (found.count, found.known) == (15, 15)
    assert (found.endless, found.entry, found.options) == (None, None, ())


def test_one_loop_of_unknown_length_makes_the_count_unknown_and_leaves_what_is_known():
    found = asked(main="import gc\nfor seed in range(3):\n    for x in xs:\n        gc.collect()\n")
    assert (found.count, found.known) == (None, 3)


def test_callers_of_other_modules_multiply_and_add_up():
    found = asked(
        tools="""
        import gc
        def tidy():
            for _ in range(2):
                gc.collect()
        """,
        main="""
        from tools import tidy
        def main():
            for epoch in range(10):
                tidy()
            tidy()
        main()
        """,
    )
    assert found.count == 22


def test_arguments_are_followed_to_the_calls_and_defaults_count_where_nothing_is_passed():
    source = """
        import gc
        def run(folds{default}):
            for fold in range(folds):
                gc.collect()
        {call}
        """
    assert asked(main=source.format(default="=4", call="run()")).count == 4
    assert asked(main=source.format(default="=4", call="run(7)")).count == 7
    assert asked(main=source.format(default="", call="run(folds=9)")).count == 9
    assert asked(main=source.format(default="", call="run(int(x))")).count is None
    uncalled = asked(main=source.format(default="=4", call=""))
    assert (uncalled.count, uncalled.entry) == (4, "run()")


@pytest.mark.parametrize(
    "program",
    [
        """
        import argparse, gc
        def main():
            parser = argparse.ArgumentParser()
            parser.add_argument("-k", "--n-folds", type=int, default=5)
            args = parser.parse_args()
            for fold in range(args.n_folds):
                gc.collect()
        """,
        """
        import argparse, gc
        def run(options):
            for fold in range(options.n_folds):
                gc.collect()
        def main():
            parser = argparse.ArgumentParser()
            parser.add_argument("--n-folds", type=int, default=5)
            options, rest = parser.parse_known_args()
            run(options)
        main()
        """,
        """
        import gc
        import click
        @click.command()
        @click.option("--n-folds", default=5, type=int)
        def main(n_folds):
            for fold in range(n_folds):
                gc.collect()
        main()
        """,
        """
        import gc
        from absl import flags
        FLAGS = flags.FLAGS
        flags.DEFINE_integer("n_folds", 5, "folds")
        def main(argv):
            for fold in range(FLAGS.n_folds):
                gc.collect()
        """,
    ],
    ids=["argparse", "passed on", "click", "absl"],
)
def test_defaults_of_options_say_how_often_and_are_named(program):
    found = asked(main=program)
    assert found.count == 5
    assert found.options in (("--n-folds",), ("--n_folds",))


@pytest.mark.parametrize(
    ("program", "endless"),
    [
        ("while True:\n    gc.collect()\n    if done(): break", Endless.FOREVER),
        ("import itertools\nfor n in itertools.count():\n    gc.collect()", Endless.FOREVER),
        (
            "from kafka import KafkaConsumer\nfor m in KafkaConsumer('topic'):\n    gc.collect()",
            Endless.STREAM,
        ),
        (
            "from flask import Flask\napp = Flask('a')\n@app.route('/')\ndef answer():\n    gc.collect()",
            Endless.HANDLER,
        ),
        (
            "import fastapi\nr = fastapi.APIRouter()\n@r.post('/')\nasync def a(x):\n    gc.collect()",
            Endless.HANDLER,
        ),
        ("def lambda_handler(event, context):\n    gc.collect()", Endless.HANDLER),
        (
            "import keras\nclass A(keras.callbacks.Callback):\n  def on_epoch_end(*a):\n    gc.collect()",
            Endless.HOOK,
        ),
        (
            "while not done:\n    state, reward, done, info = env.step(action)\n    gc.collect()",
            Endless.ENVIRONMENT_STEP,
        ),
        (
            "for x in data:\n    with tape: pass\n    optimizer.apply_gradients(pairs)\n    gc.collect()",
            Endless.TRAINING_STEP,
        ),
        (
            "for epoch in range(3):\n    for x in data:\n        model.train_on_batch(x)\n    gc.collect()",
            None,
        ),
        ("for step in range(3):\n    model.train_on_batch(x)\n    gc.collect()", None),
        (
            "class A:\n  def __init__(s):\n    opt.minimize(s.loss)\nfor n in xs:\n    A()\n    gc.collect()",
            None,
        ),
        (
            "def g():\n  x = tf.placeholder('f')\n  opt.minimize(x)\nfor n in xs:\n    g()\n    gc.collect()",
            None,
        ),
        (
            "def step(x):\n  adam.minimize(lambda: f(x), w)\nfor x in xs:\n    step(x)\n    gc.collect()",
            Endless.TRAINING_STEP,
        ),
        ("for x in xs:\n    gc.collect()", None),
    ],
)
def test_what_nothing_bounds_is_told(program, endless):
    assert asked(main=f"import gc\n{program}\n").endless is endless


def test_counters_of_while_loops_are_read():
    text = "import gc\nstep = 0\nwhile step < 60:\n    gc.collect()\n    step += 2\n"
    assert asked(main=text).count == 30
    assert asked(main=text.replace("    step += 2", "    if ok: step += 2")).count is None


def test_what_is_kept_in_a_function_counts_for_one_call_of_it():
    project = linked(
        main="""
        import gc
        def epoch():
            for step in range(10):
                gc.collect()
        for number in range(7):
            epoch()
        """
    )
    (found,) = calls(project, {"gc.collect"})
    assert frequency(project, found.place).count == 70
    assert frequency(project, found.place, within=found.function).count == 10


def test_the_work_of_an_iteration_is_the_epochs_of_its_fits_and_its_own_steps():
    project = linked(
        main="""
        import gc, keras
        from sklearn.preprocessing import StandardScaler
        EPOCHS = 20
        def fit(model, x):
            StandardScaler().fit(x)
            model.fit(x, epochs=EPOCHS)
        for fold in range(5):
            gc.collect()
            model = keras.Sequential([])
            for phase in (1, 2):
                fit(model, x)
            for step in range(30):
                model.train_on_batch(x)
        """
    )
    (found,) = calls(project, {"gc.collect"})
    done = work(project, repetitions(project, found.place)[0].loop)
    assert (done.fits, done.epochs, done.steps) == (True, 40, 30)


# -- what multiplies on the way back through calls


def multiplying(arguments):
    """A loop over `x.rows` behind ten functions, each of which calls the next with each of the arguments."""
    lines = ["import gc", "class Part:", "    def __init__(self, part):"]
    lines += [f"        self.{name} = part" for name in ("left", "right", "first", "last", "rows")]
    for number in range(10):
        calls_next = [f"    f{number + 1}({argument})" for argument in arguments]
        lines += [f"def f{number}(x):", *calls_next]
    lines += ["def f10(x):", "    for row in x.rows:", "        gc.collect()"]
    return "\n".join(lines)


@pytest.mark.parametrize(
    "arguments",
    [
        ("x.left", "x.right", "x.first", "x.last"),
        ("x.left.right", "x", "Part(x).last", "x"),
        ("x", "x", "x", "x", "x", "x", "x"),
    ],
)
def test_ways_back_through_calls_that_multiply_are_given_up(arguments):
    """A million ways and more: with no end to it, this would not come back within hours."""
    found = asked(main=multiplying(arguments))
    assert found.count is None
    assert found.endless is None


def test_some_hundred_ways_are_all_counted():
    lines = ["import gc"]
    for number in range(4):
        lines += [f"def f{number}():", *[f"    f{number + 1}()"] * 5]
    lines += ["def f4():", "    for _ in range(2):", "        gc.collect()"]
    assert asked(main="\n".join(lines)).count == 2 * 5**4
