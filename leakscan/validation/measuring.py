"""One run of one arm, with the instrument around it, and what makes it invalid."""

from __future__ import annotations

import dataclasses
import datetime as dt
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass

from leakscan.errors import LeakscanError
from leakscan.validation import machine, wording
from leakscan.validation.executions import (
    CutLoop,
    Execution,
    Launch,
    Limits,
    PassMark,
    Phase,
    Program,
    ProgramKind,
)
from leakscan.validation.machine import HOST, Host
from leakscan.validation.measurements import Cause, Fault, Passes, PowerTrace, Window, sum_windows
from leakscan.validation.meters import Meter, Metering
from leakscan.validation.plan import Arm, Plan
from leakscan.validation.supervisor import supervise
from leakscan.validation.workspaces import Place, Workspaces

SHORTEST_SECONDS = 5.0  # below, start-up effects and the clocks' steps weigh too much
_SUSPEND_LIMIT_SECONDS = 0.5
RESOLUTION_SECONDS = 0.1  # /proc/stat counts in steps of 10 ms for each processor


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
            _prepare(plan, plan.prepare, workspace.place)
        measured = _measure(plan, arm, meter, workspace.again(), host)
        traces = workspace.traces()
        return dataclasses.replace(
            measured, tree_changes=traces.changes, fault=traces.fault or measured.fault
        )


def _prepare(plan: Plan, shell_command: str, place: Place) -> None:
    command = Program(ProgramKind.COMMAND, "/bin/sh", ("-c", shell_command))
    launch = Launch(plan.python, command, place.directory, environment=place.environment, layers=place.layers)
    done = supervise(launch, Limits(timeout_seconds=plan.timeout_seconds), lambda *_: None)
    if done.fault is not None:
        raise LeakscanError(f"--prepare: {shell_command!r} failed: {done.fault.message}")


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
    started_at, begin = now(), machine.Activity.now(host)
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


def _exceeds(share: float | None, seconds: float | None, limit: float | None) -> bool:
    """Whether a share is above its limit by more than the kernel's clock can tell."""
    if share is None or seconds is None or limit is None:
        return False
    return share > limit and seconds > RESOLUTION_SECONDS


def now() -> str:
    """The time as records have it."""
    return dt.datetime.now(dt.timezone.utc).isoformat(timespec="milliseconds")
