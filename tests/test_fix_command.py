"""`leakscan check --fix`, `--diff` and their options, as users see them."""

from __future__ import annotations

import json
import os
import resource
import shutil
import stat
import subprocess
import sys

import pytest
from conftest import LEAK, ROOT

#: One UTR001 (line 10) that has a safe fix.
STORE = """\
import numpy as np
import tensorflow as tf


def train(model, dataset):
    losses = []
    for x, y in dataset:
        with tf.GradientTape():
            loss = tf.reduce_mean(tf.square(model(x) - y))
        losses.append(loss)  # of each step
    print(np.mean(losses))
"""
STORED = STORE.replace("append(loss)", "append(float(loss))")

#: One IMR001 (line 4); `clear-session` does not apply, since `other` lives on.
REFUSED = """\
from tensorflow import keras
other = keras.Sequential([keras.layers.Dense(1)])
for fold in range(500):
    model = keras.Sequential([keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    model.fit(x[fold], y[fold])
    print(other.predict(x))
"""
REASON = "`other`, made before the loop, would be invalid after the first clear"
LOW = ("--min-severity", "low")


def check(leakscan, *arguments, **options):
    return leakscan("check", *LOW, "--output-format", "concise", *arguments, **options)


# -- --fix -------------------------------------------------------------------------------------------------


def test_safe_fixes_are_applied_and_a_clean_rest_exits_0(leakscan):
    path = leakscan.write("a.py", STORE)
    result = check(leakscan, "--fix")
    assert (result.code, result.out, result.err) == (0, "Found 1 finding (1 fixed, 0 remaining).\n", "")
    assert path.read_text() == STORED


def test_unsafe_fixes_are_left_and_findings_left_exit_1(leakscan):
    leakscan.write("a.py", STORE)
    leak = leakscan.write("b.py")
    result = check(leakscan, "--fix")
    assert result.code == 1
    assert result.out.splitlines()[0].startswith("b.py:3:13: IMR001 model rebuilt")
    assert result.out.splitlines()[1:] == [
        "Found 2 findings (1 fixed, 1 remaining).",
        "1 more fixable with --fix --unsafe-fixes.",
    ]
    assert leak.read_text() == LEAK
    assert check(leakscan, "--fix", "--exit-zero").code == 0


def test_unsafe_fixes_are_applied_on_request(leakscan):
    leakscan.write("a.py", STORE)
    leak = leakscan.write("b.py")
    result = check(leakscan, "--fix", "--unsafe-fixes")
    assert (result.code, result.out) == (0, "Found 2 findings (2 fixed, 0 remaining).\n")
    assert "reuse_model" in leak.read_text()


def test_a_second_run_changes_nothing(leakscan):
    path = leakscan.write("a.py", STORE + LEAK)
    check(leakscan, "--fix", "--unsafe-fixes")
    fixed = path.read_text()
    assert check(leakscan, "--fix", "--unsafe-fixes").out == "All checks passed: 1 file.\n"
    assert path.read_text() == fixed


def test_only_what_is_reported_is_fixed(leakscan):
    suppressed = STORE.replace("# of each step", "# noqa: UTR001")
    leakscan.write("a.py", suppressed)
    leakscan.write("b.py", STORE)
    check(leakscan, "--fix", "a.py")
    check(leakscan, "--fix", "--ignore", "UTR001", "b.py")
    check(leakscan, "--fix", "--min-severity", "high", "b.py")
    assert (leakscan.directory / "a.py").read_text() == suppressed
    assert (leakscan.directory / "b.py").read_text() == STORE


def test_findings_left_are_printed_as_json(leakscan):
    leakscan.write("a.py", STORE)
    leakscan.write("b.py")
    result = leakscan.json("--fix", *LOW)
    assert (result.code, result.places) == (1, [("IMR001", "b.py", 3)])
    assert (leakscan.directory / "a.py").read_text() == STORED


def test_what_is_left_can_go_to_a_file(leakscan):
    leakscan.write("a.py", STORE)
    leakscan.write("b.py")
    result = check(leakscan, "--fix", "-o", "report.txt")
    assert result.out.startswith("Found 2 findings (1 fixed, 1 remaining).")
    assert (leakscan.directory / "report.txt").read_text().startswith("b.py:3:13: IMR001")


def test_quiet_prints_only_what_is_left(leakscan):
    leakscan.write("a.py", STORE)
    result = check(leakscan, "--fix", "--quiet")
    assert (result.code, result.out, result.err) == (0, "", "")


def test_passes_are_told_with_verbose(leakscan):
    leakscan.write("a.py", STORE)
    assert "fixes: pass 1, 0 findings left\n" in check(leakscan, "--fix", "-v").err


# -- files that cannot be fixed ----------------------------------------------------------------------------


def test_a_read_only_file_is_an_error_and_the_others_are_fixed(leakscan):
    path = leakscan.write("a.py", STORE)
    path.chmod(0o444)
    leakscan.write("b.py", STORE)
    result = check(leakscan, "--fix")
    assert result.code == 2
    assert result.err == "a.py: error: cannot be written: the file is read-only; nothing in it is changed\n"
    assert result.out.startswith("a.py:10:9: UTR001 [*] ")
    assert "Found 1 finding (1 fixed, 0 remaining, 1 error); 1 piece of advice.\n" in result.out
    assert path.read_text() == STORE
    assert stat.S_IMODE(path.stat().st_mode) == 0o444
    assert (leakscan.directory / "b.py").read_text() == STORED


def test_a_disk_without_room_leaves_the_file_as_it_was(leakscan):
    leakscan.write("a.py", STORE + "# " + "x" * 5000 + "\n")
    before = (leakscan.directory / "a.py").read_bytes()

    def limit():
        resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))

    done = subprocess.run(
        [sys.executable, "-m", "leakscan", "check", *LOW, "--fix"],
        cwd=leakscan.directory,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=limit,
    )
    assert done.returncode == 2
    assert done.stderr == "a.py: error: cannot be written: File too large; nothing in it is changed\n"
    assert (leakscan.directory / "a.py").read_bytes() == before
    assert sorted(os.listdir(leakscan.directory)) == ["a.py", "pyproject.toml"]


def test_a_file_that_is_no_python_does_not_stop_the_others(leakscan):
    leakscan.write("a.py", "import keras\nif\n")
    leakscan.write("b.py", STORE)
    result = check(leakscan, "--fix", "--strict")
    assert result.code == 2
    assert "a.py:2: error: syntax error" in result.err
    assert (leakscan.directory / "b.py").read_text() == STORED


# -- --diff ------------------------------------------------------------------------------------------------

DIFF = """\
--- a.py
+++ a.py
@@ -7,5 +7,5 @@
     for x, y in dataset:
         with tf.GradientTape():
             loss = tf.reduce_mean(tf.square(model(x) - y))
-        losses.append(loss)  # of each step
+        losses.append(float(loss))  # of each step
     print(np.mean(losses))
"""


def test_a_diff_shows_what_would_change_and_changes_nothing(leakscan):
    path = leakscan.write("a.py", STORE)
    result = check(leakscan, "--diff")
    assert (result.code, result.out) == (1, DIFF)
    assert result.err == "Would fix 1 finding in 1 file.\n"
    assert path.read_text() == STORE
    assert check(leakscan, "--diff", "--quiet").err == ""
    assert check(leakscan, "--fix", "--diff").out == DIFF
    assert path.read_text() == STORE


def test_a_diff_of_nothing_exits_0(leakscan):
    leakscan.write("b.py")
    result = check(leakscan, "--diff")
    assert (result.code, result.out) == (0, "")
    assert result.err == "No findings would be fixed (1 more with --unsafe-fixes).\n"


def test_a_diff_with_unsafe_fixes(leakscan):
    leakscan.write("b.py")
    result = check(leakscan, "--diff", "--unsafe-fixes", "--strategy", "IMR001=clear-session")
    assert result.code == 1
    assert "+    keras.backend.clear_session()\n" in result.out


def test_a_diff_that_could_not_look_everywhere_exits_2(leakscan):
    leakscan.write("a.py", STORE)
    leakscan.write("b.py", "import keras\nif\n")
    result = check(leakscan, "--diff", "--strict")
    assert (result.code, result.out) == (2, DIFF)
    assert "b.py:2: error: " in result.err


@pytest.mark.skipif(shutil.which("patch") is None, reason="patch is not installed")
def test_a_diff_of_a_file_without_last_newline_is_one_that_patch_takes(leakscan):
    path = leakscan.write("a.py", STORE.replace("    print(np.mean(losses))\n", "").removesuffix("\n"))
    before = path.read_text()
    result = check(leakscan, "--diff")
    assert "\\ No newline at end of file\n" in result.out
    subprocess.run(["patch", "-p0"], cwd=leakscan.directory, input=result.out, text=True, check=True)
    patched = path.read_text()
    path.write_text(before)
    check(leakscan, "--fix")
    assert path.read_text() == patched != before


def test_a_diff_can_go_to_a_file(leakscan):
    leakscan.write("a.py", STORE)
    result = check(leakscan, "--diff", "-o", "fix.diff")
    assert (result.code, result.out) == (1, "")
    assert (leakscan.directory / "fix.diff").read_text() == DIFF


# -- strategies --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("strategy", "message"),
    [
        ("reuse", "--strategy: 'reuse' is not CODE=NAME, such as IMR001=reuse"),
        ("IMR001=", "--strategy: 'IMR001=' is not CODE=NAME, such as IMR001=reuse"),
        ("IMR01=reuse", "--strategy: unknown rule 'IMR01' (did you mean 'IMR001'?)"),
        (
            "IMR001=reus",
            "--strategy: IMR001 has no strategy 'reus' (did you mean 'reuse'?); it has reuse, hoist, ",
        ),
        ("UTR001=to-host,IMR001=zzz", "--strategy: IMR001 has no strategy 'zzz'; it has reuse, hoist, "),
    ],
)
def test_an_unknown_strategy_is_an_error(leakscan, strategy, message):
    result = check(leakscan, "--strategy", strategy)
    assert result.code == 2
    assert result.err.startswith(f"error: {message}")


@pytest.mark.parametrize(
    "options",
    [
        ("--strategy", "IMR001=clear-session,UTR001=to-host"),
        ("--strategy", "IMR001=clear-session", "--strategy", "UTR001=to-host"),
        ("--strategy", "IMR001=reuse", "--strategy", "IMR001=clear-session"),
    ],
)
def test_the_chosen_strategy_is_taken(leakscan, options):
    path = leakscan.write("a.py")
    result = check(leakscan, "--fix", "--unsafe-fixes", *options)
    assert result.code == 0
    assert "    keras.backend.clear_session()\n" in path.read_text()


def test_where_the_chosen_strategy_is_refused_no_other_is_taken_and_the_reason_is_said(leakscan):
    path = leakscan.write("a.py", REFUSED)
    for option in ("--fix", "--diff"):
        result = check(leakscan, option, "--unsafe-fixes", "--strategy", "IMR001=clear-session")
        assert result.code == (1 if option == "--fix" else 0)
        assert f"a.py:4:13: note: IMR001 is not fixed by clear-session: {REASON}\n" in result.err
        assert path.read_text() == REFUSED
        assert "fixable" not in result.out


def test_the_reason_is_said_once(leakscan):
    leakscan.write("a.py", REFUSED)
    result = check(leakscan, "--fix", "--strategy", "IMR001=clear-session", "--show-fixes")
    assert (result.out + result.err).count(REASON) == 1


def test_the_full_report_has_the_reason_beside_the_finding(leakscan):
    leakscan.write("a.py", REFUSED)
    for options in ((), ("--fix", "--unsafe-fixes")):
        result = leakscan("check", *options, "--strategy", "IMR001=clear-session")
        assert f"  no fix: clear-session: {REASON}\n" in result.out
        assert result.err == ""


def test_advice_that_is_chosen_is_not_applied_and_said(leakscan):
    leakscan.write("a.py")
    result = check(leakscan, "--fix", "--unsafe-fixes", "--strategy", "IMR001=isolate")
    assert result.code == 1
    assert "note: IMR001 is not fixed by isolate: advice that is not applied: make the body" in result.err
    assert (leakscan.directory / "a.py").read_text() == LEAK


# -- configuration -----------------------------------------------------------------------------------------


def test_strategies_and_unsafe_fixes_can_be_configured(leakscan):
    leakscan.write(
        "pyproject.toml", '[tool.leakscan]\nunsafe-fixes = true\nstrategies = {IMR001 = "clear-session"}\n'
    )
    leakscan.write("a.py")
    assert "[*] 1 fixable with --fix.\n" in check(leakscan).out
    assert "clear_session" in check(leakscan, "--diff").out
    assert "reuse_model" in check(leakscan, "--diff", "--strategy", "IMR001=reuse").out
    assert check(leakscan, "--diff", "--no-unsafe-fixes").out == ""
    assert check(leakscan, "--diff", "--isolated").out == ""


def test_each_file_has_the_configuration_of_its_directory(leakscan):
    leakscan.write("one/pyproject.toml", "[tool.leakscan]\nunsafe-fixes = true\n")
    leakscan.write("one/a.py")
    leakscan.write("two/a.py")
    result = check(leakscan, "--fix")
    assert result.code == 1
    assert "Found 2 findings (1 fixed, 1 remaining)." in result.out
    assert (leakscan.directory / "two" / "a.py").read_text() == LEAK


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ('unsafe-fixes = "yes"', "unsafe-fixes must be true or false"),
        ('strategies = ["reuse"]', "strategies must be a table of codes, each with the name of a strategy"),
        ("strategies = {IMR001 = 1}", "strategies must be a table of codes, each with the name of a strat"),
        ('strategies = {IMR01 = "reuse"}', "strategies: unknown rule 'IMR01' (did you mean 'IMR001'?)"),
        ('strategies = {IMR001 = "reus"}', "strategies: IMR001 has no strategy 'reus' (did you mean 'reuse'"),
        ("unsafe-fix = true", "unknown key 'unsafe-fix' in [tool.leakscan] (did you mean 'unsafe-fixes'?)"),
    ],
)
def test_a_wrong_setting_is_an_error(leakscan, setting, message):
    leakscan.write("pyproject.toml", f"[tool.leakscan]\n{setting}\n")
    leakscan.write("a.py")
    result = check(leakscan)
    assert result.code == 2
    assert result.err.startswith(f"pyproject.toml: error: {message}")


# -- what is said about fixes ------------------------------------------------------------------------------


def test_a_check_counts_and_marks_what_can_be_fixed(leakscan):
    leakscan.write("a.py", STORE)
    leakscan.write("b.py")
    lines = check(leakscan).out.splitlines()
    assert lines[0].startswith("b.py:3:13: IMR001 model rebuilt")
    assert lines[1].startswith("a.py:10:9: UTR001 [*] advice: tensor kept")
    assert lines[3] == "[*] 1 fixable with --fix (1 more with --fix --unsafe-fixes)."
    lines = check(leakscan, "--unsafe-fixes").out.splitlines()
    assert lines[0].startswith("b.py:3:13: IMR001 [*] model rebuilt")
    assert lines[3] == "[*] 2 fixable with --fix."


def test_the_full_report_names_the_strategies_in_one_line(leakscan):
    leakscan.write("a.py")
    out = leakscan("check").out
    assert (
        "\n  fixes: reuse (unsafe), hoist (unsafe), clear-session (unsafe, by name), isolate (display)\n"
        in out
    )


def test_show_fixes_says_what_each_would_do_and_why_some_do_not_apply(leakscan):
    leakscan.write("a.py", REFUSED)
    for form in ("concise", "full"):
        out = leakscan("check", "--show-fixes", "--output-format", form).out
        assert "\n  fix: reuse (unsafe): keep the first `model`" in out
        assert "\n  fix: isolate (display): make the body" in out
        assert f"\n  no fix: clear-session: {REASON}\n" in out
        assert "  fixes: " not in out


def test_show_fixes_lists_what_was_fixed(leakscan):
    leakscan.write("a.py", STORE)
    leakscan.write("b.py", "\n" + LEAK)
    out = check(leakscan, "--fix", "--unsafe-fixes", "--strategy", "IMR001=clear-session", "--show-fixes").out
    lines = out.splitlines()
    assert lines[:2] == ["Fixed 2 findings:", "- a.py:"]
    assert lines[2].startswith("    line 10: UTR001 to-host (safe): store the value, float(x), in `losses`")
    assert lines[3] == "- b.py:"
    assert lines[4].startswith(
        "    line 5: IMR001 clear-session (unsafe): call keras.backend.clear_session()"
    )
    assert lines[5:] == ["", "Found 2 findings (2 fixed, 0 remaining)."]


def test_json_has_every_fix_and_every_refusal_whatever_is_chosen(leakscan):
    leakscan.write("a.py", REFUSED)
    for options in ((), ("--strategy", "IMR001=clear-session"), ("--unsafe-fixes",)):
        (finding,) = leakscan.json(*options).json["findings"]
        assert [
            (item["strategy"], item["applicability"], bool(item["edits"])) for item in finding["fixes"]
        ] == [
            ("reuse", "unsafe", True),
            ("hoist", "unsafe", True),
            ("isolate", "display", False),
        ]
        assert finding["refusals"] == [{"strategy": "clear-session", "reason": REASON}]


# -- standard input ----------------------------------------------------------------------------------------


def piped(leakscan, data, *arguments):
    return subprocess.run(
        [sys.executable, "-m", "leakscan", "check", *LOW, *arguments, "-"],
        cwd=leakscan.directory,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        input=data,
        capture_output=True,
        check=False,
    )


def test_the_fixed_program_goes_to_standard_output(leakscan):
    data = b"\xef\xbb\xbf" + STORE.replace("\n", "\r\n").encode()
    done = piped(leakscan, data, "--fix")
    assert (done.returncode, done.stderr) == (0, b"Found 1 finding (1 fixed, 0 remaining).\n")
    assert done.stdout == b"\xef\xbb\xbf" + STORED.replace("\n", "\r\n").encode()


def test_a_program_without_fixes_goes_through_as_it_is(leakscan):
    for data in (LEAK.encode(), b"x = 1", b"", b"\xff broken\n"):
        done = piped(leakscan, data, "--fix")
        assert done.stdout == data
    done = piped(leakscan, LEAK.encode(), "--fix", "--output-format", "concise")
    assert done.returncode == 1
    assert done.stderr.startswith(b"-:3:13: IMR001 ")


def test_findings_left_of_standard_input_are_json_on_standard_error(leakscan):
    done = piped(leakscan, (STORE + LEAK).encode(), "--fix", "--output-format", "json")
    assert done.stdout == (STORED + LEAK).encode()
    assert [item["code"] for item in json.loads(done.stderr)["findings"]] == ["IMR001"]


def test_a_file_of_the_name_of_standard_input_is_not_touched(leakscan):
    path = leakscan.write("a.py", "x = 1\n")
    done = piped(leakscan, STORE.encode(), "--fix", "--stdin-filename", "a.py")
    assert done.stdout == STORED.encode()
    assert path.read_text() == "x = 1\n"


def test_a_diff_of_standard_input(leakscan):
    done = piped(leakscan, STORE.encode(), "--diff")
    assert (done.returncode, done.stdout.decode()) == (1, DIFF.replace("a.py", "-"))


# -- determinism -------------------------------------------------------------------------------------------


def test_fixes_are_the_same_for_every_hash_seed(leakscan):
    leakscan.write("a.py", STORE + LEAK)
    leakscan.write("b.py", REFUSED + LEAK.replace("model", "other"))
    leakscan.write("models.py", "import keras\ndef build():\n    return keras.Sequential([])\n")
    leakscan.write("c.py", "from models import build\nfor i in range(900):\n    m = build()\n    m.fit(i)\n")
    outputs = {
        leakscan.spawn_bytes("check", *LOW, *options, env={"PYTHONHASHSEED": str(seed)}).stdout
        for seed in range(6)
        for options in [("--diff", "--unsafe-fixes")]
    }
    assert len(outputs) == 1
    assert b"reuse_model" in outputs.pop()
