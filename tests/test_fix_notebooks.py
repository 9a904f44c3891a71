"""Fixes in notebooks: only the lines of the cell change, whatever program wrote the file."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leakscan.edits import apply_edits, line_edits, lines_of
from leakscan.files import Source
from leakscan.notebooks import cell_texts, edit_cells, read_notebook

IMPORTS = "import numpy as np\nimport tensorflow as tf"
STORE = """\
losses = []
for x, y in dataset:
    loss = tf.reduce_mean(tf.square(model(x) - y))
    losses.append(loss)  # é
print(np.mean(losses))"""
BUILD = """\
for fold in range(500):
    model = tf.keras.Sequential([tf.keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    model.fit(x[fold], y[fold])"""
UNSAFE = ("--unsafe-fixes", "--strategy", "IMR001=clear-session")


def cell(source, kind="code"):
    extra = {"execution_count": None, "outputs": []} if kind == "code" else {}
    return {"cell_type": kind, "metadata": {}, **extra, "source": source}


def document(*cells):
    cells = [item if isinstance(item, dict) else cell(item.splitlines(keepends=True)) for item in cells]
    return {"cells": cells, "metadata": {"Ω": 1e-05}, "nbformat": 4, "nbformat_minor": 5}


def escaped(text):
    for char in "<>&'":
        text = text.replace(char, f"\\u{ord(char):04x}")
    return text


#: How programs write notebooks.
STYLES = {
    "jupyter": lambda item: json.dumps(item, indent=1, ensure_ascii=False) + "\n",
    "colab": lambda item: escaped(json.dumps(item, indent=2, ensure_ascii=False)),
    "kaggle": lambda item: json.dumps(item, separators=(",", ":")),
    "one line": json.dumps,
    "tabs": lambda item: json.dumps(item, indent="\t", ensure_ascii=False) + "\n\n",
    "four": lambda item: json.dumps(item, indent=4, sort_keys=True),
    "python 2": lambda item: json.dumps(item, indent=1, separators=(", ", ": ")),
    "crlf": lambda item: json.dumps(item, indent=1).replace("\n", "\r\n"),
    "bom": lambda item: "\ufeff" + json.dumps(item, indent=1, ensure_ascii=False),
    "javascript": lambda item: json.dumps(item, indent=1, ensure_ascii=False).replace("1e-05", "0.00001"),
}


def fix(leakscan, *options):
    return leakscan("check", "--min-severity", "low", "--output-format", "concise", "--fix", *options)


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("as_list", [True, False])
def test_only_the_line_changes_in_every_style(leakscan, style, as_list):
    cells = [cell(text.splitlines(keepends=True) if as_list else text) for text in (IMPORTS, STORE)]
    before = STYLES[style](document(cell("# <b>title</b>", "markdown"), *cells)).encode()
    path = leakscan.write("a.ipynb", before)
    assert fix(leakscan).code == 0
    assert path.read_bytes() == before.replace(b"append(loss)", b"append(float(loss))")
    assert path.read_bytes() != before


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("as_list", [True, False])
def test_lines_are_put_in_in_every_style(leakscan, style, as_list):
    texts = [IMPORTS, BUILD, BUILD.replace("fold", "trial").replace("model", "net")]
    new = [text.replace(":\n", ":\n    tf.keras.backend.clear_session()\n", 1) for text in texts]

    def written(all_texts):
        cells = [cell(text.splitlines(keepends=True) if as_list else text) for text in all_texts]
        return STYLES[style](document(*cells)).encode()

    path = leakscan.write("a.ipynb", written(texts))
    assert fix(leakscan, *UNSAFE).code == 0
    assert path.read_bytes() == written(new)


def test_a_list_keeps_the_items_that_are_not_touched(leakscan):
    parts = [IMPORTS + "\nlosses = []\nfor x, y in dataset:\n", *STORE.splitlines(keepends=True)[2:]]
    path = leakscan.write("a.ipynb", json.dumps(document(cell(parts)), indent=1))
    assert fix(leakscan).code == 0
    found = json.loads(path.read_text())["cells"][0]["source"]
    assert found == [part.replace("(loss)  #", "(float(loss))  #") for part in parts]


def test_a_cell_with_other_line_ends_keeps_them(leakscan):
    path = leakscan.write(
        "a.ipynb", json.dumps(document(cell(f"{IMPORTS}\n{BUILD}".replace("\n", "\r\n"))), indent=1)
    )
    assert fix(leakscan, *UNSAFE).code == 0
    source = json.loads(path.read_text())["cells"][0]["source"]
    assert "clear_session()\r\n" in source
    assert source.count("\n") == source.count("\r\n")


def test_format_3_is_fixed(leakscan):
    sheet = {"cells": [{"cell_type": "code", "language": "python", "input": [f"{IMPORTS}\n", STORE]}]}
    before = json.dumps({"worksheets": [sheet], "nbformat": 3}, indent=1)
    path = leakscan.write("a.ipynb", before)
    assert fix(leakscan).code == 0
    assert "append(float(loss))" in path.read_text()


@pytest.mark.parametrize("magic", ["%matplotlib inline", "!pip install keras", "%%time"])
def test_magics_stay_where_they_are(leakscan, magic):
    path = leakscan.write("a.ipynb", json.dumps(document(IMPORTS, f"{magic}\n{STORE}"), indent=1))
    assert fix(leakscan).code == 0
    text = cell_texts(path.read_bytes())[1]
    assert text == f"{magic}\n{STORE}".replace("append(loss)", "append(float(loss))")


def test_a_change_of_a_line_with_a_magic_is_refused_with_the_reason(leakscan):
    source = STORE.replace("    losses.append", "    %time losses.append")
    before = json.dumps(document(IMPORTS, source), indent=1)
    path = leakscan.write("a.ipynb", before)
    result = fix(leakscan, "--strategy", "UTR001=to-host")
    assert "not fixed by to-host: the change touches a magic or an indented cell of the note" in result.err
    assert path.read_text() == before


def test_an_indented_cell_is_not_changed(leakscan):
    source = "\n".join(f"  {line}" for line in STORE.splitlines())
    before = json.dumps(document(IMPORTS, source), indent=1)
    path = leakscan.write("a.ipynb", before)
    result = fix(leakscan)
    assert (result.code, "1 piece of advice" in result.out) == (0, True)
    assert path.read_text() == before


def test_a_diff_shows_the_cell(leakscan):
    leakscan.write("a.ipynb", json.dumps(document(cell("# text", "markdown"), IMPORTS, STORE)))
    result = leakscan("check", "--min-severity", "low", "--diff")
    assert result.out.splitlines()[:2] == ["--- a.ipynb:cell 3", "+++ a.ipynb:cell 3"]
    assert "-    losses.append(loss)  # é" in result.out
    assert result.err == "Would fix 1 finding in 1 file.\n"


def test_json_that_no_program_writes_so_is_refused_with_what_to_do(leakscan):
    before = json.dumps(document(IMPORTS, STORE), indent=1).replace("losses = []", "l\\u006fsses = []")
    path = leakscan.write("a.ipynb", before)
    leakscan.write("b.ipynb", json.dumps(document(IMPORTS, STORE), indent=1))
    result = fix(leakscan)
    assert result.code == 2
    assert result.err == (
        "a.ipynb:cell 2:4: error: the fix to-host of UTR001 is not applied: "
        "the JSON of a cell is not as notebook programs write it; save it with Jupyter\n"
    )
    assert path.read_text() == before
    assert "append(float(loss))" in (leakscan.directory / "b.ipynb").read_text()


def test_show_fixes_names_the_cell(leakscan):
    leakscan.write("a.ipynb", json.dumps(document(IMPORTS, STORE), indent=1))
    assert "    cell 2 line 4: UTR001 to-host (safe): " in fix(leakscan, "--show-fixes").out


def test_edits_of_the_json_report_count_within_the_cell(leakscan):
    leakscan.write("a.ipynb", json.dumps(document(IMPORTS, BUILD), indent=1))
    (finding,) = leakscan.json().json["findings"]
    (cleared,) = [item for item in finding["fixes"] if item["strategy"] == "clear-session"]
    assert cleared["edits"] == [
        {
            "cell": 1,
            "line": 2,
            "column": 1,
            "end_line": 2,
            "end_column": 1,
            "replacement": "    tf.keras.backend.clear_session()\n",
        }
    ]


LINES = st.lists(
    st.sampled_from(["x{} = 1", "y{} = 2", "", "z{} = '<é>'", "for i in x{}:\n    pass"]), max_size=5
)
CELLS = st.lists(LINES, min_size=1, max_size=4).map(
    lambda cells: [
        "\n".join(line.format(f"_{number}_{index}") for index, line in enumerate(lines))
        for number, lines in enumerate(cells)
    ]
)


@given(cells=CELLS, data=st.data(), style=st.sampled_from(sorted(STYLES)))
def test_edits_of_a_program_are_edits_of_its_cells(cells, data, style):
    """Change some lines of the program: the notebook then holds that program, up to blank lines."""
    before = STYLES[style](document(*(cell(text.splitlines(keepends=True)) for text in cells))).encode()
    notebook = read_notebook(before)
    lines = lines_of(notebook.text)
    starts = {start - 2 for start in notebook.map.starts}
    inside = [number for number in range(len(lines)) if number not in starts and lines[number] != "\n"]
    changed = list(lines)
    for number in data.draw(st.sets(st.sampled_from(inside), max_size=3)) if inside else ():
        where = data.draw(st.sampled_from(["replace", "before", "after"]))
        new = f"new_{number} = 0\n"
        old = changed[number]
        changed[number] = {"replace": new, "before": new + old, "after": old + new}[where]
        if lines[number].startswith(("for", "    ")):
            changed[number] = old
    source = Source("/a.ipynb", "a.ipynb", notebook.text, requested=True, notebook=notebook.map)
    edits = line_edits(source, "".join(changed))
    after = edit_cells(before, edits)
    assert read_notebook(after).text == "".join(changed)
    for number, text in cell_texts(before).items():
        own = [edit for edit in edits if edit.span.start.cell == number]
        assert cell_texts(after)[number] == apply_edits(text, own)
    # What is not edited is there byte for byte.
    assert after == before or edits
