"""Runs the arms of a plan in blocks, and says what happens as it happens.

Every finished run is on disk before the next begins. Nothing here prints: `conduct` yields events.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import enum
import math
import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from leakscan.errors import LeakscanError
from leakscan.validation import machine, wording
from leakscan.validation.agreement import compare_outputs
from leakscan.validation.budget import Deadline, usual_seconds
from leakscan.validation.machine import HOST, Host
from leakscan.validation.measurements import (
    Cause,
    Cut,
    Environment,
    Fault,
    Idle,
    Noise,
    Passes,
    PowerTrace,
    Provenance,
    Run,
    Setting,
    Source,
    Window,
    encode,
    sum_windows,
)
from leakscan.validation.meters import GPU, GPU_SHORTEST_SECONDS, Meter, Metering, is_physical
from leakscan.validation.neighbours import Observation, observe
from leakscan.validation.noise import measure_noise
from leakscan.validation.patience import WATCH, Patience, Quiet, Waiting, Watch
from leakscan.validation.plan import (
    FAILURES_OF_AN_ARM,
    Arm,
    Plan,
    Progress,
    Step,
    nothing_entered,
    progress,
    rest_seconds,
)
from leakscan.validation.store import Header, Store
from leakscan.validation.supervisor import (
    CutLoop,
    Execution,
    Launch,
    Limits,
    PassMark,
    Phase,
    Program,
    ProgramKind,
    supervise,
)
from leakscan.validation.verdicts import MINIMUM_BLOCKS
from leakscan.validation.workspaces import Place, Workspaces

SHORTEST_SECONDS = 5.0  # below, start-up effects and the clocks' steps weigh too much
_FOREIGN_CPU_WARNING = 0.10
_SUSPEND_LIMIT_SECONDS = 0.5
RESOLUTION_SECONDS = 0.1  # /proc/stat counts in steps of 10 ms for each processor


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


# -- events -------------------------------------------------------------------------------------------------


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

# Asked after each complete block with all runs so far; False ends the experiment.
GoOn = Callable[[Sequence[Run]], bool]


# -- doing it -----------------------------------------------------------------------------------------------


def make_header(
    plan: Plan,
    meter: Meter,
    *,
    tree: Mapping[str, str] | None = None,
    conditions: Mapping[str, object] | None = None,
    setting: Setting | None = None,
) -> Header:
    """The first line of the file of runs, for `open_store`.

    `tree` is the manifest of the files that the program is run among, `conditions` what else must be the same
    when the experiment is gone on with: variables, packages. `setting` is for the reader of the report.
    """
    sources = meter.describe()
    gpus = tuple(source.detail for source in sources if source.device == GPU)
    return Header(
        plan=encode(plan),
        identity={**plan.identity, **(conditions or {})},
        tree=dict(tree or {}),
        setting=setting,
        environment=machine.environment(gpus),
        sources=sources,
        created_at=_now(),
    )


def preflight(meter: Meter, environment: Environment, host: Host = HOST) -> Preflight:
    """Look at what may spoil a measurement, for one second."""
    sources = meter.describe()
    seen = observe(host)
    warnings = [*_instrument_warnings(sources, environment), *_machine_warnings(environment, seen)]
    others = meter.other_gpu_processes()
    if others:
        warnings.append(f"other processes use the GPU and are measured too: {', '.join(others)}")
    return Preflight(environment, sources, seen.foreign_share, tuple(warnings))


def _instrument_warnings(sources: Sequence[Source], environment: Environment) -> Iterator[str]:
    for source in sources:
        if source.provenance in (Provenance.MODEL, Provenance.CONSTANT):
            yield (
                f"the {source.device.upper()}'s energy is estimated, not measured: CPU time times watts "
                f"({source.detail})"
            )
            if environment.virtualisation is not None:
                yield (
                    f"in a {environment.virtualisation} the watts of the real processor are not known; "
                    "ratios hold, joules are a guess"
                )
        elif source.provenance is Provenance.ABSENT:
            yield f"the {source.device.upper()}'s energy can't be told: {source.detail}"


def _machine_warnings(environment: Environment, seen: Observation) -> Iterator[str]:
    if seen.foreign_share is not None and seen.foreign_share > _FOREIGN_CPU_WARNING:
        load = environment.load_average
        average = "" if load is None else f", load average {load:.1f}"
        names = f": {words}" if (words := seen.in_words()) else ""
        yield (
            f"other programs use {seen.foreign_share:.0%} of the processors{average}{names}; end them for a "
            "steadier result"
        )
    if environment.on_battery:
        yield "the machine runs on battery, which changes its clock speeds; plug it in"
    if environment.governor not in (None, "performance"):
        yield f"the frequency governor is {environment.governor}; performance gives steadier results"


def conduct(
    plan: Plan,
    meter: Meter,
    store: Store,
    *,
    workspaces: Workspaces | None = None,
    go_on: GoOn | None = None,
    watch: Watch = WATCH,
) -> Iterator[Event]:
    """Do what is missing of the plan, with every finished run in `store` before the next begins.

    Each run gets a fresh tree from `workspaces`; without them all run in the folders of the arms themselves.
    Where others work and disturbed runs are not kept, it waits for quiet: before the first run, and after
    two blocks in a row that were dropped for it, each time at most as long as `watch` says. It ends when it
    did not get quiet, or when blocks are dropped again although it did: no more than four are run to use
    none.
    Ctrl-C ends the run under way with all its processes, keeps what is done and ends with `Finished`.
    Hold `meters.exclusive()` around it. Raises LeakscanError when a program is too short for the instrument,
    when an arm's folder is gone, when a run changed the user's own files, or when the disk is full.
    """
    _require_sound(plan)
    experiment = _Experiment(plan, meter, store, workspaces, go_on, watch)
    try:
        yield from experiment.events()
    except KeyboardInterrupt:
        yield Finished(Ending.INTERRUPTED, "stopped; what was finished is kept and can be resumed")


def _disturbed(message: str | None) -> Finished | None:
    return None if message is None else Finished(Ending.DISTURBED, message)


def _require_sound(plan: Plan) -> None:
    names = [arm.name for arm in plan.arms]
    if len(set(names)) != len(names) or not names:
        raise LeakscanError(f"arms need names of their own, not: {', '.join(names) or 'none at all'}")
    for arm in plan.arms:
        if not os.path.isdir(arm.directory):
            raise LeakscanError(f"{arm.directory}: no such folder, for arm {arm.name}")


class _Experiment:
    """The state that is not on disk: what was announced already."""

    def __init__(
        self,
        plan: Plan,
        meter: Meter,
        store: Store,
        workspaces: Workspaces | None,
        go_on: GoOn | None,
        watch: Watch,
    ) -> None:
        self._plan = plan
        self._meter = meter
        self._store = store
        self._workspaces = workspaces
        self._go_on = go_on
        self._arms = {arm.name: arm for arm in plan.arms}
        self._physical = is_physical(meter.describe())
        self._told_excluded: set[str] = set()
        self._error_tails: dict[str, str] = {}
        self._told_target = False
        self._dropped_before = 0
        self._host = watch.host
        self._watch = watch
        self._patience = Patience(plan, store.runs, watch)
        self._deadline = Deadline(plan, store.runs, watch.host, physical=self._physical)

    def events(self) -> Iterator[Event]:
        store = self._store
        yield preflight(self._meter, store.header.environment, self._host)
        state = progress(self._plan, store.runs)
        # Who resumes has made the machine quiet: blocks that were dropped before do not count again.
        self._dropped_before = len(state.dropped)
        # One that had seen enough when it ended is not gone on with.
        ending = self._ending(state, new_block=bool(state.complete))
        if ending is None:
            ending = _disturbed((yield from self._patience.before()))
        if ending is None:
            yield from self._noise()
            yield from self._idle("before")
        while ending is None:
            assert state.step is not None
            yield from self._announcements(state)
            yield self._begins(state, state.step)
            run = self._run(state.step)
            store.add_run(run)
            yield RunEnded(run)
            require_untouched(run.fault)
            self._require_long_enough(run)
            before, state = state, progress(self._plan, store.runs)
            ended = len(state.complete) + len(state.dropped) > len(before.complete) + len(before.dropped)
            if ended and run.block is not None:
                fault = state.dropped.get(run.block)
                yield BlockEnded(run.block, fault, len(state.complete), state.target or 0)
            ending = self._ending(state, new_block=len(state.complete) > len(before.complete))
            if ending is None and ended:
                fault = None if run.block is None else state.dropped.get(run.block)
                ending = _disturbed((yield from self._patience.after(fault, len(state.complete))))
            if ending is None:
                ending = self._out_of_time(state)
            if ending is None and self._physical:
                self._host.sleep(self._plan.cooldown_seconds)
        yield from self._announcements(state)
        if state.complete:
            yield from self._idle("after")
        yield ending

    def _announcements(self, state: Progress) -> Iterator[Event]:
        for name, fault in state.excluded.items():
            if name not in self._told_excluded:
                self._told_excluded.add(name)
                yield ArmExcluded(name, fault, self._error_tails.get(name, ""))
        if state.target is not None and not self._told_target:
            self._told_target = True
            blocks, seconds, remedy = self._deadline.planned(state, self._remaining_seconds(state) or 0.0)
            yield BlocksPlanned(blocks, seconds, remedy)

    def _ending(self, state: Progress, *, new_block: bool) -> Finished | None:
        original, *others = self._plan.arms
        target = state.target or 0
        if original.name in state.excluded:
            fault = state.excluded[original.name]
            return Finished(Ending.ORIGINAL_FAILS, f"the original program {fault.in_words}")
        missed = nothing_entered(original, self._store.runs)
        if missed is not None:
            return Finished(Ending.NOTHING_ENTERED, missed)
        if others and all(arm.name in state.excluded for arm in others):
            return Finished(Ending.NOTHING_TO_COMPARE, "no fixed program runs to its end")
        if state.step is None:
            return Finished(Ending.COMPLETE, f"{wording.plural(len(state.complete), 'block')} done")
        if len(state.dropped) - self._dropped_before > max(FAILURES_OF_AN_ARM, target):
            last = state.dropped[max(state.dropped)]
            return Finished(
                Ending.TOO_MANY_DROPPED,
                f"{wording.plural(len(state.dropped), 'block')} dropped: {last.message}",
            )
        if new_block and self._go_on is not None and not self._go_on(self._store.runs):
            return Finished(Ending.SETTLED, f"settled after {wording.plural(len(state.complete), 'block')}")
        return None

    def _out_of_time(self, state: Progress) -> Finished | None:
        message = self._deadline.passed(state)
        return None if message is None else Finished(Ending.OUT_OF_TIME, message)

    # -- time

    def _remaining_seconds(self, state: Progress) -> float | None:
        """The time for what is left of the blocks, and of the warm-ups as long as those go on."""
        active = [arm.name for arm in self._plan.arms if arm.name not in state.excluded]
        known = {
            name: seconds for name in active if (seconds := usual_seconds(self._store.runs, name)) is not None
        }
        if not known:
            return None
        usual = math.fsum(known.values()) / len(known)  # for arms that did not run yet
        block = math.fsum(known.get(name, usual) for name in active) + rest_seconds(self._plan, len(active))
        if state.target is not None:
            return block * max(0, state.target - len(state.complete))
        warm_ups = usual * (len(active) - len(known))
        budget = self._plan.budget_seconds
        if budget is not None:
            return max(warm_ups, budget - math.fsum(known.values()))
        return block * self._plan.blocks + warm_ups

    def _begins(self, state: Progress, step: Step) -> RunBegins:
        expected, remaining = usual_seconds(self._store.runs, step.arm), self._remaining_seconds(state)
        return RunBegins(step.arm, step.block, step.order, expected, remaining)

    # -- one run

    def _run(self, step: Step) -> Run:
        plan, arm = self._plan, self._arms[step.arm]
        originals = [run.output for run in self._store.runs if run.arm == plan.arms[0].name and not run.fault]
        measured = measure(plan, arm, self._meter, self._workspaces, self._host)
        execution = measured.execution
        if measured.fault is not None and measured.fault.cause.is_of_program:
            self._error_tails[step.arm] = execution.error_tail
        comparison = compare_outputs(originals, execution.output, plan.tolerance)
        first = next((run for run in self._store.runs if run.arm == arm.name and run.is_sound), None)
        fault = measured.fault or _other_passes(first, execution)
        return Run(
            arm=arm.name,
            block=step.block,
            order=step.order,
            started_at=measured.started_at,
            process=measured.process,
            body=measured.body,
            exit_status=execution.exit_status,
            output=execution.output,
            iterations=execution.iterations,
            ticks=execution.ticks,
            peak_rss_bytes=execution.peak_rss_bytes,
            peak_gpu_bytes=execution.peak_gpu_bytes,
            versions=execution.versions,
            preloaded=execution.preloaded,
            leftover_processes=execution.leftover_processes,
            load_average=measured.load_average,
            foreign_cpu_share=measured.disturbance.foreign_cpu_share,
            steal_share=measured.disturbance.steal_share,
            warnings=(*measured.warnings, *comparison.notes),
            tree_changes=measured.tree_changes,
            instructions=execution.counts.get("instructions"),
            cycles=execution.counts.get("cycles"),
            uncounted=next(iter(execution.uncounted.values()), None),
            power=measured.power,
            fault=fault,
            disagreement=None if fault else comparison.disagreement,
            cut=execution.cut,
            passes=measured.passes,
        )

    def _require_long_enough(self, run: Run) -> None:
        """GPU counters are refreshed too rarely for short windows."""
        if run.block is not None or run.fault is not None:
            return
        gpu = any(source.device == GPU and source.provenance.is_physical for source in self._meter.describe())
        passes = run.passes
        seconds = (passes.later if passes and passes.later else run.headline).wall_seconds
        if gpu and seconds < GPU_SHORTEST_SECONDS:
            raise LeakscanError(
                f"{run.arm} runs for {seconds:.1f} s; a GPU's energy needs at least "
                f"{GPU_SHORTEST_SECONDS:g} s: give the program more steps or epochs"
            )

    def _noise(self) -> Iterator[Event]:
        """Do the same work again and again; not where there will be no verdict."""
        plan = self._plan
        if self._watch.noise_repeats < 2 or plan.blocks < MINIMUM_BLOCKS:  # noqa: PLR2004
            return
        found = measure_noise(self._watch.noise_repeats)
        self._store.add_noise(found)
        yield NoiseMeasured(found, plan.blocks if plan.budget_seconds is None else None)

    def _idle(self, when: str) -> Iterator[Event]:
        known = {idle.when for idle in self._store.idles}
        if not self._physical or self._plan.idle_seconds <= 0 or when in known:
            return
        begin = time.perf_counter()
        self._meter.start()
        try:
            time.sleep(self._plan.idle_seconds)
        finally:
            metering = self._meter.stop(0.0)
        if not metering.problems:
            wall = time.perf_counter() - begin
            idle = Idle(when, Window(wall, 0.0, metering.readings))
            self._store.add_idle(idle)
            yield IdleEnded(idle)


@dataclass(frozen=True, slots=True)
class Measured:
    """One child with what the instrument and the machine say about it."""

    started_at: str
    execution: Execution
    process: Window
    body: Window | None
    passes: Passes | None
    disturbance: machine.Disturbance
    load_average: float | None
    warnings: tuple[str, ...]
    power: tuple[PowerTrace, ...]
    tree_changes: tuple[str, ...]
    fault: Fault | None


def require_untouched(fault: Fault | None) -> None:
    """Raise LeakscanError where a run changed the user's own files: another one would do so again."""
    if fault is not None and fault.cause is Cause.TREE:
        raise LeakscanError(f"stopped: {fault.message}")


def measure(
    plan: Plan, arm: Arm, meter: Meter, workspaces: Workspaces | None = None, host: Host = HOST
) -> Measured:
    """Run one arm once in a fresh tree, with the meter around each of its phases.

    The sum of the windows is the process; the milliseconds between two windows are not measured. Raises
    LeakscanError when the tree is not what it was, or when the command of `--prepare` fails.
    """
    if workspaces is None:
        return _measure(plan, arm, meter, Place(arm.directory, (), (), {}), host)
    with workspaces.fresh(arm.name, arm.directory) as workspace:
        if plan.prepare is not None:
            _prepare(plan, workspace.place)
        measured = _measure(plan, arm, meter, workspace.again(), host)
        traces = workspace.traces()
        return dataclasses.replace(
            measured, tree_changes=traces.changes, fault=traces.fault or measured.fault
        )


def _prepare(plan: Plan, place: Place) -> None:
    assert plan.prepare is not None
    command = Program(ProgramKind.COMMAND, "/bin/sh", ("-c", plan.prepare))
    launch = Launch(plan.python, command, place.directory, environment=place.environment, layers=place.layers)
    done = supervise(launch, Limits(timeout_seconds=plan.timeout_seconds), lambda *_: None)
    if done.fault is not None:
        raise LeakscanError(f"--prepare: {plan.prepare!r} failed: {done.fault.message}")


def _measure(plan: Plan, arm: Arm, meter: Meter, place: Place, host: Host) -> Measured:
    available = machine.available_memory_bytes()
    limits = Limits(
        timeout_seconds=plan.timeout_seconds,
        memory_bytes=plan.memory_bytes or (available and int(available * 0.9)),
        passes=plan.passes,
        body_seconds=plan.body_seconds,
    )
    launch = Launch(
        python=plan.python,
        program=dataclasses.replace(
            arm.program,
            target=place.moved_path(arm.program.target),
            arguments=tuple(place.moved_path(word) for word in arm.program.arguments),
        ),
        directory=place.directory,
        loops=arm.loops,
        environment={**_hash_seed(plan), **arm.environment, **place.environment},
        seed=plan.program_seed,
        layers=place.layers,
        moved=place.moved,
    )
    load = machine.load_average()
    others = meter.other_gpu_processes()
    windows = _Windows(meter)
    started_at, begin = _now(), machine.Activity.now(host)
    try:
        execution = supervise(launch, limits, windows.end, windows.begin_pass)
    finally:
        windows.close()
    disturbance = machine.disturbance(begin, machine.Activity.now(host), execution.cpu_seconds)
    body = windows.body
    if body is not None and execution.body_wall_seconds is not None:
        body = dataclasses.replace(body, wall_seconds=execution.body_wall_seconds)
    process = dataclasses.replace(
        windows.process, wall_seconds=execution.wall_seconds, cpu_seconds=execution.cpu_seconds
    )
    warnings = [*windows.warnings]
    if others:
        warnings.append(f"other processes on the GPU: {', '.join(others)}")
    if execution.leftover_processes:
        left = wording.plural(execution.leftover_processes, "process")
        warnings.append(f"{left} outlived the program and had to be ended")
    passes = None if execution.cut_loop is None or body is None else windows.passes(execution.cut_loop, body)
    warnings += _warnings_of_cut(execution)
    seconds = (body or process).wall_seconds
    if seconds < SHORTEST_SECONDS and arm.program.kind is not ProgramKind.COMMAND:
        warnings.append(f"the body took {seconds:.1f} s; runs of {SHORTEST_SECONDS:g} s and more vary less")
    fault = execution.fault or _fault(plan, windows, disturbance)
    return Measured(
        started_at=started_at,
        execution=execution,
        process=process,
        body=body,
        passes=passes,
        disturbance=disturbance,
        load_average=load,
        warnings=tuple(warnings),
        power=windows.power,
        tree_changes=(),
        fault=fault,
    )


def _hash_seed(plan: Plan) -> dict[str, str]:
    return {} if "PYTHONHASHSEED" in os.environ else {"PYTHONHASHSEED": str(plan.program_seed or 0)}


def _warnings_of_cut(execution: Execution) -> Iterator[str]:
    if execution.was_forced:
        yield "it did not end by itself after its last pass and was ended; what it would have printed is lost"
    elif execution.cut is not None and execution.exit_status:
        last_line = execution.error_tail.rpartition("\n")[2][:300]
        yield f"it ended with exit status {execution.exit_status} after it was cut: {last_line}".rstrip(": ")


class _Windows:
    """The meter's windows of one child, one after the other; the first begins at once.

    Each ends with a phase, or where a pass begins at which the meter is read while the child goes on.
    """

    def __init__(self, meter: Meter) -> None:
        self._meter = meter
        self._parts: list[tuple[Phase | PassMark, Window]] = []
        self._cpu_before: float | None = 0.0
        self._power: dict[str, list[tuple[float, float]]] = {}
        self.problems: list[str] = []
        self.warnings: list[str] = []
        self._running = False
        self._begin = 0.0
        self._first = time.perf_counter()
        self._start()

    def _start(self) -> None:
        self._meter.start()
        self._begin = time.perf_counter()
        self._running = True

    def end(self, phase: Phase, cpu_seconds: float | None) -> None:
        """The phase is over; the tree has used `cpu_seconds` since its start."""
        self._end(phase, cpu_seconds)
        if phase is not Phase.END:
            self._start()

    def begin_pass(self, mark: PassMark) -> None:
        """The first or second pass of a counted loop begins."""
        self._end(mark, mark.cpu_seconds)
        self._start()

    def _end(self, what: Phase | PassMark, cpu_seconds: float | None) -> None:
        used = None if cpu_seconds is None or self._cpu_before is None else cpu_seconds - self._cpu_before
        self._cpu_before = cpu_seconds
        metering = self._stop(used)
        wall = time.perf_counter() - self._begin
        self._parts.append((what, Window(wall, used, metering.readings)))

    def _stop(self, cpu_seconds: float | None) -> Metering:
        self._running = False
        metering = self._meter.stop(cpu_seconds)
        self.problems += metering.problems
        self.warnings += metering.warnings
        begun = self._begin - self._first
        for trace in metering.power:
            points = self._power.setdefault(trace.device, [])
            points.extend((begun + seconds, watts) for seconds, watts in trace.points)
        return metering

    @property
    def power(self) -> tuple[PowerTrace, ...]:
        return tuple(PowerTrace(device, tuple(points)) for device, points in self._power.items())

    def close(self) -> None:
        """End the window of a child that never reported its end."""
        if self._running:
            self.end(Phase.END, None)

    def _between(self, begin: Phase | PassMark, end: Phase | PassMark) -> Window | None:
        ends = [what for what, _ in self._parts]
        if begin not in ends or end not in ends:
            return None
        return sum_windows([window for _, window in self._parts[ends.index(begin) + 1 : ends.index(end) + 1]])

    @property
    def body(self) -> Window | None:
        return self._between(Phase.PREPARE, Phase.BODY)

    def passes(self, loop: CutLoop, body: Window) -> Passes | None:
        """What is known of the passes of the loop that ended the child, by the clocks of the child."""
        if len(loop.marks) < 2:  # noqa: PLR2004 - it ended within its first pass
            return None
        first, second = loop.marks
        set_up = self._between(Phase.PREPARE, first)
        one = self._between(first, second)
        rest = self._between(second, Phase.BODY) if loop.count > 1 else None
        if set_up is None or one is None:
            return None
        return Passes(
            loop=loop.loop,
            count=loop.count,
            length=loop.length if loop.length is None or loop.length >= loop.count else None,
            set_up=dataclasses.replace(set_up, wall_seconds=first.seconds),
            first=dataclasses.replace(one, wall_seconds=second.seconds - first.seconds),
            later=rest and dataclasses.replace(rest, wall_seconds=body.wall_seconds - second.seconds),
        )

    @property
    def process(self) -> Window:
        return sum_windows([window for _, window in self._parts])


def _fault(plan: Plan, windows: _Windows, found: machine.Disturbance) -> Fault | None:
    """Why the machine or the instrument, not the program, makes the run invalid."""
    if windows.problems:
        return Fault(Cause.METER, windows.problems[0])
    if found.suspended_seconds is not None and found.suspended_seconds > _SUSPEND_LIMIT_SECONDS:
        return Fault(Cause.SUSPEND, f"the machine slept for {found.suspended_seconds:.0f} s")
    if _exceeds(found.steal_share, found.steal_seconds, plan.steal_limit):
        return Fault(Cause.STEAL, f"the hypervisor took {found.steal_share:.0%} of the processors' time")
    if _exceeds(found.foreign_cpu_share, found.foreign_cpu_seconds, plan.foreign_cpu_limit):
        return Fault(
            Cause.FOREIGN_CPU,
            f"other programs used {found.foreign_cpu_seconds:.1f} s of CPU time meanwhile, "
            f"{found.foreign_cpu_share:.0%} of the run's own",
        )
    return None


def _other_passes(first: Run | None, execution: Execution) -> Fault | None:
    """Why a run is not one of the same work as the first one of its arm."""
    if first is None or Cut.SECONDS in (first.cut, execution.cut) or first.iterations == execution.iterations:
        return None
    now, then = (", ".join(map(str, each)) for each in (execution.iterations, first.iterations))
    return Fault(
        Cause.PASSES,
        f"made {now} passes through its flagged loops, in its first run {then}: runs must do the same work",
    )


def _exceeds(share: float | None, seconds: float | None, limit: float | None) -> bool:
    """Whether a share is above its limit by more than the kernel's clock can tell."""
    if share is None or seconds is None or limit is None:
        return False
    return share > limit and seconds > RESOLUTION_SECONDS


def _now() -> str:
    return dt.datetime.now(dt.timezone.utc).isoformat(timespec="milliseconds")
