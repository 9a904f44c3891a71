"""What a measurement will take and can show, in words, before it is made."""

from __future__ import annotations

import math
from collections.abc import Iterator

from leakscan.validation import verdicts, wording
from leakscan.validation.measurements import Noise
from leakscan.validation.noise import in_words, spread_of_ratios
from leakscan.validation.plan import Plan
from leakscan.validation.wording import duration

MOST_BLOCKS = verdicts.LOOKS[-1]  # what `--runs auto` stops at
_EXAMPLE_SECONDS = (10, 60)  # of a run, for an estimate where nothing is known
_EXAMPLE_SPREADS = (0.01, 0.03)  # of runs, as a fraction: a quiet machine, a busy one


def amount(plan: Plan, *, is_auto: bool) -> str:
    """How often the program will be run; `is_auto` where the verdicts decide how many blocks there are."""
    arms = len(plan.arms)
    warm = f"{arms * plan.warm_ups} times to warm up" if plan.warm_ups else "without a warm-up"
    if is_auto:
        return f"the program {warm}, then {arms} times in each of 6 to {MOST_BLOCKS} blocks"
    if plan.budget_seconds is not None:
        return f"the program {warm}, then blocks of {arms} runs for {duration(plan.budget_seconds)}"
    each = {0: "no warm-up", 1: "a warm-up of each"}.get(plan.warm_ups, f"{plan.warm_ups} warm-ups of each")
    return (
        f"the program {arms * (plan.blocks + plan.warm_ups)} times: {arms} arms, {each}, {plan.blocks} blocks"
    )


def time_needed(plan: Plan, earlier_seconds: float | None) -> str:
    """How long measuring will take.

    `earlier_seconds` is what all arms took once in earlier runs; without any there are examples.
    """
    if plan.budget_seconds is not None:
        return f"It takes about {duration(plan.budget_seconds)}: as many blocks as fit."
    rest = plan.cooldown_seconds * len(plan.arms)
    rounds = plan.blocks + plan.warm_ups
    if earlier_seconds is not None:
        seconds = (earlier_seconds + rest) * rounds
        return f"It takes about {duration(seconds)}, judging by earlier runs of the program."
    examples = " and ".join(
        f"about {duration((each * len(plan.arms) + rest) * rounds)} if a run takes {each} s"
        for each in _EXAMPLE_SECONDS
    )
    return (
        f"It takes {examples}; --smoke runs each arm once and tells how long that took, --budget 10m runs as "
        "many blocks as fit."
    )


def notes_on_blocks(plan: Plan, cooldown_seconds: float) -> Iterator[str]:
    """What to know of the blocks that are planned; `cooldown_seconds` is the rest that was asked for."""
    if plan.is_cut:
        places = [f"{loop.path}:{loop.line}" for loop in plan.arms[0].loops if loop.is_counted]
        words = f"{'one of ' if len(places) > 1 else ''}the loop at {', '.join(places)}"
        if plan.passes is not None:
            yield f"Each run ends after {plan.passes} passes of {words}."
        if plan.body_seconds is not None:
            after = f", at the next pass of {words}" if places else ""
            yield f"Each run ends {duration(plan.body_seconds)} after its imports{after}."
    if plan.budget_seconds is None and plan.blocks < verdicts.MINIMUM_BLOCKS:
        yield f"Fewer than {verdicts.MINIMUM_BLOCKS} blocks give no verdict."
    if cooldown_seconds and not plan.cooldown_seconds:
        yield "No rest between runs: it changes nothing where no counter or sensor measures."


def smallest_change(blocks: int, fixes: int) -> str:
    """What so many blocks of an original and its fixes can show."""
    from leakscan.validation.statistics import smallest_detectable_change

    if blocks < verdicts.MINIMUM_BLOCKS:
        return f"fewer than {verdicts.MINIMUM_BLOCKS} blocks give no verdict"
    # A run's spread counts twice in a ratio; with several fixes Holm's method begins at this level.
    words = ", ".join(
        f"{100 * found:.1f} % where runs vary by {100 * spread:.0f} %"
        for spread in _EXAMPLE_SPREADS
        if (found := smallest_detectable_change(blocks, math.sqrt(2) * spread, 0.05 / fixes)) is not None
    )
    return f"the smallest saving that they show four times in five: {words}"


def after_noise(noise: Noise, blocks: int | None) -> str:
    """What the machine varies by, and what that means for what so many blocks find; None: not known yet."""
    from leakscan.validation.statistics import smallest_detectable_change

    words = f"The machine before the experiment: {in_words(noise)}"
    spread = spread_of_ratios(noise)
    if blocks is None or not spread:
        return f"{words}."
    found = wording.percent(100 * smallest_detectable_change(blocks, spread), signed=False)
    return f"{words}. A program that varies no more shows a saving of {found} in {blocks} blocks."
