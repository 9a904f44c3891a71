"""`leakscan validate`, on programs that run in a second; long, as each phase has its ways to go wrong.

The programs train with a small stand-in for Keras whose models cost time to build.
"""

from __future__ import annotations

import contextlib
import copy
import json
import os
import re
import shlex
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import replace

import pytest
from conftest import ROOT

pytest.importorskip("codecarbon")
pytest.importorskip("scipy")
from test_results import COUNTER, Shape, make_record

from leakscan.validation import neighbours, noise
from leakscan.validation.looks import Looks
from leakscan.validation.measurements import Cause, Fault, decode
from leakscan.validation.plan import Plan

pytestmark = pytest.mark.skipif(os.name != "posix", reason="measuring needs process groups")

KERAS = '''
"""Models that take long to build and little to train."""
import time


def work(seconds):
    end = time.process_time() + seconds
    while time.process_time() < end:
        pass


class Variable:
    shape = (2,)

    def __init__(self):
        self.value = 0.0

    def assign(self, other):
        self.value = getattr(other, "value", other)

    def numpy(self):
        return self.value


class Sequential:
    def __init__(self, layers=()):
        self.built, self.variables, self.optimizer, self.layers = True, [Variable()], None, []
        self.fresh = True

    def compile(self, *args, **kwargs):
        pass

    def fit(self, *args, **kwargs):
        work(0.05 + (COST if self.fresh else 0.0))
        self.fresh = False
        self.variables[0].assign(self.variables[0].value + 1.0)

    def evaluate(self, *args):
        return self.variables[0].value

    def reset_metrics(self):
        pass


def Input(shape):
    return shape


COST = 0.15
'''
TRAIN = """
import sys

import keras


def build():
    model = keras.Sequential([keras.Input((2,))])
    model.compile("sgd", "mse")
    return model


def main(folds):
    for fold in range(folds):
        model = build()
        model.fit(fold)
        print("fold", fold, "loss", model.evaluate(fold), flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]) if sys.argv[1:] else 3)
"""


@pytest.fixture
def program(leakscan, tmp_path):
    """A project with a leaking program; the stand-in lies outside of it, as a package would."""
    library = tmp_path / "library"
    (library / "keras").mkdir(parents=True)
    (library / "keras" / "__init__.py").write_text(KERAS)
    (library / "keras" / "backend.py").write_text("def clear_session():\n    pass\n")
    with (library / "keras" / "__init__.py").open("a") as stream:
        stream.write("\nfrom keras import backend\n")
    leakscan.write("train.py", TRAIN)
    path = os.pathsep.join([str(ROOT), str(library)])
    leakscan.env = {"PYTHONPATH": path, "TMPDIR": str(tmp_path), "COLUMNS": "120"}
    return leakscan


def validate(program, *arguments):
    """`leakscan validate` in this process, for which pandas is imported once."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tempfile, "tempdir", None)
        # What a machine varies by, and who else works on it, are tests of their own.
        patch.setattr(noise, "_PIECE_SECONDS", 0.01)
        patch.setattr(neighbours, "OBSERVED_SECONDS", 0.1)
        for name, value in program.env.items():
            patch.setenv(name, value)
        result = program("validate", *arguments)
    assert "Traceback" not in result.err, result.err
    return subprocess.CompletedProcess(arguments, result.code, result.out, result.err)


def runs_of(path):
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    return [line for line in lines if "arm" in json.dumps(line) and line.get("kind") == "run"]


def test_without_options_it_says_what_it_would_do(program):
    before = (program.directory / "train.py").read_bytes()
    done = validate(program, "train.py", "--diff")
    assert done.returncode == 0, done.stderr
    assert "train.py:15:17 IMR001" in done.stdout
    for arm in ("original", "reuse (unsafe", "hoist (unsafe", "clear-session (unsafe"):
        assert arm in done.stdout
    assert "no findings left" in done.stdout
    assert "by hand: isolate" in done.stdout
    assert "+        model = kept_model = reuse_model(kept_model, build())" in done.stdout
    assert "measured by the" in done.stdout
    assert "44 times" in done.stdout
    assert (program.directory / "train.py").read_bytes() == before
    assert sorted(path.name for path in program.directory.iterdir()) == ["pyproject.toml", "train.py"]


def test_smoke_runs_every_arm_once(program):
    done = validate(program, "train.py", "--smoke", "--", "2")
    assert done.returncode == 0, done.stderr
    for arm in ("original", "reuse", "hoist", "clear-session"):
        assert f"  {arm}: ok" in done.stdout
    assert "10 blocks would take about" in done.stdout
    assert "the same program may vary" not in done.stdout


def test_a_smoke_run_names_a_fix_that_prints_other_numbers(program):
    program.write("train.py", TRAIN.replace("return model\n", 'print("built 1")\n    return model\n'))
    done = validate(program, "train.py", "--smoke", "--", "2")
    assert done.returncode == 0, done.stderr
    hoist = done.stdout.partition("  hoist: ok")[2].partition("  clear-session: ok")[0]
    assert "prints 5 numbers, the original 6; the same program may vary from run to run" in hoist
    assert done.stdout.count("may vary") == 1


def test_a_smoke_run_that_fails_says_why(program):
    program.write("train.py", TRAIN.replace("model.fit(fold)", "model.fit(fold)\n        1 / fold"))
    done = validate(program, "train.py", "--smoke")
    assert done.returncode == 1
    assert "original: failed: " in done.stdout
    assert "ZeroDivisionError" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["gone.py"], "gone.py: no such file"),
        (["pyproject.toml"], "not a Python file"),
        (["-m", "gone.away"], "no such module"),
        ([], "give a script, -m MODULE or --command"),
        (["train.py", "--runs", "many"], "neither a number of blocks nor auto"),
        (["train.py", "--budget", "soon"], "is not a duration"),
        (["train.py", "--python", "/nowhere/python"], "/nowhere/python: no such program"),
        (["train.py", "--measure", "--resume"], "nothing to resume"),
        (["train.py", "--measure", "--country", "XXX"], "unknown code 'XXX'"),
        (["train.py", "--measure", "--carbon-intensity", "-1"], "not between 0 and"),
        (["train.py", "--measure", "--fail-on", "worse,slow"], "'slow' is neither worse nor invalid"),
        (["train.py", "--measure", "--fail-on", ""], "--fail-on is empty"),
        (["train.py", "--measure", "--margin", "0"], "not a percentage"),
        (["train.py", "--measure", "--runs", "8", "--budget", "10m"], "not allowed with argument"),
        (["train.py", "--html", "page.html"], "--html needs --measure"),
    ],
)
def test_bad_input_is_one_clear_line_before_anything_runs(program, arguments, words):
    done = validate(program, *arguments)
    assert done.returncode == 2
    assert words in done.stderr.splitlines()[-1]
    assert not list(program.directory.rglob("runs.jsonl"))


def test_a_program_without_findings_has_nothing_to_compare(program):
    program.write("clean.py", "print('fine')\n")
    done = validate(program, "clean.py")
    assert done.returncode == 0
    assert "Nothing to fix." in done.stdout


def test_modules_and_commands_are_programs_too(program):
    program.write("package/__init__.py", "")
    program.write("package/train.py", TRAIN)
    done = validate(program, "-m", "package.train", "--arms", "reuse", "--smoke", "--", "1")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Program: python -m package.train 1" in done.stdout
    done = validate(program, "--command", f"{sys.executable} train.py 1", "--arms", "reuse", "--smoke")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "reuse: ok" in done.stdout


@pytest.mark.parametrize(
    ("command", "places"),
    [
        ("python jobs/train.py 1", {"train.py", "build.py"}),
        ("nice python -m jobs.train 1", {"train.py", "build.py"}),
        ("make train", {"train.py", "build.py", "other.py"}),
    ],
)
def test_of_a_command_what_it_names_counts_and_else_what_is_below(program, command, places):
    program.write("elsewhere/away.py", TRAIN)
    program.write("here/jobs/train.py", TRAIN + "\nimport build\n")
    program.write("here/jobs/build.py", TRAIN)
    program.write("here/jobs/other.py", TRAIN)
    program.directory /= "here"
    done = validate(program, "--command", command)
    assert done.returncode == 0, done.stderr
    found = {line.split(":")[0].rpartition("/")[2] for line in done.stdout.splitlines() if " IMR001 " in line}
    assert found == places


def test_the_interpreter_of_the_arms_can_be_another_one(program):
    done = validate(program, "train.py", "--python", sys.executable, "--arms", "reuse", "--smoke", "--", "1")
    assert done.returncode == 0
    assert "original: ok" in done.stdout


def test_the_interpreter_may_be_named_as_in_a_shell(program):
    """Arms run in other folders, where a relative path would lead nowhere."""
    (program.directory / "bin").mkdir()
    wrapper = program.directory / "bin" / "mine"
    wrapper.write_text(f'#!/bin/sh\nMINE=yes exec {sys.executable} "$@"\n')
    wrapper.chmod(0o755)
    program.write("train.py", TRAIN + 'import os\nassert os.environ.get("MINE") == "yes"\n')
    assert validate(program, "train.py", "--arms", "reuse", "--smoke", "--", "1").returncode == 1
    assert (
        validate(
            program, "train.py", "--python", "bin/mine", "--arms", "reuse", "--smoke", "--", "1"
        ).returncode
        == 0
    )
    program.env["PATH"] = f"{program.directory / 'bin'}{os.pathsep}{os.environ['PATH']}"
    assert (
        validate(program, "train.py", "--python", "mine", "--arms", "reuse", "--smoke", "--", "1").returncode
        == 0
    )


def test_measuring_finds_the_fix_that_pays_and_can_be_shown_again(program):
    options = ["--measure", "--keep-disturbed", "--runs", "6", "--out", "results", "--country", "FRA"]
    options += ["--arms", "reuse,hoist"]
    done = validate(program, "train.py", *options)
    assert done.returncode == 0, done.stdout + done.stderr
    report = json.loads((program.directory / "results" / "report.json").read_text())
    verdicts = {arm["info"]["name"]: arm["verdict"] for arm in report["arms"]}
    assert verdicts["original"] is None
    assert verdicts["reuse"] == verdicts["hoist"] == "less"
    assert report["ranking"]["best"] in ("reuse", "hoist")
    assert report["banner"] or report["sources"][0]["provenance"] in ("counter", "sensor")
    html = (program.directory / "results" / "report.html").read_text()
    assert "<script" not in html
    assert "reuse" in html
    assert (program.directory / "results" / "runs.csv").read_text().count("\n") >= 6 * 3
    again = subprocess.run(
        [sys.executable, "-m", "leakscan", "report", "results/report.json"],
        cwd=program.directory,
        env={**os.environ, **program.env},
        capture_output=True,
        text=True,
        check=True,
    )
    assert "reuse" in again.stdout
    assert "less energy" in again.stdout


def test_an_interrupted_measurement_shows_what_there_is_and_is_resumed(program):
    arguments = ["train.py", "--measure", "--keep-disturbed", "--runs", "4", "--arms", "reuse"]
    arguments += ["--out", "results"]
    with subprocess.Popen(
        [sys.executable, "-m", "leakscan", "validate", *arguments],
        cwd=program.directory,
        env={**os.environ, **program.env},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        path = program.directory / "results" / "runs.jsonl"
        deadline = time.monotonic() + 120
        while time.monotonic() < deadline and not (path.exists() and len(path.read_text().splitlines()) > 5):
            time.sleep(0.1)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate()
    assert "Traceback" not in err
    assert "stopped" in out
    assert "What this does not show:" in out  # the report of what there is
    assert process.returncode == 130
    kept = path.read_text().splitlines()
    done = validate(program, *arguments, "--resume")
    assert done.returncode == 0, done.stdout + done.stderr
    lines = path.read_text().splitlines()
    assert lines[: len(kept)] == kept
    report = json.loads((program.directory / "results" / "report.json").read_text())
    assert len(report["used_blocks"]) == 4


def test_a_program_compared_with_itself_is_said_to_differ_only_where_the_interval_does(program):
    options = ["--self-test", "--keep-disturbed", "--runs", "6", "--out", "self"]
    done = validate(program, "train.py", *options, "--", "1")
    assert done.returncode == 0, done.stdout + done.stderr
    report = json.loads((program.directory / "self" / "report.json").read_text())
    [again] = report["arms"][1:]
    assert again["info"]["name"] == "original-again"
    # By chance one of twenty such comparisons finds a difference, and then its interval leaves zero out.
    change = again["quantities"][0]["comparison"]["effect"]["percent_change"]
    if again["verdict"] not in ("equivalent", "inconclusive"):
        assert not change["low"] <= 0 <= change["high"]


def test_leakscan_itself_never_imports_what_it_measures(program):
    options = ["--measure", "--keep-disturbed", "--arms", "reuse", "--runs", "1"]
    probe = (
        "import sys; from leakscan.cli import main; code = main(sys.argv[1:]); "
        "print(sorted({name.partition('.')[0] for name in sys.modules} & {'tensorflow', 'keras', 'torch'}))"
    )
    done = subprocess.run(
        [sys.executable, "-c", probe, "validate", "train.py", *options, "--", "1"],
        cwd=program.directory,
        env={**os.environ, **program.env},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.splitlines()[-1] == "[]"


def measured(program, *options):
    """A quick measurement of the program against itself, which needs few arms."""
    return validate(program, *options, "--self-test", "--keep-disturbed", "--", "1")


def test_the_time_is_told_before_and_known_from_earlier_runs(program):
    before = validate(program, "train.py", "--arms", "reuse", "--smoke", "--", "1")
    assert "blocks would take about" in before.stdout
    estimate = validate(program, "train.py", "--runs", "2", "--", "1")
    # 4 arms, 2 blocks and the warm-ups: 12 runs of 10 s or 60 s.
    assert "about 2 min 0 s if a run takes 10 s and about 12 min 0 s if a run takes 60 s" in estimate.stdout
    assert "Fewer than 6 blocks give no verdict." in estimate.stdout
    done = validate(program, "train.py", "--measure", "--keep-disturbed", "--runs", "2", "--", "1")
    assert done.returncode == 0, done.stdout + done.stderr
    first = done.stdout.index("Judging by the first run it takes about ")
    assert first < done.stdout.index("2 blocks, about ")
    estimate = validate(program, "train.py", "--runs", "2", "--", "1")
    assert "judging by earlier runs of the program" in estimate.stdout
    other = validate(program, "train.py", "--runs", "2", "--", "9")
    assert "judging by earlier runs" not in other.stdout  # other arguments, another program


def test_in_a_terminal_a_bar_shows_the_time_left_and_no_line_lands_in_it(program):
    pty = pytest.importorskip("pty")
    main, terminal = pty.openpty()
    options = ["train.py", "--self-test", "--keep-disturbed", "--runs", "2", "--", "1"]
    with subprocess.Popen(
        [sys.executable, "-m", "leakscan", "validate", *options],
        cwd=program.directory,
        env={**os.environ, **program.env, "TERM": "xterm"},
        stdout=terminal,
        stderr=terminal,
    ) as process:
        os.close(terminal)
        data = b""
        with contextlib.suppress(OSError):  # what Linux says at the end
            while part := os.read(main, 65536):
                data += part
    os.close(main)
    assert process.returncode == 0
    drawn = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", data.decode())
    lines = re.split(r"[\r\n]+", drawn)
    assert any(re.match(r"block 2: original\S* +\S+ +1/2 +\d+ s left", line) for line in lines), drawn
    assert any(line.startswith("  Judging by the first run it takes about ") for line in lines)
    assert not [line for line in lines if "/2 " in line and ("warning" in line or "blocks" in line)]
    assert not [line for line in lines if "0/?" in line and ("warning" in line or "Judging" in line)]


def test_a_budget_is_kept_and_says_what_it_can_show(program):
    done = measured(program, "train.py", "--budget", "8s", "--out", "results")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "for 8 s" in done.stdout
    plan = json.loads((program.directory / "results" / "report.json").read_text())["plan"]
    assert plan["budget_seconds"] == 8.0
    # Nothing is taken off for idle power where no instrument measures it.
    assert bool(plan["idle_seconds"]) == ("cpu: counter" in done.stdout)
    blocks = json.loads((program.directory / "results" / "report.json").read_text())["used_blocks"]
    planned = re.search(r"  (\d+) blocks?, about ", done.stdout)
    if planned is None:  # on a machine on which the warm-ups take it all
        assert "the budget of 8 s holds no block" in done.stdout
        return
    assert blocks  # more than planned where the machine has become quieter
    words = (
        "the smallest saving that they show four times in five: "
        if int(planned.group(1)) >= 6
        else "fewer than 6 give no verdict; what helps: --budget"
    )
    assert words in done.stdout


def test_measurements_have_folders_of_their_own_and_the_latest_is_resumed(program):
    for _ in range(2):
        assert measured(program, "train.py", "--runs", "1", "--markdown", "report.md").returncode == 0
    results = program.directory / "leakscan-results"
    assert sorted(path.name for path in results.iterdir()) == ["train", "train-2"]
    latest = results / "train-2" / "runs.jsonl"
    lines = latest.read_text().splitlines()
    latest.write_text("\n".join(lines[:-1]) + "\n")
    first = (results / "train" / "runs.jsonl").read_bytes()
    assert measured(program, "train.py", "--runs", "1", "--resume", "--markdown", "report.md").returncode == 0
    assert len(latest.read_text().splitlines()) == len(lines)
    assert (results / "train" / "runs.jsonl").read_bytes() == first
    assert sorted(path.name for path in results.iterdir()) == ["train", "train-2"]


def test_each_program_of_a_directory_is_measured_into_a_folder_of_its_own(program):
    program.write("jobs/a/train.py", TRAIN)
    program.write("jobs/b/train.py", TRAIN.replace("model.fit(fold)", "model.fit(fold)\n        1 / 0"))
    program.write("jobs/c/train.py", TRAIN)
    done = measured(program, "jobs", "--runs", "1", "--out", "results")
    assert done.returncode == 2  # the second does not run, the others do
    reports = sorted(path.parent.name for path in (program.directory / "results").rglob("report.json"))
    assert reports == ["jobs-a-train", "jobs-b-train", "jobs-c-train"]
    page = measured(program, "jobs", "--runs", "1", "--html", "page.html")
    assert page.returncode == 2
    assert "--html is for one program" in page.stderr


def test_failing_on_a_verdict_is_asked_for(program):
    """The fix `hoist` prints less than the original: it is invalid."""
    program.write("train.py", TRAIN.replace("return model\n", 'print("built 1")\n    return model\n'))
    options = ["train.py", "--measure", "--keep-disturbed", "--runs", "1", "--out", "results"]
    done = validate(program, *options, "--fail-on", "worse", "--", "2")
    assert done.returncode == 0, done.stdout + done.stderr
    done = validate(program, *options, "--resume", "--fail-on", "worse, invalid", "--", "2")
    assert done.returncode == 1, done.stdout + done.stderr


SLOW_LOOKS = {"original": Shape(100.0), "fixed": Shape(97.0)}


@pytest.mark.parametrize(
    ("margin", "blocks", "goes_on"),
    [
        (None, 6, True),  # 3 % less: neither shown to be less nor within the margin of a counter, 1 %
        (0.5, 6, False),  # half as much would not matter: equivalent
        (0.5, 7, True),  # no look
    ],
)
def test_looks_use_the_margin_that_the_user_gives(margin, blocks, goes_on):
    record = make_record(SLOW_LOOKS, blocks=blocks, noise=0.05)
    looks = Looks(decode(Plan, record.header.plan), [COUNTER], margin)
    assert looks(record.runs) is goes_on


def test_looks_leave_out_an_arm_that_does_not_run_any_more():
    record = make_record(SLOW_LOOKS | {"broken": Shape(50.0)}, blocks=6)
    fault = Fault(Cause.FAILED, "ended with exit status 1")
    runs = [
        replace(run, fault=fault) if run.arm == "broken" and run.block is None else run
        for run in record.runs
        if run.arm != "broken" or run.block in (None, 0)
    ]
    looks = Looks(decode(Plan, record.header.plan), [COUNTER], 0.5)
    assert looks(runs) is False


# -- arms of the user's own, notebooks, trees --------------------------------------------------------------

FASTER = TRAIN.replace(
    "    for fold in range(folds):\n        model = build()\n",
    "    model = build()\n    for fold in range(folds):\n        model.variables[0].assign(0.0)\n",
)


def git(directory, *words):
    command = ["git", "-c", "user.email=a@example.org", "-c", "user.name=A", *words]
    subprocess.run(command, cwd=directory, check=True, capture_output=True)


@pytest.fixture
def repository(program):
    """The leaking program as the first commit, a fixed one as the second; `old.py` was taken out."""
    program.write("old.py", "x = 1\n")
    git(program.directory, "init", "-q")
    git(program.directory, "add", "-A")
    git(program.directory, "commit", "-qm", "leaks")
    program.write("train.py", FASTER)
    (program.directory / "old.py").unlink()
    git(program.directory, "add", "-A")
    git(program.directory, "commit", "-qm", "fixed")
    return program


def test_the_working_tree_beside_a_revision_is_a_regression_test(repository):
    # The working tree leaks again: against the fixed revision it is worse, and the command says so.
    repository.write("train.py", TRAIN)
    git(repository.directory, "commit", "-qam", "leaks again")
    page = (ROOT / "docs" / "measuring.md").read_text()
    (example,) = re.findall(r"^\$ leakscan validate (.*--against HEAD~1.*)$", page, re.MULTILINE)
    options = ["--runs", "6", "--keep-disturbed", "--wait", "0", "--out", "out", "--", "2"]
    done = validate(repository, *shlex.split(example), *options)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "HEAD~1 uses" in done.stdout
    assert "The program as it is uses more energy than HEAD~1." in done.stdout
    arms = json.loads((repository.directory / "out" / "report.json").read_text())["arms"]
    assert [arm["info"]["name"] for arm in arms] == ["original", "HEAD~1"]
    assert arms[0]["iterations"] == arms[1]["iterations"] == 2
    status = subprocess.run(
        ["git", "status", "--short"], cwd=repository.directory, capture_output=True, check=True
    )
    assert status.stdout.split() == [b"??", b"out/"]


def test_a_revision_has_the_files_that_it_had(repository):
    check = "import os\nassert os.path.exists('old.py')\n"
    repository.write("train.py", check + TRAIN)
    git(repository.directory, "commit", "-qam", "needs old.py")
    git(repository.directory, "checkout", "-q", "HEAD~2", "--", "old.py")
    git(repository.directory, "commit", "-qam", "has old.py")
    (repository.directory / "old.py").unlink()
    repository.write("train.py", TRAIN)
    done = validate(repository, "train.py", "--against", "HEAD", "--against", "HEAD~1", "--smoke")
    assert done.returncode == 1
    assert "  HEAD: ok" in done.stdout
    assert "  HEAD~1: failed" in done.stdout


def test_a_program_is_held_against_another_file(program):
    program.write("other/train2.py", FASTER)
    program.write("other/pyproject.toml", "")
    done = validate(program, "train.py", "--against", "other/train2.py", "--smoke", "--diff", "--", "2")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "  other/train2.py (+2 -1 lines, no findings left)" in done.stdout
    assert "+    model = build()" in done.stdout
    assert "  reuse" not in done.stdout
    assert "  other/train2.py: ok" in done.stdout


def test_arms_are_chosen_by_name(program):
    program.write("same.py", FASTER)
    done = validate(program, "train.py", "--arms", "hoist,same.py", "--against", "same.py")
    names = re.findall(
        r"^  (\S+)(?: \(|$)", done.stdout.partition("Arms\n")[2].partition("\nMeters")[0], re.MULTILINE
    )
    assert names == ["original", "hoist", "same.py"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--against", "nothing"], "--against nothing: neither a file nor a git revision of"),
        (["--against", "."], "--against .: not a file"),
        (["--arms", "resue"], "--arms: no arm 'resue' (did you mean 'reuse'?); there are original, reuse"),
        (["--arms", "original"], "name at least one arm besides original"),
        (["--arms", ""], "--arms is empty; give a value, or leave it out"),
        (["--warmup", "-1"], "'-1' is not a whole number; give 0 or more"),
        (["--isolation", "none"], "'none' is not one of auto, namespace, copy"),
    ],
)
def test_arms_that_are_not_there_are_refused(program, arguments, words):
    done = validate(program, "train.py", *arguments)
    assert done.returncode == 2
    assert words in done.stderr
    assert len(done.stderr.splitlines()) == 1


def notebook(*cells):
    return json.dumps(
        {
            "cells": [
                {"cell_type": "code", "source": cell, "metadata": {}, "outputs": [], "execution_count": None}
                for cell in cells
            ],
            "metadata": {"kernelspec": {"name": "python3", "language": "python", "display_name": "Python"}},
            "nbformat": 4,
            "nbformat_minor": 5,
        }
    )


def test_a_notebook_runs_as_a_script_without_its_magics(program):
    program.write("sub/data.txt", "3")
    program.write(
        "sub/train.ipynb",
        notebook(
            "%matplotlib inline\nimport keras, os\n!nvidia-smi\nassert os.environ['MPLBACKEND'] == 'Agg'",
            TRAIN.partition("import keras\n")[2].partition("def main")[0],
            "for fold in range(int(open('data.txt').read())):\n    model = build()\n    model.fit(fold)\n"
            "    display(model.evaluate(fold))",
            "%%bash\nfalse",
        ),
    )
    before = (program.directory / "sub" / "train.ipynb").read_bytes()
    done = validate(program, "sub/train.ipynb", "--smoke")
    assert done.returncode == 0, done.stdout + done.stderr
    for line in (
        "cell 0, line 1: a magic or shell line",
        "cell 0, line 3: a magic",
        "cell 3, line 1: a magic",
    ):
        assert f"left out: {line}" in done.stdout
    for arm in ("original", "reuse", "hoist", "clear-session"):
        assert f"  {arm}: ok" in done.stdout
    assert "the same program may vary" not in done.stdout
    assert (program.directory / "sub" / "train.ipynb").read_bytes() == before
    assert sorted(os.listdir(program.directory / "sub")) == ["data.txt", "train.ipynb"]


def test_scripts_of_a_directory_need_no_guard(program):
    program.write(
        "jobs/a.py", "import keras\nimport helper\nfor i in range(2):\n    m = keras.Sequential([])\n"
    )
    program.write("jobs/helper.py", "for i in range(2):\n    print(i)\n")
    program.write("jobs/names.py", '"""Names."""\nSIZE = 3\n')
    done = validate(program, "jobs")
    assert done.returncode == 0, done.stderr
    assert re.findall(r"^Program: (.*)$", done.stdout, re.MULTILINE) == ["python jobs/a.py"]


def test_what_a_check_finds_behind_a_package_is_validated(program):
    program.write("net/__init__.py", "from net.search import run\n")
    program.write("net/search.py", "from . import zoo\n\n\ndef run():\n    zoo.search()\n")
    program.write(
        "net/zoo/__init__.py",
        "import importlib\nloops = importlib.import_module('net.zoo.loops')\n"
        "def search():\n    loops.search()\n",
    )
    program.write("net/zoo/loops.py", TRAIN.partition("if __name__")[0].replace("def main", "def search"))
    program.write("other.py", TRAIN)  # not part of the program
    program.write("start.py", "from net import run\nrun()\n")
    done = validate(program, "start.py")
    found = re.findall(r"^  (\S+):\d+:\d+ (\S+)", done.stdout, re.MULTILINE)
    checked = {(path, code) for code, path, _ in program.json(".").places}
    assert set(found) == {pair for pair in checked if pair[0] not in {"other.py", "train.py"}}
    assert found == [("net/zoo/loops.py", "IMR001")]


def test_a_dry_run_copies_nothing_and_imports_neither_codecarbon_nor_scipy(program, tmp_path):
    (program.directory / "data.bin").write_bytes(b"x" * 20_000_000)
    code = (
        "import sys\nfrom leakscan.cli import main\ncode = main(['validate', 'train.py'])\n"
        "loaded = {'codecarbon', 'scipy', 'numpy', 'tensorflow'} & set(sys.modules)\n"
        "assert not loaded, loaded\nsys.exit(code)\n"
    )
    temporary = tmp_path / "empty"
    temporary.mkdir()
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=program.directory,
        env={**os.environ, **program.env, "TMPDIR": str(temporary)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert not os.listdir(temporary)


def test_hoist_says_where_its_numbers_cannot_be_the_originals(program):
    words = "where the program draws new ones in each: its results will not be the original's"
    assert words in validate(program, "train.py").stdout
    program.write(
        "train.py", TRAIN.replace("def build():\n", "def build():\n    keras.utils.set_random_seed(1)\n")
    )
    assert words not in validate(program, "train.py").stdout


def test_nothing_runs_after_an_original_that_fails_and_its_traceback_is_shown_once(program):
    program.write("train.py", "import tensorflow_of_another_environment\n" + TRAIN)
    for options in (["--smoke"], ["--measure", "--runs", "1", "--wait", "0", "--out", "out"]):
        done = validate(program, "train.py", *options)
        assert done.returncode in (1, 2)
        assert (done.stdout + done.stderr).count("Traceback (most recent call last)") == 1
        assert not re.search(r"^  (reuse|hoist|clear-session): ", done.stdout, re.MULTILINE)
    program.write("train.py", "import torch\n" + TRAIN)
    program.write("torch.py", "raise ModuleNotFoundError(\"No module named 'torch'\")")
    assert "has no torch: --python PATH names" in validate(program, "train.py", "--smoke").stdout


def test_a_measurement_is_extended_and_nothing_else_may_have_changed(program):
    options = ["--measure", "--keep-disturbed", "--wait", "0", "--out", "out", "--arms", "reuse"]
    assert validate(program, "train.py", *options, "--runs", "1", "--", "1").returncode == 0
    first = runs_of(program.directory / "out" / "runs.jsonl")
    done = validate(program, "train.py", *options, "--runs", "2", "--resume", "--", "1")
    assert done.returncode == 0, done.stderr
    both = runs_of(program.directory / "out" / "runs.jsonl")
    assert both[: len(first)] == first
    assert len(both) == len(first) + 2
    # Others where the machine left no room for the first ones.
    assert len(json.loads((program.directory / "out" / "report.json").read_text())["used_blocks"]) == 2
    changes = [
        ("train.py", TRAIN + "# edited\n", [], {}, "train.py changed"),
        ("data.csv", "1", [], {}, "data.csv is new"),
        ("train.py", TRAIN, ["--seed", "3"], {}, "seed was 0 and is 3"),
        ("train.py", TRAIN, [], {"TF_NUM_INTRAOP_THREADS": "1"}, "variables TF_NUM_INTRAOP_THREADS is new"),
        ("train.py", TRAIN, ["--", "2"], {}, "arguments"),
    ]
    for path, text, more, environment, words in changes:
        program.write(path, text)
        before = (program.directory / "out" / "runs.jsonl").read_bytes()
        with_environment = replace_environment(program, environment)
        arguments = more if "--" in more else [*more, "--", "1"]
        done = validate(with_environment, "train.py", *options, "--runs", "3", "--resume", *arguments)
        assert done.returncode == 2
        assert words in done.stderr, done.stderr
        assert (program.directory / "out" / "runs.jsonl").read_bytes() == before
        if path != "train.py":
            (program.directory / path).unlink()


def replace_environment(program, more):
    other = copy.copy(program)
    other.env = {**program.env, **more}
    return other


def test_a_program_that_skips_what_is_done_does_it_in_every_run(program):
    text = TRAIN.replace(
        "def main(folds):\n", "def main(folds):\n    if os.path.exists('done'):\n        return\n"
    )
    program.write(
        "train.py", "import os\n" + text.replace("if __name__", "    open('done', 'w')\n\n\nif __name__")
    )
    options = ["--measure", "--runs", "2", "--keep-disturbed", "--wait", "0", "--out", "out"]
    done = validate(program, "train.py", *options, "--arms", "reuse", "--", "2")
    assert done.returncode == 0, done.stderr
    runs = runs_of(program.directory / "out" / "runs.jsonl")
    assert {tuple(run["iterations"]) for run in runs} == {(2,)}
    assert all("made done" in run["tree_changes"] for run in runs)
    assert not (program.directory / "done").exists()
