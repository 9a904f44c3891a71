"""A budget as a deadline: warm-ups, dropped blocks and waiting are taken off it."""

from __future__ import annotations

import math
from collections.abc import Sequence

from leakscan.validation import wording
from leakscan.validation.machine import HOST, Host
from leakscan.validation.measurements import Run
from leakscan.validation.plan import Plan, Progress, rest_seconds
from leakscan.validation.verdicts import MINIMUM_BLOCKS

_REMEDIES = "fewer arms (--arms) or shorter runs (--iterations)"


class Deadline:
    """What is left of a plan's budget, if it has one; begins when it is made. `runs` grows meanwhile."""

    def __init__(self, plan: Plan, runs: Sequence[Run], host: Host = HOST, *, physical: bool) -> None:
        self._plan = plan
        self._runs = runs
        self._host = host
        self._begun = host.monotonic()
        self._earlier_seconds = math.fsum(run.process.wall_seconds for run in runs)
        self._idle_seconds = plan.idle_seconds if physical else 0.0  # measured at the end

    def left_seconds(self) -> float:
        """The seconds that are left for runs."""
        spent = self._earlier_seconds + self._host.monotonic() - self._begun
        return max(0.0, (self._plan.budget_seconds or 0.0) - spent - self._idle_seconds)

    def planned(self, state: Progress, remaining_seconds: float) -> tuple[int, float, str | None]:
        """How many blocks there will be, how long they take, and what helps if these are too few.

        `state` is that after the warm-ups; `remaining_seconds` is what all blocks of its target take.
        """
        target, done = state.target or 0, len(state.complete)
        budget = self._plan.budget_seconds
        if budget is None or not remaining_seconds:
            return target, remaining_seconds, None
        block, left = remaining_seconds / max(1, target - done), self.left_seconds()
        blocks = min(target, done + int(left / block))
        seconds = block * max(0, blocks - done)
        if blocks >= MINIMUM_BLOCKS:
            return blocks, seconds, None
        enough = math.ceil(budget - left + block * (MINIMUM_BLOCKS - done))
        remedy = (
            f"{wording.plural(blocks, 'block')} of {wording.amount(block, 's')} fit into the budget of "
            f"{budget:g} s, and fewer than {MINIMUM_BLOCKS} give no verdict; what helps: --budget {enough}s, "
            f"{_REMEDIES}"
        )
        return blocks, seconds, remedy

    def passed(self, state: Progress) -> str | None:
        """Why the next block, or warm-up, is not begun, if the budget does not hold it; else None."""
        budget, step = self._plan.budget_seconds, state.step
        if budget is None or step is None:
            return None
        if step.block is not None and any(run.block == step.block for run in self._runs):
            return None  # what was begun is finished
        active = [arm.name for arm in self._plan.arms if arm.name not in state.excluded]
        found = {name: usual_seconds(self._runs, name) for name in active}
        known = [seconds for seconds in found.values() if seconds is not None]
        if not known:
            return None
        usual = math.fsum(known) / len(known)
        needed = usual * len(active) + rest_seconds(self._plan, len(active))
        needed += usual * (len(active) - len(known))  # the warm-ups that are left
        if needed <= self.left_seconds():
            return None
        if state.complete:
            return (
                f"the budget of {budget:g} s is used up: {wording.plural(len(state.complete), 'block')} done"
            )
        return (
            f"the budget of {budget:g} s holds no block: what is left of it is "
            f"{wording.amount(self.left_seconds(), 's')}, and {wording.amount(needed, 's')} are needed; what "
            f"helps: a longer one, {_REMEDIES}"
        )


def usual_seconds(runs: Sequence[Run], arm: str) -> float | None:
    """The mean time that an arm's runs took from start to exit; None without any."""
    walls = [run.process.wall_seconds for run in runs if run.arm == arm]
    return math.fsum(walls) / len(walls) if walls else None
