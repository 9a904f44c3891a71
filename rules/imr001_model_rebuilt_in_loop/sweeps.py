"""What may differ between models that one model can stand for: learning rates, and seeds of what is drawn.

`reuse` copies the variables of a newly built model, its learning rate among them, into the kept one. So a
name that goes into nothing but learning rates and seeds, in the loop and in what it calls, may differ.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import libcst as cst

from leakscan.codemods.rewriting import Code, walk
from leakscan.facts import model as f
from leakscan.facts.names import names as names_in
from leakscan.facts.walk import Fact, walk_with_holders
from leakscan.interpreter.origins import api_names
from leakscan.questions import callees
from leakscan.rule import Place

from .iteration import SEEDS, Setup, is_reference

if TYPE_CHECKING:
    from leakscan.interpreter.project import Project

_Function = tuple[int, int]
_RATES = frozenset({"learning_rate", "lr"})
#: Functions that start random numbers anew, beside those of Keras and TensorFlow: numpy.random.seed.
_SEEDS = SEEDS | {"seed"}
#: What a learning rate may be computed with.
_ARITHMETIC = (f.Binary, f.Literal, f.Name, f.Attribute, f.Subscript, f.Conditional, f.Opaque)
_PLAIN_CALLS = frozenset({"float", "int", "abs", "min", "max", "pow", "power", "round", "exp", "sqrt"})
_MAX_CALLS = 6


def free_names(code: Code, setup: Setup) -> set[str]:
    """Return the variables of the iteration that go into learning rates and seeds only."""
    expressions: list[cst.CSTNode] = [setup.value, *setup.statements[1:]]
    read = {
        node.value
        for expression in expressions
        for node in walk(expression)
        if isinstance(node, cst.Name) and is_reference(code, node)
    }
    index = code.index
    function = (index, code.project.bodies.holder(index, _number(code, setup.value)))
    calls = {_number(code, expression) for expression in _calls_of(setup)}
    facts = [
        fact
        for fact, _ in walk_with_holders(code.project.bodies.whole(*function))
        if isinstance(fact, f.Call) and fact.node in calls
    ]
    return {name for name in read if name != setup.name and _goes_free(code.project, facts, name, function)}


def free_parameters(project: Project, function: _Function) -> set[str]:
    """Return the parameters of a function that go into learning rates and seeds only."""
    return {
        param.name
        for param in project.function(*function).params
        if _parameter_is_free(project, function, param.name, _MAX_CALLS)
    }


def _number(code: Code, node: cst.CSTNode) -> int:
    number = code.number(node)
    return -1 if number is None else number


def _calls_of(setup: Setup) -> Iterator[cst.CSTNode]:
    """Yield the calls that set the model up: build(rate); net.compile(Adam(rate), "mse")."""
    yield setup.value
    for statement in setup.statements[1:]:
        if isinstance(statement, cst.SimpleStatementLine) and isinstance(statement.body[0], cst.Expr):
            yield statement.body[0].value


def _goes_free(
    project: Project, facts: list[f.Call], name: str, function: _Function, calls: int = _MAX_CALLS
) -> bool:
    found = False
    for fact, holders in walk_with_holders(facts):
        if isinstance(fact, f.Name) and fact.id == name:
            found = True
            if not _is_free(project, (*holders, fact), function, calls):
                return False
        # lambda: Adam(rate)
        if isinstance(fact, f.Lambda):
            return False
    return found


def _parameter_is_free(project: Project, function: _Function, name: str, calls: int) -> bool:
    facts = project.function(*function)
    module = project.modules[function[0]]
    # def build(rate): def schedule(step): return rate * 0.9 ** step
    if any(other.parent == function[1] and name in names_in(other.body) for other in module.functions):
        return False
    if name in project.stored_names.stored(facts.body):
        return False
    for fact, holders in walk_with_holders(facts.body):
        if isinstance(fact, f.Name) and fact.id == name:
            if not _is_free(project, (*holders, fact), function, calls):
                return False
        elif isinstance(fact, f.Lambda) and name in names_in(
            project.function(function[0], fact.function).body
        ):
            return False
    return True


def _is_free(project: Project, path: tuple[Fact, ...], function: _Function, calls: int) -> bool:
    """Whether the name at the end of a path is part of a learning rate or of a seed."""
    for position in range(len(path) - 2, -1, -1):
        fact, below = path[position], path[position + 1]
        if isinstance(fact, f.Call):
            if fact.func is below:
                return False
            last = fact.func.attr if isinstance(fact.func, f.Attribute) else getattr(fact.func, "id", "")
            if last in _PLAIN_CALLS:
                continue
            return _takes_freely(project, fact, below, last, function, calls)
        if not isinstance(fact, _ARITHMETIC):
            return False
    return False


def _takes_freely(
    project: Project, call: f.Call, argument: Fact, last: str, function: _Function, calls: int
) -> bool:
    names = api_names(project, function, call.func)
    library = [name for name in names if not name.startswith("builtins.")]
    if last in SEEDS or (last in _SEEDS and library):
        return True
    # Equal names may be one fact: build(rate, rate)
    given: list[int | str] = [index for index, arg in enumerate(call.args) if arg is argument]
    given += [key for key, value in call.keywords if value is argument and key is not None]
    if not given:
        return False
    # keras.optimizers.Adam(rate); not: keras.optimizers.schedules.ExponentialDecay(rate, 1000, 0.9)
    if any(".optimizers." in name and ".schedules." not in name for name in library):
        return all(where == 0 or where in _RATES for where in given)
    if any(name.startswith(("keras.", "tensorflow.")) for name in library):
        return given == ["seed"]
    found = callees(project, Place(function[0], call.node))
    return (
        bool(found)
        and calls > 0
        and not any(isinstance(arg, f.Starred) for arg in call.args)
        and all(_passed_freely(project, given, callee, calls - 1) for callee in found)
    )


def _passed_freely(project: Project, given: list[int | str], callee: _Function, calls: int) -> bool:
    """Whether the parameters that take an argument go into learning rates and seeds only."""
    facts = project.function(*callee)
    names = [param.name for param in facts.params if param.kind == "positional"][facts.owner is not None :]
    for where in given:
        name = where if isinstance(where, str) else names[where] if where < len(names) else None
        if name is None or all(
            param.name != name or param.kind in {"args", "kwargs"} for param in facts.params
        ):
            return False
        if not _parameter_is_free(project, callee, name, calls):
            return False
    return True


__all__ = ["free_names", "free_parameters"]
