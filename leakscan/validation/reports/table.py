"""The one table of the reports, as text: what the terminal and the page both show."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from leakscan.validation import wording
from leakscan.validation.results import ArmResult, Basis, Metric, Quantity, Result
from leakscan.validation.verdicts import MINIMUM_BLOCKS, Interval, Trend, Verdict

_DIGITS_OF_SD = 2
_HEADLINES = (Metric.ENERGY, Metric.ENERGY_PER_PASS)


@dataclass(frozen=True, slots=True)
class Row:
    """One arm's line: mean, standard deviation, change from the original, 95 % interval, verdict."""

    arm: str
    mean: str
    sd: str = ""
    change: str = ""
    interval: str = ""
    verdict: str = ""
    kind: Verdict | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """One metric with what it rests on; the original's row is the first."""

    label: str
    basis: str
    rows: tuple[Row, ...]


def groups(result: Result) -> Iterator[Group]:
    """The metrics in the order of the report; those that no arm has are left out."""
    for quantity in result.original.quantities:
        label = quantity.metric.label
        if quantity.device is not None:
            label = f"{quantity.device.upper()} {label}"
        basis = quantity.basis.value
        rows = tuple(_rows(result, quantity))
        if quantity.basis is not Basis.ABSENT or quantity.metric in _HEADLINES:
            yield Group(label, basis, rows)
    each = "pass" if result.window == "pass" else "iteration"
    for label, trend in ((f"memory/{each}", "memory_growth"), (f"GPU mem./{each[:7]}", "gpu_memory_growth")):
        trends = [(arm, getattr(arm, trend)) for arm in result.arms]
        if trends[0][1] is not None:
            rows = tuple(_trend_row(arm, found) for arm, found in trends if found is not None)
            yield Group(label, Basis.MEASURED.value, rows)


def _rows(result: Result, original: Quantity) -> Iterator[Row]:
    headline = original.metric in _HEADLINES and original.device is None
    for arm in result.arms:
        found = arm.quantity(original.metric, original.device)
        if found is not None:
            yield _row(arm, found, headline=headline)
        elif headline and arm.verdict is not None:
            yield Row(arm.name, "", verdict=arm.verdict.value, kind=arm.verdict, note=arm.reason)


def _row(arm: ArmResult, quantity: Quantity, *, headline: bool) -> Row:
    unit = quantity.metric.unit
    mean, sd = wording.amount(quantity.mean, unit), ""
    if quantity.mean is not None and quantity.sd is not None:
        factor, _ = wording.scale(unit, quantity.mean)
        # 2.1e+02 is no way to write 210.
        sd = f"{float(f'{quantity.sd / factor:.{_DIGITS_OF_SD}g}'):g}"
        sd = "< 0.001" if "e-" in sd else sd
    comparison = quantity.comparison
    if comparison is None:
        kind = arm.verdict if headline else None
        return Row(arm.name, mean, sd, verdict=wording.verdict(kind, headline=headline), kind=kind)
    change = comparison.effect.percent_change
    return Row(
        arm.name,
        mean,
        sd,
        wording.percent(None if change is None else change.estimate),
        wording.percent_range(change),
        wording.verdict(comparison.verdict, headline=headline),
        comparison.verdict,
        quantity.note or comparison.reason,
    )


def _trend_row(arm: ArmResult, trend: Trend) -> Row:
    slope, difference = trend.per_iteration, trend.difference
    return Row(
        arm.name,
        "" if slope is None else wording.amount(slope.estimate, "B", signed=True),
        change="" if difference is None else wording.amount(difference.estimate, "B", signed=True),
        interval=amount_range(difference, "B"),
        verdict="grows" if trend.rises else "",
        note="" if slope is None else f"interval of the slope {amount_range(slope, 'B')}",
    )


def amount_range(interval: Interval | None, unit: str) -> str:
    """The bounds of an interval in one unit, `-3.31 to -2.90 MB`; without bounds, nothing."""
    if interval is None or interval.low is None or interval.high is None:
        return ""
    factor, name = wording.scale(unit, max(abs(interval.low), abs(interval.high)))
    low, high = (wording.digits(bound / factor) for bound in (interval.low, interval.high))
    return f"{low} to {high} {name}"


def facts(result: Result) -> Iterator[str]:
    """The lines below the table: blocks, the test, what gets slower, outputs that differ, carbon."""
    yield (
        f"{wording.plural(len(result.used_blocks), 'block')} used, {len(result.dropped_blocks)} not used; "
        f"margin {100 * result.margin:g} %; level {result.alpha:g}; seed {result.plan.get('seed')}"
    )
    ranked = _ranked(result)
    if len(ranked) > 2:  # noqa: PLR2004 - with one fix the table says it
        yield f"by estimated energy, the lowest first: {', '.join(ranked)}"
    if any(_only_adjusting_hides(each) for arm in result.fixes for each in arm.quantities):
        yield (
            "an interval without 0 may be inconclusive: verdicts are adjusted for "
            f"{len(result.fixes)} fixes, intervals are not"
        )
    yield from _of_passes(result)
    for arm in result.arms:
        if arm.slowdown is not None and arm.slowdown.rises and arm.slowdown.per_iteration is not None:
            size = wording.amount(arm.slowdown.per_iteration.estimate, "s")
            yield f"{arm.name}: each iteration takes {size} longer than the one before"
        cost = arm.rebuild_cpu_seconds
        if arm.verdict is not Verdict.INVALID and cost is not None and cost.low is not None and cost.low > 0:
            size, bounds = wording.amount(cost.estimate, "s"), amount_range(cost, "s")
            yield (
                f"{arm.name}: each rebuild that it avoids costs about {size} of CPU time on this machine "
                f"(measured, 95 % interval {bounds})"
            )
        if arm.fault is not None or arm.disagreement is not None:
            remedy = ""
            if arm.fault is None and arm.verdict is Verdict.INVALID:
                remedy = "; if it need not, as where it draws other random numbers: --outputs-may-differ"
            yield f"{arm.name}: {arm.reason or _of_the_original(arm)}{remedy}"
        if arm.smallest_detectable_change is not None and arm.verdict is Verdict.INCONCLUSIVE:
            found = wording.percent(100 * arm.smallest_detectable_change, signed=False)
            yield f"{arm.name}: the smallest saving that so many blocks show four times in five is {found}"
    grams = [(arm.name, arm.carbon_grams) for arm in result.arms if arm.carbon_grams is not None]
    if result.carbon is not None and grams:
        words = ", ".join(f"{name} {wording.amount(value, 'g')}" for name, value in grams)
        yield f"CO2 equivalent (modelled) of a run: {words}; {intensity(result)}"


def _of_passes(result: Result) -> Iterator[str]:
    """Where runs are cut: which loop ended them, what a pass costs, what the whole would."""
    loop = result.loop
    if result.window != "pass" or loop is None:
        return
    counts = {run.passes.count for run in result.runs if run.passes is not None and run.cut is not None}
    ends = f"{min(counts)}" if len(counts) == 1 else f"{min(counts)} to {max(counts)}"
    length = "not known how many there are in all" if loop.length is None else f"of {loop.length}"
    yield f"passes of the loop at {loop.path}:{loop.line}: the first {ends} ({length})"
    valid = [arm for arm in result.fixes if arm.verdict is not Verdict.INVALID]
    for arm in valid:
        parts = [
            f"{_difference(each.mean, each.metric.unit)} {_KINDS[each.metric]}"
            for each in arm.pass_differences
        ]
        if parts:
            yield f"{arm.name}, in each pass after the first: {', '.join(parts)} (95 % intervals)"
    for arm in valid:
        totals = {each.metric: each.total for each in result.original.projected}
        for each in arm.projected:
            total = totals.get(each.metric)
            if each.difference is None or total is None:
                continue
            shown = total > 0 and each.difference.excludes(0)
            share = f": {wording.percent(100 * each.difference.estimate / total)}" if shown else ""
            amount = wording.amount(total, each.metric.unit)
            yield (
                f"{arm.name}, projected to all {each.passes} passes: "
                f"{_difference(each.difference, each.metric.unit)} of {amount} {_KINDS[each.metric]}{share}"
            )


_KINDS = {
    Metric.CPU_PER_PASS: "of CPU time",
    Metric.WALL_PER_PASS: "of wall time",
    Metric.ENERGY_PER_PASS: "of energy",
    Metric.MEMORY_PER_PASS: "of memory kept",
}


def _difference(interval: Interval, unit: str) -> str:
    """`4.10 s less (3.92 to 4.28)`; where neither is shown, `no difference shown (-0.1 to 0.2 s)`."""
    if not interval.excludes(0):
        return f"no difference shown ({amount_range(interval, unit)})"
    word = "less" if interval.estimate < 0 else "more"
    low, high = sorted((abs(interval.low or 0.0), abs(interval.high or 0.0)))
    bounds = Interval(abs(interval.estimate), low, high)
    return f"{wording.amount(bounds.estimate, unit)} {word} ({amount_range(bounds, unit)})"


def _of_the_original(arm: ArmResult) -> str:
    if arm.fault is not None:
        return f"it {arm.fault.in_words}"
    return "its output varies from run to run"


def setting_rows(result: Result) -> Iterator[tuple[str, str]]:
    """What must be the same to measure again, beside machine and packages; nothing where it is not known."""
    setting = result.setting
    if setting is None:
        return
    yield "program", result.command
    yield "revision", setting.revision or "not in git"
    yield "hash of the files it ran among", setting.tree_hash
    yield "interpreter", f"{setting.python} ({setting.python_version})"
    variables = [f"{name}={value}" for name, value in setting.variables.items()]
    yield "environment variables", "; ".join(variables) or "none that frameworks read"


def _ranked(result: Result) -> list[str]:
    """The arms by their estimated energy, the original among them."""
    ratios = {result.original.name: 1.0}
    for arm in result.fixes:
        found = arm.headline
        ratio = None if found is None or found.comparison is None else found.comparison.effect.ratio
        if arm.name in result.ranking.order and ratio is not None:
            ratios[arm.name] = ratio.estimate
    return sorted(ratios, key=ratios.__getitem__)


def _only_adjusting_hides(quantity: Quantity) -> bool:
    """Whether the interval excludes no change, and the adjusted test still shows none."""
    found = quantity.comparison
    if found is None or found.verdict is not Verdict.INCONCLUSIVE:
        return False
    change = found.effect.percent_change
    return change is not None and change.excludes(0) and found.blocks >= MINIMUM_BLOCKS


def intensity(result: Result) -> str:
    """`436 g/kWh (source, 2023)`; empty when carbon was not asked for."""
    carbon = result.carbon
    if carbon is None:
        return ""
    year = "" if carbon.year is None else f", {carbon.year}"
    return f"{wording.digits(carbon.intensity_grams_per_kwh)} g/kWh ({carbon.source}{year})"
