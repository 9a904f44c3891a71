"""Whatever is in the files: one clear line each, the rest of the scan goes on, exit 2, no crash."""

from __future__ import annotations

import contextlib
import json
import os
import sys

import libcst as cst
import pytest
from conftest import LEAK
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from leakscan.facts.reading import read_facts
from leakscan.files import SourceProblemError, decode, nesting_problem
from leakscan.looks import imports_of
from leakscan.notebooks import read_notebook

HEAD = "import tensorflow\n"


def checked(leakscan, *arguments):
    """Check a project in which `leak.py` has the usual finding; it must still be found."""
    leakscan.write("leak.py")
    result = leakscan.json(*arguments)
    assert ("IMR001", "leak.py", 3) in result.places
    levels = [error["level"] for error in result.json["errors"]]
    # What cannot be parsed is counted in one line.
    assert len(result.err.splitlines()) == levels.count("error") + ("warning" in levels)
    return result


def the_error(leakscan, *arguments):
    result = checked(leakscan, "--strict", *arguments)
    assert result.code == 2
    [error] = result.json["errors"]
    line = "" if error["line"] is None else f":{error['line']}"
    assert result.err == f"{error['path']}{line}: error: {error['message']}\n"
    return error


@pytest.mark.parametrize(
    ("data", "line", "words"),
    [
        (HEAD + "def f(:\n", 2, "syntax error"),
        (HEAD + "print 'Python 2'\n", 2, "syntax error"),
        (HEAD + "exec 'x' in d\n", 2, "syntax error"),
        (HEAD + "if x:\npass\n", 3, "syntax error"),
        (HEAD + "  x = 1\n", None, "syntax error"),
        (HEAD + "x = '''\n", None, "syntax error"),
        ("# coding: nonsense\n" + HEAD, 1, "unknown encoding: nonsense"),
        ("# coding: hex\n" + HEAD, 1, "encoding hex does not give Python text"),
        ("#!/usr/bin/python\n# coding: rot13\n" + HEAD, 1, "encoding rot13 does not give Python text"),
        ("# vim: set fileencoding=zlib :\n" + HEAD, 1, "encoding zlib does not give Python text"),
        ("# coding: base64\n" + HEAD, 1, "encoding base64 does not give Python text"),
        ("# coding: utf-16\n" + HEAD, 1, "encoding utf-16 does not give Python text"),
        ("\n# coding: UTF_32_be\n" + HEAD, 1, "encoding UTF_32_be does not give Python text"),
        ("# coding: cp037\n" + HEAD, 1, "encoding cp037 does not give Python text"),
        ("# coding: punycode\n" + HEAD, 1, "encoding punycode does not give Python text"),
        ("# coding: undefined\n" + HEAD, 1, "encoding undefined does not give Python text"),
        ("# coding: utf-7\n" + HEAD + "x = '+2AA-'\n", 1, "encoding utf-7"),
        (HEAD.encode() + b"x = '\xe9'\n", 2, "not valid utf-8 (byte 0xe9)"),
        (b"# coding: ascii\n" + HEAD.encode() + b"x = '\xe9'\n", 3, "not valid ascii (byte 0xe9)"),
        (b"\xef\xbb\xbf# coding: latin-1\n" + HEAD.encode(), None, ""),
        (HEAD.encode("utf-16"), None, "UTF-16"),
        (HEAD.encode() + b"x = 1\0\n", 2, "NUL"),
        (b"\x7fELF\x02\x01\x01\0\0\0tensorflow", 1, "NUL"),
        (b"\x89PNG\r\n\x1a\n\x80\x81\x82 keras", 1, "not valid utf-8"),
    ],
)
def test_one_line_says_what_is_wrong(leakscan, data, line, words):
    leakscan.write("bad.py", data)
    if not words:  # a BOM with another cookie: Python refuses it, we read what is there
        assert checked(leakscan).code in (1, 2)
        return
    error = the_error(leakscan)
    assert error["path"] == "bad.py"
    assert words in error["message"]
    assert line is None or error["line"] == line


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\n",
        b"# only a comment",
        b"\xef\xbb\xbf",
        b"\x0c\n",
        b"\r",
        b"\xef\xbb\xbf" + LEAK.encode(),
        LEAK.replace("\n", "\r\n").encode(),
        LEAK.replace("\n", "\r").encode(),
        LEAK.rstrip("\n").encode(),
        b"# -*- coding: latin-1 -*-\nx = '\xe9'\n",
        b"#!/usr/bin/python\n# vim: set fileencoding=cp1252 :\nx = '\x80'\n",
        b"x = 'coding: nonsense'\n",
        b"# -*- coding: UTF8 -*-\nx = '\xc3\xa9'\n",
        b"\n\n# coding: nonsense\n",
        b"x = 1\n# coding: nonsense\n",
    ],
)
def test_unusual_but_right(leakscan, data):
    leakscan.write("odd.py", data)
    for arguments in ((), ("odd.py", "leak.py")):
        result = checked(leakscan, *arguments)
        assert (result.code, result.json["errors"]) == (1, [])
        found = [place for place in result.places if place[1] == "odd.py"]
        assert found == ([("IMR001", "odd.py", 3)] if b"Sequential" in data else [])


def test_columns_count_code_points(leakscan):
    text = LEAK.replace("    model = keras", "    é漢𝒳 = keras")
    for data in (text.encode(), b"\xef\xbb\xbf" + text.encode()):
        leakscan.write("a.py", data)
        [finding] = leakscan.json().json["findings"]
        assert finding["column"] == 11


def test_a_path_that_does_not_exist(leakscan):
    error = the_error(leakscan, "missing.py", "leak.py")
    assert error == {
        "path": "missing.py",
        "line": None,
        "message": "no such file or directory",
        "level": "error",
    }


def test_an_empty_path(leakscan):
    assert leakscan("check", "").code == 2


def test_links(leakscan):
    leakscan.write("sub/x.txt", "")
    os.symlink("nowhere.py", leakscan.directory / "dangling.py")
    os.symlink("two.py", leakscan.directory / "one.py")
    os.symlink("one.py", leakscan.directory / "two.py")
    os.symlink("..", leakscan.directory / "sub" / "up")
    os.symlink("nowhere", leakscan.directory / "data")
    result = checked(leakscan)
    assert result.code == 2
    assert {error["path"]: error["message"].partition(" (")[0] for error in result.json["errors"]} == {
        "dangling.py": "dangling symbolic link",
        "one.py": "circular symbolic link",
        "two.py": "circular symbolic link",
        "sub/up": "circular symbolic link",
    }
    for name in ("dangling.py", "one.py"):
        assert leakscan("check", name).code == 2


def test_links_to_elsewhere_are_followed_once(leakscan, tmp_path):
    away = tmp_path / "away"
    away.mkdir()
    (away / "a.py").write_text(LEAK)
    (away / "back").symlink_to(away)
    (leakscan.directory / "first").symlink_to(away)
    (leakscan.directory / "second").symlink_to(away)
    leakscan.write("real/b.py")
    (leakscan.directory / "alias").symlink_to("real")
    result = checked(leakscan)
    assert sorted(path for _, path, _ in result.places) == ["first/a.py", "leak.py", "real/b.py"]


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() == 0, reason="root reads everything")
def test_what_may_not_be_read(leakscan):
    closed = leakscan.write("closed/a.py").parent
    locked = leakscan.write("locked.py")
    closed.chmod(0)
    locked.chmod(0)
    try:
        errors = checked(leakscan).json["errors"]
    finally:
        closed.chmod(0o755)
    assert [(error["path"], error["message"]) for error in errors] == [
        ("closed", "cannot be read: Permission denied"),
        ("locked.py", "cannot be read: Permission denied"),
    ]


@pytest.mark.skipif(sys.platform == "win32", reason="no named pipes")
def test_what_is_no_file_is_not_waited_for(leakscan):
    os.mkfifo(leakscan.directory / "pipe.py")
    assert checked(leakscan).json["errors"] == []
    assert the_error(leakscan, "pipe.py", "leak.py")["message"] == "not a regular file"


def test_a_directory_named_like_a_file(leakscan):
    leakscan.write("package.py/a.py")
    assert ("IMR001", "package.py/a.py", 3) in checked(leakscan).places


def test_names_that_are_hard_to_print(leakscan):
    for name in ("two\nlines.py", "tab\t.py", "été.py", "[red]x[/red].py", os.fsdecode(b"latin-\xe9.py")):
        leakscan.write(name)
    result = leakscan.concise()
    assert result.code == 1
    assert len(result.out.splitlines()) == 7  # and two lines of summary
    assert "[red]x[/red].py:3:13: " in result.out
    assert "two\\nlines.py:3:13: " in result.out
    assert len(leakscan.json().places) == 5


#: Each gives an expression or a block that is nested `n` deep.
NESTED = {
    "brackets": lambda n: "x = " + "(" * n + "1" + ")" * n,
    "lists": lambda n: "x = " + "[" * n + "]" * n,
    "calls over lines": lambda n: "x = " + "f(\n" * n + "1" + ")\n" * n,
    "lambdas": lambda n: "x = " + "lambda: " * n + "1",
    "nots": lambda n: "x = " + "not " * n + "1",
    "signs": lambda n: "x = " + "-" * n + "1",
    "elifs": lambda n: "if a: pass\n" + "elif b: pass\n" * n,
    "powers": lambda n: "x = " + "2**" * n + "1",
    "a sum": lambda n: "x = " + "a + " * n + "1",
    "a sum over lines": lambda n: "x = (" + "a +\n" * n + "1)",
    "attributes": lambda n: "x = a" + ".b" * n,
    "methods over lines": lambda n: "x = (a" + "\n.b()" * n + ")",
    "calls of calls": lambda n: "x = a" + "()" * n,
    "ands": lambda n: "x = " + "a and " * n + "1",
    "conditionals": lambda n: "x = " + "1 if a else " * n + "1",
    "blocks": lambda n: "".join(" " * i + "if a:\n" for i in range(min(n, 2000))) + " " * n + "pass",
    "continued lines": lambda n: "x = " + "1 + \\\n" * n + "1",
}


@pytest.mark.parametrize("depth", [80, 50_000])
def test_nesting_is_checked_or_refused(leakscan, depth):
    names = [f"{shape.replace(' ', '_')}.py" for shape in NESTED]
    for name, nested in zip(names, NESTED.values(), strict=True):
        leakscan.write(name, f"{HEAD}{nested(depth)}\n{LEAK}")
    result = checked(leakscan)
    errors = {error["path"]: error["message"] for error in result.json["errors"]}
    found = {path for _, path, _ in result.places} - {"leak.py"}
    if depth == 80:
        assert (errors, found) == ({}, set(names))
    else:
        assert (errors, found) == (dict.fromkeys(names, "nested too deeply to be parsed"), set())


def test_long_files_are_checked(leakscan):
    # Longer than what is refused because of its depth would be deep.
    texts = {
        "list.py": "x = [\n" + "1,\n" * 4000 + "]",
        "statements.py": "x = 1\n" * 4000,
        "dictionary.py": "x = {\n" + "'a': 'b' 'c',\n" * 2000 + "}",
    }
    for name, text in texts.items():
        leakscan.write(name, f"{HEAD}{text}\n{LEAK}")
    result = checked(leakscan)
    assert result.json["errors"] == []
    assert {path for _, path, _ in result.places} == {"leak.py", *texts}


def test_long_lines_are_no_reason_to_refuse():
    assert nesting_problem("x = '" + "(" * 100_000 + "'\n") is None
    assert nesting_problem("x = [" + "(1, 2), " * 10_000 + "]\n") is None
    assert nesting_problem(b"x = 1 # :( :(\n" * 10_000) is None


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=200))
def test_any_bytes_are_text_or_a_problem(data):
    imports_of(data)
    for read in (decode, read_notebook):
        with contextlib.suppress(SourceProblemError):
            read(data)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.text(alphabet="x%!?'\"\\\n (){}=:#\t\r", max_size=40), max_size=4))
def test_any_cells_give_a_program_that_parses_or_a_problem(cells):
    text = json.dumps({"cells": [{"cell_type": "code", "source": cell} for cell in cells]})
    found = read_notebook(text.encode())
    assert found is not None
    # LibCST reads what this Python may not: newer syntax, or a string of '\\x'.
    read_facts(found.text)
    assert len(found.problems) <= len(cells)


@pytest.mark.skipif(not hasattr(cst, "LazyImport"), reason="LibCST 1.9 reads what Python 3.15 does")
def test_lazy_imports_are_imports(leakscan):
    leakscan.write("zoo.py", "lazy import keras\ndef build():\n    return keras.Sequential([])\n")
    text = LEAK.replace("from tensorflow", "lazy from tensorflow")
    leakscan.write("a.py", f"{text}    n = zoo.build()\n    n.fit(x)\nlazy import zoo\n")
    done = leakscan("check", "a.py", "--output-format", "json")
    assert (done.places, done.json["errors"], done.err) == (
        [("IMR001", "a.py", 3), ("IMR001", "a.py", 6)],
        [],
        "",
    )
