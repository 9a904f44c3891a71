"""What the runs say, in sentences: each is made from verdicts and intervals, none is written beforehand."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence

from leakscan.study.costs import CostModel, Outcome, on_axis
from leakscan.study.grid import Axis, Design, level
from leakscan.study.markdown import share_range
from leakscan.validation import wording
from leakscan.validation.reports.table import amount_range
from leakscan.validation.results import ArmResult, Metric
from leakscan.validation.verdicts import Comparison, Interval, Verdict

#: Steps of a pass over CIFAR-10's 50,000 training images in batches of 64.
CIFAR_10_STEPS = 782
_PAPER_CHANGE = {"imr": 31.78, "utr": 45.80}

_DIFFERENCES = (
    """The programs of the paper are not published. Its catalogue describes IMR as a model that is built
    again in each iteration, UTR as tensors that are kept; the programs here are the smallest that do so
    and train identically otherwise.""",
    """The paper's runs are on a Tesla T4, where a whole device is measured. Where energy is modelled here
    it is CPU time times a constant: its percentages are those of CPU time.""",
    """The paper's figures are of whole runs of 50 epochs. A cost that is fixed for each rebuild is a
    percentage of whatever else the run does, which the tables above vary: one percentage cannot hold
    for other fits. Nothing here has a fit of more than {longest} steps: what is said of longer ones is
    extrapolated.""",
    "What UTR costs follows the size of what is kept. The paper does not say what its programs keep.",
    """The paper's variants may differ from its baseline in more than the smell, in batches, passes or
    devices: that cannot be checked. Here the printed losses are compared in each run.""",
)


def differences(outcomes: Iterable[Outcome]) -> Iterator[str]:
    """Where the design is not the paper's, and what follows."""
    longest = max(outcome.measured.cell.steps for outcome in outcomes)
    for text in _DIFFERENCES:
        yield " ".join(text.split()).format(longest=longest)


def sentences(outcomes: Sequence[Outcome], model: CostModel | None) -> Iterator[str]:
    """The conclusions that the runs allow, in the order of the page."""
    lengths = on_axis(outcomes, Axis.FIT_LENGTH)
    for outcome in outcomes:
        if outcome.measured.cell.design is Design.PAPER:
            yield from _paper(outcome)
            if outcome.on_gpu or not lengths:  # which say it more exactly
                yield from _rebuild(outcome)
            yield from _power(outcome)
    if len(lengths) > 1:
        yield from _fit_length(lengths)
    if model is not None:
        yield from _break_even(model, lengths[0])
    yield from _fixes(lengths)
    yield from _least(lengths)
    for axis in (Axis.MODEL_SIZE, Axis.FRAMEWORK, Axis.OPTIMIZER, Axis.THREADS):
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
        training = outcome.measured.cell.training
        yield f"{name} against the clean program, {training}: {_words(outcome, arm)}."


def _paper(outcome: Outcome) -> Iterator[str]:
    arms = {arm.name: arm for arm in outcome.result.fixes}
    cell = outcome.measured.cell
    for name, title in (("imr", "IMR"), ("utr", "UTR")):
        if name not in arms:
            continue
        paper = wording.percent(_PAPER_CHANGE[name])
        words, peak = _words(outcome, arms[name]), _peak(outcome, arms[name])
        yield (
            f"**The paper's design, {title}**, {cell.training}, a fit of {cell.steps} steps: {words} than "
            f"the clean program{peak}; the paper says {paper}."
        )


def _rebuild(outcome: Outcome) -> Iterator[str]:
    cell = outcome.measured.cell
    cost, share = outcome.rebuild("baseline", "imr"), outcome.saving("baseline", "imr")
    if cost is not None and share is not None and cost.low is not None:
        yield (
            f"A rebuild, {cell.training}, costs {wording.amount(cost.estimate, 's')} of {outcome.clock} "
            f"there ({amount_range(cost, 's')}), {wording.percent(share.estimate, signed=False)} "
            f"({share_range(share)}) of an iteration of {cell.steps} steps."
        )


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
        f"The GPU draws {watts:.0f} W while the clean program runs, {rest:.0f} W at rest: so much, {share} "
        "of its energy, it would have used at rest in the same time."
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
    """`12.3 % more energy (95 % interval ...)`; where that is inconclusive, its interval."""
    comparison = outcome.comparison(arm)
    change = None if comparison is None else comparison.effect.percent_change
    if comparison is None or change is None:
        return f"no verdict ({arm.reason})"
    verdict = comparison.verdict
    if verdict is Verdict.INCONCLUSIVE:
        return f"inconclusive, {_between(change)} energy (95 % interval{_adjusted(comparison, change)})"
    words, _, rest = wording.saving(change).partition(" (")
    words = f"{words} energy ({rest}" if rest else f"{words} energy"
    if verdict is Verdict.EQUIVALENT:
        return f"equivalent within {100 * comparison.margin:g} %, {words}"
    return words if verdict in (Verdict.LESS, Verdict.MORE) else f"{verdict.value}, {words}"


def _between(change: Interval) -> str:
    """`12.4 % less to 1.1 % more`."""
    if change.low is None or change.high is None:
        return "an unknown change of"
    ends = (
        f"{wording.percent(abs(end), signed=False)} {'less' if end < 0 else 'more'}"
        for end in (change.low, change.high)
    )
    return " to ".join(ends)


def _adjusted(comparison: Comparison, change: Interval) -> str:
    """Why an interval without 0 may be inconclusive."""
    return f", p adjusted {wording.p_value(comparison.p_difference)}" if change.excludes(0.0) else ""


def _fit_length(lengths: Sequence[Outcome]) -> Iterator[str]:
    found = [
        (outcome.measured.cell.level, saving)
        for outcome in lengths
        if (saving := outcome.saving("hoist")) is not None
    ]
    if len(found) > 1:
        words = ", ".join(
            f"{wording.percent(saving.estimate, signed=False)} ({share_range(saving)}) at {length}"
            for length, saving in found
        )
        yield (
            f"**IMR, by the length of a fit**, {lengths[0].measured.cell.training}: rebuilding takes this "
            f"share of an iteration's {lengths[0].clock}: {words}."
        )


def _break_even(model: CostModel, first: Outcome) -> Iterator[str]:
    paper = _PAPER_CHANGE["imr"]
    training = first.measured.cell.training
    yield (
        f"A rebuild of this small model, {training}, costs {wording.amount(model.rebuild.estimate, 's')} of "
        f"{first.clock} here ({amount_range(model.rebuild, 's')}), a step "
        f"{wording.amount(model.step.estimate, 's')} ({amount_range(model.step, 's')}). By these two, and "
        f"for {training} only, IMR costs what the paper says where a fit has about "
        f"{fit(model, paper / (100 + paper))}, and less than 3 % of an iteration from {fit(model, 0.03)} on. "
        f"A program that rebuilds once for each pass over CIFAR-10 ({CIFAR_10_STEPS} steps) would spend "
        f"{wording.percent(100 * model.share(CIFAR_10_STEPS), signed=False)} on it"
        f"{_extrapolated(model, CIFAR_10_STEPS)}. {measured_fits(model)}"
    )


def measured_fits(model: CostModel) -> str:
    """What the model rests on."""
    return f"Fits of {model.shortest} to {model.longest} steps were measured."


def fit(model: CostModel, share: float) -> str:
    """The length of fit at which rebuilding takes a share: `193 steps (175 to 212 ...; extrapolated)`."""
    steps = model.steps_for(share)
    ends = model.steps_between(share)
    said = [] if ends is None else [f"{ends[0]:.0f} to {ends[1]:.0f} by the ends of both intervals"]
    if model.extrapolates(steps):
        said.append("extrapolated")
    words = f" ({'; '.join(said)})" if said else ""
    return f"{steps:.0f} steps{words}"


def _extrapolated(model: CostModel, steps: int) -> str:
    return ", extrapolated" if model.extrapolates(steps) else ""


def _fixes(lengths: Sequence[Outcome]) -> Iterator[str]:
    """What each fix of IMR does at each length, and whether clear_session() pays."""
    for name in ("hoist", "reuse", "clear-session"):
        found: dict[Verdict, list[str]] = {verdict: [] for verdict in Verdict}
        for outcome in lengths:
            for arm in outcome.result.fixes:
                verdict = outcome.verdict(arm)
                if arm.name == name and verdict is not None:
                    found[verdict].append(f"{outcome.measured.cell.level}{_range_of(outcome, arm, verdict)}")
        words = "; ".join(
            f"{wording.verdict(verdict, headline=True)} at {', '.join(levels)}"
            for verdict, levels in found.items()
            if levels
        )
        if words:
            yield f"The fix `{name}`: {words}."


def _range_of(outcome: Outcome, arm: ArmResult, verdict: Verdict) -> str:
    """The interval, where the verdict does not say on which side of 0 it lies."""
    comparison = outcome.comparison(arm)
    if comparison is None or verdict is not Verdict.INCONCLUSIVE:
        return ""
    return f" ({wording.percent_range(comparison.effect.percent_change)})"


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
                f"{wording.percent(share.estimate, signed=False)} ({share_range(share)}) of an iteration"
            )
    if len(words) > 1:
        cell = outcomes[0].measured.cell
        training = "" if axis is Axis.OPTIMIZER else f", {cell.training}"
        yield f"**{axis.value}**{training}, fits of {cell.steps} steps, a rebuild costs: {'; '.join(words)}."
    if axis is Axis.OPTIMIZER:
        yield from _times(outcomes)


def _times(outcomes: Sequence[Outcome]) -> Iterator[str]:
    """How many times the cheapest rebuild the dearest is."""
    found = [(outcome, cost) for outcome in outcomes if (cost := outcome.rebuild("hoist")) is not None]
    if len(found) < 2:  # noqa: PLR2004 - nothing to compare
        return
    (first, low), (last, high) = found[0], found[-1]
    if not low.low or not low.high or not high.low or not high.high or low.low <= 0:
        return
    yield (
        f"So a rebuild, {last.measured.cell.training}, costs {high.estimate / low.estimate:.1f} times what "
        f"it costs {first.measured.cell.training.replace('plain', 'under plain', 1)} "
        f"({high.low / low.high:.1f} to {high.high / low.low:.1f} times by the ends of both intervals)."
    )


def _tensor_size(outcomes: Sequence[Outcome]) -> Iterator[str]:
    for name in ("reduce", "to-host"):
        words = [
            f"{outcome.measured.cell.level} {_words(outcome, arm)}{_memory(outcome, arm)}"
            for outcome in outcomes
            for arm in outcome.result.fixes
            if arm.name == name
        ]
        if words:
            training = _training(outcomes)
            yield f"**UTR, by what is kept**, {training}: with the fix `{name}`: {'; '.join(words)}."


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
        yield f"**UTR, by the number of steps**, {_training(outcomes)}, activations kept: {'; '.join(words)}."


def _training(outcomes: Sequence[Outcome]) -> str:
    return "; ".join(dict.fromkeys(outcome.measured.cell.training for outcome in outcomes))
