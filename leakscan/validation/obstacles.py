"""Why the runs of an experiment give no verdict, in words."""

from __future__ import annotations

from collections.abc import Sequence

from leakscan.validation import wording
from leakscan.validation.measurements import Run
from leakscan.validation.plan import Plan, nothing_entered


def obstacle(plan: Plan, runs: Sequence[Run], counted: Sequence[Run], window: str) -> str | None:
    """Why these runs can give no verdict, however many they are."""
    original = plan.arms[0]
    missed = nothing_entered(original, runs)
    if missed is not None:
        return missed
    cut = sum(run.cut is not None for run in counted)
    if not cut or window == "pass":
        return None
    if plan.passes is None and not any(loop.is_counted for loop in original.loops):
        return (
            "runs of equal time are not runs of equal work, and no loop is counted; "
            "choose one with --loop LINE"
        )
    return (
        f"{cut} of {wording.plural(len(counted), 'run')} were cut, not all after 2 passes of one loop; "
        "raise --iterations or --until, or choose a loop with --loop LINE"
    )
