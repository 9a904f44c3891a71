"""Shapes, and first axes, as code writes them."""

from __future__ import annotations

from leakscan.facts.model import Attribute, Binary, Call, Display, Expr, Literal, Name, Opaque, Subscript

#: x[start : stop]
BOUNDS = 2
#: Slices of one: x[:1], x[0:1], x[-1:]
_ONE = ([Literal(1)], [Literal(0), Literal(1)], [Literal(-1), Literal(None)])
#: Methods that take rows of a table: so many as their first argument says.
_ROWS = frozenset({"head", "tail", "sample"})
#: Methods without arguments that give an array or a table with the same rows.
_SAME_ROWS = frozenset({"copy", "numpy", "to_numpy", "reset_index"})
#: Functions that take the shape of what they make, at the position that is given.
SHAPED = {
    "zeros": 0, "ones": 0, "empty": 0, "full": 0, "random": 0, "random_sample": 0, "normal": None,
    "uniform": None, "randint": None,
}  # fmt: skip
_ARRAYS = frozenset("np numpy tf tensorflow K ops keras backend jnp".split())


def shape_given(name: str, call: Call) -> Expr | None:
    """Return the shape that a function is asked for: (8, 100) of normal(0, 1, (8, 100)), 8 of rand(8, 9)."""
    if name in {"rand", "randn"}:
        return call.args[0] if call.args else None
    if name not in SHAPED:
        return None
    shapes = [value for key, value in call.keywords if key in {"size", "shape"}]
    position = SHAPED[name]
    shapes += call.args if position is None else call.args[position : position + 1]
    return next((item for item in shapes if isinstance(item, Display) and item.items), None)


def last_of(func: Expr) -> str:
    """Return the last part of a dotted name, and "" for what is none."""
    return func.attr if isinstance(func, Attribute) else func.id if isinstance(func, Name) else ""


def first_axis(expr: Subscript) -> Expr:
    """Return the index of the first axis: that of x[i : j, :] is the slice."""
    index = expr.index
    if not isinstance(index, Opaque):
        return index
    several = not expr.is_slice or any(isinstance(part, Opaque) for part in index.parts)
    return index.parts[0] if several and index.parts else index


def first_is_one(expr: Subscript) -> bool:
    """Whether a subscript has a first axis of length one: x[None], x[i : i + 1], x[[i]], x[-1:], x[:1]."""
    first = first_axis(expr)
    if first == Literal(None) or last_of(first) == "newaxis":
        return True
    if isinstance(first, Display) and first.kind == "list":
        return len(first.items) == 1
    if not isinstance(first, Opaque):
        return False
    # x[:1], x[-1:], x[0:1]
    if expr.is_slice and first.parts in _ONE:
        return True
    if len(first.parts) != BOUNDS:
        return False
    for bound, other in (first.parts, first.parts[::-1]):
        # x[i : i + 1], x[i - 1 : i]
        if isinstance(bound, Binary) and bound.operands in ([other, Literal(1)], [Literal(1), other]):
            return True
    return False


def rows_of(call: Call, name: str, args: list[Expr], keywords: dict[str, Expr]) -> Expr | None:
    """Return what a method has the rows of, or how many rows it takes; None for other calls."""
    if not isinstance(call.func, Attribute):
        return None
    if name in _ROWS:
        # frame.tail(1)
        return args[0] if args else keywords.get("n")
    # rows.astype("float32"), frame.to_numpy()
    return call.func.value if name == "astype" or (name in _SAME_ROWS and not args) else None


def shape_of(call: Call, args: list[Expr], keywords: dict[str, Expr]) -> Expr | None:
    """Return the new shape, or its first part, of x.reshape(1, -1), np.reshape(x, (1, n))."""
    for key in ("newshape", "shape"):
        if key in keywords:
            return keywords[key]
    func = call.func
    on_module = isinstance(func, Name) or (
        isinstance(func, Attribute) and isinstance(func.value, Name) and func.value.id in _ARRAYS
    )
    return (args[1] if len(args) > 1 else None) if on_module else args[0]


def is_one_row(shape: Expr | None) -> bool:
    """Whether a shape, or its first part, is that of one row."""
    # x.reshape((1,) + x.shape)
    if isinstance(shape, Binary) and shape.op == "+" and isinstance(shape.operands[0], Display):
        return shape.operands[0].items[:1] == [Literal(1)]
    first = shape.items[0] if isinstance(shape, Display) and shape.items else shape
    several = isinstance(shape, Display) and len(shape.items) > 1
    # x.reshape(1, -1) has its parts apart
    return first == Literal(1) and (several or not isinstance(shape, Display))


__all__ = [
    "BOUNDS",
    "SHAPED",
    "first_axis",
    "first_is_one",
    "is_one_row",
    "last_of",
    "rows_of",
    "shape_given",
    "shape_of",
]
