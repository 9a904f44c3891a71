"""What operators, iteration and indexing give, and searches through values."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from leakscan.facts import model as f
from leakscan.interpreter.values import (
    HOST,
    MAX_NESTING,
    NUMBER,
    UNKNOWN,
    Atom,
    Const,
    Container,
    Host,
    Instance,
    Keywords,
    Object,
    Size,
    Tensor,
    Tuple,
    Value,
    join,
)
from leakscan.knowledge import Kind
from leakscan.records import replace

if TYPE_CHECKING:
    from leakscan.interpreter.frame import Frame


def iterate(frame: Frame, value: Value) -> Value:
    """Return what iterating over `value` yields."""
    result: Value = ()
    for atom in value:
        if isinstance(atom, Tuple):
            for item in atom.items:
                result = join(result, item)
        elif isinstance(atom, Container):
            if atom.kind == "dict":
                result = join(result, HOST)
            else:
                result = join(result, frame.engine.elements(atom) or UNKNOWN)
        elif isinstance(atom, Tensor):
            result = join(result, (replace(atom, single=False),))
        elif isinstance(atom, Object) and atom.kind is Kind.DATASET:
            result = join(result, (Tensor(Size.VALUE, "an element of a tf.data dataset"),))
        elif isinstance(atom, Object) and atom.kind is Kind.VARIABLE:
            # model.trainable_variables stands for each of them
            result = join(result, (replace(atom, single=False),))
        elif isinstance(atom, Host | Const):
            result = join(result, HOST)
        else:
            result = join(result, UNKNOWN)
    return result or UNKNOWN


def spread(frame: Frame, value: Value) -> Value:
    """Return what `xs += value` and `xs.extend(value)` put into xs."""
    return iterate(frame, frame.force(value))


def elements_of(frame: Frame, value: Value) -> Value:
    """Return the values of the dicts in `value`."""
    result: Value = ()
    for atom in frame.force(value):
        if isinstance(atom, Container):
            result = join(result, frame.engine.elements(atom))
    return result


def arithmetic(frame: Frame, values: list[Value]) -> Value:  # noqa: C901 -- one case a kind
    """Return the result of an operator: a tensor if any operand is one."""
    tensors: list[Tensor] = []
    symbolic: Object | None = None
    containers: list[Container] = []
    plain = numbers = True
    floating = False
    for value in values:
        operand = frame.force(value)
        floating = floating or is_floating(operand)
        for atom in operand:
            if isinstance(atom, Tensor):
                tensors.append(atom)
            elif isinstance(atom, Object):
                if atom.kind is Kind.SYMBOLIC:
                    symbolic = symbolic or atom
                elif atom.kind is Kind.VARIABLE:
                    tensors.append(Tensor(Size.VALUE, "arithmetic on a tf.Variable"))
                plain = False
            elif isinstance(atom, Container):
                containers.append(atom)
            elif not isinstance(atom, Host | Const):
                plain = False
            numbers = numbers and _is_number(atom)
    if symbolic is not None:
        return (symbolic,)
    if tensors:
        made = replace(_largest(tensors), floating=floating, single=numbers)
        # kept[0] - model(x) is a tensor even where kept holds arrays.
        origins = dict.fromkeys([tensor.via for tensor in tensors] + ([] if plain else [None]))
        return tuple(replace(made, via=via) for via in origins)
    if containers:
        return tuple(dict.fromkeys(containers))
    if numbers:
        return NUMBER
    return HOST if plain else UNKNOWN


def _largest(tensors: list[Tensor]) -> Tensor:
    size = next((tensor.size for tensor in tensors if tensor.size is not Size.SCALAR), Size.SCALAR)
    return replace(tensors[0], size=size)


def is_floating(value: Value) -> bool:
    """Whether a value is certainly a tensor of floating-point numbers, or such a number."""
    tensors = [atom for atom in value if isinstance(atom, Tensor)]
    return bool(tensors) and all(tensor.floating for tensor in tensors)


def is_one_value(atom: Atom) -> bool:
    """Whether a value is a tensor or a number, nothing that a list takes the elements of."""
    return isinstance(atom, Tensor | Const) or (isinstance(atom, Host) and atom.number)


def _is_number(atom: Atom) -> bool:
    if isinstance(atom, Tensor):
        return atom.single
    return (isinstance(atom, Host) and atom.number) or (
        isinstance(atom, Const) and atom.type in {"int", "float", "bool"}
    )


def element(frame: Frame, atom: Atom, fixed: object, expr: f.Subscript) -> Value:  # noqa: PLR0911 -- one case a kind
    """Return what indexing `atom` gives; `fixed` is the index where it is a constant."""
    if isinstance(atom, Tuple):
        if expr.is_slice:
            return UNKNOWN
        if isinstance(fixed, int) and -len(atom.items) <= fixed < len(atom.items):
            return atom.items[fixed]
        # res[self.metric] of (model, loss, accuracy): plain numbers are indexed that way, models are not.
        values = iterate(frame, (atom,))
        rest = tuple(item for item in values if not isinstance(item, Instance | Object))
        return rest or values
    if isinstance(atom, Container):
        if expr.is_slice:
            fresh = frame.allocate(expr.node, atom.kind)
            frame.engine.content(fresh.site).sources = (atom.site,)
            return (fresh,)
        if atom.kind == "defaultdict":
            made = Container(atom.site, "list", atom.life)
            return join((made,), frame.engine.elements(atom, fixed))
        return frame.engine.elements(atom, fixed if atom.kind == "dict" else None) or UNKNOWN
    if isinstance(atom, Tensor):
        # model(tokens)[0], grads[0]: of the same kind
        kept = atom.size in {Size.GRADIENT, Size.PREDICTION}
        return (replace(atom, size=atom.size if kept else Size.VALUE, single=False),)
    if isinstance(atom, Host | Const):
        return HOST
    if isinstance(atom, Object) and atom.kind is Kind.SYMBOLIC:
        return (atom,)
    return UNKNOWN


def symbolic_in(frame: Frame, values: list[Value], depth: int = 0) -> tuple[Object, ...]:
    """Return the symbolic tensors in `values`, those inside tuples and containers too."""
    found: list[Object] = []
    for value in values:
        for atom in frame.force(value):
            if isinstance(atom, Object) and atom.kind is Kind.SYMBOLIC:
                found.append(atom)
            elif isinstance(atom, Tuple) and depth < MAX_NESTING:
                found.extend(symbolic_in(frame, list(atom.items), depth + 1))
            elif isinstance(atom, Container) and depth < MAX_NESTING:
                found.extend(symbolic_in(frame, [frame.engine.held(atom)], depth + 1))
    return tuple(dict.fromkeys(found))


def absorb_all(frame: Frame, values: list[Value], depth: int = 0) -> None:
    """Note that the models in `values`, those inside containers too, become parts of another one."""
    for value in values:
        frame.absorb(value)
        for atom in frame.force(value):
            if isinstance(atom, Container) and depth < MAX_NESTING:
                absorb_all(frame, [frame.engine.held(atom)], depth + 1)


def parts_of(frame: Frame, value: Value, depth: int = 0) -> Iterator[Instance | Object]:
    """Yield the objects in `value`, those inside tuples and containers too."""
    for atom in frame.force(value):
        if isinstance(atom, Instance | Object):
            yield atom
        elif isinstance(atom, Tuple) and depth < MAX_NESTING:
            for item in atom.items:
                yield from parts_of(frame, item, depth + 1)
        elif isinstance(atom, Container) and depth < MAX_NESTING:
            yield from parts_of(frame, frame.engine.held(atom), depth + 1)


def all_values(args: list[Value], keywords: Keywords) -> list[Value]:
    """Return what a call passes, by position and by name."""
    return [*args, *keywords.values()]


def constant_key(value: Value) -> object:
    """Return the constant that `value` certainly is, or None."""
    if len(value) == 1 and isinstance(value[0], Const) and value[0].value is not None:
        return value[0].value
    return None


def integer(value: Value) -> int | None:
    """Return the integer that `value` certainly is, or None."""
    if len(value) == 1 and isinstance(value[0], Const) and value[0].type == "int":
        number = value[0].value
        return number if isinstance(number, int) else None
    return None


def is_over_weights(frame: Frame, value: Value) -> bool:
    """Whether going through `value` goes through variables or gradients, alone or beside other things.

    for grad, var in zip(grads, model.trainable_variables); for i, weight in enumerate(model.weights)
    """
    return bool(value) and all(_is_weights(frame, atom) for atom in value)


def _is_weights(frame: Frame, atom: Atom) -> bool:
    if isinstance(atom, Object):
        return atom.kind is Kind.VARIABLE
    if isinstance(atom, Container) and atom.kind in {"dataset", "generator"}:
        return False
    found = iterate(frame, (atom,)) if isinstance(atom, Container | Tuple) else ()
    return any(
        _is_weight(item)
        or (isinstance(item, Tuple) and any(_is_weight(part) for value in item.items for part in value))
        for item in frame.force(found)
    )


def _is_weight(atom: Atom) -> bool:
    if isinstance(atom, Tensor):
        return atom.size is Size.GRADIENT
    return isinstance(atom, Object) and atom.kind is Kind.VARIABLE


def is_dataset(value: Value) -> bool:
    """Whether `value` may be a tf.data dataset, zipped or enumerated perhaps."""
    return any(
        (isinstance(atom, Object) and atom.kind is Kind.DATASET)
        or (isinstance(atom, Container) and atom.kind == "dataset")
        for atom in value
    )
