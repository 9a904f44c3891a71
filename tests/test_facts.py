"""Facts from Python's own `ast` are those from LibCST's tree: numbers, order, sets and all.

`LEAKSCAN_ALL_FILES=1` compares every file of the standard library, of the packages beside it and of this
project; without it about 300 of them are compared.
"""

from __future__ import annotations

import ast
import os
import sys
import sysconfig
import threading
from collections.abc import Callable
from pathlib import Path

import libcst
import pytest
from conftest import LEAK, ROOT

from leakscan.codemods.descent import children, walk
from leakscan.facts import from_ast, from_libcst
from leakscan.facts.authority import locate, same
from leakscan.facts.model import Assign, Literal, Opaque, Subscript
from leakscan.facts.positions import nodes_of, ranges_as_libcst
from leakscan.facts.reading import UnreadableError, read_facts
from leakscan.files import SourceProblemError, decode, nesting_problem
from leakscan.parsing import PARSER_ERRORS, parse_quietly

_GROUPS = 10
_PER_GROUP = 34
_MAX_BYTES = 50_000  # of a file in the sample

#: One program a line; § stands for the end of a line.
SNIPPETS = (Path(__file__).parent / "hard_syntax.txt").read_text(encoding="utf-8")

TEXTS = [line.replace("§", "\n") + "\n" for line in SNIPPETS.split("\n")]
TEXTS += [
    "",
    "\n",
    "\x0c\nx = 1\n\x0cy = f(x)\n",
    "x = f()\r\nif x:\r\n    y = '''a\r\nb'''\r\n",
    "x = f()\ry = 'a\\\rb'\r",
    "x = f()",
    "if x:\n\ty = 1\n        \n\tz = f()  # tab\n",
    "x = " + "1" * 5000 + "\ny = f()\n",
    "x = f(\\\n  a)\\\n\n",
    "é = f('é', b'e')  # é\n",
    f"x = {' + '.join(['f()'] * 200)}\n",
    f"x = {' and '.join(['f()'] * 200)}\n",
]

#: What no version of LibCST and few versions of Python read.
NEWER = ('y = t"{x()}" t"y"\n',)


def by_both(text: str) -> tuple[object, object] | None:
    """The facts by either parser; None when one of them does not read the text."""
    try:
        tree, other = parse_quietly(text), libcst.parse_module(text)
    except (*PARSER_ERRORS, *from_libcst.PARSER_ERRORS):
        return None
    return from_ast.summarise(tree), from_libcst.summarise(other)


def test_what_is_below_a_node_is_what_libcst_says():
    seen = 0
    for text in [*TEXTS, Path(__file__).read_text(encoding="utf-8")]:
        try:
            tree = libcst.parse_module(text)
        except from_libcst.PARSER_ERRORS:
            continue
        for node in walk(tree):
            assert [id(child) for child in children(node)] == [id(child) for child in node.children]
            seen += 1
    assert seen > 5000


@pytest.mark.parametrize("text", TEXTS)
def test_both_parsers_give_the_same_facts(text):
    facts = by_both(text)
    if facts is not None:
        assert facts[0] == facts[1]
        assert same(*facts)
    # Whoever reads it, a text has facts.
    try:
        read = read_facts(text)
    except UnreadableError as error:
        assert text in NEWER, error  # noqa: PT017
    else:
        assert read == locate(text).facts


ALL_FILES = bool(os.environ.get("LEAKSCAN_ALL_FILES"))


@pytest.fixture(scope="module")
def sources() -> list[Path]:
    paths = sysconfig.get_paths()
    found = [path for name in ("stdlib", "purelib") for path in Path(paths[name]).rglob("*.py")]
    ordered = sorted({*found, *ROOT.rglob("*.py")})
    return ordered if ALL_FILES else ordered[:: len(ordered) // (_GROUPS * _PER_GROUP) + 1]


def _deep(action: Callable[[], None]) -> None:
    """Run `action` with the stack that the linter has."""
    size, limit = threading.stack_size(512 * 1024 * 1024), sys.getrecursionlimit()
    sys.setrecursionlimit(60_000)
    try:
        thread = threading.Thread(target=action)
        thread.start()
        thread.join()
    finally:
        threading.stack_size(size)
        sys.setrecursionlimit(limit)


@pytest.mark.parametrize("group", range(_GROUPS))
def test_files_of_others_have_the_same_facts(group, sources):
    different: list[str] = []
    compared = 0

    def compare() -> None:
        nonlocal compared
        for path in sources[group::_GROUPS]:
            try:
                data = path.read_bytes()
                text = decode(data)
            except (OSError, SourceProblemError):
                continue
            if nesting_problem(data) or (len(data) > _MAX_BYTES and not ALL_FILES):
                continue
            facts = by_both(text)
            if facts is not None:
                compared += 1
                if not same(*facts):
                    different.append(str(path))

    _deep(compare)
    assert different == []
    assert compared > len(sources[group::_GROUPS]) // 2


def value_of(line: str) -> object:
    [statement] = read_facts(line).functions[0].body
    assert isinstance(statement, Assign)
    return statement.value


@pytest.mark.parametrize(
    ("line", "graph"),
    [
        ("x = tf.placeholder(tf.float32)", True),
        ("w = tf.get_variable('w', [9, 5])", True),
        ("with tf.compat.v1.variable_scope('net'): pass", True),
        ("updates = tf.get_collection(tf.GraphKeys.UPDATE_OPS)", True),
        ("from tensorflow.compat.v1 import get_variable", True),
        ("w = registry.get_variable('w')", False),
        ("w = tf.Variable(0.0)", False),
    ],
)
def test_code_for_graphs_of_tensorflow_1_is_told_by_what_it_makes(line, graph):
    facts = read_facts(f"import tensorflow as tf\n{line}\n")
    assert facts.graph_mode is graph


def test_strings_are_what_they_say():
    for text in (r'"a\x62"', "'a' \"b\"", '"""ab"""', "b'ab'", "u'ab'", "'a\\\nb'"):
        assert value_of(f"x = {text}\n") == Literal("ab")
    assert value_of('x = f"ab"\n') == Opaque([])


def test_a_tuple_is_an_index_with_and_without_parentheses():
    first, second = value_of("x = y[a, b]\n"), value_of("x = y[(a, b)]\n")
    assert isinstance(first, Subscript)
    assert first == second


def test_what_python_does_not_read_is_read_by_libcst():
    text = f"x = {'1' * 5000}\nfor y in z: f()\n"
    with pytest.raises(SyntaxError):
        ast.parse(text)
    assert read_facts(text).functions[0].called_names == {"f"}


def test_what_neither_reads_is_told_in_the_words_of_python():
    with pytest.raises(UnreadableError) as raised:
        read_facts("x = 1\nprint 'a'\n")
    assert raised.value.line == 2
    assert raised.value.message.startswith("syntax error: Missing parentheses")


# LibCST does not read this class; Python does.
REFUSED = LEAK.replace("for fold", "class A(metaclass=M, *bases): pass\nfor fold")


def test_a_finding_in_a_file_that_libcst_cannot_read_has_its_place_and_no_fix(leakscan):
    with pytest.raises(libcst.ParserSyntaxError):
        libcst.parse_module(REFUSED)
    leakscan.write("a.py", REFUSED)
    result = leakscan.json()
    assert (result.code, result.err, result.json["errors"]) == (1, "", [])
    [finding] = result.json["findings"]
    assert (finding["line"], finding["column"], finding["end_line"]) == (4, 13, 4)
    assert finding["fixes"] == []
    assert {item["reason"] for item in finding["refusals"]} == {
        "LibCST, which makes changes, cannot parse this file"
    }
    assert leakscan("check", "--fix", "--unsafe-fixes").code == 1
    assert (leakscan.directory / "a.py").read_text() == REFUSED


@pytest.mark.parametrize("text", ["for é, x in f('é', g()): lambda: [x]\n", LEAK, "def f(): pass\n"])
def test_places_are_the_same_by_both_parsers(text):
    rejected = "class A(metaclass=M, *bases): pass\n"
    by_libcst, by_ast = locate(text + "class A: pass\n"), locate(text + rejected)
    assert by_ast.tree is None
    # The module itself is another.
    assert list(by_libcst.ranges.values())[1:] == list(by_ast.ranges.values())[1:]


EXAMPLES = sorted({*(ROOT / "rules").glob("*/examples/*.py"), *(ROOT / "fixtures").rglob("*.py")})


def test_what_python_places_stands_where_libcst_has_it():
    placed = 0
    for text in (*TEXTS, *(path.read_text(encoding="utf-8") for path in EXAMPLES[::3])):
        nodes = nodes_of(text)
        if nodes is None:
            continue
        expected = locate(text).ranges
        plain = {
            n for n, node in nodes.by_number.items() if isinstance(node, ast.Call | ast.For | ast.Assign)
        }
        found = ranges_as_libcst(text, nodes, plain)
        for some in (
            [found] if found is not None else [ranges_as_libcst(text, nodes, {number}) for number in plain]
        ):
            assert some is None or some == {n: expected[n] for n in some}, text
            placed += len(some or ())
    assert placed > 3000


@pytest.mark.parametrize("text", ["x = (a, b)\n", "f(x for x in y)\n", "def \\\n  f(): pass\n"])
def test_places_that_libcst_has_elsewhere_are_left_to_it(text):
    located, nodes = locate(text).ranges, nodes_of(text)
    assert ranges_as_libcst(text, nodes, set(located)) is None
    assert ranges_as_libcst(text, nodes, {0}) in ({0: located[0]}, None)
    assert ranges_as_libcst(text, nodes, {99}) is None


def test_libcst_decides_when_the_two_differ(leakscan, monkeypatch):
    text = LEAK.replace("model.fit", "y = {'a': [1]}\n    model.fit")
    leakscan.write("a.py", f"x = {{'a': [1]}}\n{text}")
    right = leakscan.json("--no-cache")
    # No text is known for which they do: Python's side has to be spoiled.
    monkeypatch.delitem(from_ast._EXPRESSIONS, ast.Dict)
    result = leakscan.json("--no-cache")
    assert result.out == right.out
    assert result.code == right.code == 1
    [line] = result.err.splitlines()
    assert line.startswith("warning: a.py: internal error: two parsers read this file differently")
    assert "please report it" in line


def test_equal_facts_are_equal_in_kind():
    assert Literal(1) == Literal(value=True)
    assert not same(Literal(1), Literal(value=True))
    assert not same([Literal(1)], [Literal(1), Literal(2)])
    assert same(Opaque([Literal("a")]), Opaque([Literal("a")]))
