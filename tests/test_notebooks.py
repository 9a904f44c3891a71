"""Notebooks: cells are one program, magics are tolerated, positions are cell and line."""

from __future__ import annotations

import ast
import json
import sys

import pytest

from leakscan.notebooks import read_notebook

LOOP = (
    'for i in range(99):\n    model = keras.Sequential([])\n    model.compile("sgd", "mse")\n    model.fit(i)'
)


def cell(source, kind="code"):
    return {"cell_type": kind, "metadata": {}, "source": source}


def notebook(*cells, **metadata):
    cells = [item if isinstance(item, dict) else cell(item) for item in cells]
    return json.dumps({"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5})


def program(*cells):
    found = read_notebook(notebook(*cells).encode())
    assert found is not None
    ast.parse(found.text)
    return found


def test_cells_in_order_are_one_program(leakscan):
    leakscan.write("a.ipynb", notebook("import keras\n", cell("# text", "markdown"), LOOP))
    [finding] = leakscan.json().json["findings"]
    assert (finding["code"], finding["cell"], finding["line"], finding["column"]) == ("IMR001", 2, 2, 13)
    assert (finding["end_line"], finding["path"]) == (2, "a.ipynb")


def test_text_counts_cells_from_one(leakscan):
    leakscan.write("a.ipynb", notebook("import keras\n", cell("# text", "markdown"), LOOP))
    assert leakscan.concise().out.startswith("a.ipynb:cell 3:2:13: IMR001 ")
    full = leakscan("check").out
    assert "2 |     model = keras.Sequential([])" in full
    assert "import keras" not in full, "the frame stays inside the cell"


def test_source_may_be_a_list_of_lines(leakscan):
    leakscan.write("a.ipynb", notebook(cell(["import keras\n", *LOOP.splitlines(keepends=True)])))
    assert leakscan.json().places == [("IMR001", "a.ipynb", 3)]


def test_format_3_is_read(leakscan):
    sheet = {"cells": [{"cell_type": "code", "language": "python", "input": ["import keras\n", LOOP]}]}
    leakscan.write("a.ipynb", json.dumps({"worksheets": [sheet], "nbformat": 3}))
    [finding] = leakscan.json().json["findings"]
    assert (finding["cell"], finding["line"]) == (0, 3)


def test_a_cell_that_does_not_parse_is_one_error_and_the_others_count(leakscan):
    leakscan.write("a.ipynb", notebook("import keras", "x = 1\nprint 'two'\nprint 'three'", LOOP))
    result = leakscan.json("--strict")
    assert result.code == 2
    assert leakscan.json("a.ipynb").code == 1
    assert [(e["path"], e["cell"], e["line"]) for e in result.json["errors"]] == [("a.ipynb", 1, 2)]
    assert [(f["cell"], f["line"]) for f in result.json["findings"]] == [(2, 2)]
    assert result.err.startswith("a.ipynb:cell 2:2: error: ")


@pytest.mark.parametrize(
    "text",
    [
        "%matplotlib inline",
        "!pip install tensorflow \\\n  keras",
        "files = !ls",
        "a, b = !ls",
        "w = %who_ls",
        "?print",
        "print?",
        "os.path??",
        "%time model.fit(x)",
        "%timeit -n 10 -r 3 f(x)",
        "history = %time model.fit(x)",
        "if gpu:\n    !nvidia-smi\nelse:\n    %cd /tmp",
        "try:\n  %tensorflow_version 2.x\nexcept Exception:\n  pass",
        "%%time\nx = 1",
        "%%bash\nfor x in $(ls); do echo $x; done",
        "%%html\n<b>'unbalanced</b>",
        "%%writefile a.py\nprint 'two'",
        "pip install tensorflow",
        "cd data\nls",
        "await f()",
        "  indented = 1\n  twice = 2",
        "\tx = 1",
        "s = '''\n%not a magic\n!nor this\n'''\n!ls",
        "x = {  # it's\n  'a': 1}\n!ls",
        "x = 7 \\\n  % 2\n%pwd",
        "y = (7\n% 2)\n!ls",
        "x = 1\r\n!ls\r\n",
        "",
        "# only a comment",
        "%%time",
    ],
)
def test_what_ipython_accepts_is_accepted(text):
    found = program("import keras", text, "after = 1")
    assert found.problems == ()
    last = found.text.split("\n").index("after = 1") + 1
    assert found.map.locate(last) == (2, 1)


def test_magics_keep_lines_and_columns():
    found = program("%matplotlib inline\n%time model.fit(x)\nhistory = %time   model.fit(y)")
    lines = found.text.split("\n")
    assert lines[1].strip() == "pass"
    assert lines[2].index("model.fit(x)") == len("%time ")
    assert lines[3].index("model.fit(y)") == len("history = %time   ")


@pytest.mark.parametrize(
    "text", ["for i in x:", "x = 1 + \\", "x = (1,\n", "return = 1", "a\0b", "print 'x'", "if x:\n  1\n 2"]
)
def test_a_bad_cell_does_not_spoil_the_next(text):
    found = program(text, "y = 2")
    assert [problem.cell for problem in found.problems] == [0]
    assert found.text.rstrip("\n").endswith("y = 2")


@pytest.mark.parametrize(("language", "kernel"), [("R", "ir"), ("julia", "julia-1.9"), ("scala", "spark")])
def test_other_languages_are_passed_over(leakscan, language, kernel):
    info = {"language_info": {"name": language}, "kernelspec": {"name": kernel, "language": language}}
    leakscan.write("a.ipynb", notebook("library(keras)", **info))
    result = leakscan.json("a.ipynb")
    assert (result.code, result.json["errors"]) == (0, [])


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", "invalid JSON"),
        ("", "invalid JSON"),
        ("[]", "no cells"),
        ("{}", "no cells"),
        ('{"cells": 3}', "no cells"),
        ("[" * 100_000, "invalid JSON" if sys.version_info >= (3, 14) else "too deeply"),
        (b"\xff\xfe{", "utf-8"),
    ],
)
def test_what_is_no_notebook_is_one_error(leakscan, text, words):
    leakscan.write("a.ipynb", text)
    leakscan.write("b.py")
    result = leakscan.json("a.ipynb", "b.py")
    assert result.code == 2
    [error] = result.json["errors"]
    assert error["path"] == "a.ipynb"
    assert words in error["message"]
    assert len(result.json["findings"]) == 1


def test_odd_cells_are_passed_over():
    text = json.dumps(
        {"cells": [None, 3, {"cell_type": "code"}, {"cell_type": "raw"}, cell(7), cell("x = 1")]}
    )
    found = read_notebook(text.encode())
    assert found is not None
    assert found.map.locate(found.text.split("\n").index("x = 1") + 1) == (5, 1)


def test_suppressions_work_by_cell_line(leakscan):
    quiet = LOOP.replace("Sequential([])", "Sequential([])  # noqa: IMR001")
    leakscan.write("a.ipynb", notebook("import keras", quiet, LOOP))
    assert [item["cell"] for item in leakscan.json().json["findings"]] == [2]
    leakscan.write("a.ipynb", notebook("import keras", LOOP, "# leakscan: ignore-file[IMR001]"))
    assert leakscan.json().json["findings"] == []


def test_modules_of_the_project_are_imported(leakscan):
    leakscan.write("models.py", "import keras\ndef build():\n    return keras.Sequential([])\n")
    use = "for i in range(900):\n    m = build()\n    m.fit(i)"
    leakscan.write("nb/a.ipynb", notebook("from models import build", use))
    [finding] = leakscan.json("nb").json["findings"]
    assert (finding["path"], finding["cell"], finding["line"]) == ("nb/a.ipynb", 1, 2)


def test_standard_input_may_be_a_notebook(leakscan):
    text = notebook("import keras", LOOP).encode()
    result = leakscan.concise("-", "--stdin-filename", "new.ipynb", stdin=text)
    assert result.out.startswith("new.ipynb:cell 2:2:13: IMR001")


def test_lines_that_ipython_calls_are_passed_over(leakscan):
    cell = "from tensorflow import keras\n/print 1\n,print a b\n;print c\nfor i in range(500):\n"
    cell += "    keras.Sequential([]).fit(i)"
    book = {"cells": [{"cell_type": "code", "source": cell}], "nbformat": 4}
    leakscan.write("a.ipynb", json.dumps(book))
    result = leakscan.json()
    assert (result.places, result.json["errors"]) == ([("IMR001", "a.ipynb", 6)], [])


def test_a_notebook_on_standard_input_needs_no_name(leakscan):
    cell = "from tensorflow import keras\nfor i in range(500):\n    keras.Sequential([]).fit(i)"
    book = json.dumps({"cells": [{"cell_type": "code", "source": cell}], "nbformat": 4}).encode()
    [found] = leakscan.json("-", stdin=book).json["findings"]
    assert (found["path"], found["cell"], found["line"]) == ("-", 0, 3)
    assert leakscan.json("-", stdin=b'{"cells": 1, "nbformat": 4}').json["errors"] == []
