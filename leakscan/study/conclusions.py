"""What the runs say, in sentences: each is made from verdicts and intervals, none is written beforehand."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from leakscan.study.costs import CostModel, Outcome, on_axis
from leakscan.study.grid import Axis, Design, level
from leakscan.validation import wording
from leakscan.validation.reports.table import amount_range
from leakscan.validation.results import ArmResult, Metric
from leakscan.validation.verdicts import Verdict

#: Steps of a pass over CIFAR-10's 50,000 training images in batches of 64.
CIFAR_10_STEPS = 782
_PAPER_CHANGE = {"imr": 31.78, "utr": 45.80}

#: Where the design is not the paper's, and what follows.
DIFFERENCES = (
    """The programs of the paper are not published. Its catalogue describes IMR as a model that is built
    again in each iteration, UTR as tensors that are kept; the programs here are the smallest that do so
    and train identically otherwise.""",
    """The paper's runs are on a Tesla T4, where a whole device is measured. Where energy is modelled here
    it is CPU time times a constant: its percentages are those of CPU time.""",
    """The paper's figures are of whole runs of 50 epochs. A cost that is fixed for each rebuild is a
    percentage of whatever else the run does, which the tables above vary: one percentage cannot hold
    for other fits.""",
    "What UTR costs follows the size of what is kept. The paper does not say what its programs keep.",
    """The paper's variants may differ from its baseline in more than the smell, in batches, passes or
    devices: that cannot be checked. Here the printed losses are compared in each run.""",
)


def sentences(outcomes: Sequence[Outcome], model: CostModel | None) -> Iterator[str]:
    """The conclusions that the runs allow, in the order of the page."""
    for outcome in outcomes:
        if outcome.measured.cell.design is Design.PAPER:
            yield from _paper(outcome)
    lengths = on_axis(outcomes, Axis.FIT_LENGTH)
    if len(lengths) > 1:
        yield from _fit_length(lengths)
    if model is not None:
        yield from _break_even(model, lengths[0].clock)
    yield from _fixes(lengths)
    yield from _least(lengths)
    for axis in (Axis.MODEL_SIZE, Axis.FRAMEWORK):
        yield from _rebuild_by(on_axis(outcomes, axis), axis)
    yield from _tensor_size(on_axis(outcomes, Axis.TENSOR_SIZE))
    yield from _steps(on_axis(outcomes, Axis.STEPS))
    for outcome in outcomes:
        if outcome.measured.cell.design is Design.EQUALS:
            yield from _equals(outcome)


def _equals(outcome: Outcome) -> Iterator[str]:
    for arm in outcome.result.fixes:
        program, _, fix = arm.name.partition("+")
        name = f"`{fix}` of `{program}.py`, made by leakscan," if fix else "The clean program once more (A/A)"
        yield f"{name} against the clean program: {_words(outcome, arm)}."


def _paper(outcome: Outcome) -> Iterator[str]:
    arms = {arm.name: arm for arm in outcome.result.fixes}
    for name, title in (("imr", "IMR"), ("utr", "UTR")):
        if name not in arms:
            continue
        paper = wording.percent(_PAPER_CHANGE[name])
        words, peak = _words(outcome, arms[name]), _peak(outcome, arms[name])
        yield (
            f"**The paper's design, {title}**: {words} than the clean program{peak}; the paper says {paper}."
        )
    cost, share = outcome.rebuild("baseline", "imr"), outcome.saving("baseline", "imr")
    if cost is not None and share is not None and outcome.on_gpu:
        yield (
            f"A rebuild costs {wording.amount(cost.estimate, 's')} of {outcome.clock} there "
            f"({amount_range(cost, 's')}), {wording.percent(share.estimate, signed=False)} of an iteration "
            f"of {outcome.measured.cell.steps} steps."
        )
    yield from _power(outcome)


def _power(outcome: Outcome) -> Iterator[str]:
    """How much of the GPU's energy it would have used without the program."""
    clean = outcome.result.original
    energy, wall = outcome.energy(clean), clean.quantity(Metric.WALL_TIME)
    if not outcome.on_gpu or not outcome.idle_watts or energy is None or wall is None:
        return
    if energy.mean is None or not wall.mean:
        return
    watts, rest = energy.mean / wall.mean, math.fsum(outcome.idle_watts) / len(outcome.idle_watts)
    share = wording.percent(100 * rest / watts, signed=False)
    yield (
        f"The GPU draws {watts:.0f} W while the clean program runs, {rest:.0f} W at rest: {share} of its "
        "energy follows the time that a run takes, whatever the run does."
    )


def _peak(outcome: Outcome, arm: ArmResult) -> str:
    """The peak memory of an arm and of the clean program, where the two differ."""
    peak, clean = outcome.peak_memory(arm), outcome.peak_memory(outcome.result.original)
    if peak is None or clean is None or peak.mean is None or clean.mean is None:
        return ""
    if peak.comparison is None or peak.comparison.verdict not in (Verdict.LESS, Verdict.MORE):
        return ""
    words = "GPU memory" if outcome.on_gpu else "memory"
    return f", peak {words} {wording.amount(peak.mean, 'B')}, not {wording.amount(clean.mean, 'B')}"


def _words(outcome: Outcome, arm: ArmResult) -> str:
    """`12.3 % more energy (95 % interval ...)`, with the verdict where that is neither less nor more."""
    comparison = outcome.comparison(arm)
    change = None if comparison is None else comparison.effect.percent_change
    if comparison is None or change is None:
        return f"no verdict ({arm.reason})"
    words, _, rest = wording.saving(change).partition(" (")
    words = f"{words} energy ({rest}" if rest else f"{words} energy"
    verdict = comparison.verdict
    return words if verdict in (Verdict.LESS, Verdict.MORE) else f"{verdict.value}, {words}"


def _fit_length(lengths: Sequence[Outcome]) -> Iterator[str]:
    found = [
        (outcome.measured.cell.level, saving)
        for outcome in lengths
        if (saving := outcome.saving("hoist")) is not None
    ]
    if len(found) > 1:
        words = ", ".join(
            f"{wording.percent(saving.estimate, signed=False)} at {length}" for length, saving in found
        )
        yield (
            "**IMR, by the length of a fit**: rebuilding takes this share of an iteration's "
            f"{lengths[0].clock}: {words}."
        )


def _break_even(model: CostModel, clock: str) -> Iterator[str]:
    paper = _PAPER_CHANGE["imr"]
    yield (
        f"A rebuild of this small model costs {wording.amount(model.rebuild.estimate, 's')} of {clock} here "
        f"({amount_range(model.rebuild, 's')}), a step {wording.amount(model.step.estimate, 's')}. So IMR "
        f"costs what the paper says where a fit has about {model.steps_for(paper / (100 + paper)):.0f} "
        f"steps, and less than 3 % of an iteration from {model.steps_for(0.03):.0f} steps on. A program "
        f"that rebuilds once for each pass over CIFAR-10 ({CIFAR_10_STEPS} steps) would spend "
        f"{wording.percent(100 * model.share(CIFAR_10_STEPS), signed=False)} on it, by this model."
    )


def _fixes(lengths: Sequence[Outcome]) -> Iterator[str]:
    """Which fix of IMR uses least, and whether clear_session() pays."""
    for name in ("hoist", "reuse", "clear-session"):
        arms = [
            (outcome, arm)
            for outcome in lengths
            for arm in outcome.result.fixes
            if arm.name == name and outcome.verdict(arm) is not None
        ]
        if arms:
            counts = {
                verdict: [
                    outcome.measured.cell.level for outcome, arm in arms if outcome.verdict(arm) is verdict
                ]
                for verdict in Verdict
            }
            words = "; ".join(
                f"{wording.verdict(verdict, headline=True)} at {', '.join(levels)}"
                for verdict, levels in counts.items()
                if levels
            )
            yield f"The fix `{name}`: {words}."


def _least(lengths: Sequence[Outcome]) -> Iterator[str]:
    """Which of the fixes that save uses least."""
    best: dict[str, list[str]] = {}
    for outcome in lengths:
        saving = {
            arm.name: found.effect.ratio.estimate
            for arm in outcome.result.fixes
            if (found := outcome.comparison(arm)) is not None
            and found.verdict is Verdict.LESS
            and found.effect.ratio is not None
        }
        if saving:
            name = min(saving, key=lambda each: saving[each])
            best.setdefault(name, []).append(outcome.measured.cell.level)
    if best:
        words = "; ".join(f"`{name}` at {', '.join(levels)}" for name, levels in best.items())
        yield f"Of the fixes of IMR that save, the one that uses least (by estimate, not tested): {words}."


def _rebuild_by(outcomes: Sequence[Outcome], axis: Axis) -> Iterator[str]:
    words = []
    for outcome in outcomes:
        name = level(outcome.measured.cell, axis)
        cost, share = outcome.rebuild("hoist"), outcome.saving("hoist")
        if cost is not None and share is not None:
            words.append(
                f"{name} {wording.amount(cost.estimate, 's')} ({amount_range(cost, 's')}), "
                f"{wording.percent(share.estimate, signed=False)} of an iteration"
            )
    if len(words) > 1:
        steps = outcomes[0].measured.cell.steps
        yield f"**{axis.value}**, fits of {steps} steps, a rebuild costs: {'; '.join(words)}."


def _tensor_size(outcomes: Sequence[Outcome]) -> Iterator[str]:
    for name in ("reduce", "to-host"):
        words = [
            f"{outcome.measured.cell.level} {_words(outcome, arm)}{_memory(outcome, arm)}"
            for outcome in outcomes
            for arm in outcome.result.fixes
            if arm.name == name
        ]
        if words:
            yield f"**UTR, by what is kept**: with the fix `{name}`: {'; '.join(words)}."


def _memory(outcome: Outcome, arm: ArmResult) -> str:
    quantity = outcome.peak_memory(arm)
    comparison = None if quantity is None else quantity.comparison
    change = None if comparison is None else comparison.effect.percent_change
    if change is None or comparison is None:
        return ""
    words = "peak GPU memory" if outcome.on_gpu else "peak memory"
    if comparison.verdict not in (Verdict.LESS, Verdict.MORE):
        return f", {words} {comparison.verdict.value}"
    return f", {words} {wording.percent(change.estimate)}"


def _steps(outcomes: Sequence[Outcome]) -> Iterator[str]:
    words = []
    for outcome in outcomes:
        cell = outcome.measured.cell
        growth = outcome.growth(outcome.result.original)
        arm = next((arm for arm in outcome.result.fixes if arm.name == "reduce"), None)
        if growth is not None and arm is not None:
            size = wording.amount(growth.estimate, "B", signed=True)
            words.append(
                f"{cell.steps * cell.epochs} steps, {size} a step, with `reduce` {_words(outcome, arm)}"
            )
    if words:
        yield f"**UTR, by the number of steps**, activations kept: {'; '.join(words)}."
