"""A check of some files of a project says of them what the check of the whole project says."""

from __future__ import annotations

import shutil

import pytest
from conftest import ROOT

from leakscan.config import ConfigResolver, Overrides
from leakscan.diagnostics import Confidence, Severity
from leakscan.registry import load_rules
from leakscan.rule import Place, Report, Rule
from leakscan.runner import Request, Session

RULES = [loaded.rule for loaded in load_rules([], installed=False)]
HEAD = "import keras\nimport numpy as np\nimport tensorflow as tf\n"
BUILD = "def build():\n    return keras.Sequential([keras.layers.Dense(1)])\n"
STEP = "@tf.function\ndef step(x):\n    return tf.reduce_mean(x * 2.0)\n"

#: What the files of a project hold, after HEAD, and the file that has a finding only because of another one;
#: None where the check of the whole project finds nothing either, today.
SHAPES = {
    "a list is handed to a function that appends": (
        None,
        {
            "helper": "def record(log, loss):\n    log.append(loss)\n",
            "main": STEP
            + "from helper import record\ndef run(data):\n    log = []\n    for x in data:\n        record(log, step(x))\n    return log\n",
        },
    ),
    "a list is handed on": (
        None,
        {
            "helper": "def record(log, loss):\n    log.append(loss)\n",
            "between": "from helper import record\ndef note(log, loss):\n    record(log, loss)\n",
            "main": STEP
            + "from between import note\ndef run(data):\n    log = []\n    for x in data:\n        note(log, step(x))\n    return log\n",
        },
    ),
    "a list is added to with +=": (
        None,
        {
            "helper": "def record(log, loss):\n    log += [loss]\n",
            "main": STEP
            + "from helper import record\ndef run(data):\n    log = []\n    for x in data:\n        record(log, step(x))\n    return log\n",
        },
    ),
    "a dict is filled by step": (
        None,
        {
            "helper": "def record(log, step, loss):\n    log[step] = loss\n",
            "main": STEP
            + "from helper import record\ndef run(data):\n    log = {}\n    for x in range(99):\n        record(log, x, step(x))\n    return log\n",
        },
    ),
    "what a method is given": (
        "logger",
        {
            "logger": "class Logger:\n    def __init__(self):\n        self.kept = []\n"
            "    def add(self, loss):\n        self.kept.append(loss)\n",
            "main": STEP
            + "from logger import Logger\nlogger = Logger()\nfor x in tf.data.Dataset.range(99):\n    logger.add(step(x))\n",
        },
    ),
    "a method of an object that a function is given": (
        "logger",
        {
            "logger": "class Logger:\n    def __init__(self):\n        self.kept = []\n"
            "    def note_loss(self, loss):\n        self.kept.append(loss)\n",
            "loop": STEP + "def run(logger, data):\n    for x in data:\n        logger.note_loss(step(x))\n",
            "main": "from logger import Logger\nfrom loop import run\nrun(Logger(), tf.data.Dataset.range(99))\n",
        },
    ),
    "a list of another module": (
        "main",
        {
            "store": "HISTORY = []\n",
            "main": STEP
            + "from store import HISTORY\ndef run(data):\n    for x in data:\n        HISTORY.append(step(x))\nrun(tf.data.Dataset.range(99))\n",
        },
    ),
    "a row that another function fills": (
        "main",
        {
            "fill": STEP + "def fill(row, x):\n    row.append(step(x))\n",
            "main": "from fill import fill\ndef run(data):\n    rows = []\n    for x in data:\n        row = [0.0]\n        fill(row, x)\n        rows.append(row)\n    return rows\n",
        },
    ),
    "a builder is handed to a loop": (
        "loop",
        {
            "models": BUILD,
            "loop": "def search(make):\n    for trial in range(99):\n        make().fit(np.ones(3), np.ones(3))\n",
            "main": "from loop import search\nfrom models import build\nsearch(build)\n",
        },
    ),
    "a builder is handed to a function that calls it": (
        "loop",
        {
            "models": BUILD,
            "maker": "def made(make):\n    return make()\n",
            "loop": "from maker import made\ndef search(make):\n    for trial in range(99):\n        made(make).fit(np.ones(3), np.ones(3))\n",
            "main": "from loop import search\nfrom models import build\nsearch(build)\n",
        },
    ),
    "a builder in an attribute that a later method sets": (
        None,
        {
            "models": BUILD,
            "trainer": "from models import build\nclass Trainer:\n    def run(self):\n        for trial in range(99):\n"
            "            net = self.make()\n            net.fit(np.ones(3), np.ones(3))\n    def configure(self):\n        self.make = build\n",
        },
    ),
    "a builder that the second iteration has": (
        None,
        {
            "models": BUILD,
            "loop": "from models import build\ndef search():\n    make = None\n    for trial in range(99):\n"
            "        if make:\n            net = make()\n            net.fit(np.ones(3), np.ones(3))\n        make = build\n",
        },
    ),
    "an object whose method builds is handed to a loop": (
        None,
        {
            "factory": BUILD + "class Factory:\n    def produce(self):\n        return build()\n",
            "other": "class Mill:\n    def produce(self):\n        return 1\n",
            "loop": "def search(factory):\n    for trial in range(99):\n        factory.produce().fit(np.ones(3), np.ones(3))\n",
            "main": "import other\nfrom factory import Factory\nfrom loop import search\nsearch(Factory())\n",
        },
    ),
    "the only method of a name": (
        "loop",
        {
            "factory": BUILD + "class Factory:\n    def produce_model(self):\n        return build()\n",
            "loop": "import factory\ndef search(settings):\n    for trial in range(99):\n"
            "        settings['factory'].produce_model().fit(np.ones(3), np.ones(3))\n",
        },
    ),
    "a method that a subclass elsewhere gives": (
        "base",
        {
            "base": "class Base:\n    def make(self):\n        raise NotImplementedError\n    def run(self):\n"
            "        for trial in range(99):\n            self.make().fit(np.ones(3), np.ones(3))\n",
            "mine": BUILD
            + "from base import Base\nclass Mine(Base):\n    def make(self):\n        return build()\nMine().run()\n",
        },
    ),
    "an objective whose builder is elsewhere": (
        "main",
        {
            "models": BUILD,
            "main": "from scipy.optimize import minimize\nfrom models import build\ndef loss(p):\n"
            "    return build().fit(np.ones(3), np.ones(3))\nminimize(loss, [0.0])\n",
        },
    ),
    "an objective is handed to a driver": (
        None,
        {
            "models": BUILD,
            "search": "from scipy.optimize import minimize\ndef search(loss):\n    return minimize(loss, [0.0])\n",
            "main": "from models import build\nfrom search import search\ndef loss(p):\n    net = build()\n    net.fit(np.ones(3), np.ones(3))\n    return 1.0\nsearch(loss)\n",
        },
    ),
    "a builder among others": (
        "main",
        {
            "models": BUILD + "BUILDERS = {'plain': build}\n",
            "main": "from models import BUILDERS\nfor name in range(99):\n    BUILDERS['plain']().fit(np.ones(3), np.ones(3))\n",
        },
    ),
    "a tape is handed to an object": (
        None,
        {
            "holder": "class Holder:\n    def keep(self, tape):\n        self.tape = tape\n",
            "main": "from holder import Holder\nholder = Holder()\nfor x in range(99):\n    with tf.GradientTape(persistent=True) as tape:\n"
            "        y = tf.ones(3)\n    holder.keep(tape)\n",
        },
    ),
    "a load in another module": (
        "main",
        {
            "stored": "def restored():\n    return keras.models.load_model('net.keras')\n",
            "main": "from stored import restored\nfor x in range(99):\n    net = restored()\n    net.predict(np.ones((64, 3)))\n",
        },
    ),
    "a prediction that another module repeats": (
        "scorer",
        {
            "scorer": "net = keras.Sequential([keras.layers.Dense(1)])\ndef score(row):\n    return net.predict(row[None])\n",
            "main": "from scorer import score\nfor row in np.ones((99, 3)):\n    score(row)\n",
        },
    ),
    "an object whose method predicts is handed to a loop": (
        "scorer",
        {
            "scorer": "net = keras.Sequential([keras.layers.Dense(1)])\nclass Scorer:\n    def score(self, row):\n"
            "        return net.predict(row[None])\n",
            "loop": "def run(scorer, rows):\n    for row in rows:\n        scorer.score(row)\n",
            "main": "from loop import run\nfrom scorer import Scorer\nrun(Scorer(), np.ones((99, 3)))\n",
        },
    ),
    "an object that predicts, in an attribute of another": (
        "scorer",
        {
            "scorer": "net = keras.Sequential([keras.layers.Dense(1)])\nclass Scorer:\n    def score(self, row):\n"
            "        return net.predict(row[None])\n",
            "loop": "class Runner:\n    def __init__(self, scorer):\n        self.scorer = scorer\n    def run(self, rows):\n"
            "        for row in rows:\n            self.scorer.score(row)\n",
            "main": "from loop import Runner\nfrom scorer import Scorer\nRunner(Scorer()).run(np.ones((99, 3)))\n",
        },
    ),
    "a prediction by another name of a package": (
        "scorer",
        {
            "scorer": "net = keras.Sequential([keras.layers.Dense(1)])\ndef score(row):\n    return net.predict(row[None])\n",
            "tools/__init__": "from scorer import score as rated\n",
            "between": "from tools import *\n",
            "main": "import between\nfor row in np.ones((99, 3)):\n    between.rated(row)\n",
        },
    ),
    "a prediction in a table of another module": (
        "scorer",
        {
            "scorer": "net = keras.Sequential([keras.layers.Dense(1)])\ndef score(row):\n    return net.predict(row[None])\n",
            "table": "from scorer import score\nSCORES = {'plain': score}\n",
            "main": "from table import SCORES\nfor row in np.ones((99, 3)):\n    SCORES['plain'](row)\n",
        },
    ),
    "a prediction in what a factory gives": (
        "scorer",
        {
            "scorer": "net = keras.Sequential([keras.layers.Dense(1)])\nclass Scorer:\n    def rate_row(self, row):\n"
            "        return net.predict(row[None])\n",
            "factory": "import scorer\ndef make(name):\n    return scorer.Scorer()\n",
            "main": "import factory\nrater = factory.make('plain')\nfor row in np.ones((99, 3)):\n    rater.rate_row(row)\n",
        },
    ),
    "a prediction that a decorator of another module repeats": (
        None,
        {
            "again": "def repeated(function):\n    def wrapped(rows):\n        return [function(row) for row in rows]\n    return wrapped\n",
            "scorer": "from again import repeated\nnet = keras.Sequential([keras.layers.Dense(1)])\n@repeated\ndef score(row):\n"
            "    return net.predict(row[None])\nscore(np.ones((99, 3)))\n",
        },
    ),
    "a step of a base class that trains in a loop": (
        "mine",
        {
            "base": "class Base:\n    def run(self, rows):\n        for row in rows:\n            self.one(row)\n"
            "    def one(self, row):\n        raise NotImplementedError\n",
            "mine": "from base import Base\nnet = keras.Sequential([keras.layers.Dense(1)])\nclass Mine(Base):\n"
            "    def one(self, row):\n        return net.predict(row[None])\n",
            "main": "from mine import Mine\nMine().run(np.ones((99, 3)))\n",
        },
    ),
    "a model that a module elsewhere gives to an object": (
        None,
        {
            "scorer": "class Scorer:\n    net = None\n    def score(self, rows):\n        for row in rows:\n"
            "            self.net.predict(row[None])\n",
            "models": BUILD,
            "main": "import scorer\nfrom models import build\nit = scorer.Scorer()\nit.net = build()\nit.score(np.ones((99, 3)))\n",
        },
    ),
    "operations that a method of a parameter makes": (
        "loop",
        {
            "accounts": "class Account:\n    def spend(self, value):\n        return tf.cast(value, tf.float32)\n"
            "class Other:\n    def spend(self, value):\n        return value\n",
            "loop": "def advance(account, session):\n    for turn in range(99):\n        session.run(account.spend(turn))\n",
            "main": "from accounts import Account\nfrom loop import advance\nsession = tf.compat.v1.Session()\n"
            "advance(Account(), session)\n",
        },
    ),
    "a pool is handed to a loop": (
        None,
        {
            "models": BUILD + "def task():\n    build().fit(np.ones(3), np.ones(3))\n",
            "loop": "from models import task\ndef run(pool):\n    for trial in range(99):\n        pool.submit(task)\n",
            "main": "from concurrent.futures import ThreadPoolExecutor\nfrom loop import run\nrun(ThreadPoolExecutor())\n",
        },
    ),
    "what a replica runs": (
        None,
        {
            "models": BUILD + "def task():\n    build().fit(np.ones(3), np.ones(3))\n",
            "loop": "def run(strategy, task):\n    for trial in range(99):\n        strategy.run(task)\n",
            "main": "from loop import run\nfrom models import task\nrun(tf.distribute.MirroredStrategy(), task)\n",
        },
    ),
}
#: What other files do makes no finding of these: the list is emptied, its elements are numbers, it is cleared.
SPARED = {
    "a list that another module empties": {
        "logger": STEP
        + "class Logger:\n    def __init__(self):\n        self.kept = []\n    def run(self, data):\n"
        "        for x in data:\n            self.kept.append(step(x))\n",
        "main": "from logger import Logger\nlogger = Logger()\nfor epoch in range(9):\n    logger.run(tf.data.Dataset.range(99))\n    logger.kept.clear()\n",
    },
    "numbers are what is handed over": {
        "helper": "def record(log, loss):\n    log.append(loss)\n",
        "main": "from helper import record\nlog = []\nfor x in range(99):\n    record(log, float(x))\n",
    },
}


def new_session():
    overrides = Overrides(select=("ALL",), min_severity=Severity.LOW, min_confidence=Confidence.LOW)
    return Session(ConfigResolver(overrides, [rule.code for rule in RULES], isolated=True), RULES)


def found(paths):
    """The findings of a check, by the name of the file."""
    result = new_session().check(Request(tuple(map(str, paths))))
    by_file = {}
    for item in result.findings:
        by_file.setdefault(item.path.rpartition("/")[2], []).append(item)
    assert not result.errors
    return by_file


def compare(folder):
    """Check each file alone, and all of them; return the findings of all."""
    files = sorted(folder.rglob("*.py"))
    whole = found([folder])
    for path in files:
        alone = found([path])
        # What a finding of one file points to in another one is the same too.
        assert alone.get(path.name) == whole.get(path.name), path.name
        assert set(alone) <= {path.name}
    return whole


def written(tmp_path, files):
    for name, code in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / f"{name}.py").write_text(HEAD + code)
    (tmp_path / "pyproject.toml").write_text("")
    return tmp_path


@pytest.mark.parametrize("shape", SHAPES)
def test_a_finding_that_rests_on_other_files_is_found_in_its_file_alone(tmp_path, shape):
    where, files = SHAPES[shape]
    whole = compare(written(tmp_path, files))
    assert where is None or f"{where}.py" in whole


@pytest.mark.parametrize("shape", SPARED)
def test_what_other_files_spare_is_spared_in_a_file_alone(tmp_path, shape):
    assert not compare(written(tmp_path, SPARED[shape]))


@pytest.mark.parametrize(
    "folder",
    sorted(main.parent for main in (ROOT / "rules").glob("*/examples/*/main.py")),
    ids=lambda folder: folder.name,
)
def test_examples_of_several_modules_are_the_same_file_by_file(tmp_path, folder):
    shutil.copytree(folder, tmp_path / "it", ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "it/pyproject.toml").write_text("")
    compare(tmp_path / "it")


def test_a_file_that_can_have_no_finding_is_read_with_what_it_calls_alone(tmp_path, read):
    folder = written(
        tmp_path,
        {
            "shapes": "def width(x):\n    return x.shape[0]\n",
            "plain": "from shapes import width\ndef double(x):\n    return 2 * width(x)\n",
            "main": BUILD + "from plain import double\nfor trial in range(9):\n    double(build().fit(1))\n",
        },
    )
    assert not found([folder / "plain.py"])
    assert [path.rpartition("/")[2] for path in read] == ["plain.py", "shapes.py"]
    assert found([folder / "main.py"])


def test_a_file_that_may_have_findings_is_read_with_what_uses_it_alone(tmp_path, read):
    folder = written(
        tmp_path,
        {
            "log": "def record(log, value):\n    log.append(value)\n",
            "settings": "RATE = 0.1\n",
            "main": BUILD
            + "import settings\nfrom log import record\nlog = []\nfor trial in range(9):\n    record(log, float(trial))\n",
            "other": BUILD + "import settings\nfor trial in range(9):\n    build().fit(1)\n",
        },
    )
    assert not found([folder / "log.py"])
    assert {path.rpartition("/")[2] for path in read} == {"log.py", "main.py", "settings.py"}
    assert found([folder / "other.py"])


def test_a_rule_that_looks_elsewhere_has_the_whole_project(tmp_path):
    class Definitions(Rule):
        """Functions that are called somewhere: they are not on the way to a call."""

        code, name, summary, severity = "RES901", "ever-called", "a function is called", Severity.LOW
        needs_all = True

        def judge(self, project):
            called = {
                name for facts in project.modules for each in facts.functions for name in each.called_names
            }
            for module, facts in enumerate(project.modules):
                for function in facts.functions[1:]:
                    if function.name in called:
                        yield Report(
                            Place(module, function.node),
                            "called somewhere",
                            "",
                            Severity.LOW,
                            Confidence.HIGH,
                        )

    folder = written(tmp_path, {"used": "def helper():\n    pass\n", "main": "import used\nused.helper()\n"})
    rules = [Definitions()]
    session = Session(ConfigResolver(Overrides(select=("ALL",)), ["RES901"], isolated=True), rules)
    assert session.check(Request((str(folder / "used.py"),))).findings
