"""The plots of the page, with what they show in words."""

from __future__ import annotations

from collections.abc import Iterator

from leakscan.validation import trends, wording
from leakscan.validation.measurements import Run
from leakscan.validation.reports import plots
from leakscan.validation.reports.html_markup import escaped
from leakscan.validation.results import ArmResult, Basis, Metric, Quantity, Result
from leakscan.validation.series import run_energies, window_of
from leakscan.validation.verdicts import Verdict


def plot_figures(result: Result) -> str:
    """The figures of the page."""
    if not result.used_blocks:
        return "<p>No block is complete: there is nothing to draw.</p>"
    figures = [*_energy_plots(result), *_power_plots(result), *_memory_plots(result)]
    return f'<div class="plots">{"".join(figures)}</div>'


def _energy_plots(result: Result) -> Iterator[str]:
    is_cut = result.window == "pass"
    energy, wall = (
        (Metric.ENERGY_PER_PASS, Metric.WALL_PER_PASS) if is_cut else (Metric.ENERGY, Metric.WALL_TIME)
    )
    metric = wall if result.headline_basis is Basis.ABSENT else energy
    label, unit = metric.label, metric.unit
    found = [(number, arm, arm.quantity(metric)) for number, arm in enumerate(result.arms)]
    drawn = [(number, arm, each) for number, arm, each in found if each is not None and each.mean is not None]
    original = result.original.quantity(metric)
    if original is None or not drawn:
        return
    rows = [
        plots.Bar(arm.name, each.mean or 0.0, each.sd, each.basis is not Basis.MEASURED, number)
        for number, arm, each in drawn
    ]
    yield _figure(
        plots.bars(rows, title=f"Mean {label}", unit=unit, style=plots.PAGE),
        f"One standard deviation to either side; {original.basis.value}.",
    )
    pairs = [
        plots.Pair(arm.name, _known(original), _known(each), number) for number, arm, each in drawn if number
    ]
    if pairs:
        yield _figure(
            plots.slopes(pairs, title=f"{label.capitalize()}, block by block", unit=unit, style=plots.PAGE),
            "Each thin line is one block; the thick one joins the means.",
        )
    ratios = [
        plots.Estimate(
            arm.name if arm.verdict is not Verdict.INVALID else f"{arm.name}, invalid",
            ratio.estimate,
            ratio.low,
            ratio.high,
            wording.percent(100 * (ratio.estimate - 1)),
            number,
        )
        for number, arm, each in drawn
        if each.comparison is not None and (ratio := each.comparison.effect.ratio) is not None
    ]
    if ratios:
        yield _figure(
            plots.forest(
                ratios, title=f"Ratio of {label} to the original's", margin=result.margin, style=plots.PAGE
            ),
            f"95 % intervals; shaded: within the margin of {100 * result.margin:g} %.",
        )
    dots = list(_dots(result, metric))
    if dots:
        names = [arm.name for arm in result.arms]
        yield _figure(
            plots.timeline(
                dots, names, title=f"{label.capitalize()} in the order of time", unit=unit, style=plots.PAGE
            ),
            "Crosses are runs that do not count; warm-ups are left out.",
        )


def _known(quantity: Quantity) -> tuple[float, ...]:
    return tuple(value for value in quantity.values if value is not None)


def _dots(result: Result, metric: Metric) -> Iterator[plots.Dot]:
    numbers = {arm.name: number for number, arm in enumerate(result.arms)}
    used = set(result.used_blocks)
    for place, (run, joules) in enumerate(run_energies(result)):
        window = window_of(run, result.window)
        value = joules if metric.is_energy else window.wall_seconds
        if value is not None:
            cause = None if run.block in used else "its block does not count"
            fault = run.fault
            yield plots.Dot(place, value, numbers[run.arm], cause if fault is None else fault.message)


def _power_plots(result: Result) -> Iterator[str]:
    """The power over time of one run of each arm: that whose energy is the median of the used ones."""
    chosen = [
        (number, run)
        for number, arm in enumerate(result.arms)
        if (run := _middle_run(result, arm)) is not None
    ]
    for device in sorted({trace.device for _, run in chosen for trace in run.power}):
        series = [
            plots.Curve(
                run.arm,
                tuple(plots.CurvePoint(seconds, watts) for seconds, watts in trace.points),
                number,
                band=True,
            )
            for number, run in chosen
            for trace in run.power
            if trace.device == device and trace.points
        ]
        if series:
            blocks = ", ".join(f"{run.arm} of block {(run.block or 0) + 1}" for _, run in chosen)
            yield _figure(
                plots.curves(
                    series,
                    title=f"Power of the {device.upper()} over a run",
                    x=plots.Scale("seconds since the start of the process"),
                    y=plots.Scale("W"),
                    style=plots.PAGE,
                ),
                f"The run of median energy of each arm ({blocks}), from start to exit, as the counter goes "
                "on. Measured.",
            )


def _middle_run(result: Result, arm: ArmResult) -> Run | None:
    used = set(result.used_blocks)
    found = [
        (joules, run)
        for run, joules in run_energies(result)
        if run.arm == arm.name and run.block in used and run.power and joules is not None
    ]
    found.sort(key=lambda each: each[0])
    return found[len(found) // 2][1] if found else None


def _memory_plots(result: Result) -> Iterator[str]:
    loop = None if result.loop is None else result.loop.number
    used = set(result.used_blocks)
    for name, value in (("memory", lambda tick: tick.rss_bytes), ("GPU memory", lambda tick: tick.gpu_bytes)):
        lines = []
        for number, arm in enumerate(result.arms):
            runs = [run for run in result.runs if run.arm == arm.name and run.block in used]
            lines.append((number, arm.name, trends.curve(runs, loop, value)))
        if not any(points for _, _, points in lines):
            continue
        largest = max(point.high for _, _, points in lines for point in points)
        factor, unit = wording.scale("B", largest)
        series = [
            plots.Curve(
                arm,
                tuple(
                    plots.CurvePoint(
                        each.iteration, each.median / factor, each.low / factor, each.high / factor
                    )
                    for each in points
                ),
                number,
                band=True,
            )
            for number, arm, points in lines
            if points
        ]
        yield _figure(
            plots.curves(
                series,
                title=f"Resident {name} over the iterations",
                x=plots.Scale("iteration of the flagged loop"),
                y=plots.Scale(unit),
                style=plots.PAGE,
            ),
            "At the top of each iteration: the median of all blocks; the band spans all of them. Measured.",
        )


def _figure(svg: str, caption: str) -> str:
    return f"<figure>{svg}<figcaption>{escaped(caption)}</figcaption></figure>"
