"""When a measurement has seen enough: the looks of `--runs auto`."""

from __future__ import annotations

from collections.abc import Sequence

from leakscan.validation import statistics, verdicts
from leakscan.validation.measurements import Run, Source
from leakscan.validation.plan import Plan, progress
from leakscan.validation.series import default_margin, headline_window, window_of


class Looks:
    """Asked after each block whether to go on: looks at 6, 10, 15, 20 and 30 blocks, at a lower alpha."""

    alpha = verdicts.LOOK_ALPHA

    def __init__(self, plan: Plan, sources: Sequence[Source], margin: float | None) -> None:
        self._plan = plan
        self._margin = default_margin(sources) if margin is None else margin

    def __call__(self, runs: Sequence[Run]) -> bool:
        """Whether to run another block after these runs."""
        state = progress(self._plan, runs)
        original, *fixes = [arm.name for arm in self._plan.arms if arm.name not in state.excluded]
        used = [run for run in runs if run.block in state.complete and run.arm not in state.excluded]
        window = headline_window(used)
        joules = {(run.arm, run.block): window_of(run, window).energy_joules for run in used}
        values = {
            name: [joules.get((name, block)) for block in state.complete] for name in (original, *fixes)
        }
        known = {
            name: [each for each in column if each is not None and each > 0]
            for name, column in values.items()
        }
        count = len(state.complete)
        if count not in verdicts.LOOKS or any(len(column) < count for column in known.values()):
            return True
        comparisons = {
            name: statistics.compare(known[original], known[name], margin=self._margin, alpha=self.alpha)
            for name in fixes
        }
        return not statistics.should_stop(statistics.adjust(comparisons).values())
