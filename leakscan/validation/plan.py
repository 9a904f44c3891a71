"""Which arm runs when: the plan, its balanced random orders, and what is left to do.

What comes next is a function of the plan and of the finished runs alone (`progress`), so an experiment that
was stopped anywhere goes on where it stopped, with the same orders.
"""

from __future__ import annotations

import math
import random
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from leakscan.validation.executions import FlaggedLoop, Program
from leakscan.validation.measurements import Fault, Run, encode

FAILURES_OF_AN_ARM = 3  # after so many an arm is not run any more
FOREIGN_CPU_LIMIT = 0.20  # of the CPU time of others over that of the run
STEAL_LIMIT = 0.05  # of the time of the processors
_DEFAULT_BLOCKS = 10
_BETWEEN_RUNS_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class Arm:
    """One variant of the program: the folder to run it in, how, and the flagged loops as they stand there.

    `environment` are variables that only this program needs. `fingerprint` tells its source from that of
    other arms: the digest of its tree.
    """

    name: str
    program: Program
    directory: str
    loops: tuple[FlaggedLoop, ...] = ()
    environment: dict[str, str] = field(default_factory=dict)
    fingerprint: str = ""


def not_entered(arm: Arm, runs: Sequence[Run]) -> tuple[FlaggedLoop, ...]:
    """The loops of an arm that none of its finished runs entered; none where passes are not counted."""
    finished = [run for run in runs if run.arm == arm.name and run.is_sound and run.iterations]
    if not finished:
        return ()
    return tuple(
        loop
        for number, loop in enumerate(arm.loops)
        if loop.line is not None
        and not loop.is_compiled
        and not any(run.iterations[number] for run in finished if number < len(run.iterations))
    )


def never_entered(loops: Sequence[FlaggedLoop]) -> str:
    """One line for loops that no run entered."""
    places = ", ".join(f"{loop.path}:{loop.line}" for loop in loops)
    words = f"loop at {places} was" if len(loops) == 1 else f"loops at {places} were"
    return f"the flagged {words} never entered (child processes are not counted)"


def nothing_entered(arm: Arm, runs: Sequence[Run]) -> str | None:
    """One line where no loop of an arm was entered: its runs then show nothing of a fix."""
    missed = not_entered(arm, runs)
    countable = [loop for loop in arm.loops if loop.line is not None and not loop.is_compiled]
    if not missed or len(missed) < len(countable) or len(countable) < len(arm.loops):
        return None
    return never_entered(missed)


@dataclass(frozen=True, slots=True)
class Plan:
    """An experiment. The first arm is the original, with which the others are compared.

    `blocks` is how many blocks are wanted; with `budget_seconds` their number is what fits, set after the
    warm-ups. `seed` orders the runs, `program_seed` is given to the programs' generators (None: not seeded).
    `warm_ups` is how many runs of each arm are discarded before the blocks. `prepare` is a shell command
    that is run before each run, in its tree. `outputs_may_differ`: an arm that prints other numbers than the
    original is compared all the same. `cooldown_seconds` and `idle_seconds` apply where energy is measured
    by a counter or sensor. `tolerance` is the relative difference of printed numbers that still counts as
    equal. `foreign_cpu_limit` is the CPU time of others, over that of the run, from which on a run is
    dropped, `steal_limit` the share of the processors' time that the hypervisor takes (None: never). Runs
    end after `passes` of a counted loop, or at the first pass after `body_seconds` (None: as they do).
    """

    arms: tuple[Arm, ...]
    python: str = sys.executable
    blocks: int = _DEFAULT_BLOCKS
    warm_ups: int = 1
    prepare: str | None = None
    outputs_may_differ: bool = False
    seed: int = 0
    program_seed: int | None = 0
    cooldown_seconds: float = 0.0
    idle_seconds: float = 10.0
    timeout_seconds: float = 3600.0
    budget_seconds: float | None = None
    memory_bytes: int | None = None
    tolerance: float = 1e-3
    foreign_cpu_limit: float | None = FOREIGN_CPU_LIMIT
    steal_limit: float | None = STEAL_LIMIT
    passes: int | None = None
    body_seconds: float | None = None

    @property
    def is_cut(self) -> bool:
        """Whether runs end before their program does."""
        return self.passes is not None or self.body_seconds is not None

    @property
    def identity(self) -> dict[str, object]:
        """The plan as JSON without what may differ when it is gone on with: how much, and in which folder."""
        fields: dict[str, object] = encode(self)
        fields["arms"] = [
            {name: value for name, value in encode(arm).items() if name != "directory"} for arm in self.arms
        ]
        return {name: value for name, value in fields.items() if name not in EXTENDABLE}


#: What a finished experiment may be extended by.
EXTENDABLE = frozenset(
    {
        "blocks",
        "budget_seconds",
        "cooldown_seconds",
        "foreign_cpu_limit",  # runs that were dropped stay dropped
        "idle_seconds",
        "timeout_seconds",
    }
)


def block_order(arms: Sequence[str], seed: int, block: int) -> tuple[str, ...]:
    """The order of the arms within a block: random, and balanced over the blocks.

    Rows of a Williams design: over each group of k blocks (2k for an odd number k of arms) every arm stands
    in every place, and follows every other arm, equally often. Names and rows are shuffled anew for each
    group. Source: E. J. Williams, Aust. J. Sci. Res. A 2 (1949) 149.
    """
    count = len(arms)
    first = [(place + 1) // 2 if place % 2 else (count - place // 2) % count for place in range(count)]
    rows = [[(index + shift) % count for index in first] for shift in range(count)]
    if count % 2:
        rows += [row[::-1] for row in rows]
    group, place = divmod(block, len(rows))
    generator = random.Random(f"{seed}:{group}")  # noqa: S311 - an order, not a secret
    names = list(arms)
    generator.shuffle(names)
    generator.shuffle(rows)
    return tuple(names[index] for index in rows[place])


@dataclass(frozen=True, slots=True)
class Step:
    """The next run; `block` is None for a warm-up."""

    arm: str
    block: int | None
    order: int


@dataclass(frozen=True, slots=True)
class Progress:
    """Where an experiment stands. `target` is None until the warm-ups have shown what the budget allows."""

    excluded: dict[str, Fault]
    complete: tuple[int, ...]
    dropped: dict[int, Fault]
    target: int | None
    step: Step | None


def progress(plan: Plan, runs: Sequence[Run]) -> Progress:
    """What was done and what is next, from the plan and the finished runs alone."""
    excluded = _excluded(plan, runs)
    warm = Counter(run.arm for run in runs if run.block is None)
    for order, arm in enumerate(plan.arms):
        if warm[arm.name] < plan.warm_ups and arm.name not in excluded:
            return Progress(excluded, (), {}, None, Step(arm.name, None, order))
    active = [arm.name for arm in plan.arms if arm.name not in excluded]
    target = _target(plan, runs, active)
    by_block: dict[int, dict[str, Run]] = {}
    for run in runs:
        if run.block is not None:
            by_block.setdefault(run.block, {})[run.arm] = run
    complete: list[int] = []
    dropped: dict[int, Fault] = {}
    step = None
    block = 0
    while step is None and (len(complete) < target or block in by_block):
        done = by_block.get(block, {})
        fault = next((run.fault for run in done.values() if run.fault is not None), None)
        names = block_order([arm.name for arm in plan.arms], plan.seed, block)
        missing = [name for name in names if name in active and name not in done]
        if fault is not None:
            dropped[block] = fault
        elif missing:
            step = Step(missing[0], block, names.index(missing[0]))
        else:
            complete.append(block)
        block += 1
    return Progress(excluded, tuple(complete), dropped, target, step)


def _excluded(plan: Plan, runs: Sequence[Run]) -> dict[str, Fault]:
    """Arms whose warm-up fails by their own fault, or that failed three times since."""
    excluded: dict[str, Fault] = {}
    for arm in plan.arms:
        own = [run for run in runs if run.arm == arm.name and run.fault and run.fault.cause.is_of_program]
        faults = [run.fault for run in own if run.fault is not None]
        if faults and (own[0].block is None or len(faults) >= FAILURES_OF_AN_ARM):
            excluded[arm.name] = faults[0]
    return excluded


def _target(plan: Plan, runs: Sequence[Run], active: Sequence[str]) -> int:
    if plan.budget_seconds is None:
        return plan.blocks
    warm_ups = [run.process.wall_seconds for run in runs if run.block is None]
    left = plan.budget_seconds - math.fsum(warm_ups) - 2 * plan.idle_seconds
    return max(1, int(left / block_seconds(plan, runs, active)))


def block_seconds(plan: Plan, runs: Sequence[Run], active: Sequence[str]) -> float:
    """How long a block of the `active` arms takes, judging by their warm-ups."""
    warm_ups = [run.process.wall_seconds for run in runs if run.block is None and run.arm in active]
    return math.fsum(warm_ups) + rest_seconds(plan, len(active))


def rest_seconds(plan: Plan, runs: int) -> float:
    """The time between so many runs."""
    return (plan.cooldown_seconds + _BETWEEN_RUNS_SECONDS) * runs
