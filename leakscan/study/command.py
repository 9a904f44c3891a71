"""The command `study`: runs the grid, keeps every run, and writes tables, figures and conclusions."""

from __future__ import annotations

import argparse
import contextlib
import dataclasses
import os
import sys
import tempfile
from collections.abc import Sequence
from typing import TYPE_CHECKING

from leakscan import __version__
from leakscan.errors import EXIT_CLEAN, EXIT_ERROR, LeakscanError
from leakscan.study import data, grid, programs
from leakscan.terminal import console, write_file
from leakscan.validation.command import duration, follow
from leakscan.validation.experiment import Ending, conduct, make_header
from leakscan.validation.meters import GPU, CodecarbonMeter, Meter, exclusive
from leakscan.validation.plan import Plan
from leakscan.validation.store import Record, open_store

if TYPE_CHECKING:
    from rich.console import Console

_FOLDER = "study"
_LONGER_ON_GPU = 4  # GPU counters need runs of 5 s
_SECONDS_A_RUN = 8  # what a run takes on a small machine, start-up too; only for the announcement
_FAILED = (Ending.ORIGINAL_FAILS, Ending.NOTHING_TO_COMPARE, Ending.TOO_MANY_DROPPED)


def study(arguments: argparse.Namespace) -> int:
    """Run the command: 0 when all cells are measured, 2 otherwise. Raises LeakscanError."""
    out = console(sys.stdout)
    if arguments.render:
        _write_document(arguments.out, out)
        return EXIT_CLEAN
    python = arguments.python or sys.executable
    if not os.path.isfile(python) or not os.access(python, os.X_OK):
        raise LeakscanError(f"--python: {python}: no such program")
    arguments.python = python
    meter = CodecarbonMeter()
    gpu = any(source.device == GPU and source.provenance.is_physical for source in meter.describe())
    longer = arguments.longer or (_LONGER_ON_GPU if gpu else 1)
    options = grid.Options(arguments.quick, tuple(arguments.only or ()), arguments.runs, longer)
    cells = grid.cells(options)
    if arguments.list:
        _show_cells(cells, out)
        return EXIT_CLEAN
    return _run(cells, "gpu" if gpu else "cpu", meter, arguments, out)


def _show_cells(cells: Sequence[grid.Cell], out: Console) -> None:
    for cell in cells:
        out.print(
            f"{cell.name:<16} {cell.program:<12} {' '.join(cell.arguments)}"
            f"{'' if cell.framework == grid.KERAS else f' ({cell.framework})'}; {cell.blocks} blocks",
            soft_wrap=True,
        )


def _run(
    cells: Sequence[grid.Cell], device: str, meter: Meter, arguments: argparse.Namespace, out: Console
) -> int:
    folder = os.path.join(arguments.out, _FOLDER)
    path = os.path.join(folder, f"{device}.json")
    if not arguments.resume and os.path.exists(os.path.join(folder, "cells")):
        raise LeakscanError(f"{folder} has runs; go on with --resume, or choose another folder with --out")
    os.makedirs(os.path.join(folder, "cells"), exist_ok=True)
    found: list[data.Measured] = []
    skipped: list[data.Skipped] = []
    endings: list[Ending] = []
    with tempfile.TemporaryDirectory(prefix="leakscan-study-") as directory, exclusive():
        prepared: list[programs.Prepared] = []
        for cell in cells:
            reason = programs.missing(cell, arguments.python)
            if reason is None:
                prepared.append(programs.prepare(cell, os.path.join(directory, cell.name)))
            else:
                skipped.append(data.Skipped(cell, reason))
        runs = sum(len(each.arms) * (each.cell.blocks + 1) for each in prepared)
        out.print(
            f"The study executes {runs} runs in {len(prepared)} experiments, about "
            f"{duration(runs * _SECONDS_A_RUN)} if each takes {_SECONDS_A_RUN} s. Every run is kept in "
            f"{folder}; Ctrl-C ends it, --resume goes on.",
            soft_wrap=True,
        )
        for item in skipped:
            out.print(f"  {item.cell.name} is left out: {item.reason}", soft_wrap=True)
        for number, each in enumerate(prepared, 1):
            out.print(f"\n{number} of {len(prepared)}: {each.cell.name}", style="bold")
            record, ending = _measure(each, folder, meter, arguments, out)
            found.append(data.measured(each.cell, each.infos, record))
            endings.append(ending)
            if ending is Ending.INTERRUPTED:
                break
    words = ["leakscan", "study", *(["--quick"] if arguments.quick else [])]
    seconds = sum(run.process.wall_seconds for cell in found for run in cell.runs)
    study = data.Study(
        data.SCHEMA_VERSION, __version__, device, " ".join(words), seconds, tuple(found), tuple(skipped)
    )
    write_file(path, data.render(study))
    _write_document(arguments.out, out)
    return EXIT_ERROR if any(ending in _FAILED for ending in endings) else EXIT_CLEAN


def _measure(
    prepared: programs.Prepared, folder: str, meter: Meter, arguments: argparse.Namespace, out: Console
) -> tuple[Record, Ending]:
    """Do what is missing of a cell; every run is on disk before the next begins."""
    plan = Plan(
        arms=prepared.arms,
        python=arguments.python,
        blocks=prepared.cell.blocks,
        seed=arguments.seed,
        program_seed=arguments.seed,
        timeout_seconds=arguments.timeout,
    )
    if arguments.keep_disturbed:
        plan = dataclasses.replace(plan, foreign_cpu_limit=None)
    path = os.path.join(folder, "cells", f"{prepared.cell.name}.jsonl")
    with contextlib.closing(open_store(path, make_header(plan, meter), resume=os.path.exists(path))) as store:
        ending = follow(conduct(plan, meter, store), out)
        return store.record, ending


def _write_document(folder: str, out: Console) -> None:
    """Make the page, its figures and tables from the runs that are there."""
    from leakscan.study import document

    for path in document.write(folder):
        out.print(path, soft_wrap=True)


__all__ = ["study"]
