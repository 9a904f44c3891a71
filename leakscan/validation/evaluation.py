"""Runs on disk -> what may be said of each fix: numbers, verdicts, ranking. Nothing here runs or prints."""

from __future__ import annotations

import dataclasses
import math
import statistics as descriptive
from collections.abc import Collection, Iterator, Mapping, Sequence

from leakscan.errors import LeakscanError
from leakscan.validation import passes, sentences, trends
from leakscan.validation.carbon import Carbon
from leakscan.validation.measurements import Provenance, Run, Window, net_energy_joules
from leakscan.validation.results import (
    SCHEMA_VERSION,
    ArmInfo,
    ArmResult,
    Basis,
    Described,
    Metric,
    Quantity,
    Result,
)
from leakscan.validation.series import Series, device_joules, only
from leakscan.validation.statistics import (
    adjust,
    compare,
    invalidate,
    mean_interval,
    rank,
    smallest_detectable_change,
)
from leakscan.validation.store import Record
from leakscan.validation.verdicts import MINIMUM_BLOCKS, Comparison, Interval, Verdict

_CONFIDENCE = 0.95


def evaluate(
    record: Record,
    arms: Sequence[Described],
    *,
    command: str,
    margin: float | None = None,
    alpha: float = 0.05,
    carbon: Carbon | None = None,
) -> Result:
    """What the runs of an experiment say of each fix.

    `arms` describes the fixes (the original may be among them), `command` is what the user typed. Changes
    within `margin`, a fraction, are equivalent: 1 % where energy is measured and 3 % where it is modelled,
    unless given. `alpha` is the level of each verdict: at looks of a sequential experiment that of the look.
    A block is used when the runs of all arms in it count; arms that fail again and again are left out.

    Raises LeakscanError when the record has no plan, or none with the arms that are described.
    """
    data = Series.of(record, margin, alpha)
    names = [arm.name for arm in data.plan.arms]
    unknown = [arm.info.name for arm in arms if arm.info.name not in names]
    if unknown:
        raise LeakscanError(f"the runs have no arm {unknown[0]!r}; they have {', '.join(names)}")
    infos = {name: ArmInfo(name, "", "", "") for name in names} | {arm.info.name: arm.info for arm in arms}
    building_once = {arm.info.name for arm in arms if arm.builds_once}
    drafts = [_describe(data, infos[name], carbon) for name in names]
    judged = [drafts[0], *_compared(data, drafts, building_once)]
    headlines = {
        arm.name: found.comparison
        for arm in judged[1:]
        if (found := arm.headline) is not None and found.comparison is not None
    }
    result = Result(
        schema_version=SCHEMA_VERSION,
        leakscan_version=record.header.environment.leakscan_version,
        created_at=record.header.created_at,
        command=command,
        margin=data.margin,
        alpha=alpha,
        window=data.window,
        banner=sentences.banner(data),
        verdict="",
        reservations=(),
        recommendation="",
        limits=(),
        warnings=tuple(sentences.warnings(data)),
        ranking=rank(headlines),
        arms=tuple(judged),
        used_blocks=data.used,
        dropped_blocks=data.dropped,
        loop=data.loop,
        carbon=carbon,
        environment=record.header.environment,
        setting=record.header.setting,
        sources=record.header.sources,
        idles=record.idles,
        noises=record.noises,
        plan=record.header.plan,
        runs=data.runs,
        obstacle=data.obstacle,
    )
    return dataclasses.replace(
        result,
        verdict=sentences.verdict(result),
        reservations=tuple(sentences.reservations(result)),
        recommendation=sentences.recommendation(result),
        limits=tuple(sentences.limits(result)),
    )


# -- one arm ------------------------------------------------------------------------------------------------


def _describe(data: Series, info: ArmInfo, carbon: Carbon | None) -> ArmResult:
    """An arm without its comparisons."""
    runs = data.by_arm.get(info.name, ())
    all_runs = [run for run in data.runs if run.arm == info.name and run.fault is None]
    quantities = tuple(_quantities(data, runs)) if runs else ()
    is_cut = data.window == "pass"
    energy = next((each.mean for each in quantities if each.metric is Metric.ENERGY), None)
    counts = [count for run in runs if (count := data.iterations(run)) is not None]
    fault = data.excluded.get(info.name)
    number = None if data.loop is None else data.loop.number
    return ArmResult(
        info=info,
        runs=len(runs),
        fault=fault,
        disagreement=next((run.disagreement for run in all_runs if run.disagreement), None),
        notes=tuple(sentences.notes_on_outputs(data, all_runs)),
        numbers_compared=max((len(run.output.numbers) for run in all_runs), default=0),
        iterations=math.fsum(counts) / len(counts) if counts else None,
        quantities=quantities,
        memory_growth=trends.trend(runs, number, lambda tick: tick.rss_bytes, without_first=is_cut),
        gpu_memory_growth=trends.trend(runs, number, lambda tick: tick.gpu_bytes, without_first=is_cut),
        slowdown=trends.slowdown(runs, number),
        verdict=None,
        reason="",
        smallest_detectable_change=None,
        rebuild_cpu_seconds=None,
        carbon_grams=None if carbon is None or energy is None else carbon.grams(energy),
        projected=tuple(passes.projected(data, info.name)),
    )


def _quantities(data: Series, runs: Sequence[Run]) -> Iterator[Quantity]:
    if data.window == "pass":
        yield from _quantities_of_passes(data, runs)
        return
    windows = [data.window_of(run) for run in runs]
    yield _energy(Metric.ENERGY, windows, data.devices)
    if len(data.devices) > 1:
        for device in data.devices:
            yield _energy(Metric.ENERGY, windows, (device,), device)
    idles = [
        dataclasses.replace(idle, window=only(idle.window, data.devices))
        for idle in data.idles
        if device_joules(idle.window, data.devices) is not None
    ]
    net = [net_energy_joules(only(window, data.devices), idles) for window in windows]
    if None not in net:
        yield _quantity(Metric.NET_ENERGY, net, _provenances(windows, data.devices))
    if data.window == "body":
        yield _energy(Metric.PROCESS_ENERGY, [run.process for run in runs], data.devices)
    yield _quantity(Metric.CPU_TIME, [window.cpu_seconds for window in windows])
    yield _quantity(Metric.WALL_TIME, [window.wall_seconds for window in windows])
    for metric, counted in (
        (Metric.INSTRUCTIONS, [run.instructions for run in runs]),
        (Metric.CYCLES, [run.cycles for run in runs]),
    ):
        if any(count is not None for count in counted):
            yield _quantity(metric, counted, {Provenance.COUNTER})
    yield _quantity(Metric.PEAK_MEMORY, [run.peak_rss_bytes for run in runs])
    if any(run.peak_gpu_bytes is not None for run in runs):
        yield _quantity(Metric.PEAK_GPU_MEMORY, [run.peak_gpu_bytes for run in runs])
    if data.loop is not None:
        counts = [data.iterations(run) or 0 for run in runs]
        energy = [device_joules(window, data.devices) for window in windows]
        yield _quantity(
            Metric.ENERGY_PER_ITERATION, _shared(energy, counts), _provenances(windows, data.devices)
        )
        walls = [window.wall_seconds for window in windows]
        yield _quantity(Metric.WALL_PER_ITERATION, _shared(walls, counts))


def _quantities_of_passes(data: Series, runs: Sequence[Run]) -> Iterator[Quantity]:
    """Of runs that are cut: a pass after the first, and the first."""
    later = [data.window_of(run) for run in runs]
    yield _energy(Metric.ENERGY_PER_PASS, later, data.devices)
    if len(data.devices) > 1:
        for device in data.devices:
            yield _energy(Metric.ENERGY_PER_PASS, later, (device,), device)
    yield _quantity(Metric.CPU_PER_PASS, [window.cpu_seconds for window in later])
    yield _quantity(Metric.WALL_PER_PASS, [window.wall_seconds for window in later])
    first = [run.passes.first for run in runs if run.passes is not None]
    yield _energy(Metric.FIRST_PASS_ENERGY, first, data.devices)
    yield _quantity(Metric.FIRST_PASS_CPU, [window.cpu_seconds for window in first])
    yield _quantity(Metric.FIRST_PASS_WALL, [window.wall_seconds for window in first])
    counts = {run.passes.count for each in data.by_arm.values() for run in each if run.passes is not None}
    if len(counts) > 1:
        return  # by their time runs are cut after more passes or fewer, which peaks depend on
    yield _quantity(Metric.PEAK_MEMORY, [run.peak_rss_bytes for run in runs])
    if any(run.peak_gpu_bytes is not None for run in runs):
        yield _quantity(Metric.PEAK_GPU_MEMORY, [run.peak_gpu_bytes for run in runs])


def _shared(values: Sequence[float | None], counts: Sequence[int]) -> list[float | None]:
    """Each value for one iteration; None where there were none."""
    return [
        None if value is None or not count else value / count
        for value, count in zip(values, counts, strict=True)
    ]


def _energy(
    metric: Metric, windows: Sequence[Window], devices: Sequence[str], device: str | None = None
) -> Quantity:
    values = [device_joules(window, devices) for window in windows]
    return _quantity(metric, values, _provenances(windows, devices), device)


def _provenances(windows: Sequence[Window], devices: Sequence[str]) -> set[Provenance]:
    found = {
        reading.provenance for window in windows for reading in window.readings if reading.device in devices
    }
    return found or {Provenance.ABSENT}


def _quantity(
    metric: Metric,
    values: Sequence[float | None],
    provenances: set[Provenance] | None = None,
    device: str | None = None,
) -> Quantity:
    known = [float(value) for value in values if value is not None]
    whole = bool(known) and len(known) == len(values)
    note = None
    if not whole and known:
        note = sentences.not_measured(len(values) - len(known))
    weakest = None if provenances is None else max(provenances, key=list(Provenance).index)
    return Quantity(
        metric=metric,
        device=device,
        basis=_basis(provenances, known=bool(known)),
        provenance=weakest,
        values=tuple(None if value is None else float(value) for value in values),
        mean=math.fsum(known) / len(known) if whole else None,
        sd=descriptive.stdev(known) if whole and len(known) > 1 else None,
        comparison=None,
        note=note,
    )


def _basis(provenances: set[Provenance] | None, *, known: bool) -> Basis:
    if not known:
        return Basis.ABSENT
    physical = {each.is_physical for each in provenances or {Provenance.COUNTER}}
    return (
        {True: Basis.MEASURED, False: Basis.MODELLED}[physical.pop()] if len(physical) == 1 else Basis.PARTLY
    )


# -- comparing ----------------------------------------------------------------------------------------------


def _compared(data: Series, drafts: Sequence[ArmResult], building_once: Collection[str]) -> list[ArmResult]:
    """The fixes with their comparisons, verdicts and reasons."""
    original, *fixes = drafts
    found: dict[tuple[Metric, str | None], dict[str, Comparison]] = {}
    notes: dict[tuple[Metric, str | None, str], str] = {}
    for arm in fixes:
        for mine in arm.quantities:
            theirs = original.quantity(mine.metric, mine.device)
            key = (mine.metric, mine.device)
            comparison, note = _comparison(data, theirs, mine)
            if note is not None:
                notes[(*key, arm.name)] = note
            if comparison is not None:
                reason = data.obstacle or sentences.why_invalid(data, arm)
                comparison = invalidate(comparison, reason) if reason else comparison
                found.setdefault(key, {})[arm.name] = comparison
    judged = {key: adjust(comparisons) for key, comparisons in found.items()}
    concluded = [_concluded(data, original, arm, judged, notes) for arm in fixes]
    return [
        dataclasses.replace(arm, rebuild_cpu_seconds=_rebuild_cost(data, original.name, arm.name))
        if arm.name in building_once and not _why_no_verdict(data, original, arm)
        else arm
        for arm in concluded
    ]


def _comparison(
    data: Series, original: Quantity | None, fixed: Quantity
) -> tuple[Comparison | None, str | None]:
    before = [] if original is None else [value for value in original.values if value is not None]
    after = [value for value in fixed.values if value is not None]
    if not before or len(before) != len(after) or len(after) != len(data.used):
        return None, fixed.note
    if min(*before, *after) <= 0:
        return None, sentences.NO_RATIO
    return compare(before, after, margin=data.margin, confidence=_CONFIDENCE, alpha=data.alpha), fixed.note


def _why_no_verdict(data: Series, original: ArmResult, arm: ArmResult) -> str | None:
    """Why an arm has no verdict, however its values are."""
    if reason := data.obstacle or sentences.why_invalid(data, arm):
        return reason
    return sentences.NO_ORIGINAL if sentences.why_invalid(data, original) else None


def _concluded(
    data: Series,
    original: ArmResult,
    arm: ArmResult,
    judged: Mapping[tuple[Metric, str | None], Mapping[str, Comparison]],
    notes: Mapping[tuple[Metric, str | None, str], str],
) -> ArmResult:
    quantities = tuple(
        dataclasses.replace(
            each,
            comparison=judged.get((each.metric, each.device), {}).get(arm.name),
            note=notes.get((each.metric, each.device, arm.name)),
        )
        for each in arm.quantities
    )
    metric = Metric.ENERGY_PER_PASS if data.window == "pass" else Metric.ENERGY
    headline = judged.get((metric, None), {}).get(arm.name)
    invalid = _why_no_verdict(data, original, arm)
    if headline is not None:
        verdict, reason = headline.verdict, headline.reason
    elif invalid:
        verdict, reason = Verdict.INVALID, invalid
    elif not data.used:
        verdict, reason = Verdict.INCONCLUSIVE, sentences.NO_BLOCKS
    else:
        verdict, reason = Verdict.INVALID, sentences.NO_ENERGY
    sd = None if headline is None else headline.effect.sd_log_ratio
    return dataclasses.replace(
        arm,
        quantities=quantities,
        memory_growth=trends.paired(original.memory_growth, arm.memory_growth),
        gpu_memory_growth=trends.paired(original.gpu_memory_growth, arm.gpu_memory_growth),
        slowdown=trends.paired(original.slowdown, arm.slowdown),
        verdict=verdict,
        reason=reason,
        smallest_detectable_change=(
            smallest_detectable_change(len(data.used), sd, data.alpha) if sd and len(data.used) > 1 else None
        ),
        pass_differences=() if invalid else tuple(passes.differences(data, original.name, arm.name)),
    )


def _rebuild_cost(data: Series, original: str, fix: str) -> Interval | None:
    if data.window == "pass" or data.loop is None or len(data.used) < MINIMUM_BLOCKS:
        return None
    costs: list[float] = []
    for before, after in zip(data.by_arm[original], data.by_arm[fix], strict=True):
        seconds = [trends.iteration_cpu_seconds(run, data.loop.number) for run in (before, after)]
        if seconds[0] is None or seconds[1] is None:
            return None
        costs.append(seconds[0] - seconds[1])
    return mean_interval(costs, _CONFIDENCE)
