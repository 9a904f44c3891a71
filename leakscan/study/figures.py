"""The figures of the study, as SVG files on white."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from leakscan.study.costs import CostModel, Outcome, by_axis
from leakscan.study.grid import Axis, Design, level
from leakscan.validation import wording
from leakscan.validation.reports.plots import Curve, CurvePoint, Estimate, Scale, curves, forest
from leakscan.validation.results import Metric

_ARM_SERIES = {
    "original": 0,
    "imr": 0,
    "utr": 0,
    "reuse": 1,
    "hoist": 2,
    "clear-session": 4,
    "reduce": 3,
    "to-host": 5,
}
_CURVE_POINTS = 40
_LONGEST_FIT = 800  # steps; a pass over CIFAR-10 in batches of 64 is 782


def figures(cells: Sequence[Outcome], model: CostModel | None) -> Iterator[tuple[str, str]]:
    """Yield the name (without `.svg`) and text of each figure for which there are runs."""
    shown = dict(by_axis(cells))
    for item in cells:
        if item.measured.cell.design is Design.PAPER:
            yield item.measured.cell.name, _forest([item], None, "arm / clean program")
    lengths = shown.get(Axis.FIT_LENGTH, [])
    if len(lengths) > 1:
        yield "imr-fit-length", _per_iteration(lengths)
        if model is not None:
            yield "imr-break-even", _break_even(lengths, model)
    for axis, name in (
        (Axis.MODEL_SIZE, "imr-model-size"),
        (Axis.FRAMEWORK, "imr-framework"),
        (Axis.OPTIMIZER, "imr-optimizer"),
        (Axis.THREADS, "imr-threads"),
        (Axis.TENSOR_SIZE, "utr-tensor-size"),
    ):
        if axis in shown:
            yield name, _forest(shown[axis], axis)
    steps = shown.get(Axis.STEPS, [])
    if len(steps) > 1:
        yield "utr-steps", _peak_memory(steps)


def _series(name: str) -> int:
    return _ARM_SERIES.get(name.rpartition("+")[2], 0)


def _forest(cells: Sequence[Outcome], axis: Axis | None, label: str = "fix / original") -> str:
    what = "energy of the GPU" if cells[0].on_gpu else "CPU time"
    title = f"{axis.value}: {what}" if axis else _title(f"{what}, {cells[0].measured.cell.training}")
    rows = []
    for cell in cells:
        for arm in cell.result.fixes:
            quantity = cell.energy(arm) if cell.on_gpu else arm.quantity(Metric.CPU_TIME)
            ratio = quantity.comparison.effect.ratio if quantity and quantity.comparison else None
            if ratio is not None:
                name = arm.name if len(cells) == 1 else f"{_short_level(cell, axis)}, {arm.name}"
                note = wording.percent(100 * (ratio.estimate - 1))
                rows.append(Estimate(name, ratio.estimate, ratio.low, ratio.high, note, _series(arm.name)))
    return forest(rows, title=title, margin=cells[0].result.margin, ratio=label)


def _short_level(cell: Outcome, axis: Axis | None) -> str:
    """Labels have 28 letters: `Adam, metrics, clear-session`."""
    return (
        level(cell.measured.cell, axis).replace(" without metrics", "").replace(" with metrics", ", metrics")
    )


def _title(text: str) -> str:
    return f"{text[0].upper()}{text[1:]}"


def _per_iteration(cells: Sequence[Outcome]) -> str:
    lines: dict[str, list[CurvePoint]] = {}
    for cell in cells:
        for name, seconds in cell.seconds.items():
            point = CurvePoint(cell.measured.cell.steps, math.fsum(seconds) / len(seconds))
            lines.setdefault(name, []).append(point)
    return curves(
        [Curve(name, tuple(lines[name]), _series(name)) for name in _ARM_SERIES if name in lines],
        title=_title(f"{cells[0].clock} of an iteration: one build, one fit"),
        x=Scale(f"steps of a fit (log scale), {cells[0].measured.cell.training}", log=True),
        y=Scale("s (log scale)", log=True),
    )


def _break_even(cells: Sequence[Outcome], model: CostModel) -> str:
    measured = [
        CurvePoint(cell.measured.cell.steps, found.estimate, found.low, found.high)
        for cell in cells
        if (found := cell.saving(model.fix)) is not None
    ]
    ends = (cells[0].measured.cell.steps, _LONGEST_FIT)
    places = [
        ends[0] * (ends[1] / ends[0]) ** (number / (_CURVE_POINTS - 1)) for number in range(_CURVE_POINTS)
    ]
    places = sorted({*places, float(model.longest)})
    modelled = [CurvePoint(place, 100 * model.share(place)) for place in places]
    within = tuple(point for point in modelled if point.x <= model.longest)
    beyond = tuple(point for point in modelled if point.x >= model.longest)
    return curves(
        [
            Curve("measured", tuple(measured), 1),
            Curve("model", within, 2, band=True),
            Curve("extrapolated", beyond, 3, band=True),
        ],
        title=_title(f"{cells[0].clock} of an iteration that {model.fix} saves"),
        x=Scale(f"steps of a fit (log scale), {cells[0].measured.cell.training}", log=True),
        y=Scale("%"),
    )


def _peak_memory(cells: Sequence[Outcome]) -> str:
    lines: dict[str, list[CurvePoint]] = {}
    for cell in cells:
        for arm in cell.result.arms:
            peak = cell.peak_memory(arm)
            if peak is not None and peak.mean is not None:
                lines.setdefault(arm.name, []).append(CurvePoint(_steps(cell), peak.mean / 1e9))
    return curves(
        [Curve(name, tuple(points), _series(name)) for name, points in lines.items()],
        title=f"Peak {'GPU ' if cells[0].on_gpu else ''}memory, an activation of 4.2 MB kept in each step",
        x=Scale("steps"),
        y=Scale("GB"),
    )


def _steps(cell: Outcome) -> int:
    """Steps of a fit; of the whole run where there is one model."""
    own = cell.measured.cell
    return own.steps * (own.epochs if Axis.STEPS in own.axes else 1)
