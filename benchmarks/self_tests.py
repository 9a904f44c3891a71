"""How real A/A experiments end: a program against itself, by `leakscan validate --self-test --measure`.

    python benchmarks/self_tests.py [--experiments 20] [--runs 8] [--seconds 0.5]

The program is plain Python that computes for about so many seconds. Each experiment has its own seed and so
its own order of runs. `less` and `more` are false positives; with a margin of 3 % and the exact level of 5 %
at most one in twenty is expected. The rate is printed with its 95 % Clopper-Pearson interval.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

from leakscan.validation.statistics import false_positive_rate
from leakscan.validation.verdicts import Verdict

PROGRAM = """
import time

begin = time.process_time()
total = 0
for step in range({steps}):
    for value in range(20_000):
        total += value * step % 7
print(total)
"""
_STEPS_PER_SECOND = 700  # on the machine of the published figures; only the order of magnitude matters


def experiment(directory: Path, number: int, runs: int) -> str:
    """Run one experiment; return its verdict."""
    out = directory / str(number)
    command = [sys.executable, "-m", "leakscan", "validate", "program.py", "--self-test", "--measure"]
    command += ["--keep-disturbed", "--runs", str(runs), "--seed", str(number), "--out", str(out)]
    done = subprocess.run(command, cwd=directory, capture_output=True, text=True, check=False)
    report = out / "report.json"
    if not report.exists():
        raise RuntimeError(done.stdout + done.stderr)
    arms = json.loads(report.read_text())["arms"]
    return str(arms[1]["verdict"])


def main() -> None:
    """Run the experiments and print how they ended."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--experiments", type=int, default=20)
    parser.add_argument("--runs", type=int, default=8, help="blocks of each (default: 8)")
    parser.add_argument("--seconds", type=float, default=0.5, help="of CPU time for a run (default: 0.5)")
    arguments = parser.parse_args()
    verdicts: list[str] = []
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        steps = max(1, round(arguments.seconds * _STEPS_PER_SECOND))
        (directory / "program.py").write_text(PROGRAM.format(steps=steps))
        for number in range(arguments.experiments):
            verdicts.append(experiment(directory, number, arguments.runs))
            print(f"{number + 1:>3}: {verdicts[-1]}", flush=True)
    rate = false_positive_rate([Verdict(verdict) for verdict in verdicts])
    print(
        f"\n{os.cpu_count()} CPUs, {platform.system()} {platform.machine()}, "
        f"Python {platform.python_version()}; "
        f"{arguments.runs} blocks"
    )
    print(", ".join(f"{verdict} {count}" for verdict, count in sorted(Counter(verdicts).items())))
    print(
        f"false positives: {rate.false_positives} of {rate.experiments}, {rate.rate.estimate:.1%} "
        f"(95 % interval {rate.rate.low or 0:.1%} to {rate.rate.high or 0:.1%})"
    )


if __name__ == "__main__":
    main()
