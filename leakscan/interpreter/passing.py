"""Which arguments of a call a function gets, also where the call is one of a pool or thread that runs it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from leakscan.facts import model as f
from leakscan.interpreter.values import Api, Atom, Class, Func, Method, Object
from leakscan.knowledge import DRIVING, Effect, Kind, MethodRow, Row
from leakscan.records import dataclass

if TYPE_CHECKING:
    from leakscan.interpreter.project import Project

_Function = tuple[int, int]
_Keywords = Sequence[tuple[str | None, f.Expr]]
#: What a library does that calls a function which it is given.
_CALLING = frozenset({*DRIVING, Effect.RUNS_TASK, Effect.CALLS_ARGUMENT})


@dataclass(frozen=True, slots=True)
class Passed:
    """What a call passes for a parameter.

    value: the expression, in the function that calls; None for nothing, so that the default holds, or, where
    `seen` is False, for what nobody sees.
    """

    value: f.Expr | None
    seen: bool = True


_UNSEEN = Passed(None, seen=False)


@dataclass(frozen=True, slots=True)
class _Handed:
    """What a function is called with, by a call of the project or by a library that is given the function."""

    func: f.Expr
    args: Sequence[f.Expr]
    keywords: _Keywords


def passed(project: Project, caller: _Function, call: f.Call, function: _Function, position: int) -> Passed:
    """Return what a call, in `caller`, passes for the parameter of a function at a position.

    pool.submit(work, x) and Thread(target=work, args=(x,)) pass x; what map() passes, nobody sees.
    """
    facts = project.function(*function)
    param = facts.params[position]
    handed = _handed(project, caller, call, function)
    if handed is None or param.kind in {"args", "kwargs"}:
        return _UNSEEN
    if any(isinstance(arg, f.Starred) for arg in handed.args) or None in dict(handed.keywords):
        return _UNSEEN
    method = facts.owner is not None and "builtins.staticmethod" not in project.decorators(*function)
    if method and isinstance(handed.func, f.Attribute):
        # Agent.act(agent, state)
        owners = project.static(*caller, handed.func.value)
        method = not any(isinstance(atom, Class) for atom in owners)
    if method and position == 0:
        # agent.act(state): self is the agent; Agent(model) makes a new one
        return Passed(handed.func.value) if isinstance(handed.func, f.Attribute) else _UNSEEN
    keyword = next((value for key, value in handed.keywords if key == param.name), None)
    if keyword is not None:
        return Passed(keyword)
    index = position - method
    given = param.kind == "positional" and index < len(handed.args)
    return Passed(handed.args[index] if given else None)


def _handed(project: Project, caller: _Function, call: f.Call, function: _Function) -> _Handed | None:
    """Return what the function gets; None where a library passes what nobody sees."""
    record = project.engine.called(caller, call.node)
    called = () if record is None else record.func
    row = next((found for atom in called if (found := _row(project, atom)) is not None), None)
    if row is None:
        return _Handed(call.func, call.args, call.keywords)
    if row.effect is not Effect.RUNS_TASK:
        return None
    if row.argument is not None:
        # threading.Thread(target=work, args=(x,))
        func = _argument(call, *row.argument)
        given = None if row.passed is None else _argument(call, *row.passed)
        if func is None or not (given is None or isinstance(given, f.Display)):
            return None
        return _Handed(func, () if given is None else given.items, ())
    for position, value in enumerate(() if record is None else record.args):
        if any(
            isinstance(atom, Func) and (atom.module, atom.function) == function
            for atom in project.engine.force(value)
        ):
            return _Handed(call.args[position], call.args[position + 1 :], call.keywords)
    return None


def _row(project: Project, atom: Atom) -> Row | MethodRow | None:
    """Return the row of an external function, or of a method, that runs a function which it is given."""
    if isinstance(atom, Api):
        row: Row | MethodRow = project.knowledge.call(atom.name)
    elif isinstance(atom, Method):
        kind: Kind | None = atom.base.kind if isinstance(atom.base, Object) else None
        row = project.knowledge.method_row(kind, atom.name)
    else:
        return None
    return row if row.effect in _CALLING else None


def _argument(call: f.Call, position: int | None, keyword: str) -> f.Expr | None:
    for name, value in call.keywords:
        if name == keyword:
            return value
    return call.args[position] if position is not None and position < len(call.args) else None


__all__ = ["Passed", "passed"]
