"""Calls of traced functions with arguments that are certainly other ones in each iteration."""

from __future__ import annotations

from collections.abc import Iterator

from leakscan.facts import model as f
from leakscan.facts.walk import walk, walk_kind
from leakscan.interpreter.project import Project
from leakscan.interpreter.values import Api, Func, Instance, Object
from leakscan.questions import (
    Call,
    Effect,
    Function,
    Kind,
    Place,
    Repetition,
    call_at,
    callers,
    calls,
    function_of,
    is_constant,
    kinds,
    repetitions,
    value,
)
from leakscan.records import dataclass

from .numbers import counted, counters_of

#: Options of tf.function by which Python numbers or shapes are no reason to trace.
_SIGNATURES = frozenset({"input_signature", "experimental_follow_type_hints"})
_SHAPES = _SIGNATURES | {"reduce_retracing", "experimental_relax_shapes"}
_OBJECTS = frozenset({Kind.LOSS, Kind.METRIC, Kind.OPTIMIZER, Kind.LAYER, Kind.MODEL})


@dataclass(frozen=True, slots=True)
class Argument:
    """An argument that changes. kind: number, list, object or shape; name: the traced function, as called."""

    place: Place
    around: Repetition
    argument: f.Expr
    kind: str
    name: str


def arguments_that_change(project: Project) -> Iterator[Argument]:
    """Yield the arguments of traced functions that make them trace again in each iteration."""
    for function, options in _traced(project).items():
        if "*" in options:
            continue
        for place in callers(project, function):
            call = call_at(project, place)
            if not _calls_traced(project, call, function):
                continue
            # @tf.function def train(data): for i in range(3): step(data, i)  # unrolled: traced with it
            if is_in_graph(project, call.function):
                continue
            yield from _of_call(project, call, options, f"{project.describe(*function)}")


def _traced(project: Project) -> dict[Function, frozenset[str]]:
    """Return the functions of the project that are traced, each with the options of tf.function."""
    found: dict[Function, frozenset[str]] = {}
    for module, facts in project.known():
        for function in facts.functions:
            if function.decorators and project.engine.is_traced(module, function.index):
                options = {
                    key or "*"
                    for decorator in function.decorators
                    if isinstance(decorator, f.Call)
                    for key, _ in decorator.keywords
                }
                found[module, function.index] = frozenset(options)
    for call in calls(project, effect=Effect.TRACES):
        given = frozenset(key or "*" for key, _ in call.call.keywords)
        for atom in value(project, call.function, call.call.args[0]) if call.call.args else ():
            if isinstance(atom, Func):
                found.setdefault((atom.module, atom.function), given)
    return found


def _calls_traced(project: Project, call: Call, function: Function) -> bool:
    """Whether a call calls the traced function, not the plain one of which it was made."""
    record = project.engine.called(call.function, call.place.node)
    decorated = project.engine.is_traced(*function)
    atoms = [] if record is None else [atom for atom in record.func if isinstance(atom, Func)]
    return bool(atoms) and all(
        (atom.module, atom.function) == function and (decorated or atom.traced) for atom in atoms
    )


def is_in_graph(project: Project, function: Function) -> bool:
    """Whether a function is traced itself, or defined or called in one that is."""
    seen: set[Function] = set()
    queue = [function]
    while queue:
        here = queue.pop()
        if here in seen:
            continue
        seen.add(here)
        facts = project.function(*here)
        if project.engine.is_traced(*here) or project.engine.is_fit_step(*here):
            return True
        if facts.parent:
            queue.append((here[0], facts.parent))
        if here[1]:
            queue += [function_of(project, place) for place in callers(project, here)][:20]
    return False


def _of_call(project: Project, call: Call, options: frozenset[str], name: str) -> Iterator[Argument]:
    given = [*call.call.args, *(item for _, item in call.call.keywords)]
    around = repetitions(project, call.place)
    for argument in given:
        if not options & _SIGNATURES:
            found = counted(project, call, argument, around)
            if found is not None:
                yield Argument(call.place, found, argument, "number", name)
                return
        nearest = around[0] if around else None
        if nearest is None:
            continue
        if not options & _SIGNATURES and _is_list(project, call, argument, nearest):
            yield Argument(call.place, nearest, argument, "list", name)
            return
        if _is_new_object(project, call, argument, nearest) or _is_bound_method(project, call, argument):
            yield Argument(call.place, nearest, argument, "object", name)
            return
        if not options & _SHAPES and _changes_shape(project, argument, nearest):
            yield Argument(call.place, nearest, argument, "shape", name)
            return


def _is_list(project: Project, call: Call, argument: f.Expr, around: Repetition) -> bool:
    """Whether an argument is a list of Python numbers, other ones each time: score(row.tolist())."""
    found = _assigned_in(project, argument, around) if isinstance(argument, f.Name) else argument
    return (
        isinstance(found, f.Call)
        and isinstance(found.func, f.Attribute)
        and found.func.attr == "tolist"
        and not found.args
        and not is_constant(project, found.func.value, call.place, around)
    )


def _assigned_in(project: Project, name: f.Name, around: Repetition) -> f.Expr | None:
    """Return what a loop itself binds a name to, where it does so once and in each iteration."""
    if around.loop is None or around.driver is not None or around.chain:
        return None
    body = project.bodies.of_loop(around.loop.module, around.loop.node)
    bound = [item for item in walk_kind(body, f.Assign) if name in item.targets]
    return bound[0].value if len(bound) == 1 and bound[0] in body else None


def _is_new_object(project: Project, call: Call, argument: f.Expr, around: Repetition) -> bool:
    """Whether an argument is made in the call or in the iteration: a lambda, a loss, an object of a class."""
    if around.chain:
        return isinstance(argument, f.Lambda)
    if isinstance(argument, f.Lambda):
        return True
    # loss = keras.losses.MeanSquaredError(); step(x, y, loss)  # both in the loop
    found = _assigned_in(project, argument, around) if isinstance(argument, f.Name) else argument
    if not isinstance(found, f.Call):
        return False
    made = value(project, call.function, found)
    if not made or not all(isinstance(atom, Object | Instance) for atom in made):
        return False
    return kinds(project, made) <= {Kind.LOSS, Kind.METRIC, Kind.OPTIMIZER} and _is_constructor(
        project, call, found
    )


def _is_bound_method(project: Project, call: Call, argument: f.Expr) -> bool:
    """Whether an argument is a method of an object, which Python binds anew: epoch(trainer.step, data).

    A method that is a tf.function keeps one function for each object.
    """
    if not isinstance(argument, f.Attribute):
        return False
    found = value(project, call.function, argument)
    return bool(found) and all(
        isinstance(atom, Func)
        and atom.receiver is not None
        and not atom.traced
        and not project.engine.is_traced(atom.module, atom.function)
        and project.function(atom.module, atom.function).owner is not None
        for atom in found
    )


def _is_constructor(project: Project, call: Call, argument: f.Call) -> bool:
    named = project.static(*call.function, argument.func)
    return bool(named) and all(
        isinstance(atom, Api) and project.knowledge.call(atom.name).effect is Effect.CREATES for atom in named
    )


def _changes_shape(project: Project, argument: f.Expr, around: Repetition) -> bool:
    """Whether an argument is a part of a tensor whose length is the counter: x[:i]."""
    if around.chain or around.loop is None or around.driver is not None:
        return False
    if (
        not isinstance(argument, f.Subscript)
        or not argument.is_slice
        or not isinstance(argument.index, f.Opaque)
    ):
        return False
    bounds = argument.index.parts
    return (
        (len(bounds) == 1 or bounds[1:] == [f.Literal(None)])
        and isinstance(bounds[0], f.Name)
        and bounds[0].id in counters_of(project, around)
        and not any(isinstance(item, f.Call) for item in walk(argument.value))
    )


__all__ = ["Argument", "arguments_that_change", "is_in_graph"]
