"""How real experiments end where the truth is known: `leakscan validate --measure` on a stand-in for Keras.

    python benchmarks/known_costs.py [--changes 0,-5,-25] [--series 20] [--runs 8] [--seconds 0.3]

The stand-in does fixed work, counted in additions, for the first fit of a model and for every fit. It is
installed in a virtual environment of its own, which `--python` names. The share of the first fits is such
that the fix `reuse` changes the work by so many percent. Each series has its own seed. Printed are the
verdicts, and how many intervals (of nominally 95 %) cover the truth. Other programs may work meanwhile:
`--keep-disturbed`.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
import venv
from collections import Counter
from pathlib import Path

KERAS = """
def work(units):
    total = 0
    for unit in range(units):
        total += unit * 7 % 3
    return total


class Variable:
    shape = (1,)

    def __init__(self):
        self.value = 0

    def assign(self, other):
        self.value = getattr(other, "value", other)

    def numpy(self):
        return self.value


class Sequential:
    def __init__(self, layers=()):
        self.built, self.variables, self.optimizer, self.layers = True, [Variable()], None, []
        self.fresh = True

    def compile(self, *arguments):
        pass

    def reset_metrics(self):
        pass

    def fit(self, *arguments):
        work(FIT + (FIRST if self.fresh else 0))
        self.fresh = False
        self.variables[0].assign(self.variables[0].value + 1)

    def evaluate(self, *arguments):
        return self.variables[0].value


def Input(shape):
    return shape
"""
PROGRAM = """
import keras


def build():
    model = keras.Sequential([keras.Input((2,))])
    model.compile("sgd", "mse")
    return model


for fold in range({folds}):
    model = build()
    model.fit(fold)
    print(fold, model.evaluate(fold))
"""
_FOLDS = 8
_UNITS_PER_SECOND = 14_000_000  # only the order of magnitude matters


def first_fit(change: float) -> float:
    """What the first fit of a model costs more, in fits, so that building once changes the work by `change`.

    Original: n (f + b). Built once: n f + b.
    """
    return -change * _FOLDS / (_FOLDS - 1 + _FOLDS * change)


def install(directory: Path, change: float, seconds: float) -> Path:
    """An environment with the stand-in, and a project with the program; the path of its interpreter."""
    environment = directory / "environment"
    if not environment.exists():
        venv.create(environment, with_pip=False)
    packages = next(environment.glob("lib/python*/site-packages"))
    fit = round(seconds * _UNITS_PER_SECOND / _FOLDS / (1 + first_fit(change)))
    (packages / "keras.py").write_text(f"FIT, FIRST = {fit}, {round(fit * first_fit(change))}\n{KERAS}")
    project = directory / "project"
    project.mkdir(exist_ok=True)
    (project / "pyproject.toml").write_text("")
    (project / "train.py").write_text(PROGRAM.format(folds=_FOLDS))
    return environment / "bin" / "python"


def series(directory: Path, python: Path, number: int, runs: int) -> tuple[str, float, float, float]:
    """Run one series; its verdict, and the change of energy in percent with its interval."""
    out = directory / "out" / f"{time.time_ns()}"
    command = [sys.executable, "-m", "leakscan", "validate", "train.py", "--measure", "--arms", "reuse"]
    command += ["--python", str(python), "--keep-disturbed", "--wait", "0", "--runs", str(runs)]
    command += ["--seed", str(number), "--out", str(out)]
    done = subprocess.run(
        command, cwd=directory / "project", capture_output=True, text=True, check=False, env=os.environ
    )
    if not (out / "report.json").exists():
        raise RuntimeError(done.stdout + done.stderr)
    arm = json.loads((out / "report.json").read_text())["arms"][1]
    energy = next(each for each in arm["quantities"] if each["metric"] == "energy_joules")
    change = energy["comparison"]["effect"]["percent_change"]
    return arm["verdict"], change["estimate"], change["low"], change["high"]


def main() -> None:
    """Run the series and print how they ended."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--changes", default="0,-5,-25", help="true changes in percent (default: 0,-5,-25)")
    parser.add_argument("--series", type=int, default=20, help="of each change (default: 20)")
    parser.add_argument("--runs", type=int, default=8, help="blocks of each (default: 8)")
    parser.add_argument("--seconds", type=float, default=0.3, help="of CPU time for a run (default: 0.3)")
    arguments = parser.parse_args()
    print(
        f"{os.cpu_count()} CPUs, {platform.system()} {platform.machine()}, "
        f"Python {platform.python_version()}; {arguments.runs} blocks"
    )
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        for text in arguments.changes.split(","):
            truth = float(text)
            python = install(directory, truth / 100, arguments.seconds)
            verdicts: Counter[str] = Counter()
            covered = 0
            loads = []
            for number in range(arguments.series):
                loads.append(os.getloadavg()[0])
                verdict, estimate, low, high = series(directory, python, number, arguments.runs)
                verdicts[verdict] += 1
                covered += low <= truth <= high
                print(
                    f"  {truth:+g} %, series {number + 1}: {estimate:+.2f} % "
                    f"({low:+.2f} to {high:+.2f}), {verdict}",
                    flush=True,
                )
            words = ", ".join(f"{verdict} {count}" for verdict, count in sorted(verdicts.items()))
            print(
                f"true change {truth:+g} %: covered in {covered} of {arguments.series}; {words}; "
                f"load average {min(loads):.1f} to {max(loads):.1f}",
                flush=True,
            )


if __name__ == "__main__":
    main()
