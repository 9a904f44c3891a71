"""Which arguments of a call a function gets, also where the call is one of a pool that runs the function."""

from __future__ import annotations

from typing import TYPE_CHECKING

from leakscan.facts import model as f
from leakscan.interpreter.values import Func

if TYPE_CHECKING:
    from leakscan.interpreter.project import Project

#: What takes a function and, behind it, the arguments that it is to have.
_HANDS_ON = frozenset({"submit", "to_thread", "run_sync", "run_in_executor"})


def arguments_before(
    project: Project, caller: tuple[int, int], call: f.Call, function: tuple[int, int]
) -> int | None:
    """Return how many arguments by position a call has before the first that `function` gets.

    0 for a plain call, 1 for `pool.submit(function, x)`; None where others pass the arguments, as map() does.
    """
    record = project.engine.called(caller, call.node)
    for position, value in enumerate(() if record is None else record.args):
        if any(
            isinstance(atom, Func) and (atom.module, atom.function) == function
            for atom in project.engine.force(value)
        ):
            last = call.func.attr if isinstance(call.func, f.Attribute) else getattr(call.func, "id", "")
            return position + 1 if last in _HANDS_ON else None
    return 0


__all__ = ["arguments_before"]
