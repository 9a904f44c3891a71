"""What measuring produces: plain, frozen records that import the standard library only.

Every record goes to JSON and back without loss (`encode`, `decode`). None means "not measured"; a number that
is not finite is an error, so that NaN never reaches a file.
"""

from __future__ import annotations

import dataclasses
import enum
import math
import types
import typing
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

SCHEMA_VERSION = 1

_T = TypeVar("_T")


class Provenance(enum.Enum):
    """What a number of joules rests on, from the best to none."""

    COUNTER = "counter"  # an energy counter of the hardware: RAPL, NVML, Windows EMI
    SENSOR = "sensor"  # power that was sensed, integrated over time
    MODEL = "model"  # watts from a table times a measured load
    CONSTANT = "constant"  # watts from a table times time
    ABSENT = "absent"  # nothing

    @property
    def is_physical(self) -> bool:
        """Whether a quantity of electricity was measured at all."""
        return self in (Provenance.COUNTER, Provenance.SENSOR)


class Cause(enum.Enum):
    """Why a run does not count. Never a value of what was measured."""

    FAILED = "failed"  # ended with an exit status other than 0
    KILLED = "killed"  # ended by a signal that leakscan did not send
    TIMEOUT = "timeout"
    MEMORY = "memory"  # grew beyond the limit
    PROCESSES = "processes"  # started more processes than the limit
    UNFINISHED = "unfinished"  # the process ended well, but the worker never came to the end of the script
    NOT_STARTED = "not-started"
    TREE = "tree"  # files of the user's own changed
    METER = "meter"  # the instrument gave nothing, or nothing plausible
    FOREIGN_CPU = "foreign-cpu"
    STEAL = "steal"  # the hypervisor gave the processor to others
    SUSPEND = "suspend"  # the machine slept
    PASSES = "passes"  # other passes through a flagged loop than in the first run of the arm

    @property
    def is_of_program(self) -> bool:
        """Whether the program is to blame, not the machine or the instrument."""
        return self in _OF_PROGRAM


_OF_PROGRAM = frozenset(
    {
        Cause.FAILED,
        Cause.KILLED,
        Cause.TIMEOUT,
        Cause.MEMORY,
        Cause.PROCESSES,
        Cause.UNFINISHED,
        Cause.PASSES,
        Cause.NOT_STARTED,
    }
)


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a run does not count, as a cause and in one line of words."""

    cause: Cause
    message: str

    @property
    def in_words(self) -> str:
        """What is wrong, to follow `it` or the name of an arm."""
        return self.message if self.cause is Cause.PASSES else f"does not run: {self.message}"


@dataclass(frozen=True, slots=True)
class Source:
    """Where the joules of one device (`cpu`, `gpu`) come from.

    `detail` is one line for people. `watts_per_core` is set where energy is estimated from CPU time;
    `in_table` then says whether the processor is in codecarbon's table or the watts are a general default.
    """

    device: str
    provenance: Provenance
    detail: str
    watts_per_core: float | None = None
    in_table: bool | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """The gross energy that one device used in a window."""

    device: str
    energy_joules: float | None
    provenance: Provenance


@dataclass(frozen=True, slots=True)
class Window:
    """A span of a run: its length, the CPU time of the process tree within it, and the energy by device."""

    wall_seconds: float
    cpu_seconds: float | None
    readings: tuple[Reading, ...] = ()

    def times(self, factor: float) -> Window:
        """So many of this window, one after the other."""
        readings = tuple(
            dataclasses.replace(each, energy_joules=each.energy_joules * factor)
            if each.energy_joules is not None
            else each
            for each in self.readings
        )
        cpu = None if self.cpu_seconds is None else self.cpu_seconds * factor
        return Window(self.wall_seconds * factor, cpu, readings)

    @property
    def energy_joules(self) -> float | None:
        """The sum over the devices that were measured or estimated; None when there are none."""
        joules = [reading.energy_joules for reading in self.readings if reading.energy_joules is not None]
        return math.fsum(joules) if joules else None


@dataclass(frozen=True, slots=True)
class Tick:
    """The top of one iteration of a flagged loop.

    `loop` numbers the flagged loops of the arm from 0; `iteration` counts from 0 over all passes of that
    loop. Times are since the start of the body; CPU time is that of the main process with all its threads.
    Long runs are thinned out: iterations are all counted, not all recorded.
    """

    loop: int
    iteration: int
    seconds: float
    cpu_seconds: float
    rss_bytes: int | None = None
    gpu_bytes: int | None = None


class Cut(enum.Enum):
    """Why a run was ended before the end of its program, as was asked for."""

    PASSES = "passes"  # it had made so many of a loop
    SECONDS = "seconds"  # its time was over


@dataclass(frozen=True, slots=True)
class Passes:
    """The passes of the loop by which a run was cut: `count` of them are complete.

    `loop` numbers the flagged loops of the arm from 0. `length` is how many passes the loop has in the whole
    program, None where that can't be told. `set_up` is the body before the loop, `first` its first pass,
    `later` the others together: None below 2 passes.
    """

    loop: int
    count: int
    length: int | None
    set_up: Window
    first: Window
    later: Window | None

    @property
    def each_later(self) -> Window | None:
        """The mean of the passes after the first."""
        return None if self.later is None else self.later.times(1 / (self.count - 1))


@dataclass(frozen=True, slots=True)
class Output:
    """What a run wrote to its standard output.

    `digest` (SHA-256) and `size_bytes` are of all of it. `numbers` are those found in the part that was kept,
    as printed, without durations; `kept_all` tells whether that part is the whole. `is_open`: the run was cut
    anywhere, so that it ends where another one goes on.
    """

    digest: str
    size_bytes: int
    numbers: tuple[str, ...] = ()
    kept_all: bool = True
    is_open: bool = False


@dataclass(frozen=True, slots=True)
class Version:
    """The version of a package, or of Python, that the child reported."""

    package: str
    version: str


@dataclass(frozen=True, slots=True)
class Run:
    """One execution of one arm.

    `block` is None for the warm-up, which never counts. `order` is the place within the block, from 0.
    `body` is the script without start-up and imports, None for shell commands. `iterations` are the passes
    through each flagged loop. `peak_rss_bytes` is the largest sum of the peaks (VmHWM) of the processes alive
    together. `foreign_cpu_share` is the CPU time of all others over that of this process tree.
    `tree_changes` are the first files that the run made, changed or removed in its tree, in words.
    `instructions` and `cycles` are what the processor counted of the body in user space, over all threads and
    processes of the program; `uncounted` says why they are missing.
    `power` is the power over time where a counter or sensor is read.
    `fault` is None when the run counts. `disagreement` names how the output differs from the original's.
    `cut` says why the run was ended early, `passes` what is known of the loop that ended it; the body then
    ends there.
    """

    arm: str
    block: int | None
    order: int
    started_at: str
    process: Window
    body: Window | None
    exit_status: int | None
    output: Output
    iterations: tuple[int, ...] = ()
    ticks: tuple[Tick, ...] = ()
    peak_rss_bytes: int | None = None
    peak_gpu_bytes: int | None = None
    versions: tuple[Version, ...] = ()
    preloaded: tuple[str, ...] = ()
    leftover_processes: int = 0
    load_average: float | None = None
    foreign_cpu_share: float | None = None
    steal_share: float | None = None
    warnings: tuple[str, ...] = ()
    tree_changes: tuple[str, ...] = ()
    instructions: int | None = None
    cycles: int | None = None
    uncounted: str | None = None
    power: tuple[PowerTrace, ...] = ()
    fault: Fault | None = None
    disagreement: str | None = None
    cut: Cut | None = None
    passes: Passes | None = None

    @property
    def headline(self) -> Window:
        """The window that results are quoted for: the body where there is one."""
        return self.process if self.body is None else self.body

    @property
    def is_sound(self) -> bool:
        """Whether the program ran as it should, whatever the machine did meanwhile."""
        return self.fault is None or not self.fault.cause.is_of_program

    @property
    def counts(self) -> bool:
        """Whether statistics may use this run: not a warm-up, and without a fault."""
        return self.block is not None and self.fault is None


@dataclass(frozen=True, slots=True)
class Idle:
    """The energy that the machine used while nothing of ours ran; `when` is `before` or `after`."""

    when: str
    window: Window


@dataclass(frozen=True, slots=True)
class Noise:
    """How much the machine varied before an experiment: the CPU times of the same work, done again and again.

    `spread` is their robust coefficient of variation (1.4826 MAD over the median), `levels` the two means
    that they gather around, None where they do not.
    """

    cpu_seconds: tuple[float, ...]
    spread: float
    levels: tuple[float, float] | None


@dataclass(frozen=True, slots=True)
class Setting:
    """What must be the same to measure again, beside the machine.

    `command` is the whole command line. `revision` is that of git, None outside of it; `tree_hash` the digest
    of all files that the original was run among. `packages` are all of the program's interpreter, `variables`
    those of the environment that frameworks, their libraries and Python read.
    """

    command: str
    revision: str | None
    tree_hash: str
    python: str
    python_version: str
    packages: dict[str, str]
    variables: dict[str, str]


@dataclass(frozen=True, slots=True)
class PowerTrace:
    """The power of a device over a run: points of seconds since its start, and of mean watts up to there."""

    device: str
    points: tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class Environment:
    """The machine that measured. None where it could not be told.

    `turbo` tells whether processors may run faster than their base clock. `usable_cpus` are those that
    processes may run on, `cgroup_limits` what a container or service may use (see `cgroup.limits`).
    """

    system: str
    machine: str
    cpu_model: str | None
    logical_cpus: int
    memory_bytes: int | None
    virtualisation: str | None
    governor: str | None
    on_battery: bool | None
    load_average: float | None
    gpus: tuple[str, ...]
    leakscan_version: str
    codecarbon_version: str | None
    kernel: str | None = None
    turbo: bool | None = None
    usable_cpus: int | None = None
    cgroup_limits: dict[str, str] = field(default_factory=dict)

    @property
    def identity(self) -> tuple[object, ...]:
        """What must be equal for two series of runs to be joined."""
        return (self.system, self.machine, self.cpu_model, self.logical_cpus, self.memory_bytes, self.gpus)


def encode(value: object) -> Any:
    """JSON-ready form of a record: dataclasses to objects, enums to their values, tuples to arrays.

    Raises ValueError for a number that is not finite.
    """
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError(f"not a finite number: {value}")
    if isinstance(value, enum.Enum):
        return value.value
    if dataclasses.is_dataclass(value):
        return {field.name: encode(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, (tuple, list)):
        return [encode(item) for item in value]
    if isinstance(value, dict):
        return {key: encode(item) for key, item in value.items()}
    return value


def decode(kind: type[_T], data: object) -> _T:
    """The record of type `kind` that `encode` turned into `data`.

    Raises ValueError, KeyError or TypeError when `data` is not of that form.
    """
    return typing.cast("_T", _decode(kind, data))


def _decode(kind: Any, data: Any) -> Any:
    origin = typing.get_origin(kind)
    if origin in (typing.Union, types.UnionType):
        if data is None:
            return None
        kind = next(option for option in typing.get_args(kind) if option is not type(None))
        return _decode(kind, data)
    if origin is dict:
        return dict(data)
    if origin is tuple:
        item = typing.get_args(kind)[0]
        return tuple(_decode(item, each) for each in data)
    if isinstance(kind, type) and dataclasses.is_dataclass(kind):
        hints = _hints(kind)
        unknown = set(data) - set(hints)
        if unknown:
            raise ValueError(f"{getattr(kind, '__name__', kind)} has no field {min(unknown)}")
        return kind(**{name: _decode(hints[name], each) for name, each in data.items()})
    if isinstance(kind, type) and issubclass(kind, enum.Enum):
        return kind(data)
    if kind is float and isinstance(data, int) and not isinstance(data, bool):
        return float(data)
    if not isinstance(data, kind):
        raise TypeError(f"expected {kind.__name__}, not {data!r}")
    return data


_HINTS: dict[type, dict[str, Any]] = {}


def _hints(kind: Any) -> dict[str, Any]:
    """The fields of a record and their types; looked up once, since runs have thousands of ticks."""
    if kind not in _HINTS:
        _HINTS[kind] = typing.get_type_hints(kind)
    return _HINTS[kind]


def net_energy_joules(window: Window, idles: Sequence[Idle]) -> float | None:
    """The energy of a window less what the idle machine would have used meanwhile; None if that is not known.

    Only counters and sensors are corrected: an estimate from CPU time has no idle part in it.
    """
    if not idles or any(not reading.provenance.is_physical for reading in window.readings):
        return None
    watts = [
        idle.window.energy_joules / idle.window.wall_seconds
        for idle in idles
        if idle.window.energy_joules is not None
    ]
    gross = window.energy_joules
    return None if gross is None or not watts else gross - math.fsum(watts) / len(watts) * window.wall_seconds


def sum_windows(windows: Sequence[Window]) -> Window:
    """The windows one after the other as one; energy only for the devices that each of them has."""
    first, *rest = windows
    readings = []
    for index, reading in enumerate(first.readings):
        parts = [window.readings[index].energy_joules for window in windows]
        joules = None if None in parts else math.fsum(part for part in parts if part is not None)
        readings.append(dataclasses.replace(reading, energy_joules=joules))
    cpu = [window.cpu_seconds for window in windows]
    return Window(
        wall_seconds=math.fsum([first.wall_seconds, *(window.wall_seconds for window in rest)]),
        cpu_seconds=None if None in cpu else math.fsum(part for part in cpu if part is not None),
        readings=tuple(readings),
    )
