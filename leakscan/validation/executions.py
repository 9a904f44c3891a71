"""What is run, within which limits, and what it did: records for the supervisor and those who ask it."""

from __future__ import annotations

import dataclasses
import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from leakscan.validation.counters import HARDWARE
from leakscan.validation.measurements import Cut, Fault, Output, Tick, Version


class ProgramKind(enum.Enum):
    """How a program is started: `python FILE`, `python -m MODULE`, or as a command of its own."""

    SCRIPT = "script"
    MODULE = "module"
    COMMAND = "command"


@dataclass(frozen=True, slots=True)
class Program:
    """What is run: a file relative to the arm's folder, a module, or an executable, and its arguments."""

    kind: ProgramKind
    target: str
    arguments: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FlaggedLoop:
    """A loop that a finding points at: file below the arm's folder, 1-based line, 0-based column in bytes.

    `line` is None where an arm has no such loop, `column` where any loop of that line is meant.
    `is_counted`: its passes are those after which a run is cut, if it is. `is_compiled`: it runs in a graph,
    as in a `tf.function`, where its passes can't be counted.
    """

    path: str
    line: int | None
    column: int | None = None
    is_counted: bool = True
    is_compiled: bool = False


@dataclass(frozen=True, slots=True)
class Limits:
    """What a child may use, and when it is cut.

    `memory_bytes` is for its whole tree; `output_bytes` is kept of each end of a stream. After `passes` of a
    counted loop, or at the first pass after `body_seconds` (within a pass, when that goes on for half as long
    again), the program is made to end as by `sys.exit()`; None: never.
    """

    timeout_seconds: float = 3600.0
    memory_bytes: int | None = None
    processes: int = 512
    output_bytes: int = 256 * 1024
    passes: int | None = None
    body_seconds: float | None = None


@dataclass(frozen=True, slots=True)
class Layer:
    """A copy-on-write layer over a folder, for one child alone; see `mounts.enter`.

    `lower` are the folders that show through, the uppermost first; what is written goes to `upper`, `work` is
    the kernel's. `removed` are paths below `target` that are not there. With `source` it is a file that is
    put into the place of another instead.
    """

    target: str
    lower: tuple[str, ...] = ()
    upper: str | None = None
    work: str | None = None
    removed: tuple[str, ...] = ()
    source: str | None = None

    def task(self) -> dict[str, Any]:
        """The layer as `mounts.py` takes it."""
        return dataclasses.asdict(self)


@dataclass(frozen=True, slots=True)
class Launch:
    """One child: interpreter, program, working folder, flagged loops, added environment, seed of generators.

    `stdout_path` and `stderr_path` are files to write; None drops the stream after it was digested. `layers`
    are mounted first, in this order; `moved` are pairs of a folder and the copy that stands for it, which
    `sys.path` is to name. `counters` are what is counted in the body, by type and config of perf_event.h.
    """

    python: str
    program: Program
    directory: str
    loops: tuple[FlaggedLoop, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    seed: int | None = None
    stdout_path: str | None = None
    stderr_path: str | None = None
    layers: tuple[Layer, ...] = ()
    moved: tuple[tuple[str, str], ...] = ()
    counters: Mapping[str, tuple[int, int]] = field(default_factory=lambda: HARDWARE)


class Phase(enum.Enum):
    """What a child is doing: starting and importing, the script's body, or ending.

    A program that ends before its body begins has no BODY.
    """

    PREPARE = "prepare"
    BODY = "body"
    END = "end"


@dataclass(frozen=True, slots=True)
class PassMark:
    """The top of the first (`iteration` 0) or second pass of a counted loop.

    `seconds` since the start of the body, `cpu_seconds` of the tree since its start.
    """

    loop: int
    iteration: int
    seconds: float
    cpu_seconds: float


@dataclass(frozen=True, slots=True)
class CutLoop:
    """The loop whose passes ended the program: its number, complete passes, and how many it has in all.

    `length` is None where that can't be told. `marks` are the tops of its first two passes.
    """

    loop: int
    count: int
    length: int | None
    marks: tuple[PassMark, ...]


@dataclass(frozen=True, slots=True)
class Execution:
    """What one child did. CPU times are of the whole process tree; None where the worker did not report.

    `cut` says why it was made to end, `cut_loop` by which loop: None where its time was over outside of one.
    `was_forced` tells that it did not end by itself then. `counts` are the counters of the body, `uncounted`
    says of each that is missing why.
    """

    exit_status: int | None
    wall_seconds: float
    cpu_seconds: float | None
    body_wall_seconds: float | None
    output: Output
    error_tail: str
    iterations: tuple[int, ...]
    ticks: tuple[Tick, ...]
    peak_rss_bytes: int | None
    peak_gpu_bytes: int | None
    versions: tuple[Version, ...]
    preloaded: tuple[str, ...]
    leftover_processes: int
    fault: Fault | None
    cut: Cut | None = None
    cut_loop: CutLoop | None = None
    was_forced: bool = False
    counts: Mapping[str, int] = field(default_factory=dict)
    uncounted: Mapping[str, str] = field(default_factory=dict)
