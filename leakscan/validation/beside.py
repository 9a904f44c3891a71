"""Two results beside each other: before and after a change, or on two machines.

Their runs are independent series: nothing pairs a block of one with a block of the other, so what differs
between machine, versions and program is in every number, and nothing here says why a number differs.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from leakscan.validation.results import ArmResult, Metric, Quantity, Result
from leakscan.validation.statistics import mean_interval, ratio_of_independent
from leakscan.validation.verdicts import Interval

_CONFIDENCE = 0.95
_LEAST_VALUES = 2


@dataclass(frozen=True, slots=True)
class Difference:
    """Something that is not the same: its name, and what it is in the first and in the second result."""

    name: str
    first: str
    second: str


@dataclass(frozen=True, slots=True)
class Pair:
    """One metric of one arm in both results, with 95 % intervals.

    `first` and `second` are the means, in the metric's unit. `ratio` is second over first, of geometric
    means. `first_change` and `second_change` are the changes from the original, in percent, as each result
    has them; `changes` is the ratio of these changes (as ratios), second over first. None where there is no
    such number: for the original, and where a value is missing or not above zero.
    """

    metric: Metric
    device: str | None
    arm: str
    first: Interval
    second: Interval
    ratio: Interval | None
    first_change: Interval | None
    second_change: Interval | None
    changes: Interval | None


@dataclass(frozen=True, slots=True)
class Beside:
    """Two results, what differs between them, and what both measured; `missing` are arms of one alone."""

    first_name: str
    second_name: str
    first: Result
    second: Result
    differences: tuple[Difference, ...]
    pairs: tuple[Pair, ...]
    missing: tuple[str, ...]


def put_beside(first_name: str, first: Result, second_name: str, second: Result) -> Beside:
    """Compare two results, of the same program or not."""
    seconds = {arm.name: arm for arm in second.arms}
    firsts = {arm.name for arm in first.arms}
    pairs = [
        pair
        for place in [(each.metric, each.device) for each in first.original.quantities]
        for arm in first.arms
        if arm.name in seconds
        for pair in _pair(first, arm, second, seconds[arm.name], *place)
    ]
    missing = [f"{arm.name} is in the first alone" for arm in first.arms if arm.name not in seconds]
    missing += [f"{arm.name} is in the second alone" for arm in second.arms if arm.name not in firsts]
    return Beside(
        first_name,
        second_name,
        first,
        second,
        tuple(_differences(first, second)),
        tuple(pairs),
        tuple(missing),
    )


def _pair(
    first: Result, one: ArmResult, second: Result, other: ArmResult, metric: Metric, device: str | None
) -> Iterator[Pair]:
    mine, theirs = one.quantity(metric, device), other.quantity(metric, device)
    if mine is None or theirs is None:
        return
    a, b = _values(mine), _values(theirs)
    if not a or not b:
        return
    yield Pair(
        metric=metric,
        device=device,
        arm=one.name,
        first=mean_interval(a, _CONFIDENCE),
        second=mean_interval(b, _CONFIDENCE),
        ratio=_ratio(_logs(a), _logs(b)),
        first_change=_change(mine),
        second_change=_change(theirs),
        changes=None
        if mine.comparison is None or theirs.comparison is None
        else _ratio(
            _log_ratios(first.original.quantity(metric, device), mine),
            _log_ratios(second.original.quantity(metric, device), theirs),
        ),
    )


def _values(quantity: Quantity | None) -> list[float]:
    """The values, if none is missing."""
    if quantity is None or any(value is None for value in quantity.values):
        return []
    return [value for value in quantity.values if value is not None]


def _logs(values: Sequence[float]) -> list[float]:
    return [math.log(value) for value in values] if values and min(values) > 0 else []


def _log_ratios(original: Quantity | None, arm: Quantity) -> list[float]:
    before, after = _logs(_values(original)), _logs(_values(arm))
    return [b - a for a, b in zip(before, after, strict=True)] if len(before) == len(after) else []


def _ratio(first: Sequence[float], second: Sequence[float]) -> Interval | None:
    if min(len(first), len(second)) < _LEAST_VALUES:
        return None
    return ratio_of_independent(first, second, _CONFIDENCE)


def _change(quantity: Quantity) -> Interval | None:
    return None if quantity.comparison is None else quantity.comparison.effect.percent_change


def _differences(first: Result, second: Result) -> Iterator[Difference]:
    """What is not the same in machine, instruments, versions, program and plan; in this order."""
    told = [_described(first), _described(second)]
    for name in dict.fromkeys([*told[0], *told[1]]):
        here, there = (each.get(name, "not known") for each in told)
        if here != there:
            yield Difference(name, here, there)


def _described(result: Result) -> dict[str, str]:
    machine, setting, plan = result.environment, result.setting, result.plan
    found = {
        "system": f"{machine.system}, {machine.machine}",
        "kernel": machine.kernel,
        "processor": machine.cpu_model,
        "logical CPUs": machine.logical_cpus,
        "usable CPUs": machine.usable_cpus,
        "memory, bytes": machine.memory_bytes,
        "GPU": ", ".join(machine.gpus) or "none",
        "virtualisation": machine.virtualisation or "none seen",
        "governor": machine.governor,
        "turbo": machine.turbo,
        "on battery": machine.on_battery,
        **{f"limit of the control group, {name}": value for name, value in machine.cgroup_limits.items()},
        **{
            f"energy of the {source.device.upper()}": f"{source.provenance.value}, {source.detail}"
            for source in result.sources
        },
        "what the headline spans": result.window,
        "leakscan": result.leakscan_version,
        "codecarbon": machine.codecarbon_version,
    }
    versions: Mapping[str, str] = {each.package: each.version for run in result.runs for each in run.versions}
    found |= {f"{name} (imported)": version for name, version in versions.items()}
    if setting is not None:
        found |= {"interpreter": f"{setting.python} ({setting.python_version})"}
        found |= {f"package {name}": version for name, version in setting.packages.items()}
        found |= {f"variable {name}": value for name, value in setting.variables.items()}
        found |= {"revision": setting.revision or "not in git", "hash of the files": setting.tree_hash}
    found |= {"program": result.command}
    found |= {f"plan, {name.replace('_', ' ')}": plan.get(name) for name in _OF_THE_PLAN if name in plan}
    found |= {"blocks used": len(result.used_blocks), "margin": f"{100 * result.margin:g} %"}
    return {name: "not known" if value is None else str(value) for name, value in found.items()}


_OF_THE_PLAN = ("program_seed", "passes", "body_seconds", "prepare", "warm_ups", "foreign_cpu_limit")
