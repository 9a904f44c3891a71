"""`[tool.leakscan]`, and how it meets the command line."""

from __future__ import annotations

import os
import sys

import pytest


def configure(leakscan, text, path="pyproject.toml"):
    leakscan.write(path, f"[tool.leakscan]\n{text}\n")


def test_select_and_ignore(leakscan):
    leakscan.write("a.py")
    configure(leakscan, 'select = ["UTR"]')
    assert leakscan.json().places == []
    configure(leakscan, 'select = ["ALL"]\nignore = ["IMR001"]')
    assert leakscan.json().places == []
    configure(leakscan, 'ignore = ["UTR"]')
    assert leakscan.json().places == [("IMR001", "a.py", 3)]


@pytest.mark.parametrize(
    ("options", "found"),
    [
        (["--select", "IMR"], True),
        (["--select", "IMR001"], True),
        (["--select", "IMR0"], True),
        (["--select", "ALL"], True),
        (["--select", "UTR001,IMR001"], True),
        (["--select", "UTR001", "--select", "IMR001"], True),
        (["--select", "UTR001"], False),
        (["--select", "UTR", "--extend-select", "IMR001"], True),
        (["--ignore", "IMR"], False),
        (["--select", "IMR001", "--ignore", "IMR"], True),  # the longer prefix wins
        (["--select", "IMR", "--ignore", "IMR001"], False),
        (["--select", "IMR001", "--ignore", "IMR001"], False),
        (["--select", "ALL", "--ignore", "ALL"], False),
    ],
)
def test_prefixes_on_the_command_line(leakscan, options, found):
    leakscan.write("a.py")
    assert bool(leakscan.json(*options).places) is found


def test_the_command_line_wins(leakscan):
    leakscan.write("a.py")
    configure(leakscan, 'select = ["UTR"]\nexclude = ["a.py"]')
    assert leakscan.json("--select", "IMR", "--exclude", "other").places == [("IMR001", "a.py", 3)]


def test_exclude_is_relative_to_its_file(leakscan):
    leakscan.write("sub/legacy/a.py")
    leakscan.write("sub/b.py")
    configure(leakscan, 'exclude = ["sub/legacy"]')
    assert leakscan.json("sub").places == [("IMR001", "sub/b.py", 3)]
    assert leakscan.json(".", cwd=leakscan.directory / "sub").places == [("IMR001", "b.py", 3)]
    configure(leakscan, 'exclude = ["legacy"]\nextend-exclude = ["b.*"]')
    assert leakscan.json("sub").places == []


def test_per_file_ignores(leakscan):
    leakscan.write("tests/a.py")
    leakscan.write("b.py")
    for pattern in ("tests/*", "tests", "**/a.py", "a.py"):
        configure(leakscan, f'per-file-ignores = {{ "{pattern}" = ["IMR001"] }}')
        assert leakscan.json().places == [("IMR001", "b.py", 3)], pattern


def test_min_severity_and_confidence(leakscan):
    leakscan.write("a.py")
    configure(leakscan, 'min-severity = "high"\nmin-confidence = "low"')
    assert leakscan.json().code in (0, 1)
    assert leakscan.json("--min-severity", "low").places == [("IMR001", "a.py", 3)]


def test_the_nearest_configuration_holds(leakscan):
    configure(leakscan, 'ignore = ["IMR"]')
    leakscan.write("a.py")
    leakscan.write("inner/pyproject.toml", "[tool.leakscan]\n")
    leakscan.write("inner/b.py")
    leakscan.write("plain/pyproject.toml", "[project]\nname = 'plain'\n")
    leakscan.write("plain/c.py")
    assert leakscan.json().places == [("IMR001", "inner/b.py", 3)]


def test_a_named_file_and_isolation(leakscan):
    leakscan.write("a.py")
    configure(leakscan, 'ignore = ["IMR"]')
    assert leakscan.json("--isolated").places == [("IMR001", "a.py", 3)]
    leakscan.write("other.toml", 'select = ["IMR"]\n')
    assert leakscan.json("--config", "other.toml").places == [("IMR001", "a.py", 3)]
    assert leakscan("check", "--config", "missing.toml").code == 2


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('selct = ["IMR"]', "unknown key 'selct' in [tool.leakscan] (did you mean 'select'?)"),
        ('select = ["IMR01"]', "select: unknown rule 'IMR01' (did you mean 'IMR001'?)"),
        ('select = ["XYZ"]', "select: unknown rule 'XYZ'"),
        ('select = "IMR"', "select must be a list of strings"),
        ("ignore = [1]", "ignore must be a list of strings"),
        ('exclude = "x"', "exclude must be a list of strings"),
        ('per-file-ignores = ["x"]', "per-file-ignores must be a table"),
        ('per-file-ignores = { "x" = ["IMX001"] }', "per-file-ignores.'x': unknown rule 'IMX001'"),
        (
            'min-severity = "hihg"',
            "min-severity must be one of low, medium, high; not 'hihg' (did you mean 'high'?)",
        ),
        ("min-confidence = 3", "min-confidence must be one of low, medium, high; not 3"),
        ("select = [", "not valid TOML"),
        ('extend = "a\\u0000"', "cannot be read: embedded null byte"),
    ],
)
def test_what_is_wrong_is_named_with_its_file(leakscan, text, words):
    leakscan.write("a.py")
    configure(leakscan, text)
    result = leakscan("check")
    assert (result.code, result.out) == (2, "No findings in 0 files; 1 error.\n")
    assert result.err.startswith("pyproject.toml: error: ")
    assert words in result.err
    assert result.err.count("\n") == 1


@pytest.mark.skipif(sys.platform == "win32", reason="no named pipes")
@pytest.mark.parametrize("name", [".leakscan.toml", "pyproject.toml", ".gitignore", ".git"])
def test_what_is_no_file_is_no_configuration_and_not_waited_for(leakscan, name):
    leakscan.write("sub/a.py")
    os.mkfifo(leakscan.directory / "sub" / name)
    assert leakscan.json().places == [("IMR001", "sub/a.py", 3)]


def test_the_table_must_be_a_table(leakscan):
    leakscan.write("pyproject.toml", "tool.leakscan = 3\n")
    assert "must be a table" in leakscan("check").err


def test_broken_files_of_others_are_not_our_business(leakscan):
    leakscan.write("pyproject.toml", "[tool.other\n")
    leakscan.write("a.py")
    assert leakscan.json().code == 1


@pytest.mark.parametrize("wrong", ['select = ["IMX"]', "select = [", "selct = []", 'extend = "nowhere.toml"'])
def test_one_bad_configuration_does_not_stop_the_rest(leakscan, wrong):
    for name in ("a", "b", "b/inner"):
        leakscan.write(f"{name}/train.py")
        configure(leakscan, "", f"{name}/pyproject.toml")
    configure(leakscan, wrong, "b/pyproject.toml")
    result = leakscan.json()
    assert result.code == 2
    assert result.places == [("IMR001", "a/train.py", 3), ("IMR001", "b/inner/train.py", 3)]
    [error] = result.json["errors"]
    assert error["path"] == "b/pyproject.toml"
    assert leakscan.json("a").code == 1
    assert leakscan.json("a", "b/inner").code == 1
    assert leakscan.json("b/train.py").places == []
    leak = (leakscan.directory / "a/train.py").read_bytes()
    result = leakscan.json("-", "--stdin-filename", "b/new.py", stdin=leak)
    assert (result.code, result.places) == (2, [])
    assert leakscan("check", "--fix", "--unsafe-fixes").code == 2
    assert (leakscan.directory / "b/train.py").read_bytes() == leak
    assert (leakscan.directory / "a/train.py").read_bytes() != leak


def test_the_first_of_several_files_of_a_directory_holds(leakscan):
    leakscan.write("a.py")
    configure(leakscan, 'ignore = ["IMR"]')
    assert leakscan.json().places == []
    leakscan.write("leakscan.toml", 'select = ["IMR"]\n')
    assert leakscan.json().places == [("IMR001", "a.py", 3)]
    leakscan.write(".leakscan.toml", 'select = ["UTR"]\n')
    assert leakscan.json().places == []
    leakscan.write(".leakscan.toml", '[tool.leakscan]\nselect = ["IMR"]\n')
    assert leakscan.json().places == [("IMR001", "a.py", 3)]


def test_a_file_extends_another(leakscan):
    leakscan.write("tests/a.py")
    leakscan.write("b.py")
    leakscan.write("base/leakscan.toml", 'ignore = ["IMR"]\nextend-exclude = ["x"]\nmin-severity = "high"\n')
    configure(leakscan, 'extend = "base/leakscan.toml"\nextend-exclude = ["tests"]')
    assert leakscan.json().places == []
    configure(leakscan, 'extend = "base/leakscan.toml"\nextend-exclude = ["tests"]\nignore = []')
    assert leakscan.json().places == [("IMR001", "b.py", 3)]
    shown = leakscan("check", "--show-settings").out
    assert 'extend-exclude = ["x"] + ["tests"]  # pyproject.toml' in shown
    assert 'min-severity = "high"  # base/leakscan.toml' in shown
    leakscan.write("base/leakscan.toml", 'extend = "../pyproject.toml"\n')
    assert "extends this file in turn" in leakscan("check").err


def test_settings_on_the_command_line_win_over_every_file(leakscan):
    for name in ("a", "b"):
        leakscan.write(f"{name}/train.py")
        configure(leakscan, 'select = ["UTR"]', f"{name}/pyproject.toml")
    everything = [("IMR001", "a/train.py", 3), ("IMR001", "b/train.py", 3)]
    assert leakscan.json().places == []
    assert leakscan.json("--config", 'select = ["IMR"]').places == everything
    assert leakscan.json("--config", 'select=["IMR"]', "--config", 'exclude=["b"]').places == everything[:1]
    assert leakscan.json("--config", 'select = ["IMR"]', "--select", "UTR").places == []
    assert leakscan.json("--isolated", "--config", 'ignore=["IMR"]').places == []
    leakscan.write("odd=name.toml", 'select = ["IMR"]\n')
    both = ("--config", "odd=name.toml", "--config", 'exclude = ["a"]')
    assert leakscan.json(*both).places == everything[1:]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--config", "select=[IMR]"], "--config: 'select=[IMR]' is neither a file nor KEY=VALUE"),
        (
            ["--config", "selct = []"],
            "--config: unknown key 'selct' in [tool.leakscan] (did you mean 'select'?)",
        ),
        (["--config", 'select = ["IMX"]'], "--config: select: unknown rule 'IMX'"),
        (["--config", 'extend = "x.toml"'], "--config: extend can only be used in a file"),
        (
            ["--config", "a.toml", "--config", "b.toml"],
            "--config: one file can be read, not a.toml and b.toml",
        ),
        (["--config", "a.toml", "--isolated"], "--config FILE cannot be used with --isolated"),
    ],
)
def test_what_is_wrong_on_the_command_line_stops_at_once(leakscan, options, words):
    leakscan.write("a.py")
    result = leakscan("check", *options)
    assert (result.code, result.out) == (2, "")
    assert result.err.startswith(f"error: {words}")


def test_settings_are_shown_with_their_sources(leakscan):
    leakscan.write("a.py")
    leakscan.write("sub/b.py")
    configure(
        leakscan, 'select = ["IMR"]\nper-file-ignores = { "x.py" = ["UTR"] }\nstrategies = {IMR001="hoist"}'
    )
    leakscan.write("sub/leakscan.toml", 'min-severity = "medium"\n')
    shown = leakscan("check", "--show-settings", "--ignore", "UTR005").out
    here, below = shown.split("\n\n")[:2]
    assert here.startswith("# In force in .:\n")
    assert below.startswith("# In force in sub:\n")
    for line in (
        'select = ["IMR"]  # pyproject.toml',
        'ignore = ["UTR005"]  # --ignore',
        'per-file-ignores = { "x.py" = ["UTR"] }  # pyproject.toml',
        'min-confidence = "medium"  # default',
        "# exclude: none",
    ):
        assert line in here.splitlines()
    assert 'min-severity = "medium"  # sub/leakscan.toml' in below.splitlines()


def test_codes_in_one_string_are_explained(leakscan):
    leakscan.write("a.py")
    configure(leakscan, 'select = ["IMR001,UTR001"]')
    assert 'write each as a string of its own: ["IMR001", "UTR001"]' in leakscan("check").err
