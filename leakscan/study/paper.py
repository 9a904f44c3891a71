"""The paper's design: what its experiment gives here, in the form of the paper's own tables."""

from __future__ import annotations

from collections.abc import Iterator

from leakscan.study import markdown
from leakscan.study.costs import Outcome
from leakscan.validation import wording
from leakscan.validation.reports.table import amount_range

#: What the paper reports: kWh of a run on a Tesla T4, and the change from its baseline.
_PAPER = {"imr": ("0.033797 kWh", "+31.78 %"), "utr": ("0.037393 kWh", "+45.80 %")}
_PAPER_BASELINE = "0.025646 kWh"


def section(outcome: Outcome, figures: list[str]) -> Iterator[str]:
    """An experiment of the paper's design; `figures` are lines that show them."""
    cell = outcome.measured.cell
    yield f"### The paper's design, {cell.training}"
    yield ""
    yield (
        f"One training, {cell.epochs} passes of {cell.steps} batches of 64 images of 32x32x3 through a small "
        f"convolutional classifier, {cell.training}: as the clean program, with IMR (`imr.py` builds a model "
        "for each pass), with UTR (`utr.py` keeps an activation of 4.2 MB in each step)"
        f"{', and with the fixes that leakscan makes of these' if cell.strategies else ''}. "
        f"{_agreement(outcome)} Changes are from the clean program."
    )
    yield ""
    yield from figures
    yield from markdown.results([outcome])
    yield from _rebuild(outcome)
    yield from _per_run(outcome)
    yield from markdown.paired_tests(outcome)


def _agreement(outcome: Outcome) -> str:
    """What the output of the programs says about their equality."""
    different = [arm.name for arm in outcome.result.fixes if arm.disagreement is not None]
    if different:
        return f"Other losses than the clean program's print {', '.join(different)}."
    notes = dict.fromkeys(note for arm in outcome.result.arms for note in arm.notes)
    if notes:
        said = "; ".join(note.replace("the original", "the clean program") for note in notes)
        return f"All print the same losses, as far as these are the same in each run ({said})."
    return "All print the same losses."


def _rebuild(outcome: Outcome) -> Iterator[str]:
    cost, share = outcome.rebuild("baseline", "imr"), outcome.saving("baseline", "imr")
    if cost is not None and share is not None and cost.low is not None:
        yield (
            f"An iteration of `imr.py` after the first takes {wording.amount(cost.estimate, 's')} of "
            f"{outcome.clock} more than the clean program's ({amount_range(cost, 's')}; measured): that is "
            f"what a rebuild costs, {wording.percent(share.estimate, signed=False)} of the iteration "
            f"({markdown.share_range(share)})."
        )
        yield ""


def _per_run(outcome: Outcome) -> Iterator[str]:
    """The runs one by one, in the form of the paper's tables."""
    arms = [arm for arm in outcome.result.arms if arm.name in ("baseline", "imr", "utr")]
    columns = [(arm, quantity) for arm in arms if (quantity := outcome.energy(arm)) is not None]
    yield f"Run by run, energy in J, {markdown.basis(outcome)} (1 kWh is 3.6 MJ):"
    yield ""
    names = [arm.name if number == 0 else f"{arm.name} | change" for number, (arm, _) in enumerate(columns)]
    yield f"| block | {' | '.join(names)} |"
    yield f"|--|{'--|' * (2 * len(columns) - 1)}"
    base = columns[0][1].values
    for place in range(len(base)):
        cells = [_joules(base[place])]
        for _, quantity in columns[1:]:
            cells += [_joules(quantity.values[place]), _change(base[place], quantity.values[place])]
        yield f"| {place + 1} | {' | '.join(cells)} |"
    for name, value in (("mean", "mean"), ("sd", "sd")):
        cells = [_joules(getattr(columns[0][1], value))]
        for _, quantity in columns[1:]:
            change = _change(columns[0][1].mean, quantity.mean) if value == "mean" else ""
            cells += [_joules(getattr(quantity, value)), change]
        yield f"| {name} | {' | '.join(cells)} |"
    cells = [_PAPER_BASELINE]
    for arm, _ in columns[1:]:
        cells += _PAPER[arm.name]
    yield f"| the paper | {' | '.join(cells)} |"
    yield ""


def _joules(value: float | None) -> str:
    return "" if value is None else f"{value:.2f}"


def _change(before: float | None, after: float | None) -> str:
    return "" if before is None or after is None else wording.percent(100 * (after / before - 1))
