"""What an iteration, a rebuild and a step cost on the machine that measured, and what follows from it.

All times are of iterations after the first one: all programs build and trace in the first. They are CPU
seconds, or, where a GPU does the work, seconds by the wall clock: its energy follows those.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from leakscan.study.data import Measured
from leakscan.study.grid import SGD, Axis, Cell
from leakscan.validation.meters import GPU
from leakscan.validation.results import ArmResult, Basis, Metric, Quantity, Result
from leakscan.validation.statistics import line, mean_interval
from leakscan.validation.trends import iteration_cpu_seconds, iteration_wall_seconds
from leakscan.validation.verdicts import Comparison, Interval, Verdict

ORIGINAL = "original"


@dataclass(frozen=True, slots=True)
class Outcome:
    """A measured cell with its result, and the seconds of an iteration by arm, a value for each block.

    `on_gpu` tells whether a GPU did the work: results are then quoted for the GPU's energy, which is counted,
    without that of the processor, which may be modelled.
    """

    measured: Measured
    result: Result
    seconds: dict[str, tuple[float, ...]]
    on_gpu: bool = False

    @classmethod
    def of(cls, measured: Measured, margin: float | None = None) -> Outcome:
        """Evaluate a cell. Raises LeakscanError for runs that cannot be read."""
        result = measured.evaluate(margin)
        gpu = result.original.quantity(Metric.ENERGY, GPU)
        on_gpu = gpu is not None and gpu.basis is Basis.MEASURED
        used = set(result.used_blocks)
        seconds: dict[str, list[tuple[int, float]]] = {}
        for run in result.runs:
            value = iteration_wall_seconds(run, 0) if on_gpu else iteration_cpu_seconds(run, 0)
            if run.block in used and run.fault is None and value is not None:
                seconds.setdefault(run.arm, []).append((run.block or 0, value))
        whole = {
            arm: tuple(value for _, value in sorted(values))
            for arm, values in seconds.items()
            if len(values) == len(used)
        }
        return cls(measured, result, whole, on_gpu)

    @property
    def clock(self) -> str:
        """What `seconds` are seconds of."""
        return "wall time" if self.on_gpu else "CPU time"

    def energy(self, arm: ArmResult) -> Quantity | None:
        """The energy that results are quoted for."""
        return arm.quantity(Metric.ENERGY, GPU if self.on_gpu else None)

    def comparison(self, arm: ArmResult) -> Comparison | None:
        """That energy compared with the first arm's."""
        quantity = self.energy(arm)
        return None if quantity is None else quantity.comparison

    def verdict(self, arm: ArmResult) -> Verdict | None:
        """The verdict on that energy."""
        found = self.comparison(arm)
        return arm.verdict if found is None else found.verdict

    @property
    def idle_watts(self) -> list[float]:
        """The GPU's mean power in each window without a program."""
        windows = [idle.window for idle in self.measured.idles]
        return [
            reading.energy_joules / window.wall_seconds
            for window in windows
            for reading in window.readings
            if reading.device == GPU and reading.energy_joules is not None
        ]

    def peak_memory(self, arm: ArmResult) -> Quantity | None:
        """The peak of the memory that tensors are in."""
        return arm.quantity(Metric.PEAK_GPU_MEMORY if self.on_gpu else Metric.PEAK_MEMORY)

    def growth(self, arm: ArmResult) -> Interval | None:
        """Bytes of that memory that an iteration adds."""
        trend = arm.gpu_memory_growth if self.on_gpu else arm.memory_growth
        return None if trend is None else trend.per_iteration

    def rebuild(self, fix: str, original: str = ORIGINAL) -> Interval | None:
        """What one rebuild costs: the seconds that an iteration of `fix` takes less than that of `original`.

        The mean over blocks with its t-interval; None where either was not measured.
        """
        pairs = self._pairs(fix, original)
        return mean_interval([before - after for before, after in pairs]) if pairs else None

    def saving(self, fix: str, original: str = ORIGINAL) -> Interval | None:
        """The percentage of an iteration's time that `fix` saves, as `rebuild`."""
        pairs = self._pairs(fix, original)
        return mean_interval([100 * (1 - after / before) for before, after in pairs]) if pairs else None

    def _pairs(self, fix: str, original: str) -> list[tuple[float, float]]:
        return list(zip(self.seconds.get(original, ()), self.seconds.get(fix, ()), strict=False))


def on_axis(outcomes: Sequence[Outcome], axis: Axis) -> list[Outcome]:
    """The outcomes of an axis, from small to large where there is such an order."""
    found = [outcome for outcome in outcomes if axis in outcome.measured.cell.axes]
    if axis is Axis.STEPS:
        return sorted(found, key=lambda item: item.measured.cell.epochs)
    return sorted(found, key=lambda item: _place(item.measured.cell))


def _place(cell: Cell) -> tuple[int, int, bool, bool, bool]:
    return cell.steps, cell.width, cell.optimizer != SGD, cell.metrics, cell.default_threads


def by_axis(outcomes: Sequence[Outcome]) -> Iterator[tuple[Axis, list[Outcome]]]:
    """The axes with their outcomes, without those whose only cell is shown on another one already."""
    seen: set[str] = set()
    for axis in Axis:
        found = on_axis(outcomes, axis)
        names = {outcome.measured.cell.name for outcome in found}
        if len(found) > 1 or not names <= seen:
            seen |= names
            yield axis, found


@dataclass(frozen=True, slots=True)
class CostModel:
    """Seconds of a rebuild, and of one training step, from cells that differ in the length of a fit.

    `rebuild` is the mean over the cells, `step` the slope of the fixed program's iterations over their steps,
    both with 95 % intervals. `shortest` and `longest` are the steps of the fits that were measured: what is
    said of others is extrapolated.
    """

    fix: str
    rebuild: Interval
    step: Interval
    shortest: int
    longest: int

    def share(self, steps: float) -> float:
        """The part of an iteration's time that rebuilding takes when its fit has so many steps."""
        return self.rebuild.estimate / (self.rebuild.estimate + steps * self.step.estimate)

    def steps_for(self, share: float) -> float:
        """How many steps a fit must have for rebuilding to take this share of an iteration."""
        return self.rebuild.estimate * (1 - share) / share / self.step.estimate

    def steps_between(self, share: float) -> tuple[float, float] | None:
        """The fewest and the most steps of `steps_for` that the two intervals allow at their ends."""
        ends = (self.rebuild.low, self.rebuild.high, self.step.low, self.step.high)
        if any(end is None or end <= 0 for end in ends):
            return None
        low, high, slow, slower = (end or 0.0 for end in ends)
        factor = (1 - share) / share
        return factor * low / slower, factor * high / slow

    def extrapolates(self, steps: float) -> bool:
        """Whether a fit of so many steps is outside of what was measured."""
        return not self.shortest <= steps <= self.longest


def cost_model(cells: Sequence[Outcome], fix: str) -> CostModel | None:
    """The model of `cells`, or None where fewer than 3 of them have the fix."""
    found = [(cell, cost) for cell in cells if (cost := cell.rebuild(fix)) is not None]
    if len(found) < 3:  # noqa: PLR2004 - a line through two points has no spread
        return None
    points = [
        (float(cell.measured.cell.steps), seconds) for cell, _ in found for seconds in cell.seconds[fix]
    ]
    # Cells count alike, whatever their number of blocks.
    steps = [cell.measured.cell.steps for cell, _ in found]
    rebuild = mean_interval([cost.estimate for _, cost in found])
    return CostModel(fix, rebuild, line(points), min(steps), max(steps))
