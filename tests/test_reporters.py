"""What findings look like."""

from __future__ import annotations

import re

import pytest
from conftest import LEAK

from leakscan.cli.terminal import Progress, wants_color
from leakscan.diagnostics import (
    Applicability,
    Confidence,
    Diagnostic,
    FileError,
    Fix,
    Note,
    Position,
    Severity,
    Span,
)
from leakscan.files import Source
from leakscan.reporters import json, text
from leakscan.reporters.text import cells_of

BUILDER = "from tensorflow import keras\n\n\ndef build():\n    return keras.Sequential([])\n"


def plain(lines):
    return "".join("".join(part for part, _ in line) + "\n" for line in lines)


def diagnostic(start, end, *, path="a.py", chain=(), fixes=()):
    return Diagnostic(
        "IMR001",
        "model-rebuilt-in-loop",
        "a message",
        "a help line",
        Severity.HIGH,
        Confidence.HIGH,
        path,
        Span(Position(*start), Position(*end)),
        chain,
        fixes,
    )


def framed(code, start, end, **options):
    source = Source("/a.py", "a.py", code, requested=True)
    return plain(text.full([diagnostic(start, end, **options)], {"a.py": source})).split("\n")


def test_full_shows_the_code_the_chain_and_the_help(leakscan):
    leakscan.write("models.py", BUILDER)
    leakscan.write("train.py", "from models import build\nfor i in inputs:\n    m = build()\n    m.fit(i)\n")
    lines = leakscan("check").out.splitlines()
    assert lines[0].startswith("train.py:3:9 IMR001 [model-rebuilt-in-loop] ")
    assert lines[1:6] == [
        "    |",
        "  1 | from models import build",
        "  2 | for i in inputs:",
        "  3 |     m = build()",
        "    |         ^^^^^^^",
    ]
    rest = "\n".join(lines[6:])
    assert "  note: models.py:5:12: " in rest
    assert "  5 |     return keras.Sequential([])\n    |            -" in rest
    assert "  help: " in rest
    assert lines[-2] == "Found 1 finding (1 medium) in 1 file."
    assert lines[-1] == "1 fixable with --fix --unsafe-fixes."


def test_concise_is_one_line_each(leakscan):
    leakscan.write("b.py", LEAK + LEAK)
    leakscan.write("a.py")
    lines = leakscan.concise().out.splitlines()
    assert [line.split(" ")[0] for line in lines[:-2]] == ["a.py:3:13:", "b.py:3:13:", "b.py:8:13:"]
    assert lines[-2] == "Found 3 findings (3 high) in 2 files."


def test_a_clean_check_says_how_many_files(leakscan):
    leakscan.write("a.py", "")
    leakscan.write("b.py", "import keras\n")
    assert leakscan("check").out == "All checks passed: 2 files.\n"


@pytest.mark.parametrize("fmt", ["full", "concise"])
def test_colours_only_where_they_are_wanted(leakscan, monkeypatch, fmt):
    leakscan.write("a.py")
    piped = leakscan("check", "--output-format", fmt).out
    assert "\x1b" not in piped
    monkeypatch.setenv("FORCE_COLOR", "1")
    forced = leakscan("check", "--output-format", fmt).out
    assert "\x1b[1;31mIMR001\x1b[0m" in forced
    monkeypatch.setenv("NO_COLOR", "1")
    assert leakscan("check", "--output-format", fmt).out == piped
    # The option says it louder than the environment, and for one run.
    assert leakscan("check", "--output-format", fmt, "--color", "always").out == forced
    monkeypatch.delenv("NO_COLOR")
    assert leakscan("check", "--output-format", fmt, "--color", "never").out == piped
    assert leakscan("check", "--output-format", fmt).out == forced


def test_who_wants_colours(monkeypatch):
    class Terminal:
        def isatty(self):
            return True

    assert wants_color(Terminal(), {})
    assert not wants_color(Terminal(), {"TERM": "dumb"})
    assert not wants_color(Terminal(), {"NO_COLOR": "1", "FORCE_COLOR": "1"})
    assert wants_color(Terminal(), {"NO_COLOR": ""})


@pytest.mark.parametrize("color", ["", "1"])
def test_source_code_is_no_markup(leakscan, monkeypatch, color):
    """Brackets, emoji names and numbers of the program come out as they are, however wide the terminal."""
    monkeypatch.setenv("FORCE_COLOR", color)
    monkeypatch.setenv("COLUMNS", "40")
    tail = "  # [bold]x[/bold] [/] :smile: \\[red] " + "long " * 18
    leakscan.write("[red]a.py", LEAK.replace("(1)])", "(1)])" + tail.rstrip()))
    out = leakscan("check").out
    assert tail.rstrip() in out
    assert "[red]a.py:3:13" in out


def test_control_characters_of_the_program_do_not_reach_the_terminal(leakscan):
    leakscan.write("a.py", LEAK.replace("(1)])", "(1)])  # \x1b[31m \x07 \x9b"))
    out = leakscan("check").out
    assert "\x1b" not in out
    assert "# ?[31m ? ?" in out


def test_tabs_and_wide_characters_keep_the_caret_below_the_code():
    lines = framed("if x:\n\té = '漢字'; m = f(x)\n", (2, 16), (2, 20))
    code, caret = lines[3], lines[4]
    assert code == "  2 |     é = '漢字'; m = f(x)"
    # The two wide characters take four cells of a terminal.
    assert caret.index("^") == code.index("f(x)") + 2
    assert caret.count("^") == 4


def test_a_span_of_several_lines_is_underlined_on_each():
    lines = framed("x = f(\n    1,\n\n)\ny = 2\n", (1, 5), (4, 2))
    assert lines[1:10] == [
        "    |",
        "  1 | x = f(",
        "    |     ^^",
        "  2 |     1,",
        "    |     ^^",
        "  3 |",
        "  4 | )",
        "    | ^",
        "  5 | y = 2",
    ]


def test_a_long_span_is_cut():
    code = "x = f(\n" + "    1,\n" * 100 + ")\n"
    lines = framed(code, (1, 5), (102, 2))
    assert len(lines) < 40
    assert "    | ..." in [line.replace("     |", "    |") for line in lines]


def test_a_line_that_a_tool_wrote_is_cut_around_the_finding():
    code = "x = [" + "0, " * 5000 + "f(x), " + "1, " * 5000 + "]\n"
    column = code.index("f(x)") + 1
    lines = framed(code, (1, column), (1, column + 4))
    assert max(map(len, lines)) < 250
    assert lines[2][lines[3].index("^") :].startswith("f(x), 1")


def test_the_end_of_the_file_and_positions_beyond_it():
    assert framed("f(x)", (1, 1), (1, 5))[2] == "  1 | f(x)"
    assert framed("f(x)", (7, 1), (7, 5))[1] == "  help: a help line"
    assert framed("", (1, 1), (1, 1))[0].startswith("a.py:1:1 ")


def test_lines_are_those_of_python():
    """A form feed or a Unicode line separator ends no line."""
    lines = framed("a = '\u2028'\n\x0cf(x)\r\ng(x)\rh(x)\n", (4, 1), (4, 5))
    assert "  4 | h(x)" in lines


def test_a_note_in_a_file_without_source_has_no_frame():
    note = Note("gone.py", Position(3, 1), "built here")
    lines = framed("f(x)\n", (1, 1), (1, 5), chain=(note,))
    assert "  note: gone.py:3:1: built here" in lines


def test_fixes_are_named():
    fix = Fix("hoist", Applicability.UNSAFE, "build it once")
    assert "  fixes: hoist (unsafe)" in framed("f(x)\n", (1, 1), (1, 5), fixes=(fix,))


def test_errors_are_one_line():
    assert text.error_line(FileError("a\nb.py", "two\nlines", 3)) == "a\\nb.py:3: error: two\\nlines"
    assert text.error_line(FileError("a.ipynb", "bad", 3, 0)) == "a.ipynb:cell 1:3: error: bad"


def test_json_of_a_notebook_names_the_cells():
    note = Note("a.ipynb", Position(1, 2, 3), "here")
    item = diagnostic((1, 2, 4), (1, 5, 4), chain=(note,))
    rendered = json.render([item], [FileError("a.ipynb", "bad", 3, 0)], 1)
    assert '"cell": 4' in rendered
    assert '"chain": [\n        {\n          "path": "a.ipynb",\n          "cell": 3,' in rendered


def test_json_survives_names_that_are_no_unicode():
    rendered = json.render([], [FileError("latin-\udce9.py", "é")], 0)
    assert "latin-\\udce9.py" in rendered
    assert rendered.isascii()


def test_a_statistic_for_each_rule():
    items = [diagnostic((1, 1), (1, 2))] * 12
    assert plain(text.statistics(items)) == "12\tIMR001\tmodel-rebuilt-in-loop\n"
    assert plain(text.statistics([])) == ""


@pytest.mark.parametrize("width", [40, 80, 120])
def test_a_terminal_is_filled_to_its_width_and_carets_stand_below_their_code(leakscan, monkeypatch, width):
    deep = LEAK.replace("    model = ", f"    {'n' * 60} = '\u4e2d' * 30; model = ", 1)
    leakscan.write("a_file_with_a_long_name.py", deep)
    monkeypatch.setattr("leakscan.cli.terminal.is_terminal", lambda _: True)
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("COLUMNS", str(width))
    lines = leakscan("check").out.splitlines()
    words = [word for word in " ".join(lines).split() if len(word) > width - 4]
    assert not [line for line in lines if cells_of(line) > width and not set(line.split()) & set(words)]
    assert not [line for line in lines if line.endswith(" ")]
    assert not [line for line in lines if line.strip().startswith(":")], "a colon stays with its path"
    [below] = [number for number, line in enumerate(lines) if "^" in line]
    before = lines[below].index("^")
    code = lines[below - 1]
    while cells_of(code[:before]) > lines[below].index("^"):
        before -= 1
    assert code[before:].startswith("keras.")
    monkeypatch.setattr("leakscan.cli.terminal.is_terminal", lambda _: False)
    assert max(map(len, leakscan("check").out.splitlines())) > 100


@pytest.mark.parametrize("width", [40, 80])
def test_the_list_of_rules_fits_a_terminal_and_is_whole(leakscan, monkeypatch, width):
    piped = leakscan("rule", "--all").out
    monkeypatch.setattr("leakscan.cli.terminal.is_terminal", lambda _: True)
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("COLUMNS", str(width))
    shown = leakscan("rule", "--all").out
    assert max(map(cells_of, shown.splitlines())) <= width
    whole = " ".join(shown.split())
    for line in piped.splitlines()[1:]:
        code, name, severity, default, _, summary = line.split(maxsplit=5)
        assert f"{code} {name} ({severity}, {default}) {summary}" in whole


def test_addresses_of_a_page_can_be_read_on_a_terminal(leakscan, monkeypatch):
    monkeypatch.setattr("leakscan.cli.terminal.is_terminal", lambda _: True)
    monkeypatch.setenv("COLUMNS", "200")
    assert "https://arxiv.org/abs/" in leakscan("rule", "UTR004", "--color", "never").out


def test_progress_tells_the_number_of_files(monkeypatch, capsys):
    monkeypatch.setattr("leakscan.cli.terminal.is_terminal", lambda _: True)
    monkeypatch.setattr("leakscan.cli.terminal._PROGRESS_AFTER", -1.0)
    monkeypatch.setenv("FORCE_COLOR", "1")
    progress = Progress(enabled=True)
    progress.start(12)
    progress.advance()
    progress.stop()
    assert re.search(r"1/12\S* files", re.sub(r"\x1b\[[0-9;?]*\w", "", capsys.readouterr().err))


def test_errors_are_counted_in_the_last_line(leakscan):
    leakscan.write("a.py")
    leakscan.write("b.py", b"import keras\n\x00")
    out = leakscan("check", "a.py", "b.py").out
    assert re.search(r"^Found 1 finding \(1 \w+\) in 1 file; 1 error\.$", out, re.MULTILINE)
