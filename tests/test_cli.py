"""The command: options, exit codes, streams; long, as each option has its test."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys

import pytest
from conftest import LEAK, ROOT

from leakscan.cli.entry import parser
from leakscan.installation import namesake
from leakscan.reporters.formats import FORMATS


def test_exit_codes(leakscan):
    leakscan.write("clean.py", "import keras\n")
    assert leakscan("check").code == 0
    leakscan.write("leak.py")
    assert leakscan("check").code == 1
    assert leakscan("check", "--exit-zero").code == 0
    leakscan.write("broken.py", "import keras\n)")
    assert leakscan("check").code == 1
    assert leakscan("check", "--strict").code == 2
    assert leakscan("check", "--strict", "--exit-zero").code == 2
    assert leakscan("check", "missing.py", "--exit-zero").code == 2


def test_files_that_cannot_be_parsed_are_counted_and_change_no_exit_code(leakscan):
    leakscan.write("old/a.py", "import keras\nprint 'Python 2'\n")
    leakscan.write("old/b.py", b"import keras\nx = '\xff'\n")
    leakscan.write("old/c.ipynb", "no JSON, keras")
    leakscan.write("clean.py", "import keras\n")
    words = "warning: 3 files could not be parsed, wholly or in part"
    done = leakscan("check")
    assert (done.code, done.err) == (0, f"{words} (--verbose lists them, --strict makes them errors)\n")
    assert leakscan("check", "--quiet").err == ""
    loud = leakscan("check", "--verbose").err
    assert words in loud.splitlines()
    assert all(f"old/{name}" in loud for name in ("a.py:2: warning: syntax error", "b.py", "c.ipynb"))
    report = leakscan.json().json
    assert [(item["path"], item["level"]) for item in report["errors"]] == [
        ("old/a.py", "warning"),
        ("old/b.py", "warning"),
        ("old/c.ipynb", "warning"),
    ]
    strict = leakscan("check", "--strict")
    assert (strict.code, len(strict.err.splitlines())) == (2, 3)
    assert leakscan("check", "--diff").code == 0
    assert leakscan("check", "--fix").code == 0


def test_what_was_named_must_be_readable(leakscan):
    leakscan.write("old/a.py", "import keras\nprint 'Python 2'\n")
    leakscan.write("clean.py", "import keras\n")
    done = leakscan("check", "old/a.py", "clean.py")
    assert done.code == 2
    assert done.err.startswith("old/a.py:2: error: syntax error")
    # Where nothing can be read, nothing was checked.
    assert leakscan("check", "old").code == 2
    leakscan.write("old/b.py", "import keras\n")
    assert leakscan("check", "old").code == 0


def test_the_current_directory_is_the_default(leakscan):
    leakscan.write("a.py")
    assert leakscan("check").out == leakscan("check", ".").out


def test_findings_go_to_stdout_and_errors_to_stderr(leakscan):
    leakscan.write("a.py")
    leakscan.write("b.py", "import keras\ndef f(:\n")
    result = leakscan.concise("a.py", "b.py")
    assert result.out.splitlines()[0].startswith("a.py:3:13: IMR001 ")
    assert result.err.startswith("b.py:2: error: syntax error")
    assert len(result.err.splitlines()) == 1


def test_quiet_prints_findings_and_errors_only(leakscan):
    leakscan.write("a.py")
    for option in ("-q", "--quiet"):
        assert len(leakscan.concise(option).out.splitlines()) == 1
    leakscan.write("a.py", "")
    assert leakscan.concise("-q").out == ""


def test_verbose_says_what_is_done_on_stderr(leakscan):
    leakscan.write("a.py")
    verbose, again = leakscan.json("--verbose"), leakscan.json("--verbose")
    assert again.out == verbose.out == leakscan.json().out
    assert "1 file to parse" in verbose.err
    assert "1 file, known from the cache" in again.err


def test_nothing_to_check_is_a_warning(leakscan):
    result = leakscan("check")
    assert (result.code, result.out) == (0, "")
    assert result.err == "warning: no Python files found under the given paths\n"


def test_statistics(leakscan):
    leakscan.write("a.py")
    leakscan.write("b.py")
    result = leakscan("check", "--statistics")
    assert result.out.splitlines()[0] == "2\tIMR001\tmodel-rebuilt-in-loop"
    assert "a.py" not in result.out
    assert leakscan("check", "--statistics", "--output-format", "json").code == 2


def test_show_files(leakscan):
    leakscan.write("b.py")
    leakscan.write("a.py")
    result = leakscan("check", "--show-files")
    assert (result.code, result.out) == (0, "a.py\nb.py\n")


def test_standard_input(leakscan):
    result = leakscan.concise("-", stdin=LEAK.encode())
    assert result.code == 1
    assert result.out.startswith("-:3:13: IMR001 ")
    assert leakscan.concise("--stdin-filename", "a.py", "-", stdin=b"x = 1").code == 0
    assert leakscan.concise("-", stdin=b"\xff").code == 2


def test_standard_input_stands_for_a_file_of_the_project(leakscan):
    leakscan.write("models.py", "import keras\ndef build():\n    return keras.Sequential([])\n")
    leakscan.write("pkg/train.py", "the text on disk does not count (")
    text = b"from models import build\nfor i in range(9):\n    m = build()\n    m.fit(i)\n"
    result = leakscan.json("--stdin-filename", "pkg/train.py", stdin=text)
    assert result.places == [("IMR001", "pkg/train.py", 3)]


def test_standard_input_obeys_the_configuration_of_its_place(leakscan):
    leakscan.write("pyproject.toml", '[tool.leakscan.per-file-ignores]\n"old.py" = ["IMR"]\n')
    assert leakscan.json("-", "--stdin-filename", "old.py", stdin=LEAK.encode()).code == 0
    assert leakscan.json("-", "--stdin-filename", "new.py", stdin=LEAK.encode()).code == 1


def test_standard_input_does_not_mix(leakscan):
    leakscan.write("a.py")
    assert leakscan("check", "-", "a.py", stdin=b"").code == 2
    assert leakscan("check", "a.py", "--stdin-filename", "b.py", stdin=b"").code == 2


@pytest.mark.parametrize("fmt", FORMATS)
def test_output_file(leakscan, fmt):
    leakscan.write("a.py")
    printed = leakscan("check", "-q", "--output-format", fmt).out
    for _ in range(2):
        result = leakscan("check", "--output-format", fmt, "--output-file", "report.txt")
        assert result.code == 1
        assert (leakscan.directory / "report.txt").read_text() == printed
        assert result.out.startswith("Found 1 finding ")
    names = sorted(path.name for path in leakscan.directory.iterdir())
    assert names == ["a.py", "pyproject.toml", "report.txt"], "nothing temporary stays"


def test_an_output_file_that_cannot_be_written(leakscan):
    leakscan.write("a.py")
    result = leakscan("check", "-o", "missing/report.txt")
    assert result.code == 2
    assert result.err == "error: missing/report.txt: cannot be written: No such file or directory\n"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["chekc"], "unknown command 'chekc' (did you mean 'check'?)"),
        (["a.py"], "unknown command 'a.py' (did you mean 'leakscan check a.py'?)"),
        (["check", "--selct", "IMR"], "unrecognized arguments: --selct"),
        (["check", "--selct=IMR"], "(did you mean '--select'?)"),
        (["check", "--sel", "IMR"], "unrecognized arguments: --sel"),
        (["check", "--select", "IMR01"], "--select: unknown rule 'IMR01' (did you mean 'IMR001'?)"),
        (["check", "--ignore", "E501"], "--ignore: unknown rule 'E501'"),
        (["check", "--output-format", "jsn"], "(did you mean 'json'?)"),
        (["check", "--min-severity", "hig"], "(did you mean 'high'?)"),
        (["check", "--quiet", "--verbose"], "not allowed with"),
        (["rule", "IMR01"], "unknown rule 'IMR01' (did you mean 'IMR001'?)"),
        (["rule"], "give one rule code, or --all"),
        (["rule", "IMR001", "--all"], "give one rule code, or --all"),
        (["rule", "IMR001", "IMR002"], "give one rule code, or --all"),
        (["rule", "--al"], "unrecognized arguments: --al (did you mean '--all'?)"),
        (["rule", "nwe"], "unknown rule 'nwe' (did you mean 'new'?)"),
        (["rule", "new", "ABC001"], "required: NAME"),
        (["rule", "new", "ABC001", "a-name", "--dri", "x"], "(did you mean '--dir'?)"),
        (["rule", "test", "rules", "--select", "IMR"], "unrecognized arguments: --select IMR\n"),
        (["report", "a.json", "--fix"], "unrecognized arguments: --fix\n"),
        (["study", "--isolation"], "unrecognized arguments: --isolation\n"),
        (["check", "--smok"], "unrecognized arguments: --smok\n"),
        (["--versoin"], "unrecognized arguments: --versoin (did you mean '--version'?)"),
    ],
)
def test_usage_errors_have_a_hint_and_exit_2(leakscan, arguments, words):
    leakscan.write("a.py")
    result = leakscan(*arguments)
    assert (result.code, result.out) == (2, "")
    assert result.err.startswith("error: ")
    assert words in result.err
    assert result.err.count("\n") == 1


def test_the_version(leakscan):
    for option in ("--version", "-V"):
        shown = leakscan(option).out
        assert re.fullmatch(
            r"leakscan 0\.\d+\.\d+ \(leakscan-keras; Python 3\.\d+\.\d+; LibCST [\d.]+; extras: [\w, ]+\)\n",
            shown,
        )


def test_help_is_a_command_too(leakscan):
    assert leakscan("help").out == leakscan("--help").out == leakscan().out
    assert leakscan("help", "check").out == leakscan("check", "-h").out
    assert leakscan("help", "rule", "new").out == leakscan("rule", "new", "--help").out


def test_a_closed_standard_input_is_one_line(leakscan, monkeypatch):
    monkeypatch.setattr(sys, "stdin", None)
    result = leakscan("check", "-")
    assert (result.code, result.out) == (2, "")
    assert result.err == "error: standard input is closed; name a file, or send a program\n"
    assert leakscan("check").code == 0


def test_another_program_of_the_name_is_recognised(tmp_path):
    site = tmp_path / "site-packages"
    (site / "leakscan_keras-0.1.0.dist-info").mkdir(parents=True)
    assert namesake(str(site)) is None
    other = site / "leakscan-0.4.0.dist-info"
    other.mkdir()
    (other / "entry_points.txt").write_text("[console_scripts]\nleakscan = leakscan.cli:program\n")
    assert namesake(str(site)) is None
    (other / "entry_points.txt").write_text("[console_scripts]\nleakscan = scanner.cli:main\n")
    assert "pip uninstall leakscan" in namesake(str(site))
    assert namesake(str(tmp_path)) is None


def test_a_very_early_interrupt_ends_without_a_traceback(leakscan):
    code = (
        "import sys, runpy\n"
        "class Interrupt:\n"
        "    def find_spec(self, name, *_):\n"
        "        if name == 'leakscan.cli.entry': raise KeyboardInterrupt\n"
        "sys.meta_path.insert(0, Interrupt())\n"
        "runpy.run_module('leakscan', run_name='__main__')\n"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "interrupted\n")


COMMANDS = (
    *("", "check", "rule", "rule new", "rule test", "validate", "report", "study", "server", "clean"),
    "completion",
)


@pytest.mark.parametrize("command", COMMANDS)
def test_help_fits_one_screen_and_ends_with_an_example_and_the_exit_codes(leakscan, monkeypatch, command):
    monkeypatch.setenv("COLUMNS", "80")
    result = leakscan(*command.split(), "--help")
    assert (result.code, result.err) == (0, "")
    lines = result.out.splitlines()
    assert lines[0].startswith(f"usage: leakscan {command}".rstrip())
    assert len(lines) <= 50
    assert max(map(len, lines)) <= 80
    assert lines[-2].startswith("Example: leakscan ")
    assert lines[-1].startswith("Exit codes: 0 ")
    # Every option has its line, whole: one that did not fit would go on in the next.
    options = [line for line in lines if line.startswith("  -")]
    assert all(re.search(r"\S {2,}\S", line.strip()) for line in options), options


def test_rarely_used_options_of_check_are_shown_when_asked_for(leakscan):
    common, whole = (set(leakscan("check", option).out.split()) for option in ("--help", "--help-all"))
    hidden = {word.rstrip(",") for word in whole - common if word.startswith("--")}
    assert {"--scheduler", "--strict"} <= hidden
    assert not hidden & {"--fix", "--select", "--help-all"}
    options = {
        name
        for action in parser().with_choices()._subparsers._group_actions[0].choices["check"]._actions
        for name in action.option_strings
    }
    assert options <= {word.rstrip(",") for word in whole}


@pytest.mark.parametrize("command", COMMANDS)
def test_the_example_of_a_help_page_is_a_command_line_that_is_understood(leakscan, command):
    example = leakscan(*command.split(), "--help").out.splitlines()[-2].removeprefix("Example: leakscan ")
    arguments = parser().parse_args(shlex.split(example.partition(" (")[0]))
    assert callable(arguments.run)


def test_no_command_is_a_question_for_help(leakscan):
    assert leakscan() == leakscan("--help")
    assert leakscan().code == 0


def test_options_and_program_of_validate_are_told_apart(leakscan):
    words = ["validate", "train.py", "--smoke", "--", "--measure", "--", "x"]
    arguments = parser().parse_args(words)
    assert (arguments.script, arguments.smoke, arguments.measure) == ("train.py", True, False)
    assert arguments.arguments == ["--measure", "--", "x"]
    assert parser().parse_args(["validate", "train.py"]).arguments == []


def test_a_rule_page_is_its_readme(leakscan):
    page = (ROOT / "rules" / "imr001_model_rebuilt_in_loop" / "README.md").read_text()
    assert leakscan("rule", "IMR001").out == page
    assert leakscan("rule", "imr001").out == page


def test_what_is_reported_about_suppressions_has_a_page_too(leakscan):
    assert leakscan("rule", "LSC001").out.startswith("# LSC001 unused-suppression\n")


def test_the_table_lists_every_rule(leakscan):
    lines = leakscan("rule", "--all").out.splitlines()
    assert lines[0].split() == ["code", "name", "severity", "default", "from", "summary"]
    assert [line.split()[0] for line in lines[1:]] == sorted(
        folder.name[:6].upper() for folder in (ROOT / "rules").iterdir() if (folder / "rule.py").is_file()
    )


def test_it_runs_as_a_module(leakscan):
    leakscan.write("a.py")
    result = leakscan.spawn("check", "--output-format", "json")
    assert (result.code, result.err) == (1, "")
    assert result.places == [("IMR001", "a.py", 3)]


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "utf-8", "cp1252"])
def test_any_locale_will_do(leakscan, encoding):
    leakscan.write("Übung/漢字.py", LEAK.replace("    model = keras", "    été = '漢字 ✓'; model = keras"))
    env = {"PYTHONIOENCODING": encoding, "LC_ALL": "C", "PYTHONUTF8": "0"}
    for fmt in ("full", "concise", "json"):
        result = leakscan.spawn_bytes("check", "--output-format", fmt, env=env)
        assert result.returncode == 1, result.stderr
        assert b"Traceback" not in result.stderr
        result.stdout.decode(encoding)


@pytest.mark.parametrize("fmt", ["full", "json"])
def test_a_closed_pipe_is_no_error(leakscan, fmt):
    # More than Python's buffer and the pipe hold, since paths are long.
    leakscan.write("/".join([*("d" * 200 for _ in range(4)), "a.py"]), LEAK * 20)
    process = subprocess.Popen(
        [sys.executable, "-m", "leakscan", "check", "--output-format", fmt],
        cwd=leakscan.directory,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        pipesize=4096,
    )
    assert process.stdout is not None
    process.stdout.read(10)
    process.stdout.close()
    assert process.stderr is not None
    assert process.stderr.read() == b""
    assert process.wait() == 1


@pytest.mark.parametrize(
    ("words", "code"),
    [("--help", 0), ("--version", 0), ("check --help-all", 0), ("check --color always a.py", 1)],
)
@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_a_reader_that_has_gone_hears_and_costs_nothing(leakscan, words, code, unbuffered):
    leakscan.write("a.py")
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        [sys.executable, "-m", "leakscan", *words.split()],
        cwd=leakscan.directory,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": unbuffered},
        stdout=writing,
        stderr=subprocess.PIPE,
        check=False,
    )
    os.close(writing)
    assert (done.returncode, done.stderr) == (code, b"")


@pytest.mark.parametrize(
    ("words", "code"), [("check a.py nope.py", 2), ("check empty", 0), ("check --bogus", 2)]
)
def test_what_is_said_into_the_void_changes_no_exit_code(leakscan, words, code):
    leakscan.write("a.py")
    (leakscan.directory / "empty").mkdir()
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        [sys.executable, "-m", "leakscan", *words.split()],
        cwd=leakscan.directory,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": ""},
        stdout=writing,
        stderr=writing,
        check=False,
    )
    os.close(writing)
    assert done.returncode == code


@pytest.mark.skipif(sys.platform == "win32", reason="the current directory cannot be removed")
def test_a_directory_that_is_gone_is_said_so(leakscan):
    (leakscan.directory / "gone").mkdir()
    script = f"rmdir ../gone; exec {shlex.quote(sys.executable)} -m leakscan check"
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        ["sh", "-c", script],
        cwd=leakscan.directory / "gone",
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    words = "error: the current directory cannot be used: No such file or directory\n"
    assert (done.returncode, done.stderr) == (2, words)


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no /dev/full")
@pytest.mark.parametrize("words", ["check", "--version", "validate a.py"])
def test_a_full_disk_is_one_line(leakscan, words):
    leakscan.write("a.py")
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "leakscan", *words.split()],
            cwd=leakscan.directory,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert done.returncode == 2
    assert done.stderr == "error: standard output: cannot be written: No space left on device\n"


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
@pytest.mark.parametrize("seed", ["0", "1", "5"])
def test_the_hash_seed_does_not_matter(leakscan, seed):
    for name in ("a", "b", "c"):
        leakscan.write(f"{name}.py", f"import {'a' if name != 'a' else 'c'}\n" + LEAK)
    leakscan.write("broken.py", "import keras, a\n)")
    expected = leakscan.json()
    result = leakscan.spawn("check", "--output-format", "json", env={"PYTHONHASHSEED": seed})
    assert (result.out, result.err) == (expected.out, expected.err)


def test_json_is_the_documented_object(leakscan):
    leakscan.write("a.py")
    leakscan.write("b.py", "import keras\n)")
    text = leakscan.json().out
    assert text.isascii()
    assert text.endswith("}\n")
    report = json.loads(text)
    assert list(report) == ["schema_version", "findings", "errors", "files_checked"]
    assert report["schema_version"] == 1
    assert report["files_checked"] == 2
    assert list(report["errors"][0]) == ["path", "line", "message", "level"]
    [finding] = report["findings"]
    keys = "code name message help severity confidence path cell line column end_line end_column estimate"
    assert list(finding) == [*keys.split(), "chain", "fixes", "refusals"]
    assert (finding["cell"], finding["line"], finding["column"]) == (None, 3, 13)
    assert (finding["end_line"], finding["end_column"]) == (3, 54)
    assert all(list(link) == ["path", "line", "message", "level"] for link in finding["chain"])


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        ("    del model\n    gc.collect()\n", "`del` and `gc.collect()` do not spare the rebuild"),
        ("    gc.collect()\n", "`gc.collect()` does not spare the rebuild"),
        ("    K.clear_session\n", "write `K.clear_session()`: without parentheses nothing is called"),
    ],
)
def test_the_help_says_which_remedies_of_the_loop_are_in_vain(leakscan, lines, words):
    head = "import gc\nimport keras\nfrom keras import backend as K\nfor x in range(99):\n"
    leakscan.write("a.py", f"{head}    model = keras.Sequential([])\n    model.fit(x)\n{lines}")
    assert f"\n  help: {words}" in leakscan("check", "a.py").out


@pytest.mark.parametrize(
    ("call", "message", "help_"),
    [
        ("keras.models.load_model('a.keras')", "model loaded again", "load the model once"),
        ("keras.models.clone_model(base)", "model copied again", "call clone_model() once"),
        ("keras.Sequential([])", "model rebuilt", "build one model"),
    ],
)
def test_the_message_says_what_is_done_with_the_model(leakscan, call, message, help_):
    head = "import keras\nbase = keras.Model()\nfor x in range(99):\n"
    leakscan.write("a.py", f"{head}    m = {call}\n    m.fit(x)\n")
    out = leakscan("check", "a.py").out
    assert f"{message} in every iteration of the loop at line 3; " in out
    assert f"\n  help: {help_}" in out


ADVICE = LEAK.replace("range(500)", "range(4)")


def test_what_is_provably_small_is_one_line_of_advice_after_the_findings(leakscan):
    leakscan.write("a.py", ADVICE)
    leakscan.write("b.py")
    result = leakscan("check")
    lines = result.out.splitlines()
    assert result.code == 1
    assert lines[0].startswith("b.py:3:13 IMR001 [model-rebuilt-in-loop] model rebuilt ")
    assert lines[-4].startswith("a.py:3:13 IMR001 [model-rebuilt-in-loop] advice: model rebuilt ")
    assert lines[-4].endswith("; 4 rebuilds in all; a rebuild costs about 0.1 to 1 s")
    assert lines[-2] == "Found 1 finding (1 high) in 1 file; 1 piece of advice."
    concise = leakscan.concise().out.splitlines()
    assert [line.split(" ")[0] for line in concise[:-2]] == ["b.py:3:13:", "a.py:3:13:"]


def test_advice_does_not_fail_the_run_and_may_be_hidden(leakscan):
    leakscan.write("a.py", ADVICE)
    result = leakscan("check")
    assert (result.code, len(result.out.splitlines())) == (0, 4)
    assert "All checks passed: 1 file; 1 piece of advice." in result.out
    assert leakscan("check", "--min-severity", "medium").out == "All checks passed: 1 file.\n"


@pytest.mark.parametrize(
    ("level", "codes"),
    [("low", (1, 1, 1)), ("medium", (0, 1, 1)), ("high", (0, 0, 1)), ("never", (0, 0, 0))],
)
def test_the_fail_level_says_from_which_severity_on_the_run_fails(leakscan, level, codes):
    unknown = LEAK.replace("range(500)", "folds")
    for text, code in zip((ADVICE, unknown, LEAK), codes, strict=True):
        leakscan.write("a.py", text)
        assert leakscan("check", "--fail-level", level).code == code
        (leakscan.directory / "pyproject.toml").write_text(f'[tool.leakscan]\nfail-level = "{level}"\n')
        assert leakscan("check").code == code
        assert leakscan("check", "--fail-level", "low").code == 1
        (leakscan.directory / "pyproject.toml").write_text("")


def test_json_says_what_a_finding_may_cost_and_on_what_grounds(leakscan):
    leakscan.write("a.py", ADVICE)
    [finding] = leakscan.json().json["findings"]
    assert finding["severity"] == "low"
    assert finding["help"].startswith("build one model before the loop")
    assert finding["estimate"] == {
        "what": "keras.Sequential",
        "grounds": "4 rebuilds in all; a rebuild costs about 0.1 to 1 s",
        "iterations": 4,
        "endless": None,
        "size": "model",
        "seconds": {"low": 0.1, "high": 1.0},
        "bytes": {"low": 0.5e6, "high": 13e6},
        "source": "docs/costs.md: rebuilding a model",
    }
    page = (ROOT / "docs/costs.md").read_text(encoding="utf-8")
    assert "\n## rebuilding a model\n" in page


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completions_know_commands_and_options(leakscan, shell):
    result = leakscan("completion", shell)
    assert result.code == 0
    for word in ("check", "validate", "output-format", "diff-base", "json-lines", "namespace", "UTR004"):
        assert word in result.out
    # shtab's words for a file in `leakscan check`, of which there may be several.
    paths = {"bash": "check_pos_0_COMPGEN=_shtab_compgen_files", "zsh": "standard input:_files"}
    assert paths.get(shell, "__fish_complete_path") in result.out
    if shell == "bash":
        subprocess.run(["bash", "-n"], input=result.out, text=True, check=True)


@pytest.mark.parametrize("name", ["random.py", "tempfile/__init__.py", "json.py", "libcst.py"])
def test_modules_of_the_directory_that_is_checked_are_not_imported(leakscan, name):
    leakscan.write(name, "raise SystemExit('this file was run')\n")
    leakscan.write("train.py", LEAK)
    done = leakscan.spawn("check", "--no-cache", ".")
    assert (done.code, "this file was run" in done.err + done.out) == (1, False), done.err


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("check --diff-base ''", "error: --diff-base is empty; give a value, or leave it out\n"),
        ("check --write-baseline ''", "--write-baseline is empty"),
        ("check --output-file=", "--output-file is empty"),
        ("check --config ''", "--config is empty"),
        ("check --select ''", "--select: names no rule"),
        ("check --select ,", "--select: names no rule"),
        ("check --write-baseline a.py", "'a.py' names a program; name another file"),
        ("check -o a.ipynb", "'a.ipynb' names a program"),
        ("validate --json a.py a.py", "'a.py' names a program"),
        ("check --bogus", "unrecognized arguments: --bogus\n"),
        ("check --verbsoe", "unrecognized arguments: --verbsoe (did you mean '--verbose'?)"),
    ],
)
def test_what_a_script_or_a_hurried_hand_writes_is_refused_before_anything_is_done(leakscan, words, message):
    leakscan.write("a.py")
    done = leakscan(*shlex.split(words))
    assert (done.code, done.out) == (2, "")
    assert message in done.err
    assert sorted(path.name for path in leakscan.directory.iterdir()) == ["a.py", "pyproject.toml"]
    assert (leakscan.directory / "a.py").read_text() == LEAK


def test_lists_may_be_empty(leakscan):
    leakscan.write("a.py")
    leakscan.write("pyproject.toml", '[tool.leakscan]\nignore = ["IMR"]\n')
    assert leakscan("check").code == 0
    assert leakscan("check", "--ignore", "", "--exclude", "").code == 1


@pytest.mark.parametrize("command", ["check", "validate", "study"])
def test_help_fits_a_narrow_terminal(leakscan, monkeypatch, command):
    monkeypatch.setenv("COLUMNS", "40")
    lines = leakscan(command, "--help").out.splitlines()
    assert [line for line in lines[1:] if len(line) > 40 and not line.endswith(":")] == []
