"""What facts cost by either parser, on the Python files below a directory.

usage: python benchmarks/facts.py DIRECTORY [--repeat N]

Each file is parsed and walked by `ast` and by LibCST, one after the other, N times; the fastest run of
each, the least disturbed, is added up. CPU is user and system time, ratios are to `ast.parse`. The collector
is off, as it is in a check. Files that one of the two does not read, or that check would refuse as nested
too deeply, are left out and counted. The last line says in how many files the facts differ.
"""

from __future__ import annotations

import argparse
import gc
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import libcst
from rich.console import Console
from rich.table import Table

from leakscan.facts import from_ast, from_libcst
from leakscan.facts.authority import same
from leakscan.files import SourceProblemError, decode, nesting_problem
from leakscan.parsing import PARSER_ERRORS, parse_quietly

ROWS = ("ast.parse", "facts from ast", "libcst.parse_module", "facts from LibCST")
_T = TypeVar("_T")


class Costs:
    """The CPU seconds of each row, over all files."""

    def __init__(self, repeat: int) -> None:
        self.repeat = repeat
        self.seconds = dict.fromkeys(ROWS, 0.0)
        self.files = 0
        self.bytes = 0
        self.left_out = 0
        self.different: list[Path] = []

    def add(self, path: Path) -> None:
        """Parse and walk a file."""
        try:
            data = path.read_bytes()
            text = decode(data)
        except (OSError, SourceProblemError):
            self.left_out += 1
            return
        if nesting_problem(data):
            self.left_out += 1
            return
        try:
            tree, parse = self._fastest(lambda: parse_quietly(text))
            facts, walk = self._fastest(lambda: from_ast.summarise(tree))
            module, parse_libcst = self._fastest(lambda: libcst.parse_module(text))
            other, walk_libcst = self._fastest(lambda: from_libcst.summarise(module))
        except (*PARSER_ERRORS, *from_libcst.PARSER_ERRORS):
            self.left_out += 1
            return
        for row, seconds in zip(ROWS, (parse, walk, parse_libcst, walk_libcst), strict=True):
            self.seconds[row] += seconds
        self.files += 1
        self.bytes += len(data)
        if not same(facts, other):
            self.different.append(path)

    def _fastest(self, action: Callable[[], _T]) -> tuple[_T, float]:
        best = float("inf")
        for _ in range(self.repeat):
            begin = time.process_time()
            result = action()
            best = min(best, time.process_time() - begin)
        return result, best


def show(directory: Path, costs: Costs) -> None:
    """Print the input, the table and the verdict."""
    console = Console(soft_wrap=True, highlight=False)
    size = f"{costs.bytes / 1e6:.2f} MB"
    console.print(f"{directory}: {costs.files} files ({size}), {costs.left_out} left out", markup=False)
    table = Table("", "CPU s", "ratio")
    for column in table.columns[1:]:
        column.justify = "right"
    base = costs.seconds[ROWS[0]]
    for row in ROWS:
        seconds = costs.seconds[row]
        table.add_row(row, f"{seconds:.2f}", f"{seconds / base:.2f}" if base else "-")
    console.print(table)
    for path in costs.different:
        console.print(f"facts differ: {path}", markup=False)
    console.print(f"files whose facts differ: {len(costs.different)}")


def main() -> int:
    """Print the table; 1 when facts differ."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("directory", type=Path)
    parser.add_argument("--repeat", type=int, default=1, metavar="N", help="runs of each (default: 1)")
    arguments = parser.parse_args()
    if not arguments.directory.is_dir():
        parser.error(f"{arguments.directory}: not a directory")
    if arguments.repeat < 1:
        parser.error("--repeat must be 1 or more")
    gc.disable()
    costs = Costs(arguments.repeat)
    for path in sorted(arguments.directory.rglob("*.py")):
        costs.add(path)
    show(arguments.directory, costs)
    return 1 if costs.different else 0


if __name__ == "__main__":
    sys.exit(main())
