"""What happens in an experiment, as those who watch it are told."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from leakscan.validation.measurements import Environment, Fault, Idle, Noise, Run, Source
from leakscan.validation.patience import Quiet, Waiting


class Ending(enum.Enum):
    """Why an experiment ended."""

    COMPLETE = "complete"  # all blocks are done
    SETTLED = "settled"  # the callback had seen enough
    INTERRUPTED = "interrupted"  # Ctrl-C
    ORIGINAL_FAILS = "original-fails"
    NOTHING_ENTERED = "nothing-entered"  # none of the flagged loops
    NOTHING_TO_COMPARE = "nothing-to-compare"  # every other arm fails
    TOO_MANY_DROPPED = "too-many-dropped"
    DISTURBED = "disturbed"  # others work, and did not stop while it waited
    OUT_OF_TIME = "out-of-time"  # the budget is used up


@dataclass(frozen=True, slots=True)
class Preflight:
    """Before anything runs: the machine, the sources of energy, and what may spoil the measurement."""

    environment: Environment
    sources: tuple[Source, ...]
    foreign_cpu_share: float | None
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RunBegins:
    """A run is about to start; the times are expectations from earlier runs, None without any."""

    arm: str
    block: int | None
    order: int
    expected_seconds: float | None
    remaining_seconds: float | None


@dataclass(frozen=True, slots=True)
class RunEnded:
    """A run is on disk."""

    run: Run


@dataclass(frozen=True, slots=True)
class ArmExcluded:
    """An arm fails and is not run any more. `error_tail` is the end of its standard error, if known."""

    arm: str
    fault: Fault
    error_tail: str = ""


@dataclass(frozen=True, slots=True)
class BlocksPlanned:
    """The warm-ups are done: how many blocks there will be, and how long they will take.

    `remedy` is set where a budget holds too few for a verdict: what would help.
    """

    blocks: int
    seconds: float
    remedy: str | None = None


@dataclass(frozen=True, slots=True)
class BlockEnded:
    """A block is complete, or dropped by `fault` and replaced; `complete` of `target` blocks are done."""

    block: int
    fault: Fault | None
    complete: int
    target: int


@dataclass(frozen=True, slots=True)
class NoiseMeasured:
    """How much the machine varies; `blocks` is how many are planned, None where a budget decides."""

    noise: Noise
    blocks: int | None


@dataclass(frozen=True, slots=True)
class IdleEnded:
    """The energy of the idle machine was measured."""

    idle: Idle


@dataclass(frozen=True, slots=True)
class Finished:
    """The last event. `message` is one line for people."""

    ending: Ending
    message: str


Event = (
    Preflight
    | Waiting
    | Quiet
    | RunBegins
    | RunEnded
    | ArmExcluded
    | BlocksPlanned
    | BlockEnded
    | IdleEnded
    | NoiseMeasured
    | Finished
)
