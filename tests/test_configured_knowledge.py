"""What a project says of its own functions, and of those of libraries that leakscan does not know."""

from __future__ import annotations

import pytest

HIDDEN = 'importlib.import_module("somewhere").make'

BUILT = """\
{importing}
for fold in range(500):
    model = {call}
    model.fit(fold)
"""
KEPT = """\
import tensorflow as tf
{importing}

def train(data, model):
    losses = []
    for x, y in data:
        with tf.GradientTape() as tape:
            loss = {call}
        losses.append(loss)
    return losses
"""
RELEASED = """\
import keras
{importing}
for fold in range(500):
    model = keras.Sequential([keras.layers.Dense(1)])
    model.fit(fold)
    {call}
"""
DRIVEN = """\
import keras
{importing}

def objective(rate):
    model = keras.Sequential([keras.layers.Dense(1)])
    return model.fit(rate)

best = {call}
"""
OWN = f"""\
import importlib

def make(*args):
    return {HIDDEN}(*args)

class Helper:
    def make(self, *args):
        return {HIDDEN}(*args)
"""
#: What is written of an external function, of one of the project, and of a method of it.
CALLS = [
    ("acme.zoo.make", "from acme import zoo", "zoo.make({})"),
    ("acme.zoo.make", "import acme.zoo as z", "z.make({})"),
    ("acme.zoo.make", "from acme.zoo import make as do", "do({})"),
    ("own.make", "from lib.own import make", "make({})"),
    ("lib.own.make", "import lib.own", "lib.own.make({})"),
    ("lib.own.Helper.make", "from lib.own import Helper", "Helper().make({})"),
    ("Helper.make", "from lib.own import Helper\nhelper = Helper()", "helper.make({})"),
]
FOUND = {
    "model-builders": (BUILT, "fold", [("IMR001", "train.py")]),
    "tensor-producers": (KEPT, "y, model(x)", [("UTR001", "train.py")]),
    "drivers": (DRIVEN, "objective", [("IMR001", "train.py")]),
}


def configure(leakscan, key, *names, path="pyproject.toml"):
    leakscan.write(path, f"[tool.leakscan]\n{key} = {list(names)}\n")


def found(leakscan, *arguments):
    result = leakscan.json(*arguments)
    assert result.json["errors"] == []
    return [(code, path) for code, path, _ in result.places]


def write(leakscan, program, importing, call, arguments):
    leakscan.write("lib/__init__.py", "")
    leakscan.write("lib/own.py", OWN)
    leakscan.write("train.py", program.format(importing=importing, call=call.format(arguments)))


@pytest.mark.parametrize("key", FOUND)
@pytest.mark.parametrize(("name", "importing", "call"), CALLS, ids=[f"{n} {c}" for n, _, c in CALLS])
def test_what_is_found_only_with_the_key(leakscan, key, name, importing, call):
    program, arguments, expected = FOUND[key]
    write(leakscan, program, importing, call, arguments)
    assert found(leakscan, ".") == []
    configure(leakscan, key, name)
    assert found(leakscan, ".") == expected
    assert found(leakscan, "train.py") == expected


@pytest.mark.parametrize(("name", "importing", "call"), CALLS, ids=[f"{n} {c}" for n, _, c in CALLS])
def test_what_releases_models_ends_a_finding(leakscan, name, importing, call):
    write(leakscan, RELEASED, importing, call, "")
    assert found(leakscan, ".") == [("IMR001", "train.py")]
    configure(leakscan, "releases", name)
    assert found(leakscan, ".") == []


def test_a_driver_of_the_project_is_named_in_the_finding(leakscan):
    write(leakscan, DRIVEN, "from lib.own import make", "make({})", "objective")
    configure(leakscan, "drivers", "lib.own.make")
    (finding,) = leakscan.json(".").json["findings"]
    assert finding["line"] == 8
    assert finding["message"].startswith("model rebuilt on every call by lib.own.make; objective() (line 5)")


def test_another_function_of_the_same_name_is_not_meant(leakscan):
    program, arguments, _ = FOUND["model-builders"]
    write(leakscan, program, "from lib.own import make", "make({})", arguments)
    configure(leakscan, "model-builders", "lib.other.make", "remake", "ake")
    assert found(leakscan, ".") == []


def test_a_file_that_names_neither_keras_nor_tensorflow_matters_where_it_may_call_the_function(leakscan):
    """In the package that imports it, and in the script that gets it from there."""
    leakscan.write("models/__init__.py", "from zoo import build as base\n")
    leakscan.write("train.py", BUILT.format(importing="from models import base", call="base()"))
    configure(leakscan, "model-builders", "zoo.build")
    assert found(leakscan, ".") == [("IMR001", "train.py")]
    assert found(leakscan, "train.py") == [("IMR001", "train.py")]


def test_every_spelling_of_keras_is_the_same_function(leakscan):
    configure(leakscan, "model-builders", "tensorflow.keras.experimental.Grown")
    leakscan.write("train.py", BUILT.format(importing="import keras", call="keras.experimental.Grown()"))
    assert found(leakscan, ".") == [("IMR001", "train.py")]


def test_in_a_project_with_several_configurations_the_union_holds(leakscan):
    leakscan.write("train.py", BUILT.format(importing="import zoo", call="zoo.build()"))
    leakscan.write("sub/train.py", BUILT.format(importing="import farm", call="farm.build()"))
    configure(leakscan, "model-builders", "zoo.build")
    configure(leakscan, "model-builders", "farm.build", path="sub/pyproject.toml")
    assert found(leakscan, ".") == [("IMR001", "sub/train.py"), ("IMR001", "train.py")]


def test_fixes_are_worked_out_with_what_the_project_knows(leakscan):
    """One that puts in what releases models must see that it does."""
    configure(leakscan, "model-builders", "zoo.build")
    path = leakscan.write("train.py", BUILT.format(importing="import keras, zoo", call="zoo.build()"))
    assert leakscan("check", "--fix", "--unsafe-fixes", "--strategy", "IMR001=clear-session").code == 0
    assert "clear_session()" in path.read_text()


@pytest.mark.parametrize("key", [*FOUND, "releases"])
@pytest.mark.parametrize(
    ("value", "message"),
    [
        ('"zoo.build"', "must be a list of strings"),
        ("[1]", "must be a list of strings"),
        ('[""]', "'' is not a dotted name such as 'zoo.build'"),
        ('["zoo..build"]', "'zoo..build' is not a dotted name such as 'zoo.build'"),
        ('["a.b()"]', "'a.b()' is not a dotted name such as 'zoo.build' (did you mean 'a.b'?)"),
        ('["a:b"]', "'a:b' is not a dotted name such as 'zoo.build' (did you mean 'a.b'?)"),
        (
            '["src/zoo.py:build"]',
            "'src/zoo.py:build' is not a dotted name such as 'zoo.build' (did you mean 'src.zoo.build'?)",
        ),
        ('["zoo.*"]', "'zoo.*' is not a dotted name such as 'zoo.build'"),
        ('["zoo.class"]', "'zoo.class' is not a dotted name such as 'zoo.build'"),
        (
            '["tf.function"]',
            "'tf.function' begins with an alias; name the package (did you mean 'tensorflow.function'?)",
        ),
        (
            '["K.get"]',
            "'K.get' begins with an alias; name the package (did you mean 'keras.backend.get'?)",
        ),
    ],
)
def test_a_name_that_cannot_exist_is_an_error(leakscan, key, value, message):
    leakscan.write("pyproject.toml", f"[tool.leakscan]\n{key} = {value}\n")
    leakscan.write("train.py", "")
    result = leakscan("check")
    assert result.code == 2
    colon = "" if message.startswith("must") else ":"
    assert result.err == f"pyproject.toml: error: {key}{colon} {message}\n"


def test_a_name_cannot_be_two_things(leakscan):
    leakscan.write("pyproject.toml", '[tool.leakscan]\ndrivers = ["a.b"]\nreleases = ["x", "a.b"]\n')
    leakscan.write("train.py", "")
    result = leakscan("check")
    assert result.code == 2
    assert (
        result.err == "pyproject.toml: error: drivers: 'a.b' is in releases already; it can be one of them\n"
    )
