"""How long `leakscan check` takes on a directory, beside what it costs to parse the same files.

usage: python benchmarks/speed.py DIRECTORY [--repeat N]

Each row is measured in a process of its own, N times in turn; the fastest run, the least disturbed, is shown.

- `leakscan check`: the whole process, from start to exit, without a cache, with no configuration.
- `ast.parse` and `libcst.parse_module`: the loop over the files that check parses, without start-up,
  imports and reading; trees are dropped at once, the garbage collector is at its defaults. Peak memory is
  that of the process.

The files that matter are found by leakscan's own discovery: those that mention TensorFlow or Keras, and those
that such files import or are imported by. CPU is user and system time. What the operating system caches
stays cached.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FLOORS = ("ast.parse", "libcst.parse_module")
CHECK = "leakscan check"
_EXPECTED_CODES = (0, 2)  # 2: some files could not be checked, which the report says


@dataclass(frozen=True, slots=True)
class Run:
    """What one process cost, and the JSON that it printed."""

    wall_seconds: float
    cpu_seconds: float
    peak_bytes: int
    report: dict[str, Any]


def run(command: list[str]) -> Run:
    """Run `command` to its end. Exits when it fails."""
    with tempfile.TemporaryFile() as output:
        begin = time.perf_counter()
        process = subprocess.Popen(command, stdout=output)
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - begin
        process.returncode = os.waitstatus_to_exitcode(status)
        output.seek(0)
        text = output.read()
    if process.returncode not in _EXPECTED_CODES or not text:
        sys.exit(f"error: {' '.join(command)} ended with exit code {process.returncode}")
    unit = 1 if sys.platform == "darwin" else 1024
    return Run(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * unit, json.loads(text))


def run_check(directory: str) -> Run:
    """Time a whole check."""
    options = ["--isolated", "--exit-zero", "--output-format", "json"]
    return run([sys.executable, "-m", "leakscan", "check", *options, directory])


def run_floor(name: str, directory: str) -> Run:
    """Time the parsing loop of `name`, in a process that finds and reads the files before."""
    whole = run([sys.executable, __file__, "--floor", name, directory])
    report = whole.report
    return Run(report["wall_seconds"], report["cpu_seconds"], whole.peak_bytes, report)


def texts_that_matter(directory: str) -> Iterator[tuple[str, int]]:
    """The program text and the size in bytes on disk of each file that check parses."""
    from leakscan.config import ConfigResolver, Overrides
    from leakscan.projects import Loader
    from leakscan.runner import Request, requested_files

    configs = ConfigResolver(Overrides(), (), isolated=True)
    found = requested_files(Request((directory,)), configs)
    for project in Loader(found, configs.excludes_of).load().projects:
        for source in project.sources:
            yield source.text, os.path.getsize(source.path)


def floor(name: str, directory: str) -> dict[str, Any]:
    """Parse the files that matter once; files that do not parse are counted, and cost what they cost."""
    parse, refusals = _parser(name)
    sources = list(texts_that_matter(directory))
    unparsable = 0
    wall, cpu = time.perf_counter(), time.process_time()
    for text, _ in sources:
        try:
            parse(text)
        except refusals:
            unparsable += 1
    return {
        "wall_seconds": time.perf_counter() - wall,
        "cpu_seconds": time.process_time() - cpu,
        "files": len(sources),
        "bytes": sum(size for _, size in sources),
        "unparsable": unparsable,
    }


def _parser(name: str) -> tuple[Callable[[str], object], tuple[type[Exception], ...]]:
    if name == "ast.parse":
        import ast
        import warnings

        warnings.simplefilter("ignore")  # invalid escapes in the files
        return ast.parse, (SyntaxError, ValueError, RecursionError)
    import libcst

    return libcst.parse_module, (libcst.ParserSyntaxError, RecursionError)


def measure(directory: str, repeat: int) -> dict[str, list[Run]]:
    """Run check and the floors `repeat` times, in turn: a busy spell does not hit only one of them."""
    runs: dict[str, list[Run]] = {name: [] for name in (CHECK, *FLOORS)}
    for _ in range(repeat):
        runs[CHECK].append(run_check(directory))
        for name in FLOORS:
            runs[name].append(run_floor(name, directory))
    return runs


def show(directory: str, runs: dict[str, list[Run]]) -> None:
    """Print the input, the table and the ratio."""
    # After the measurements: what this process holds when it forks would count as its children's peak memory.
    from rich.console import Console
    from rich.table import Table

    checked, parsed = runs[CHECK][0].report, runs[FLOORS[1]][0].report
    console = Console(soft_wrap=True, highlight=False)
    console.print(f"{directory}: {checked['files_checked']} files", markup=False)
    console.print(
        f"files that matter: {parsed['files']} ({parsed['bytes'] / 1e6:.2f} MB), "
        f"{parsed['unparsable']} of them do not parse"
    )
    console.print(f"findings: {len(checked['findings'])}; errors: {len(checked['errors'])}")

    best = {name: min(item.cpu_seconds for item in group) for name, group in runs.items()}
    walls = {name: min(item.wall_seconds for item in group) for name, group in runs.items()}
    base = FLOORS[1]
    table = Table("", "wall s", "CPU s", "peak MB", "wall ratio", "CPU ratio")
    for column in table.columns[1:]:
        column.justify = "right"
    for name, group in runs.items():
        peak = max(item.peak_bytes for item in group) / 1e6
        ratios = (_ratio(walls[name], walls[base]), _ratio(best[name], best[base]))
        table.add_row(name, f"{walls[name]:.2f}", f"{best[name]:.2f}", f"{peak:.0f}", *ratios)
    console.print(table)
    console.print(f"ratios are to {base}; fastest of {len(runs[CHECK])}")


def _ratio(seconds: float, base: float) -> str:
    return f"{seconds / base:.2f}" if base else "-"


def main() -> int:
    """Print the table; with the internal `--floor`, one measurement as JSON."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("directory", type=Path)
    parser.add_argument("--repeat", type=int, default=1, metavar="N", help="runs of each (default: 1)")
    parser.add_argument("--floor", choices=FLOORS, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    directory = str(arguments.directory)
    if not arguments.directory.is_dir():
        parser.error(f"{directory}: not a directory")
    if arguments.repeat < 1:
        parser.error("--repeat must be 1 or more")
    if arguments.floor:
        print(json.dumps(floor(arguments.floor, directory)))
    else:
        show(directory, measure(directory, arguments.repeat))
    return 0


if __name__ == "__main__":
    sys.exit(main())
