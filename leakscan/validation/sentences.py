"""A result in words: banner, warnings, verdict, recommendation, and what the numbers do not show."""

from __future__ import annotations

from collections.abc import Iterator

from leakscan.validation import wording
from leakscan.validation.experiment import SHORTEST_SECONDS
from leakscan.validation.measurements import Provenance
from leakscan.validation.results import ArmResult, Basis, Metric, Result
from leakscan.validation.series import Series
from leakscan.validation.verdicts import MINIMUM_BLOCKS, Comparison, Interval, Verdict


def banner(data: Series) -> str | None:
    """What to know before reading a joule, where any of them is modelled."""
    for source in data.sources:
        if source.device in data.devices and not source.provenance.is_physical:
            watts = "" if source.watts_per_core is None else f" x {source.watts_per_core:.3g} W per core"
            table = (
                "; the processor is not in codecarbon's table, so the watts are a general default"
                if source.in_table is False
                else ""
            )
            rest = "Changes in percent are those of CPU time; joules are a guess."
            if any(each.provenance.is_physical for each in data.sources if each.device in data.devices):
                rest = "The other devices are measured."
            name = source.device.upper()
            return f"Energy of the {name} is modelled, not measured: CPU time{watts}{table}. {rest}"
    return None


def warnings(data: Series) -> Iterator[str]:
    """What spoils the numbers: short runs, the machine, blocks that are not used."""
    environment = data.environment
    runs = [run for each in data.by_arm.values() for run in each]
    short = [run for run in runs if data.window_of(run).wall_seconds < SHORTEST_SECONDS]
    if short:
        least = min(data.window_of(run).wall_seconds for run in short)
        yield (
            f"{len(short)} of {len(runs)} runs took less than {SHORTEST_SECONDS:g} s (the shortest "
            f"{wording.amount(least, 's')}): longer ones vary less"
        )
    if environment.virtualisation is not None:
        yield f"a virtual machine ({environment.virtualisation}): the real processor's watts are not known"
    if environment.on_battery:
        yield "the machine ran on battery, which changes its clock speeds"
    if environment.governor not in (None, "performance"):
        yield f"the frequency governor was {environment.governor}"
    left = sum(run.leftover_processes for run in runs)
    if left:
        yield f"{wording.plural(left, 'process')} outlived the program and were ended"
    causes: dict[str, int] = {}
    for each in data.dropped:
        cause = "a run is missing" if each.fault is None else each.fault.cause.value
        causes[cause] = causes.get(cause, 0) + 1
    if causes:
        words = ", ".join(f"{cause}: {count}" for cause, count in sorted(causes.items()))
        yield f"{wording.plural(sum(causes.values()), 'block')} not used ({words})"


def verdict(result: Result) -> str:
    """One sentence: what is shown of the fixes."""
    original = result.original
    if original.fault is not None:
        return f"No verdict: the original does not run: {original.fault.message}."
    if not result.fixes:
        return "No verdict: there is no fix to compare with the original."
    best = result.ranking.best
    if best is None:
        words = "; ".join(f"{arm.name}: {_in_words(result, arm)}" for arm in result.fixes)
        return f"No fix is shown to use less energy ({words})."
    comparison = _headline(result, best)
    assert comparison is not None
    assert comparison.effect.percent_change is not None
    count = wording.plural(comparison.blocks, "block")
    return (
        f"{best} uses {_saving(comparison.effect.percent_change)}; "
        f"it used less in {comparison.wins} of {count}; the energy is {result.headline_basis.value}."
    )


def recommendation(result: Result) -> str:
    """What to do with it."""
    best = result.ranking.best
    if best is not None:
        arm = next(each for each in result.fixes if each.name == best)
        safety = "" if arm.info.applicability != "unsafe" else " It is marked unsafe: read its diff first."
        memory = _memory(arm)
        return f"Use {best}.{safety}" + (f" Memory: {memory}." if memory else "")
    if not any(arm.runs for arm in result.fixes):
        return "Nothing can be recommended: no fix ran beside the original."
    if result.headline_basis is Basis.ABSENT:
        return "Nothing can be recommended for energy, which was not measured."
    if all(arm.verdict is Verdict.INVALID for arm in result.fixes):
        return "Nothing can be recommended: no fix is valid here."
    parts = ["No fix saves energy here."]
    more = [
        found.blocks_to_settle
        for arm in result.fixes
        if (found := _headline(result, arm.name)) is not None and found.blocks_to_settle is not None
    ]
    if len(result.used_blocks) < MINIMUM_BLOCKS:
        parts = [f"No fix is shown to save energy yet: {MINIMUM_BLOCKS} blocks are the least for a verdict."]
    elif more:
        parts.append(
            f"About {min(more)} blocks in all would settle what is inconclusive (--runs {min(more)})."
        )
    effects = [f"{arm.name}: {memory}" for arm in result.fixes if (memory := _memory(arm))]
    if effects:
        parts.append(f"Memory, {'; '.join(effects)}.")
    return " ".join(parts)


def limits(result: Result) -> Iterator[str]:
    """What the numbers do not show."""
    yield "Other machines, data, arguments or versions: this is one program on one machine."
    if result.headline_basis in (Basis.MODELLED, Basis.PARTLY):
        yield (
            "What CPU time does not show: memory, storage, network, clock speed and idle power are not in a "
            "modelled energy."
        )
    for source in result.sources:
        if source.provenance is Provenance.ABSENT:
            yield f"The energy of the {source.device.upper()}: {source.detail}."
    yield "The energy of the memory: no counter tells it per program; peak memory and growth stand for it."
    if result.window == "body":
        yield "Start-up and imports: the headline is the body of the script; that of the process has both."
    runs = [arm for arm in result.fixes if arm.runs]
    if runs and not any(arm.numbers_compared for arm in runs):
        yield "That the fixes compute the same: the program prints no numbers to compare."
    elif runs:
        tolerance = float(result.plan.get("tolerance", 0.0))
        yield (
            f"That the fixes compute the same beyond the numbers printed, which agree within {tolerance:g} "
            "(relative) where no fix is called invalid."
        )
    if len(runs) > 1:
        yield "Which fix is best among those that save: their order is that of the estimates, not tested."
    if result.carbon is not None:
        yield "The carbon of this hour and place: the intensity is a mean; making the machine is not counted."


def _headline(result: Result, name: str) -> Comparison | None:
    arm = next(each for each in result.fixes if each.name == name)
    found = arm.quantity(Metric.ENERGY)
    return None if found is None else found.comparison


def _saving(change: Interval) -> str:
    """`31.0 % less energy than the original (95 % interval 29.8 to 32.5 % less)`."""
    words, _, interval = wording.saving(change).partition(" (")
    return f"{words} energy than the original" + (f" ({interval}" if interval else "")


def _in_words(result: Result, arm: ArmResult) -> str:
    comparison = _headline(result, arm.name)
    change = None if comparison is None else comparison.effect.percent_change
    if arm.verdict is Verdict.INVALID or change is None:
        return f"{'' if arm.verdict is None else arm.verdict.value}, {arm.reason}"
    return f"{wording.verdict(arm.verdict, headline=True)}, {wording.saving(change)}"


def _memory(arm: ArmResult) -> str:
    """What a fix does to memory, as far as it is shown."""
    parts = []
    for metric in (Metric.PEAK_MEMORY, Metric.PEAK_GPU_MEMORY):
        found = arm.quantity(metric)
        comparison = None if found is None else found.comparison
        change = None if comparison is None else comparison.effect.percent_change
        if comparison is None or change is None or comparison.verdict is Verdict.INVALID:
            continue
        if comparison.verdict in (Verdict.LESS, Verdict.MORE):
            parts.append(f"{metric.label} {wording.percent(change.estimate)}")
        elif comparison.verdict is Verdict.EQUIVALENT:
            parts.append(f"{metric.label} equivalent")
    growth = arm.memory_growth
    if growth is not None and growth.difference is not None and growth.difference.excludes(0):
        size = growth.difference.estimate
        word = "less" if size < 0 else "more"
        parts.append(f"growing by {wording.amount(abs(size), 'B')} {word} per iteration")
    return ", ".join(parts)
