"""Two series of runs side by side: what the intervals of one series do not cover."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from leakscan.study.costs import Outcome
from leakscan.study.data import Study
from leakscan.validation import wording
from leakscan.validation.results import ArmResult
from leakscan.validation.verdicts import Interval


def section(
    study: Study, name: str, outcomes: Sequence[Outcome], repeated: Sequence[Outcome]
) -> Iterator[str]:
    """The experiments of a second series (`name`.json) beside the same ones of the first."""
    rows = list(_both(outcomes, repeated))
    begin = min(run.started_at for outcome in repeated for run in outcome.result.runs)
    yield "### The same again"
    yield ""
    yield (
        "Intervals are those of one series; what else changes between series is not in them. So a second "
        f"one, `{study.command}`, was begun {begin[:10]} at {begin[11:16]} (UTC): the experiments that have "
        f"the same programs and arguments ({_link(f'{name}.json')}, {_link(f'{name}-runs.csv')})."
    )
    yield ""
    yield "| case | arm | first series | 95 % interval | second series | 95 % interval |"
    yield "|--|--|--|--|--|--|"
    for case, arm, first, second in rows:
        cells = [cell for change in (first, second) for cell in _interval_cells(change)]
        yield f"| {case} | {arm} | {' | '.join(cells)} |"
    yield ""
    apart = [f"{case}, `{arm}`" for case, arm, first, second in rows if _apart(first, second)]
    if apart:
        said = "[measuring.md](measuring.md#limits) says what may differ"
        yield f"The intervals do not meet for {'; '.join(apart)}; {said}."
        yield ""


def _link(path: str) -> str:
    return f"[{path.rpartition('/')[2]}]({path})"


def _both(
    outcomes: Sequence[Outcome], repeated: Sequence[Outcome]
) -> Iterator[tuple[str, str, Interval, Interval]]:
    """Name, arm and changes of energy in percent of what both series have."""
    first = {(each.measured.cell.name, each.measured.cell.arguments): each for each in outcomes}
    for second in repeated:
        cell = second.measured.cell
        other = first.get((cell.name, cell.arguments))
        if other is None:
            continue
        changes = {arm.name: _percent_change(other, arm) for arm in other.result.fixes}
        for arm in second.result.fixes:
            before, after = changes.get(arm.name), _percent_change(second, arm)
            if before is not None and after is not None:
                yield cell.name, arm.name, before, after


def _percent_change(outcome: Outcome, arm: ArmResult) -> Interval | None:
    comparison = outcome.comparison(arm)
    return None if comparison is None else comparison.effect.percent_change


def _interval_cells(change: Interval) -> Iterator[str]:
    yield wording.percent(change.estimate)
    yield wording.percent_range(change)


def _apart(first: Interval, second: Interval) -> bool:
    if first.low is None or first.high is None or second.low is None or second.high is None:
        return False
    return first.high < second.low or second.high < first.low
