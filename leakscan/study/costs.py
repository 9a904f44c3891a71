"""What an iteration, a rebuild and a step cost on the machine that measured, and what follows from it.

All times are CPU seconds of iterations after the first one: all programs build and trace in the first.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from leakscan.study.data import Measured
from leakscan.study.grid import Axis
from leakscan.validation.results import Result
from leakscan.validation.statistics import Interval, line, mean_interval
from leakscan.validation.trends import iteration_cpu_seconds

ORIGINAL = "original"


@dataclass(frozen=True, slots=True)
class Outcome:
    """A measured cell with its result, and the CPU seconds of an iteration by arm, a value for each block."""

    measured: Measured
    result: Result
    seconds: dict[str, tuple[float, ...]]

    @classmethod
    def of(cls, measured: Measured, margin: float | None = None) -> Outcome:
        """Evaluate a cell. Raises LeakscanError for runs that cannot be read."""
        result = measured.evaluate(margin)
        used = set(result.used_blocks)
        seconds: dict[str, list[tuple[int, float]]] = {}
        for run in result.runs:
            value = iteration_cpu_seconds(run, 0)
            if run.block in used and run.fault is None and value is not None:
                seconds.setdefault(run.arm, []).append((run.block or 0, value))
        whole = {
            arm: tuple(value for _, value in sorted(values))
            for arm, values in seconds.items()
            if len(values) == len(used)
        }
        return cls(measured, result, whole)

    def rebuild(self, fix: str) -> Interval | None:
        """What one rebuild costs: the CPU seconds that an iteration of `fix` uses less than the original's.

        The mean over blocks with its t-interval; None where the fix was not measured.
        """
        if fix not in self.seconds or ORIGINAL not in self.seconds:
            return None
        pairs = zip(self.seconds[ORIGINAL], self.seconds[fix], strict=True)
        return mean_interval([before - after for before, after in pairs])

    def saving(self, fix: str) -> Interval | None:
        """The percentage of an iteration's CPU time that `fix` saves, as `rebuild`."""
        if fix not in self.seconds or ORIGINAL not in self.seconds:
            return None
        pairs = zip(self.seconds[ORIGINAL], self.seconds[fix], strict=True)
        return mean_interval([100 * (1 - after / before) for before, after in pairs])


def on_axis(outcomes: Sequence[Outcome], axis: Axis) -> list[Outcome]:
    """The outcomes of an axis, from small to large where there is such an order."""
    found = [outcome for outcome in outcomes if axis in outcome.measured.cell.axes]
    if axis is Axis.STEPS:
        return sorted(found, key=lambda item: item.measured.cell.epochs)
    return sorted(found, key=lambda item: (item.measured.cell.steps, item.measured.cell.width))


@dataclass(frozen=True, slots=True)
class CostModel:
    """CPU seconds of a rebuild, and of one training step, from cells that differ in the length of a fit.

    `rebuild` is the mean over the cells, `step` the slope of the fixed program's iterations over their steps,
    both with 95 % intervals.
    """

    fix: str
    rebuild: Interval
    step: Interval

    def share(self, steps: float) -> float:
        """The part of an iteration's CPU time that rebuilding takes when its fit has so many steps."""
        return self.rebuild.estimate / (self.rebuild.estimate + steps * self.step.estimate)

    def steps_for(self, share: float) -> float:
        """How many steps a fit must have for rebuilding to take this share of an iteration."""
        return self.rebuild.estimate * (1 - share) / share / self.step.estimate


def cost_model(cells: Sequence[Outcome], fix: str) -> CostModel | None:
    """The model of `cells`, or None where fewer than 3 of them have the fix."""
    found = [(cell, cost) for cell in cells if (cost := cell.rebuild(fix)) is not None]
    if len(found) < 3:  # noqa: PLR2004 - a line through two points has no spread
        return None
    points = [
        (float(cell.measured.cell.steps), seconds) for cell, _ in found for seconds in cell.seconds[fix]
    ]
    # Cells count alike, whatever their number of blocks.
    return CostModel(fix, mean_interval([cost.estimate for _, cost in found]), line(points))
