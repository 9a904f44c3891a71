"""Evaluates expressions to abstract values, with their effects on the frame."""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from leakscan.facts import model as f
from leakscan.facts.names import names
from leakscan.interpreter.attributes import attribute_of
from leakscan.interpreter.binding import bind, last_name
from leakscan.interpreter.calls import call
from leakscan.interpreter.collected import collect
from leakscan.interpreter.conditions import iterations, loop_targets, narrow, settled, truth
from leakscan.interpreter.evidence import MODEL
from leakscan.interpreter.guards import Guard, find_guard
from leakscan.interpreter.operations import (
    arithmetic,
    constant_key,
    element,
    elements_of,
    integer,
    is_dataset,
    is_over_weights,
    iterate,
)
from leakscan.interpreter.repetition import Repeater, is_counted, loop_at, passes, says_length
from leakscan.interpreter.values import (
    HOST,
    MAX_HELD,
    UNKNOWN,
    Const,
    Container,
    Func,
    Instance,
    Method,
    Param,
    Size,
    Tensor,
    Tuple,
    Unknown,
    Value,
    constant,
    join,
)

if TYPE_CHECKING:
    from leakscan.interpreter.frame import Frame

#: What the first of several alternatives is where nothing is known.
_UNTOLD = frozenset({Unknown, Param, Const})
#: What attributes of things that are not of the project are, as far as anybody knows.
_NOTHING_KNOWN = frozenset({Unknown, Method})
_INTEGER_OPERATIONS: dict[str, Callable[[int, int], int]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
}


def evaluate(frame: Frame, expr: f.Expr) -> Value:
    """Return the value of an expression, with its effects."""
    return _EXPRESSIONS[type(expr)](frame, expr)


def _name(frame: Frame, expr: f.Name) -> Value:
    value = frame.lookup(expr.id)
    if type(value[0]) in _UNTOLD:
        # model = zoo[name](classes); ...; tape.gradient(loss, model.trainable_variables)
        evidence = frame.project.evidence
        # What callers pass is not known while that is collected.
        known = value if frame.engine.collecting else frame.force(value)
        if evidence.tells(known, evidence.models(frame.module, frame.function), expr.id):
            return MODEL
        # model = build(); model.compile(optimizer="adam", loss="mse"); def answer(x): model.predict(x)
        if frame.function and expr.id not in frame.env:
            own = frame.project.symbols(frame.module).bindings.get(expr.id)
            if own and evidence.tells(known, evidence.models(frame.module, 0), expr.id):
                return MODEL
    return value


def _literal(_frame: Frame, expr: f.Literal) -> Value:
    return constant(expr.value)


def _attribute(frame: Frame, expr: f.Attribute) -> Value:
    """Return what an attribute gives that is not called: a part of what a model gave is a tensor as well."""
    # outputs.append(bert(tokens).last_hidden_state)
    result: Value = ()
    for atom in _asked(frame, expr):
        base = atom.base if isinstance(atom, Method) else None
        if isinstance(base, Tensor) and base.size is Size.PREDICTION and isinstance(atom, Method):
            frame.engine.note_reading(base, frame.module, None, atom.name)
            result = join(result, (base,))
        else:
            result = join(result, (atom,))
    return result


def _asked(frame: Frame, expr: f.Attribute) -> Value:
    unforced = evaluate(frame, expr.value)
    base = frame.force(unforced)
    if base is not unforced and frame.engine.collecting and frame.project.names_method(expr.attr):
        # A method of something that only the callers know: whom it calls the second phase finds out.
        frame.note_making()
    if len(base) == 1 and base[0] == frame.receiver:
        # What this very function has put there is known better than what the class says.
        here = frame.env.get(f"self.{expr.attr}")
        if here is not None:
            return here
    result: Value = ()
    for atom in base:
        result = join(result, attribute_of(frame, atom, expr.attr))
    owner = frame.receiver
    if isinstance(owner, Instance) and base == (owner,):
        # self.net = zoo[name](classes); ...; self.net.trainable_variables
        evidence = frame.project.evidence
        known = result if frame.engine.collecting else frame.force(result)
        if evidence.tells(known, evidence.of_class(owner.module, owner.index), f"self.{expr.attr}"):
            return MODEL
    if expr.attr in frame.engine.lent_names:
        return _of_others(frame, expr.attr, expr.value, result) or result or UNKNOWN
    return result or UNKNOWN


def _of_others(frame: Frame, name: str, owner: f.Expr, value: Value) -> Value:
    """Return the model that the project puts into something unknown, under a name; else nothing."""
    # @app.on_event("startup"): app.state.model = load(); @app.post("/"): request.app.state.model.predict(x)
    if name not in frame.engine.lent_names or not all(type(atom) in _NOTHING_KNOWN for atom in value):
        return ()
    return frame.engine.lent(frame.module, name, last_name(owner))


def _call(frame: Frame, expr: f.Call) -> Value:
    unforced = _asked(frame, expr.func) if isinstance(expr.func, f.Attribute) else evaluate(frame, expr.func)
    func = frame.force(unforced)
    if func is not unforced:
        # Something is called that only the callers know.
        frame.note_making()
        frame.note_growing(repeated=False)
    args: list[Value] = []
    spread = False
    for item in expr.args:
        if isinstance(item, f.Starred):
            spread = True
            for atom in frame.force(evaluate(frame, item.value)):
                if isinstance(atom, Tuple):
                    args.extend(atom.items)
                    spread = False
                    break
        else:
            args.append(evaluate(frame, item))
    keywords: dict[str, Value] = {}
    for name, item in expr.keywords:
        value = evaluate(frame, item)
        if name is None:
            spread = True
        else:
            keywords[name] = value
    frame.engine.note_call(frame, expr.node, func, args)
    if len(func) == 1:
        return call(frame, func[0], expr, args, keywords, spread=spread) or UNKNOWN
    # Alternatives are paths: what one of them builds is not there yet for the next.
    before, after = dict(frame.unreleased), dict[int, None]()
    released: dict[int, None] = {}
    result: Value = ()
    for atom in func:
        frame.unreleased = dict(before)
        result = join(result, call(frame, atom, expr, args, keywords, spread=spread))
        after.update(frame.unreleased)
        released.update((node, None) for node in before if node not in frame.unreleased)
    frame.unreleased = {node: None for node in after if node not in released}
    return result or UNKNOWN


def _display(frame: Frame, expr: f.Display) -> Value:
    items = [evaluate(frame, item) for item in expr.items]
    # seen = (); ...; seen += (x,)  # an empty one may grow
    if expr.kind == "tuple" and items and not any(isinstance(item, f.Starred) for item in expr.items):
        return (Tuple(tuple(items)),)
    container = frame.allocate(expr.node, expr.kind)
    contents = frame.engine.content(container.site)
    for item in items:
        contents.anything = join(contents.anything, item, MAX_HELD)
        frame.note_store(container, expr.node, item)
    contents.length = None if any(isinstance(item, f.Starred) for item in expr.items) else len(items)
    contents.born_empty = not items
    return (container,)


def _dict(frame: Frame, expr: f.DictDisplay) -> Value:
    container = frame.allocate(expr.node, "dict")
    contents = frame.engine.content(container.site)
    for key, item in expr.items:
        value = evaluate(frame, item)
        fixed = None if key is None else constant_key(evaluate(frame, key))
        if fixed is not None:
            contents.keyed[fixed] = join(contents.keyed.get(fixed, ()), value)
        elif key is None:
            contents.anything = join(contents.anything, elements_of(frame, value))
        else:
            contents.anything = join(contents.anything, value)
    contents.length = len(expr.items)
    contents.born_empty = not expr.items
    return (container,)


def _subscript(frame: Frame, expr: f.Subscript) -> Value:
    base = frame.force(evaluate(frame, expr.value))
    key = evaluate(frame, expr.index)
    fixed = constant_key(frame.force(key))
    result: Value = ()
    for atom in base:
        result = join(result, element(frame, atom, fixed, expr))
    # app["model"] = load(); ...; request.app["model"].predict(x)
    if isinstance(fixed, str):
        return _of_others(frame, f"[{fixed}]", expr.value, result) or result or UNKNOWN
    return result or UNKNOWN


def _binary(frame: Frame, expr: f.Binary) -> Value:
    values = [evaluate(frame, item) for item in expr.operands]
    operation = _INTEGER_OPERATIONS.get(expr.op)
    if operation is not None:
        match [integer(value) for value in values]:
            case [int(left), int(right)]:
                return constant(operation(left, right))
    if expr.op == "*" and any(
        isinstance(item, f.Display) and _is_empty_slot(item.items) for item in expr.operands
    ):
        for value in values:
            for atom in value:
                if isinstance(atom, Container):
                    frame.engine.content(atom.site).slots = True
    return arithmetic(frame, values)


def _is_empty_slot(items: Sequence[f.Expr]) -> bool:
    return len(items) == 1 and isinstance(items[0], f.Literal)


def _boolean(frame: Frame, expr: f.Boolean) -> Value:
    result: Value = ()
    for item in expr.operands:
        result = join(result, evaluate(frame, item))
    return result


def _not(frame: Frame, expr: f.Not) -> Value:
    evaluate(frame, expr.operand)
    return HOST


def _compare(frame: Frame, expr: f.Compare) -> Value:
    evaluate(frame, expr.left)
    for _, item in expr.rights:
        evaluate(frame, item)
    # Comparing tensors gives a tensor, but nobody keeps it for its value: say nothing.
    return HOST


def _conditional(frame: Frame, expr: f.Conditional) -> Value:
    evaluate(frame, expr.test)
    known = truth(frame, expr.test)
    if known is not None:
        return evaluate(frame, expr.body if known else expr.orelse)
    guard = find_guard(expr.test, loop_targets(frame))
    before = dict(frame.env)
    narrow(frame, expr.test, taken=True)
    first = _guarded(frame, expr.body, guard, taken=True)
    frame.env = dict(before)
    narrow(frame, expr.test, taken=False)
    second = _guarded(frame, expr.orelse, guard, taken=False)
    frame.env = before
    return join(first, second)


def _guarded(frame: Frame, expr: f.Expr, guard: Guard | None, *, taken: bool) -> Value:
    # `model = build() if model is None else model`
    if guard is None or guard.unset_when != taken:
        return evaluate(frame, expr)
    frame.guards.append(settled(frame, guard))
    value = evaluate(frame, expr)
    frame.guards.pop()
    return value


def _lambda(frame: Frame, expr: f.Lambda) -> Value:
    return (Func(frame.module, expr.function),)


def _comprehension(frame: Frame, expr: f.Comprehension) -> Value:
    container = frame.allocate(expr.node, expr.kind)
    outer = dict(frame.env)
    elements: list[Value] = []

    def body(position: int) -> None:
        if position == len(expr.clauses):
            elements[:] = [evaluate(frame, item) for item in expr.elements]
            if expr.kind != "generator" and elements:
                collect(frame, expr, container, elements[-1])
            return
        target, iterable, tests = expr.clauses[position]
        value = frame.force(evaluate(frame, iterable))
        element = iterate(frame, value)
        bound = iterations(frame, iterable)
        targets = frozenset(names(target))
        loop = loop_at(
            frame,
            expr.node,
            Repeater.CLAUSE,
            position=position,
            bound=bound,
            targets=targets,
            varying=targets,
        )
        loop.literal = bound if says_length(iterable) else None
        if is_dataset(value):
            loop.eager = loop.over_data = True
        loop.over_items = not loop.over_data and not is_counted(iterable)
        loop.over_weights = is_over_weights(frame, value)
        for _ in passes(frame, loop):
            bind(frame, target, element)
            for test in tests:
                evaluate(frame, test)
            body(position + 1)

    body(0)
    frame.env = outer
    value = elements[-1] if elements else UNKNOWN
    contents = frame.engine.content(container.site)
    # [None for _ in range(n)]
    contents.slots = expr.kind == "list" and _is_empty_slot(expr.elements)
    contents.anything = join(contents.anything, value)
    frame.note_store(container, expr.node, value)
    if expr.kind != "generator":
        # [build(p) for p in grid] keeps every model on purpose.
        frame.keep(value, container)
    return (container,)


def _starred(frame: Frame, expr: f.Starred) -> Value:
    return iterate(frame, frame.force(evaluate(frame, expr.value)))


def _walrus(frame: Frame, expr: f.Walrus) -> Value:
    value = evaluate(frame, expr.value)
    bind(frame, expr.target, value)
    return value


def _yield(frame: Frame, expr: f.Yield) -> Value:
    if expr.value is not None:
        frame.yields = join(frame.yields, evaluate(frame, expr.value))
    return UNKNOWN


def _opaque(frame: Frame, expr: f.Opaque) -> Value:
    for part in expr.parts:
        evaluate(frame, part)
    return HOST


_EXPRESSIONS: dict[type, Callable[[Frame, Any], Value]] = {
    f.Name: _name,
    f.Literal: _literal,
    f.Attribute: _attribute,
    f.Call: _call,
    f.Display: _display,
    f.DictDisplay: _dict,
    f.Subscript: _subscript,
    f.Binary: _binary,
    f.Boolean: _boolean,
    f.Not: _not,
    f.Compare: _compare,
    f.Conditional: _conditional,
    f.Lambda: _lambda,
    f.Comprehension: _comprehension,
    f.Starred: _starred,
    f.Walrus: _walrus,
    f.Yield: _yield,
    f.Opaque: _opaque,
}
