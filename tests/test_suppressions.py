"""Comments that silence findings, and those that silence nothing."""

from __future__ import annotations

import pytest

HEAD = "from tensorflow import keras\nfor i in range(500):\n"
TAIL = "    model.fit(i)\n"


def with_comment(comment):
    return f"{HEAD}    model = keras.Sequential([])  {comment}\n{TAIL}"


def unused(leakscan, text, code="LSC001"):
    leakscan.write("a.py", text)
    findings = leakscan.json("--report-unused-suppressions").json["findings"]
    return [(item["line"], item["message"]) for item in findings if item["code"] == code]


@pytest.mark.parametrize(
    "comment",
    [
        "# noqa",
        "# NOQA",
        "#noqa:IMR001",
        "# noqa: IMR001",
        "# noqa: F401, IMR001",
        "# noqa: F401 IMR001",
        "# noqa: IMR",
        "# type: ignore  # noqa: IMR001",
        "# noqa: IMR001 because memory is plenty here",
        "# leakscan: ignore",
        "# leakscan: ignore[IMR001]",
        "# leakscan:ignore[UTR001,IMR001]",
        "# reviewed by me # leakscan: ignore[IMR001]",
        "# leakscan: ignore[IMR001] memory is plenty here",
        "# leakscan: ignore # memory is plenty here",
        "# leakscan: ignore[imr001]",
        "# leakscan: ignore[model-rebuilt-in-loop]",
        "# leakscan: ignore[tensor-kept-in-container, Model-Rebuilt-In-Loop]",
        "# leakscan: ignore[ALL]",
        "# noqa: imr001",
        "# noqa: E501, model-rebuilt-in-loop because memory is plenty",
    ],
)
def test_a_comment_on_the_line_silences(leakscan, comment):
    leakscan.write("a.py", with_comment(comment))
    result = leakscan.json()
    assert (result.code, result.places) == (0, [])


@pytest.mark.parametrize(
    "comment",
    [
        "# noqa: F401",
        "# noqa: because",
        "# noqa : ",
        "# noqa-not",
        "# noqax",
        "# leakscan: ignore[UTR001]",
        "# leakscan: ignores what git ignores",
        "# leakscan: the model is small",
        "# leakscan:",
        "# noqa: model rebuilt on purpose",
        "; note = '# noqa'",
        "; note = '# leakscan: ignore-file'",
    ],
)
def test_other_comments_and_strings_do_not(leakscan, comment):
    leakscan.write("a.py", with_comment(comment))
    assert leakscan.json().places == [("IMR001", "a.py", 3)]


@pytest.mark.parametrize("line", [0, 1, 4])
def test_the_first_or_last_line_of_a_statement_will_do(leakscan, line):
    lines = ["    model = keras.Sequential(", "        [", "", "        ]", "    )"]
    lines[line] += "  # noqa: IMR001"
    leakscan.write("a.py", HEAD + "\n".join(lines) + "\n" + TAIL)
    expected = [] if line in (0, 4) else [("IMR001", "a.py", 3)]
    assert leakscan.json().places == expected


def test_a_line_within_a_statement_counts_for_what_begins_there(leakscan):
    lines = ["    models = dict(", "        a=keras.Sequential([]),  # noqa: IMR001", "    )"]
    leakscan.write("a.py", HEAD + "\n".join(lines) + "\n    models['a'].fit(i)\n")
    assert leakscan.json().places == []


def test_a_comment_in_the_loop_body_does_not_silence_the_head(leakscan):
    leakscan.write("a.py", with_comment("").replace(TAIL, "    model.fit(i)  # noqa\n"))
    assert leakscan.json().places == [("IMR001", "a.py", 3)]


@pytest.mark.parametrize(
    ("comment", "silent"),
    [
        ("# leakscan: ignore-file", True),
        ("# leakscan: ignore-file[IMR001]", True),
        ("# leakscan: ignore-file[IMR, UTR]", True),
        ("# leakscan: ignore-file[UTR001]", False),
        ("'# leakscan: ignore-file'", False),
    ],
)
def test_a_whole_file(leakscan, comment, silent):
    for text in (f"{comment}\n{with_comment('')}", f"{with_comment('')}{comment}\n"):
        leakscan.write("a.py", text)
        assert (leakscan.json().places == []) is silent


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_any_line_end(leakscan, newline):
    leakscan.write("a.py", with_comment("# noqa: IMR001").replace("\n", newline))
    assert leakscan.json().places == []


def test_unused_ones_are_reported_on_request_only(leakscan):
    text = "import keras  # leakscan: ignore[IMR001]\nx = 1  # noqa: IMR001\n"
    leakscan.write("a.py", text)
    assert leakscan.json().code == 0
    assert [line for line, _ in unused(leakscan, text)] == [1, 2]
    assert leakscan("check", "--report-unused-suppressions").code == 1


def test_used_ones_are_not_reported(leakscan):
    assert unused(leakscan, with_comment("# noqa: IMR001")) == []
    assert unused(leakscan, with_comment("# leakscan: ignore")) == []
    assert unused(leakscan, "# leakscan: ignore-file[IMR001]\n" + with_comment("")) == []


def test_a_suppressed_finding_below_the_threshold_still_uses_its_comment(leakscan):
    leakscan.write("a.py", with_comment("# noqa: IMR001"))
    result = leakscan.json("--report-unused-suppressions", "--min-severity", "high")
    assert result.places == []


def test_only_the_code_that_silences_nothing_is_named(leakscan):
    [(line, message)] = unused(leakscan, with_comment("# leakscan: ignore[IMR001, UTR001]"))
    assert line == 3
    assert message.endswith("suppresses no UTR001")


def test_what_belongs_to_other_linters_is_left_alone(leakscan):
    assert unused(leakscan, "import keras  # noqa\nimport os  # noqa: F401, E501\n") == []


def test_rules_that_did_not_run_may_be_needed_elsewhere(leakscan):
    leakscan.write("a.py", "import keras  # leakscan: ignore[IMR001]\n")
    assert leakscan.json("--report-unused-suppressions", "--ignore", "IMR").places == []


@pytest.mark.parametrize(
    ("comment", "words"),
    [
        ("# leakscan: ignore[IMR01x]", ("unknown rule 'IMR01x'", "'IMR001'")),
        ("# leakscan: ignore[model-rebuild-in-loop]", ("'model-rebuilt-in-loop'",)),
        ("# leakscan: ignore[E501]", ("unknown rule 'E501'",)),
        ("# noqa: F401, UTR0011", ("unknown rule 'UTR0011'", "'UTR001'")),
        ("# leakscan: ignore(IMR001)", ("not understood", "`# leakscan: ignore[IMR001]`")),
        ("# leakscan: ignore imr001", ("not understood", "`# leakscan: ignore[imr001]`")),
        ("# leakscan: ignore: IMR001, UTR001", ("not understood", "ignore[IMR001,UTR001]`")),
        ("# leakscan: ignore[IMR001", ("not understood", "ignore[IMR001]`")),
        ("# leakscan: ignore because memory is plenty", ("not understood", "ignore[CODE]`")),
        ("# leakscan: ignore-file(UTR)", ("not understood", "`# leakscan: ignore-file[CODE]`")),
        ("# leakscan: ignore[]", ("names no rule",)),
        ("# leakscan ignore[IMR001]", ("not understood", "`# leakscan: ignore[IMR001]`")),
        ("# leakscan ignore-file (utr001)", ("not understood", "`# leakscan: ignore-file[utr001]`")),
        ("# leakscan: ingore[IMR001]", ("not understood", "`# leakscan: ignore[IMR001]`")),
        ("# leakscan: ignored", ("not understood",)),
        ("# leakscan: ignorefile", ("not understood", "ignore-file[CODE]")),
        ("# leakscan: disable=IMR001", ("not understood", "`# leakscan: ignore[IMR001]`")),
        ("# leakscan: noqa", ("not understood",)),
        ("# leakscan: model-rebuilt-in-loop", ("not understood", "ignore[model-rebuilt-in-loop]")),
        ("# noqa IMR001", ("not understood", "`# noqa: IMR001`")),
        ("# noqa(IMR001)", ("not understood", "`# noqa: IMR001`")),
    ],
)
def test_what_is_not_understood_silences_nothing_and_is_reported(leakscan, comment, words):
    leakscan.write("a.py", with_comment(comment))
    found = leakscan.json().json["findings"]
    assert [item["code"] for item in found] == ["IMR001", "LSC002"]
    assert found[1]["line"] == 3
    shown = leakscan("check").out
    assert all(word in shown for word in words), shown
    assert leakscan.json("--ignore", "LSC").places == [("IMR001", "a.py", 3)]


def test_of_a_list_what_is_known_silences_and_the_rest_is_reported(leakscan):
    assert unused(leakscan, with_comment("# leakscan: ignore[IMR0, IMRO01]"), "LSC002") == [
        (3, "`# leakscan: ignore[IMR0, IMRO01]` names an unknown rule 'IMRO01' (did you mean 'IMR001'?)")
    ]
    assert unused(leakscan, "x = 1  # noqa: RES, E501, W0640\nimport keras\n", "LSC002") == []


@pytest.mark.parametrize(
    ("line", "fixed"),
    [
        ("import keras  # leakscan: ignore[IMR001] for now", "import keras"),
        ("import keras  # noqa: IMR001  # type: ignore", "import keras  # type: ignore"),
        ("import keras  # noqa: IMR001, F401, UTR001", "import keras  # noqa: F401"),
        ("import keras  # noqa: F401,IMR001 unused", "import keras  # noqa: F401 unused"),
        ("# leakscan: ignore-file\nimport keras", "import keras"),
        ("import keras\t# leakscan: ignore", "import keras"),
        (with_comment("# leakscan: ignore[UTR001 IMR001]"), with_comment("# leakscan: ignore[IMR001]")),
    ],
)
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_unused_ones_are_taken_out_by_a_fix(leakscan, line, fixed, newline):
    path = leakscan.write("a.py", (line.rstrip("\n") + "\n").replace("\n", newline))
    assert leakscan("check", "--fix").code == 0
    assert leakscan("check", "--report-unused-suppressions").code == 1
    result = leakscan("check", "--report-unused-suppressions", "--fix")
    assert result.code == 0, result.out
    assert path.read_bytes().decode() == (fixed.rstrip("\n") + "\n").replace("\n", newline)


def notebook(*cells):
    import json

    made = [{"cell_type": "code", "source": cell.splitlines(keepends=True)} for cell in cells]
    return json.dumps({"cells": made, "nbformat": 4})


def test_comments_of_a_notebook_are_found_and_taken_out_in_its_cells(leakscan):
    unclear = "y = 2  # leakscan: ignore(UTR)\nz = 3"
    path = leakscan.write("a.ipynb", notebook("import keras", "x = 1  # leakscan: ignore[IMR001]", unclear))
    found = leakscan.json("--report-unused-suppressions").json["findings"]
    assert [(item["code"], item["cell"], item["line"]) for item in found] == [
        ("LSC001", 1, 1),
        ("LSC002", 2, 1),
    ]
    leakscan("check", "--report-unused-suppressions", "--fix")
    assert path.read_text() == notebook("import keras", "x = 1", unclear)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("keras.Sequential([])", "keras.Sequential([])  # noqa: IMR001"),
        ("keras.Sequential([])  # mine", "keras.Sequential([])  # mine  # noqa: IMR001"),
        ("keras.Sequential([])  # noqa: F401", "keras.Sequential([])  # noqa: F401, IMR001"),
        ("keras.Sequential([])  # noqa:E1 text", "keras.Sequential([])  # noqa:E1, IMR001 text"),
        ("keras.Sequential(\n  [],\n  )", "keras.Sequential(  # noqa: IMR001\n  [],\n  )"),
        ("\\\n  keras.Sequential([])", "\\\n  keras.Sequential([])  # noqa: IMR001"),
        ('keras.Sequential([], name="""\n\n""")', 'keras.Sequential([], name="""\n\n""")  # noqa: IMR001'),
        (
            'keras.Sequential([], name=f"""\n{i}\n""")',
            'keras.Sequential([], name=f"""\n{i}\n""")  # noqa: IMR001',
        ),
    ],
)
def test_comments_are_added_where_they_silence(leakscan, before, after):
    program = f"{HEAD}    model = {{}}\n{TAIL}"
    path = leakscan.write("a.py", program.format(before.replace("{i}", "{{i}}").replace("{{i}}", "{i}")))
    result = leakscan("check", "--add-noqa")
    assert (result.code, result.out) == (0, "")
    assert result.err == "Added 1 noqa directive in 1 file.\n"
    assert path.read_text() == program.format(after)
    assert leakscan("check").code == 0
    assert leakscan("check", "--add-noqa").err == "Added 0 noqa directives in 0 files.\n"
    assert path.read_text() == program.format(after)


def test_comments_are_added_to_notebooks_and_in_the_encoding_of_a_file(leakscan):
    cells = ["from tensorflow import keras", "for i in range(500):\n    keras.Sequential([]).fit(i)"]
    book = leakscan.write("a.ipynb", notebook(*cells))
    text = with_comment("# M\xe4rz").replace("\n", "\r\n")
    path = leakscan.write("a.py", f"# coding: latin-1\r\n{text}".encode("latin-1"))
    assert leakscan("check", "--add-noqa").code == 0
    assert book.read_text() == notebook(cells[0], f"{cells[1]}  # noqa: IMR001")
    assert b"# M\xe4rz  # noqa: IMR001\r\n" in path.read_bytes()
    assert leakscan("check").code == 0


def test_adding_comments_goes_with_no_other_change(leakscan):
    path = leakscan.write("a.py")
    before = path.read_text()
    for options in (["--fix"], ["--diff"], ["--statistics"], ["-"], ["-o", "out.txt"]):
        result = leakscan("check", "--add-noqa", *options)
        assert result.code == 2
        assert result.err.startswith("error: --add-noqa cannot be used with ")
    assert path.read_text() == before


def test_a_file_that_cannot_be_tokenized_falls_back_to_its_lines(leakscan):
    """`tokenize` is stricter about indentation than a parser that sees the whole file is."""
    text = with_comment("# noqa: IMR001")
    leakscan.write("a.py", text + "def f():\n    '''\\N'''\n\x0c\n")
    assert leakscan.json().places == []
