"""Of runs that are cut after some passes: what a pass costs more in a fix; the whole program, projected."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence

from leakscan.validation import trends
from leakscan.validation.measurements import Run, Window
from leakscan.validation.results import Metric, PassDifference, Projected
from leakscan.validation.series import Series, device_joules
from leakscan.validation.statistics import mean_interval
from leakscan.validation.verdicts import MINIMUM_BLOCKS

_CONFIDENCE = 0.95


def differences(data: Series, original: str, fix: str) -> Iterator[PassDifference]:
    """What a later pass of a fix takes more than one of the original, block by block; none below 6 blocks."""
    if data.window != "pass" or len(data.used) < MINIMUM_BLOCKS:
        return
    for metric, value in _values(data).items():
        columns = [_column(data, name, lambda run: value(data.window_of(run))) for name in (original, fix)]  # noqa: B023
        yield from _difference(metric, *columns)
    yield from _difference(Metric.MEMORY_PER_PASS, _growths(data, original), _growths(data, fix))


def projected(data: Series, name: str) -> Iterator[Projected]:
    """All passes of the loop, where their number is known, by metric."""
    length = None if data.loop is None else data.loop.length
    if data.window != "pass" or length is None or name not in data.by_arm or not data.used:
        return
    original = data.plan.arms[0].name
    for metric, value in _values(data).items():
        columns = [
            _column(data, each, lambda run: _whole(run, length, value))  # noqa: B023
            for each in (original, name)
        ]
        yield from _projected(metric, length, *columns, is_fix=name != original)
    grown = [
        None if slopes is None else [slope * (length - 1) for slope in slopes]
        for slopes in (_growths(data, original), _growths(data, name))
    ]
    yield from _projected(Metric.MEMORY_PER_PASS, length, *grown, is_fix=name != original)


def _values(data: Series) -> dict[Metric, Callable[[Window], float | None]]:
    return {
        Metric.CPU_PER_PASS: lambda window: window.cpu_seconds,
        Metric.WALL_PER_PASS: lambda window: window.wall_seconds,
        Metric.ENERGY_PER_PASS: lambda window: device_joules(window, data.devices),
    }


def _column(data: Series, name: str, value: Callable[[Run], float | None]) -> list[float] | None:
    """A value of each used run of an arm, in the order of blocks; None where one is missing."""
    values = [value(run) for run in data.by_arm.get(name, ())]
    known = [each for each in values if each is not None]
    return known if known and len(known) == len(values) else None


def _growths(data: Series, name: str) -> list[float] | None:
    number = None if data.loop is None else data.loop.number
    found = trends.trend(data.by_arm.get(name, ()), number, lambda tick: tick.rss_bytes, without_first=True)
    known = [] if found is None else [each for each in found.values if each is not None]
    return known if found is not None and len(known) == len(found.values) else None


def _whole(run: Run, length: int, value: Callable[[Window], float | None]) -> float | None:
    """What comes before the loop, its first pass, and all others at the mean of those that were measured."""
    passes = run.passes
    if passes is None or passes.each_later is None:
        return None
    parts = [value(passes.set_up), value(passes.first), value(passes.each_later)]
    known = [each for each in parts if each is not None]
    return math.fsum([*known[:2], known[2] * (length - 1)]) if len(known) == len(parts) else None


def _difference(
    metric: Metric, before: Sequence[float] | None, after: Sequence[float] | None
) -> Iterator[PassDifference]:
    if before is not None and after is not None and len(before) == len(after):
        values = [new - old for old, new in zip(before, after, strict=True)]
        if metric is Metric.MEMORY_PER_PASS and not any((*before, *after)):
            return  # nothing is kept, with the fix or without
        yield PassDifference(metric, mean_interval(values, _CONFIDENCE))


def _projected(
    metric: Metric,
    length: int,
    before: Sequence[float] | None,
    after: Sequence[float] | None,
    *,
    is_fix: bool,
) -> Iterator[Projected]:
    if after is None:
        return
    found = (
        next(_difference(metric, before, after), None) if is_fix and len(after) >= MINIMUM_BLOCKS else None
    )
    difference = None if found is None else found.mean
    yield Projected(metric, length, math.fsum(after) / len(after), difference)
