"""What counting the iterations of a loop costs the measured program, in CPU time.

usage: python benchmarks/overhead.py [--pairs N] [SCRIPT:LINE ...]

The default programs spin for a given time in each iteration. Short pieces of the same loop, counted by the
worker's own means and not counted, take turns in one process, N pairs of 20 ms, so that what else the machine
does strikes both alike. A program of your own, in its folder, without arguments, is run as experiments run
it, with its loop counted and without, N times each; such runs vary by several per cent on many machines.

- `change`: the median over the pairs of CPU time with over without, and its 95 % interval (of ranks)
- `recorded`: how many of the iterations were recorded, all of them being counted
"""

from __future__ import annotations

import argparse
import math
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from leakscan.validation.counting import Channel, Ticker
from leakscan.validation.executions import Execution, FlaggedLoop, Launch, Limits, Phase, Program, ProgramKind
from leakscan.validation.marking import Marks, compile_marked
from leakscan.validation.supervisor import supervise

ITERATION_SECONDS = (1e-5, 1e-4, 1e-3, 1e-2)
_PIECE_SECONDS = 0.02
_SOURCE = """\
def spin(passes):
    for _ in range(passes):
        pass
def plain(iterations, passes):
    for step in range(iterations):
        spin(passes)
def counted(iterations, passes):
    for step in range(iterations):
        spin(passes)
"""
_COUNTED_LINE = 8
_CALIBRATION_PASSES = 1_000_000


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table; `changes` are in per cent, one for each pair."""

    name: str
    iterations: int
    recorded: int
    changes: tuple[float, ...]

    def __str__(self) -> str:
        low, high = median_interval(self.changes)
        change = statistics.median(self.changes)
        return (
            f"{self.name:24} {self.iterations:10} {self.recorded:9} {len(self.changes):6} {change:+9.2f} "
            f"({low:+.2f} to {high:+.2f})"
        )


def median_interval(values: Sequence[float]) -> tuple[float, float]:
    """The 95 % interval of the median by ranks: about n/2 -+ 0.98 sqrt(n) (Conover 1999, section 3.2)."""
    ordered = sorted(values)
    reach = 0.98 * math.sqrt(len(ordered))
    low = max(0, math.floor(len(ordered) / 2 - reach))
    return ordered[low], ordered[len(ordered) - 1 - low]


class Counting(Ticker):
    """A ticker that knows how many iterations it recorded."""

    def __init__(self, channel: Channel) -> None:
        super().__init__(0, channel, lambda: (time.perf_counter(), time.process_time()))
        self.recorded = 0

    def _record(self, iteration: int) -> float:
        self.recorded += 1
        return super()._record(iteration)


def spinning(seconds: float, pairs: int) -> Row:
    """Iterations of `seconds`, in pieces that are counted and not counted in turn."""
    reader, writer = os.pipe()
    with subprocess.Popen(
        [sys.executable, "-c", "import sys\nwhile sys.stdin.buffer.read1(): pass"], stdin=reader
    ):
        os.close(reader)
        ticker = Counting(Channel(writer, ""))
        namespace: dict[str, Callable[..., None]] = {"tick": ticker.tick}
        marks = Marks([{"line": _COUNTED_LINE, "name": "tick"}])
        exec(compile_marked(_SOURCE.encode(), "<spin>", marks), namespace)
        begin = time.process_time()
        namespace["spin"](_CALIBRATION_PASSES)
        passes = max(1, int(seconds / (time.process_time() - begin) * _CALIBRATION_PASSES))
        iterations = max(1, int(_PIECE_SECONDS / seconds))
        changes = []
        for number in range(pairs):
            cpu = {}
            for name in ("plain", "counted") if number % 2 else ("counted", "plain"):
                begin = time.process_time()
                namespace[name](iterations, passes)
                cpu[name] = time.process_time() - begin
            changes.append(100 * (cpu["counted"] / cpu["plain"] - 1))
        ticker.flush()
        os.close(writer)
    return Row(f"iterations of {seconds * 1e3:g} ms", ticker.iterations, ticker.recorded, tuple(changes))


@dataclass(frozen=True, slots=True)
class Case:
    """A program with a loop at `line` of the file `script` in `directory`."""

    directory: str
    script: str
    line: int


def own(text: str) -> Case:
    """`SCRIPT:LINE` as given on the command line."""
    script, _, line = text.rpartition(":")
    if not script or not line.isdigit():
        raise argparse.ArgumentTypeError(f"{text}: expected SCRIPT:LINE")
    directory, name = os.path.split(os.path.abspath(script))
    return Case(directory, name, int(line))


def run(case: Case, *, counted: bool) -> tuple[float, Execution]:
    """CPU seconds of the body, and all else. Exits when the program fails."""
    ends: dict[Phase, float | None] = {}
    launch = Launch(
        python=sys.executable,
        program=Program(ProgramKind.SCRIPT, case.script),
        directory=case.directory,
        loops=(FlaggedLoop(case.script, case.line),) if counted else (),
        environment={"PYTHONHASHSEED": "0"},
        seed=0,
    )
    execution = supervise(launch, Limits(), ends.__setitem__)
    before, after = ends.get(Phase.PREPARE), ends.get(Phase.BODY)
    if execution.fault is not None or before is None or after is None:
        sys.exit(f"error: {case.script}: {execution.fault.message if execution.fault else 'not measured'}")
    return after - before, execution


def whole(case: Case, pairs: int) -> Row:
    """A program of the user's, in whole runs."""
    changes = []
    iterations = recorded = 0
    for number in range(pairs):
        cpu = {}
        for counted in (False, True) if number % 2 else (True, False):
            cpu[counted], execution = run(case, counted=counted)
            if counted:
                iterations, recorded = execution.iterations[0], len(execution.ticks)
        changes.append(100 * (cpu[True] / cpu[False] - 1))
    return Row(case.script, iterations, recorded, tuple(changes))


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("cases", nargs="*", type=own, metavar="SCRIPT:LINE")
    parser.add_argument("--pairs", type=int, help="pairs for each row (default: 500, 11 for whole runs)")
    arguments = parser.parse_args()
    print(f"{'program':24} {'iterations':>10} {'recorded':>9} {'pairs':>6} {'change %':>9} (95 % interval)")
    if arguments.cases:
        for case in arguments.cases:
            print(whole(case, arguments.pairs or 11), flush=True)
    else:
        for seconds in ITERATION_SECONDS:
            print(spinning(seconds, arguments.pairs or 500), flush=True)


if __name__ == "__main__":
    main()
