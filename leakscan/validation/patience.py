"""Waiting for others to leave the processors alone, and knowing when to give up."""

from __future__ import annotations

import os
from collections.abc import Generator, Sequence
from dataclasses import dataclass

from leakscan.validation import wording
from leakscan.validation.machine import HOST, Host
from leakscan.validation.measurements import Cause, Fault, Run
from leakscan.validation.neighbours import Observation, wait_for_quiet
from leakscan.validation.noise import REPEATS
from leakscan.validation.plan import Plan

WAIT_SECONDS = 60.0  # for quiet, at most, unless the user says otherwise
_IN_A_ROW = 2  # dropped blocks after which it is waited for quiet again
_SECONDS_PER_TRY = 60.0  # whoever is ready to wait longer is ready to lose more blocks
_REMEDIES = (
    "continue with --resume when it is quiet, wait longer with --wait 10m, or use disturbed runs, which the "
    "report then names, with --keep-disturbed"
)


@dataclass(frozen=True, slots=True)
class Waiting:
    """Others work: it is waited for quiet, at most so many seconds."""

    observation: Observation
    limit_seconds: float


@dataclass(frozen=True, slots=True)
class Quiet:
    """It got quiet after so many seconds."""

    waited_seconds: float


@dataclass(frozen=True, slots=True)
class Watch:
    """How long quiet is waited for, at most; how often the same work is done to see the machine's noise.

    Fewer than 2 times: not at all. `host` is where the machine is looked at.
    """

    wait_seconds: float = WAIT_SECONDS
    noise_repeats: int = REPEATS
    host: Host = HOST


WATCH = Watch()
Waits = Generator["Waiting | Quiet", None, "str | None"]  # ends with the reason to give up, if there is one


class Patience:
    """Decides when an experiment waits for quiet and when it ends; `runs` grows while it goes on.

    Nothing is waited for where disturbed runs are kept.
    """

    def __init__(self, plan: Plan, runs: Sequence[Run], watch: Watch = WATCH) -> None:
        self._plan = plan
        self._runs = runs
        self._wait_seconds = watch.wait_seconds
        self._host = watch.host
        self._in_a_row = 0
        self._times_waited = 0  # since the last complete block

    def before(self) -> Waits:
        """Wait before the first run; give up where each run would be dropped for the others."""
        limit, cores = self._plan.foreign_cpu_limit, os.cpu_count() or 1
        if not self._wait_seconds or limit is None:
            return None
        noise = yield from self._wait(limit)
        # Even a program that keeps all processors busy would have more of others than the limit beside it.
        if noise is None or (noise.foreign_cores or 0.0) <= limit * cores:
            return None
        return f"nothing was run: {self._not_quiet(noise)}; {_REMEDIES}"

    def after(self, fault: Fault | None, complete: int) -> Waits:
        """A block ended, dropped by `fault` or not: after two in a row, wait; give up if that does not help.

        Where two blocks are dropped again after it was quiet, waiting does not help either: once for each
        minute that the user would wait, it is tried all the same.
        """
        limit = self._plan.foreign_cpu_limit
        if fault is None:
            self._in_a_row = self._times_waited = 0
            return None
        if limit is None or fault.cause not in (Cause.FOREIGN_CPU, Cause.STEAL):
            return None
        self._in_a_row += 1
        if self._in_a_row < _IN_A_ROW:
            return None
        self._in_a_row = 0
        why = f"{_IN_A_ROW} blocks in a row were dropped: {fault.message}"
        kept = f"{wording.plural(complete, 'block')} kept"
        if self._times_waited >= max(1, int(self._wait_seconds / _SECONDS_PER_TRY)):
            return f"{why}; before them it was quiet; {kept}; {_REMEDIES}"
        self._times_waited += 1
        noise = yield from self._wait(limit)
        return None if noise is None else f"{why}; {self._not_quiet(noise)}; {kept}; {_REMEDIES}"

    def _wait(self, limit: float) -> Generator[Waiting | Quiet, None, Observation | None]:
        """Wait until others use less than runs may have beside them; what is seen if they do not."""
        allowed, steal_limit = limit * self._own_cores(), self._plan.steal_limit

        def is_quiet(seen: Observation) -> bool:
            stolen = steal_limit is not None and (seen.steal_share or 0.0) > steal_limit
            return not stolen and (seen.foreign_cores or 0.0) <= allowed

        begin, told = self._host.monotonic(), False
        for noise in wait_for_quiet(is_quiet, self._wait_seconds, self._host):
            if noise.ended:
                return noise.observation
            if not told:
                told = True
                yield Waiting(noise.observation, self._wait_seconds)
        if told:
            yield Quiet(self._host.monotonic() - begin)
        return None

    def _own_cores(self) -> float:
        """How many processors the program keeps busy; half of them where no run has shown it."""
        seen = [
            run.process.cpu_seconds / run.process.wall_seconds
            for run in self._runs
            if run.process.cpu_seconds and run.process.wall_seconds
        ]
        return max(seen) if seen else max(1.0, (os.cpu_count() or 1) / 2)

    def _not_quiet(self, noise: Observation) -> str:
        names = f" ({words})" if (words := noise.in_words()) else ""
        if not self._wait_seconds:
            return f"it is not quiet{names}"
        return f"it did not get quiet within {self._wait_seconds:g} s{names}"
