"""Whether a changed program prints the same numbers as the original."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from leakscan.validation import wording
from leakscan.validation.measurements import Output

_ABSOLUTE = 1e-9  # so that 0 and 1e-17 agree


@dataclass(frozen=True, slots=True)
class Comparison:
    """How an output differs from the original's in one line, or None; `notes` are what was not compared."""

    disagreement: str | None
    notes: tuple[str, ...] = ()


def compare_outputs(originals: Sequence[Output], output: Output, tolerance: float) -> Comparison:
    """Compare the numbers of `output` with those that runs of the original printed.

    Text does not matter: a fix may print `0.5` where the original printed a tensor's representation.
    `tolerance` is relative. Numbers that vary by more between the original's own runs are not compared; where
    these vary by less, as on a GPU, whose sums come in any order, a number may be as far outside their range
    as that is wide.
    """
    if not originals or any(original.digest == output.digest for original in originals):
        return Comparison(None)
    if output.is_open or any(original.is_open for original in originals):
        return _compare_beginnings(originals, output, tolerance)
    reference = originals[0].numbers
    if any(len(original.numbers) != len(reference) for original in originals):
        note = "the original prints more numbers in one run than in another: output not compared"
        return Comparison(None, (note,))
    if len(output.numbers) != len(reference):
        return Comparison(f"prints {len(output.numbers)} numbers, the original {len(reference)}")
    return _compare_numbers([original.numbers for original in originals], output.numbers, tolerance)


def _compare_beginnings(originals: Sequence[Output], output: Output, tolerance: float) -> Comparison:
    """Compare up to where the shortest output was cut; the last number there may be cut itself."""
    outputs = [*originals, output]
    if not all(each.kept_all for each in outputs):
        return Comparison(None, ("the output is long and was cut: not compared",))
    shared = max(0, min(len(each.numbers) - each.is_open for each in outputs))
    found = _compare_numbers(
        [original.numbers[:shared] for original in originals], output.numbers[:shared], tolerance
    )
    note = f"the output is compared up to where a run was cut: {wording.plural(shared, 'number')}"
    return Comparison(found.disagreement, (*found.notes, note))


def _compare_numbers(
    originals: Sequence[Sequence[str]], output: Sequence[str], tolerance: float
) -> Comparison:
    reference = originals[0]
    unsteady = 0
    for place, (expected, actual) in enumerate(zip(reference, output, strict=True), 1):
        own = [original[place - 1] for original in originals]
        if not all(_equal(expected, each, tolerance) for each in own):
            unsteady += 1
        elif not any(_equal(each, actual, tolerance) for each in own) and not _near(own, float(actual)):
            return Comparison(f"number {place} of {len(reference)} is {actual}, the original's {expected}")
    note = f"{unsteady} of {len(reference)} printed numbers vary between the original's runs: not compared"
    return Comparison(None, (note,) if unsteady else ())


def _near(own: Sequence[str], actual: float) -> bool:
    """Whether `actual` is at most as far outside the range of `own` as that is wide."""
    low, high = min(map(float, own)), max(map(float, own))
    return 2 * low - high <= actual <= 2 * high - low


def _equal(first: str, second: str, tolerance: float) -> bool:
    if first == second:
        return True
    a, b = float(first), float(second)
    return (math.isnan(a) and math.isnan(b)) or math.isclose(a, b, rel_tol=tolerance, abs_tol=_ABSOLUTE)
