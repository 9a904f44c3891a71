"""`leakscan validate`: targets, arms, smoke runs, measuring, resuming; on programs that run in a second.

The programs train with a small stand-in for Keras whose models cost time to build.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time

import pytest
from conftest import ROOT

pytest.importorskip("codecarbon")
pytest.importorskip("scipy")
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
        self.built, self.variables, self.optimizer = True, [Variable()], None
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


def spawn(program, *arguments):
    done = subprocess.run(
        [sys.executable, "-m", "leakscan", "validate", *map(str, arguments)],
        cwd=program.directory,
        env={**os.environ, **program.env},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert "Traceback" not in done.stderr, done.stderr
    return done


def runs_of(path):
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    return [line for line in lines if "arm" in json.dumps(line) and line.get("kind") == "run"]


def test_without_options_it_says_what_it_would_do(program):
    before = (program.directory / "train.py").read_bytes()
    done = spawn(program, "train.py", "--diff")
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
    done = spawn(program, "train.py", "--smoke", "--", "2")
    assert done.returncode == 0, done.stderr
    for arm in ("original", "reuse", "hoist", "clear-session"):
        assert f"  {arm}: ok" in done.stdout
    assert "10 blocks would take about" in done.stdout


def test_a_smoke_run_that_fails_says_why(program):
    program.write("train.py", TRAIN.replace("model.fit(fold)", "model.fit(fold)\n        1 / fold"))
    done = spawn(program, "train.py", "--smoke")
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
        (["train.py", "--budget", "soon"], "is no duration"),
        (["train.py", "--python", "/nowhere/python"], "/nowhere/python: no such program"),
        (["train.py", "--measure", "--resume"], "nothing to resume"),
        (["train.py", "--measure", "--country", "XXX"], "unknown code 'XXX'"),
    ],
)
def test_bad_input_is_one_clear_line(program, arguments, words):
    done = spawn(program, *arguments)
    assert done.returncode == 2
    assert words in done.stderr.splitlines()[-1]


def test_a_program_without_findings_has_nothing_to_compare(program):
    program.write("clean.py", "print('fine')\n")
    done = spawn(program, "clean.py")
    assert done.returncode == 0
    assert "Nothing to fix." in done.stdout


def test_modules_and_commands_are_programs_too(program):
    program.write("package/__init__.py", "")
    program.write("package/train.py", TRAIN)
    done = spawn(program, "-m", "package.train", "--smoke", "--", "1")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Program: python -m package.train 1" in done.stdout
    done = spawn(program, "--command", f"{sys.executable} train.py 1", "--smoke")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "reuse: ok" in done.stdout


def test_the_interpreter_of_the_arms_can_be_another_one(program):
    done = spawn(program, "train.py", "--python", sys.executable, "--smoke", "--", "1")
    assert done.returncode == 0
    assert "original: ok" in done.stdout


def test_measuring_finds_the_fix_that_pays_and_can_be_shown_again(program):
    options = ["--measure", "--keep-disturbed", "--runs", "6", "--out", "results", "--country", "FRA"]
    done = spawn(program, "train.py", *options)
    assert done.returncode == 0, done.stdout + done.stderr
    report = json.loads((program.directory / "results" / "report.json").read_text())
    verdicts = {arm["info"]["name"]: arm["verdict"] for arm in report["arms"]}
    assert verdicts["original"] is None
    assert verdicts["reuse"] == verdicts["hoist"] == "less"
    assert verdicts["clear-session"] in ("equivalent", "inconclusive")
    assert report["ranking"]["best"] in ("reuse", "hoist")
    assert report["banner"] or report["sources"][0]["provenance"] in ("counter", "sensor")
    html = (program.directory / "results" / "report.html").read_text()
    assert "<script" not in html
    assert "reuse" in html
    assert (program.directory / "results" / "runs.csv").read_text().count("\n") >= 6 * 4
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
    arguments = ["train.py", "--measure", "--keep-disturbed", "--runs", "6", "--out", "results"]
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
        while time.monotonic() < deadline and not (path.exists() and len(path.read_text().splitlines()) > 9):
            time.sleep(0.1)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
    assert "Traceback" not in err
    assert "stopped" in out
    kept = path.read_text().splitlines()
    done = spawn(program, *arguments, "--resume")
    assert done.returncode == 0, done.stdout + done.stderr
    lines = path.read_text().splitlines()
    assert lines[: len(kept)] == kept
    report = json.loads((program.directory / "results" / "report.json").read_text())
    assert len(report["used_blocks"]) == 6


def test_a_program_compared_with_itself_is_neither_better_nor_worse(program):
    options = ["--self-test", "--measure", "--keep-disturbed", "--runs", "8", "--out", "self"]
    done = spawn(program, "train.py", *options, "--", "4")
    assert done.returncode == 0, done.stdout + done.stderr
    report = json.loads((program.directory / "self" / "report.json").read_text())
    [again] = report["arms"][1:]
    assert again["info"]["name"] == "original-again"
    assert again["verdict"] in ("equivalent", "inconclusive")


def test_leakscan_itself_never_imports_what_it_measures(program):
    probe = (
        "import sys; from leakscan.cli import main; code = main(sys.argv[1:]); "
        "print(sorted({name.partition('.')[0] for name in sys.modules} & {'tensorflow', 'keras', 'torch'}))"
    )
    done = subprocess.run(
        [sys.executable, "-c", probe, "validate", "train.py", "--smoke", "--", "1"],
        cwd=program.directory,
        env={**os.environ, **program.env},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.splitlines()[-1] == "[]"
