"""Runs the arms of a plan in blocks, and says what happens as it happens.

Every finished run is on disk before the next begins. Nothing here prints: `conduct` yields events.
"""

from __future__ import annotations

import math
import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence

from leakscan.errors import LeakscanError
from leakscan.validation import machine, wording
from leakscan.validation.agreement import compare_outputs
from leakscan.validation.budget import Deadline, usual_seconds
from leakscan.validation.events import (
    ArmExcluded,
    BlockEnded,
    BlocksPlanned,
    Ending,
    Event,
    Finished,
    IdleEnded,
    NoiseMeasured,
    RunBegins,
    RunEnded,
)
from leakscan.validation.executions import Execution
from leakscan.validation.measurements import Cause, Cut, Fault, Idle, Run, Setting, Window, encode
from leakscan.validation.measuring import measure, now, require_untouched
from leakscan.validation.meters import GPU, GPU_SHORTEST_SECONDS, Meter, is_physical
from leakscan.validation.noise import measure_noise
from leakscan.validation.patience import WATCH, Patience, Watch
from leakscan.validation.plan import (
    FAILURES_OF_AN_ARM,
    Plan,
    Progress,
    Step,
    nothing_entered,
    progress,
    rest_seconds,
)
from leakscan.validation.preflight import preflight
from leakscan.validation.store import Header, Store
from leakscan.validation.verdicts import MINIMUM_BLOCKS
from leakscan.validation.workspaces import Workspaces

# Asked after each complete block with all runs so far; False ends the experiment.
GoOn = Callable[[Sequence[Run]], bool]


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
        created_at=now(),
    )


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
    did not get quiet, or when two blocks are dropped again although it did: after a wait of a minute at most
    no more than four are run to use none, two more for each further minute.
    Ctrl-C ends the run under way with all its processes, keeps what is done and ends with `Finished`.
    Hold `lock.exclusive()` around it. Raises LeakscanError when a program is too short for the instrument,
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
        raise LeakscanError(f"arms must have different names, not: {', '.join(names) or 'none at all'}")
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


def _other_passes(first: Run | None, execution: Execution) -> Fault | None:
    """Why a run is not one of the same work as the first one of its arm."""
    if first is None or Cut.SECONDS in (first.cut, execution.cut) or first.iterations == execution.iterations:
        return None
    now, then = (", ".join(map(str, each)) for each in (execution.iterations, first.iterations))
    return Fault(
        Cause.PASSES,
        f"made {now} passes through its flagged loops, in its first run {then}: runs must do the same work",
    )
