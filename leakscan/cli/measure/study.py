"""What `leakscan study` does: runs the grid, keeps every run, and writes tables, figures and conclusions."""

from __future__ import annotations

import argparse
import contextlib
import os
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from leakscan import __version__
from leakscan.cli.measure.following import follow
from leakscan.cli.terminal import console
from leakscan.errors import EXIT_CLEAN, EXIT_ERROR, EXIT_INTERRUPTED, LeakscanError
from leakscan.output_files import write_file
from leakscan.study import data, grid, programs
from leakscan.study.variables import THREADS, devices, one_thread, threads
from leakscan.validation.events import Ending, Event, Preflight
from leakscan.validation.experiment import conduct, make_header
from leakscan.validation.lock import exclusive
from leakscan.validation.meters import GPU, CodecarbonMeter, Meter
from leakscan.validation.patience import Watch
from leakscan.validation.plan import Plan
from leakscan.validation.store import Record, load, open_store
from leakscan.validation.wording import duration, plural

if TYPE_CHECKING:
    from rich.console import Console

_FOLDER = "study"
_SECONDS_A_RUN = 8  # what a run takes on a small machine, start-up too; only for the announcement
_FAILED = (
    Ending.ORIGINAL_FAILS,
    Ending.NOTHING_TO_COMPARE,
    Ending.TOO_MANY_DROPPED,
    Ending.DISTURBED,
)


def study(arguments: argparse.Namespace) -> int:
    """Run the command: 0 when all cells are measured, 130 after Ctrl-C, 2 otherwise. Raises LeakscanError."""
    out = console(sys.stdout)
    if arguments.render:
        _write_document(arguments.out, out)
        return EXIT_CLEAN
    python = arguments.python or sys.executable
    if not os.path.isfile(python) or not os.access(python, os.X_OK):
        raise LeakscanError(f"--python: {python}: no such program")
    arguments.python = python  # which the cells are run with
    options = grid.Options(
        quick=arguments.quick,
        practice=arguments.practice,
        only=tuple(arguments.only or ()),
        blocks=arguments.runs,
        longer=arguments.longer,
    )
    cells = grid.cells(options)  # names that are wrong are told at once
    if arguments.list:
        _show_cells(cells, out)
        return EXIT_CLEAN
    used = programs.backend(python)
    with devices(gpu=used.on_gpu):
        meter = CodecarbonMeter()
        gpu = any(source.device == GPU and source.provenance.is_physical for source in meter.describe())
        if used.on_gpu and not gpu:
            raise LeakscanError(
                "Keras computes on a GPU whose energy cannot be read (NVML does not answer); "
                "CUDA_VISIBLE_DEVICES=-1 runs the study on the CPU"
            )
        options = replace(options, gpu=gpu)
        return _run(grid.cells(options), options, used.name, meter, arguments, out)


def _show_cells(cells: Sequence[grid.Cell], out: Console) -> None:
    for cell in cells:
        out.print(
            f"{cell.name:<18} {cell.program:<12} {' '.join(cell.arguments)}"
            f"{'' if cell.framework == grid.KERAS else f' ({cell.framework})'}"
            f"{' (default threads)' if cell.default_threads else ''}; {cell.blocks} blocks",
            soft_wrap=True,
        )


@dataclass(slots=True)
class _Progress:
    """What is measured so far, what is not and why, and the warnings that were shown."""

    found: list[data.Measured] = field(default_factory=list)
    skipped: list[data.Skipped] = field(default_factory=list)
    told: set[str] = field(default_factory=set)
    failed: bool = False
    interrupted: bool = False


def _run(
    cells: Sequence[grid.Cell],
    options: grid.Options,
    backend: str,
    meter: Meter,
    arguments: argparse.Namespace,
    out: Console,
) -> int:
    device = "gpu" if options.gpu else "cpu"
    slug = data.slug(device, backend, practice=options.practice)
    folder = os.path.join(arguments.out, _FOLDER)
    path = os.path.join(folder, f"{slug}.json")
    runs = os.path.join(folder, f"{slug}-cells")
    if not arguments.resume and os.path.exists(runs):
        raise LeakscanError(f"{runs} has runs; continue with --resume, or choose another folder with --out")
    state = _Progress()
    with tempfile.TemporaryDirectory(prefix="leakscan-study-") as directory, exclusive():
        os.makedirs(runs, exist_ok=True)  # not before: one that is refused leaves nothing behind
        prepared = list(_prepared(cells, directory, arguments.python, backend, state))
        _announce(prepared, state.skipped, runs, out, _done(runs) if arguments.resume else 0)
        for number, each in enumerate(prepared, 1):
            out.print(f"\n{number} of {len(prepared)}: {each.cell.name}", style="bold")
            with threads(each.cell):
                _do(each, runs, meter, arguments, state, out)
            if state.interrupted:
                state.skipped += [
                    data.Skipped(left.cell, "stopped before it began") for left in prepared[number:]
                ]
                break
    found = tuple(_with_earlier(state.found, path, options, resume=arguments.resume))
    study = data.Study(
        data.SCHEMA_VERSION,
        __version__,
        device,
        backend,
        _command(backend, options, arguments.margin, whole=len(found) > len(state.found)),
        arguments.margin,
        one_thread(),
        found,
        tuple(item for item in state.skipped if item.cell.name not in {each.cell.name for each in found}),
    )
    write_file(path, data.render(study))
    if any(run.counts for each in study.cells for run in each.runs):
        _write_document(arguments.out, out)
    return EXIT_INTERRUPTED if state.interrupted else EXIT_ERROR if state.failed else EXIT_CLEAN


def _command(backend: str, options: grid.Options, margin: float | None, *, whole: bool) -> str:
    """What makes the study again; `whole` if it has more experiments than this run was asked for."""
    words = [] if backend == grid.TENSORFLOW else [f"KERAS_BACKEND={backend}"]
    words += ["leakscan", "study", *(["--quick"] if options.quick else [])]
    words += ["--practice"] if options.practice else []
    words += [] if whole else [word for name in options.only for word in ("--only", name)]
    words += [] if options.blocks is None else ["--runs", str(options.blocks)]
    words += [] if options.longer == 1 else ["--longer", str(options.longer)]
    words += [] if margin is None else ["--margin", f"{100 * margin:g}"]
    return " ".join(words)


def _prepared(
    cells: Sequence[grid.Cell], directory: str, python: str, backend: str, state: _Progress
) -> Iterator[programs.Prepared]:
    """The cells that the interpreter can run, with their arms below `directory`."""
    for cell in cells:
        reason = programs.missing(cell, python, backend)
        if reason is None:
            yield programs.prepare(cell, os.path.join(directory, cell.name))
        else:
            state.skipped.append(data.Skipped(cell, reason))


def _done(folder: str) -> int:
    """How many runs are on disk."""
    paths = [entry.path for entry in os.scandir(folder) if entry.is_file()]
    return sum(len(load(path).runs) for path in paths)


def _announce(
    prepared: Sequence[programs.Prepared],
    skipped: Sequence[data.Skipped],
    folder: str,
    out: Console,
    done: int,
) -> None:
    runs = max(0, sum(len(each.arms) * (each.cell.blocks + 1) for each in prepared) - done)
    out.print(
        f"The study executes {plural(runs, 'run')} in {plural(len(prepared), 'experiment')}, about "
        f"{duration(runs * _SECONDS_A_RUN)} if each takes {_SECONDS_A_RUN} s. Every run is kept in {folder}; "
        "Ctrl-C ends it, --resume continues.",
        soft_wrap=True,
    )
    for item in skipped:
        out.print(f"  {item.cell.name} is left out: {item.reason}", soft_wrap=True)


def _do(
    prepared: programs.Prepared,
    folder: str,
    meter: Meter,
    arguments: argparse.Namespace,
    state: _Progress,
    out: Console,
) -> None:
    """Measure a cell, as far as it is not yet."""
    try:
        record, ending = _measure(prepared, folder, meter, arguments, state.told, out)
    except LeakscanError as error:
        # Runs too short for a GPU's counter, or kept runs of another plan: the other cells can go on.
        out.print(f"  {error}", soft_wrap=True)
        state.skipped.append(data.Skipped(prepared.cell, str(error)))
        state.failed = True
        return
    state.found.append(data.measured(prepared.cell, prepared.infos, record))
    state.failed = state.failed or ending in _FAILED
    state.interrupted = ending is Ending.INTERRUPTED


def _with_earlier(
    found: Sequence[data.Measured], path: str, options: grid.Options, *, resume: bool
) -> Iterator[data.Measured]:
    """The cells in the order of the grid, with those of an earlier run that this one was not asked for."""
    earlier = data.load(path).cells if resume and os.path.exists(path) else ()
    by_name = {each.cell.name: each for each in (*earlier, *found)}
    for cell in grid.cells(replace(options, only=())):
        if cell.name in by_name:
            yield by_name[cell.name]


def _measure(
    prepared: programs.Prepared,
    folder: str,
    meter: Meter,
    arguments: argparse.Namespace,
    told: set[str],
    out: Console,
) -> tuple[Record, Ending]:
    """Do what is missing of a cell; every run is on disk before the next begins.

    `told` has the warnings that were shown before.
    """
    plan = Plan(
        arms=prepared.arms,
        python=arguments.python,
        blocks=prepared.cell.blocks,
        seed=arguments.seed,
        program_seed=arguments.seed,
        timeout_seconds=arguments.timeout,
    )
    if arguments.keep_disturbed:
        plan = replace(plan, foreign_cpu_limit=None)
    path = os.path.join(folder, f"{prepared.cell.name}.jsonl")
    header = make_header(
        plan, meter, conditions={"threads": {name: os.environ.get(name) for name in THREADS}}
    )
    with contextlib.closing(open_store(path, header, resume=os.path.exists(path))) as store:
        events = conduct(plan, meter, store, watch=Watch(arguments.wait, noise_repeats=0))
        ending = follow(_untold(events, told), out)
        return store.record, ending


def _untold(events: Iterator[Event], told: set[str]) -> Iterator[Event]:
    """The events, each warning about the machine once."""
    for event in events:
        if isinstance(event, Preflight):
            yield replace(event, warnings=tuple(each for each in event.warnings if each not in told))
            told.update(event.warnings)
        else:
            yield event


def _write_document(folder: str, out: Console) -> None:
    """Make the page, its figures and tables from the runs that are there."""
    from leakscan.study import document

    for path in document.write(folder):
        out.print(path, soft_wrap=True)
