"""What changes over the iterations of a loop: slopes of each run, and their median over blocks."""

from __future__ import annotations

import itertools
import math
import statistics as descriptive
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from leakscan.validation.measurements import Run, Tick
from leakscan.validation.statistics import slope
from leakscan.validation.verdicts import Interval, Trend

_CONFIDENCE = 0.95
_LEAST_POINTS = 5  # fewer say nothing about a trend
_MOST_POINTS = 200  # of a series; the slope looks at every pair
_CURVE_POINTS = 60

Points = Sequence[tuple[float, float]]  # iteration, value; in the order of iterations
Value = Callable[[Tick], "float | None"]


@dataclass(frozen=True, slots=True)
class CurvePoint:
    """The median over runs at one iteration, with the least and the greatest."""

    iteration: float
    median: float
    low: float
    high: float


def trend(
    runs: Sequence[Run], loop: int | None, value: Value, *, without_first: bool = False
) -> Trend | None:
    """The trend of what is seen at the top of each iteration; None where no run shows enough.

    `without_first` is for runs that are cut after few passes: from the top of the second one on, and 2 points
    of a run are enough.
    """
    if without_first:
        series = [_points(run, loop, value) for run in runs]
        later = [[point for point in points if point[0] >= 1] for points in series]
        return _trend([_slope(points, least=2) for points in later])
    return _trend([_slope(_points(run, loop, value)) for run in runs])


def slowdown(runs: Sequence[Run], loop: int | None) -> Trend | None:
    """The trend of the time that an iteration takes, in seconds for each iteration."""
    slopes = []
    for run in runs:
        ticks = itertools.pairwise(_points(run, loop, lambda tick: tick.seconds))
        lengths = [
            ((first + second) / 2, (end - begin) / (second - first))
            for (first, begin), (second, end) in ticks
            if second > first
        ]
        slopes.append(_slope(lengths))
    return _trend(slopes)


def paired(original: Trend | None, fixed: Trend | None) -> Trend | None:
    """The trend of a fix with its difference from the original's, block by block."""
    if original is None or fixed is None:
        return fixed
    differences = [
        after - before
        for before, after in zip(original.values, fixed.values, strict=True)
        if before is not None and after is not None
    ]
    return Trend(fixed.values, fixed.per_iteration, median(differences))


def iteration_cpu_seconds(run: Run, loop: int) -> float | None:
    """CPU seconds of an iteration, from the top of the second one to the end of the body.

    The first iteration is left out: what later ones may save, such as tracing, has to be done there. None
    where the loop is passed once only, or was not seen.
    """
    whole = None if run.body is None else run.body.cpu_seconds
    return _later_iterations(run, loop, whole, lambda tick: tick.cpu_seconds)


def iteration_wall_seconds(run: Run, loop: int) -> float | None:
    """Seconds of an iteration by the wall clock, as `iteration_cpu_seconds`."""
    whole = None if run.body is None else run.body.wall_seconds
    return _later_iterations(run, loop, whole, lambda tick: tick.seconds)


def _later_iterations(
    run: Run, loop: int, whole: float | None, seconds: Callable[[Tick], float]
) -> float | None:
    if whole is None or loop >= len(run.iterations):
        return None
    tick = next((tick for tick in run.ticks if tick.loop == loop and tick.iteration > 0), None)
    if tick is None or run.iterations[loop] <= tick.iteration:
        return None
    return (whole - seconds(tick)) / (run.iterations[loop] - tick.iteration)


def curve(runs: Sequence[Run], loop: int | None, value: Value) -> list[CurvePoint]:
    """What is seen over the iterations that all runs have, at 60 of them at most."""
    series = [points for run in runs if len(points := _points(run, loop, value)) > 1]
    if not series:
        return []
    first = max(points[0][0] for points in series)
    last = min(points[-1][0] for points in series)
    if last <= first:
        return []
    places = _grid(first, last, _CURVE_POINTS)
    columns = zip(*(_values_at(points, places) for points in series), strict=True)
    return [
        CurvePoint(place, descriptive.median(column), min(column), max(column))
        for place, column in zip(places, columns, strict=True)
    ]


def median(values: Sequence[float]) -> Interval | None:
    """The median with the interval of the sign test, without one below 6 values."""
    if not values:
        return None
    ordered, count = sorted(values), len(values)
    estimate = descriptive.median(ordered)
    tail, below = 0.0, 0
    while below < count // 2:
        chance = math.comb(count, below) / 2**count
        if 2 * (tail + chance) > 1 - _CONFIDENCE:
            break
        tail += chance
        below += 1
    if not below:
        return Interval(estimate)
    return Interval(estimate, ordered[below - 1], ordered[count - below], 1 - 2 * tail)


def _points(run: Run, loop: int | None, value: Value) -> list[tuple[float, float]]:
    return [
        (tick.iteration, float(seen))
        for tick in run.ticks
        if tick.loop == loop and (seen := value(tick)) is not None
    ]


def _trend(slopes: Sequence[float | None]) -> Trend | None:
    known = [each for each in slopes if each is not None]
    return Trend(tuple(slopes), median(known), None) if known else None


def _slope(points: Points, least: int = _LEAST_POINTS) -> float | None:
    """The Theil-Sen slope; ticks get rarer in long runs, hence values at even distances between them."""
    if len(points) < least or points[-1][0] <= points[0][0]:
        return None
    places = _grid(points[0][0], points[-1][0], _MOST_POINTS)
    found = slope(_values_at(points, places))
    return None if found is None else found.per_iteration / (places[1] - places[0])


def _grid(first: float, last: float, most: int) -> list[float]:
    steps = max(1, min(round(last - first), most))
    return [first + step * (last - first) / steps for step in range(steps + 1)]


def _values_at(points: Points, places: Sequence[float]) -> list[float]:
    """Values at places between the first and the last point, on straight lines between neighbours."""
    values, index = [], 0
    for place in places:
        while index < len(points) - 2 and points[index + 1][0] < place:
            index += 1
        (x0, y0), (x1, y1) = points[index], points[index + 1]
        values.append(y0 if x1 == x0 else y0 + (y1 - y0) * (place - x0) / (x1 - x0))
    return values
