"""A result in words: banner, warnings, verdict, recommendation, and what the numbers do not show."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from leakscan.validation import noise, wording
from leakscan.validation.agreement import compare_outputs
from leakscan.validation.measurements import Cut, Provenance, Run
from leakscan.validation.measuring import RESOLUTION_SECONDS, SHORTEST_SECONDS
from leakscan.validation.plan import FOREIGN_CPU_LIMIT, STEAL_LIMIT, never_entered
from leakscan.validation.results import ArmResult, Basis, Metric, Result
from leakscan.validation.series import Series
from leakscan.validation.verdicts import MINIMUM_BLOCKS, Comparison, Interval, Verdict

NO_RATIO = "a value is not above zero: too small for the instrument, no ratio"
NO_BLOCKS = f"a verdict needs at least {MINIMUM_BLOCKS} blocks, not 0"
NO_ENERGY = "its energy was not measured"
NO_ORIGINAL = "the original does not run"


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
    seconds = [data.span_of(run).wall_seconds for run in runs]
    short = [each for each in seconds if each < SHORTEST_SECONDS]
    if short:
        least = min(short)
        what = "had later passes of" if data.window == "pass" else "took"
        yield (
            f"{len(short)} of {len(runs)} runs {what} less than {SHORTEST_SECONDS:g} s (the shortest "
            f"{wording.amount(least, 's')}): longer ones vary less"
        )
    for found in data.noises:
        if found.levels is not None or found.spread > noise.NOISY:
            yield f"before the experiment {noise.in_words(found)}"
    if environment.virtualisation is not None:
        yield f"a virtual machine ({environment.virtualisation}): the real processor's watts are not known"
    if environment.on_battery:
        yield "the machine ran on battery, which changes its clock speeds"
    if environment.governor not in (None, "performance"):
        yield f"the frequency governor was {environment.governor}"
    left = sum(run.leftover_processes for run in runs)
    if left:
        yield f"{wording.plural(left, 'process')} outlived the program and were ended"
    yield from _warnings_of_loops(data)
    causes: dict[str, int] = {}
    for each in data.dropped:
        cause = "a run is missing" if each.fault is None else each.fault.cause.value
        causes[cause] = causes.get(cause, 0) + 1
    if causes:
        words = ", ".join(f"{cause}: {count}" for cause, count in sorted(causes.items()))
        yield f"{wording.plural(sum(causes.values()), 'block')} not used ({words})"


def notes_on_outputs(data: Series, runs: Sequence[Run]) -> Iterator[str]:
    """What to know of the outputs of an arm's runs, and of how far they were compared."""
    originals = [run.output for run in data.runs if run.arm == data.plan.arms[0].name and not run.fault]
    notes = dict.fromkeys(
        note for run in runs for note in compare_outputs(originals, run.output, data.plan.tolerance).notes
    )
    yield from notes
    if any(not run.output.kept_all for run in runs):
        yield "the output is long: only its beginning and its end are compared"
    counts = {run.passes.count for run in runs if run.passes is not None and run.cut is Cut.PASSES}
    if counts:
        yield f"runs end after {wording.plural(max(counts), 'pass')}: outputs are compared up to there"


def not_measured(runs: int) -> str:
    """That some runs have no value."""
    return f"not measured in {wording.plural(runs, 'run')}"


def why_invalid(data: Series, arm: ArmResult) -> str | None:
    """Why an arm cannot be judged; None where it can."""
    if arm.fault is not None:
        return f"it {arm.fault.in_words}"
    if arm.disagreement is not None and not data.plan.outputs_may_differ:
        return f"its output is not the original's: {arm.disagreement}"
    return None


def _warnings_of_loops(data: Series) -> Iterator[str]:
    """Loops that were not entered, and runs that were to be cut and were not, or only by force."""
    if data.not_entered and data.obstacle is None:
        yield f"{never_entered(data.not_entered)}: nothing is said of them"
    counted = [run for each in data.by_arm.values() for run in each]
    if data.plan.is_cut and counted and not any(run.cut for run in counted):
        yield "every program came to its end before it was to be cut: these are runs of the whole program"
    forced = sum(run.cut is not None and run.exit_status != 0 for run in counted)
    if forced:
        yield (
            f"{forced} of {wording.plural(len(counted), 'run')} did not end by themselves or not well after "
            "their last pass; what they used up to there counts"
        )


def verdict(result: Result) -> str:
    """What is shown of the fixes: no stronger than their verdicts, and each of them named."""
    original = result.original
    if result.obstacle is not None and original.fault is None:
        return f"No verdict: {result.obstacle}."
    if original.fault is not None:
        return f"No verdict: the original {original.fault.in_words}."
    if not result.fixes:
        return "No verdict: there is no fix to compare with the original."
    if result.is_self_test:
        return _self_test(result)
    best = next((arm for arm in result.fixes if arm.name == result.ranking.best), None)
    if best is not None:
        others = _list(result, [arm for arm in result.fixes if arm is not best])
        return f"{_of_the_best(result, best)}{f' Also compared: {others}.' if others else ''}"
    verdicts = {arm.verdict for arm in result.fixes}
    words = _list(result, result.fixes)
    if verdicts <= {Verdict.EQUIVALENT, Verdict.MORE}:
        return f"No {_kind(result)} saves energy: {words}."
    if verdicts == {Verdict.INCONCLUSIVE}:
        return f"Nothing is shown either way: {words}."
    if verdicts == {Verdict.INVALID}:
        return f"No {_kind(result)} has a verdict: {words}."
    return f"No {_kind(result)} is shown to save energy: {words}."


def _kind(result: Result) -> str:
    """What is compared with the original: fixes, or other programs of the user's."""
    return "fix" if any(arm.info.is_fix for arm in result.fixes) else "other program"


def _of_the_best(result: Result, arm: ArmResult) -> str:
    comparison, change = _headline(arm)
    if comparison is None or change is None:
        return f"{arm.name} {_in_words(result, arm)}."
    return (
        f"{arm.name} uses {_saving(result, change)}; it used less in {comparison.wins} of "
        f"{wording.plural(comparison.blocks, 'block')}; the energy is {result.headline_basis.value}."
    )


def _list(result: Result, arms: Sequence[ArmResult]) -> str:
    return "; ".join(f"{arm.name} {_in_words(result, arm)}" for arm in arms)


def _in_words(result: Result, arm: ArmResult) -> str:
    """`is equivalent, 0.2 % more (95 % interval -1.0 to +1.4 %)`; of what is open, what would settle it."""
    _, change = _headline(arm)
    if arm.verdict is Verdict.INVALID or change is None:
        return f"is {wording.verdict(arm.verdict, headline=False)}, {arm.reason}"
    if arm.verdict in (Verdict.LESS, Verdict.MORE):
        return f"uses {_saving(result, change)}"
    if arm.verdict is Verdict.INCONCLUSIVE:
        return f"is inconclusive, estimated {wording.saving(change)}, {_to_settle(result, arm)}"
    return f"is equivalent, {wording.saving(change)}"


def _to_settle(result: Result, arm: ArmResult) -> str:
    comparison, _ = _headline(arm)
    if len(result.used_blocks) < MINIMUM_BLOCKS:
        return f"{MINIMUM_BLOCKS} blocks are the least for a verdict"
    if comparison is None or comparison.blocks_to_settle is None:
        return "no number of blocks within reach would settle it"
    return f"about {comparison.blocks_to_settle} blocks in all would settle it"


def _self_test(result: Result) -> str:
    """What comparing the original with itself shows: of the instrument, not of a fix."""
    (arm,) = result.fixes
    comparison, change = _headline(arm)
    size = "" if change is None else f": {wording.saving(change)}"
    if arm.verdict in (Verdict.LESS, Verdict.MORE):
        return (
            f"Self-test: a difference is shown between the original and itself, where there is none{size}. "
            "By chance alone this happens in up to 5 of 100 self-tests."
        )
    if arm.verdict is Verdict.EQUIVALENT:
        return f"Self-test passed: the original is equivalent to itself{size}."
    if arm.verdict is Verdict.INVALID:
        return f"The self-test has no verdict: {arm.reason}."
    if comparison is None or len(result.used_blocks) < MINIMUM_BLOCKS:
        return f"The self-test has no verdict: {arm.reason}."
    estimate = size.replace(": ", ", estimated ", 1)
    return f"Self-test passed: no difference is shown between the original and itself{estimate}."


def recommendation(result: Result) -> str:
    """What to do with it."""
    if result.is_self_test:
        return _after_self_test(result)
    if result.obstacle is not None:
        return "Nothing can be recommended."
    best = result.ranking.best
    if best is not None:
        arm = next(each for each in result.fixes if each.name == best)
        if not arm.info.is_fix:
            memory = _memory(arm)
            rest = f" Memory of {best}: {memory}." if memory else ""
            return f"The program as it is uses more energy than {best}.{rest}"
        safety = "" if arm.info.applicability != "unsafe" else " It is marked unsafe: read its diff first."
        memory = _memory(arm)
        return f"Use {best}.{safety}" + (f" Memory: {memory}." if memory else "")
    if all(arm.verdict is Verdict.INVALID for arm in result.fixes):
        if not any(arm.runs for arm in result.fixes):
            return f"Nothing can be recommended: no {_kind(result)} ran beside the original."
        if result.headline_basis is Basis.ABSENT:
            return "Nothing can be recommended for energy, which was not measured."
        return f"Nothing can be recommended: no {_kind(result)} is valid here."
    open_ = [arm for arm in result.fixes if arm.verdict is Verdict.INCONCLUSIVE]
    parts = ["Nothing can be recommended for energy yet.", *_how_to_settle(result, open_)]
    if not open_:
        parts = ["For energy, keep the original."]
    effects = [f"{arm.name}: {memory}" for arm in result.fixes if (memory := _memory(arm))]
    if effects:
        parts.append(f"Memory, {'; '.join(effects)}.")
    return " ".join(parts)


def _how_to_settle(result: Result, arms: Sequence[ArmResult]) -> Iterator[str]:
    """The blocks that each inconclusive fix needs, and how to go on to the nearest of them."""
    if len(result.used_blocks) < MINIMUM_BLOCKS:
        yield f"{MINIMUM_BLOCKS} blocks are the least for a verdict (--resume --runs {MINIMUM_BLOCKS})."
        return
    needed = sorted(
        (comparison.blocks_to_settle, arm.name)
        for arm in arms
        if (comparison := _headline(arm)[0]) is not None and comparison.blocks_to_settle is not None
    )
    if not needed:
        return
    (least, name), *rest = needed
    words = "".join(f", about {blocks} {other}" for blocks, other in rest)
    yield f"About {least} blocks in all would settle {name} (--resume --runs {least}){words}."


def _after_self_test(result: Result) -> str:
    (arm,) = result.fixes
    if arm.verdict in (Verdict.LESS, Verdict.MORE):
        return "Repeat it; where it is shown again, something on this machine favours one arm."
    if arm.smallest_detectable_change is None:
        return "A self-test says nothing of any fix."
    least = wording.percent(100 * arm.smallest_detectable_change, signed=False)
    return (
        "A self-test says nothing of any fix. The smallest saving that so many blocks of this program show "
        f"four times in five is {least}."
    )


def reservations(result: Result) -> Iterator[str]:
    """What the verdict has to be read with: outputs that were not compared, disturbed runs that were kept."""
    arms = [arm for arm in result.fixes if arm.runs]
    if result.original.fault is None and arms and not any(arm.numbers_compared for arm in arms):
        yield "The program prints no numbers: whether the fixes compute the same was not compared."
    by_note: dict[str, list[str]] = {}
    for arm in result.arms:
        for note in arm.notes:
            by_note.setdefault(note, []).append(arm.name)
    for note, names in by_note.items():
        yield f"{', '.join(names)}: {note}."
    for arm in arms:
        if arm.disagreement is not None and arm.verdict is not Verdict.INVALID:
            yield f"{arm.name} may not compute the same (--outputs-may-differ): {arm.disagreement}."
    yield from _disturbed(result)


def _disturbed(result: Result) -> Iterator[str]:
    """The runs that are used although others worked meanwhile, as `--keep-disturbed` asks."""
    active = {arm.name for arm in result.arms if arm.fault is None}
    used = [run for run in result.runs if run.block in result.used_blocks and run.arm in active]
    shares = [
        run.foreign_cpu_share
        for run in used
        if run.foreign_cpu_share is not None
        and run.foreign_cpu_share > FOREIGN_CPU_LIMIT
        and run.foreign_cpu_share * (run.process.cpu_seconds or 0.0) > RESOLUTION_SECONDS
    ]
    if shares:
        yield (
            f"{len(shares)} of {wording.plural(len(used), 'run')} were disturbed and kept: other programs "
            f"used up to {100 * max(shares):.0f} % of the run's own CPU time "
            f"(limit {100 * FOREIGN_CPU_LIMIT:.0f} %)."
        )
    stolen = [
        run.steal_share for run in used if run.steal_share is not None and run.steal_share > STEAL_LIMIT
    ]
    if stolen:
        yield (
            f"{len(stolen)} of {wording.plural(len(used), 'run')} were disturbed and kept: the hypervisor "
            f"took up to {100 * max(stolen):.0f} % of the processors' time (limit {100 * STEAL_LIMIT:.0f} %)."
        )


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
    missing = next((run.uncounted for run in result.runs if run.uncounted and run.block is not None), None)
    if missing is not None:
        yield f"Instructions, which vary less than CPU time: they were not counted; {missing}."
    yield "The energy of the memory: no counter tells it per program; peak memory and growth stand for it."
    if result.window == "pass":
        yield (
            "The whole program: runs end early, and the headline is of a pass after the first. What is "
            "projected holds if later passes cost what these did."
        )
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


def _headline(arm: ArmResult) -> tuple[Comparison | None, Interval | None]:
    """The comparison of energy, and its change in percent."""
    found = arm.headline
    comparison = None if found is None else found.comparison
    return comparison, None if comparison is None else comparison.effect.percent_change


def _saving(result: Result, change: Interval) -> str:
    """`31.0 % less energy than the original (95 % interval 29.8 to 32.5 % less)`."""
    words, _, interval = wording.saving(change).partition(" (")
    each = " in each pass after the first" if result.window == "pass" else ""
    return f"{words} energy than the original{each}" + (f" ({interval}" if interval else "")


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
