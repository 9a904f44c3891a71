"""Runs on disk -> what may be said of each fix: numbers, verdicts, ranking, recommendation, limits.

Nothing here runs or prints. A result holds all that the reports show, every run among it, and goes to JSON
and back without loss, so that any report can be made again from the JSON one.
"""

from __future__ import annotations

import dataclasses
import enum
import json
import math
import statistics as descriptive
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from leakscan.errors import LeakscanError
from leakscan.validation import trends, wording
from leakscan.validation.agreement import compare_outputs
from leakscan.validation.carbon import Carbon
from leakscan.validation.experiment import SHORTEST_SECONDS
from leakscan.validation.measurements import (
    Environment,
    Fault,
    Idle,
    Provenance,
    Run,
    Source,
    Window,
    decode,
    net_energy_joules,
)
from leakscan.validation.plan import Plan, progress
from leakscan.validation.statistics import (
    MARGIN_ESTIMATED,
    MARGIN_MEASURED,
    MINIMUM_BLOCKS,
    Comparison,
    Interval,
    Ranking,
    Verdict,
    adjust,
    compare,
    invalidate,
    mean_interval,
    rank,
    smallest_detectable_change,
)
from leakscan.validation.store import Record
from leakscan.validation.trends import Trend

SCHEMA_VERSION = 1

_CONFIDENCE = 0.95
#: Strategies that keep one model; what their iterations use less is the cost of a rebuild.
_KEEPING = frozenset({"reuse", "hoist"})


class Metric(enum.Enum):
    """What is compared. The unit is part of the name."""

    ENERGY = "energy_joules"
    NET_ENERGY = "net_energy_joules"
    PROCESS_ENERGY = "process_energy_joules"
    CPU_TIME = "cpu_seconds"
    WALL_TIME = "wall_seconds"
    PEAK_MEMORY = "peak_rss_bytes"
    PEAK_GPU_MEMORY = "peak_gpu_bytes"
    ENERGY_PER_ITERATION = "energy_joules_per_iteration"
    WALL_PER_ITERATION = "wall_seconds_per_iteration"

    @property
    def unit(self) -> str:
        """J, s or B."""
        return "J" if "joules" in self.value else "s" if "seconds" in self.value else "B"

    @property
    def label(self) -> str:
        """The name for people."""
        return _LABELS[self]

    @property
    def is_energy(self) -> bool:
        """Whether it is in joules, so that it may be modelled."""
        return self.unit == "J"


_LABELS = {
    Metric.ENERGY: "energy",
    Metric.NET_ENERGY: "energy over idle",
    Metric.PROCESS_ENERGY: "energy, process",
    Metric.CPU_TIME: "CPU time",
    Metric.WALL_TIME: "wall time",
    Metric.PEAK_MEMORY: "peak memory",
    Metric.PEAK_GPU_MEMORY: "peak GPU memory",
    Metric.ENERGY_PER_ITERATION: "energy/iteration",
    Metric.WALL_PER_ITERATION: "time/iteration",
}


class Basis(enum.Enum):
    """What a number rests on, in one word for people."""

    MEASURED = "measured"
    PARTLY = "partly modelled"
    MODELLED = "modelled"
    ABSENT = "not measured"


@dataclass(frozen=True, slots=True)
class ArmInfo:
    """What a fix changes: its strategy, unified diff, message, and applicability (safe, unsafe)."""

    name: str
    diff: str
    message: str
    applicability: str


@dataclass(frozen=True, slots=True)
class Quantity:
    """One metric of one arm, a value for each block that is used, in their order.

    In the unit that the metric's name has. `device` is set for the energy of one device alone. `provenance`
    is the weakest one of the energy in it; None for times and memory, which the kernel counts. `mean` and
    `sd` (of the sample) are None where a value is. `comparison` is with the original; None for the original
    itself, and where `note` says why there is none.
    """

    metric: Metric
    device: str | None
    basis: Basis
    provenance: Provenance | None
    values: tuple[float | None, ...]
    mean: float | None
    sd: float | None
    comparison: Comparison | None
    note: str | None


@dataclass(frozen=True, slots=True)
class ArmResult:
    """One arm. `fault` is why it was not run any more, `disagreement` how its output differs.

    `verdict` is that on its energy, after Holm over all fixes; None for the original. `runs` counts those
    that are used. `iterations` is the mean number of passes through the flagged loop. `numbers_compared` is
    how many printed numbers the outputs have to agree in. `smallest_detectable_change` is the saving, as a
    fraction, that so many blocks would have shown in four of five experiments. `rebuild_cpu_seconds` is what
    each rebuild of the original costs, for fixes that keep one model: the CPU time that its iterations, after
    the first, take more; mean over blocks with its t-interval.
    """

    info: ArmInfo
    runs: int
    fault: Fault | None
    disagreement: str | None
    notes: tuple[str, ...]
    numbers_compared: int
    iterations: float | None
    quantities: tuple[Quantity, ...]
    memory_growth: Trend | None
    gpu_memory_growth: Trend | None
    slowdown: Trend | None
    verdict: Verdict | None
    reason: str
    smallest_detectable_change: float | None
    rebuild_cpu_seconds: Interval | None
    carbon_grams: float | None

    @property
    def name(self) -> str:
        """The strategy, or `original`."""
        return self.info.name

    def quantity(self, metric: Metric, device: str | None = None) -> Quantity | None:
        """The quantity of this metric (and device), if the arm has it."""
        found = (each for each in self.quantities if (each.metric, each.device) == (metric, device))
        return next(found, None)


@dataclass(frozen=True, slots=True)
class Dropped:
    """A block that does not count: by the cause of one of its runs, or because a run is missing."""

    block: int
    arm: str | None
    fault: Fault | None


@dataclass(frozen=True, slots=True)
class Loop:
    """The flagged loop that iterations are counted of: its number, and where it stands in the original."""

    number: int
    path: str
    line: int


@dataclass(frozen=True, slots=True)
class Result:
    """All of an experiment. The first arm is the original.

    `window` is what the headline spans: `body`, the script without start-up and imports, or `process`.
    `plan` is that of the file of runs. `verdict` and `recommendation` are sentences, `limits` says what the
    numbers do not show, `banner` is set where energy is modelled. `used_blocks` are in the order of time.
    """

    schema_version: int
    leakscan_version: str
    created_at: str
    command: str
    margin: float
    alpha: float
    window: str
    banner: str | None
    verdict: str
    recommendation: str
    limits: tuple[str, ...]
    warnings: tuple[str, ...]
    ranking: Ranking
    arms: tuple[ArmResult, ...]
    used_blocks: tuple[int, ...]
    dropped_blocks: tuple[Dropped, ...]
    loop: Loop | None
    carbon: Carbon | None
    environment: Environment
    sources: tuple[Source, ...]
    idles: tuple[Idle, ...]
    plan: dict[str, Any]
    runs: tuple[Run, ...]

    @property
    def original(self) -> ArmResult:
        """The program as it is."""
        return self.arms[0]

    @property
    def fixes(self) -> tuple[ArmResult, ...]:
        """The other arms."""
        return self.arms[1:]

    @property
    def headline_basis(self) -> Basis:
        """What the energy of the headline rests on."""
        found = self.original.quantity(Metric.ENERGY)
        return Basis.ABSENT if found is None else found.basis


# -- evaluating ---------------------------------------------------------------------------------------------


def evaluate(
    record: Record,
    arms: Sequence[ArmInfo],
    *,
    command: str,
    margin: float | None = None,
    alpha: float = 0.05,
    carbon: Carbon | None = None,
) -> Result:
    """What the runs of an experiment say of each fix.

    `arms` describes the fixes (the original may be among them), `command` is what the user typed. `margin` is
    the change that does not matter, as a fraction: 1 % where energy is measured and 3 % where it is modelled,
    unless given. `alpha` is the level of each verdict: at looks of a sequential experiment that of the look.
    A block is used when the runs of all arms in it count; arms that fail again and again are left out.

    Raises LeakscanError when the record has no plan, or none with the arms that are described.
    """
    data = _Data.of(record, margin, alpha)
    names = [arm.name for arm in data.plan.arms]
    unknown = [info.name for info in arms if info.name not in names]
    if unknown:
        raise LeakscanError(f"the runs have no arm {unknown[0]!r}; they have {', '.join(names)}")
    infos = {name: ArmInfo(name, "", "", "") for name in names} | {info.name: info for info in arms}
    drafts = [_describe(data, infos[name], carbon) for name in names]
    judged = [drafts[0], *_compared(data, drafts)]
    headlines = {
        arm.name: found.comparison
        for arm in judged[1:]
        if (found := arm.quantity(Metric.ENERGY)) is not None and found.comparison is not None
    }
    result = Result(
        schema_version=SCHEMA_VERSION,
        leakscan_version=record.header.environment.leakscan_version,
        created_at=record.header.created_at,
        command=command,
        margin=data.margin,
        alpha=alpha,
        window=data.window,
        banner=_banner(data),
        verdict="",
        recommendation="",
        limits=(),
        warnings=tuple(_warnings(data)),
        ranking=rank(headlines),
        arms=tuple(judged),
        used_blocks=data.used,
        dropped_blocks=data.dropped,
        loop=data.loop,
        carbon=carbon,
        environment=record.header.environment,
        sources=record.header.sources,
        idles=record.idles,
        plan=record.header.plan,
        runs=data.runs,
    )
    return dataclasses.replace(
        result,
        verdict=_verdict_sentence(result),
        recommendation=_recommendation(result),
        limits=tuple(_limits(result)),
    )


def load(path: str) -> Result:
    """The result in a JSON report.

    Raises LeakscanError when the file cannot be read, is no report, or comes from another version.
    """
    try:
        with open(path, encoding="utf-8") as stream:
            fields = json.load(stream)
    except OSError as error:
        raise LeakscanError(f"{path}: {error.strerror}") from None
    except ValueError:
        raise LeakscanError(f"{path}: not JSON; give the JSON report of `leakscan validate`") from None
    version = fields.get("schema_version") if isinstance(fields, dict) else None
    if version is None or "arms" not in fields:
        raise LeakscanError(f"{path}: not a report of `leakscan validate`")
    if version != SCHEMA_VERSION:
        raise LeakscanError(
            f"{path}: of another version of leakscan (schema {version}, not {SCHEMA_VERSION})"
        )
    try:
        return decode(Result, fields)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise LeakscanError(f"{path}: a damaged report: {error}") from None


# -- data ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Data:
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
    window: str
    loop: Loop | None
    devices: tuple[str, ...]
    margin: float
    alpha: float

    @classmethod
    def of(cls, record: Record, margin: float | None, alpha: float) -> _Data:
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
        body = bool(counted) and all(run.body is not None for run in counted)
        windows = [_window(run, body=body) for run in counted]
        devices = _devices(windows)
        modelled = any(
            reading.device in devices and not reading.provenance.is_physical
            for window in windows
            for reading in window.readings
        )
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
            window="body" if body else "process",
            loop=_loop(plan, by_arm.get(plan.arms[0].name, ())),
            devices=devices,
            margin=(MARGIN_ESTIMATED if modelled else MARGIN_MEASURED) if margin is None else margin,
            alpha=alpha,
        )

    def window_of(self, run: Run) -> Window:
        return _window(run, body=self.window == "body")

    def iterations(self, run: Run) -> int | None:
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


def _window(run: Run, *, body: bool) -> Window:
    return run.body if body and run.body is not None else run.process


def _devices(windows: Sequence[Window]) -> tuple[str, ...]:
    """The devices whose energy is known in every window: a sum over others would compare what differs."""
    known = [
        {reading.device for reading in window.readings if reading.energy_joules is not None}
        for window in windows
    ]
    return tuple(sorted(set.intersection(*known))) if known else ()


def _loop(plan: Plan, runs: Sequence[Run]) -> Loop | None:
    """The flagged loop that the original spends most time in, from its first tick to its last."""
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
    return Loop(number, loops[number].path, loops[number].line)


# -- one arm ------------------------------------------------------------------------------------------------


def _describe(data: _Data, info: ArmInfo, carbon: Carbon | None) -> ArmResult:
    """An arm without its comparisons."""
    runs = data.by_arm.get(info.name, ())
    all_runs = [run for run in data.runs if run.arm == info.name and run.fault is None]
    quantities = tuple(_quantities(data, runs)) if runs else ()
    energy = next((each.mean for each in quantities if each.metric is Metric.ENERGY), None)
    counts = [count for run in runs if (count := data.iterations(run)) is not None]
    fault = data.excluded.get(info.name)
    number = None if data.loop is None else data.loop.number
    return ArmResult(
        info=info,
        runs=len(runs),
        fault=fault,
        disagreement=next((run.disagreement for run in all_runs if run.disagreement), None),
        notes=tuple(_output_notes(data, all_runs)),
        numbers_compared=max((len(run.output.numbers) for run in all_runs), default=0),
        iterations=math.fsum(counts) / len(counts) if counts else None,
        quantities=quantities,
        memory_growth=trends.trend(runs, number, lambda tick: tick.rss_bytes),
        gpu_memory_growth=trends.trend(runs, number, lambda tick: tick.gpu_bytes),
        slowdown=trends.slowdown(runs, number),
        verdict=None,
        reason="",
        smallest_detectable_change=None,
        rebuild_cpu_seconds=None,
        carbon_grams=None if carbon is None or energy is None else carbon.grams(energy),
    )


def _output_notes(data: _Data, runs: Sequence[Run]) -> Iterator[str]:
    originals = [run.output for run in data.runs if run.arm == data.plan.arms[0].name and not run.fault]
    notes = dict.fromkeys(
        note for run in runs for note in compare_outputs(originals, run.output, data.plan.tolerance).notes
    )
    yield from notes
    if any(not run.output.kept_all for run in runs):
        yield "the output is long: only its beginning and its end are compared"


def _quantities(data: _Data, runs: Sequence[Run]) -> Iterator[Quantity]:
    windows = [data.window_of(run) for run in runs]
    yield _energy(Metric.ENERGY, windows, data.devices)
    if len(data.devices) > 1:
        for device in data.devices:
            yield _energy(Metric.ENERGY, windows, (device,), device)
    idles = [
        dataclasses.replace(idle, window=_only(idle.window, data.devices))
        for idle in data.idles
        if _joules(idle.window, data.devices) is not None
    ]
    net = [net_energy_joules(_only(window, data.devices), idles) for window in windows]
    if None not in net:
        yield _quantity(Metric.NET_ENERGY, net, _provenances(windows, data.devices))
    if data.window == "body":
        yield _energy(Metric.PROCESS_ENERGY, [run.process for run in runs], data.devices)
    yield _quantity(Metric.CPU_TIME, [window.cpu_seconds for window in windows])
    yield _quantity(Metric.WALL_TIME, [window.wall_seconds for window in windows])
    yield _quantity(Metric.PEAK_MEMORY, [run.peak_rss_bytes for run in runs])
    if any(run.peak_gpu_bytes is not None for run in runs):
        yield _quantity(Metric.PEAK_GPU_MEMORY, [run.peak_gpu_bytes for run in runs])
    if data.loop is not None:
        counts = [data.iterations(run) or 0 for run in runs]
        energy = [_joules(window, data.devices) for window in windows]
        yield _quantity(
            Metric.ENERGY_PER_ITERATION, _shared(energy, counts), _provenances(windows, data.devices)
        )
        walls = [window.wall_seconds for window in windows]
        yield _quantity(Metric.WALL_PER_ITERATION, _shared(walls, counts))


def _shared(values: Sequence[float | None], counts: Sequence[int]) -> list[float | None]:
    """Each value for one iteration; None where there were none."""
    return [
        None if value is None or not count else value / count
        for value, count in zip(values, counts, strict=True)
    ]


def _energy(
    metric: Metric, windows: Sequence[Window], devices: Sequence[str], device: str | None = None
) -> Quantity:
    values = [_joules(window, devices) for window in windows]
    return _quantity(metric, values, _provenances(windows, devices), device)


def _joules(window: Window, devices: Sequence[str]) -> float | None:
    found = [reading.energy_joules for reading in window.readings if reading.device in devices]
    known = [joules for joules in found if joules is not None]
    return math.fsum(known) if known and len(known) == len(devices) else None


def _only(window: Window, devices: Sequence[str]) -> Window:
    """The window with the readings of these devices alone."""
    readings = tuple(reading for reading in window.readings if reading.device in devices)
    return dataclasses.replace(window, readings=readings)


def run_energies(result: Result) -> list[tuple[Run, float | None]]:
    """Each run that is not a warm-up, with the energy of its headline window in joules.

    Over the devices that the headline sums: those that are known in every run that is used.
    """
    runs = [run for run in result.runs if run.block is not None]
    windows = {id(run): run.body if result.window == "body" and run.body else run.process for run in runs}
    used = set(result.used_blocks)
    devices = _devices([windows[id(run)] for run in runs if run.block in used and run.fault is None])
    return [(run, _joules(windows[id(run)], devices)) for run in runs]


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
        note = f"not measured in {wording.plural(len(values) - len(known), 'run')}"
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


def _compared(data: _Data, drafts: Sequence[ArmResult]) -> list[ArmResult]:
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
                reason = _invalid(arm)
                comparison = invalidate(comparison, reason) if reason else comparison
                found.setdefault(key, {})[arm.name] = comparison
    judged = {key: adjust(comparisons) for key, comparisons in found.items()}
    return [_concluded(data, original, arm, judged, notes) for arm in fixes]


def _comparison(
    data: _Data, original: Quantity | None, fixed: Quantity
) -> tuple[Comparison | None, str | None]:
    before = [] if original is None else [value for value in original.values if value is not None]
    after = [value for value in fixed.values if value is not None]
    if not before or len(before) != len(after) or len(after) != len(data.used):
        return None, fixed.note
    if min(*before, *after) <= 0:
        return None, "a value is not above zero: too small for the instrument, no ratio"
    return compare(before, after, margin=data.margin, confidence=_CONFIDENCE, alpha=data.alpha), fixed.note


def _invalid(arm: ArmResult) -> str | None:
    if arm.fault is not None:
        return f"it does not run: {arm.fault.message}"
    if arm.disagreement is not None:
        return f"its output is not the original's: {arm.disagreement}"
    return None


def _concluded(
    data: _Data,
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
    headline = judged.get((Metric.ENERGY, None), {}).get(arm.name)
    invalid = _invalid(arm) or (_invalid(original) and "the original does not run")
    if headline is not None:
        verdict, reason = headline.verdict, headline.reason
    elif invalid:
        verdict, reason = Verdict.INVALID, invalid
    elif not data.used:
        verdict, reason = Verdict.INCONCLUSIVE, f"a verdict needs at least {MINIMUM_BLOCKS} blocks, not 0"
    else:
        verdict, reason = Verdict.INVALID, "its energy was not measured"
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
        rebuild_cpu_seconds=None if invalid else _rebuild_cost(data, original.name, arm.name),
    )


def _rebuild_cost(data: _Data, original: str, fix: str) -> Interval | None:
    if fix not in _KEEPING or data.loop is None or len(data.used) < MINIMUM_BLOCKS:
        return None
    costs: list[float] = []
    for before, after in zip(data.by_arm[original], data.by_arm[fix], strict=True):
        seconds = [trends.iteration_cpu_seconds(run, data.loop.number) for run in (before, after)]
        if seconds[0] is None or seconds[1] is None:
            return None
        costs.append(seconds[0] - seconds[1])
    return mean_interval(costs, _CONFIDENCE)


# -- sentences ----------------------------------------------------------------------------------------------


def _banner(data: _Data) -> str | None:
    """What to know before reading a joule, where any of them is modelled."""
    for source in data.sources:
        if source.device in data.devices and not source.provenance.is_physical:
            watts = "" if source.watts_per_core is None else f" x {source.watts_per_core:.3g} W per core"
            table = (
                "; the processor is not in codecarbon's table, so the watts are a general default"
                if source.in_table is False
                else ""
            )
            rest = "Changes in percent are those of CPU time; joules are a guess."
            if any(each.provenance.is_physical for each in data.sources if each.device in data.devices):
                rest = "The other devices are measured."
            name = source.device.upper()
            return f"Energy of the {name} is modelled, not measured: CPU time{watts}{table}. {rest}"
    return None


def _warnings(data: _Data) -> Iterator[str]:
    environment = data.environment
    runs = [run for each in data.by_arm.values() for run in each]
    short = [run for run in runs if data.window_of(run).wall_seconds < SHORTEST_SECONDS]
    if short:
        least = min(data.window_of(run).wall_seconds for run in short)
        yield (
            f"{len(short)} of {len(runs)} runs took less than {SHORTEST_SECONDS:g} s (the shortest "
            f"{wording.amount(least, 's')}): longer ones vary less"
        )
    if environment.virtualisation is not None:
        yield f"a virtual machine ({environment.virtualisation}): the real processor's watts are not known"
    if environment.on_battery:
        yield "the machine ran on battery, which changes its clock speeds"
    if environment.governor not in (None, "performance"):
        yield f"the frequency governor was {environment.governor}"
    left = sum(run.leftover_processes for run in runs)
    if left:
        yield f"{wording.plural(left, 'process')} outlived the program and were ended"
    causes: dict[str, int] = {}
    for each in data.dropped:
        cause = "a run is missing" if each.fault is None else each.fault.cause.value
        causes[cause] = causes.get(cause, 0) + 1
    if causes:
        words = ", ".join(f"{cause}: {count}" for cause, count in sorted(causes.items()))
        yield f"{wording.plural(sum(causes.values()), 'block')} not used ({words})"


def _verdict_sentence(result: Result) -> str:
    original = result.original
    if original.fault is not None:
        return f"No verdict: the original does not run: {original.fault.message}."
    if not result.fixes:
        return "No verdict: there is no fix to compare with the original."
    best = result.ranking.best
    if best is None:
        words = "; ".join(f"{arm.name}: {_in_words(result, arm)}" for arm in result.fixes)
        return f"No fix is shown to use less energy ({words})."
    comparison = _headline(result, best)
    assert comparison is not None
    assert comparison.effect.percent_change is not None
    count = wording.plural(comparison.blocks, "block")
    return (
        f"{best} uses {_saving(comparison.effect.percent_change)}; "
        f"it used less in {comparison.wins} of {count}; the energy is {result.headline_basis.value}."
    )


def _recommendation(result: Result) -> str:
    best = result.ranking.best
    if best is not None:
        arm = next(each for each in result.fixes if each.name == best)
        safety = "" if arm.info.applicability != "unsafe" else " It is marked unsafe: read its diff first."
        memory = _memory(arm)
        return f"Use {best}.{safety}" + (f" Memory: {memory}." if memory else "")
    if not any(arm.runs for arm in result.fixes):
        return "Nothing can be recommended: no fix ran beside the original."
    if result.headline_basis is Basis.ABSENT:
        return "Nothing can be recommended for energy, which was not measured."
    if all(arm.verdict is Verdict.INVALID for arm in result.fixes):
        return "Nothing can be recommended: no fix is valid here."
    parts = ["No fix saves energy here."]
    more = [
        found.blocks_to_settle
        for arm in result.fixes
        if (found := _headline(result, arm.name)) is not None and found.blocks_to_settle is not None
    ]
    if len(result.used_blocks) < MINIMUM_BLOCKS:
        parts = [f"No fix is shown to save energy yet: {MINIMUM_BLOCKS} blocks are the least for a verdict."]
    elif more:
        parts.append(
            f"About {min(more)} blocks in all would settle what is inconclusive (--runs {min(more)})."
        )
    effects = [f"{arm.name}: {memory}" for arm in result.fixes if (memory := _memory(arm))]
    if effects:
        parts.append(f"Memory, {'; '.join(effects)}.")
    return " ".join(parts)


def _limits(result: Result) -> Iterator[str]:
    """What the numbers do not show."""
    yield "Other machines, data, arguments or versions: this is one program on one machine."
    if result.headline_basis in (Basis.MODELLED, Basis.PARTLY):
        yield (
            "What CPU time does not show: memory, storage, network, clock speed and idle power are not in a "
            "modelled energy."
        )
    for source in result.sources:
        if source.provenance is Provenance.ABSENT:
            yield f"The energy of the {source.device.upper()}: {source.detail}."
    yield "The energy of the memory: no counter tells it per program; peak memory and growth stand for it."
    if result.window == "body":
        yield "Start-up and imports: the headline is the body of the script; that of the process has both."
    runs = [arm for arm in result.fixes if arm.runs]
    if runs and not any(arm.numbers_compared for arm in runs):
        yield "That the fixes compute the same: the program prints no numbers to compare."
    elif runs:
        tolerance = float(result.plan.get("tolerance", 0.0))
        yield (
            f"That the fixes compute the same beyond the numbers printed, which agree within {tolerance:g} "
            "(relative) where no fix is called invalid."
        )
    if len(runs) > 1:
        yield "Which fix is best among those that save: their order is that of the estimates, not tested."
    if result.carbon is not None:
        yield "The carbon of this hour and place: the intensity is a mean; making the machine is not counted."


def _headline(result: Result, name: str) -> Comparison | None:
    arm = next(each for each in result.fixes if each.name == name)
    found = arm.quantity(Metric.ENERGY)
    return None if found is None else found.comparison


def _saving(change: Interval) -> str:
    """`31.0 % less energy than the original (95 % interval 29.8 to 32.5 % less)`."""
    words, _, interval = wording.saving(change).partition(" (")
    return f"{words} energy than the original" + (f" ({interval}" if interval else "")


def _in_words(result: Result, arm: ArmResult) -> str:
    comparison = _headline(result, arm.name)
    change = None if comparison is None else comparison.effect.percent_change
    if arm.verdict is Verdict.INVALID or change is None:
        return f"{'' if arm.verdict is None else arm.verdict.value}, {arm.reason}"
    return f"{wording.verdict(arm.verdict, headline=True)}, {wording.saving(change)}"


def _memory(arm: ArmResult) -> str:
    """What a fix does to memory, as far as it is shown."""
    parts = []
    for metric in (Metric.PEAK_MEMORY, Metric.PEAK_GPU_MEMORY):
        found = arm.quantity(metric)
        comparison = None if found is None else found.comparison
        change = None if comparison is None else comparison.effect.percent_change
        if comparison is None or change is None or comparison.verdict is Verdict.INVALID:
            continue
        if comparison.verdict in (Verdict.LESS, Verdict.MORE):
            parts.append(f"{metric.label} {wording.percent(change.estimate)}")
        elif comparison.verdict is Verdict.EQUIVALENT:
            parts.append(f"{metric.label} equivalent")
    growth = arm.memory_growth
    if growth is not None and growth.difference is not None and growth.difference.excludes(0):
        size = growth.difference.estimate
        word = "less" if size < 0 else "more"
        parts.append(f"growing by {wording.amount(abs(size), 'B')} {word} per iteration")
    return ", ".join(parts)
