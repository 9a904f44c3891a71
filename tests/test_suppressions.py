"""Comments that silence findings, and those that silence nothing."""

from __future__ import annotations

import pytest

HEAD = "from tensorflow import keras\nfor i in range(5):\n"
TAIL = "    model.fit(i)\n"


def with_comment(comment):
    return f"{HEAD}    model = keras.Sequential([])  {comment}\n{TAIL}"


def unused(leakscan, text):
    leakscan.write("a.py", text)
    findings = leakscan.json("--report-unused-suppressions").json["findings"]
    return [(item["line"], item["message"]) for item in findings if item["code"] == "LSC001"]


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
        "# leakscan: ignored",
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


def test_unknown_codes_are_reported_with_a_hint(leakscan):
    [(_, message)] = unused(leakscan, "import keras  # leakscan: ignore[IMR01x]\n")
    assert "unknown rule 'IMR01X'" in message
    assert "IMR001" in message


def test_a_file_that_cannot_be_tokenized_falls_back_to_its_lines(leakscan):
    """`tokenize` is stricter about indentation than a parser that sees the whole file is."""
    text = with_comment("# noqa: IMR001")
    leakscan.write("a.py", text + "def f():\n    '''\\N'''\n\x0c\n")
    assert leakscan.json().places == []
