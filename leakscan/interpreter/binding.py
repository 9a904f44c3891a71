"""Binds targets, and tells which bindings make a container grow."""

from __future__ import annotations

from typing import TYPE_CHECKING

from leakscan.facts import model as f
from leakscan.facts.names import names, text
from leakscan.facts.walk import walk_kind
from leakscan.interpreter.driving import functions_in
from leakscan.interpreter.operations import constant_key, iterate
from leakscan.interpreter.passing import passed
from leakscan.interpreter.values import (
    UNKNOWN,
    Const,
    Container,
    Func,
    Host,
    Instance,
    Method,
    Object,
    Tensor,
    Tuple,
    Unknown,
    Value,
    join,
)
from leakscan.knowledge import Effect

if TYPE_CHECKING:
    from leakscan.interpreter.frame import Frame

#: Objects of which it is known what their attributes hold.
_OWN = frozenset({Func, Tensor, Container, Tuple, Const})


def bind(frame: Frame, target: f.Expr, value: Value) -> None:
    """Bind a target: a name, an attribute, an element, or several of them."""
    if isinstance(target, f.Name):
        frame.store_name(target.id, value)
    elif isinstance(target, f.Display):
        _unpack(frame, target.items, value)
    elif isinstance(target, f.Starred):
        bind(frame, target.value, value)
    elif isinstance(target, f.Attribute):
        _bind_attribute(frame, target, value)
    elif isinstance(target, f.Subscript):
        _bind_element(frame, target, value)


def _unpack(frame: Frame, targets: list[f.Expr], value: Value) -> None:
    """Bind several targets."""
    parts: list[Value] = [() for _ in targets]
    for atom in frame.force(value):
        if isinstance(atom, Tuple) and len(atom.items) == len(targets):
            for position, item in enumerate(atom.items):
                parts[position] = join(parts[position], item)
        else:
            item = iterate(frame, (atom,))
            for position in range(len(targets)):
                parts[position] = join(parts[position], item)
    for target, part in zip(targets, parts, strict=True):
        bind(frame, target, part or UNKNOWN)


def _bind_attribute(frame: Frame, target: f.Attribute, value: Value) -> None:
    for atom in frame.force(frame.eval(target.value)):
        if type(atom) not in _OWN and atom != frame.receiver:
            frame.engine.lend(frame.module, target.attr, last_name(target.value), value)
        if isinstance(atom, Instance):
            if atom == frame.receiver:
                frame.env[f"self.{target.attr}"] = value
            if frame.engine.collecting and atom == frame.receiver:
                frame.engine.store_attribute(atom.module, atom.index, target.attr, value)
            _keep_object(frame, atom, target, value)
        elif isinstance(atom, Func):
            # step.history = []
            frame.engine.store_function_attribute(atom, target.attr, value)
        elif isinstance(atom, Object):
            _register(frame, atom, target, value)


def _register(frame: Frame, atom: Object, target: f.Attribute, value: Value) -> None:
    """Note what an object of a library calls for each event from now on: client.on_message = answer."""
    if frame.knowledge.attribute(atom.kind, target.attr) is Effect.ANSWERS_WITH_ARGUMENT:
        for item in functions_in(frame, [value]):
            if isinstance(item, Func):
                frame.engine.registered.setdefault((item.module, item.function), text(target))


def _keep_object(frame: Frame, atom: Instance, target: f.Attribute, value: Value) -> None:
    """Note a persistent tape that is stored in an attribute: it lives until the next one comes."""
    frame.engine.note_attribute(frame, value)
    held = tuple(item for item in value if isinstance(item, Object) and item.persistent)
    if held and atom.origin is not None:
        container = Container(atom.origin, "attribute", atom.origin)
        frame.add_growth(container, held, frame.current, "=", target.attr)


def additions(target: f.Expr, value: f.Expr) -> list[tuple[f.Expr, bool]]:
    """Return what an assignment adds to a list of the same name, each with whether it is one element.

    xs = xs + [x] grows xs as xs += [x] does, and so does xs = [*xs, x].
    """
    if not isinstance(target, f.Name):
        return []
    if isinstance(value, f.Binary):
        return (
            [(item, False) for item in value.operands[1:]]
            if (value.op, value.operands[0]) == ("+", target)
            else []
        )
    own = f.Starred(target)
    if not isinstance(value, f.Display) or own not in value.items:
        return []
    rest = [item for item in value.items if item != own]
    return [(item.value, False) if isinstance(item, f.Starred) else (item, True) for item in rest]


def last_name(expr: f.Expr) -> str:
    """Return the last name in an expression: `state` of `request.app.state`, `app` of `app()`."""
    while isinstance(expr, f.Call | f.Subscript):
        expr = expr.func if isinstance(expr, f.Call) else expr.value
    return expr.attr if isinstance(expr, f.Attribute) else expr.id if isinstance(expr, f.Name) else ""


def _bind_element(frame: Frame, target: f.Subscript, value: Value) -> None:
    base = frame.force(frame.eval(target.value))
    key = frame.force(frame.eval(target.index))
    # step = 0; for x in data: kept[step] = net(x); step += 1
    fixed = None if frame.loops and counts(frame, target.index) else constant_key(key)
    for atom in base:
        if not isinstance(atom, Container):
            if isinstance(fixed, str) and type(atom) not in _OWN:
                frame.engine.lend(frame.module, f"[{fixed}]", last_name(target.value), value)
            if isinstance(atom, Unknown | Method):
                frame.keep(value, None)
                if fixed is None and not target.is_slice and _grows_by(frame, target.index, value):
                    frame.grow_unknown(target.value, value)
            continue
        contents = frame.engine.content(atom.site)
        if fixed is not None:
            contents.keyed[fixed] = join(contents.keyed.get(fixed, ()), value)
        else:
            contents.anything = join(contents.anything, value)
        contents.length = None
        frame.keep(value, atom)
        frame.note_store(atom, target.node, value)
        # `slots['loss'] = loss` and `xs[0] = x` overwrite one slot.
        if (
            fixed is None
            and (atom.kind != "list" or _fills(frame, atom, target.index))
            and not target.is_slice
            and _grows_by(frame, target.index, value)
        ):
            frame.add_growth(atom, value, target.node, "[...] =", text(target.value))


def replaced_by_plain_data(frame: Frame, loop: f.For) -> str | None:
    """Return the name of a dict of which a loop puts plain data in the place of each value, or None."""
    # for key in sample: sample[key] = sample[key].numpy()
    source, target = _without_wrapping(loop.iterable), loop.target
    key = target.items[0] if isinstance(target, f.Display) and target.items else target
    if not isinstance(source, f.Name) or source.id not in frame.env or not isinstance(key, f.Name):
        return None
    # if key == "label": continue
    if any(True for _ in walk_kind(loop.body, f.Jump)):
        return None
    for item in loop.body:
        if not isinstance(item, f.Assign) or len(item.targets) != 1:
            continue
        slot = item.targets[0]
        if isinstance(slot, f.Subscript) and (slot.value, slot.index) == (source, key):
            frame.dry += 1
            value = frame.force(frame.eval(item.value))
            frame.dry -= 1
            plain = any(isinstance(atom, Host | Const) for atom in value)
            known = all(isinstance(atom, Host | Const | Unknown) for atom in value)
            return source.id if plain and known else None
    return None


def _without_wrapping(iterable: f.Expr) -> f.Expr:
    """Return the dict of `list(sample.keys())`."""
    while isinstance(iterable, f.Call):
        if len(iterable.args) == 1:
            iterable = iterable.args[0]
        elif isinstance(iterable.func, f.Attribute) and not iterable.args:
            iterable = iterable.func.value
        else:
            break
    return iterable


def _fills(frame: Frame, slots: Container, index: f.Expr) -> bool:
    """Whether the innermost loop fills a list that was made of nothing just before it.

    outs = [None] * n; for i in range(n): outs[i] = net(x); but not: for x in xs: for i in range(n): ...
    """
    node = frame.own_node(slots.site)
    if node is None or not frame.loops or not frame.engine.content(slots.site).slots:
        return False
    within = frame.alloc.get(node)
    outside = within is not None and len(within) == len(frame.loops) - 1
    return outside and isinstance(index, f.Name) and index.id in frame.loops[-1].counters


def _grows_by(frame: Frame, key: f.Expr, value: Value) -> bool:
    """Whether `container[key] = value` adds an entry in every iteration."""
    if any(isinstance(atom, Func) for atom in value):
        found = set(names(key))
        return any(found & loop.varying for loop in frame.loops)
    return counts(frame, key)


def _is_named(frame: Frame, position: int) -> bool:
    """Whether a caller passes a literal text for a parameter: note("train/loss", loss) has few keys."""
    function = (frame.module, frame.function)
    for caller, node in frame.engine.edges.get(function, ()):
        path = frame.project.bodies.path(caller[0], node)
        call = path[-1] if path else None
        if not isinstance(call, f.Call):
            continue
        given = passed(frame.project, caller, call, function, position).value
        if isinstance(given, f.Literal) and isinstance(given.value, str):
            return True
    return False


def counts(frame: Frame, expr: f.Expr) -> bool:
    """Whether `expr` is made from a counter of the enclosing loops: a key that never comes again.

    Names of layers, metrics or features come again: `logs[metric.name] = metric.result()` does not grow.
    """
    if not frame.loops:
        # A parameter: what the callers pass decides, and they mostly pass the step.
        position = next((n for n, param in enumerate(frame.facts.params) if f.Name(param.name) == expr), None)
        return position is not None and not _is_named(frame, position)
    return any(name in loop.counters for name in names(expr) for loop in frame.loops)
