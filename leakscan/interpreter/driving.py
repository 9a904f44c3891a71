"""Functions that a library calls: in a loop of its own, for each event, in a thread, as a task."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from leakscan.facts import model as f
from leakscan.facts.calls import LOOPS
from leakscan.facts.walk import Fact, walk_kind
from leakscan.interpreter.effects import Recreation
from leakscan.interpreter.operations import all_values
from leakscan.interpreter.repetition import Repeater, loop_at, passes
from leakscan.interpreter.values import (
    MAX_NESTING,
    UNKNOWN,
    Api,
    Const,
    Container,
    Func,
    Instance,
    Keywords,
    Method,
    Tuple,
    Unknown,
    Value,
    join,
)
from leakscan.knowledge import Effect, Kind, Row, When

if TYPE_CHECKING:
    from leakscan.interpreter.frame import Frame


class ExternalCall:
    """A call of an external name, and what is known of the name."""

    def __init__(self, row: Row, name: str, expr: f.Call, args: list[Value], keywords: Keywords) -> None:
        self.row = row
        self.name = name
        self.expr = expr
        self.args = args
        self.keywords = keywords

    @property
    def values(self) -> list[Value]:
        """What is passed, by position and by name."""
        return all_values(self.args, self.keywords)

    def argument(self, position: int | None, keyword: str) -> Value | None:
        """Return what is passed by a keyword, or at a position; None for nothing."""
        found = self.keywords.get(keyword)
        if found is None and position is not None and position < len(self.args):
            return self.args[position]
        return found


def holds(frame: Frame, call: ExternalCall) -> bool:
    """Whether one of the conditions of a row is met, if it has any."""
    return not call.row.only or any(_is_met(frame, call, condition) for condition in call.row.only)


def _is_met(frame: Frame, call: ExternalCall, condition: When) -> bool:
    if condition.around:
        return any(
            isinstance(item, f.Literal) and item.value in condition.values
            for item in _around(frame, call, condition)
        )
    given = call.argument(condition.position, condition.keyword)
    if given is None:
        return None in condition.values
    found = frame.force(given)
    return all(
        atom.value in condition.values if isinstance(atom, Const) else condition.unknown for atom in found
    )


def _around(frame: Frame, call: ExternalCall, condition: When) -> Iterator[f.Expr]:
    """Yield what is passed to the functions of a condition, in the `with` statements around a call."""
    for fact in frame.project.bodies.path(frame.module, call.expr.node):
        for context, _ in fact.items if isinstance(fact, f.With) else ():
            if not isinstance(context, f.Call):
                continue
            named = frame.project.static(frame.module, frame.function, context.func)
            if not any(isinstance(atom, Api) and atom.name in condition.around for atom in named):
                continue
            yield from (value for key, value in context.keywords if key == condition.keyword)
            if condition.position is not None:
                yield from context.args[condition.position : condition.position + 1]


def holder(frame: Frame, call: ExternalCall) -> Value:
    """Return a search that holds what it will try: GridSearchCV(KerasClassifier(build), grid)."""
    found = functions_in(frame, _target(call))
    if not found:
        frame.engine.note_unknown(frame, repeated=True)
    return tuple(Method(atom, call.name) for atom in found) or UNKNOWN


def _target(call: ExternalCall) -> list[Value]:
    """Return the argument that a row names; all of them where it names none."""
    if call.row.argument is None:
        return call.values
    found = call.argument(*call.row.argument)
    return [UNKNOWN] if found is None else [found]


def functions_in(frame: Frame, values: list[Value]) -> tuple[Func | Instance, ...]:
    """Return the functions, and objects of the project, within values: in lists and tuples too."""
    found: dict[Func | Instance, None] = {}
    queue = [(atom, 0) for value in values for atom in frame.force(value)]
    while queue:
        atom, depth = queue.pop(0)
        if isinstance(atom, Func | Instance):
            found[atom] = None
        elif isinstance(atom, Tuple) and depth < MAX_NESTING:
            queue += [(inner, depth + 1) for item in atom.items for inner in frame.force(item)]
        elif isinstance(atom, Container) and depth < MAX_NESTING:
            queue += [(inner, depth + 1) for inner in frame.force(frame.engine.elements(atom))]
    return tuple(found)


def drive(frame: Frame, call: ExternalCall) -> Value:
    """Call the function of the user as a driver does: the loop is not in the code."""
    search = call.row.kind is Kind.SEARCH
    loop = loop_at(frame, call.expr.node, Repeater.DRIVER, driver=call.name)
    loop.search = search
    loop.timed = call.row.kind is Kind.SCHEDULER or call.row.effect is Effect.ANSWERS_AT_TIMES
    loop.events = call.row.effect is Effect.ANSWERS_WITH_ARGUMENT and not loop.timed
    loop.mapped = call.row.kind is Kind.EXECUTOR
    values: list[Value] = _target(call)
    if search:
        # study.optimize(objective, callbacks=[lambda study, trial: keras.backend.clear_session()])
        others = [value for value in call.values if not any(value is item for item in values)]
        if not functions_in(frame, values):
            frame.engine.note_unknown(frame, repeated=True)
        values = [functions_in(frame, values), *((atom,) for atom in functions_in(frame, others))]
    results: Value = ()
    for last in passes(frame, loop):
        made = call_each(frame, values, call.expr.node)
        results = join(results, made) if last else results
    if call.row.kind is not Kind.EXECUTOR:
        return UNKNOWN
    # list(pool.map(build, grid))  # what the tasks give is there in the end, all of it
    container = frame.allocate(call.expr.node, "zip")
    frame.engine.content(container.site).anything = results
    return (container,)


def run_together(frame: Frame, expr: f.Call, args: list[Value]) -> Value:
    """Return what joblib's `Parallel(n_jobs=4, prefer="threads")(tasks)` gives, which runs the tasks."""
    tasks = functions_in(frame, args)
    if not tasks:
        frame.engine.note_unknown(frame, repeated=True)
    row = Row("joblib.Parallel", Effect.REPEATS_ARGUMENT, Kind.EXECUTOR)
    given = drive(frame, ExternalCall(row, row.name, expr, [tasks], {}))
    for atom in given:
        if isinstance(atom, Container):
            frame.keep(frame.engine.held(atom), None)
    return given


def defer(frame: Frame, call: ExternalCall) -> Value:
    """Return what makes tasks of a function: `joblib.delayed(work)`, which is called with their arguments."""
    found = functions_in(frame, call.args)
    return tuple(Method(atom, call.name) for atom in found if isinstance(atom, Func)) or UNKNOWN


def run_task(frame: Frame, call: ExternalCall) -> Value:
    """Call a function as a pool of threads does: pool.submit(work, x), Thread(target=work, args=(x,))."""
    thread = call.row.kind is Kind.EXECUTOR and call.row.argument is not None
    if call.row.argument is not None:
        found = call.argument(*call.row.argument)
        tasks = functions_in(frame, [] if found is None else [found])
        given = None if call.row.passed is None else call.argument(*call.row.passed)
        for atom in tasks:
            _start(frame, call, atom, _items(frame, given))
        if not tasks:
            frame.engine.note_unknown(frame)
    else:
        results: Value = ()
        for position, value in enumerate(call.args):
            functions = [atom for atom in frame.force(value) if isinstance(atom, Func)]
            for function in functions:
                rest = call.args[position + 1 :]
                results = join(results, frame.call_function(function, rest, call.keywords, call.expr.node))
            if functions:
                break
        else:
            frame.engine.note_unknown(frame)
        # futures = [pool.submit(build, size) for size in sizes]  # a future holds what it will give
        if call.row.kind is Kind.EXECUTOR and results:
            future = frame.allocate(call.expr.node, "zip")
            frame.engine.content(future.site).anything = results
            return (future,)
    if thread:
        keep_side_by_side(frame, call.expr.node)
    return UNKNOWN


def _items(frame: Frame, given: Value | None) -> list[Value] | None:
    """Return what a tuple of arguments holds; None where that is not known."""
    if given is None:
        return []
    found = [atom for atom in frame.force(given) if isinstance(atom, Tuple)]
    return list(found[0].items) if len(found) == 1 else None


def _start(frame: Frame, call: ExternalCall, task: Func | Instance, items: list[Value] | None) -> None:
    node = call.expr.node
    if isinstance(task, Instance):
        frame.call_method(task, "__call__", node, *(items or [UNKNOWN]))
        return
    if (task.module, task.function) != (frame.module, frame.function):
        frame.call_function(task, items or [], call.keywords, node, spread=items is None)
        return
    # def tick(): train(); Timer(60, tick).start()  # what hands itself on comes again, all of it
    loop = loop_at(frame, node, Repeater.DRIVER, driver=call.name)
    loop.timed = not _comes_soon(frame, call)
    if frame.unreleased:
        frame.interest.repeats = True
    for last in passes(frame, loop):
        frame.call_function(task, items or [], {}, node, spread=items is None)
        if last and not frame.dry:
            for made in frame.unreleased:
                if made in frame.creations and made not in frame.in_loop:
                    frame.rebuilds.setdefault(made, Recreation(frame.creations[made], (loop,), frame.alive()))


def _comes_soon(frame: Frame, call: ExternalCall) -> bool:
    """Whether a task that hands itself on comes again within a second: root.after(15, show)."""
    given = None if call.row.pause is None else call.argument(*call.row.pause[:2])
    if call.row.pause is None or given is None:
        return False
    found = [atom.value for atom in frame.force(given) if isinstance(atom, Const)]
    return bool(found) and all(
        isinstance(value, int | float) and value * call.row.pause[2] < 1 for value in found
    )


def keep_side_by_side(frame: Frame, node: int) -> None:
    """Note that the models of several threads are wanted at once, unless the code waits for each of them.

    for rate in rates: Thread(target=train, args=(rate,)).start()
    """
    path = frame.project.bodies.path(frame.module, node)
    around = next((fact for fact in reversed(path[:-1]) if isinstance(fact, LOOPS)), None)
    # while True: connection = server.accept(); Thread(target=serve, args=(connection,)).start()
    if isinstance(around, f.While) and isinstance(around.test, f.Literal):
        return
    body: list[Fact] = [around] if around is not None else list(frame.facts.body)
    if not any(_waits(item) for item in walk_kind(body, f.Call)):
        frame.kept.add(node)


def _waits(call: f.Call) -> bool:
    """Whether a call waits for a thread: thread.join(timeout=60); but not: ", ".join(names)."""
    return isinstance(call.func, f.Attribute) and call.func.attr == "join" and not call.args


def call_each(frame: Frame, values: list[Value], node: int) -> Value:
    """Call the functions in `values` with arguments that are not known; return what they give."""
    result: Value = ()
    for value in values:
        for atom in frame.force(value):
            if isinstance(atom, Func):
                result = join(result, frame.call_function(atom, [], {}, node, spread=True))
            elif isinstance(atom, Instance):
                result = join(result, frame.call_method(atom, "__call__", node, UNKNOWN) or ())
            elif isinstance(atom, Unknown):
                frame.engine.note_unknown(frame)
    return result


__all__ = [
    "ExternalCall",
    "call_each",
    "defer",
    "drive",
    "functions_in",
    "holder",
    "holds",
    "keep_side_by_side",
    "run_task",
    "run_together",
]
