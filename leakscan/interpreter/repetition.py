"""The one way to run something again and again: `for`, `while`, comprehensions, `map`, drivers of libraries.

Whatever repeats runs twice: what the first pass left is what the second one starts from, so that a model that
was not released, or a list that was not emptied, is seen. The first pass is dry: it judges nothing, and loops
within it run once.
"""

from __future__ import annotations

import enum
from collections.abc import Iterator
from typing import TYPE_CHECKING

from leakscan.facts import model as f
from leakscan.interpreter.effects import Loop
from leakscan.interpreter.values import CreationSite

if TYPE_CHECKING:
    from leakscan.interpreter.frame import Frame


#: Calls that a loop counts by.
COUNTED = frozenset({"range", "trange", "xrange", "count"})


class Repeater(enum.Enum):
    """What runs a loop."""

    STATEMENT = "statement"
    CLAUSE = "clause of a comprehension"
    MAP = "map"
    DRIVER = "driver"


def loop_at(  # noqa: PLR0913 -- what a loop is told by
    frame: Frame,
    node: int,
    repeater: Repeater,
    *,
    position: int = 0,
    bound: int | None = None,
    targets: frozenset[str] = frozenset(),
    varying: frozenset[str] = frozenset(),
    driver: str | None = None,
) -> Loop:
    """Return the loop at `node`, the same one each time that it is run; `position` tells clauses apart."""
    key = (node, repeater, position)
    known = frame.known_loops.get(key)
    if known is None:
        known = frame.known_loops[key] = Loop(
            CreationSite(frame.module, frame.function, node),
            bound,
            targets=targets,
            varying=varying,
            driver=driver,
            # What a driver runs is a step of an optimisation; what map() runs may be anything.
            step=repeater is Repeater.DRIVER,
        )
        frame.engine.loops.setdefault(known.site, known)
    return known


def is_counted(iterable: f.Expr) -> bool:
    """Whether a loop counts: `range(n)`, `tqdm(range(n))`, `itertools.count()`."""
    if not isinstance(iterable, f.Call):
        return False
    last = iterable.func.id if isinstance(iterable.func, f.Name) else getattr(iterable.func, "attr", "")
    return last in COUNTED or (
        last in {"tqdm", "track"} and bool(iterable.args) and is_counted(iterable.args[0])
    )


def is_single(loop: Loop) -> bool:
    """Whether a loop runs once at most, and so is no loop."""
    return loop.bound is not None and loop.bound <= 1


def passes(frame: Frame, loop: Loop) -> Iterator[bool]:
    """Yield for each pass over a loop whether it is the last one; the body runs while the loop is entered."""
    single = is_single(loop)
    count = 1 if frame.dry or single else 2
    for number in range(count):
        last = number + 1 == count
        frame.dry += not last
        if not single:
            frame.loops.append(loop)
        yield last
        if not single:
            frame.loops.pop()
        frame.dry -= not last


__all__ = ["COUNTED", "Repeater", "is_counted", "is_single", "loop_at", "passes"]
