"""All runs as a table, one line each: for spreadsheets and for statistics of one's own."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator

from leakscan.validation.measurements import Run, Window
from leakscan.validation.results import Result

_WINDOWS = ("body", "process")
_COLUMNS: tuple[tuple[str, Callable[[Run], object]], ...] = (
    ("arm", lambda run: run.arm),
    ("block", lambda run: run.block),
    ("order", lambda run: run.order),
    ("started_at", lambda run: run.started_at),
    ("exit_status", lambda run: run.exit_status),
    ("cause", lambda run: None if run.fault is None else run.fault.cause.value),
    ("message", lambda run: None if run.fault is None else run.fault.message),
    ("disagreement", lambda run: run.disagreement),
    ("peak_rss_bytes", lambda run: run.peak_rss_bytes),
    ("peak_gpu_bytes", lambda run: run.peak_gpu_bytes),
    ("foreign_cpu_share", lambda run: run.foreign_cpu_share),
    ("steal_share", lambda run: run.steal_share),
    ("load_average", lambda run: run.load_average),
    ("leftover_processes", lambda run: run.leftover_processes),
)


def render_csv(result: Result) -> str:
    """A header and a line for each run, warm-ups and dropped ones too; an empty cell is "not measured".

    `used` is 1 for the runs that the statistics rest on. For each window there are seconds and, for each
    device, joules and what they rest on; `iterations_N` are the passes through the flagged loop N.
    """
    devices = sorted({reading.device for run in result.runs for reading in run.process.readings})
    loops = max((len(run.iterations) for run in result.runs), default=0)
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(
        ["used", *(name for name, _ in _COLUMNS)]
        + [name for window in _WINDOWS for name in _window_names(window, devices)]
        + [f"iterations_{number}" for number in range(loops)]
    )
    used = set(result.used_blocks)
    excluded = {arm.name for arm in result.arms if arm.fault is not None}
    for run in result.runs:
        counts = run.block in used and run.arm not in excluded
        cells: list[object] = [int(counts), *(value(run) for _, value in _COLUMNS)]
        cells += [cell for window in _WINDOWS for cell in _window_cells(run, window, devices)]
        cells += [run.iterations[number] if number < len(run.iterations) else None for number in range(loops)]
        writer.writerow([_safe(cell) for cell in cells])
    return out.getvalue()


def _window_names(window: str, devices: list[str]) -> Iterator[str]:
    yield f"{window}_wall_seconds"
    yield f"{window}_cpu_seconds"
    for device in devices:
        yield f"{window}_{device}_energy_joules"
        yield f"{window}_{device}_provenance"


def _window_cells(run: Run, name: str, devices: list[str]) -> Iterator[object]:
    window: Window | None = run.body if name == "body" else run.process
    yield None if window is None else window.wall_seconds
    yield None if window is None else window.cpu_seconds
    readings = {} if window is None else {reading.device: reading for reading in window.readings}
    for device in devices:
        reading = readings.get(device)
        yield None if reading is None else reading.energy_joules
        yield None if reading is None else reading.provenance.value


def _safe(cell: object) -> object:
    """Text that a spreadsheet would take for a formula is quoted: messages come from programs."""
    return f"'{cell}" if isinstance(cell, str) and cell[:1] in ("=", "+", "-", "@", "\t", "\r") else cell
