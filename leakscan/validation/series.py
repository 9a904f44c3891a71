"""The runs of a record, sorted out: which of them are used, what is summed of each, which loop counts."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from leakscan.errors import LeakscanError
from leakscan.validation.agreement import compare_outputs
from leakscan.validation.executions import FlaggedLoop
from leakscan.validation.measurements import (
    Environment,
    Fault,
    Idle,
    Noise,
    Provenance,
    Run,
    Source,
    Window,
    decode,
)
from leakscan.validation.obstacles import obstacle
from leakscan.validation.plan import Plan, not_entered, progress
from leakscan.validation.results import Dropped, Loop, Result
from leakscan.validation.store import Record
from leakscan.validation.verdicts import MARGIN_ESTIMATED, MARGIN_MEASURED


def default_margin(sources: Sequence[Source]) -> float:
    """The change within which arms are equivalent, unless told: 3 % where any energy is modelled, else 1 %.

    From the instruments, not from what they gave: so it is the same before the first run and after the last.
    """
    present = [source for source in sources if source.provenance is not Provenance.ABSENT]
    measured = all(source.provenance.is_physical for source in present)
    return MARGIN_MEASURED if measured else MARGIN_ESTIMATED


@dataclass(frozen=True, slots=True)
class Series:
    """The runs of a record, sorted out: those that are used by arm, in the order of blocks."""

    plan: Plan
    runs: tuple[Run, ...]
    by_arm: Mapping[str, tuple[Run, ...]]
    excluded: Mapping[str, Fault]
    used: tuple[int, ...]
    dropped: tuple[Dropped, ...]
    sources: tuple[Source, ...]
    environment: Environment
    idles: tuple[Idle, ...]
    noises: tuple[Noise, ...]
    window: str
    loop: Loop | None
    devices: tuple[str, ...]
    margin: float
    alpha: float
    obstacle: str | None
    not_entered: tuple[FlaggedLoop, ...]

    @classmethod
    def of(cls, record: Record, margin: float | None, alpha: float) -> Series:
        """Sort the runs out. Raises LeakscanError when the record has no plan that can be read."""
        try:
            plan = decode(Plan, record.header.plan)
        except (ValueError, KeyError, TypeError) as error:
            raise LeakscanError(f"these runs have no plan that can be read: {error}") from None
        runs = tuple(_agreement(plan, record.runs))
        excluded = progress(plan, runs).excluded
        active = [arm.name for arm in plan.arms if arm.name not in excluded]
        used, dropped = _blocks(active, runs)
        place = {block: index for index, block in enumerate(used)}
        by_arm = {
            name: tuple(
                sorted(
                    (run for run in runs if run.arm == name and run.block in place),
                    key=lambda run: place[run.block or 0],
                )
            )
            for name in active
        }
        counted = [run for each in by_arm.values() for run in each]
        window = headline_window(counted)
        windows = [window_of(run, window) for run in counted]
        devices = common_devices(windows)
        return cls(
            plan=plan,
            runs=runs,
            by_arm=by_arm,
            excluded=excluded,
            used=used,
            dropped=dropped,
            sources=record.header.sources,
            environment=record.header.environment,
            idles=record.idles,
            noises=record.noises,
            window=window,
            loop=_loop(plan, by_arm.get(plan.arms[0].name, ())),
            devices=devices,
            margin=default_margin(record.header.sources) if margin is None else margin,
            alpha=alpha,
            obstacle=obstacle(plan, runs, counted, window),
            not_entered=not_entered(plan.arms[0], runs),
        )

    def window_of(self, run: Run) -> Window:
        """The window of a run that the headline spans."""
        return window_of(run, self.window)

    def span_of(self, run: Run) -> Window:
        """What was measured for the headline: of a pass all later ones."""
        later = None if run.passes is None else run.passes.later
        return later if self.window == "pass" and later is not None else self.window_of(run)

    def iterations(self, run: Run) -> int | None:
        """The passes of a run through the flagged loop; None without one."""
        number = None if self.loop is None else self.loop.number
        return run.iterations[number] if number is not None and number < len(run.iterations) else None


def _agreement(plan: Plan, runs: Sequence[Run]) -> Iterator[Run]:
    """The runs, with outputs compared with those of all runs of the original, the later ones too."""
    originals = [run.output for run in runs if run.arm == plan.arms[0].name and run.fault is None]
    for run in runs:
        found = compare_outputs(originals, run.output, plan.tolerance)
        yield dataclasses.replace(run, disagreement=None if run.fault else found.disagreement)


def _blocks(active: Sequence[str], runs: Sequence[Run]) -> tuple[tuple[int, ...], tuple[Dropped, ...]]:
    by_block: dict[int, dict[str, Run]] = {}
    for run in runs:
        if run.block is not None and run.arm in active:
            by_block.setdefault(run.block, {})[run.arm] = run
    used, dropped = [], []
    for block in sorted(by_block):
        faulty = next((run for run in by_block[block].values() if run.fault is not None), None)
        if faulty is not None:
            dropped.append(Dropped(block, faulty.arm, faulty.fault))
        elif len(by_block[block]) < len(active):
            missing = next(name for name in active if name not in by_block[block])
            dropped.append(Dropped(block, missing, None))
        else:
            used.append(block)
    return tuple(used), tuple(dropped)


def headline_window(runs: Sequence[Run]) -> str:
    """What the headline spans: what all runs have."""
    ended_by = {None if run.passes is None or run.passes.later is None else run.passes.loop for run in runs}
    if len(ended_by) == 1 and None not in ended_by:
        return "pass"
    return "body" if runs and all(run.body is not None for run in runs) else "process"


def window_of(run: Run, name: str) -> Window:
    """The window of a run by its name in `Result.window`; the whole process where it has no such window."""
    each = None if name != "pass" or run.passes is None else run.passes.each_later
    found = {"pass": each, "body": run.body}.get(name)
    return run.process if found is None else found


def common_devices(windows: Sequence[Window]) -> tuple[str, ...]:
    """The devices whose energy is known in every window: a sum over others would compare what differs."""
    known = [
        {reading.device for reading in window.readings if reading.energy_joules is not None}
        for window in windows
    ]
    return tuple(sorted(set.intersection(*known))) if known else ()


def _loop(plan: Plan, runs: Sequence[Run]) -> Loop | None:
    """The loop that ended the runs, else the flagged one that the original spends most time in.

    That is from its first tick to its last.
    """
    cut = [run.passes for run in runs if run.passes is not None]
    if cut and all(passes.loop == cut[0].loop for passes in cut):
        lengths = {passes.length for passes in cut}
        length = lengths.pop() if len(lengths) == 1 else None
        loop = plan.arms[0].loops[cut[0].loop]
        if loop.line is not None:
            return Loop(cut[0].loop, loop.path, loop.line, length)
    spans: dict[int, float] = {}
    for run in runs:
        for number in range(len(run.iterations)):
            seconds = [tick.seconds for tick in run.ticks if tick.loop == number]
            spans[number] = spans.get(number, 0.0) + (seconds[-1] - seconds[0] if seconds else 0.0)
    loops = plan.arms[0].loops
    numbers = [number for number in spans if number < len(loops)]
    if not numbers:
        return None
    number = max(numbers, key=lambda each: (spans[each], -each))
    line = loops[number].line
    return None if line is None else Loop(number, loops[number].path, line)


def device_joules(window: Window, devices: Sequence[str]) -> float | None:
    """The energy of these devices together; None where that of one is not known."""
    found = [reading.energy_joules for reading in window.readings if reading.device in devices]
    known = [joules for joules in found if joules is not None]
    return math.fsum(known) if known and len(known) == len(devices) else None


def only(window: Window, devices: Sequence[str]) -> Window:
    """The window with the readings of these devices alone."""
    readings = tuple(reading for reading in window.readings if reading.device in devices)
    return dataclasses.replace(window, readings=readings)


def run_energies(result: Result) -> list[tuple[Run, float | None]]:
    """Each run that is not a warm-up, with the energy of its headline window in joules.

    Over the devices that the headline sums: those that are known in every run that is used.
    """
    runs = [run for run in result.runs if run.block is not None]
    windows = {id(run): window_of(run, result.window) for run in runs}
    used = set(result.used_blocks)
    devices = common_devices([windows[id(run)] for run in runs if run.block in used and run.fault is None])
    return [(run, device_joules(windows[id(run)], devices)) for run in runs]
