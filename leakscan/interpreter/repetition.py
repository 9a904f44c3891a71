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
from leakscan.facts.names import names
from leakscan.facts.walk import walk
from leakscan.interpreter.effects import Loop
from leakscan.interpreter.values import CreationSite
from leakscan.knowledge.python import PROGRESS_BARS, RANGES

if TYPE_CHECKING:
    from leakscan.interpreter.frame import Frame


#: Calls that a loop counts by.
COUNTED = RANGES | {"count"}


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
    return last in COUNTED or (last in PROGRESS_BARS and bool(iterable.args) and is_counted(iterable.args[0]))


def is_of_command_line(iterable: f.Expr) -> bool:
    """Whether a loop goes through the words of the command line, each of which asks for something else."""
    return any(item == f.Attribute(f.Name("sys"), "argv") for item in walk([iterable]))


def counters_of(statement: f.For) -> frozenset[str]:
    """Return the names that a for loop counts with: `for i in range(n)`, `for i, x in enumerate(xs)`."""
    call, target = statement.iterable, statement.target
    if not isinstance(call, f.Call):
        return frozenset()
    last = call.func.id if isinstance(call.func, f.Name) else getattr(call.func, "attr", "")
    if last in COUNTED:
        return frozenset(names(target))
    if last == "enumerate" and isinstance(target, f.Display) and target.items:
        return frozenset(names(target.items[0]))
    if last in PROGRESS_BARS and call.args:
        return counters_of(f.For(statement.node, target, call.args[0], [], []))
    return frozenset()


def says_length(expr: f.Expr) -> bool:
    """Whether a loop's header says its length in figures: `range(3)`, `(1, 2, 3)`, `enumerate([a, b])`."""
    if isinstance(expr, f.Display | f.DictDisplay | f.Literal):
        return True
    return isinstance(expr, f.Call) and bool(expr.args) and all(says_length(arg) for arg in expr.args)


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


__all__ = [
    "Repeater",
    "counters_of",
    "is_counted",
    "is_of_command_line",
    "is_single",
    "loop_at",
    "passes",
    "says_length",
]
