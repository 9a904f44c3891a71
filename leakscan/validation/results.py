"""What an experiment says, as records that go to JSON and back without loss.

A result holds all that the reports show, every run among it, so that any report can be made again from the
JSON one. `evaluation` makes results, `sentences` says them in words.
"""

from __future__ import annotations

import enum
import json
from dataclasses import dataclass
from typing import Any

from leakscan.errors import LeakscanError
from leakscan.validation.carbon import Carbon
from leakscan.validation.measurements import (
    Environment,
    Fault,
    Idle,
    Noise,
    Provenance,
    Run,
    Setting,
    Source,
    decode,
)
from leakscan.validation.verdicts import Comparison, Interval, Ranking, Trend, Verdict

SCHEMA_VERSION = 2
AGAIN = "original-again"  # the arm of a self-test, as `variants` names it


class Metric(enum.Enum):
    """What is compared. The unit is part of the name."""

    ENERGY = "energy_joules"
    NET_ENERGY = "net_energy_joules"
    PROCESS_ENERGY = "process_energy_joules"
    CPU_TIME = "cpu_seconds"
    WALL_TIME = "wall_seconds"
    INSTRUCTIONS = "instructions"
    CYCLES = "cycles"
    PEAK_MEMORY = "peak_rss_bytes"
    PEAK_GPU_MEMORY = "peak_gpu_bytes"
    ENERGY_PER_ITERATION = "energy_joules_per_iteration"
    WALL_PER_ITERATION = "wall_seconds_per_iteration"
    # Of runs that are cut: passes of the loop that ends them, after the first one, and that one.
    ENERGY_PER_PASS = "energy_joules_per_pass"  # noqa: S105 - no password
    CPU_PER_PASS = "cpu_seconds_per_pass"  # noqa: S105
    WALL_PER_PASS = "wall_seconds_per_pass"  # noqa: S105
    MEMORY_PER_PASS = "rss_bytes_per_pass"  # noqa: S105
    FIRST_PASS_ENERGY = "first_pass_energy_joules"  # noqa: S105
    FIRST_PASS_CPU = "first_pass_cpu_seconds"  # noqa: S105
    FIRST_PASS_WALL = "first_pass_wall_seconds"  # noqa: S105

    @property
    def unit(self) -> str:
        """J, s or B; nothing for what is counted."""
        if self in (Metric.INSTRUCTIONS, Metric.CYCLES):
            return ""
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
    Metric.INSTRUCTIONS: "instructions",
    Metric.CYCLES: "cycles",
    Metric.PEAK_MEMORY: "peak memory",
    Metric.PEAK_GPU_MEMORY: "peak GPU memory",
    Metric.ENERGY_PER_ITERATION: "energy/iteration",
    Metric.WALL_PER_ITERATION: "time/iteration",
    Metric.ENERGY_PER_PASS: "energy/pass",
    Metric.CPU_PER_PASS: "CPU time/pass",
    Metric.WALL_PER_PASS: "wall time/pass",
    Metric.MEMORY_PER_PASS: "memory/pass",
    Metric.FIRST_PASS_ENERGY: "1st pass, energy",
    Metric.FIRST_PASS_CPU: "1st pass, CPU",
    Metric.FIRST_PASS_WALL: "1st pass, wall",
}


class Basis(enum.Enum):
    """What a number rests on, in one word for people."""

    MEASURED = "measured"
    PARTLY = "partly modelled"
    MODELLED = "modelled"
    ABSENT = "not measured"


#: The applicability of what is no fix: a program of the user's own.
OWN = "own"


@dataclass(frozen=True, slots=True)
class ArmInfo:
    """What a fix changes: its strategy, unified diff, message, and applicability (safe, unsafe).

    That of another program of the user's own is `own`.
    """

    name: str
    diff: str
    message: str
    applicability: str

    @property
    def is_fix(self) -> bool:
        """Whether it is the program with a fix, not another program of the user's own."""
        return self.applicability != OWN


@dataclass(frozen=True, slots=True)
class Described:
    """What is known of an arm beside its runs: what reports say of it, and what its strategy says of itself.

    builds_once: see `Strategy`; what its later iterations use less is then what a rebuild costs.
    """

    info: ArmInfo
    builds_once: bool = False


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
class PassDifference:
    """What a pass after the first takes more in a fix than in the original, in the unit of `metric`.

    The mean over blocks with its t-interval: a fixed amount for each pass, which scales to longer programs.
    """

    metric: Metric
    mean: Interval


@dataclass(frozen=True, slots=True)
class Projected:
    """What all `passes` of a loop would take, *projected* from the first ones; not measured.

    In seconds or joules: what comes before the loop in the body, its first pass as measured, and the mean of
    the others for each one after that; in bytes: the growth of resident memory from the first pass on.
    `total` is the mean over blocks, `difference` what a fix takes more than the original, with its
    t-interval; None for the original.
    """

    metric: Metric
    passes: int
    total: float
    difference: Interval | None


@dataclass(frozen=True, slots=True)
class ArmResult:
    """One arm. `fault` is why it was not run any more, `disagreement` how its output differs.

    `verdict` is that on its energy, after Holm over all fixes; None for the original. `runs` counts those
    that are used. `iterations` is the mean number of passes through the flagged loop. `numbers_compared` is
    how many printed numbers the outputs have to agree in. `smallest_detectable_change` is the saving, as a
    fraction, that so many blocks would have shown in four of five experiments. `rebuild_cpu_seconds` is what
    each rebuild of the original costs, for fixes that keep one model: the CPU time that its iterations, after
    the first, take more; mean over blocks with its t-interval. `pass_differences` and `projected` are of runs
    that are cut.
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
    pass_differences: tuple[PassDifference, ...] = ()
    projected: tuple[Projected, ...] = ()

    @property
    def headline(self) -> Quantity | None:
        """The energy that the verdict is about: of a pass after the first where runs are cut."""
        return self.quantity(Metric.ENERGY_PER_PASS) or self.quantity(Metric.ENERGY)

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
    """The flagged loop that iterations are counted of: its number, and where it stands in the original.

    `length` is how many passes it has in the whole program, where runs are cut and that could be told.
    """

    number: int
    path: str
    line: int
    length: int | None = None


@dataclass(frozen=True, slots=True)
class Result:
    """All of an experiment. The first arm is the original.

    `window` is what the headline spans: `body`, the script without start-up and imports, or `process`; or
    `pass`, the mean of the passes after the first, where runs are cut. `obstacle` says why the runs, however
    many, give no verdict.
    `plan` is that of the file of runs. `verdict` and `recommendation` are sentences, `reservations` is what
    the verdict has to be read with, `limits` says what the numbers do not show, `banner` is set where energy
    is modelled. `used_blocks` are in the order of time.
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
    reservations: tuple[str, ...]
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
    setting: Setting | None
    sources: tuple[Source, ...]
    idles: tuple[Idle, ...]
    noises: tuple[Noise, ...]
    plan: dict[str, Any]
    runs: tuple[Run, ...]
    obstacle: str | None = None

    @property
    def original(self) -> ArmResult:
        """The program as it is."""
        return self.arms[0]

    @property
    def fixes(self) -> tuple[ArmResult, ...]:
        """The other arms."""
        return self.arms[1:]

    @property
    def is_self_test(self) -> bool:
        """Whether the original was compared with itself."""
        return [arm.name for arm in self.fixes] == [AGAIN]

    @property
    def headline_basis(self) -> Basis:
        """What the energy of the headline rests on."""
        found = self.original.headline
        return Basis.ABSENT if found is None else found.basis


def load(path: str) -> Result:
    """The result in a JSON report.

    Raises LeakscanError when the file cannot be read, is no report, or comes from another version.
    """
    try:
        with open(path, encoding="utf-8") as stream:
            fields = json.load(stream)
    except OSError as error:
        raise LeakscanError(f"{path}: {error.strerror}") from None
    except (ValueError, RecursionError):
        raise LeakscanError(f"{path}: not JSON; give the JSON report of `leakscan validate`") from None
    version = fields.get("schema_version") if isinstance(fields, dict) else None
    if version is None or "arms" not in fields:
        raise LeakscanError(f"{path}: not a report of `leakscan validate`")
    if version != SCHEMA_VERSION:
        raise LeakscanError(
            f"{path}: written by another version of leakscan (schema {version}, not {SCHEMA_VERSION})"
        )
    try:
        return decode(Result, fields)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise LeakscanError(f"{path}: a damaged report: {error}") from None
